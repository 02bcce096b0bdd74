"""The main job by keys alone: from a stranger at the lobby to an active card, on the real application at 80x24.

Everybody works at the same terminal, one after the other, as the README tells it.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from textual.events import Key
from textual.pilot import Pilot

from bankcard_tui.config import Home
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.locale import tr
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import ApplicationStatus, CardKind, CardStatus, Channel, Decision, DocumentKind
from bankcard_tui.services.customer_views import CustomerFile
from bankcard_tui.services.customers import open_file, search
from bankcard_tui.services.logs import verify_log
from bankcard_tui.widgets.labels import label
from tests.branch import PASSWORD, SOLID, Town
from tests.screens.app_kit import application, running
from tests.screens.terminal_kit import told, until

USERNAME = "sunli88"
EMAIL = "sun@example.com"
NAME_ON_CARD = "SUN LI"
LIMIT = Money.yuan(12_000)
"""Above 10,000 yuan, so that two managers have to sign."""

WORK_INCOME_AND_MEANS = (
    *("Harbour Works", "2", "1", "9"),  # a state-owned company, a professional, for nine years
    *("18000", "1"),  # a month, paid to an account at this bank
    *("220000", "50000", "0", "0", "10000", "0"),  # deposits, assets, debts, paid back, other cards, times late
    *("1", "1"),  # a home of one's own, no security
)
"""What SOLID says, as somebody types it: numbers choose."""

TICK = " "


# --- what everybody does ----------------------------------------------------------------------------------------------


def types_ahead(pilot: Pilot[None], text: str) -> None:
    """Type faster than the screen answers: to wait for it after each of so many keys takes several times as long."""
    for character in text:
        pilot.app.post_message(Key("space" if character == " " else character, character))


async def fills_in(pilot: Pilot[None], *answers: str) -> None:
    """One field after the other, each answer followed by Enter."""
    for answer in answers:
        types_ahead(pilot, answer)
        await pilot.press("enter")


async def signs_in(pilot: Pilot[None], username: str, first_page: str) -> None:
    await until(pilot, tr("User name"))
    await fills_in(pilot, username, PASSWORD)
    await until(pilot, f"[F2 {first_page}]")


async def signs_out(pilot: Pilot[None]) -> None:
    await pilot.press("ctrl+q")
    await until(pilot, tr("Enter goes on and signs in."))


# --- the customer, before the card ------------------------------------------------------------------------------------


async def somebody_registers(pilot: Pilot[None], name: str, number: str) -> None:
    await until(pilot, "Test Bank", tr("Sign up"))
    await pilot.press("f3")
    await until(pilot, tr("Register as a customer"))
    await fills_in(pilot, name)
    types_ahead(pilot, number)
    await until(pilot, tr("Born on {day}", day="1988-05-17"))
    await pilot.press("enter")
    await fills_in(pilot, "13800138000", EMAIL, "1 Harbour Road", USERNAME, PASSWORD, PASSWORD)
    await pilot.press("ctrl+s")
    await until(pilot, tr("You can sign in now. Bring your identity card to the counter once."), USERNAME)


async def the_customer_signs_in_for_the_first_time(pilot: Pilot[None]) -> None:
    """The user name stands there already."""
    await fills_in(pilot, PASSWORD)
    await until(pilot, tr("What to do next"), tr("this is the first"), tr("You have no card yet."))


async def the_customer_fills_in_the_profile(pilot: Pilot[None]) -> None:
    await pilot.press("f4")
    await until(pilot, tr("How we reach you (c changes it)"), "+86 138****8000")
    await pilot.press("c")
    await until(pilot, "+8613800138000")
    await fills_in(pilot, "139 0000 1111", EMAIL, "2 Harbour Road", "14")
    await pilot.press("ctrl+s")
    await until(pilot, "+86 139****1111", "2 Harbour Road")
    await pilot.press("i")
    await until(pilot, tr("Kind of employer"), "( )")
    await fills_in(pilot, *WORK_INCOME_AND_MEANS)
    await pilot.press("ctrl+s")
    await until(pilot, "Harbour Works", "18,000.00")


async def the_customer_applies(pilot: Pilot[None]) -> None:
    await pilot.press("f3")
    await until(pilot, tr("You have not applied for a card yet. Press a to apply."))
    await pilot.press("a")
    await until(pilot, tr("Choose a card to see which documents it needs."))
    await pilot.press("1")
    await until(pilot, label(DocumentKind.ID_CARD), label(DocumentKind.INCOME_PROOF))
    await fills_in(pilot, "", "1", "12000", NAME_ON_CARD, "")
    await pilot.press("ctrl+s")
    await until(pilot, label(CardKind.CONSUMER), f"> {label(ApplicationStatus.SUBMITTED)}")


# --- the staff --------------------------------------------------------------------------------------------------------


async def the_teller_completes_the_file(pilot: Pilot[None], name: str) -> None:
    types_ahead(pilot, name)
    await pilot.press("enter")
    await until(pilot, tr("three witnesses"), tr("documents"), tr("income check"), name)
    await pilot.press("d")
    await until(pilot, tr("No documents yet."))
    for kind, reference in ("1", "ID 310101"), ("2", "payroll 12"):
        await pilot.press("a")
        await until(pilot, tr("Add a document"), label(DocumentKind.TAX_RETURN))
        await fills_in(pilot, kind, reference, "2026-01-31", TICK)
        await pilot.press("ctrl+s")
        await until(pilot, reference, f"+ {tr('seen')}")
    assert tr("original not seen") not in told(pilot)
    await pilot.press("escape")
    await until(pilot, tr("income check"), tr("three witnesses"))
    await pilot.press("i")
    await until(pilot, tr("Record the income check?"), "18,000.00")
    await pilot.press("y")
    await until(pilot, tr("To do:"))
    await pilot.press("pagedown")
    await until(pilot, f"{tr('Income check')} + {tr('checked')}")
    await pilot.press("v")
    await until(pilot, tr("Three witnesses"), "[ ]")
    await fills_in(pilot, TICK, TICK, TICK)
    await pilot.press("ctrl+s")
    await until(pilot, f"+ {tr('Verified')}", tr("Nothing is missing."))


async def the_manager_approves(pilot: Pilot[None], name: str) -> None:
    await until(pilot, "Zhang Wei", name)
    await pilot.press("end", "enter")
    await until(pilot, name, str(LIMIT), f"+ {label(Decision.APPROVE)}")
    await pilot.press("a")
    await until(pilot, tr("Approve: {name}", name=name), str(LIMIT))
    await pilot.press("ctrl+s")
    await until(pilot, tr("waits for a signature, {signed} of {needed}", signed=1, needed=2), "Zhang Wei")
    await pilot.press("escape")
    await until(pilot, tr("To be reviewed"), "Zhang Wei")


async def the_second_manager_signs(pilot: Pilot[None], name: str) -> None:
    await pilot.press("f3")
    await until(pilot, name, str(LIMIT), tr("to be signed by you"))
    await pilot.press("enter")
    await until(pilot, f"> {tr('To be signed')}", name, f"{tr('proposed by')} Manager")
    await pilot.press("g")
    await until(pilot, tr("Sign this limit?"), str(LIMIT))
    await pilot.press("y")
    await until(pilot, tr("approved, the card is issued"))


async def the_teller_hands_over_and_activates(pilot: Pilot[None], name: str) -> None:
    await pilot.press("f4")
    await until(pilot, name, str(LIMIT))
    await pilot.press("end", "enter")
    await until(pilot, tr("Holder: {name}", name=name), tr("I have seen the holder's ID"))
    await pilot.press("y")
    await until(pilot, tr("The holder has the card in hand. From now on it can be used."))
    await pilot.press("y")
    await until(pilot, tr("No card waits to be handed over. t shows those to activate."))
    await pilot.press("t")
    await until(pilot, tr("No card waits to be activated. h shows those to hand over."))


# --- the customer, with the card --------------------------------------------------------------------------------------


async def the_customer_sees_the_card_masked(pilot: Pilot[None]) -> None:
    await pilot.press("f5")
    await until(pilot, f"+ {label(CardStatus.ACTIVE)}", tr("It is ready to use."), str(LIMIT), NAME_ON_CARD)
    assert re.search(r"\*{4} \d{4}\b", told(pilot))
    assert not re.search(r"\d{5}", told(pilot).replace(" ", "")), "more than the last four digits"


# --- the whole job ----------------------------------------------------------------------------------------------------


def known_by_the_bank(town: Town, number: str) -> CustomerFile:
    (row,) = search(town.desk("teller2"), number).items
    return open_file(town.desk("teller2"), row.id)


def somebody_else_waits_for_a_review(town: Town, clock: SimulatedClock) -> None:
    """Zhang Wei, who applied a minute earlier, so that the queue, the counter and the desk know more than one."""
    town.applicant()
    clock.advance(timedelta(minutes=1))


@pytest.mark.parametrize(("language", "welcome", "name"), [("en", "User name", "Sun Li"), ("zh_CN", "用户名", "孙丽")])
async def test_from_registration_to_an_active_card_by_keys_alone(
    language: str, welcome: str, name: str, town: Town, home: Home, clock: SimulatedClock
) -> None:
    somebody_else_waits_for_a_review(town, clock)
    number = town.new_id_number()
    app = application(home, clock, language)
    async with running(app, (80, 24)) as pilot:
        await until(pilot, welcome)
        await somebody_registers(pilot, name, number)
        await the_customer_signs_in_for_the_first_time(pilot)
        await the_customer_fills_in_the_profile(pilot)
        await the_customer_applies(pilot)
        await signs_out(pilot)

        await signs_in(pilot, "teller", tr("Counter"))
        await the_teller_completes_the_file(pilot, name)
        await signs_out(pilot)

        await signs_in(pilot, "manager", tr("Review"))
        await the_manager_approves(pilot, name)
        await signs_out(pilot)
        assert known_by_the_bank(town, number).cards == (), "one signature is not enough"

        await signs_in(pilot, "manager2", tr("Review"))
        await the_second_manager_signs(pilot, name)
        await signs_out(pilot)

        await signs_in(pilot, "teller", tr("Counter"))
        await the_teller_hands_over_and_activates(pilot, name)
        await signs_out(pilot)

        await signs_in(pilot, USERNAME, tr("Start"))
        await the_customer_sees_the_card_masked(pilot)
        assert app.mouse_position == (0, 0), "the mouse was used"

    file = known_by_the_bank(town, number)
    assert (file.name, file.circumstances) == (name, SOLID)
    assert (file.contact.phone, file.contact.channels) == ("+8613900001111", (Channel.SMS, Channel.PHONE))
    assert [(row.status, row.approved_limit) for row in file.applications] == [(ApplicationStatus.APPROVED, LIMIT)]
    assert [(card.status, card.limit) for card in file.cards] == [(CardStatus.ACTIVE, LIMIT)]
    assert verify_log(town.desk("admin")).sound
