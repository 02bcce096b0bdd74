"""Checking the entries of the log against their chain, as raw columns: nothing that lies there can make it fail.

A sound stretch is told quickly: SQLite itself puts together the bytes that each mark covers. Where something does not
fit, the entries are read again, one after the other, to say what is wrong with which of them.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from bankcard_tui.desk.desk import Desk
from bankcard_tui.locale import mark
from bankcard_tui.models.log import COLUMNS, SETBACK
from bankcard_tui.security import chain
from bankcard_tui.services.log_times import shown
from bankcard_tui.store.engine import any_text

BATCH = 2000
_SEQ, _AT = COLUMNS.index("seq"), COLUMNS.index("at")

Tell = Callable[..., None]
"""Takes a finding: an English template, and the values for it."""


def _typed(column: str) -> str:
    """What ``chain.mark`` writes for a column, in SQL; NULL for a number with a point, which no entry has."""
    return (
        # An id has 16 bytes: said at once, which is quicker.
        f"CASE typeof({column}) WHEN 'blob' THEN CASE length({column}) WHEN 16 THEN 'b16:' || {column} "
        f"ELSE 'b' || length({column}) || ':' || {column} END "
        f"WHEN 'text' THEN 's' || length(CAST({column} AS BLOB)) || ':' || {column} "
        f"WHEN 'integer' THEN 'i' || length({column}) || ':' || {column} WHEN 'null' THEN 'n0:' END"
    )


_NAMES = ", ".join(COLUMNS)
_QUICK = (
    f"SELECT seq, at, CAST({' || '.join(_typed(name) for name in COLUMNS)} AS BLOB), mark FROM log_entry NOT INDEXED "
    "WHERE branch_id = ? AND seq > ? ORDER BY rowid"
)
# In the order in which they were written, which is that of their numbers: an index would be gone through besides.
_WHOLE = f"SELECT {_NAMES}, mark FROM log_entry WHERE branch_id = ? ORDER BY seq"
ENTRIES = f"SELECT {_NAMES}, mark FROM log_entry WHERE branch_id = ? AND seq BETWEEN ? AND ? ORDER BY seq"


@dataclass
class Clock:
    """Follows the times of the entries, and tells whether the stretches are noted as they are: see ``LogStretch``.

    Where the log was pruned, the first stretch that is left has lost its beginning: how late it had become by then
    is not known, only that it was as late at least as what is left of it.
    """

    starts: Sequence[object]
    floor: int
    latest: int = 0
    right: bool = True
    whole: bool = field(init=False)
    _left: list[int] = field(init=False)

    def __post_init__(self) -> None:
        starts = [start for start in self.starts if isinstance(start, int)]
        begun = [start for start in starts if start <= self.floor + 1]
        self._left = sorted((start for start in starts if start > self.floor + 1), reverse=True)
        self.whole = self.floor + 1 in begun
        self.right = len(starts) == len(self.starts) and (begun == [1] if self.floor == 0 else bool(begun))

    @property
    def next(self) -> int | None:
        """The number at which the next stretch is said to begin; None where none does."""
        return self._left[-1] if self._left else None

    def follow(self, seq: object, at: object) -> None:
        """Take the next entry."""
        if not isinstance(seq, int) or not isinstance(at, int):
            return
        steps_back = at < self.latest - SETBACK
        noted = seq == self.next
        if noted:
            self._left.pop()
        if steps_back != noted and (self.whole or not noted):
            self.right = False
        if noted or steps_back:
            self.latest, self.whole = at, True
        else:
            self.latest = max(self.latest, at)

    def ends_at(self, latest: object) -> bool:
        """Whether all stretches were met, and ``latest``, as the head has it, can be right."""
        if self._left or not self.right or not isinstance(latest, int):
            return False
        return latest == self.latest if self.whole else latest >= self.latest


@dataclass
class Checked:
    """Where the chain ends: how many entries there are, the last number, and what the mark of the last one may be."""

    entries: int
    last: int
    marks: tuple[bytes, ...]
    clock: Clock


def check_chain(desk: Desk, floor: tuple[int, bytes], starts: Sequence[object], tell: Tell) -> Checked:
    """Check every entry behind the ``floor``: the number and the mark that the first one goes on from."""
    connection, key, branch = desk.work.connection, desk.keys.chain, desk.branch_id
    quick = _quick(connection, key, branch, floor, Clock(starts, floor[0]))
    return quick or _slow(connection, key, branch, floor, Clock(starts, floor[0]), tell)


def _quick(connection: Connection, key: bytes, branch: UUID, floor: tuple[int, bytes], clock: Clock) -> Checked | None:
    """The end of a chain that is sound; None where anything does not fit."""
    last, before = floor
    if connection.exec_driver_sql(
        "SELECT 1 FROM log_entry WHERE branch_id = ? AND seq < 1 LIMIT 1", (branch.bytes,)
    ).first():
        return None
    # A new digest for each entry would cost more than the digest itself.
    keyed = hmac.new(key, digestmod="sha256")
    cursor: Any = connection.connection.cursor()
    with any_text(connection), closing(cursor):
        cursor.execute(_QUICK, (branch.bytes, last))
        while batch := cursor.fetchmany(BATCH):
            for seq, at, columns, kept in batch:
                if seq != last + 1 or columns is None:
                    return None
                digest = keyed.copy()
                digest.update(before + columns)
                before = digest.digest()
                if kept != before:
                    return None
                last = seq
                if at < clock.latest - SETBACK or seq == clock.next:
                    clock.follow(seq, at)
                elif at > clock.latest:
                    clock.latest = at
    return Checked(last - floor[0], last, (before,), clock)


def _slow(
    connection: Connection, key: bytes, branch: UUID, floor: tuple[int, bytes], clock: Clock, tell: Tell
) -> Checked:
    with any_text(connection):
        rows = connection.exec_driver_sql(_WHOLE, (branch.bytes,), execution_options={"stream_results": True})
        left = (row for row in rows if not _is_buried(row[_SEQ], floor[0]))
        return follow_chain(key, left, floor, clock, tell)


def _is_buried(seq: object, floor: int) -> bool:
    return type(seq) is int and 1 <= seq <= floor


def follow_chain(key: bytes, rows: Iterable[Any], floor: tuple[int, bytes], clock: Clock, tell: Tell) -> Checked:
    """Follow the entries one by one and tell what is wrong.

    Of a wrong entry either the columns or the mark may be the false one: the next follows its kept mark or the one
    worked out, so that one wrong entry does not accuse those behind it.
    """
    before: tuple[bytes, ...] = (floor[1],)
    expected, count = floor[0] + 1, 0
    for row in rows:
        count += 1
        *columns, kept = tuple(row)
        seq = columns[_SEQ]
        clock.follow(seq, columns[_AT])
        gap = isinstance(seq, int) and seq > expected
        if gap:
            tell(mark("entries {first} to {last} are missing"), first=expected, last=seq - 1)
        elif seq != expected:
            tell(mark("entry {number} is out of place"), number=shown(seq))
        right = [chain.mark(key, each, columns) for each in before]
        if kept in right:
            before = (kept,)
        else:
            if not gap:  # behind a gap nothing can be worked out
                tell(mark("entry {number} was changed, or its mark is forged"), number=shown(seq))
            before = (kept, right[0]) if isinstance(kept, bytes) else (right[0],)
        expected = seq + 1 if isinstance(seq, int) else expected + 1
    return Checked(count, expected - 1, before, clock)
