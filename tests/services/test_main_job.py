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
from tests.services.world import World


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


def test_the_customer_reads_what_is_meant_for_customers_and_staff_read_all(town: Town) -> None:
    manager, inside = town.desk("manager"), "Smelt of smoke; the employer never heard of him."
    _, application = town.applicant("zhang")
    review.claim(manager, application.id)
    review.send_back(manager, application.id, "The proof of address is missing.", inside)
    applications.resubmit(town.desk("zhang"), application.id, "Here it is.")
    review.claim(manager, application.id)
    review.refuse(
        manager,
        application.id,
        (RefusalReason.RISK, RefusalReason.OTHER),
        "Please come to the counter.",
        inside,
        inside,
    )
    _, other = town.applicant("lina")
    review.claim(manager, other.id)
    review.approve(manager, other.id, Money.yuan(10_000), inside)
    for customer, each in (("zhang", application), ("lina", other)):
        read = applications.open_application(town.desk(customer), each.id)
        assert inside not in read.model_dump_json()
        assert (read.decisions, read.row.reviewer) == ((), "Manager")
    told = applications.open_application(town.desk("zhang"), application.id)
    assert [move.note for move in told.moves if move.note] == [
        "The proof of address is missing.",
        "Here it is.",
        "Please come to the counter.",
    ]
    assert told.moves[-1].reasons == (RefusalReason.RISK, RefusalReason.OTHER)
    assert told.row.decided_at == town.bank.clock.now()
    for each, notes in ((application, 2), (other, 1)):
        read = applications.open_application(town.desk("teller"), each.id)
        assert [move.internal for move in read.moves].count(inside) == notes
        assert {decision.note for decision in read.decisions} == {inside}


def test_another_reason_is_told_to_the_customer(town: Town) -> None:
    manager = town.desk("manager")
    _, application = town.applicant("zhang")
    review.claim(manager, application.id)
    with pytest.raises(InvalidInput, match="Say what the other reason is") as error:
        review.refuse(manager, application.id, (RefusalReason.OTHER,), " \n", "a note for colleagues", "because")
    assert error.value.field == "message"
    with pytest.raises(InvalidInput, match="Say what is missing"):
        review.send_back(manager, application.id, "\n ", "a note for colleagues")


def test_the_own_log_holds_no_notes_that_colleagues_left_for_each_other(world: World) -> None:
    inside = "Too high for this income."
    requests.refuse(world.desk("manager2"), world.ids["waiting.request"], inside)
    read = logs.my_log(world.desk("waiting")).items
    entry = next(each for each in read if each.action == "request.refuse")
    assert entry.detail == {"operation": "application.approve"}
    assert not any("against" in each.detail for each in read)
    assert logs.my_log(world.desk("manager2")).items[0].detail["note"] == inside
