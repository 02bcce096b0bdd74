"""Searching the log, however long it is: window by window of its sequence, so that a page takes a bounded time.

Each filter that has an index is a :class:`Look`. Of the looks the one with the fewest entries ahead leads: a window
holds its next so many entries, and only these are held against everything else. While little is found the windows grow.
When the time of a page is over, the page ends where the search stands, and its cursor goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, asc, desc, func, or_, select, union

from bankcard_tui.desk.log import ENTRY
from bankcard_tui.services.log_times import FIRST, LAST, altered, spans, whole
from bankcard_tui.services.paging import PAGE_ROWS, read_cursor, write_cursor
from bankcard_tui.store.engine import by_index
from bankcard_tui.store.types import moment_of

PAGE_SECONDS = 0.03
"""How long a page is searched for, up to the last window."""
WINDOW_SECONDS = 0.01
"""Windows that take less are followed by larger ones."""


@dataclass(frozen=True, slots=True)
class Look:
    """A filter by index: one of the columns holds its value; each has an index that goes on with the sequence."""

    any_of: tuple[tuple[ColumnElement[Any], object], ...] = ()

    def ways(self) -> list[Select[Any]]:
        """The numbers of the entries that fit, one way of fitting after the other: each is looked up by itself, since
        an OR between columns would walk through all entries."""
        seqs = select(ENTRY.c.seq)
        return [
            by_index(seqs.where(column == value), ENTRY, "branch_id", column.name, "seq")
            for column, value in self.any_of
        ] or [seqs]

    def check(self) -> ColumnElement[bool]:
        """The same as one condition on entries that another look has found."""
        return or_(*(column == value for column, value in self.any_of))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries of a branch to find: they fit every look, pass every check, and lie in time, in microseconds,
    from ``since`` on and before ``until``."""

    branch: UUID
    looks: tuple[Look, ...] = ()
    checks: tuple[ColumnElement[bool], ...] = ()
    since: int | None = None
    until: int | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """What no index answers."""
        bounds = ((self.since, ENTRY.c.at.__ge__), (self.until, ENTRY.c.at.__lt__))
        return [*self.checks, *(bound(moment) for moment, bound in bounds if moment is not None)]


class _Window(NamedTuple):
    """The entries ``low`` to ``high``, both included, and the look that leads through them."""

    low: int
    high: int
    look: Look


class Found(NamedTuple):
    """Where a search came to: up to a page of entries, the newest first, and how it goes on.

    ``stopped_at`` is the time of the entry at which it stopped to go on later (None: it ended, or the page is full).
    """

    rows: tuple[Row[Any], ...]
    next: str | None
    previous: str | None
    stopped_at: datetime | None


def find(sql: Connection, wanted: Wanted, cursor: str | None) -> Found:
    """One page of the entries in the order of the sequence. Raises InvalidInput for what is no cursor, and
    VerificationFailed where somebody has put something else into the place of numbers."""
    newer, keys = read_cursor(cursor, (ENTRY.c.seq,)) if cursor else (False, None)
    edge = keys[0] if keys else None
    walk = _Walk(sql, wanted, newer)
    began = perf_counter()
    rows: list[Row[Any]] = []
    place: int | None = None
    stopped = False
    for window in walk.windows(edge):
        if place is not None and perf_counter() - began > PAGE_SECONDS:
            stopped = True
            break
        rows += walk.rows(window, PAGE_ROWS + 1 - len(rows))
        if len(rows) > PAGE_ROWS:
            break
        place = window.high if newer else window.low
    more = len(rows) > PAGE_ROWS
    del rows[PAGE_ROWS:]
    onward = whole(rows[-1].seq) if more else place if stopped else None
    back = None if edge is None else edge + 1 if newer else edge - 1
    if newer:
        rows.reverse()
    older_edge, newer_edge = (back, onward) if newer else (onward, back)
    return Found(
        tuple(rows),
        None if older_edge is None else write_cursor("next", [older_edge]),
        None if newer_edge is None else write_cursor("previous", [newer_edge]),
        walk.time_of(place) if stopped and place is not None else None,
    )


