"""At the counter: finding customers, registering them, and what waits."""

from __future__ import annotations

import asyncio

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from bankcard_tui.rules.terms import CardStatus
from bankcard_tui.screens.teller.customer_file import CustomerFileScreen
from bankcard_tui.screens.teller.search_box import SearchBox
from bankcard_tui.services.cards import to_hand_over
from bankcard_tui.services.customers import search
from bankcard_tui.services.drafts import my_drafts
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.table import PagedTable
from tests.branch import Town
from tests.screens.teller_kit import Terminal, issued, messages, returned, settled, told, types, until
from tests.screens.widgets_kit import shown


async def names(pilot: Pilot[None], *expected: str) -> None:
    """Wait until exactly these customers are listed."""
    table = pilot.app.screen.query_one(PagedTable)
    found: list[str] = []
    for _ in range(60):
        await settled(pilot)
        found = [str(row.cells[0]) for row in table.page.rows]
        if sorted(found) == sorted(expected):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(found)


@pytest.fixture
def street(town: Town) -> dict[str, str]:
    """Three customers: name to ID number."""
    people = {}
    for serial, name in enumerate(("Zhang Wei", "Zhang Min", "李娜")):
        number = town.new_id_number()
        town.registers(f"customer{serial}", name, number)
        people[name] = number
    return people


async def test_the_cursor_stands_in_the_search_line_and_the_newest_customers_are_listed(
    town: Town, street: dict[str, str]
) -> None:
    app = Terminal(town.desk("teller"))
    async with app.run_test(size=(80, 24)) as pilot:
        assert isinstance(app.focused, Input)
        await names(pilot, *street)
        await until(pilot, "3 claims (F5)")


async def test_customers_are_found_while_typing(town: Town, street: dict[str, str]) -> None:
    app = Terminal(town.desk("teller"))
    async with app.run_test(size=(80, 24)) as pilot:
        await types(pilot, "zhang")
        await names(pilot, "Zhang Wei", "Zhang Min")
        await types(pilot, " m")
        await names(pilot, "Zhang Min")
        await pilot.press("escape")
        await types(pilot, "李")
        await names(pilot, "李娜")
        await pilot.press("escape")
        await types(pilot, street["李娜"][-4:].lower())
        await names(pilot, "李娜")
        await pilot.press("escape")
        await types(pilot, "13800")
        await names(pilot, *street)
        await pilot.press("escape")
        await types(pilot, street["Zhang Wei"])
        await names(pilot, "Zhang Wei")


async def test_half_a_number_is_not_a_mistake(town: Town, street: dict[str, str]) -> None:
    app = Terminal(town.desk("teller"))
    async with app.run_test(size=(80, 24)) as pilot:
        await types(pilot, "13")
        await until(pilot, "Type four digits or more.")
        assert "! Type four" not in shown(app)
        await types(pilot, "900")
        await until(pilot, "Nobody is found by 13900. Check what you typed. F3 registers a new customer.")


async def test_enter_opens_the_only_one_found_at_once(town: Town, street: dict[str, str]) -> None:
    app = Terminal(town.desk("teller"))
    async with app.run_test(size=(80, 24)) as pilot:
        await types(pilot, "zhang w")
        await pilot.press("enter")
        await until(pilot, "Zhang Wei", "To do:")
        assert isinstance(app.screen, CustomerFileScreen)
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(app.focused, Input)


async def test_of_several_the_arrows_choose_and_the_slash_comes_back(town: Town, street: dict[str, str]) -> None:
    app = Terminal(town.desk("teller"))
    async with app.run_test(size=(80, 24)) as pilot:
        await types(pilot, "zhang")
        await pilot.press("enter")
        await names(pilot, "Zhang Wei", "Zhang Min")
        await settled(pilot)
        assert not isinstance(app.focused, Input)
        await pilot.press("j", "slash")
        assert isinstance(app.focused, Input)
        await pilot.press("down", "k", "enter")
        await until(pilot, "To do:")
        assert isinstance(app.screen, CustomerFileScreen)


