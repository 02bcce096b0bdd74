"""Hard rules at each of their bounds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from bankcard_tui.errors import fill
from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.hard_rules import MISSING_DOCUMENT
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.policy import DEFAULT_POLICY
from bankcard_tui.rules.terms import DocumentKind
from tests.rules.decent_applicant import DECENT, applicants, broken_by

BOTH_PAPERS = (DocumentKind.ID_CARD, DocumentKind.INCOME_PROOF)


def broken(**changes: Any) -> list[str]:
    return [each.rule for each in broken_by(replace(DECENT, **changes))]


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({}, []),
        ({"age": 17}, ["age"]),
        ({"age": 18}, []),
        ({"age": 70}, []),
        ({"age": 71}, ["age"]),
        ({"identity_verified": False}, ["identity"]),
        ({"missing_documents": BOTH_PAPERS}, ["documents", "documents"]),
        ({"monthly_income": None}, ["income"]),
        ({"monthly_income": None, "income_checked": False}, ["income"]),
        ({"income_checked": False}, ["income_unchecked"]),
        ({"times_overdue": 6}, []),
        ({"times_overdue": 7}, ["overdue_history"]),
        ({"times_overdue": None}, []),
        ({"monthly_debt": None}, []),
    ],
)
def test_a_rule_is_broken_just_beyond_its_bound(changes: dict[str, Any], rules: list[str]) -> None:
    assert broken(**changes) == rules


@pytest.mark.parametrize(("income", "rules"), [(149_999, ["income"]), (150_000, [])])
def test_the_lowest_income_is_enough_and_a_fen_less_is_not(income: int, rules: list[str]) -> None:
    changes = {"monthly_income": Money(income), "monthly_debt": ZERO, "wished_limit": Money.yuan(2_000)}
    assert broken(**changes) == rules


@pytest.mark.parametrize(("debt", "rules"), [(350_000, []), (350_001, ["debt_service"])])
def test_the_lowest_limit_of_the_grade_counts_into_debt_service(debt: int, rules: list[str]) -> None:
    """9,000 a month carry 4,500; the lowest limit of this applicant's grade, 10,000, would take 1,000 of it."""
    rich = {"deposits": Money.yuan(900_000), "years_employed": 20}
    assert broken(monthly_debt=Money(debt), **rich) == rules


def test_a_smaller_wish_makes_room_for_debt_service() -> None:
    rich = {"deposits": Money.yuan(900_000), "years_employed": 20, "monthly_debt": Money.yuan(4_300)}
    assert broken(**rich) == ["debt_service"]
    assert broken(**rich, wished_limit=Money.yuan(2_000)) == []


def test_debts_without_income_break_debt_service() -> None:
    assert "debt_service" in broken(monthly_income=ZERO)


@pytest.mark.parametrize(
    ("income", "granted", "rules"),
    [
        (9_000, 80_000, []),
        (9_000, 80_001, ["total_limit"]),
        (9_000, 90_000, ["total_limit"]),
        (90_000, 290_000, []),
        (90_000, 290_001, ["total_limit"]),
    ],
)
def test_the_total_limit_is_ten_months_of_income_up_to_300000(income: int, granted: int, rules: list[str]) -> None:
    assert broken(monthly_income=Money.yuan(income), own_limits=Money.yuan(granted)) == rules


def test_limits_at_other_banks_do_not_use_up_the_total_limit_here() -> None:
    assert "total_limit" not in broken(other_limits=Money.yuan(500_000))


def test_identity_documents_age_and_total_limit_block_and_the_rest_advise() -> None:
    everything = replace(
        DECENT,
        age=80,
        identity_verified=False,
        missing_documents=(DocumentKind.ID_CARD,),
        monthly_income=Money.yuan(1_000),
        income_checked=False,
        own_limits=Money.yuan(10_000),
        times_overdue=9,
    )
    found = broken_by(everything)
    assert [each.rule for each in found if each.blocking] == ["age", "identity", "documents", "total_limit"]
    assert [each.rule for each in found if not each.blocking] == [
        "income",
        "income_unchecked",
        "debt_service",
        "overdue_history",
    ]


@pytest.mark.parametrize("kind", DocumentKind)
def test_every_document_has_a_sentence_for_when_it_is_missing(kind: DocumentKind) -> None:
    (rule,) = broken_by(replace(DECENT, missing_documents=(kind,)))
    assert rule.template == MISSING_DOCUMENT[kind]


def test_the_sentence_names_the_figures() -> None:
    (rule,) = broken_by(replace(DECENT, age=17))
    assert fill(rule.template, rule.values) == "Age 17 is below the lowest age of 18."
    (rule,) = broken_by(replace(DECENT, own_limits=Money.yuan(90_000)))
    assert fill(rule.template, rule.values) == (
        "Only 0.00 yuan are left in the total limit of 90,000.00 yuan; the least limit is 10,000.00 yuan."
    )


def test_the_bounds_are_policy() -> None:
    strict = replace(DEFAULT_POLICY, lowest_age=40, most_times_overdue=0)
    found = broken_by(replace(DECENT, times_overdue=1), strict)
    assert [each.rule for each in found] == ["age", "overdue_history"]


@given(applicants())
def test_every_broken_rule_can_be_read_aloud_and_stored(applicant: Applicant) -> None:
    for rule in broken_by(applicant):
        assert "{" not in (fill(rule.template, rule.values))
        assert all(type(value) in (str, int) for value in rule.values.values())
