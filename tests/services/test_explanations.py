"""The person concerned can have the reasons of a decision explained, in words that hide nothing but other people."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.errors import Refused, VerificationFailed
from bankcard_tui.locale import say
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import ApplicationStatus, Decision, RefusalReason
from bankcard_tui.services import logs, review
from bankcard_tui.services.application_views import DECISION
from bankcard_tui.services.customers import change_circumstances, open_file
from bankcard_tui.services.explanations import DecisionExplained, Weighed, explain_application
from bankcard_tui.services.profile import Circumstances
from tests.branch import SOLID, Town

WEAK = SOLID.model_copy(
    update={
        "monthly_income": Money.yuan(3_000),
        "monthly_debt": Money.yuan(1_400),
        "times_overdue": 3,
        "occupation": None,
    }
)


def applied(town: Town, circumstances: Circumstances = SOLID) -> UUID:
    customer = town.registers("zhang")
    town.verified(customer.customer_id, circumstances)
    return town.applies("zhang", customer.customer_id).id


def refused(town: Town, application: UUID, message: str = "Please come back in autumn.") -> None:
    manager = town.desk("manager")
    review.claim(manager, application)
    reasons = (RefusalReason.INCOME, RefusalReason.OVERDUE_HISTORY)
    review.refuse(manager, application, reasons, message, "Between colleagues.", "A feeling.")


def explained(town: Town, application: UUID, who: str = "zhang") -> DecisionExplained:
    decided = explain_application(town.desk(who), application).decided
    assert decided is not None
    return decided


def said(facts: tuple[Weighed, ...]) -> list[str]:
    return [say(each.fact) for each in facts]


def test_a_refusal_is_explained_with_the_name_of_who_decided_and_the_reasons(town: Town) -> None:
    application = applied(town, WEAK)
    refused(town, application)
    decided = explained(town, application)
    assert (decided.by, decided.at, decided.decision) == ("Manager", town.bank.clock.now(), Decision.REFUSE)
    assert decided.reasons == (RefusalReason.INCOME, RefusalReason.OVERDUE_HISTORY)
    assert decided.message == "Please come back in autumn."
    assert (decided.card, decided.policy_version, decided.customers) == ("expert-2", 1, 0)


def test_what_weighed_most_stands_first_and_what_is_unknown_can_be_brought(town: Town) -> None:
    application = applied(town, WEAK)
    refused(town, application)
    decided = explained(town, application)
    assert said(decided.against) == [
        "Overdue 3 times in twelve months",
        "Income of 3,000.00 yuan a month",
        "Debt payments take 46 % of income",
    ]
    assert said(decided.in_favour) == ["Assets of 270,000 yuan", "Years with the employer: 9"]
    assert [say(each) for each in decided.to_bring] == ["Occupation not known"]
    (rule,) = decided.rules
    assert say(rule).startswith("With a limit of 2,000.00 yuan, debt payments would take more")


def test_what_nobody_has_checked_can_be_brought_and_is_no_rule_that_stood_in_the_way(town: Town) -> None:
    customer = town.registers("zhang")
    application = town.applies("zhang", customer.customer_id).id
    refused(town, application)
    decided = explained(town, application)
    brought = [say(each) for each in decided.to_bring]
    assert brought[:3] == [
        "The identity is not verified by the three witnesses.",
        "The ID card is missing.",
        "The proof of income is missing.",
    ]
    assert brought.count("Income not known") == 1
    assert decided.rules == ()


def test_an_approval_is_explained_too(town: Town) -> None:
    application = applied(town)
    review.claim(town.desk("manager"), application)
    review.approve(town.desk("manager"), application, Money.yuan(10_000), "Between colleagues.")
    decided = explained(town, application)
    assert (decided.by, decided.decision, decided.limit) == ("Manager", Decision.APPROVE, Money.yuan(10_000))
    assert (decided.reasons, decided.message, decided.rules) == ((), "", ())


def test_before_a_decision_it_says_who_is_looking_at_it(town: Town) -> None:
    application = applied(town)
    waiting = explain_application(town.desk("zhang"), application)
    assert (waiting.status, waiting.reviewer, waiting.decided) == (ApplicationStatus.SUBMITTED, "", None)
    review.claim(town.desk("manager"), application)
    assert explain_application(town.desk("zhang"), application).reviewer == "Manager"
    review.send_back(town.desk("manager"), application, "Please add the payslips.")
    returned = explain_application(town.desk("zhang"), application)
    assert (returned.status, returned.reviewer, returned.decided) == (ApplicationStatus.RETURNED, "", None)


@pytest.mark.parametrize("who", ["zhang", "teller"])
def test_what_staff_said_among_themselves_and_how_likely_a_default_is_stays_inside(town: Town, who: str) -> None:
    town.applicant("other")
    application = applied(town, WEAK)
    refused(town, application)
    whole = explain_application(town.desk(who), application).model_dump_json()
    for hidden in ("Between colleagues", "A feeling", "probability", "precedent", "against_reason", "expert_share"):
        assert hidden not in whole


def test_how_customers_alike_fared_is_told_as_a_count_of_many_and_never_of_a_few(town: Town) -> None:
    application = applied(town, WEAK)
    refused(town, application)
    with town.bank.store.write() as connection:
        opinion = json.loads(connection.execute(DECISION.select()).one().opinion)
        opinion["reasons_against"][0] |= {"cases": 180, "bad": 41}
        opinion["reasons_against"][1] |= {"cases": 30, "bad": 1}
        opinion["reasons_against"][2] |= {"cases": 29, "bad": 1}
        connection.execute(update(DECISION).values(opinion=json.dumps(opinion)))
    assert [(each.cases, each.bad) for each in explained(town, application).against] == [(180, 41), (30, 1), (0, 0)]


def test_what_changes_later_does_not_change_what_was_said(town: Town, clock: SimulatedClock) -> None:
    application = applied(town, WEAK)
    refused(town, application)
    before = explained(town, application)
    teller = town.desk("teller")
    customer = open_file(teller, review.look(town.desk("manager"), application).customer.id)
    clock.advance(timedelta(minutes=1))
    change_circumstances(teller, customer.id, customer.version, SOLID)
    assert explained(town, application) == before


def test_the_customer_finds_in_the_log_who_had_it_explained(town: Town) -> None:
    application = applied(town)
    explain_application(town.desk("teller"), application)
    entry = logs.my_log(town.desk("zhang")).items[0]
    assert (entry.action, entry.username) == ("application.explain", "teller")


def test_a_stranger_gets_nothing_explained(town: Town) -> None:
    application = applied(town)
    town.registers("other")
    with pytest.raises(Refused):
        explain_application(town.desk("other"), application)


@pytest.mark.parametrize(
    "written",
    ["", "{}", "[]", "null", "[" * 100_000, "{nope}", "{", "{values.__class__.__init__}"],
)
def test_an_opinion_that_somebody_has_spoilt_is_named_and_nothing_of_it_is_told(town: Town, written: str) -> None:
    application = applied(town, WEAK)
    refused(town, application)
    with town.bank.store.write() as connection:
        if written.startswith("{") and written != "{}":
            stored = json.loads(connection.execute(select(DECISION.c.opinion)).scalar_one())
            stored["reasons_against"][0]["template"] = written
            written = json.dumps(stored)
        connection.execute(update(DECISION).values(opinion=written))
    for tried in (
        lambda: explain_application(town.desk("zhang"), application),
        lambda: review.look(town.desk("manager"), application),
    ):
        with pytest.raises(VerificationFailed, match="opinion stored with a decision was altered"):
            tried()
