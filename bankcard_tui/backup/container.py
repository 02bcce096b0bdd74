"""The file of a backup or an archive: a plain tar of a manifest, its signature, and encrypted parts.

    manifest.json   what the file is and holds, with size and SHA-256 of each part; padded with blanks to a fixed size
    manifest.sig    Ed25519 over manifest.json, 64 bytes
    …               the parts

Nothing else may stand in the file, not even in the padding: each byte outside the parts is compared, each byte inside
them is covered by a digest under the signature.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from typing import Any, BinaryIO, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bankcard_tui.backup.age import damaged
from bankcard_tui.errors import Unavailable, VerificationFailed, reason_of

FORMAT = "bankcard/1"
MANIFEST_BYTES = 16 * 1024
SIGNATURE_BYTES = 64
BLOCK = 512
CHUNK = 1 << 20
_END = bytes(2 * BLOCK)
_FRONT = BLOCK + MANIFEST_BYTES + BLOCK + BLOCK
"""Where the first part begins: two headers, the manifest, and the signature in a block of its own."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its name, its size in bytes, and the SHA-256 (hex) of its bytes as they lie in the file."""

    name: str
    size: int
    sha256: str


class Packer:
    """Writes a new container; see :func:`new_container`."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.parts: list[Part] = []

    def add(self, name: str, fill: Callable[[BinaryIO], None]) -> Part:
        """Add a part with what ``fill`` writes to the stream that it is given."""
        start = self._file.tell()
        self._file.write(bytes(BLOCK))
        sink = _Counted(self._file)
        fill(cast(BinaryIO, sink))
        self._file.write(_padding(sink.size))
        part = Part(name, sink.size, sink.digest.hexdigest())
        end = self._file.tell()
        self._file.seek(start)
        self._file.write(_header(name, part.size))
        self._file.seek(end)
        self.parts.append(part)
        return part

    def seal(self, manifest: Mapping[str, Any], signing: bytes) -> None:
        """Write ``manifest`` with the parts in it, and sign it with the Ed25519 seed ``signing``."""
        self._file.write(_END)
        parts = [{"name": each.name, "size": each.size, "sha256": each.sha256} for each in self.parts]
        whole = {"format": FORMAT, **manifest, "parts": parts}
        text = json.dumps(whole, ensure_ascii=True, sort_keys=True, indent=1).encode()
        if len(text) >= MANIFEST_BYTES:
            raise ValueError("the manifest is too long")
        text += b" " * (MANIFEST_BYTES - 1 - len(text)) + b"\n"
        self._file.seek(0)
        self._file.write(_header("manifest.json", MANIFEST_BYTES) + text)
        self._file.write(_header("manifest.sig", SIGNATURE_BYTES))
        signature = Ed25519PrivateKey.from_private_bytes(signing).sign(text)
        self._file.write(signature + _padding(SIGNATURE_BYTES))


@contextmanager
def new_container(path: Path) -> Iterator[Packer]:
    """Write a container to ``path`` and flush it to the disk; nothing is left there unless the block ends well.

    ``path`` must not exist yet. Raises OSError as the disk does.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    whole = False
    try:
        with os.fdopen(handle, "r+b", buffering=CHUNK) as file:
            file.write(bytes(_FRONT))
            packer = Packer(file)
            yield packer
            file.flush()
            os.fsync(file.fileno())
        whole = True
    finally:
        if not whole:
            path.unlink(missing_ok=True)


class Container:
    """An opened container whose signature fits; see :func:`opened_container`."""

    def __init__(self, file: BinaryIO, manifest: Mapping[str, Any], places: Mapping[str, tuple[Part, int]]) -> None:
        self._file = file
        self.manifest = manifest
        self._places = places

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(part for part, _ in self._places.values())

    def has(self, name: str) -> bool:
        """Whether there is a part called ``name``."""
        return name in self._places

    def stream(self, name: str) -> BinaryIO:
        """The part ``name``, to be read once from its beginning. Reading its end raises VerificationFailed unless its
        digest fits: what was read is to be kept only then.
        """
        if name not in self._places:
            raise damaged()
        part, start = self._places[name]
        self._file.seek(start)
        return cast(BinaryIO, _Checked(self._file, part))

    def content(self, name: str, most: int) -> bytes:
        """The whole of a small part. Raises VerificationFailed for one that is damaged, or longer than ``most``."""
        stream = self.stream(name)
        if self._places[name][0].size > most:
            raise damaged()
        return b"".join(iter(lambda: stream.read(CHUNK), b""))


@contextmanager
def opened_container(path: Path, public_key: bytes, *, kind: str) -> Iterator[Container]:
    """Open a container of this ``kind`` that was signed with the key whose ``public_key`` (32 bytes) this is.

    Raises VerificationFailed for anything else, and Unavailable when the file is missing or can't be read.
    """
    with _opened(path) as file:
        try:
            yield _checked(file, public_key, kind)
        except OSError as error:
            raise unreadable(path, error) from None


def manifest_unchecked(path: Path) -> Mapping[str, Any] | None:
    """What a container says of itself, for a list; None where it says nothing. To be believed by nobody."""
    try:
        with _opened(path) as file:
            read = json.loads(file.read(BLOCK + MANIFEST_BYTES)[BLOCK:])
    except (OSError, ValueError, Unavailable):
        return None
    return read if isinstance(read, dict) else None