async def test_what_waits_is_counted_with_the_key_of_its_page(town: Town) -> None:
    _, first = town.applicant("first")
    returned(town, first.id)
    _, second = town.applicant("second")
    issued(town, second.id)
    app = Terminal(town.desk("teller"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "Waiting: 1 returned (F6) 1 card to hand over (F4)")


async def test_a_customer_is_registered_with_what_can_be_derived_and_the_file_opens(town: Town) -> None:
    number = town.new_id_number()
    app = Terminal(town.desk("teller"), "register")
    async with app.run_test(size=(80, 24)) as pilot:
        await types(pilot, "Sun Li")
        await pilot.press("enter")
        await types(pilot, number)
        await until(pilot, "+ born 1988-05-17, 37 years")
        await pilot.press("enter")
        await types(pilot, "13900139000")
        assert app.screen.query_one(Form).raw("username") == "13900139000"
        await pilot.press("enter", "enter", "enter", "1", "enter", "enter", "enter", "enter", "enter")
        await until(pilot, "! Not verified", "v three witnesses", "o activation code")
        assert isinstance(app.screen, CustomerFileScreen)
    (row,) = search(town.desk("teller"), number).items
    assert row.name == "Sun Li"
    assert not row.claim
    assert my_drafts(town.desk("teller")) == ()


async def test_a_user_name_that_was_typed_is_not_replaced_by_the_phone(town: Town) -> None:
    app = Terminal(town.desk("teller"), "register")
    async with app.run_test(size=(80, 24)) as pilot:
        form = app.screen.query_one(Form)
        form.fill({"username": "sun.li"})
        form.rows["phone"].input.focus()
        await types(pilot, "139")
        assert form.raw("username") == "sun.li"


async def test_what_is_wrong_stands_at_the_field_and_what_was_typed_stays(town: Town) -> None:
    known = town.new_id_number()
    town.teller_registers("known", "Li Na", known)
    app = Terminal(town.desk("teller"), "register")
    async with app.run_test(size=(80, 24)) as pilot:
        form = app.screen.query_one(Form)
        swapped = known[:-1] + ("2" if known[-1] == "1" else "1")
        form.fill({"name": "Sun Li", "id_number": swapped, "phone": "1", "username": "known"})
        await pilot.press("ctrl+s")
        await until(pilot, "The last character of the ID number does not fit", "This is not a mobile number.")
        assert app.focused is form.rows["id_number"].input
        assert form.raw("name") == "Sun Li"
        form.fill({"id_number": known, "phone": "13900139000", "username": "sunli"})
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert any("belongs to a customer of the bank already" in said for said in messages(pilot))


async def test_a_card_is_handed_over_and_activated_after_a_look_at_the_id(town: Town) -> None:
    _, application = town.applicant()
    issued(town, application.id)
    teller = town.desk("teller")
    app = Terminal(teller, "cards")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "Zhang Wei", "10,000.00", "Enter Hand over")
        await pilot.press("enter", "enter")
        await settled(pilot)
        assert to_hand_over(teller).items, "the cursor stands on Cancel"
        await pilot.press("enter")
        await until(pilot, "Hand over card", "I have seen the holder's ID")
        await pilot.press("y")
        await until(pilot, "Activate card")
        await pilot.press("n", "t")
        await until(pilot, "Rows 1-1", "Enter Activate")
        assert to_hand_over(teller, CardStatus.HANDED_OVER).items
        await pilot.press("enter")
        await until(pilot, "Activate card")
        await pilot.press("y")
        await until(pilot, "No card waits to be activated.")
    assert not to_hand_over(teller, CardStatus.HANDED_OVER).items


async def test_who_registered_alone_waits_on_the_claims_page(town: Town, street: dict[str, str]) -> None:
    app = Terminal(town.desk("teller"), "claims")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, *street)
        await pilot.press("enter")
        await until(pilot, "~ Claim", "v three witnesses")


async def test_applications_are_filtered_searched_and_submitted_again(town: Town) -> None:
    _, first = town.applicant("first")
    returned(town, first.id)
    customer = town.registers("second", "Wang Fang")
    second = town.applies("second", customer.customer_id)
    app = Terminal(town.desk("teller"), "applications")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, first.number, second.number)
        await pilot.press("f", "3")
        await until(pilot, "Rows 1-1", "Status: ! Returned")
        await pilot.press("enter")
        await until(pilot, "Please add the payslips of three months.")
        await pilot.press("r")
        await until(pilot, "Submit the application again?")
        await types(pilot, "Three payslips.")
        await pilot.press("ctrl+s")
        await until(pilot, "> Submitted", "Three payslips.")
        assert not app.screen.check_action("resubmit", ())
        await pilot.press("escape", "f", "0", "slash")
        await types(pilot, "wang")
        await until(pilot, second.number, "Rows 1-1")
        assert first.number not in told(pilot)
        await pilot.press("enter", "enter")
        await until(pilot, "History")
        await pilot.press("w")
        await until(pilot, "This can't be taken back.")
        await pilot.press("y")
        await until(pilot, "- Withdrawn")


async def test_a_slash_in_the_search_begins_a_new_search(town: Town) -> None:
    town.teller_registers("lina")
    app = Terminal(town.desk("teller"))
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press(*"xyz", "slash", *"Li")
        assert app.screen.query_one(SearchBox).value == "Li"
