"""The points card: each band at its bounds, and what points mean."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bankcard_tui.decision.opinion import Reason
from bankcard_tui.errors import fill
from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.characteristics import CATEGORY_WORDS, CHARACTERISTIC_LABELS, UNKNOWN_WORDS
from bankcard_tui.rules.money import LARGEST_FEN, ZERO, Money
from bankcard_tui.rules.odds import DEFAULT_SCALE, grade_of, points_of_probability
from bankcard_tui.rules.policy import DEFAULT_POLICY, EXPERT_CARD
from bankcard_tui.rules.terms import (
    EmployerKind,
    Grade,
    Housing,
    IncomeSource,
    Occupation,
    Security,
)
from tests.rules.decent_applicant import DECENT, YUAN, applicants, opinion_on, scored


def reason(characteristic: str, **changes: Any) -> Reason:
    weighed = opinion_on(replace(DECENT, **changes)).weighed
    return next(each for each in weighed if each.code == characteristic)


def known(characteristic: str, **changes: Any) -> bool:
    return characteristic not in opinion_on(replace(DECENT, **changes)).unknown


def yuan(amount: int, fen: int = 0) -> Money:
    return Money(amount * 100 + fen)


INCOME = {"monthly_income": yuan(9_000)}
BOUNDS = [
    *[("age", {"age": age}, band) for age, band in ((21, 0), (22, 1), (25, 1), (26, 2), (60, 4), (61, 5), (120, 5))],
    ("monthly_income", {"monthly_income": ZERO}, 0),
    ("monthly_income", {"monthly_income": yuan(2_999, 99)}, 0),
    ("monthly_income", {"monthly_income": yuan(3_000)}, 1),
    ("monthly_income", {"monthly_income": yuan(29_999, 99)}, 4),
    ("monthly_income", {"monthly_income": yuan(30_000)}, 5),
    ("assets", {"deposits": yuan(4_999, 99), "other_assets": ZERO}, 0),
    ("assets", {"deposits": yuan(2_500), "other_assets": yuan(2_500)}, 1),
    ("assets", {"deposits": None, "other_assets": yuan(50_000)}, 2),
    ("assets", {"deposits": yuan(499_999, 99), "other_assets": None}, 3),
    ("assets", {"deposits": Money(LARGEST_FEN), "other_assets": Money(LARGEST_FEN)}, 4),
    ("debt_service_percent", INCOME | {"monthly_debt": ZERO}, 0),
    ("debt_service_percent", INCOME | {"monthly_debt": yuan(899, 99)}, 0),
    ("debt_service_percent", INCOME | {"monthly_debt": yuan(900)}, 1),
    ("debt_service_percent", INCOME | {"monthly_debt": yuan(4_499, 99)}, 3),
    ("debt_service_percent", INCOME | {"monthly_debt": yuan(4_500)}, 4),
    ("debt_service_percent", {"monthly_income": ZERO, "monthly_debt": Money(1)}, 4),
    ("debt_service_percent", {"monthly_income": ZERO, "monthly_debt": ZERO}, 0),
    ("debt_service_percent", {"monthly_debt": None, "liabilities": ZERO}, 0),
    ("other_limits_percent_of_annual_income", INCOME | {"other_limits": yuan(21_599, 99)}, 0),
    ("other_limits_percent_of_annual_income", INCOME | {"other_limits": yuan(21_600)}, 1),
    ("other_limits_percent_of_annual_income", INCOME | {"other_limits": yuan(129_600)}, 3),
    ("other_limits_percent_of_annual_income", {"monthly_income": ZERO, "other_limits": Money(1)}, 3),
    ("other_limits_percent_of_annual_income", {"monthly_income": ZERO, "other_limits": ZERO}, 0),
    *[("times_overdue", {"times_overdue": n}, band) for n, band in ((0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (99, 3))],
    *[("years_employed", {"years_employed": n}, band) for n, band in ((0, 0), (1, 1), (3, 2), (7, 2), (8, 3), (40, 3))],
]


@pytest.mark.parametrize(("characteristic", "changes", "band"), BOUNDS)
def test_a_number_falls_into_the_band_that_begins_at_it(
    characteristic: str, changes: dict[str, Any], band: int
) -> None:
    found = reason(characteristic, **changes)
    assert found.points == getattr(EXPERT_CARD, characteristic)[band].points
    assert known(characteristic, **changes)


LISTED = [
    (name, value)
    for name, kind in (
        ("employer_kind", EmployerKind),
        ("occupation", Occupation),
        ("housing", Housing),
        ("income_source", IncomeSource),
        ("security", Security),
    )
    for value in kind
]


@pytest.mark.parametrize(("characteristic", "value"), LISTED)
def test_each_listed_value_has_its_points_and_a_sentence(characteristic: str, value: str) -> None:
    found = reason(characteristic, **{characteristic: value})
    assert found.points == getattr(EXPERT_CARD, characteristic)[value]
    assert known(characteristic, **{characteristic: value})
    assert found.template == CATEGORY_WORDS[characteristic][value]


UNKNOWN = [
    ("monthly_income", {"monthly_income": None}),
    ("assets", {"deposits": None, "other_assets": None}),
    ("debt_service_percent", {"monthly_debt": None}),
    ("debt_service_percent", {"monthly_income": None}),
    ("other_limits_percent_of_annual_income", {"other_limits": None}),
    ("other_limits_percent_of_annual_income", {"monthly_income": None}),
    *[(name, {name: None}) for name in ("times_overdue", "years_employed", "employer_kind", "occupation")],
    *[(name, {name: None}) for name in ("housing", "income_source", "security")],
]


@pytest.mark.parametrize(("characteristic", "changes"), UNKNOWN)
def test_what_is_not_known_has_points_of_its_own_and_says_so(characteristic: str, changes: dict[str, Any]) -> None:
    found = reason(characteristic, **changes)
    assert found.points == EXPERT_CARD.unknown
    assert not known(characteristic, **changes)
    assert found.template == UNKNOWN_WORDS[characteristic]


def test_a_listed_value_that_the_card_has_no_points_for_counts_as_not_known() -> None:
    card = replace(EXPERT_CARD, housing={"owned": 10})
    assert opinion_on(DECENT, replace(DEFAULT_POLICY, points_card=card)).unknown == ("housing",)


def test_the_decent_applicant_stands_among_the_decent() -> None:
    found = opinion_on(DECENT)
    assert 560 <= found.points <= 640
    assert found.unknown == ()


def test_the_best_attainable_is_the_largest_figure_of_the_characteristic() -> None:
    assert reason("monthly_income").best == 28
    assert reason("security").best == 8


@pytest.mark.parametrize(
    ("characteristic", "changes", "sentence"),
    [
        ("monthly_income", {}, "Income of 9,000.00 yuan a month"),
        ("assets", {}, "Assets of 40,000 yuan"),
        ("assets", {"deposits": ZERO, "other_assets": None}, "No assets"),
        ("debt_service_percent", {}, "Debt payments take 20 % of income"),
        ("debt_service_percent", {"monthly_debt": ZERO}, "No debt payments"),
        (
            "debt_service_percent",
            {"monthly_income": ZERO},
            "Debt payments of 1,800.00 yuan a month and no income",
        ),
        ("other_limits_percent_of_annual_income", {"other_limits": ZERO}, "No cards at other banks"),
        ("times_overdue", {"times_overdue": 1}, "Overdue once in twelve months"),
        ("times_overdue", {"times_overdue": 3}, "Overdue 3 times in twelve months"),
        ("years_employed", {"years_employed": 0}, "Less than a year with the employer"),
    ],
)
def test_each_contribution_can_be_read_aloud(characteristic: str, changes: dict[str, Any], sentence: str) -> None:
    found = reason(characteristic, **changes)
    assert fill(found.template, found.values) == sentence


@pytest.mark.parametrize(("points", "good_to_one_bad"), [(560, 5), (580, 10), (600, 20), (620, 40), (640, 80)])
def test_600_points_are_20_to_1_and_20_points_double_the_odds(points: int, good_to_one_bad: int) -> None:
    assert DEFAULT_SCALE.probability(points) == pytest.approx(1 / (1 + good_to_one_bad))


@given(st.integers(200, 900))
def test_points_and_probability_translate_into_each_other(points: int) -> None:
    assert points_of_probability(DEFAULT_SCALE.probability(points), DEFAULT_SCALE) == points


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_certainty_has_finite_points(probability: float) -> None:
    assert -100 < points_of_probability(probability, DEFAULT_SCALE) < 1200


@pytest.mark.parametrize(
    ("probability", "grade"),
    [
        (0.0, Grade.EXCELLENT),
        (0.0999, Grade.EXCELLENT),
        (0.1, Grade.GOOD),
        (0.1999, Grade.GOOD),
        (0.2, Grade.MEDIUM),
        (0.3999, Grade.MEDIUM),
        (0.4, Grade.POOR),
        (1.0, Grade.POOR),
    ],
)
def test_a_grade_begins_at_its_bound(probability: float, grade: Grade) -> None:
    assert grade_of(probability, DEFAULT_POLICY) is grade


@pytest.mark.parametrize(
    ("points", "grade"),
    [
        (577, Grade.EXCELLENT),
        (576, Grade.GOOD),
        (554, Grade.GOOD),
        (553, Grade.MEDIUM),
        (526, Grade.MEDIUM),
        (525, Grade.POOR),
    ],
)
def test_the_grades_in_points_are_those_in_the_guide(points: int, grade: Grade) -> None:
    assert grade_of(DEFAULT_SCALE.probability(points), DEFAULT_POLICY) is grade


@given(applicants(), YUAN, YUAN)
def test_more_income_never_lowers_the_points(applicant: Applicant, one: Money, other: Money) -> None:
    less, more = sorted((one, other))
    before = scored(replace(applicant, monthly_income=less)).points
    assert scored(replace(applicant, monthly_income=more)).points >= before


@given(applicants(), YUAN, YUAN)
def test_more_debt_never_raises_the_points(applicant: Applicant, one: Money, other: Money) -> None:
    less, more = sorted((one, other))
    before = scored(replace(applicant, monthly_debt=less)).points
    assert scored(replace(applicant, monthly_debt=more)).points <= before


@given(applicants())
def test_contributions_and_base_add_up_to_the_points_exactly(applicant: Applicant) -> None:
    found = opinion_on(applicant)
    assert found.base + sum(each.points for each in found.weighed) == found.points
    assert [each.code for each in found.weighed] == list(CHARACTERISTIC_LABELS)
    assert all(each.points <= each.best for each in found.weighed)
    assert all(type(value) in (str, int) for each in found.weighed for value in each.values.values())


@given(st.lists(applicants(), min_size=2, max_size=6), st.randoms())
def test_the_order_of_applicants_changes_nothing(crowd: list[Applicant], chance: Any) -> None:
    shuffled = list(enumerate(crowd))
    chance.shuffle(shuffled)
    assert {place: scored(each) for place, each in shuffled} == {
        place: scored(each) for place, each in enumerate(crowd)
    }


@given(applicants(), applicants())
def test_the_points_move_only_with_what_the_card_names(one: Applicant, other: Applicant) -> None:
    assume(one != other)
    unscored = ("identity_verified", "missing_documents", "income_checked", "own_limits", "card_kind", "wished_limit")
    unscored = (*unscored, "months_observed")
    moved = replace(one, **{name: getattr(other, name) for name in unscored})
    assert scored(moved) == scored(one)


def test_the_aid_has_no_field_for_what_it_must_never_use() -> None:
    names = {each.name for each in fields(Applicant)} | {each.name for each in fields(EXPERT_CARD)}
    forbidden = ("sex", "gender", "marital", "married", "spouse", "ethnic", "religi", "id_number", "purpose", "couple")
    assert [name for name in names for word in forbidden if word in name] == []
    assert {each.name for each in fields(Applicant)} == {
        "age",
        "identity_verified",
        "missing_documents",
        "monthly_income",
        "income_source",
        "income_checked",
        "deposits",
        "other_assets",
        "liabilities",
        "monthly_debt",
        "other_limits",
        "own_limits",
        "times_overdue",
        "years_employed",
        "employer_kind",
        "occupation",
        "housing",
        "security",
        "card_kind",
        "wished_limit",
        "months_observed",
        "own_days_past_due",
        "own_use_percent",
    }


GUIDE = Path(__file__).parents[2] / "docs" / "decision-aid.md"


@pytest.mark.parametrize("characteristic", CHARACTERISTIC_LABELS)
def test_the_guide_shows_the_points_in_force_on_a_new_branch(characteristic: str) -> None:
    table = getattr(EXPERT_CARD, characteristic)
    if isinstance(table, dict):
        cells = [f"{value} {points:+d}" for value, points in table.items()]
    else:
        cells = [f"{f'< {band.below:,}' if band.below else 'above'} {band.points:+d}" for band in table]
    row = f"| {'; '.join(cells)} |"
    assert any(
        line.startswith(f"| {CHARACTERISTIC_LABELS[characteristic]} |") and line.endswith(row)
        for line in GUIDE.read_text(encoding="utf-8").splitlines()
    ), row


def test_the_guide_names_the_base_and_the_unknown_points() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert f"starts at {EXPERT_CARD.base_points} points" in text
    assert f"brings {EXPERT_CARD.unknown} points" in text