def content_unchecked(path: Path, name: str, most: int) -> bytes | None:
    """A small first part, before anything is known of the signature; None where no such part comes first."""
    with _opened(path) as file:
        try:
            file.seek(_FRONT)
            header = tarfile.TarInfo.frombuf(file.read(BLOCK), "utf-8", "strict")
            content = file.read(header.size) if header.name == name and 0 <= header.size <= most else None
        except (tarfile.HeaderError, UnicodeDecodeError):
            return None
        except OSError as error:
            raise unreadable(path, error) from None
    return content


def front_digest(path: Path) -> str:
    """The SHA-256 (hex) of a container's front: manifest and signature, which stand for every byte behind them.

    Tells files apart without reading them whole. Raises OSError.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        return hashlib.sha256(file.read(_FRONT)).hexdigest()


def public_key_of(signing: bytes) -> bytes:
    """The public key (32 bytes) of the Ed25519 seed ``signing``."""
    return Ed25519PrivateKey.from_private_bytes(signing).public_key().public_bytes_raw()


def _checked(file: BinaryIO, public_key: bytes, kind: str) -> Container:
    front = file.read(_FRONT)
    if len(front) < _FRONT or front[:BLOCK] != _header("manifest.json", MANIFEST_BYTES):
        raise VerificationFailed(
            "This is no backup of this program, or its beginning is damaged.",
            hint="Take another copy of it, or an earlier backup.",
            code="backup.not_one",
        )
    text = front[BLOCK : BLOCK + MANIFEST_BYTES]
    signature = front[BLOCK + MANIFEST_BYTES + BLOCK :]
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature[:SIGNATURE_BYTES], text)
    except InvalidSignature:
        raise VerificationFailed(
            "The signature of this file does not fit: it was altered, or another bank made it.",
            hint="Take another copy of it, or the recovery kit that belongs to it.",
            code="backup.signature",
        ) from None
    sound = front[BLOCK + MANIFEST_BYTES :][:BLOCK] == _header("manifest.sig", SIGNATURE_BYTES)
    if not sound or signature[SIGNATURE_BYTES:] != _padding(SIGNATURE_BYTES):
        raise damaged()
    manifest = json.loads(text)
    if manifest.get("format") != FORMAT or manifest.get("kind") != kind:
        raise VerificationFailed(
            "This file is of another kind, or a newer program made it.",
            hint="Choose another file, or install the newer program.",
            code="backup.kind",
        )
    return Container(file, manifest, _places(file, [Part(**each) for each in manifest["parts"]]))


def _places(file: BinaryIO, parts: list[Part]) -> dict[str, tuple[Part, int]]:
    """Where each part lies. Raises VerificationFailed unless everything between and behind them is as it should be."""
    places, at = {}, _FRONT
    whole = os.fstat(file.fileno()).st_size
    for part in parts:
        end = at + BLOCK + part.size
        file.seek(at)
        header = file.read(BLOCK)
        if end > whole:
            raise _cut()
        file.seek(end)
        if header != _header(part.name, part.size) or file.read(-part.size % BLOCK) != _padding(part.size):
            raise damaged()
        places[part.name] = (part, at + BLOCK)
        at = end + -part.size % BLOCK
    if whole < at + len(_END):
        raise _cut()
    file.seek(at)
    if file.read() != _END:
        raise damaged()
    return places


class _Counted(RawIOBase):
    """Writes through, counting and digesting."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = 0
        self.digest = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self.digest.update(content)
        self._file.write(content)
        self.size += len(content)
        return len(content)


class _Checked(RawIOBase):
    """Reads a part and compares its digest at the end."""

    def __init__(self, file: BinaryIO, part: Part) -> None:
        self._file = file
        self._left = part.size
        self._expected = part.sha256
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(self._left if size is None or size < 0 else min(size, self._left))
        self._digest.update(content)
        self._left -= len(content)
        short = self._left > 0 and not content and size != 0
        if short or (self._left == 0 and self._digest.hexdigest() != self._expected):
            raise damaged()
        return content

    def readinto(self, buffer: Any) -> int:
        content = self.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)


def _header(name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    # USTAR counts to 8 GiB; beyond that the size is written in binary, as GNU tar does.
    return entry.tobuf(tarfile.USTAR_FORMAT if size < 8**11 else tarfile.GNU_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % BLOCK)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise Unavailable("{path} is not a file.", hint="Choose another file.", code="backup.unreadable", path=path)
        file = os.fdopen(handle, "rb")
    except OSError as error:
        raise unreadable(path, error) from None
    with file:
        yield file


def unreadable(path: Path, error: OSError) -> Unavailable:
    """The error for a file that can't be read."""
    return Unavailable(
        "The file {path} can't be read: {error}.",
        hint="Check its name and rights, and whether the disk is mounted.",
        code="backup.unreadable",
        path=path,
        error=reason_of(error),
    )


def _cut() -> VerificationFailed:
    return VerificationFailed(
        "The file is cut short: its end is missing.",
        hint="Take another copy of it, or an earlier backup.",
        code="backup.cut",
    )
