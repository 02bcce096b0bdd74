"""After a refusal the customer can ask, once, that somebody else looks at the application again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.errors import BankError, Conflict, InvalidInput, Refused
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import ApplicationStatus, Decision, RefusalReason, RequestStatus, Role
from bankcard_tui.services import applications, logs, requests, review, staff
from bankcard_tui.services.application_views import second_look
from bankcard_tui.services.explanations import ask_again, explain_application
from bankcard_tui.services.profile import Identity
from tests.branch import Town, id_number

WORDS = "The instalments ended in January."


@pytest.fixture
def application(town: Town, clock: SimulatedClock) -> UUID:
    """An application that was refused a minute ago."""
    _, row = town.applicant("zhang", 20_000)
    refused(town, row.id)
    clock.advance(timedelta(minutes=1))
    return row.id


def refused(town: Town, application: UUID, by: str = "manager") -> None:
    review.claim(town.desk(by), application)
    review.refuse(town.desk(by), application, (RefusalReason.RISK,), "Try later.", "", "A feeling.")


def days_later(town: Town, clock: SimulatedClock, days: int) -> Town:
    """Everybody signs in anew."""
    clock.advance(timedelta(days=days))
    return Town(town.bank)


def approved_with_two_signatures(town: Town, application: UUID) -> UUID:
    review.claim(town.desk("manager2"), application)
    pending = review.approve(town.desk("manager2"), application, Money.yuan(20_000)).pending
    assert pending is not None
    return pending.id


def test_it_goes_back_to_the_queue_with_the_customers_words_and_nobody_responsible(
    town: Town, application: UUID
) -> None:
    row = ask_again(town.desk("zhang"), application, WORDS).view
    assert (row.status, row.reviewer, row.decided_at) == (ApplicationStatus.SUBMITTED, "", None)
    (waiting,) = review.queue(town.desk("manager2")).items
    assert waiting.asked_again
    assert waiting == row
    moves = review.claim(town.desk("manager2"), application).view.application.moves
    pair = second_look(moves)
    assert pair is not None
    refusal, asking = pair
    assert (refusal.by, refusal.reasons, refusal.note) == ("Manager", (RefusalReason.RISK,), "Try later.")
    assert (asking.by, asking.note) == ("Zhang Wei", WORDS)


def test_it_waits_its_turn_behind_those_who_came_before(town: Town, application: UUID, clock: SimulatedClock) -> None:
    _, other = town.applicant("lina")
    clock.advance(timedelta(minutes=1))
    ask_again(town.desk("zhang"), application, WORDS)
    assert [row.id for row in review.queue(town.desk("manager2")).items] == [other.id, application]


def test_a_teller_asks_for_the_customer_at_the_counter(town: Town, application: UUID) -> None:
    assert ask_again(town.desk("teller"), application, WORDS).view.asked_again
    (entry,) = (each for each in logs.my_log(town.desk("zhang")).items if each.action == "application.ask_again")
    assert entry.username == "teller"
    assert WORDS not in str(entry.detail)


def test_an_application_that_was_never_refused_is_not_shown_as_asked_again(town: Town) -> None:
    town.applicant("lina")
    (waiting,) = review.queue(town.desk("manager")).items
    assert not waiting.asked_again


@pytest.mark.parametrize("words", ["", " \n "])
def test_the_customer_says_why(town: Town, application: UUID, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        ask_again(town.desk("zhang"), application, words)
    assert caught.value.field == "words"


def test_an_id_number_among_the_words_is_masked(town: Town, application: UUID) -> None:
    ask_again(town.desk("zhang"), application, f"I am {id_number(77)}.")
    note = applications.open_application(town.desk("zhang"), application).moves[-1].note
    assert id_number(77) not in note
    assert note.endswith(f"{id_number(77)[-4:]}.")


# --- whoever refused it does not decide again -------------------------------------------------------------------------


def test_whoever_refused_it_neither_claims_it_nor_gets_it_as_the_next(town: Town, application: UUID) -> None:
    ask_again(town.desk("zhang"), application, WORDS)
    with pytest.raises(Refused, match="Somebody else looks at it again") as caught:
        review.claim(town.desk("manager"), application)
    assert caught.value.code == "refused.same_reviewer"
    assert review.claim_next(town.desk("manager")).view is None
    taken = review.claim_next(town.desk("manager2")).view
    assert taken is not None
    assert taken.application.row.id == application


def test_whoever_refused_it_neither_signs_nor_refuses_what_a_colleague_approves(town: Town, application: UUID) -> None:
    ask_again(town.desk("zhang"), application, WORDS)
    request = approved_with_two_signatures(town, application)
    with pytest.raises(Refused, match="Somebody else looks at it again"):
        requests.sign(town.desk("manager"), request)
    with pytest.raises(Refused, match="Somebody else looks at it again"):
        requests.refuse(town.desk("manager"), request, "I have said no.")
    assert requests.sign(town.desk("director"), request).view.status is RequestStatus.DONE


def test_another_account_of_the_same_person_changes_nothing(town: Town, application: UUID) -> None:
    """The manager leaves, and comes back under a new account."""
    admin = town.desk("admin")
    staff.disable_staff(admin, town.staff("manager"), staff.open_staff(admin, town.staff("manager")).row.version)
    account = staff.add_staff(admin, "returned", Identity(name="Manager", id_number=id_number(5)), Role.MANAGER).view
    town.activate(account.id, "returned", ("teller", "manager2"))
    ask_again(town.desk("zhang"), application, WORDS)
    with pytest.raises(Refused, match="Somebody else looks at it again"):
        review.claim(town.desk("returned"), application)
    assert review.claim_next(town.desk("returned")).view is None


def test_the_second_decision_is_explained_under_the_name_of_whoever_took_it(town: Town, application: UUID) -> None:
    ask_again(town.desk("zhang"), application, WORDS)
    while_it_waits = explain_application(town.desk("zhang"), application)
    assert while_it_waits.asked_again
    assert while_it_waits.decided is not None
    assert while_it_waits.decided.by == "Manager"
    request = approved_with_two_signatures(town, application)
    requests.sign(town.desk("director"), request)
    explanation = explain_application(town.desk("zhang"), application)
    assert not explanation.asked_again
    assert explanation.decided is not None
    assert (explanation.decided.by, explanation.decided.decision) == ("Manager2", Decision.APPROVE)


# --- once, in time, and beside no other -------------------------------------------------------------------------------


def test_it_can_be_asked_only_once(town: Town, application: UUID, clock: SimulatedClock) -> None:
    ask_again(town.desk("zhang"), application, WORDS)
    with pytest.raises(Conflict, match="Only a refused application"):
        ask_again(town.desk("zhang"), application, WORDS)
    clock.advance(timedelta(minutes=1))
    refused(town, application, "manager2")
    with pytest.raises(Refused, match="looked at again already") as caught:
        ask_again(town.desk("zhang"), application, WORDS)
    assert caught.value.code == "refused.asked_before"
    assert explain_application(town.desk("zhang"), application).ask_again_until is None


def test_asking_twice_with_the_same_form_is_asking_once(town: Town, application: UUID) -> None:
    desk = town.desk("zhang").once("form")
    assert ask_again(desk, application, WORDS).view == ask_again(desk, application, WORDS).view


def test_it_can_be_asked_on_the_last_day_of_the_policy_and_not_after_it(
    town: Town, application: UUID, clock: SimulatedClock
) -> None:
    last = date(2026, 4, 1)
    assert applications.open_application(town.desk("zhang"), application).ask_again_until == last
    town = days_later(town, clock, 30)
    assert town.bank.day_of(clock.now()) == last
    assert explain_application(town.desk("zhang"), application).ask_again_until == last
    late = days_later(town, clock, 1)
    assert explain_application(late.desk("zhang"), application).ask_again_until is None
    with pytest.raises(Refused, match="more than 30 days old") as caught:
        ask_again(late.desk("zhang"), application, WORDS)
    assert caught.value.code == "refused.asked_too_late"
    clock.advance(timedelta(days=-1))
    assert ask_again(days_later(town, clock, 0).desk("zhang"), application, WORDS).view.asked_again


@pytest.mark.parametrize("stands", ["submitted", "returned", "approved", "withdrawn"])
def test_only_what_is_refused_can_be_looked_at_again(town: Town, stands: str) -> None:
    _, row = town.applicant("lina")
    manager = town.desk("manager")
    if stands in ("returned", "approved"):
        review.claim(manager, row.id)
    if stands == "returned":
        review.send_back(manager, row.id, "Please add the payslips.")
    elif stands == "approved":
        review.approve(manager, row.id, Money.yuan(10_000))
    elif stands == "withdrawn":
        applications.withdraw(town.desk("lina"), row.id)
    with pytest.raises(Conflict, match="Only a refused application"):
        ask_again(town.desk("lina"), row.id, WORDS)
    assert applications.open_application(town.desk("lina"), row.id).ask_again_until is None


def test_beside_an_open_application_nothing_is_looked_at_again(
    town: Town, application: UUID, clock: SimulatedClock
) -> None:
    customer = applications.open_application(town.desk("zhang"), application).row.customer_id
    another = town.applies("zhang", customer)
    assert applications.open_application(town.desk("zhang"), application).ask_again_until is None
    with pytest.raises(Conflict, match="open application"):
        ask_again(town.desk("zhang"), application, WORDS)
    applications.withdraw(town.desk("zhang"), another.id)
    clock.advance(timedelta(minutes=1))
    ask_again(town.desk("zhang"), application, WORDS)
    with pytest.raises(Conflict, match="open application"):
        town.applies("zhang", customer)


def test_what_is_asked_again_can_be_returned_sent_in_and_withdrawn_like_any_other(
    town: Town, application: UUID, clock: SimulatedClock
) -> None:
    ask_again(town.desk("zhang"), application, WORDS)
    review.claim(town.desk("manager2"), application)
    review.send_back(town.desk("manager2"), application, "Please add the payslips.")
    clock.advance(timedelta(minutes=1))
    row = applications.resubmit(town.desk("zhang"), application).view
    assert row.asked_again
    with pytest.raises(Refused, match="Somebody else"):
        review.claim(town.desk("manager"), application)
    row = applications.withdraw(town.desk("zhang"), application).view
    assert (row.status, row.asked_again) == (ApplicationStatus.WITHDRAWN, False)


def test_nobody_asks_for_a_stranger(town: Town, application: UUID) -> None:
    town.registers("other")
    for who in ("other", "manager2", "admin"):
        with pytest.raises(BankError) as caught:
            ask_again(replace(town.desk(who), key=None), application, WORDS)
        assert caught.value.code == "refused.permission"
