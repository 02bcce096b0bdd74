"""Re-evaluation at each bound of the figures of the field, for one account and for columns of many."""

from __future__ import annotations

from dataclasses import astuple, fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from bankcard_tui.rules.columns import UNKNOWN
from bankcard_tui.rules.limit_reasons import reasons
from bankcard_tui.rules.limits import (
    CLASSES,
    GRADES,
    MONTHS_LOOKED_AT,
    RESULTS,
    Judged,
    Standing,
    carried,
    grade_at,
    judge,
    longest_overdue,
    millionths,
    overdue_since,
    position,
    rounded_up,
    total_of,
)
from bankcard_tui.rules.money import LARGEST_FEN
from bankcard_tui.rules.odds import DEFAULT_SCALE, grade_of
from bankcard_tui.rules.policy import DEFAULT_POLICY, Policy
from bankcard_tui.rules.segments import SEGMENTS, segment_at
from bankcard_tui.rules.terms import EvaluationResult, Grade, ReductionTarget, Segment, SpendingClass

YUAN = 100
EXCELLENT, GOOD, MEDIUM, POOR = range(4)
BEST = millionths(0.01)
"""At the best end of the grade Excellent."""

USED = Standing(
    limit=10_000 * YUAN,
    own_limits=10_000 * YUAN,
    owed=2_000 * YUAN,
    income=30_000 * YUAN,
    debt=0,
    months_observed=12,
    worst_days=0,
    months_overdue=0,
    overdue_at_all=0,
    spent_percent=40,
    odds=BEST,
    odds_low=BEST,
    grade=EXCELLENT,
    blocked=0,
)


def judged(policy: Policy = DEFAULT_POLICY, **changes: Any) -> Judged:
    return judge(replace(USED, **changes), policy)


def outcome(policy: Policy = DEFAULT_POLICY, **changes: Any) -> tuple[EvaluationResult, int]:
    found = judged(policy, **changes)
    return RESULTS[found.result], found.after // YUAN


@pytest.mark.parametrize(
    ("changes", "spending"),
    [
        ({}, SpendingClass.HIGH),
        ({"spent_percent": 39}, SpendingClass.CAUTIOUS),
        ({"spent_percent": UNKNOWN}, SpendingClass.CAUTIOUS),
        ({"worst_days": 3}, SpendingClass.HIGH),
        ({"worst_days": 4}, SpendingClass.LATE),
        ({"months_observed": 6}, SpendingClass.HIGH),
        ({"months_observed": 5}, SpendingClass.NEW),
        ({"months_observed": 5, "worst_days": 40}, SpendingClass.NEW),
    ],
)
def test_who_spends_much_and_pays_on_time_is_told_from_who_does_not(
    changes: dict[str, int], spending: SpendingClass
) -> None:
    assert CLASSES[judged(**changes).spending] is spending


@pytest.mark.parametrize(
    ("probability", "grade", "limit", "low", "high"),
    [
        (0.0999, EXCELLENT, 10_000, 13_000, 15_000),
        (0.1999, GOOD, 10_000, 12_000, 13_000),
        (0.3999, MEDIUM, 5_000, 5_500, 6_000),
    ],
)
def test_a_grade_raises_by_the_percentages_of_its_tier(
    probability: float, grade: int, limit: int, low: int, high: int
) -> None:
    own = {"limit": limit * YUAN, "own_limits": limit * YUAN, "grade": grade, "odds": millionths(probability)}
    ends = {"odds_low": -20_000_000}, {"odds_low": 20_000_000}
    assert [outcome(**own, **end) for end in ends] == [(EvaluationResult.RAISE, low), (EvaluationResult.RAISE, high)]


@pytest.mark.parametrize(
    "changes",
    [
        {"spent_percent": 39},
        {"worst_days": 4},
        {"months_observed": 5},
        {"blocked": 1},
        {"income": UNKNOWN},
        {"debt": UNKNOWN},
        {"limit": 50_000 * YUAN},
        {"own_limits": 300_000 * YUAN},
        {"debt": 15_000 * YUAN},
        {"odds": millionths(0.4), "odds_low": millionths(0.4)},
    ],
)
def test_a_limit_stays_where_one_thing_is_missing_for_an_increase(changes: dict[str, int]) -> None:
    limit = changes.get("limit", USED.limit) // YUAN
    assert outcome(**changes) == (EvaluationResult.STABLE, limit)


