"""The customer's profile and cards: read at one glance, changed in two forms, never by overwriting others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import Channel, Housing, Occupation
from bankcard_tui.services.cards import hand_over, my_cards
from bankcard_tui.services.customer_views import CustomerFile
from bankcard_tui.services.customers import change_contact, my_file, open_file
from bankcard_tui.services.drafts import load_draft, my_drafts
from bankcard_tui.services.profile import Circumstances
from tests.branch import SOLID, Town
from tests.screens.customer_kit import Terminal, approved, settled, told, types, until

SMALL = (80, 24)


def at_profile(town: Town) -> Terminal:
    return Terminal(town.desk("zhang"), "profile")


def mine(town: Town) -> CustomerFile:
    return my_file(town.desk("zhang"))


def teller_changes_phone(town: Town, phone: str = "13911112222") -> None:
    file = open_file(town.desk("teller"), mine(town).id)
    change_contact(town.desk("teller"), file.id, file.version, file.contact.model_copy(update={"phone": phone}))


async def test_the_profile_shows_what_the_bank_knows_and_masks_the_numbers(town: Town) -> None:
    customer = town.registers("zhang")
    town.verified(customer.customer_id)
    async with at_profile(town).run_test(size=(120, 40)) as pilot:
        await until(pilot, "Harbour Works")
        number = mine(town).id_number
        assert number.startswith("****")
        assert number in told(pilot)
        assert "+86 138****8000" in told(pilot)
        assert "13800138000" not in told(pilot)
        assert "Income a month 18,000.00 yuan" in told(pilot)
        assert "+ checked on 2026-03-02" in told(pilot)
        assert "Only the counter changes name and ID number" in told(pilot)


async def test_the_contact_is_changed_by_keys_alone(town: Town) -> None:
    town.registers("zhang")
    async with at_profile(town).run_test(size=SMALL) as pilot:
        await until(pilot, "c Contact")
        await pilot.press("c")
        await until(pilot, "+8613800138000")
        await types(pilot, "139 0000 1111")
        await pilot.press("enter", "enter")
        await types(pilot, "1 Harbour Road")
        await pilot.press("enter", "1", "4", "ctrl+s")
        await until(pilot, "+86 139****1111")
        assert "1 Harbour Road" in told(pilot)
        contact = mine(town).contact
        assert (contact.phone, contact.channels) == ("+8613900001111", (Channel.SMS, Channel.PHONE))
        assert contact.email == "zw@example.com"
        assert my_drafts(town.desk("zhang")) == ()


async def test_each_wrong_answer_is_told_at_its_field_and_nothing_is_lost(town: Town) -> None:
    town.registers("zhang")
    async with at_profile(town).run_test(size=SMALL) as pilot:
        await until(pilot, "c Contact")
        await pilot.press("c")
        await until(pilot, "+8613800138000")
        await types(pilot, "12345")
        await pilot.press("enter")
        await types(pilot, "nobody")
        await pilot.press("ctrl+s")
        await until(pilot, "This is not a mobile number.")
        assert "This is not an e-mail address." in told(pilot)
        assert "12345" in told(pilot)
        assert "nobody" in told(pilot)
        assert mine(town).contact.phone == "+8613800138000"


async def test_the_circumstances_are_filled_in_by_keys_alone(town: Town) -> None:
    town.registers("zhang")
    async with at_profile(town).run_test(size=SMALL) as pilot:
        await until(pilot, "i Income and means")
        await pilot.press("i")
        await until(pilot, "Employer")
        await types(pilot, "Harbour Works")
        await pilot.press("enter", "2", "enter", "1", "enter", "9", "enter")
        await types(pilot, "18000")
        await pilot.press("enter", "1", "enter")
        for amount in ("220000", "50000", "0", "0", "10000", "0"):
            await types(pilot, amount)
            await pilot.press("enter")
        await pilot.press("1", "enter", "1", "ctrl+s")
        await until(pilot, "Income a month 18,000.00 yuan")
        assert mine(town).circumstances == SOLID


async def test_what_is_left_empty_stays_unknown_and_is_not_zero(town: Town) -> None:
    town.registers("zhang")
    async with at_profile(town).run_test(size=SMALL) as pilot:
        await until(pilot, "i Income and means")
        await pilot.press("i")
        await until(pilot, "Kind of employer")
        await pilot.press("enter", "enter", "7", "ctrl+s")
        await until(pilot, "Student")
        assert mine(town).circumstances == Circumstances(occupation=Occupation.STUDENT)


async def test_a_changed_income_has_to_be_checked_again(town: Town) -> None:
    town.verified(town.registers("zhang").customer_id)
    async with at_profile(town).run_test(size=(120, 40)) as pilot:
        await until(pilot, "+ checked on 2026-03-02")
        await pilot.press("i")
        await until(pilot, "18,000.00")
        await pilot.press(*["enter"] * 4, *"20000", "ctrl+s")
        await until(pilot, "! not checked by the bank yet")
        assert mine(town).circumstances.monthly_income == Money.yuan(20_000)


async def test_a_change_by_somebody_else_is_told_and_neither_is_lost(town: Town) -> None:
    town.registers("zhang")
    async with at_profile(town).run_test(size=SMALL) as pilot:
        await until(pilot, "c Contact")
        await pilot.press("c")
        await until(pilot, "zw@example.com")
        teller_changes_phone(town)
        await pilot.press("enter")
        await types(pilot, "new@example.com")
        await pilot.press("ctrl+s")
        await until(pilot, "The profile was changed by somebody else")
        await pilot.press("y")
        await until(pilot, "Changed by somebody else: Mobile phone. Check, then save.")
        assert "+8613911112222" in told(pilot)
        assert "new@example.com" in told(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, "+86 139****2222")
        assert (mine(town).contact.phone, mine(town).contact.email) == ("+8613911112222", "new@example.com")


async def test_who_does_not_want_to_reload_keeps_the_form_and_saves_nothing(town: Town) -> None:
    town.registers("zhang")
    async with at_profile(town).run_test(size=SMALL) as pilot:
        await until(pilot, "c Contact")
        await pilot.press("c")
        await until(pilot, "zw@example.com")
        teller_changes_phone(town)
        await pilot.press("enter")
        await types(pilot, "new@example.com")
        await pilot.press("ctrl+s")
        await until(pilot, "The profile was changed by somebody else")
        await pilot.press("enter")
        await settled(pilot)
        assert "new@example.com" in told(pilot)
        assert mine(town).contact.email == "zw@example.com"


async def test_an_old_draft_does_not_undo_what_the_counter_has_changed_since(town: Town) -> None:
    town.registers("zhang")
    async with at_profile(town).run_test(size=SMALL) as pilot:
        await until(pilot, "c Contact")
        await pilot.press("c")
        await until(pilot, "zw@example.com")
        await pilot.press("enter")
        await types(pilot, "new@example.com")
        await pilot.press("escape")
        await until(pilot, "How we reach you")
        assert load_draft(town.desk("zhang"), "customer.contact") == {
            "typed": {"email": "new@example.com"},
            "over": {"email": "zw@example.com"},
        }
        teller_changes_phone(town)
        await pilot.press("c")
        await until(pilot, "What you had typed is back.")
        assert "+8613911112222" in told(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, "+86 139****2222")
        assert mine(town).contact.email == "new@example.com"


@pytest.mark.parametrize(("answer", "phone"), [("1", "+8613911112222"), ("2", "+8613500001111")])
async def test_of_two_changes_of_the_same_field_the_customer_chooses_one(town: Town, answer: str, phone: str) -> None:
    town.registers("zhang")
    async with at_profile(town).run_test(size=SMALL) as pilot:
        await until(pilot, "c Contact")
        await pilot.press("c")
        await until(pilot, "zw@example.com")
        await types(pilot, "13500001111")
        teller_changes_phone(town)
        await pilot.press("ctrl+s")
        await until(pilot, "The profile was changed by somebody else")
        await pilot.press("y")
        await until(pilot, "on file now: +8613911112222")
        assert "typed by you: 13500001111" in told(pilot)
        assert "Mobile phone: somebody else changed it too" in told(pilot)
        await pilot.press(answer)
        await until(pilot, "Changed by somebody else: Mobile phone.")
        await pilot.press("ctrl+s")
        await until(pilot, "How we reach you (c changes it)")
        assert mine(town).contact.phone == phone


async def test_another_language_in_the_middle_of_a_form_keeps_what_was_typed(town: Town) -> None:
    town.verified(town.registers("zhang").customer_id)
    app = at_profile(town)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, "i Income and means")
        await pilot.press("i")
        await until(pilot, "Harbour Works")
        await types(pilot, "Lighthouse")
        app.speak("zh_CN")
        await until(pilot, "工作情况")
        assert "Lighthouse" in told(pilot)
        app.speak("en")
        await until(pilot, "Your work")
        await pilot.press("ctrl+s")
        await until(pilot, "Lighthouse")
        assert mine(town).circumstances == SOLID.model_copy(update={"employer": "Lighthouse"})
        assert mine(town).circumstances.housing is Housing.OWNED


async def test_the_cards_show_limit_grade_status_and_expiry_but_never_the_number(
    town: Town, clock: SimulatedClock
) -> None:
    _, row = town.applicant()
    approved(town, row.id)
    (card,) = my_cards(town.desk("zhang"))
    clock.advance(timedelta(minutes=1))
    async with Terminal(town.desk("zhang"), "cards").run_test(size=SMALL) as pilot:
        await until(pilot, f"{card.number} Consumer card > Issued")
        assert card.number.startswith("**** **** ****")
        assert "fetch it at the counter" in told(pilot)
        assert "10,000.00 yuan" in told(pilot)
        assert "2031-03-31" in told(pilot)
        assert "Excellent" in told(pilot)
        hand_over(town.desk("teller"), card.id, True)
        await pilot.press("f1", "escape")
        await until(pilot, "! Handed over")
        assert "have it activated at the counter" in told(pilot)
