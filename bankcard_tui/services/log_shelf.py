"""What the store knows of the log's archives and of what was pruned: rows whose marks are looked at before their words.

A tombstone stands for entries that were pruned. Tombstones follow one another from the first entry on; behind the last
of them lies the *floor*: the number and the mark that the first entry left goes on from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table

from bankcard_tui.backup.segment import Segment
from bankcard_tui.errors import VerificationFailed
from bankcard_tui.models.base import table
from bankcard_tui.models.log import LogArchive, LogTombstone
from bankcard_tui.rules.terms import ArchiveKind
from bankcard_tui.security import chain
from bankcard_tui.security.keys import Keys
from bankcard_tui.store.engine import any_text
from bankcard_tui.store.types import micros_of, new_id

ARCHIVE, TOMBSTONE = table(LogArchive), table(LogTombstone)


@dataclass(frozen=True, slots=True)
class Shelved:
    """One archive as the store knows it; its mark fits."""

    id: UUID
    kind: ArchiveKind
    first_seq: int
    last_seq: int
    before_mark: bytes
    last_mark: bytes
    last_at: int
    file: str
    size: int
    digest: str
    made_at: int

    def path(self, folder: Path) -> Path:
        """Where the file lies; a name that leads out of the folder leads nowhere."""
        return folder / Path(self.file).name

    def is_of(self, segment: Segment) -> bool:
        """Whether a file holds what was written down of it; a segment becomes a fork where a restore went back behind
        it.
        """
        mine = (self.first_seq, self.last_seq, self.before_mark, self.last_mark, self.size, self.digest)
        return self.kind in (segment.kind, ArchiveKind.FORK) and mine == (
            segment.first_seq,
            segment.last_seq,
            segment.before_mark,
            segment.last_mark,
            segment.size,
            segment.digest,
        )


@dataclass(frozen=True, slots=True)
class Tombstone:
    """One tombstone as the store knows it; its mark fits, which does not cover ``cleared``."""

    first_seq: int
    last_seq: int
    before_mark: bytes
    last_mark: bytes
    archives: tuple[UUID, ...]
    cleared: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """All archives and tombstones of a branch; ``strange`` are those whose mark does not fit: the table's name, and the
    number of the last entry as it stands there.
    """

    archives: tuple[Shelved, ...]
    tombstones: tuple[Tombstone, ...]
    strange: tuple[tuple[str, object], ...]

    @property
    def segments(self) -> tuple[Shelved, ...]:
        """The archives of the chain, by their numbers."""
        return tuple(each for each in self.archives if each.kind is ArchiveKind.SEGMENT)

    @property
    def forks(self) -> tuple[Shelved, ...]:
        """The archives of what restores took out of the chain."""
        return tuple(each for each in self.archives if each.kind is ArchiveKind.FORK)

    @property
    def buried(self) -> tuple[Tombstone, ...]:
        """The tombstones that follow one another from the first entry on."""
        found: list[Tombstone] = []
        seq, mark = 0, chain.START
        for each in self.tombstones:
            if (each.first_seq, each.before_mark) == (seq + 1, mark):
                found.append(each)
                seq, mark = each.last_seq, each.last_mark
        return tuple(found)

    @property
    def floor(self) -> tuple[int, bytes]:
        """The number and the mark of the last entry that was pruned: 0 and the start of the chain, if none was."""
        buried = self.buried
        return (buried[-1].last_seq, buried[-1].last_mark) if buried else (0, chain.START)

    def border(self, seq: int) -> bytes | None:
        """The mark of the entry ``seq`` where it is the last one in front of the log or of a tombstone's range."""
        marks = {0: chain.START} | {each.last_seq: each.last_mark for each in self.buried}
        return marks.get(seq)

    def end_of_archives(self) -> tuple[int, bytes]:
        """The number and the mark of the last entry up to which archives follow one another without a gap."""
        seq, mark = self.floor
        for each in self.segments:
            if (each.first_seq, each.before_mark) == (seq + 1, mark):
                seq, mark = each.last_seq, each.last_mark
        return seq, mark

    def named(self, tombstone: Tombstone) -> tuple[Shelved | None, ...]:
        """The archives that a tombstone names; None for one that is not there any more."""
        by_id = {each.id: each for each in self.segments}
        return tuple(by_id.get(id) for id in tombstone.archives)

    def sound(self) -> Shelf:
        """This shelf. Raises VerificationFailed when something on it was altered: nothing is built on it then."""
        if self.strange:
            raise VerificationFailed(
                "The list of the log's archives was altered in the store.",
                hint="Run: bankcard log verify",
                code="archive.altered",
            )
        return self


