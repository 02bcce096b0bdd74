"""Quiet hours by the clock on the wall, over midnight and where the clock is put forward or back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankcard_tui.rules.quiet_hours import is_quiet, not_before

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
ZONES = (
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Tehran",
)


@pytest.mark.parametrize(
    ("hour", "quiet_from", "quiet_until", "quiet"),
    [
        (21, 22, 8, False),
        (22, 22, 8, True),
        (0, 22, 8, True),
        (7, 22, 8, True),
        (8, 22, 8, False),
        (12, 12, 14, True),
        (14, 12, 14, False),
        (23, 23, 0, True),
        (0, 23, 0, False),
        (5, 9, 9, False),
        (9, 9, 9, False),
    ],
)
def test_an_hour_is_quiet_between_its_bounds(hour: int, quiet_from: int, quiet_until: int, quiet: bool) -> None:
    assert is_quiet(hour, quiet_from, quiet_until) is quiet


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        (datetime(2026, 3, 2, 13, 59, 59, tzinfo=UTC), datetime(2026, 3, 2, 13, 59, 59, tzinfo=UTC)),
        (datetime(2026, 3, 2, 14, 0, tzinfo=UTC), datetime(2026, 3, 3, 0, 0, tzinfo=UTC)),
        (datetime(2026, 3, 2, 23, 59, tzinfo=UTC), datetime(2026, 3, 3, 0, 0, tzinfo=UTC)),
        (datetime(2026, 3, 3, 0, 0, tzinfo=UTC), datetime(2026, 3, 3, 0, 0, tzinfo=UTC)),
        (datetime(2025, 12, 31, 15, 0, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, tzinfo=UTC)),
    ],
)
def test_what_would_go_at_night_goes_at_eight(moment: datetime, end: datetime) -> None:
    assert not_before(moment, SHANGHAI, 22, 8) == end


def test_the_night_is_an_hour_shorter_or_longer_when_the_clock_is_changed() -> None:
    spring = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)  # 23:00 in Berlin
    assert not_before(spring, BERLIN, 22, 8) - spring == timedelta(hours=8)
    autumn = datetime(2026, 10, 24, 21, 0, tzinfo=UTC)  # 23:00 in Berlin
    assert not_before(autumn, BERLIN, 22, 8) - autumn == timedelta(hours=10)


def test_an_end_that_the_clock_leaps_over_is_the_hour_after_it() -> None:
    leap = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # 01:30 in Berlin, half an hour before 03:00
    assert not_before(leap, BERLIN, 22, 2) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


@given(
    st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(ZONES),
    st.integers(0, 23),
    st.integers(0, 23),
)
def test_it_is_never_earlier_nor_still_quiet_nor_more_than_a_day_later(
    moment: datetime, zone: str, quiet_from: int, quiet_until: int
) -> None:
    end = not_before(moment, ZoneInfo(zone), quiet_from, quiet_until)
    assert moment <= end <= moment + timedelta(hours=26)
    assert not is_quiet(end.astimezone(ZoneInfo(zone)).hour, quiet_from, quiet_until)
