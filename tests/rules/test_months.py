"""Months, and when a history of months has matured."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankcard_tui.rules.months import first_months, matured, month_after, month_of, parse_month

JANUARY = date(2025, 1, 1)


@pytest.mark.parametrize(
    ("months", "expected"),
    [(0, JANUARY), (1, date(2025, 2, 1)), (12, date(2026, 1, 1)), (-1, date(2024, 12, 1)), (-13, date(2023, 12, 1))],
)
def test_months_count_across_years(months: int, expected: date) -> None:
    assert month_after(JANUARY, months) == expected


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(-1_000, 1_000))
def test_as_many_months_on_and_back_lead_to_the_same_month(day: date, months: int) -> None:
    assert month_after(month_after(month_of(day), months), -months) == month_of(day)


@pytest.mark.parametrize("text", ["2025-13", "2025-00", "2025-1", "25-01", "2025-01-01", "0000-01", "２０２５-０１"])
def test_only_a_year_and_a_month_is_a_month(text: str) -> None:
    assert parse_month("2025-03") == date(2025, 3, 1)
    with pytest.raises(ValueError, match=r"month|year"):
        parse_month(text)


@pytest.mark.parametrize(
    ("start", "first", "end"),
    [(JANUARY, JANUARY, date(2026, 1, 1)), (date(2025, 1, 2), date(2025, 2, 1), date(2026, 2, 1))],
)
def test_whole_months_alone_are_observed(start: date, first: date, end: date) -> None:
    assert first_months(start, 12) == (first, end)


def year(*days: int) -> dict[date, int]:
    return {month_after(JANUARY, place): each for place, each in enumerate(days)}


def test_the_worst_of_exactly_the_first_months_counts() -> None:
    assert matured(year(*[0] * 5, 45, *[0] * 6), JANUARY, 12) == 45
    assert matured(year(*[0] * 12, 95), JANUARY, 12) == 0
    assert matured(year(*[0] * 12, 95), date(2025, 1, 15), 12) == 95


def test_nothing_is_known_before_the_last_month_or_where_one_is_missing() -> None:
    assert matured(year(*[95] * 11), JANUARY, 12) is None
    assert matured({}, JANUARY, 12) is None
    gap = year(*[95] * 13)
    del gap[date(2025, 6, 1)]
    assert matured(gap, JANUARY, 12) is None
