"""An archive of the log: a range of its entries in a signed, encrypted file.

A container of the kind ``log`` with one part, ``entries.zst.age``: JSON lines, compressed by zstd and encrypted by age.
Each line is one entry, a list of its columns in the order of ``models.log.COLUMNS`` and its mark, as they lie in the
store: numbers, text and null as such, bytes as ``{"b": hex}``. What somebody has put there instead comes back too.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import RawIOBase, TextIOWrapper
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO, cast
from uuid import UUID

import zstandard
from pyrage.x25519 import Identity

from bankcard_tui.backup.age import damaged, decrypt, encrypt, recipient_from
from bankcard_tui.backup.container import CHUNK, Container, new_container, opened_container
from bankcard_tui.errors import BankError, VerificationFailed
from bankcard_tui.models.log import COLUMNS
from bankcard_tui.rules.terms import ArchiveKind
from bankcard_tui.security import chain
from bankcard_tui.store.types import moment_of

KIND = "log"
PART = "entries.zst.age"
LEVEL = 3
Raw = tuple[Any, ...]
"""One entry: its columns and its mark, as they lie in the store."""

_SEQ, _AT, _WIDTH = COLUMNS.index("seq"), COLUMNS.index("at"), len(COLUMNS) + 1
_LINES = 1000


@dataclass(frozen=True, slots=True)
class Whose:
    """The branch whose log it is."""

    id: UUID
    bank: str
    code: str


@dataclass(frozen=True, slots=True)
class Segment:
    """What an archive holds: entries ``first_seq`` to ``last_seq``, behind the mark ``before_mark``; ``last_at`` is the
    latest time of an entry in it. ``size`` is in bytes, ``digest`` the SHA-256 of the file in hex.
    """

    kind: ArchiveKind
    branch_id: UUID
    first_seq: int
    last_seq: int
    before_mark: bytes
    last_mark: bytes
    last_at: datetime
    entries: int
    size: int
    digest: str


def write_segment(
    path: Path,
    *,
    kind: ArchiveKind,
    whose: Whose,
    signing: bytes,
    recipients: Sequence[str],
    rows: Iterable[Raw],
    before_mark: bytes,
    report: Callable[[int], None] | None = None,
) -> Segment:
    """Write ``rows`` in the order of their numbers to the new file ``path``, signed with the seed ``signing`` and
    encrypted to ``recipients`` (``age1…``). ``report`` is told how many entries are written.

    What a row holds is not looked at, so that an altered one is kept as it is. Raises OSError as the disk does,
    ValueError where there is no row, and whatever reading ``rows`` raises of a BankError.
    """
    entries = _Entries(rows, report)
    with new_container(path) as packer:
        to = [recipient_from(each) for each in recipients]
        packer.add(PART, lambda target: encrypt(cast(BinaryIO, entries), target, to))
        if entries.count == 0:
            raise ValueError("an archive holds at least one entry")
        packer.seal(
            {
                "kind": KIND,
                "archive": kind.value,
                "bank": whose.bank,
                "code": whose.code,
                "branch_id": str(whose.id),
                "columns": [*COLUMNS, "mark"],
                "first_seq": entries.first,
                "last_seq": entries.last,
                "before_mark": before_mark.hex(),
                "last_mark": entries.mark.hex(),
                "last_at": entries.latest,
                "entries": entries.count,
            },
            signing,
        )
    return Segment(
        kind,
        whose.id,
        entries.first,
        entries.last,
        before_mark,
        entries.mark,
        moment_of(entries.latest),
        entries.count,
        path.stat().st_size,
        digest_of(path),
    )


def read_segment(path: Path, public_key: bytes, identities: Sequence[Identity]) -> Generator[Raw, None, None]:
    """The entries of an archive that was signed with the key whose ``public_key`` this is, one after the other.

    Raises VerificationFailed for one that is not sound, Unavailable when it can't be read. That its digest fits shows
    at its end: what was read before is to be kept only then.
    """
    with opened_container(path, public_key, kind=KIND) as container:
        yield from _entries_in(container, identities)


def open_segment(path: Path, public_key: bytes) -> Segment:
    """What an archive says it holds; its signature and its outer form are checked, its entries are not.

    Raises VerificationFailed and Unavailable as :func:`read_segment` does.
    """
    with opened_container(path, public_key, kind=KIND) as container:
        return _segment(path, container)


def verify_segment(
    path: Path,
    public_key: bytes,
    identities: Sequence[Identity],
    chain_key: bytes | None,
    report: Callable[[int], None] | None = None,
) -> Segment:
    """Check the whole of an archive: signature, digests, decryption, and that it holds what its manifest says; with a
    ``chain_key`` the mark of every entry as well.

    Raises VerificationFailed for the first thing that is wrong, and Unavailable when it can't be read.
    """
    with opened_container(path, public_key, kind=KIND) as container:
        segment = _segment(path, container)
        before, seq, count, latest = segment.before_mark, segment.first_seq - 1, 0, 0
        for row in _entries_in(container, identities):
            count += 1
            if chain_key is not None:
                if row[_SEQ] != seq + 1 or row[-1] != chain.mark(chain_key, before, row[:-1]):
                    raise _false(seq + 1)
                before = row[-1]
            seq, latest = _next(row[_SEQ], seq), _latest(row[_AT], latest)
            if report is not None and count % _LINES == 0:
                report(count)
        right = (segment.last_seq, segment.entries) == (seq, count) and segment.last_at == moment_of(latest)
        if not right or (chain_key is not None and segment.last_mark != before):
            raise _false(seq)
    return segment


def digest_of(path: Path) -> str:
    """The SHA-256 of a file in hex. Raises OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Entries(RawIOBase):
    """Entries as the compressed bytes of their lines, made while they are read."""

    def __init__(self, rows: Iterable[Raw], report: Callable[[int], None] | None) -> None:
        self.count = self.first = self.last = self.latest = 0
        self.mark = b""
        self._report = report
        self._chunks = self._compressed(iter(rows))
        self._left = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._left:
            self._left = next(self._chunks, b"")
        end = len(self._left) if size is None or size < 0 else size
        given, self._left = self._left[:end], self._left[end:]
        return given

    def _compressed(self, rows: Iterator[Raw]) -> Iterator[bytes]:
        chunker: Any = zstandard.ZstdCompressor(level=LEVEL).chunker(chunk_size=CHUNK)
        lines: list[str] = []
        for row in rows:
            self._count(row)
            lines.append(_line(row))
            if len(lines) == _LINES:
                yield from chunker.compress("".join(lines).encode())
                lines.clear()
                if self._report is not None:
                    self._report(self.count)
        yield from chunker.compress("".join(lines).encode())
        yield from chunker.finish()
        if self._report is not None:
            self._report(self.count)

    def _count(self, row: Raw) -> None:
        self.last = _next(row[_SEQ], self.last)
        if self.count == 0:
            self.first = self.last
        self.count += 1
        self.latest = _latest(row[_AT], self.latest)
        self.mark = row[-1] if isinstance(row[-1], bytes) else b""