@pytest.mark.parametrize(
    ("grade", "months", "reduced_to", "new_grade"),
    [
        (EXCELLENT, 2, None, EXCELLENT),
        (EXCELLENT, 3, 5_000, GOOD),
        (EXCELLENT, 4, 5_000, GOOD),
        (GOOD, 1, None, GOOD),
        (GOOD, 2, 2_000, MEDIUM),
        (MEDIUM, 0, None, MEDIUM),
        (MEDIUM, 1, 500, POOR),
        (POOR, 0, 500, POOR),
    ],
)
def test_a_limit_is_reduced_after_the_months_overdue_of_its_tier(
    grade: int, months: int, reduced_to: int | None, new_grade: int
) -> None:
    found = judged(grade=grade, months_overdue=months, worst_days=30, overdue_at_all=1, owed=0)
    assert RESULTS[found.result] is (EvaluationResult.STABLE if reduced_to is None else EvaluationResult.REDUCTION)
    assert found.after == (10_000 if reduced_to is None else reduced_to) * YUAN
    assert found.grade == new_grade


def test_a_poor_grade_is_reduced_for_a_single_day_and_not_without() -> None:
    assert outcome(grade=POOR, worst_days=1, overdue_at_all=1, owed=0) == (EvaluationResult.REDUCTION, 500)
    assert outcome(grade=POOR, worst_days=1, spent_percent=0, owed=0) == (EvaluationResult.STABLE, 10_000)


@pytest.mark.parametrize(
    ("owed_fen", "expected"),
    [
        (5_000 * YUAN, (EvaluationResult.REDUCTION, 5_000)),
        (5_000 * YUAN + 1, (EvaluationResult.REDUCTION, 5_500)),
        (9_500 * YUAN, (EvaluationResult.REDUCTION, 9_500)),
        (9_500 * YUAN + 1, (EvaluationResult.HELD, 10_000)),
        (12_000 * YUAN, (EvaluationResult.HELD, 10_000)),
    ],
)
def test_a_reduction_never_goes_below_what_is_owed(owed_fen: int, expected: tuple[EvaluationResult, int]) -> None:
    assert outcome(months_overdue=3, worst_days=60, owed=owed_fen) == expected


def test_a_bank_may_reduce_to_the_lowest_of_the_own_tier() -> None:
    own = replace(DEFAULT_POLICY, reduction_to=ReductionTarget.OWN_TIER_LOWEST)
    found = judged(own, grade=GOOD, months_overdue=2, worst_days=60)
    assert (found.after, found.grade) == (5_000 * YUAN, GOOD)


def test_who_is_overdue_by_the_rule_gets_no_increase_even_where_nothing_is_left_to_reduce() -> None:
    lowest = replace(DEFAULT_POLICY.tier(Grade.POOR), lowest=DEFAULT_POLICY.tier(Grade.MEDIUM).lowest)
    policy = replace(DEFAULT_POLICY, tiers=(*DEFAULT_POLICY.tiers[:-1], lowest))
    small = {"limit": 2_000 * YUAN, "own_limits": 2_000 * YUAN, "grade": POOR, "worst_days": 2}
    assert outcome(policy, **small, overdue_at_all=1) == (EvaluationResult.STABLE, 2_000)
    assert outcome(policy, **small) == (EvaluationResult.RAISE, 3_000)


@pytest.mark.parametrize(
    ("overdue", "since", "longest"),
    [
        (0b0, 6, 0),
        (0b1, 6, 1),
        (0b111, 6, 3),
        (0b1011, 6, 2),
        (0b1_000000, 6, 0),
        (0b111_100000, 6, 4),
        (0b111_000001, 6, 1),
        (0b111, 0, 0),
        ((1 << MONTHS_LOOKED_AT) - 1, 1, MONTHS_LOOKED_AT),
    ],
)
def test_a_row_of_months_overdue_counts_whole_where_it_reaches_into_the_time_looked_at(
    overdue: int, since: int, longest: int
) -> None:
    assert longest_overdue(overdue, since) == longest
    assert longest_overdue(np.array([overdue]), np.array([since])).tolist() == [longest]


