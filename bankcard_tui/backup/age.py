"""The age format (age-encryption.org/v1): who can open what, and streams that are encrypted and decrypted.

A file is encrypted to recipients; each of their identities opens it alone. age proves that a file is whole, not whose
it is: that is for the signature of the container.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import BinaryIO, TypeVar

import bech32
import pyrage
from pyrage.x25519 import Identity, Recipient

from bankcard_tui.errors import InvalidInput, VerificationFailed

T = TypeVar("T")


def identity_from(secret: bytes) -> Identity:
    """The identity whose X25519 secret (32 bytes) this is, in the text form of age (Bech32, BIP 173)."""
    text: str = bech32.bech32_encode("age-secret-key-", bech32.convertbits(secret, 8, 5) or ())
    return Identity.from_str(text.upper())


def recipient_from(text: str) -> Recipient:
    """The recipient written as ``age1…``. Raises InvalidInput."""
    try:
        return Recipient.from_str(text.strip())
    except pyrage.RecipientError:
        raise InvalidInput(
            "recipient", "This is not a recipient of backups.", hint="It begins with age1 and stands in a recovery kit."
        ) from None


def encrypt(source: BinaryIO, target: BinaryIO, recipients: Sequence[Recipient]) -> None:
    """Encrypt a stream to several recipients. Raises OSError as the streams do."""
    _piped(pyrage.encrypt_io, source, target, list(recipients))


def decrypt(source: BinaryIO, target: BinaryIO, identities: Sequence[Identity]) -> None:
    """Decrypt a stream. Raises VerificationFailed when no identity fits or it was altered, OSError as the streams do.

    ``target`` may hold a part of the content by then: the caller keeps it only where this returns.
    """
    try:
        _piped(pyrage.decrypt_io, source, target, list(identities))
    except pyrage.DecryptError as error:
        if "No matching keys" in str(error):
            raise wrong_key() from None
        raise damaged() from None
    except _Broken:
        raise damaged() from None


def wrong_key() -> VerificationFailed:
    """The error for whoever does not hold the key of a file."""
    return VerificationFailed(
        "This key does not open the file.",
        hint="Take the recovery kit that belongs to this backup.",
        code="backup.wrong_key",
    )


def damaged() -> VerificationFailed:
    """The error for a file whose content is not as it was written."""
    return VerificationFailed(
        "The file is damaged or was altered.",
        hint="Take another copy of it, or an earlier backup.",
        code="backup.damaged",
    )


class _Pipe:
    """A stream as age takes it. What goes wrong in it is kept: through age it would lose its kind."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.problem: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        return self._kept(lambda: self._stream.read(size))

    def write(self, content: bytes) -> int:
        return self._kept(lambda: self._stream.write(content))

    def flush(self) -> None:
        self._kept(self._stream.flush)

    def _kept(self, step: Callable[[], T]) -> T:
        done = False
        try:
            result = step()
            done = True
            return result
        finally:
            if not done:  # Ctrl+C too
                self.problem = sys.exception()


class _Broken(Exception):
    """age could not go on, and neither stream was the reason."""


def _piped(work: Callable[..., None], source: BinaryIO, target: BinaryIO, keys: Sequence[object]) -> None:
    reader, writer = _Pipe(source), _Pipe(target)
    try:
        work(reader, writer, keys)
    except (pyrage.EncryptError, pyrage.DecryptError, OSError) as error:
        for pipe in (reader, writer):
            if pipe.problem is not None:
                raise pipe.problem from None
        if isinstance(error, OSError):  # so age says that a chunk was altered
            raise _Broken from None
        raise