def _next(seq: object, last: int) -> int:
    return seq if type(seq) is int else last + 1


def _latest(at: object, latest: int) -> int:
    """The later of two times in microseconds; what is no time that this program can have written is passed over."""
    return at if type(at) is int and latest < at < _LAST_MICROS else latest


_LAST_MICROS = 253_402_300_800_000_000
"""The end of the year 9999."""


def _line(row: Raw) -> str:
    # In ASCII, with every other character escaped: so broken text comes back too, each of its bytes as it was read.
    return json.dumps(row, separators=(",", ":"), default=_tagged) + "\n"


def _tagged(value: object) -> object:
    if isinstance(value, bytes):
        return {"b": value.hex()}
    raise TypeError(type(value).__name__)


def _entries_in(container: Container, identities: Sequence[Identity]) -> Iterator[Raw]:
    """The entries, decrypted in a thread of their own: age pushes what it decrypts, and a reader wants to pull."""
    problems: list[BankError | OSError] = []
    source = container.stream(PART)
    out, into = os.pipe()

    def work() -> None:
        try:
            with os.fdopen(into, "wb", buffering=CHUNK) as target:
                decrypt(source, target, identities)
        except (BankError, OSError) as problem:
            problems.append(problem)

    thread = Thread(target=work, name="archive", daemon=True)
    thread.start()
    try:
        with os.fdopen(out, "rb", buffering=CHUNK) as pipe:
            yield from _rows(pipe)
    except VerificationFailed:
        thread.join()
        raise problems[0] if problems else damaged() from None  # what came in was cut short by the problem behind it
    finally:
        thread.join()
    if problems:
        raise problems[0]


def _rows(pipe: BinaryIO) -> Iterator[Raw]:
    """The entries in compressed lines. Raises VerificationFailed for what :func:`write_segment` never wrote."""
    text = TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(pipe, read_size=CHUNK), encoding="ascii")
    try:
        for line in text:
            row = _DECODER.decode(line)
            if not isinstance(row, list) or len(row) != _WIDTH:
                raise damaged()
            yield tuple(row)
    except (zstandard.ZstdError, ValueError):
        raise damaged() from None


def _untagged(value: dict[str, Any]) -> bytes:
    return bytes.fromhex(value["b"])


_DECODER = json.JSONDecoder(object_hook=_untagged)


def _segment(path: Path, container: Container) -> Segment:
    said = container.manifest
    try:
        return Segment(
            ArchiveKind(said["archive"]),
            UUID(said["branch_id"]),
            int(said["first_seq"]),
            int(said["last_seq"]),
            bytes.fromhex(said["before_mark"]),
            bytes.fromhex(said["last_mark"]),
            moment_of(said["last_at"]),
            int(said["entries"]),
            path.stat().st_size,
            digest_of(path),
        )
    except (KeyError, ValueError, TypeError):
        raise damaged() from None


def _false(seq: int) -> VerificationFailed:
    return VerificationFailed(
        "Entry {number} in this archive of the log is not as the branch wrote it.",
        hint="Take another copy of the archive.",
        code="archive.entry",
        number=seq,
    )