@given(st.integers(0, (1 << MONTHS_LOOKED_AT) - 1), st.integers(0, 200))
def test_the_longest_row_is_the_one_that_a_person_would_count(overdue: int, since: int) -> None:
    rows = []
    row: list[int] = []
    for place in range(MONTHS_LOOKED_AT + 1):
        if overdue >> place & 1:
            row.append(place)
        elif row:
            rows.append(row)
            row = []
    assert longest_overdue(overdue, since) == max((len(row) for row in rows if row[0] < since), default=0)
    assert overdue_since(overdue, since) == any(row[0] < since for row in rows)


@given(st.integers(300, 900))
def test_the_grade_of_odds_is_the_grade_of_the_probability(points: int) -> None:
    probability = DEFAULT_SCALE.probability(points)
    assert GRADES[grade_at(millionths(probability), DEFAULT_POLICY)] is grade_of(probability, DEFAULT_POLICY)


@pytest.mark.parametrize(("percent", "grade"), [(10, Grade.GOOD), (20, Grade.MEDIUM), (40, Grade.POOR)])
def test_odds_at_a_bound_have_the_worse_grade(percent: int, grade: Grade) -> None:
    at = millionths(percent / 100)
    assert GRADES[grade_at(at, DEFAULT_POLICY)] is grade
    assert GRADES[grade_at(at + 1, DEFAULT_POLICY)] is GRADES[GRADES.index(grade) - 1]
    assert position(at + 1, GRADES.index(grade) - 1, DEFAULT_POLICY) == 0
    assert position(at, GRADES.index(grade), DEFAULT_POLICY) == 10_000


@pytest.mark.parametrize(
    ("assets", "liabilities", "segment"),
    [
        (UNKNOWN, UNKNOWN, Segment.ORDINARY),
        (49_999, 0, Segment.ORDINARY),
        (50_000, 0, Segment.GOLD),
        (499_999, 10**9, Segment.GOLD),
        (500_000, 0, Segment.PLATINUM),
        (2_999_999, 0, Segment.PLATINUM),
        (3_000_000, 0, Segment.DIAMOND),
        (4_999_999, 0, Segment.DIAMOND),
        (5_000_000, 0, Segment.PRIVATE),
    ],
)
def test_assets_with_the_bank_say_the_segment(assets: int, liabilities: int, segment: Segment) -> None:
    fen = [each if each == UNKNOWN else each * YUAN for each in (assets, liabilities)]
    assert SEGMENTS[segment_at(*fen, DEFAULT_POLICY)] is segment
    assert segment_at(np.array(fen[:1]), np.array(fen[1:]), DEFAULT_POLICY).tolist() == [SEGMENTS.index(segment)]


def test_loans_count_at_the_share_that_the_bank_sets() -> None:
    half = replace(DEFAULT_POLICY, segment_loan_percent=50)
    assert SEGMENTS[segment_at(30_000 * YUAN, 40_000 * YUAN, half)] is Segment.GOLD
    assert SEGMENTS[segment_at(30_000 * YUAN, 39_999 * YUAN, half)] is Segment.ORDINARY


FEN = st.one_of(st.integers(0, 600).map(lambda steps: steps * 500 * YUAN), st.integers(0, 6_000_000))
STANDINGS: SearchStrategy[Standing] = st.builds(
    Standing,
    limit=FEN,
    own_limits=FEN,
    owed=FEN,
    income=st.just(UNKNOWN) | FEN,
    debt=st.just(UNKNOWN) | FEN,
    months_observed=st.integers(0, 24),
    worst_days=st.integers(UNKNOWN, 8),
    months_overdue=st.integers(0, 4),
    overdue_at_all=st.integers(0, 1),
    spent_percent=st.integers(UNKNOWN, 80),
    odds=st.integers(-2_000_000, 6_000_000),
    odds_low=st.integers(-3_000_000, 6_000_000),
    grade=st.integers(0, 3),
    blocked=st.integers(0, 1),
)
POLICIES = st.sampled_from(
    [
        DEFAULT_POLICY,
        replace(DEFAULT_POLICY, reduction_to=ReductionTarget.OWN_TIER_LOWEST, grace_days=0),
        replace(DEFAULT_POLICY, new_debt_service_percent_of_limit=0, high_spending_percent=1),
        replace(DEFAULT_POLICY, grade_bounds_percent=(5, 15, 30), total_limit_months_of_income=2),
    ]
)


