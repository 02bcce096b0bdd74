"""A refusal is explained on the customer's page and at the counter, and another look at it is asked for there."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

import pytest

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.errors import Phrase
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import ApplicationStatus, Decision, Grade, RefusalReason
from bankcard_tui.screens.common.explanation import REASONS, explanation_text
from bankcard_tui.screens.customer.application import ApplicationScreen
from bankcard_tui.screens.teller.application_file import ApplicationScreen as CounterApplication
from bankcard_tui.services.applications import my_applications
from bankcard_tui.services.explanations import DecisionExplained, Explanation, Weighed, ask_again, explain_application
from bankcard_tui.services.review import claim
from bankcard_tui.widgets.dialogs import Ask, LongMessage
from bankcard_tui.widgets.keybar import footer_fits
from tests.branch import OPENING, SOLID, Town
from tests.screens import manager_kit, teller_kit
from tests.screens.customer_kit import Terminal, approved, refused, settled, told, types, until
from tests.screens.widgets_kit import HOSTILE, LANGUAGES, SIZES, assert_harmless, speaking

WEAK = SOLID.model_copy(update={"monthly_income": Money.yuan(3_000), "times_overdue": 3, "occupation": None})
SMALL = (80, 24)
SHORT_ATTACKS = " ".join(each for each in HOSTILE if len(each) < 1_000)


@pytest.fixture
def application(town: Town, clock: SimulatedClock) -> UUID:
    """An application of Zhang Wei, refused a minute ago."""
    customer = town.registers("zhang")
    town.verified(customer.customer_id, WEAK)
    row = town.applies("zhang", customer.customer_id)
    refused(town, row.id, (RefusalReason.OVERDUE_HISTORY,), "Please come back in autumn.")
    clock.advance(timedelta(minutes=1))
    return row.id


def own_page(town: Town, application: UUID) -> Terminal:
    return Terminal(town.desk("zhang"), opening=lambda: ApplicationScreen(application))


def plain(explanation: Explanation) -> str:
    return explanation_text(explanation, "Asia/Shanghai").plain


# --- the customer -----------------------------------------------------------------------------------------------------


async def test_a_customer_reads_who_refused_and_what_weighed(town: Town, application: UUID) -> None:
    async with own_page(town, application).run_test(size=(120, 60)) as pilot:
        await until(pilot, "To have it explained, press e.")
        await pilot.press("e")
        await until(pilot, "Manager refused your application on 2026-03-02. Earlier payments came late.")
        page = told(pilot)
        for sentence in (
            "Please come back in autumn.",
            "It only advises: Manager decided.",
            "- Overdue 3 times in twelve months - Income of 3,000.00 yuan a month",
            "+ Assets of 270,000 yuan",
            "? Occupation not known",
            "Sex, ethnicity, religion and marital status never count.",
            "Until 2026-04-01 you can ask that somebody else looks at it again.",
            "Points card expert-2, policy version 1.",
        ):
            assert sentence in page
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, ApplicationScreen)


async def test_a_customer_asks_by_keys_that_somebody_else_looks_again(town: Town, application: UUID) -> None:
    async with own_page(town, application).run_test(size=SMALL) as pilot:
        await until(pilot, "Until 2026-04-01 somebody else can look at it again: press h.")
        await pilot.press("h")
        await until(pilot, "This can be asked once.")
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert isinstance(pilot.app.screen, Ask)
        await types(pilot, "Paid late because of an illness")
        await pilot.press("ctrl+s")
        await until(pilot, "You asked for another look", "waits for a manager")
        (row,) = my_applications(town.desk("zhang"))
        assert (row.status, row.asked_again) == (ApplicationStatus.SUBMITTED, True)
        assert "h Have it" not in told(pilot)
        await pilot.press("h")
        await settled(pilot)
        assert isinstance(pilot.app.screen, ApplicationScreen)
        await pilot.press("end")
        await until(pilot, "> Another look asked for Zhang Wei Paid late because of an illness")


async def test_before_a_decision_there_is_something_to_explain_and_nothing_to_ask(town: Town) -> None:
    _, row = town.applicant()
    claim(town.desk("manager"), row.id)
    async with own_page(town, row.id).run_test(size=SMALL) as pilot:
        await until(pilot, "e Explain")
        assert "h Have it" not in told(pilot)
        await pilot.press("e")
        await until(pilot, "Nothing is decided. Manager is looking at it.")


async def test_when_the_days_are_over_the_page_does_not_offer_another_look(
    town: Town, application: UUID, clock: SimulatedClock
) -> None:
    clock.advance(timedelta(days=31))
    async with own_page(Town(town.bank), application).run_test(size=SMALL) as pilot:
        await until(pilot, "To have it explained, press e.")
        assert "press h" not in told(pilot)
        await pilot.press("h")
        await settled(pilot)
        assert isinstance(pilot.app.screen, ApplicationScreen)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_page_explanation_and_question_fit(
    town: Town, application: UUID, language: str, size: tuple[int, int]
) -> None:
    with speaking(language):
        async with own_page(town, application).run_test(size=size) as pilot:
            await settled(pilot)
            assert footer_fits(pilot.app.screen, size[0])
            for key, dialog in (("e", LongMessage), ("h", Ask)):
                await pilot.press(key)
                await settled(pilot)
                assert isinstance(pilot.app.screen, dialog)
                assert footer_fits(pilot.app.screen, size[0])
                await pilot.press("escape")
                await settled(pilot)


@pytest.mark.parametrize("attack", [SHORT_ATTACKS, *HOSTILE[-2:]], ids=["short ones", "wide", "long"])
async def test_hostile_names_and_messages_are_only_text(town: Town, application: UUID, attack: str) -> None:
    ask_again(town.desk("zhang"), application, "Look again.")
    with town.bank.store.write() as connection:
        for table, column in (("application_move", "note"), ("account", "display_name")):
            connection.exec_driver_sql(f"UPDATE {table} SET {column} = ?", (attack,))
    app = own_page(town, application)
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        assert_harmless(app)
        await pilot.press("e")
        await settled(pilot)
        assert isinstance(app.screen, LongMessage)
        assert_harmless(app)


# --- the words --------------------------------------------------------------------------------------------------------

EVERYTHING = Explanation(
    number="260302-K7QM2X",
    status=ApplicationStatus.REFUSED,
    reviewer="",
    asked_again=False,
    ask_again_until=date(2026, 4, 1),
    decided=DecisionExplained(
        at=OPENING,
        by="王芳",
        decision=Decision.REFUSE,
        limit=None,
        reasons=tuple(RefusalReason),
        message="",
        points=512,
        grade=Grade.MEDIUM,
        proposal=Decision.APPROVE,
        against=(Weighed(fact=Phrase("Overdue {times:time|times} in twelve months", {"times": 3}), cases=180, bad=41),),
        in_favour=(Weighed(fact=Phrase("No debt payments"), cases=0, bad=0),),
        rules=(Phrase("Age {age} is above the highest age of {highest}.", {"age": 71, "highest": 70}),),
        to_bring=(Phrase("Income not known"),),
        card="card-3",
        customers=4_200,
        policy_version=2,
    ),
)
assert EVERYTHING.decided is not None
APPROVED = EVERYTHING.model_copy(
    update={
        "status": ApplicationStatus.APPROVED,
        "ask_again_until": None,
        "decided": EVERYTHING.decided.model_copy(
            update={"decision": Decision.APPROVE, "limit": Money.yuan(8_000), "reasons": ()}
        ),
    }
)


def test_every_reason_of_a_refusal_has_its_sentence() -> None:
    assert set(REASONS) == set(RefusalReason)


def test_counts_of_customers_alike_stand_under_the_fact() -> None:
    text = plain(EVERYTHING)
    assert "- Overdue 3 times in twelve months\n  of 180 customers alike, 41 fell far behind with paying" in text
    assert "on how 4,200 known customers paid" in text
    assert "It proposed to approve.\nIt only advises: 王芳 decided." in text


def test_an_approval_says_its_limit_and_offers_no_other_look() -> None:
    text = plain(APPROVED)
    assert text.startswith("王芳 approved your application on 2026-03-02.\nThe limit is 8,000.00 yuan.")
    assert "looks at it again" not in text
    assert "no promise" not in text


@pytest.mark.parametrize("proposal", list(Decision))
@pytest.mark.parametrize("status", list(ApplicationStatus))
@pytest.mark.parametrize("reviewer", ["", "王芳"])
def test_in_chinese_no_english_word_is_left(proposal: Decision, status: ApplicationStatus, reviewer: str) -> None:
    told_so = EVERYTHING.decided.model_copy(update={"proposal": proposal}) if EVERYTHING.decided else None
    changed = {"status": status, "reviewer": reviewer}
    cases = [
        EVERYTHING.model_copy(update={**changed, "decided": told_so}),
        EVERYTHING.model_copy(update={**changed, "decided": told_so, "asked_again": True}),
        EVERYTHING.model_copy(update={**changed, "decided": None}),
        APPROVED,
    ]
    with speaking("zh_CN"):
        for each in cases:
            assert re.findall(r"[A-Za-z]{2,}", plain(each).replace("card-3", "")) == []


# --- counter and review -----------------------------------------------------------------------------------------------


async def test_a_teller_explains_and_asks_for_the_customer(town: Town, application: UUID) -> None:
    app = teller_kit.Terminal(town.desk("teller"), lambda: CounterApplication(application))
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, "x Refused", "e Explain", "h Have it looked at again")
        assert footer_fits(app.screen, SMALL[0])
        await pilot.press("e")
        await until(pilot, "Manager refused your application on 2026-03-02.")
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("h")
        await until(pilot, "This can be asked once.")
        await types(pilot, "The customer says that it was an illness")
        await pilot.press("ctrl+s")
        await until(pilot, "> Another look asked for Teller The customer says that it was an illness")
        assert "h Have it" not in told(pilot)
    assert explain_application(town.desk("zhang"), application).asked_again


async def test_a_manager_may_explain_but_not_ask(town: Town, application: UUID) -> None:
    app = teller_kit.Terminal(town.desk("manager"), lambda: CounterApplication(application))
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, "x Refused", "e Explain")
        assert "h Have it" not in told(pilot)


async def test_nothing_is_asked_about_what_was_approved(town: Town) -> None:
    _, row = town.applicant()
    approved(town, row.id)
    app = teller_kit.Terminal(town.desk("teller"), lambda: CounterApplication(row.id))
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, "+ Approved", "e Explain")
        await pilot.press("h")
        await settled(pilot)
        assert isinstance(app.screen, CounterApplication)


@pytest.mark.parametrize("size", SIZES)
async def test_queue_and_review_desk_show_what_the_customer_says_and_who_had_refused(
    town: Town, application: UUID, size: tuple[int, int]
) -> None:
    ask_again(town.desk("zhang"), application, "An illness.")
    app = manager_kit.Terminal(town.desk("manager2"))
    async with app.run_test(size=size) as pilot:
        await until(pilot, "! Asked again")
        await pilot.press("g")
        await until(pilot, "Asked again ! An illness.", "Refused by Manager,")
        await pilot.press("d")
        await until(pilot, "2026-03-02 x Refuse Manager", "the aid")


async def test_whoever_refused_it_is_told_that_somebody_else_looks(town: Town, application: UUID) -> None:
    ask_again(town.desk("zhang"), application, "It was an illness.")
    app = manager_kit.Terminal(town.desk("manager"))
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await until(pilot, "! Asked again")
        await pilot.press("enter")
        await until(pilot, "Somebody else looks at it again")
