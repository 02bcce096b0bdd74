"""A customer's file at the counter: every step by one key."""

from __future__ import annotations

import asyncio
from datetime import date
from uuid import UUID

import pytest
from textual.pilot import Pilot

from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import ApplicationStatus, CardStatus, DocumentKind
from bankcard_tui.screens.teller.application_file import ApplicationScreen
from bankcard_tui.screens.teller.customer_file import CustomerFileScreen
from bankcard_tui.services.activation import show_half
from bankcard_tui.services.customer_views import CustomerFile
from bankcard_tui.services.customers import change_contact, open_file
from bankcard_tui.services.drafts import my_drafts
from bankcard_tui.services.identity import add_document
from bankcard_tui.services.profile import Contact, Identity
from bankcard_tui.services.registration import register
from bankcard_tui.widgets.dialogs import Ask, Confirm, Message
from bankcard_tui.widgets.form import Form
from tests.branch import PASSWORD, SOLID, Town
from tests.screens.teller_kit import Terminal, issued, messages, returned, settled, told, types, until
from tests.screens.widgets_kit import shown


def at(town: Town, customer: UUID, who: str = "teller") -> Terminal:
    """Somebody who has the customer's file open."""
    return Terminal(town.desk(who), lambda: CustomerFileScreen(customer))


def known_by_store(town: Town, customer: UUID) -> CustomerFile:
    return open_file(town.desk("teller2"), customer)


@pytest.fixture
def customer(town: Town) -> UUID:
    """Somebody who was registered at the counter a moment ago."""
    contact = Contact(phone="13900139000")
    identity = Identity(name="Sun Li", id_number=town.new_id_number())
    return register(town.desk("teller"), "sunli", identity, contact).view.customer_id


async def test_a_new_file_says_what_is_missing_and_with_which_key(town: Town, customer: UUID) -> None:
    app = at(town, customer)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "Sun Li", "born 1988-05-17, 37 years", "! Not verified", "+8613900139000")
        assert "To do: v three witnesses e income and its source o activation code" in told(pilot)
        assert "No documents yet. d adds one." in told(pilot)
        await pilot.press("pagedown")
        await until(pilot, "Nothing is known yet. e fills it in.")


async def test_only_all_three_witnesses_verify_the_identity(town: Town, customer: UUID) -> None:
    app = at(town, customer)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "! Not verified")
        await pilot.press("v")
        await until(pilot, "Only all three verify the identity. Without them no card is issued.")
        await pilot.press("space", "down", "space", "ctrl+s")
        await settled(pilot)
        assert messages(pilot) == ["Recorded. The identity is not verified: one of the three is missing."]
        assert known_by_store(town, customer).verified_at is None
        await pilot.press("v")
        await settled(pilot)
        await pilot.press("space", "down", "space", "down", "space", "ctrl+s")
        await until(pilot, "+ Verified by Teller on 2026-03-02")
    file = known_by_store(town, customer)
    assert file.verified_by == "Teller"
    assert sorted(check.saw_signature for check in file.checks) == [False, True]


async def test_a_document_is_added_and_its_original_seen(town: Town, customer: UUID) -> None:
    app = at(town, customer)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "! Not verified")
        await pilot.press("d")
        await until(pilot, "No documents yet. a adds the first.")
        await pilot.press("a")
        await until(pilot, "Add a document")
        await pilot.press("2", "enter")
        await types(pilot, "payroll 12")
        await pilot.press("ctrl+s")
        await until(pilot, "payroll 12", "! original not seen", "Enter Original seen")
        await pilot.press("enter", "enter", "enter")
        await until(pilot, "Compare it with the original.")
        await pilot.press("y")
        await until(pilot, "+ seen")
        assert "Enter" not in told(pilot)
        await pilot.press("enter", "escape")
        await until(pilot, "payroll 12", "To do: v three witnesses")
    (document,) = known_by_store(town, customer).documents
    assert (document.kind, document.verified_by) == (DocumentKind.INCOME_PROOF, "Teller")


async def test_a_document_on_the_counter_is_added_and_seen_in_one_step(town: Town, customer: UUID) -> None:
    app = at(town, customer)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "! Not verified")
        await pilot.press("d", "a")
        await until(pilot, "Add a document")
        app.screen.query_one(Form).fill({"kind": "id_card", "reference": "31010", "issued_on": "2020-01-31", "seen": 1})
        await pilot.press("ctrl+s")
        await until(pilot, "+ seen")
    (document,) = known_by_store(town, customer).documents
    assert (document.verified_by, document.issued_on) == ("Teller", date(2020, 1, 31))