@given(STANDINGS, POLICIES)
def test_a_raise_never_leaves_the_tier_the_total_or_what_is_affordable(standing: Standing, policy: Policy) -> None:
    found = judge(standing, policy)
    if RESULTS[found.result] is EvaluationResult.RAISE:
        tier, more = policy.tier(GRADES[found.evaluated]), found.after - standing.limit
        assert 0 < more <= tier.highest.fen - standing.limit
        assert more <= standing.limit * tier.raise_high_percent // 100
        assert standing.own_limits + more <= total_of(standing.income, policy)
        assert more <= carried(standing.income, standing.debt, policy)
        assert found.after % policy.limit_step.fen == 0
        assert found.grade == found.evaluated


@given(STANDINGS, POLICIES)
def test_a_reduction_never_goes_below_what_is_owed_and_is_never_a_raise(standing: Standing, policy: Policy) -> None:
    found = judge(standing, policy)
    result = RESULTS[found.result]
    if result is EvaluationResult.REDUCTION:
        assert standing.owed <= found.after < standing.limit
        assert found.grade >= standing.grade
    elif result is not EvaluationResult.RAISE:
        assert (found.after, found.grade) == (standing.limit, standing.grade)
    if result is EvaluationResult.HELD:
        assert rounded_up(standing.owed, policy.limit_step.fen) >= standing.limit


@given(STANDINGS, POLICIES)
def test_every_result_has_its_reasons_with_figures(standing: Standing, policy: Policy) -> None:
    said = reasons(standing, judge(standing, policy), policy)
    assert said
    for phrase in said:
        assert "-1" not in str(phrase)
        assert "{" not in str(phrase)


def test_a_limit_kept_up_by_debt_says_so() -> None:
    overdue = replace(USED, months_overdue=3, worst_days=60, owed=7_200 * YUAN)
    lowered = " ".join(map(str, reasons(overdue, judge(overdue, DEFAULT_POLICY), DEFAULT_POLICY)))
    assert "overdue for 3 months in a row" in lowered
    assert "you owe 7,200.00 yuan, yours goes to 7,500.00 yuan" in lowered
    held = replace(overdue, owed=9_900 * YUAN)
    stays = " ".join(map(str, reasons(held, judge(held, DEFAULT_POLICY), DEFAULT_POLICY)))
    assert "you owe 9,900.00 yuan, your limit of 10,000.00 yuan stays" in stays


@given(st.lists(STANDINGS, min_size=1, max_size=8), POLICIES)
def test_columns_come_to_the_same_as_one_by_one(standings: list[Standing], policy: Policy) -> None:
    names = [each.name for each in fields(Standing)]
    columns = {name: np.array([getattr(each, name) for each in standings], dtype=np.int64) for name in names}
    together = judge(Standing(**columns), policy)
    alone = [astuple(judge(each, policy)) for each in standings]
    assert list(zip(*(column.tolist() for column in astuple(together)), strict=True)) == alone


def test_the_largest_amounts_of_the_store_do_not_overflow() -> None:
    huge = dict.fromkeys(("limit", "own_limits", "owed", "income", "debt"), LARGEST_FEN)
    one = replace(USED, **huge)
    with np.errstate(over="raise"):
        found = judge(Standing(*(np.array([each]) for each in astuple(one))), DEFAULT_POLICY)
    assert [each.tolist() for each in astuple(found)] == [[each] for each in astuple(judge(one, DEFAULT_POLICY))]
