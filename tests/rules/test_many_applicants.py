"""Many applicants as columns come to the same as each of them alone."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bankcard_tui.rules.applicant import Applicant, Figures
from bankcard_tui.rules.characteristics import CATEGORY_WORDS, LARGEST_SHARE, numbers_of, values_of
from bankcard_tui.rules.columns import UNKNOWN
from bankcard_tui.rules.hard_rules import broken_rules, raise_ruled_out, rules_out_raise
from bankcard_tui.rules.money import LARGEST_FEN, ZERO, Money
from bankcard_tui.rules.policy import DEFAULT_POLICY, Policy
from bankcard_tui.rules.terms import Grade
from tests.rules.decent_applicant import DECENT, applicants

MANY = st.lists(applicants().map(lambda each: replace(each, wished_limit=ZERO)), min_size=1, max_size=8)
POOR = replace(DEFAULT_POLICY, lowest_monthly_income=ZERO)


def columns_of(people: list[Applicant]) -> Figures:
    figures = [each.figures for each in people]
    names = [each.name for each in fields(Figures)]
    return Figures(**{name: np.array([getattr(each, name) for each in figures], dtype=np.int64) for name in names})


@given(MANY, st.sampled_from([DEFAULT_POLICY, POOR]), st.sampled_from(Grade))
def test_a_raise_is_ruled_out_for_holders_together_as_for_each_alone(
    people: list[Applicant], policy: Policy, grade: Grade
) -> None:
    alone = [rules_out_raise(broken_rules(each, grade, policy)) for each in people]
    assert [bool(raise_ruled_out(each.figures, policy)) for each in people] == alone
    assert [bool(each) for each in raise_ruled_out(columns_of(people), policy)] == alone


@given(MANY)
def test_characteristics_are_the_same_numbers_together_as_alone(people: list[Applicant]) -> None:
    columns = numbers_of(columns_of(people))
    for at, each in enumerate(people):
        known = {code: value for code, value in values_of(each).items() if code not in CATEGORY_WORDS}
        assert {code: column[at] for code, column in columns.items() if column[at] != UNKNOWN} == known


def test_shares_of_the_largest_amounts_are_exact_together_too() -> None:
    largest = Money(LARGEST_FEN)
    people = [
        replace(DECENT, monthly_income=largest, monthly_debt=Money(LARGEST_FEN - 1)),
        replace(DECENT, monthly_income=ZERO, monthly_debt=largest),
        replace(DECENT, monthly_income=Money(3), monthly_debt=Money(1)),
        replace(DECENT, monthly_income=ZERO, monthly_debt=ZERO),
    ]
    shares = numbers_of(columns_of(people))["debt_service_percent"]
    assert shares.tolist() == [(LARGEST_FEN - 1) * 100 / LARGEST_FEN, LARGEST_SHARE, 100 / 3, 0]
    assert shares[0] < 100
    assert [values_of(each)["debt_service_percent"] for each in people] == shares.tolist()


def test_who_owes_nothing_pays_nothing_and_what_is_not_known_counts_as_nothing_beside_what_is() -> None:
    people = [
        replace(DECENT, monthly_debt=None, liabilities=ZERO, deposits=None),
        replace(DECENT, monthly_debt=None, liabilities=None, deposits=None, other_assets=None),
        replace(DECENT, monthly_debt=None, liabilities=Money(1)),
    ]
    columns = columns_of(people)
    assert columns.debt.tolist() == [0, UNKNOWN, UNKNOWN]
    assert columns.assets.tolist() == [1_000_000, UNKNOWN, 4_000_000]
    assert [each.debt_payments for each in people] == [ZERO, None, None]
