"""What a limit may be changed to, and what may stand beside it, straight from the figures of the policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.policy import DEFAULT_POLICY
from bankcard_tui.rules.special_limits import (
    last_temporary_day,
    monthly_payment,
    plan_bounds,
    raise_bounds,
    reduction_bounds,
    rounded_up,
    spare_income,
    temporary_bounds,
)
from bankcard_tui.rules.terms import Grade, PlanPurpose
from bankcard_tui.rules.tiers import total_limit
from tests.rules.decent_applicant import DECENT

yuan = Money.yuan
STEP = DEFAULT_POLICY.limit_step


def earning(income: int, debt: int = 0, own: int = 0) -> Applicant:
    return replace(DECENT, monthly_income=yuan(income), monthly_debt=yuan(debt), own_limits=yuan(own))


def test_what_is_owed_is_rounded_up_to_the_step() -> None:
    assert rounded_up(yuan(1_000), STEP) == yuan(1_000)
    assert rounded_up(Money(yuan(1_000).fen + 1), STEP) == yuan(1_500)


@pytest.mark.parametrize(
    ("grade", "limit", "own", "bounds"),
    [
        (Grade.EXCELLENT, 10_000, 10_000, (10_500, 50_000)),
        (Grade.GOOD, 10_000, 10_000, (10_500, 20_000)),
        (Grade.MEDIUM, 10_000, 10_000, (10_500, 10_000)),
        (Grade.EXCELLENT, 10_000, 75_000, (10_500, 35_000)),
        (None, 10_000, 10_000, (10_500, 100_000)),
        (Grade.EXCELLENT, 10_250, 100_000, (10_500, 10_000)),
    ],
)
def test_an_increase_stays_in_the_tier_and_in_the_total(
    grade: Grade | None, limit: int, own: int, bounds: tuple[int, int]
) -> None:
    found = raise_bounds(yuan(limit), earning(10_000, own=own), grade, DEFAULT_POLICY)
    assert (found.lowest, found.highest) == (yuan(bounds[0]), yuan(bounds[1]))


@pytest.mark.parametrize(
    ("limit", "owed", "bounds"),
    [
        (10_000, 0, (500, 9_500)),
        (10_000, 4_200, (4_500, 9_500)),
        (10_000, 9_600, (10_000, 9_500)),
        (10_000, 12_000, (12_000, 9_500)),
        (500, 0, (500, 0)),
    ],
)
def test_a_reduction_ends_above_what_is_owed(limit: int, owed: int, bounds: tuple[int, int]) -> None:
    found = reduction_bounds(yuan(limit), yuan(owed), DEFAULT_POLICY)
    assert (found.lowest, found.highest) == (yuan(bounds[0]), yuan(bounds[1]))


@pytest.mark.parametrize(
    ("limit", "own", "highest"), [(10_000, 10_000, 5_000), (10_900, 10_900, 5_000), (10_000, 97_000, 3_000)]
)
def test_a_temporary_increase_is_half_the_limit_and_stays_in_the_total(limit: int, own: int, highest: int) -> None:
    found = temporary_bounds(yuan(limit), earning(10_000, own=own), DEFAULT_POLICY)
    assert (found.lowest, found.highest) == (STEP, yuan(highest))


def test_a_temporary_increase_ends_within_90_days() -> None:
    assert last_temporary_day(date(2026, 3, 2), DEFAULT_POLICY) == date(2026, 5, 31)


@pytest.mark.parametrize(
    ("purpose", "months", "income", "debt", "paid", "highest"),
    [
        # 10,000 a month carry 5,000; the total limit is 100,000.
        (PlanPurpose.HOME, 60, 10_000, 0, 0, 100_000),
        (PlanPurpose.HOME, 12, 10_000, 0, 0, 60_000),
        (PlanPurpose.HOME, 12, 10_000, 3_000, 0, 24_000),
        (PlanPurpose.HOME, 12, 10_000, 3_000, 1_500, 6_000),
        (PlanPurpose.HOME, 12, 10_000, 6_000, 0, 0),
        (PlanPurpose.EDUCATION, 36, 10_000, 0, 0, 50_000),
        (PlanPurpose.CAR, 60, 30_000, 0, 0, 150_000),
        (PlanPurpose.HOME, 60, 30_000, 0, 0, 200_000),
    ],
)
def test_a_plan_is_bounded_by_its_purpose_the_income_and_the_total(
    purpose: PlanPurpose, months: int, income: int, debt: int, paid: int, highest: int
) -> None:
    found = plan_bounds(purpose, months, earning(income, debt), yuan(paid), DEFAULT_POLICY)
    assert found is not None
    assert found.highest == yuan(highest)


def test_without_income_or_debts_no_plan_can_be_worked_out() -> None:
    unknown = replace(DECENT, monthly_income=None)
    assert plan_bounds(PlanPurpose.CAR, 12, unknown, ZERO, DEFAULT_POLICY) is None
    assert spare_income(replace(DECENT, monthly_debt=None, liabilities=None), ZERO, DEFAULT_POLICY) is None


def test_a_plan_is_paid_in_equal_parts_that_cover_it() -> None:
    assert monthly_payment(yuan(1_000), 3) == Money(33_334)
    assert monthly_payment(yuan(1_200), 12) == yuan(100)


amounts = st.integers(0, 40_000_000).map(Money)


@example(Money(75_000), ZERO, Money(499_999), ZERO, 1, PlanPurpose.HOME, Grade.EXCELLENT)
@given(amounts, amounts, amounts, amounts, st.integers(1, 60), st.sampled_from(PlanPurpose), st.sampled_from(Grade))
def test_nothing_inside_the_bounds_breaks_the_total_or_the_income(
    income: Money, debt: Money, own: Money, paid: Money, months: int, purpose: PlanPurpose, grade: Grade
) -> None:
    applicant = replace(DECENT, monthly_income=income, monthly_debt=debt, own_limits=own)
    total, limit = total_limit(applicant, DEFAULT_POLICY), min(own, yuan(50_000))
    raised = raise_bounds(limit, applicant, grade, DEFAULT_POLICY)
    if raised.lowest <= raised.highest:
        assert limit < raised.lowest
        assert own + raised.highest - limit <= total
        assert raised.highest <= DEFAULT_POLICY.tier(grade).highest
    temporary = temporary_bounds(limit, applicant, DEFAULT_POLICY)
    assert temporary.highest == ZERO or own + temporary.highest <= total
    assert temporary.highest.fen * 2 <= limit.fen
    plan = plan_bounds(purpose, months, applicant, paid, DEFAULT_POLICY)
    assert plan is not None
    if plan.lowest <= plan.highest:
        assert own + plan.highest <= total
        assert (debt + paid + monthly_payment(plan.highest, months)).fen * 2 <= income.fen
        assert plan.highest <= DEFAULT_POLICY.plan(purpose).highest


@given(amounts, amounts)
def test_a_reduction_never_goes_below_what_is_owed_and_is_always_one(limit: Money, owed: Money) -> None:
    found = reduction_bounds(limit, owed, DEFAULT_POLICY)
    if found.lowest <= found.highest:
        assert owed <= found.lowest
        assert found.highest < limit
