"""The hours in which nobody is sent what can wait."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo


def is_quiet(hour: int, quiet_from: int, quiet_until: int) -> bool:
    """Whether ``hour`` (0 to 23) lies in the quiet hours, which may go over midnight; equal bounds mean none."""
    if quiet_from <= quiet_until:
        return quiet_from <= hour < quiet_until
    return hour >= quiet_from or hour < quiet_until


def not_before(moment: datetime, zone: tzinfo, quiet_from: int, quiet_until: int) -> datetime:
    """``moment``, or the end of the quiet hours that it lies in, in UTC.

    Hours are those of the clock on the wall in ``zone``: where it is put forward over the end, they end when it strikes
    the next hour there is.
    """
    local = moment.astimezone(zone)
    if not is_quiet(local.hour, quiet_from, quiet_until):
        return moment
    day = local.date() if local.hour < quiet_until else local.date() + timedelta(days=1)
    return datetime.combine(day, time(quiet_until), zone).astimezone(UTC)