class _Walk:
    """A walk through the entries that are wanted: towards the newer ones, or else towards the older ones."""

    def __init__(self, sql: Connection, wanted: Wanted, newer: bool) -> None:
        self._sql = sql
        self._wanted = wanted
        self._newer = newer
        self._order = ENTRY.c.seq.asc() if newer else ENTRY.c.seq.desc()
        self._here = ENTRY.c.branch_id == wanted.branch

    def windows(self, edge: int | None) -> Iterator[_Window]:
        """The windows behind ``edge``, one after the other; they grow while what is done between takes no time."""
        wanted = self._wanted
        for low, high in spans(self._sql, wanted.branch, wanted.since, wanted.until, newest_first=not self._newer):
            if edge is not None:
                low, high = (max(low, edge + 1), high) if self._newer else (low, min(high, edge - 1))
            size = PAGE_ROWS + 1
            while low <= high:
                began = perf_counter()
                window = self._window(low, high, size)
                yield window
                size = size * 2 if perf_counter() - began < WINDOW_SECONDS else max(size // 2, PAGE_ROWS + 1)
                low, high = (window.high + 1, high) if self._newer else (low, window.low - 1)

    def _window(self, low: int, high: int, size: int) -> _Window:
        """The next ``size`` entries of the look that has the fewest of them ahead."""
        looks = self._wanted.looks or (Look(),)
        reaches = [(self._reach(look, low, high, size), look) for look in looks]
        away = -1 if self._newer else 1
        (reach, _), look = min(reaches, key=lambda each: (away * each[0][0], each[0][1]))
        return _Window(low, reach, look) if self._newer else _Window(reach, high, look)

    def _reach(self, look: Look, low: int, high: int, size: int) -> tuple[int, int]:
        """How far the next ``size`` entries of a look reach, to the end where there are fewer, and their number."""
        ahead = union(*(way.where(self._here, *_between(low, high)) for way in look.ways()))
        some = ahead.order_by(asc("seq") if self._newer else desc("seq")).limit(size).subquery()
        last = (func.max if self._newer else func.min)(some.c.seq)
        count, reach = self._sql.execute(select(func.count(), last).select_from(some)).one()
        if count < size:
            return (high if self._newer else low), count
        return whole(reach), count

    def rows(self, window: _Window, most: int) -> list[Row[Any]]:
        """The first ``most`` entries of a window that are wanted."""
        checks = [look.check() for look in self._wanted.looks if look is not window.look]
        inside = [self._here, *_between(window.low, window.high), *checks, *self._wanted.conditions()]
        each = [way.where(*inside).order_by(self._order).limit(most) for way in window.look.ways()]
        found = union(*(select(way.subquery()) for way in each))
        wanted = select(ENTRY).where(self._here, ENTRY.c.seq.in_(found)).order_by(self._order).limit(most)
        return list(self._sql.execute(wanted))

    def time_of(self, seq: int) -> datetime:
        """The time of an entry, or of the last one in front of it."""
        nearest = select(ENTRY.c.at).where(self._here, ENTRY.c.seq <= seq if self._newer else ENTRY.c.seq >= seq)
        at = self._sql.execute(
            nearest.order_by(ENTRY.c.seq.desc() if self._newer else ENTRY.c.seq.asc()).limit(1)
        ).scalar_one()
        try:
            return moment_of(at)
        except (TypeError, OverflowError):
            raise altered(seq) from None


def _between(low: int, high: int) -> list[ColumnElement[bool]]:
    """The bounds that there are; without one, what somebody has put into the place of a number is found as well."""
    return [
        bound for bound, end in ((ENTRY.c.seq >= low, low == FIRST), (ENTRY.c.seq <= high, high == LAST)) if not end
    ]