async def test_circumstances_and_income_check(town: Town, customer: UUID) -> None:
    app = at(town, customer)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "! Not verified")
        await pilot.press("i")
        await settled(pilot)
        assert "The income or its source is not filled in" in messages(pilot)[0]
        await pilot.press("e")
        await until(pilot, "Circumstances of Sun Li")
        app.screen.query_one(Form).fill(dict(SOLID))
        await pilot.press("ctrl+s")
        await until(pilot, "i income check")
        await pilot.press("pagedown")
        await until(pilot, "18,000.00", "! not checked")
        await pilot.press("i")
        await until(pilot, "Monthly income 18,000.00, source: Payroll at this bank.")
        await pilot.press("y")
        await until(pilot, "+ checked")
    file = known_by_store(town, customer)
    assert file.circumstances == SOLID
    assert file.income_checked_by == "Teller"
    assert my_drafts(town.desk("teller")) == ()


async def test_the_contact_is_changed_and_a_wrong_phone_stands_at_its_field(town: Town, customer: UUID) -> None:
    app = at(town, customer)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "! Not verified")
        await pilot.press("c")
        await until(pilot, "Contact of Sun Li")
        form = app.screen.query_one(Form)
        form.fill({"phone": "021 5555"})
        await pilot.press("ctrl+s")
        await until(pilot, "! This is")
        form.fill({"phone": "13700137000"})
        await pilot.press("ctrl+s")
        await until(pilot, "+8613700137000", "To do:")


async def test_what_was_typed_is_not_thrown_away_without_asking(town: Town, customer: UUID) -> None:
    app = at(town, customer)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "! Not verified")
        await pilot.press("c")
        await until(pilot, "Contact of Sun Li")
        await pilot.press("escape")
        await until(pilot, "To do:")
        await pilot.press("c")
        await until(pilot, "Contact of Sun Li")
        await pilot.press("enter")
        await types(pilot, "sun@example.com")
        await pilot.press("escape")
        await until(pilot, "Leave without sending?")
        await pilot.press("enter")
        await settled(pilot)
        assert app.screen.query_one(Form).raw("email") == "sun@example.com"
        await pilot.press("escape", "y")
        await until(pilot, "To do:")
        for _ in range(100):  # the draft goes behind the scenes
            if not my_drafts(town.desk("teller")):
                break
            await settled(pilot)
            await asyncio.sleep(0.05)
    assert my_drafts(town.desk("teller")) == ()


async def test_a_file_that_a_colleague_changed_is_read_again(town: Town, customer: UUID) -> None:
    town.verified(customer)
    app = at(town, customer)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "+ Verified")
        file = known_by_store(town, customer)
        change_contact(town.desk("teller2"), customer, file.version, Contact(phone="13700137000"))
        await pilot.press("v")
        await settled(pilot)
        await pilot.press("space", "ctrl+s")
        await until(pilot, "Somebody has changed this customer in the meantime.")
        await pilot.press("escape")
        await until(pilot, "+8613700137000", "Applications")


async def test_an_application_is_entered_and_shows_which_originals_are_missing(town: Town, customer: UUID) -> None:
    town.verified(customer)
    app = at(town, customer)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "+ Verified")
        await pilot.press("a")
        await until(pilot, "Application for Sun Li", "Choose the kind of card to see which documents it requires.")
        assert app.screen.query_one(Form).raw("embossed_name") == "SUN LI"
        await pilot.press("2")
        await until(pilot, "Business card requires:", "! Business licence")
        await pilot.press("1")
        await until(pilot, "Consumer card requires: + Identity card + Proof of income")
        await pilot.press("enter", "1", "enter")
        await types(pilot, "8000")
        await pilot.press("ctrl+s")
        await until(pilot, "> Submitted", "wish 8,000.00")
        await pilot.press("a")
        await until(pilot, "Application for")
        app.screen.query_one(Form).fill({"kind": "consumer", "purpose": "travel", "wished_limit": Money.yuan(9000)})
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert messages(pilot)[-1].startswith("There is an open application already.")
    (row,) = known_by_store(town, customer).applications
    assert (row.wished_limit, row.status) == (Money.yuan(8000), ApplicationStatus.SUBMITTED)


