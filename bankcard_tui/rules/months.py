"""Calendar months, each named by its first day."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from datetime import date, timedelta

_SHAPE = re.compile(r"([0-9]{4})-([0-9]{2})")


def month_of(day: date) -> date:
    """The month in which ``day`` lies."""
    return day.replace(day=1)


def month_after(month: date, months: int) -> date:
    """The month so many months later; earlier with a negative number."""
    years, place = divmod(month.month - 1 + months, 12)
    return date(month.year + years, place + 1, 1)


def day_after_months(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a month that is shorter."""
    month = month_after(month_of(day), months)
    return month.replace(day=min(day.day, calendar.monthrange(month.year, month.month)[1]))


def latest_day_due(today: date, months: int) -> date:
    """The latest day of which :func:`day_after_months` says that so many months are over by ``today``."""
    day = day_after_months(today, -months)
    ends_month = month_of(today + timedelta(days=1)) != month_of(today)
    return month_after(month_of(day), 1) - timedelta(days=1) if ends_month else day


def parse_month(text: str) -> date:
    """Read ``YYYY-MM``. Raises ValueError for anything else."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise ValueError(f"not a month: {text!r}")
    return date(int(match[1]), int(match[2]), 1)


def first_months(start: date, months: int) -> tuple[date, date]:
    """The first of so many whole months from ``start`` on, and the one behind the last."""
    first = start if start.day == 1 else month_after(month_of(start), 1)
    return first, month_after(first, months)


def matured(days_past_due: Mapping[date, int], start: date, months: int) -> int | None:
    """The worst days past due in the first ``months`` whole months from ``start`` on; None where one is not known."""
    first, _ = first_months(start, months)
    days = [days_past_due.get(month_after(first, each)) for each in range(months)]
    known = [each for each in days if each is not None]
    return max(known) if len(known) == months else None
