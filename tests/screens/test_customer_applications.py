"""The customer applies, follows the application, adds what is missing, withdraws, and applies again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.errors import Conflict
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import ApplicationStatus, CardKind, DocumentKind, RefusalReason
from bankcard_tui.services.applications import my_applications, open_application, requirements, resubmit
from bankcard_tui.services.customers import my_file
from bankcard_tui.services.drafts import my_drafts
from bankcard_tui.services.review import claim, look, release
from bankcard_tui.widgets.form import Form
from tests.branch import Town
from tests.screens.customer_kit import Terminal, approved, refused, returned, settled, told, types, until

SMALL = (80, 24)


def at_applications(town: Town, username: str = "zhang") -> Terminal:
    return Terminal(town.desk(username), "apply")


def statuses(town: Town) -> list[ApplicationStatus]:
    return [row.status for row in my_applications(town.desk("zhang"))]


# --- applying ---------------------------------------------------------------------------------------------------------


async def test_a_customer_applies_by_keys_alone(town: Town) -> None:
    town.registers("zhang", "Zhang Wei")
    async with at_applications(town).run_test(size=SMALL) as pilot:
        await until(pilot, "You have not applied for a card yet. Press a to apply.")
        await pilot.press("a")
        await until(pilot, "Choose a card to see which documents it needs.")
        await until(pilot, "ZHANG WEI")
        await pilot.press("2")
        await until(pilot, "Business licence ! missing; bring the original to the counter")
        await pilot.press("1", "enter", "2", "enter")
        await until(pilot, "Proof of income ! missing")
        await types(pilot, "12,500")
        await pilot.press("ctrl+s")
        await until(pilot, "Rows 1-1")
        (row,) = my_applications(town.desk("zhang"))
        assert (row.kind, row.wished_limit) == (CardKind.CONSUMER, Money.yuan(12_500))
        assert row.number in told(pilot)
        assert "> Submitted" in told(pilot)
        assert open_application(town.desk("zhang"), row.id).embossed_name == "ZHANG WEI"
        assert my_drafts(town.desk("zhang")) == ()


async def test_a_chinese_name_is_left_for_the_customer_to_write_in_latin_letters(town: Town) -> None:
    town.registers("zhang", "张伟")
    async with at_applications(town).run_test(size=SMALL) as pilot:
        await settled(pilot)
        await pilot.press("a")
        await until(pilot, "In Latin letters as in the passport")
        await pilot.press("1", "enter", "1", "enter")
        await types(pilot, "9000")
        await pilot.press("enter")
        await types(pilot, "张伟")
        await pilot.press("ctrl+s")
        await until(pilot, "The name on the card takes Latin letters only")
        assert "张伟" in told(pilot)
        assert "9,000.00" in told(pilot)


@pytest.mark.parametrize("typed", ["100", "2000000"])
async def test_a_limit_that_no_card_has_is_refused_at_its_field(town: Town, typed: str) -> None:
    town.registers("zhang")
    async with at_applications(town).run_test(size=SMALL) as pilot:
        await settled(pilot)
        await pilot.press("a")
        await until(pilot, "ZHANG WEI")
        await pilot.press("1", "enter", "1", "enter")
        await types(pilot, typed)
        await pilot.press("ctrl+s")
        await until(pilot, "The wished limit lies between 500.00 and 1,000,000.00 yuan.")
        assert pilot.app.focused is not None
        assert pilot.app.focused.id == "wished_limit"


async def test_while_an_application_is_open_there_is_no_form_for_another(town: Town) -> None:
    town.applicant()
    async with at_applications(town).run_test(size=SMALL, notifications=True) as pilot:
        await until(pilot, "> Submitted")
        await pilot.press("a")
        await until(pilot, "There is an open application")
        await until(pilot, "Rows 1-1")
        assert not pilot.app.screen.query(Form)


async def test_what_was_typed_comes_back_after_leaving(town: Town) -> None:
    town.registers("zhang")
    async with at_applications(town).run_test(size=SMALL) as pilot:
        await settled(pilot)
        await pilot.press("a")
        await until(pilot, "ZHANG WEI")
        await pilot.press("2", "escape")
        await until(pilot, "You have not applied")
        await pilot.press("a")
        await until(pilot, "What you had typed is back.")
        assert "2 (*) Business card" in told(pilot)
        assert "Business licence ! missing" in told(pilot)


# --- after a decision -------------------------------------------------------------------------------------------------


async def test_a_refusal_is_told_in_plain_words_and_leads_to_another_application(
    town: Town, clock: SimulatedClock
) -> None:
    _, row = town.applicant()
    refused(town, row.id, (RefusalReason.INCOME, RefusalReason.OTHER), "Please come back in autumn.")
    clock.advance(timedelta(minutes=1))
    async with at_applications(town).run_test(size=SMALL) as pilot:
        await until(pilot, "You can apply again: press a.")
        await pilot.press("enter")
        await until(pilot, "Why it was refused")
        assert "Your income is not high enough for this card" in told(pilot)
        assert "Please come back in autumn." in told(pilot)
        await pilot.press("a")
        await until(pilot, "1 (*) Consumer card")
        await until(pilot, "10,000.00")
        await pilot.press("ctrl+s")
        await until(pilot, "Rows 1-2")
        assert statuses(town) == [ApplicationStatus.SUBMITTED, ApplicationStatus.REFUSED]
        again = open_application(town.desk("zhang"), my_applications(town.desk("zhang"))[0].id)
        assert again.earlier == row.id


async def test_an_application_is_withdrawn_only_on_purpose(town: Town) -> None:
    town.applicant()
    async with at_applications(town).run_test(size=SMALL) as pilot:
        await until(pilot, "> Submitted")
        await pilot.press("enter")
        await until(pilot, "w Withdraw")
        await pilot.press("w")
        await until(pilot, "Withdraw this application?")
        await pilot.press("enter")
        await settled(pilot)
        assert statuses(town) == [ApplicationStatus.SUBMITTED]
        await pilot.press("w")
        await until(pilot, "Withdraw this application?")
        await pilot.press("y")
        await until(pilot, "- Withdrawn")
        assert statuses(town) == [ApplicationStatus.WITHDRAWN]
        assert "w Withdraw" not in told(pilot)
        assert "a Apply again" in told(pilot)


async def test_a_returned_application_says_what_is_missing_and_is_sent_again(town: Town, clock: SimulatedClock) -> None:
    _, row = town.applicant()
    clock.advance(timedelta(minutes=1))
    returned(town, row.id, "Please add the payslips.")
    clock.advance(timedelta(minutes=1))
    async with at_applications(town).run_test(size=SMALL) as pilot:
        await until(pilot, "! Returned")
        await pilot.press("enter")
        await until(pilot, "We need something more from you Please add the payslips.")
        await pilot.press("d")
        await until(pilot, "Add a document")
        await pilot.press("8", "enter")
        await types(pilot, "Payslips 2026")
        await pilot.press("enter")
        await types(pilot, "2026-02-28")
        await pilot.press("ctrl+s")
        await until(pilot, "Proof of assets ! on file; bring the original to the counter")
        added = my_file(town.desk("zhang")).documents[0]
        assert (added.kind, added.reference, str(added.issued_on)) == (
            DocumentKind.ASSET_PROOF,
            "Payslips 2026",
            "2026-02-28",
        )
        assert added.verified_at is None
        await pilot.press("r")
        await until(pilot, "Send the application again")
        await types(pilot, "Payslips added")
        await pilot.press("ctrl+s")
        await until(pilot, "waits for a manager")
        assert statuses(town) == [ApplicationStatus.SUBMITTED]
        await pilot.press("end")
        await until(pilot, "> Sent again Zhang Wei")
        assert "Payslips added" in told(pilot)


async def test_a_document_from_the_future_is_refused_in_the_dialog(town: Town) -> None:
    town.applicant()
    async with at_applications(town).run_test(size=SMALL) as pilot:
        await until(pilot, "> Submitted")
        await pilot.press("enter")
        await until(pilot, "d Add a document")
        await pilot.press("d")
        await until(pilot, "Add a document")
        await pilot.press("2", "enter", "x", "enter")
        await types(pilot, "2027-01-01")
        await pilot.press("ctrl+s")
        await until(pilot, "This day lies in the future.")
    assert date(2027, 1, 1) not in {each.issued_on for each in my_file(town.desk("zhang")).documents}


async def test_the_history_tells_who_did_what_and_when(town: Town, clock: SimulatedClock) -> None:
    _, row = town.applicant()
    clock.advance(timedelta(minutes=1))
    claim(town.desk("manager"), row.id)
    clock.advance(timedelta(minutes=1))
    release(town.desk("manager"), row.id)
    clock.advance(timedelta(minutes=1))
    refused(town, row.id, (RefusalReason.DEBT_SERVICE,))
    async with at_applications(town).run_test(size=(120, 40)) as pilot:
        await until(pilot, "x Refused")
        await pilot.press("enter")
        await until(pilot, "2026-03-02 10:03 x Refused Manager Too much of your income already goes")
        assert "2026-03-02 10:02 > Back in the queue Manager" in told(pilot)
        assert "2026-03-02 10:01 ~ In review Manager" in told(pilot)
        assert "2026-03-02 10:00 > Submitted Zhang Wei" in told(pilot)


async def test_keys_that_can_not_help_are_not_offered(town: Town) -> None:
    _, row = town.applicant()
    approved(town, row.id)
    async with at_applications(town).run_test(size=SMALL) as pilot:
        await until(pilot, "+ Approved")
        await pilot.press("enter")
        await until(pilot, "Granted limit 10,000.00 yuan")
        for key in ("r Send again", "d Add a document", "w Withdraw"):
            assert key not in told(pilot)
        await pilot.press("w", "r", "d")
        await settled(pilot)
        assert "Granted limit 10,000.00 yuan" in told(pilot)


# --- what the services give a customer --------------------------------------------------------------------------------


def test_a_customer_never_gets_the_opinion_behind_a_decision(town: Town) -> None:
    _, row = town.applicant()
    refused(town, row.id)
    assert look(town.desk("manager"), row.id).application.decisions
    assert open_application(town.desk("zhang"), row.id).decisions == ()


def test_a_customer_does_not_see_that_an_approval_waits_for_a_signature(town: Town) -> None:
    _, row = town.applicant(wish=20_000)
    approved(town, row.id, limit=20_000)
    assert look(town.desk("manager"), row.id).application.request is not None
    seen = open_application(town.desk("zhang"), row.id)
    assert seen.request is None
    assert seen.row.status is ApplicationStatus.IN_REVIEW


def test_an_application_in_review_can_not_be_taken_from_its_manager_by_sending_it_again(town: Town) -> None:
    _, row = town.applicant()
    claim(town.desk("manager"), row.id)
    with pytest.raises(Conflict, match="Only a returned application"):
        resubmit(town.desk("zhang"), row.id)
    assert statuses(town) == [ApplicationStatus.IN_REVIEW]


def test_the_required_documents_are_those_of_the_policy(town: Town) -> None:
    town.registers("zhang")
    for username in ("zhang", "teller"):
        found = {each.kind: each.documents for each in requirements(town.desk(username))}
        assert set(found) == set(CardKind)
        assert found[CardKind.CONSUMER] == (DocumentKind.ID_CARD, DocumentKind.INCOME_PROOF)