async def test_a_returned_application_is_opened_from_the_file(town: Town) -> None:
    registered, application = town.applicant()
    returned(town, application.id)
    app = at(town, registered.customer_id)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "p returned application")
        await pilot.press("p")
        await until(pilot, "! Returned", "Please add the payslips")
        assert isinstance(app.screen, ApplicationScreen)
        await pilot.press("r")
        await settled(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, "> Submitted")
        await pilot.press("escape")
        await until(pilot, "> Submitted", "Nothing is missing.")


async def test_a_card_goes_to_its_holder_and_becomes_active_from_the_file(town: Town) -> None:
    registered, application = town.applicant()
    issued(town, application.id)
    app = at(town, registered.customer_id)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "h hand over the card")
        await pilot.press("t")
        await settled(pilot)
        assert messages(pilot) == ["There is no card to activate."]
        await pilot.press("h")
        await until(pilot, "I have seen the holder's ID", "On the card: ZHANG WEI")
        assert isinstance(app.screen, Confirm)
        await pilot.press("y")
        await until(pilot, "Activate card")
        await pilot.press("escape")
        await until(pilot, "t activate the card", "! Handed over")
        await pilot.press("t")
        await until(pilot, "Activate card")
        await pilot.press("y")
        await until(pilot, "+ Active", "Nothing is missing.")
    (card,) = known_by_store(town, registered.customer_id).cards
    assert card.status is CardStatus.ACTIVE


async def half_shown(pilot: Pilot[None]) -> str:
    """Press o and y, and read the half-code in its dialog."""
    await until(pilot, "o activation code")
    await pilot.press("o")
    await until(pilot, "Show half of an activation code?")
    await pilot.press("y")
    await until(pilot, "of the activation code", "Valid until 2026-03-02 10:10")
    assert isinstance(pilot.app.screen, Message)
    line = next(line for line in shown(pilot.app).splitlines() if "  -  " in line)
    return line.split("│")[1].replace(" ", "")


async def test_two_colleagues_show_one_half_each_and_the_customer_activates_alone(town: Town, customer: UUID) -> None:
    from bankcard_tui.desk.registry import Secret
    from bankcard_tui.services.activation import complete

    halves = []
    for colleague, word in (("teller", "first"), ("teller2", "second")):
        app = at(town, customer, colleague)
        async with app.run_test(size=(80, 24)) as pilot:
            halves.append(await half_shown(pilot))
            assert f"This is the {word} half" in told(pilot)
    first, second = halves
    password = Secret(PASSWORD)
    complete(town.bank.lobby("lobby"), "sunli", Secret(first), Secret(second), password, password)
    assert not known_by_store(town, customer).waits_for_activation


async def test_nobody_is_shown_both_halves(town: Town, customer: UUID) -> None:
    account = known_by_store(town, customer).account_id
    assert account is not None
    show_half(town.desk("teller"), account)
    app = at(town, customer)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "o activation code")
        await pilot.press("o", "y")
        await settled(pilot)
        assert messages(pilot)[0].startswith("You have seen the first half: the second is shown to a colleague.")


@pytest.mark.parametrize(("key", "genuine"), [("1", True), ("2", False)])
async def test_a_claim_on_a_known_customer_is_settled(town: Town, key: str, genuine: bool) -> None:
    number = town.new_id_number()
    identity = Identity(name="Li Na", id_number=number)
    known = register(town.desk("teller"), "lina", identity, Contact(phone="13900139000")).view
    claimant = town.registers("lina2", "Li Na", number)
    if genuine:
        # Only one sign-in can stay: the known customer has none that is in use.
        from sqlalchemy import text

        with town.bank.store.write() as connection:
            connection.execute(text("UPDATE account SET disabled_at = 1 WHERE username = 'lina'"))
    app = at(town, claimant.customer_id)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "~ Claim", "the bank knows this ID number already", "s settle the claim")
        await pilot.press("v")
        await until(pilot, "Settle the claim first", "Press s to compare the person and settle the claim.")
        await pilot.press("escape", "s")
        await until(pilot, "The claim is")
        assert isinstance(app.screen, Ask)
        await pilot.press(key, "enter")
        await types(pilot, "photo compared")
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert messages(pilot)[-1] == "The claim is settled."
        assert isinstance(app.screen, CustomerFileScreen)
        file = app.screen.file
        if genuine:
            assert (file.id, file.username) == (known.customer_id, "lina2")
            assert "~ Claim" not in told(pilot)
        else:
            assert (file.id, file.username) == (claimant.customer_id, "")


