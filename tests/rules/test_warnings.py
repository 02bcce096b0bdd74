"""Early warnings at each of their bounds, one by one and in columns."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankcard_tui.locale import catalogue
from bankcard_tui.rules.columns import UNKNOWN
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy import DEFAULT_POLICY
from bankcard_tui.rules.terms import WarningKind
from bankcard_tui.rules.warnings import Signs, advice_for, figures_of, held_figures, warnings_of

QUIET = Signs(
    limit=1_000_000,
    owed=0,
    cash=0,
    days_past_due=0,
    income=800_000,
    income_before=800_000,
    times_overdue=0,
    times_overdue_before=0,
    watched=0,
)
DAY = date(2026, 5, 31)


def due(signs: Signs) -> set[WarningKind]:
    return {kind for kind, flag in warnings_of(signs, DEFAULT_POLICY).items() if flag}


@pytest.mark.parametrize(
    ("changed", "kinds"),
    [
        ({}, set()),
        ({"owed": 899_999}, set()),
        ({"owed": 900_000}, {WarningKind.UTILISATION}),
        ({"owed": 799_999, "watched": 1}, set()),
        ({"owed": 800_000, "watched": 1}, {WarningKind.UTILISATION}),
        ({"days_past_due": 3}, set()),
        ({"days_past_due": 4}, {WarningKind.OVERDUE_HERE}),
        ({"cash": 299_999}, set()),
        ({"cash": 300_000}, {WarningKind.CASH_ADVANCES}),
        ({"cash": 149_999, "watched": 1}, set()),
        ({"cash": 150_000, "watched": 1}, {WarningKind.CASH_ADVANCES}),
        ({"income": 640_001}, set()),
        ({"income": 640_000}, {WarningKind.FALLING_INCOME}),
        ({"income": 0}, {WarningKind.FALLING_INCOME}),
        ({"times_overdue": 1}, {WarningKind.OVERDUE_ELSEWHERE}),
        ({"times_overdue": 1, "times_overdue_before": 1}, set()),
        ({"times_overdue": 1, "times_overdue_before": 2}, set()),
    ],
)
def test_a_warning_begins_at_its_bound(changed: dict[str, int], kinds: set[WarningKind]) -> None:
    assert due(replace(QUIET, **changed)) == kinds


@pytest.mark.parametrize(
    "unknown", ["owed", "cash", "days_past_due", "income", "income_before", "times_overdue", "times_overdue_before"]
)
def test_what_is_not_known_warns_of_nothing(unknown: str) -> None:
    worse = replace(QUIET, times_overdue=3, income=100_000)
    named = {"times_overdue", "times_overdue_before", "income", "income_before"}
    assert due(replace(QUIET, **{unknown: UNKNOWN})) == set()
    if unknown in named:
        other = WarningKind.FALLING_INCOME if "times" in unknown else WarningKind.OVERDUE_ELSEWHERE
        assert due(replace(worse, **{unknown: UNKNOWN})) == {other}


def test_nothing_owed_and_no_limit_warns_of_nothing() -> None:
    assert due(replace(QUIET, limit=0)) == set()
    assert due(replace(QUIET, income=0, income_before=0)) == set()


AMOUNT = st.integers(-1, 10**10)
SIGNS = st.builds(
    Signs,
    limit=st.integers(0, 10**10),
    owed=AMOUNT,
    cash=AMOUNT,
    days_past_due=st.integers(-1, 999),
    income=AMOUNT,
    income_before=AMOUNT,
    times_overdue=st.integers(-1, 99),
    times_overdue_before=st.integers(-1, 99),
    watched=st.integers(0, 1),
)


@given(st.lists(SIGNS, min_size=1, max_size=20))
def test_columns_say_the_same_as_one_by_one(many: list[Signs]) -> None:
    columns = Signs(**{each.name: np.array([getattr(one, each.name) for one in many]) for each in fields(Signs)})
    flags = warnings_of(columns, DEFAULT_POLICY)
    for place, one in enumerate(many):
        assert {kind: bool(flag[place]) for kind, flag in flags.items()} == warnings_of(one, DEFAULT_POLICY)


@given(SIGNS)
def test_a_watched_account_is_warned_of_whenever_another_one_is(signs: Signs) -> None:
    assert due(replace(signs, watched=0)) <= due(replace(signs, watched=1))


@given(SIGNS)
def test_whatever_is_warned_of_is_said_in_both_languages(signs: Signs) -> None:
    for kind in due(signs):
        for phrase in (*figures_of(kind, signs, DEFAULT_POLICY, "2026-05", DAY), advice_for(kind)):
            assert "{" not in str(phrase)
            assert phrase.template in catalogue("zh_CN")


def test_the_figures_stand_in_the_sentence() -> None:
    used = replace(QUIET, owed=950_000)
    said = figures_of(WarningKind.UTILISATION, used, DEFAULT_POLICY, "2026-05", DAY)
    assert [str(each) for each in said] == [
        "9,500.00 of 10,000.00 yuan are owed: 95 % of the limit.",
        "Accounts are warned of from 90 % on.",
    ]
    fallen = replace(QUIET, income=500_000)
    (said_once,) = figures_of(WarningKind.FALLING_INCOME, fallen, DEFAULT_POLICY, "2026-05", DAY)
    assert str(said_once) == "The income fell by 37 % since 2026-05-31, from 8,000.00 to 5,000.00 yuan a month."
    assert str(*held_figures(2, Money.yuan(6_200))).startswith("2 months overdue in a row, and 6,200.00 yuan owed")
    assert str(*held_figures(0, Money.yuan(6_200))).startswith("A payment was overdue")
