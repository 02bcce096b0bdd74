"""What the aid proposes, why, and when it says that it does not know."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from bankcard_tui.decision.opinion import (
    Opinion,
    differs,
    opinion_from_plain,
    opinion_to_plain,
)
from bankcard_tui.errors import fill
from bankcard_tui.locale import catalogue
from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.characteristics import CHARACTERISTIC_LABELS
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.policy import DEFAULT_POLICY
from bankcard_tui.rules.terms import Decision, DocumentKind, Grade, Occupation
from bankcard_tui.rules.tiers import check_limit
from tests.rules.decent_applicant import DECENT, applicants, opinion_on

LATE = {"times_overdue": 6, "monthly_income": Money.yuan(2_900), "deposits": ZERO, "other_assets": ZERO}
PAPER = {"missing_documents": (DocumentKind.INCOME_PROOF,)}


def opinion(**changes: Any) -> Opinion:
    return opinion_on(replace(DECENT, **changes))


def test_a_decent_applicant_is_to_be_approved_with_a_limit_of_the_tier() -> None:
    found = opinion()
    assert found.proposal is Decision.APPROVE
    assert found.grade is Grade.EXCELLENT
    assert found.enough_known
    assert not found.blocked
    assert found.broken == ()
    assert found.limit is not None
    check_limit("limit", found.limit, found.grade, DECENT, DEFAULT_POLICY)
    assert found.card == DEFAULT_POLICY.points_card.name


@pytest.mark.parametrize(
    ("changes", "proposal"),
    [
        (PAPER, Decision.RETURN),
        (PAPER | {"income_checked": False}, Decision.RETURN),
        (PAPER | LATE, Decision.RETURN),
        (PAPER | {"age": 17}, Decision.REFUSE),
        (PAPER | {"own_limits": Money.yuan(90_000)}, Decision.REFUSE),
        ({"identity_verified": False}, Decision.RETURN),
        ({"monthly_debt": None}, Decision.RETURN),
        ({"monthly_debt": None, "income_checked": False}, Decision.REFUSE),
        ({"income_checked": False}, Decision.REFUSE),
        ({"monthly_income": None}, Decision.REFUSE),
        ({"times_overdue": 7}, Decision.REFUSE),
        (LATE, Decision.REFUSE),
        ({"wished_limit": Money(49_999)}, Decision.REFUSE),
    ],
)
def test_the_proposal_refuses_what_cant_be_mended_then_asks_then_judges(
    changes: dict[str, Any], proposal: Decision
) -> None:
    found = opinion(**changes)
    assert found.proposal is proposal
    assert found.limit is None


def test_a_poor_grade_alone_is_refused() -> None:
    found = opinion(
        times_overdue=5,
        years_employed=0,
        deposits=ZERO,
        other_assets=ZERO,
        monthly_income=Money.yuan(4_000),
        wished_limit=Money.yuan(1_000),
        occupation=Occupation.STUDENT,
    )
    assert found.grade is Grade.POOR
    assert found.broken == ()
    assert found.proposal is Decision.REFUSE


def test_the_four_largest_losses_are_the_reasons_against_and_the_two_largest_gains_the_reasons_for() -> None:
    found = opinion()
    assert [fill(each.template, each.values) for each in found.reasons_against] == [
        "Assets of 40,000 yuan",
        "Lives in a rented home",
        "Works for a private company",
        "Debt payments take 20 % of income",
    ]
    assert [each.best - each.points for each in found.reasons_against] == [20, 14, 12, 8]
    assert [fill(each.template, each.values) for each in found.reasons_for] == [
        "Never overdue in twelve months",
        "Income of 9,000.00 yuan a month",
    ]


def test_what_is_at_its_best_is_no_reason_against() -> None:
    card = replace(DEFAULT_POLICY.points_card, housing={"rented": 10})
    found = opinion_on(DECENT, replace(DEFAULT_POLICY, points_card=card))
    assert "Lives in a rented home" not in [each.template for each in found.reasons_against]


@pytest.mark.parametrize(
    ("unknown", "enough"),
    [
        ({}, True),
        ({"housing": None, "occupation": None, "security": None}, True),
        ({"housing": None, "occupation": None, "security": None, "employer_kind": None}, False),
        ({"monthly_income": None}, False),
    ],
)
def test_more_than_three_unknown_or_no_income_is_not_enough(unknown: dict[str, Any], enough: bool) -> None:
    assert opinion(**unknown).enough_known is enough


def test_the_unknown_are_named() -> None:
    found = opinion(monthly_income=None, housing=None)
    assert found.unknown == (
        "monthly_income",
        "debt_service_percent",
        "other_limits_percent_of_annual_income",
        "housing",
    )


@pytest.mark.parametrize(
    ("changes", "decision", "against"),
    [
        ({}, Decision.APPROVE, False),
        ({}, Decision.REFUSE, True),
        ({}, Decision.RETURN, False),
        ({"times_overdue": 7}, Decision.REFUSE, False),
        ({"times_overdue": 7}, Decision.APPROVE, True),
        (PAPER, Decision.RETURN, False),
        (PAPER, Decision.REFUSE, True),
        ({"monthly_income": None}, Decision.APPROVE, True),
        ({"monthly_income": None}, Decision.REFUSE, False),
        ({"monthly_income": None}, Decision.RETURN, False),
    ],
)
def test_deciding_otherwise_differs_unless_the_decision_is_put_off(
    changes: dict[str, Any], decision: Decision, against: bool
) -> None:
    assert differs(opinion(**changes), decision) is against


@given(applicants())
def test_a_stored_opinion_is_shown_again_as_it_was(applicant: Applicant) -> None:
    found = opinion_on(applicant)
    assert opinion_from_plain(json.loads(json.dumps(opinion_to_plain(found)))) == found


@pytest.mark.parametrize("change", [{"grade": "splendid"}, {"proposal": None}, {"reasons_for": [{"nothing": 1}]}])
def test_what_is_no_opinion_is_not_read_as_one(change: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        opinion_from_plain(opinion_to_plain(opinion()) | change)


@given(applicants())
def test_an_opinion_is_consistent_with_itself(applicant: Applicant) -> None:
    found = opinion_on(applicant)
    assert found == opinion_on(applicant)
    assert (found.limit is not None) == (found.proposal is Decision.APPROVE)
    assert len(found.reasons_against) <= 4
    assert len(found.reasons_for) <= 2
    losses = [each.best - each.points for each in found.reasons_against]
    assert losses == sorted(losses, reverse=True)
    assert all(loss > 0 for loss in losses)
    assert all(each.points > 0 for each in found.reasons_for)
    if found.proposal is Decision.APPROVE:
        assert found.broken == ()
        assert found.grade is not Grade.POOR


@given(applicants())
def test_a_refusal_always_has_a_cause_that_can_be_named(applicant: Applicant) -> None:
    """A wish below the smallest limit of all is the one cause that the form catches before the aid is asked."""
    asked = replace(applicant, wished_limit=max(applicant.wished_limit, Money.yuan(500)))
    found = opinion_on(asked)
    if found.proposal is Decision.REFUSE:
        assert found.broken or found.grade is Grade.POOR


@given(applicants())
def test_every_sentence_of_the_aid_is_translated(applicant: Applicant) -> None:
    words = catalogue("zh_CN")
    sentences = [each.template for each in opinion_on(applicant).weighed]
    sentences += [each.template for each in opinion_on(applicant).broken]
    assert [each for each in (*sentences, *CHARACTERISTIC_LABELS.values()) if each not in words] == []
