"""How long entries of the log stay in the store."""

from __future__ import annotations

import calendar
from datetime import date


def months_before(day: date, months: int) -> date:
    """The same day of the month so many months earlier, or the last day of a month that is too short for it.

    Before the year 1 there is no day: it stops at the first one.
    """
    whole = day.year * 12 + day.month - 1 - months
    year, month = divmod(whole, 12)
    if year < 1:
        return date.min
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def may_be_pruned(last: date, today: date, months: int) -> bool:
    """Whether entries of which the latest is of the day ``last`` are older than the ``months`` that a bank keeps."""
    return last < months_before(today, months)
