"""From registration to the active card."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.errors import BankError, Conflict, InvalidInput, Refused
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import ApplicationStatus, CardStatus, RefusalReason, RequestStatus
from bankcard_tui.services import applications, cards, logs, requests, review
from tests.branch import Town


def test_a_customer_registers_applies_is_approved_and_gets_an_active_card(town: Town) -> None:
    _, application = town.applicant(wish=10_000)
    manager = town.desk("manager")
    file = review.claim(manager, application.id).view
    assert file.advice.opinion.limit is not None
    decided = review.approve(manager, application.id, Money.yuan(10_000), "solid").view
    assert decided.status is ApplicationStatus.APPROVED
    assert decided.reviewer == "Manager"
    teller = town.desk("teller")
    (card,) = cards.to_hand_over(teller).items
    assert card.limit == Money.yuan(10_000)
    cards.hand_over(teller, card.id, saw_id=True)
    active = cards.activate(teller, card.id, saw_id=True).view
    assert active.status is CardStatus.ACTIVE
    (mine,) = cards.my_cards(town.desk("zhang"))
    assert mine.number.startswith("**** **** **** ")
    assert {row.action for row in logs.my_log(town.desk("zhang")).items} >= {"application.approve", "card.activate"}
    assert logs.verify_log(town.desk("admin")).sound


def test_a_large_limit_needs_a_second_and_a_third_signature_of_other_people(town: Town) -> None:
    _, application = town.applicant(wish=45_000)
    manager = town.desk("manager")
    review.claim(manager, application.id)
    pending = review.approve(manager, application.id, Money.yuan(45_000)).pending
    assert pending is not None
    assert (pending.signed, pending.needed) == (1, 3)
    with pytest.raises(Refused, match="signed this already"):
        requests.sign(manager, pending.id)
    assert requests.sign(town.desk("manager2"), pending.id).view.signed == 2
    with pytest.raises(Refused, match=r"signed this already|not yours"):
        requests.sign(town.desk("manager2"), pending.id)
    signed = requests.sign(town.desk("director"), pending.id).view
    assert signed.status is RequestStatus.DONE, signed.problem
    assert applications.open_application(manager, application.id).row.status is ApplicationStatus.APPROVED
    assert cards.my_cards(town.desk("zhang"))[0].limit == Money.yuan(45_000)


def test_an_application_is_reviewed_by_one_manager_and_comes_free_after_fifteen_minutes(
    town: Town, clock: SimulatedClock
) -> None:
    _, application = town.applicant()
    review.claim(town.desk("manager"), application.id)
    with pytest.raises(Conflict, match="colleague"):
        review.claim(town.desk("manager2"), application.id)
    clock.advance(timedelta(minutes=16))
    again = town.sign_in("manager2", "other")
    assert review.claim_next(again).view is not None


def test_a_refused_customer_applies_again_and_the_earlier_application_stays_linked(town: Town) -> None:
    customer, application = town.applicant()
    manager = town.desk("manager")
    review.claim(manager, application.id)
    with pytest.raises(InvalidInput, match="against the opinion"):
        review.refuse(manager, application.id, (RefusalReason.RISK,))
    review.refuse(manager, application.id, (RefusalReason.RISK,), against_reason="Known to us from elsewhere.")
    second = town.applies("zhang", customer.customer_id)
    assert applications.open_application(manager, second.id).earlier == application.id


def test_nobody_else_sees_or_withdraws_a_customers_application(town: Town) -> None:
    _, application = town.applicant()
    town.registers("other", "Wang Fang")
    with pytest.raises(Refused):
        applications.open_application(town.desk("other"), application.id)
    with pytest.raises(BankError):
        applications.withdraw(town.desk("other"), application.id)
    assert applications.withdraw(town.desk("zhang"), application.id).view.status is ApplicationStatus.WITHDRAWN
