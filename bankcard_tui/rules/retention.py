"""Which backups are kept: the newest, and one for each of the last days, weeks and months."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

FRESH = timedelta(days=1)
"""What was made by hand before some work is not cleared away by the next one of the same day."""


class Figures(Protocol):
    """The figures of the policy that decide."""

    @property
    def backups_kept_daily(self) -> int: ...
    @property
    def backups_kept_weekly(self) -> int: ...
    @property
    def backups_kept_monthly(self) -> int: ...


@dataclass(frozen=True, slots=True)
class KnownBackup:
    """A backup that is there: when it was made, on which day at the branch, and whether it was verified in full."""

    id: UUID
    made_at: datetime
    day: date
    verified: bool


def to_remove(backups: Iterable[KnownBackup], figures: Figures) -> frozenset[UUID]:
    """Those that are not kept any more.

    Everything of the last day before the newest one stays. Days, weeks (from Monday) and months count when there is a
    backup in them; each is stood for by its newest verified backup, or its newest where none is verified. The last
    verified one stays, and whatever is newer: as long as none is verified nothing goes.
    """
    newest_first = sorted(backups, key=lambda each: (each.made_at, each.id), reverse=True)
    last = next((place for place, each in enumerate(newest_first) if each.verified), None)
    if last is None:
        return frozenset()
    periods: tuple[tuple[int, Callable[[date], Hashable]], ...] = (
        (figures.backups_kept_daily, lambda day: day),
        (figures.backups_kept_weekly, lambda day: day.isocalendar()[:2]),
        (figures.backups_kept_monthly, lambda day: (day.year, day.month)),
    )
    fresh = newest_first[0].made_at - FRESH
    kept = {each.id for place, each in enumerate(newest_first) if place <= last or each.made_at > fresh}
    for count, period_of in periods:
        standing: dict[Hashable, KnownBackup] = {}
        for each in newest_first:
            period = period_of(each.day)
            if period not in standing or (each.verified and not standing[period].verified):
                standing[period] = each
        kept |= {each.id for each in list(standing.values())[:count]}
    return frozenset(each.id for each in newest_first if each.id not in kept)