def read_shelf(connection: Connection, keys: Keys, branch_id: UUID) -> Shelf:
    """What the store holds, whatever somebody has put there."""
    archives: list[Shelved] = []
    tombstones: list[Tombstone] = []
    strange: list[tuple[str, object]] = []
    for row in _raw(connection, ARCHIVE):
        if row["branch_id"] == branch_id.bytes and keys.row_fits(row["mark"], "archive", _covered(ARCHIVE, row)):
            archives.append(_shelved(row))
        else:
            strange.append((ARCHIVE.name, row["last_seq"]))
    for row in _raw(connection, TOMBSTONE):
        if row["branch_id"] == branch_id.bytes and keys.row_fits(row["mark"], "tombstone", _covered(TOMBSTONE, row)):
            tombstones.append(_tombstone(row))
        else:
            strange.append((TOMBSTONE.name, row["last_seq"]))
    return Shelf(tuple(archives), tuple(tombstones), tuple(strange))


def new_archive(keys: Keys, segment: Segment, file: str, made_at: datetime, made_by: UUID | None) -> LogArchive:
    """The row of an archive whose file was written and verified, with its mark."""
    row = LogArchive(
        id=new_id(made_at),
        branch_id=segment.branch_id,
        kind=segment.kind,
        first_seq=segment.first_seq,
        last_seq=segment.last_seq,
        before_mark=segment.before_mark,
        last_mark=segment.last_mark,
        last_at=segment.last_at,
        file=file,
        size=segment.size,
        digest=segment.digest,
        made_at=made_at,
        made_by=made_by,
        mark=b"",
    )
    row.mark = keys.row_mark("archive", _covered(ARCHIVE, _plain(row.model_dump())))
    return row


def marked(keys: Keys, tombstone: LogTombstone) -> LogTombstone:
    """A tombstone with its mark."""
    tombstone.mark = keys.row_mark("tombstone", _covered(TOMBSTONE, _plain(tombstone.model_dump())))
    return tombstone


def _raw(connection: Connection, rows: Table) -> Iterator[dict[str, Any]]:
    names = [column.name for column in rows.columns]
    with any_text(connection):
        # What is no number stands at the end.
        found = connection.exec_driver_sql(f"SELECT {', '.join(names)} FROM {rows.name} ORDER BY first_seq").fetchall()
    for row in found:
        yield dict(zip(names, row, strict=True))


def _covered(rows: Table, row: Mapping[str, Any]) -> list[object]:
    """What the mark of a row covers: its columns in their order, but for those that change later."""
    return [row[column.name] for column in rows.columns if column.name not in ("mark", "cleared_at")]


def _plain(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Columns as they lie in the store."""

    def plain(value: object) -> object:
        if isinstance(value, UUID):
            return value.bytes
        if isinstance(value, ArchiveKind):
            return value.value
        return micros_of(value) if isinstance(value, datetime) else value

    return {name: plain(value) for name, value in columns.items()}


def _shelved(row: Mapping[str, Any]) -> Shelved:
    return Shelved(
        UUID(bytes=row["id"]),
        ArchiveKind(row["kind"]),
        *(
            row[name]
            for name in (
                "first_seq",
                "last_seq",
                "before_mark",
                "last_mark",
                "last_at",
                "file",
                "size",
                "digest",
                "made_at",
            )
        ),
    )


def _tombstone(row: Mapping[str, Any]) -> Tombstone:
    return Tombstone(
        row["first_seq"],
        row["last_seq"],
        row["before_mark"],
        row["last_mark"],
        tuple(UUID(each) for each in row["archives"].split()),
        row["cleared_at"] is not None,
    )
