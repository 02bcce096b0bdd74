"""Limits at the bounds of tier, means, wish and total."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankcard_tui.errors import InvalidInput
from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.money import LARGEST_FEN, ZERO, Money
from bankcard_tui.rules.odds import grade_of
from bankcard_tui.rules.policy import DEFAULT_POLICY
from bankcard_tui.rules.terms import Grade
from bankcard_tui.rules.tiers import affordable, check_limit, lowest_limit, proposed_limit, room_in_total
from tests.rules.decent_applicant import DECENT, applicants

BEST = 0.001


def proposal(applicant: Applicant, probability: float) -> Money | None:
    """The limit for somebody known so well that the pessimistic end is the probability itself."""
    return proposed_limit(applicant, grade_of(probability, DEFAULT_POLICY), probability, DEFAULT_POLICY)


RICH = replace(DECENT, monthly_income=Money.yuan(100_000), monthly_debt=ZERO, wished_limit=Money.yuan(100_000))


@pytest.mark.parametrize(
    ("income", "granted", "room"),
    [
        (Money.yuan(9_000), 0, 90_000),
        (Money.yuan(9_000), 89_500, 500),
        (Money.yuan(9_000), 90_000, 0),
        (Money.yuan(9_000), 95_000, 0),
        (Money.yuan(30_000), 0, 300_000),
        (Money.yuan(30_001), 0, 300_000),
        (Money(LARGEST_FEN), 100_000, 200_000),
        (ZERO, 0, 0),
        (None, 50_000, 250_000),
    ],
)
def test_room_is_what_the_total_limit_leaves(income: Money | None, granted: int, room: int) -> None:
    applicant = replace(DECENT, monthly_income=income, own_limits=Money.yuan(granted))
    assert room_in_total(applicant, DEFAULT_POLICY) == Money.yuan(room)


@pytest.mark.parametrize(
    ("income", "debt", "most"),
    [
        (9_000, 0, 45_000),
        (9_000, 1_800, 27_000),
        (9_000, 4_500, 0),
        (9_000, 9_000, 0),
        (0, 0, 0),
        (1_000_000, 0, 300_000),
        (LARGEST_FEN // 100, 0, 300_000),
    ],
)
def test_affordable_is_what_half_the_income_carries_at_a_tenth_a_month(income: int, debt: int, most: int) -> None:
    applicant = replace(DECENT, monthly_income=Money.yuan(income), monthly_debt=Money.yuan(debt))
    assert affordable(applicant, DEFAULT_POLICY) == Money.yuan(most)


@pytest.mark.parametrize("changes", [{"monthly_income": None}, {"monthly_debt": None}])
def test_what_is_affordable_is_not_guessed(changes: dict[str, Any]) -> None:
    applicant = replace(DECENT, **changes)
    assert affordable(applicant, DEFAULT_POLICY) is None
    assert proposal(applicant, BEST) is None


def test_who_owes_nothing_pays_nothing() -> None:
    applicant = replace(DECENT, monthly_debt=None, liabilities=ZERO)
    assert affordable(applicant, DEFAULT_POLICY) == Money.yuan(45_000)


def test_a_limit_that_costs_nothing_is_carried_up_to_the_highest_total() -> None:
    free = replace(DEFAULT_POLICY, new_debt_service_percent_of_limit=0)
    assert affordable(DECENT, free) == Money.yuan(300_000)
    assert affordable(replace(DECENT, monthly_debt=Money.yuan(5_000)), free) == ZERO


@pytest.mark.parametrize(
    ("probability", "limit"),
    [
        (0.0, 30_000),
        (0.018, 30_000),
        (0.0999999, 10_000),
        (0.1, 12_500),
        (0.1428571, 8_500),
        (0.1999999, 5_000),
        (0.2, 6_000),
        (0.3999999, 2_000),
        (0.4, 2_500),
        (0.8, 500),
        (1.0, 500),
    ],
)
def test_the_limit_follows_the_risk_through_the_lower_half_of_the_tier(probability: float, limit: int) -> None:
    assert proposal(RICH, probability) == Money.yuan(limit)


@pytest.mark.parametrize(
    ("changes", "limit"),
    [
        ({"wished_limit": Money.yuan(20_000)}, 20_000),
        ({"wished_limit": Money.yuan(20_499)}, 20_000),
        ({"own_limits": Money.yuan(284_900)}, 15_000),
        ({"own_limits": Money.yuan(290_000)}, 10_000),
        ({"own_limits": Money.yuan(290_001)}, None),
        ({"monthly_debt": Money.yuan(48_999)}, 10_000),
        ({"monthly_debt": Money.yuan(49_001)}, None),
        ({"wished_limit": Money.yuan(3_000)}, 3_000),
        ({"wished_limit": Money.yuan(500)}, 500),
        ({"wished_limit": Money(49_999)}, None),
        ({"wished_limit": Money.yuan(3_000), "monthly_debt": Money.yuan(49_800)}, None),
    ],
)
def test_the_limit_stays_within_wish_means_and_room(changes: dict[str, Any], limit: int | None) -> None:
    expected = None if limit is None else Money.yuan(limit)
    assert proposal(replace(RICH, **changes), BEST) == expected


@given(applicants(), st.floats(0, 1))
def test_a_proposed_limit_never_exceeds_wish_room_and_means(applicant: Applicant, probability: float) -> None:
    limit = proposal(applicant, probability)
    carried = affordable(applicant, DEFAULT_POLICY)
    if limit is not None:
        assert carried is not None
        assert limit <= min(applicant.wished_limit, carried, room_in_total(applicant, DEFAULT_POLICY))
        assert limit.fen % DEFAULT_POLICY.limit_step.fen == 0
        assert limit >= Money.yuan(500)


@given(applicants(), st.floats(0, 1))
def test_a_manager_may_always_grant_what_is_proposed(applicant: Applicant, probability: float) -> None:
    limit = proposal(applicant, probability)
    if limit is not None:
        check_limit("limit", limit, grade_of(probability, DEFAULT_POLICY), applicant, DEFAULT_POLICY)


@given(st.floats(0, 1), st.floats(0, 1))
def test_within_a_grade_more_risk_never_means_a_higher_limit(one: float, other: float) -> None:
    less, more = sorted((one, other))
    if grade_of(less, DEFAULT_POLICY) is grade_of(more, DEFAULT_POLICY):
        cautious = proposal(RICH, more)
        bold = proposal(RICH, less)
        assert cautious is not None
        assert bold is not None
        assert cautious <= bold


@pytest.mark.parametrize(
    ("grade", "lowest", "highest"),
    [
        (Grade.EXCELLENT, 10_000, 50_000),
        (Grade.GOOD, 5_000, 20_000),
        (Grade.MEDIUM, 2_000, 10_000),
        (Grade.POOR, 500, 5_000),
    ],
)
def test_a_managers_limit_lies_inside_the_tier(grade: Grade, lowest: int, highest: int) -> None:
    for amount in (lowest, highest):
        check_limit("limit", Money.yuan(amount), grade, RICH, DEFAULT_POLICY)
    for amount in (lowest - 500, highest + 500):
        with pytest.raises(InvalidInput, match=f"between {lowest:,}.00 and {highest:,}.00") as caught:
            check_limit("limit", Money.yuan(amount), grade, RICH, DEFAULT_POLICY)
        assert caught.value.field == "limit"


@pytest.mark.parametrize("limit", [Money.yuan(10_250), Money(1_000_001)])
def test_a_managers_limit_is_a_multiple_of_the_step(limit: Money) -> None:
    with pytest.raises(InvalidInput, match=r"multiple of 500\.00"):
        check_limit("limit", limit, Grade.EXCELLENT, RICH, DEFAULT_POLICY)


@pytest.mark.parametrize("limit", [ZERO, Money.yuan(-500)])
def test_nothing_and_less_than_nothing_are_no_limits(limit: Money) -> None:
    with pytest.raises(InvalidInput, match=r"between 500\.00"):
        check_limit("limit", limit, Grade.POOR, RICH, DEFAULT_POLICY)


def test_a_managers_limit_fits_the_room_in_the_total() -> None:
    applicant = replace(RICH, own_limits=Money.yuan(280_000))
    check_limit("limit", Money.yuan(20_000), Grade.EXCELLENT, applicant, DEFAULT_POLICY)
    with pytest.raises(InvalidInput, match=r"Only 20,000\.00 yuan are left .* of 300,000\.00"):
        check_limit("limit", Money.yuan(20_500), Grade.EXCELLENT, applicant, DEFAULT_POLICY)


@pytest.mark.parametrize(
    ("wish", "lowest"), [(100_000, 10_000), (10_000, 10_000), (9_999, 9_500), (3_000, 3_000), (500, 500), (100, 500)]
)
def test_a_wish_below_the_tier_lowers_the_least_limit_to_the_smallest_of_all(wish: int, lowest: int) -> None:
    applicant = replace(RICH, wished_limit=Money.yuan(wish))
    assert lowest_limit(Grade.EXCELLENT, applicant, DEFAULT_POLICY) == Money.yuan(lowest)
    check_limit("limit", Money.yuan(lowest), Grade.EXCELLENT, applicant, DEFAULT_POLICY)


@pytest.mark.parametrize(("months", "highest"), [(0, 30_000), (5, 30_000), (6, 50_000), (40, 50_000)])
def test_the_upper_half_of_a_tier_opens_after_six_months(months: int, highest: int) -> None:
    known = replace(RICH, months_observed=months)
    assert proposed_limit(known, Grade.EXCELLENT, 0.0, DEFAULT_POLICY) == Money.yuan(highest)


@pytest.mark.parametrize(("pessimistic", "limit"), [(0.05, 18_000), (0.0999, 10_000), (0.3, 10_000)])
def test_the_limit_goes_by_the_pessimistic_end_and_stays_in_the_tier_of_the_grade(
    pessimistic: float, limit: int
) -> None:
    assert proposed_limit(RICH, Grade.EXCELLENT, pessimistic, DEFAULT_POLICY) == Money.yuan(limit)
