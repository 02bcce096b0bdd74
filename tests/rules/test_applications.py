from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest

from bankcard_tui.errors import BankError, Conflict
from bankcard_tui.rules.applications import (
    MOVES,
    OPEN,
    check_move,
    last_day_to_ask_again,
    may_apply,
    may_ask_again,
    missing_documents,
)
from bankcard_tui.rules.policy import DEFAULT_POLICY
from bankcard_tui.rules.terms import ApplicationStatus, CardKind, DocumentKind

SUBMITTED, IN_REVIEW, RETURNED, APPROVED, REFUSED, WITHDRAWN = (
    ApplicationStatus.SUBMITTED,
    ApplicationStatus.IN_REVIEW,
    ApplicationStatus.RETURNED,
    ApplicationStatus.APPROVED,
    ApplicationStatus.REFUSED,
    ApplicationStatus.WITHDRAWN,
)

ALLOWED = {
    (SUBMITTED, IN_REVIEW),
    (SUBMITTED, WITHDRAWN),
    (IN_REVIEW, SUBMITTED),
    (IN_REVIEW, RETURNED),
    (IN_REVIEW, APPROVED),
    (IN_REVIEW, REFUSED),
    (IN_REVIEW, WITHDRAWN),
    (RETURNED, SUBMITTED),
    (RETURNED, WITHDRAWN),
    (REFUSED, SUBMITTED),
}
FORBIDDEN = sorted(set(product(ApplicationStatus, repeat=2)) - ALLOWED)


@pytest.mark.parametrize(("old", "new"), sorted(ALLOWED))
def test_an_application_can_move_along_its_life(old: ApplicationStatus, new: ApplicationStatus) -> None:
    check_move(old, new)


@pytest.mark.parametrize(("old", "new"), FORBIDDEN)
def test_any_other_move_is_refused_with_a_sentence_and_a_hint(old: ApplicationStatus, new: ApplicationStatus) -> None:
    with pytest.raises(Conflict) as caught:
        check_move(old, new)
    assert caught.value.message.startswith("This application ")
    assert caught.value.hint


def test_each_status_explains_itself_differently() -> None:
    said = set()
    for status in ApplicationStatus:
        with pytest.raises(Conflict) as caught:
            check_move(status, status)
        said.add(caught.value.message)
    assert len(said) == len(ApplicationStatus)


def test_an_application_is_open_as_long_as_it_can_move_and_a_refused_one_can_be_looked_at_again() -> None:
    assert {status for status, next_ones in MOVES.items() if next_ones} == OPEN | {REFUSED}
    assert set(MOVES) == set(ApplicationStatus)


@pytest.mark.parametrize(
    ("kind", "verified", "missing"),
    [
        (CardKind.CONSUMER, [], (DocumentKind.ID_CARD, DocumentKind.INCOME_PROOF)),
        (CardKind.CONSUMER, [DocumentKind.ID_CARD], (DocumentKind.INCOME_PROOF,)),
        (CardKind.CONSUMER, [DocumentKind.INCOME_PROOF, DocumentKind.ID_CARD], ()),
        (CardKind.CONSUMER, [DocumentKind.ADDRESS_PROOF], (DocumentKind.ID_CARD, DocumentKind.INCOME_PROOF)),
        (CardKind.BUSINESS, [DocumentKind.TAX_RETURN], (DocumentKind.ID_CARD, DocumentKind.BUSINESS_LICENCE)),
        (CardKind.DEBIT_LINKED, [DocumentKind.ID_CARD], (DocumentKind.DEBIT_CARD,)),
    ],
)
def test_the_documents_still_missing_are_named_in_the_order_of_the_policy(
    kind: CardKind, verified: list[DocumentKind], missing: tuple[DocumentKind, ...]
) -> None:
    assert missing_documents(kind, verified, DEFAULT_POLICY) == missing


def test_a_kind_without_a_list_of_documents_is_not_let_through() -> None:
    policy = replace(DEFAULT_POLICY, required_documents={})
    with pytest.raises(KeyError):
        missing_documents(CardKind.CONSUMER, [], policy)


@pytest.mark.parametrize("earlier", [[], [REFUSED], [WITHDRAWN], [APPROVED], [REFUSED, REFUSED, WITHDRAWN]])
def test_a_customer_can_apply_again_when_the_earlier_applications_are_closed(
    earlier: list[ApplicationStatus],
) -> None:
    assert not set(earlier) & OPEN
    may_apply(earlier)
    with pytest.raises(Conflict):
        may_apply([*earlier, SUBMITTED])


@pytest.mark.parametrize("earlier", [[SUBMITTED], [IN_REVIEW], [RETURNED], [REFUSED, SUBMITTED], [SUBMITTED, REFUSED]])
def test_a_customer_can_not_apply_beside_an_open_application(earlier: list[ApplicationStatus]) -> None:
    with pytest.raises(Conflict, match="open application"):
        may_apply(earlier)


DAY = date(2026, 3, 2)
ONCE = [SUBMITTED, IN_REVIEW, REFUSED]
TWICE = [*ONCE, SUBMITTED, IN_REVIEW, REFUSED]


@pytest.mark.parametrize("days", [0, 1, 30])
@pytest.mark.parametrize("others", [[], [REFUSED], [APPROVED, WITHDRAWN]])
def test_another_look_can_be_asked_for_as_long_as_the_policy_says(days: int, others: list[ApplicationStatus]) -> None:
    may_ask_again(ONCE, others, DAY, DAY + timedelta(days=days), DEFAULT_POLICY)
    assert DAY + timedelta(days=days) <= last_day_to_ask_again(DAY, DEFAULT_POLICY)


@pytest.mark.parametrize(
    ("steps", "others", "refused_on", "days", "code"),
    [
        ([SUBMITTED], [], None, 0, "conflict.not_refused"),
        (TWICE, [], DAY, 0, "refused.asked_before"),
        (ONCE, [], DAY, 31, "refused.asked_too_late"),
        (ONCE, [SUBMITTED], DAY, 0, "conflict"),
        (ONCE, [REFUSED, RETURNED], DAY, 0, "conflict"),
    ],
)
def test_another_look_is_refused_with_what_to_do_instead(
    steps: list[ApplicationStatus], others: list[ApplicationStatus], refused_on: date | None, days: int, code: str
) -> None:
    with pytest.raises(BankError) as caught:
        may_ask_again(steps, others, refused_on, DAY + timedelta(days=days), DEFAULT_POLICY)
    assert caught.value.code == code
    assert caught.value.hint


def test_how_long_another_look_can_be_asked_for_is_policy() -> None:
    week = replace(DEFAULT_POLICY, reconsider_days=7)
    may_ask_again(ONCE, [], DAY, DAY + timedelta(days=7), week)
    with pytest.raises(BankError, match="days old"):
        may_ask_again(ONCE, [], DAY, DAY + timedelta(days=8), week)
