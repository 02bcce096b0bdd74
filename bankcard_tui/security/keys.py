"""The root key of a bank and the keys derived from it."""

from __future__ import annotations

import errno
import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from bankcard_tui.errors import Unavailable, reason_of
from bankcard_tui.security import chain

ROOT_KEY_BYTES = 32
KEY_VERSION = 1


class Keys:
    """Keys for one purpose each, derived from the root key by HKDF (RFC 5869, SHA-256, expand step)."""

    __slots__ = (
        "_root",
        "backup",
        "blind",
        "chain",
        "check",
        "codes",
        "names",
        "pepper",
        "rows",
        "sealing",
        "signing",
    )

    def __init__(self, root: bytes) -> None:
        if len(root) != ROOT_KEY_BYTES:
            raise ValueError("a root key has 32 bytes")
        self._root = root
        self.sealing = self._derive("field sealing")
        self.blind = self._derive("blind index")
        self.pepper = self._derive("password pepper")
        self.chain = self._derive("log chain")
        self.names = self._derive("user names in the log")
        self.codes = self._derive("one-time codes")
        self.rows = self._derive("marks of rows")
        self.backup = self._derive("backup identity")
        self.signing = self._derive("backup signature")
        self.check = self._derive("key check").hex()[:32]

    def _derive(self, purpose: str) -> bytes:
        expand = HKDFExpand(algorithm=hashes.SHA256(), length=32, info=f"bankcard/{KEY_VERSION}/{purpose}".encode())
        return expand.derive(self._root)

    def __repr__(self) -> str:
        return "Keys(…)"

    @property
    def root(self) -> bytes:
        """The root key itself (32 bytes): for a backup, which takes it along encrypted, and for nothing else."""
        return self._root

    def blind_index(self, label: str, value: str) -> bytes:
        """A keyed fingerprint (16 bytes) by which an exact ``value`` can be looked up, and nothing else."""
        return hmac.digest(self.blind, f"{label}\0{value}".encode(), hashlib.sha256)[:16]

    def hidden_name(self, name: str) -> str:
        """A keyed fingerprint of a user name that nobody has: people type passwords there."""
        return hmac.digest(self.names, name.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()[:16]

    def row_mark(self, kind: str, values: Sequence[object]) -> bytes:
        """A keyed mark (32 bytes) of what a row holds, in a fixed order: without the key nobody makes or changes one.

        ``values`` are None, bytes, whole numbers and text, as they lie in the store.
        """
        return chain.mark(self.rows, kind.encode(), values)

    def row_fits(self, kept: object, kind: str, values: Sequence[object]) -> bool:
        """Whether the mark that a row carries, whatever lies there, is that of its ``values``."""
        return isinstance(kept, bytes) and hmac.compare_digest(kept, self.row_mark(kind, values))

    def code_digest(self, label: str, code: str) -> bytes:
        """A keyed digest (32 bytes) under which a one-time code is kept."""
        return hmac.digest(self.codes, f"{label}\0{code}".encode(), hashlib.sha256)


def create_root_key(path: Path) -> Keys:
    """Make a new root key in a file that only its owner can read. Raises Unavailable when there is one already."""
    root = secrets.token_bytes(ROOT_KEY_BYTES)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError as error:
        if not path.exists():
            raise _unusable(path, error) from None  # its folder is a file
        raise Unavailable(
            "There is a key at {path} already.",
            hint="A key is never overwritten: what it sealed would be lost. Choose another home.",
            code="key.exists",
            path=path,
        ) from None
    except OSError as error:
        raise _unusable(path, error) from None
    with os.fdopen(handle, "wb") as file:
        file.write(root.hex().encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return Keys(root)


def load_root_key(path: Path) -> Keys:
    """Read the root key. Raises Unavailable when it is missing, damaged, or readable by others."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise OSError(errno.EINVAL, "not a file")
    except FileNotFoundError:
        raise Unavailable(
            "The key {path} is missing.",
            hint="Put the key file back, or name it with BANKCARD_KEY_FILE. Without it the store can't be opened.",
            code="key.missing",
            path=path,
        ) from None
    except OSError as error:
        raise _unusable(path, error) from None
    with os.fdopen(handle, "rb") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise Unavailable(
                "The key {path} can be read by other users of this machine.",
                hint="Run: chmod 600 {path}",
                code="key.open_to_others",
                path=path,
            )
        text = file.read(256)
    try:
        return Keys(bytes.fromhex(text.decode("ascii").strip()))
    except (ValueError, UnicodeDecodeError):
        raise Unavailable(
            "The key {path} is damaged.",
            hint="Put back the copy that was kept elsewhere.",
            code="key.damaged",
            path=path,
        ) from None


def _unusable(path: Path, error: OSError) -> Unavailable:
    return Unavailable(
        "The key {path} can't be used: {error}.",
        hint="Check the folder's owner and rights.",
        code="key.unusable",
        path=path,
        error=reason_of(error),
    )