async def test_a_claim_on_an_unknown_person_is_settled_by_verifying_the_identity(town: Town) -> None:
    claimant = town.registers("wang", "Wang Fang")
    app = at(town, claimant.customer_id)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "~ Claim")
        await pilot.press("s")
        await until(pilot, "Verifying the identity with v settles the claim.")
        await pilot.press("escape", "v")
        await settled(pilot)
        await pilot.press("space", "down", "space", "down", "space", "ctrl+s")
        await until(pilot, "+ Verified")


async def test_a_customer_with_many_documents_is_paged(town: Town, customer: UUID) -> None:
    for number in range(103):
        add_document(town.desk("teller"), customer, DocumentKind.TAX_RETURN, f"tax {number}")
    app = at(town, customer)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "d see originals")
        await pilot.press("d")
        await until(pilot, "Rows 1-100")
        await pilot.press("n")
        await until(pilot, "Rows 101-103")
        await pilot.press("p")
        await until(pilot, "Rows 1-100")


async def leaves_a_half_changed_contact(app: Terminal, pilot: Pilot[None]) -> None:
    """The teller types another address, and then the terminal is lost."""
    await until(pilot, "! Not verified")
    await pilot.press("c")
    await until(pilot, "Contact of Sun Li")
    await pilot.press("down", "down")
    await types(pilot, "Lane 3")
    app.screen.drafts.keep_at_once()
    await settled(pilot)


def colleague_changes(town: Town, customer: UUID, **changes: str) -> None:
    """At the other desk somebody else changes the contact."""
    desk = town.desk("teller2")
    file = open_file(desk, customer)
    change_contact(desk, customer, file.version, file.contact.model_copy(update=changes))


async def test_a_draft_does_not_bring_back_what_a_colleague_has_changed_since(town: Town, customer: UUID) -> None:
    lost = at(town, customer)
    async with lost.run_test(size=(80, 24)) as pilot:
        await leaves_a_half_changed_contact(lost, pilot)
    colleague_changes(town, customer, phone="13911112222")
    app = at(town, customer)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "! Not verified")
        await pilot.press("c")
        await until(pilot, "What you had typed is back.", "Lane 3", "+8613911112222")
        await pilot.press("ctrl+s")
        await until(pilot, "! Not verified")
    contact = known_by_store(town, customer).contact
    assert (contact.phone, contact.address) == ("+8613911112222", "Lane 3")


@pytest.mark.parametrize(("answer", "address"), [("1", "Pier 9"), ("2", "Lane 3"), ("escape", "Pier 9")])
async def test_a_field_that_two_desks_have_changed_shows_both_values_to_choose_from(
    town: Town, customer: UUID, answer: str, address: str
) -> None:
    lost = at(town, customer)
    async with lost.run_test(size=(80, 24)) as pilot:
        await leaves_a_half_changed_contact(lost, pilot)
    colleague_changes(town, customer, address="Pier 9")
    app = at(town, customer)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "! Not verified")
        await pilot.press("c")
        await until(pilot, "Address: somebody else changed it too", "on file now: Pier 9", "typed by you: Lane 3")
        await pilot.press(answer)
        await settled(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, "! Not verified")
    assert known_by_store(town, customer).contact.address == address


async def test_a_file_that_a_colleague_saves_first_is_loaded_again_and_nothing_typed_is_lost(
    town: Town, customer: UUID
) -> None:
    app = at(town, customer)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "! Not verified")
        await pilot.press("c")
        await until(pilot, "Contact of Sun Li")
        await pilot.press("down", "down")
        await types(pilot, "Lane 3")
        colleague_changes(town, customer, phone="13911112222")
        await pilot.press("ctrl+s")
        await until(pilot, "The profile was changed by somebody else")
        await pilot.press("y")
        await until(pilot, "Changed by somebody else: Phone. Check, then save.", "Lane 3")
        await pilot.press("ctrl+s")
        await until(pilot, "! Not verified")
    contact = known_by_store(town, customer).contact
    assert (contact.phone, contact.address) == ("+8613911112222", "Lane 3")
