"""Opening a backup: the store in it as a private file, and the root key, checked against what was signed."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast
from uuid import uuid4

import zstandard
from pyrage.x25519 import Identity

from bankcard_tui.backup import age
from bankcard_tui.backup.container import Container, content_unchecked, opened_container, public_key_of
from bankcard_tui.backup.files import Report, explained, unwritable
from bankcard_tui.backup.kit import MOST_BYTES as MOST_KIT_BYTES
from bankcard_tui.backup.kit import Kit, parse_kit
from bankcard_tui.backup.manifest import KEYS, KIND, KIT, STORE, Manifest, read_manifest
from bankcard_tui.errors import VerificationFailed
from bankcard_tui.locale import mark
from bankcard_tui.security.keys import Keys

CHUNK = 1 << 20
_MOST_KEY_BYTES = 16 * 1024

_DECRYPTING = mark("Decrypting")


@dataclass(frozen=True, slots=True)
class Opener:
    """What opens the backups of a branch: the public key of their signatures (32 bytes) and an identity."""

    public_key: bytes
    identity: Identity


def by_kit(kit: Kit) -> Opener:
    """The opener that a recovery kit is."""
    return Opener(kit.public_key, kit.identity)


def by_keys(keys: Keys) -> Opener:
    """The opener that the branch itself is."""
    return Opener(public_key_of(keys.signing), age.identity_from(keys.backup))


def kit_inside(path: Path, passphrase: str) -> Kit:
    """The kit that lies in a backup made under a passphrase. Raises VerificationFailed when it does not fit.

    Whoever wrote this kit knew the passphrase, so that the public key in it may be trusted as far as that.
    """
    content = content_unchecked(path, KIT, MOST_KIT_BYTES)
    if content is None:
        raise VerificationFailed(
            "This backup was not made under a passphrase.",
            hint="Open it with the recovery kit or the key of the branch.",
            code="backup.no_passphrase",
        )
    return parse_kit(content, passphrase)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A backup that was opened: its store as a file of its own, the keys of its branch, and what it says of itself."""

    store: Path
    keys: Keys
    manifest: Manifest


def checked_manifest(path: Path, public_key: bytes) -> Manifest:
    """What a backup says of itself. Raises VerificationFailed unless signature and layout fit, Unavailable where the
    file can't be read.
    """
    with opened_container(path, public_key, kind=KIND) as container:
        return read_manifest(container.manifest)


def unpacked(path: Path, opener: Opener, folder: Path, report: Report | None = None) -> Unpacked:
    """Open the backup at ``path`` and put its store into a new file in ``folder`` that only its owner can read.

    The signature is checked first, then every digest, at last the checksum and the size of the plain store.
    Raises VerificationFailed where something does not fit and Unavailable as the disk does; nothing is left then.
    """
    target = folder / f"{uuid4().hex}.db"
    whole = False
    try:
        with opened_container(path, opener.public_key, kind=KIND) as container:
            manifest = read_manifest(container.manifest)
            keys = _keys_in(container, opener)
            with explained(target):
                handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            with _Sink(handle, target, manifest, report) as sink:
                # age takes and gives 8 KiB at a time.
                stream = io.BufferedReader(cast(io.RawIOBase, container.stream(STORE)), CHUNK)
                plain = _Decompressed(sink)
                age.decrypt(stream, cast(BinaryIO, plain), [opener.identity])
                plain.flush()
                while stream.read(CHUNK):  # the digest of the part is compared at its end
                    pass
                sink.check()
        whole = True
    finally:
        if not whole:
            target.unlink(missing_ok=True)
    return Unpacked(target, keys, manifest)


def keys_of(path: Path, opener: Opener) -> Keys:
    """The keys of the branch in the backup at ``path``. Raises as :func:`unpacked` does."""
    with opened_container(path, opener.public_key, kind=KIND) as container:
        return _keys_in(container, opener)


def _keys_in(container: Container, opener: Opener) -> Keys:
    sealed, plain = container.content(KEYS, _MOST_KEY_BYTES), io.BytesIO()
    age.decrypt(io.BytesIO(sealed), plain, [opener.identity])
    try:
        keys = Keys(bytes.fromhex(plain.getvalue().decode("ascii")))
    except ValueError:
        raise age.damaged() from None
    if public_key_of(keys.signing) != opener.public_key:
        raise age.damaged()
    return keys


class _Sink:
    """The file of the plain store: counts what it takes, and never takes more than was signed."""

    def __init__(self, handle: int, path: Path, manifest: Manifest, report: Report | None) -> None:
        self._file = os.fdopen(handle, "wb", buffering=0)
        self._path = path
        self._manifest = manifest
        self._report = report
        self._size = 0

    def __enter__(self) -> _Sink:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, content: Any) -> int:
        self._size += len(content)
        if self._size > self._manifest.store_size:
            raise age.damaged()
        left = memoryview(content)
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            raise unwritable(self._path, error) from None
        if self._report is not None:
            self._report(_DECRYPTING, self._size, self._manifest.store_size)
        return len(content)

    def check(self) -> None:
        """Raise VerificationFailed unless the whole store was written; zstd has compared its checksum by then."""
        if self._size != self._manifest.store_size:
            raise age.damaged()


class _Decompressed:
    """Takes a zstd stream and hands on what was compressed, a chunk at a time."""

    def __init__(self, sink: _Sink) -> None:
        self._writer = zstandard.ZstdDecompressor().stream_writer(cast(BinaryIO, sink), write_size=CHUNK)
        self._held = bytearray()

    def write(self, content: bytes) -> int:
        self._held += content
        if len(self._held) >= CHUNK:
            self.flush()
        return len(content)

    def flush(self) -> None:
        held, self._held = self._held, bytearray()
        try:
            self._writer.write(held)
        except zstandard.ZstdError:
            raise age.damaged() from None
