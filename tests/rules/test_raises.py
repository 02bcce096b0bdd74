"""Raises at the bounds of months, grade, means and total."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.policy import DEFAULT_POLICY
from bankcard_tui.rules.terms import Grade
from bankcard_tui.rules.tiers import affordable, proposed_raise, room_in_total
from tests.rules.decent_applicant import DECENT, applicants

LIMIT = Money.yuan(10_000)
USED = replace(
    DECENT,
    monthly_income=Money.yuan(30_000),
    monthly_debt=ZERO,
    own_limits=LIMIT,
    months_observed=6,
    own_days_past_due=0,
)
BEST = 0.001


def raised(grade: Grade, pessimistic: float, limit: Money = LIMIT, **changes: Any) -> Money | None:
    return proposed_raise(limit, replace(USED, **changes), grade, pessimistic, DEFAULT_POLICY)


@pytest.mark.parametrize(
    ("grade", "pessimistic", "proposed"),
    [
        (Grade.EXCELLENT, 0.0, 15_000),
        (Grade.EXCELLENT, 0.018, 15_000),
        (Grade.EXCELLENT, 0.0999, 13_000),
        (Grade.EXCELLENT, 0.3, 13_000),
        (Grade.GOOD, 0.1, 13_000),
        (Grade.GOOD, 0.1999, 12_000),
        (Grade.GOOD, 0.1428571, 12_500),
        (Grade.MEDIUM, 0.2, None),
        (Grade.POOR, 0.4, None),
    ],
)
def test_the_raise_follows_the_worse_end_of_the_interval(
    grade: Grade, pessimistic: float, proposed: int | None
) -> None:
    assert raised(grade, pessimistic) == (Money.yuan(proposed) if proposed else None)


@pytest.mark.parametrize(
    ("grade", "limit", "proposed"),
    [
        (Grade.EXCELLENT, 40_000, 50_000),
        (Grade.EXCELLENT, 50_000, None),
        (Grade.EXCELLENT, 60_000, None),
        (Grade.GOOD, 18_000, 20_000),
        (Grade.MEDIUM, 9_500, 10_000),
        (Grade.MEDIUM, 5_000, 6_000),
        (Grade.EXCELLENT, 500, None),
    ],
)
def test_a_raise_ends_at_the_top_of_the_tier_and_is_a_whole_step(
    grade: Grade, limit: int, proposed: int | None
) -> None:
    best = {Grade.EXCELLENT: 0.0, Grade.GOOD: 0.1, Grade.MEDIUM: 0.2}[grade]
    own = Money.yuan(limit)
    assert raised(grade, best, own, own_limits=own) == (Money.yuan(proposed) if proposed else None)


@pytest.mark.parametrize(
    "changes",
    [
        {"months_observed": 5},
        {"months_observed": 0, "own_days_past_due": None},
        {"own_days_past_due": 1},
        {"own_days_past_due": None},
        {"monthly_income": None},
        {"monthly_debt": None, "liabilities": None},
    ],
)
def test_without_half_a_clean_year_or_known_means_nothing_is_proposed(changes: dict[str, Any]) -> None:
    assert raised(Grade.EXCELLENT, BEST, **changes) is None


@pytest.mark.parametrize(
    ("changes", "proposed"),
    [
        ({"monthly_debt": Money.yuan(14_750)}, 12_500),
        ({"monthly_debt": Money.yuan(14_960)}, None),
        ({"own_limits": Money.yuan(298_000)}, 12_000),
        ({"own_limits": Money.yuan(299_600)}, None),
        ({"own_limits": Money.yuan(310_000)}, None),
    ],
)
def test_a_raise_stays_within_means_and_total(changes: dict[str, Any], proposed: int | None) -> None:
    assert raised(Grade.EXCELLENT, BEST, **changes) == (Money.yuan(proposed) if proposed else None)


@given(applicants(), st.sampled_from(Grade), st.floats(0, 1), st.integers(1, 600))
def test_a_raise_is_always_more_and_never_more_than_can_be_carried(
    applicant: Applicant, grade: Grade, pessimistic: float, steps: int
) -> None:
    limit = DEFAULT_POLICY.limit_step.times(steps)
    proposed = proposed_raise(limit, applicant, grade, pessimistic, DEFAULT_POLICY)
    if proposed is not None:
        carried = affordable(applicant, DEFAULT_POLICY)
        tier = DEFAULT_POLICY.tier(grade)
        assert carried is not None
        assert limit < proposed <= tier.highest
        assert proposed <= limit + limit.times(tier.raise_high_percent, 100)
        assert proposed - limit <= min(carried, room_in_total(applicant, DEFAULT_POLICY))
        assert proposed.fen % DEFAULT_POLICY.limit_step.fen == 0
        assert applicant.months_observed >= 6
        assert applicant.own_days_past_due == 0


@given(st.sampled_from(Grade), st.floats(0, 1), st.floats(0, 1))
def test_more_risk_never_means_a_larger_raise(grade: Grade, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert (raised(grade, more) or ZERO) <= (raised(grade, less) or ZERO)
