"""The credit file on the screen: from the customer's file, from the review desk, and to the customers themselves."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from bankcard_tui.desk.desk import Desk
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import LimitChangeKind, ProposalOrigin, ProposalState, WarningState
from bankcard_tui.screens.common.credit_file import CreditFileScreen
from bankcard_tui.screens.manager import PAGES as MANAGERS
from bankcard_tui.screens.teller.customer_file import CustomerFileScreen
from bankcard_tui.services.review import approve, claim
from bankcard_tui.widgets.keybar import footer_fits
from bankcard_tui.widgets.lined import Lined
from tests.branch import Town
from tests.credit import Credit
from tests.screens.customer_kit import Terminal as CustomersTerminal
from tests.screens.teller_kit import Terminal
from tests.screens.terminal_kit import Station, presses, settled, told, until
from tests.screens.widgets_kit import HOSTILE, LANGUAGES, SIZES, assert_harmless, shown, speaking

SMALL, LARGE = (80, 24), (120, 40)


@pytest.fixture
def credit(town: Town) -> Credit:
    """A customer with a card whose limit was raised, who paid late once, and whom somebody watches."""
    customer, application = town.applicant()
    claim(town.desk("manager"), application.id)
    approve(town.desk("manager"), application.id, Money.yuan(10_000), "Stable income.")
    credit = Credit(town, customer.customer_id)
    now = town.bank.clock.now()
    credit.changed(LimitChangeKind.GRANTED, 0, 10_000, at=now - timedelta(days=100))
    credit.evaluated()
    credit.proposed()
    credit.proposed(ProposalOrigin.CUSTOMER, answer="Not yet.", state=ProposalState.REFUSED, ended_by=credit.manager)
    change = credit.changed(LimitChangeKind.RAISE, 10_000, 13_000)
    credit.watched(change_id=change)
    credit.warned(state=WarningState.OPEN)
    credit.told(change_id=change)
    credit.special(3_000, date(2026, 3, 1), date(2026, 5, 31))
    credit.month(date(2026, 1, 1), 4_000, 12)
    credit.month(date(2026, 2, 1), 6_000)
    return credit


def opened(desk: Desk, customer: UUID, *, own: bool = False) -> Station:
    return Station(desk, MANAGERS, lambda: CreditFileScreen(customer, own=own))


async def test_f_opens_the_credit_file_from_the_customers_file(credit: Credit) -> None:
    app = Terminal(credit.town.desk("teller"), lambda: CustomerFileScreen(credit.customer))
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, "Zhang Wei")
        await presses(pilot, "f")
        await until(pilot, "Credit file Zhang Wei", "! 1 warning open", "~ watched")
        await presses(pilot, "escape")
        assert isinstance(app.screen, CustomerFileScreen)


async def test_a_wide_terminal_shows_standing_months_and_story_at_one_glance(credit: Credit) -> None:
    async with opened(credit.town.desk("manager"), credit.customer).run_test(size=LARGE) as pilot:
        await until(pilot, "Where the credit stands", "Month by month", "What happened")
        said = " ".join(" ".join(part.render().plain.split()) for part in pilot.app.screen.query(Lined))
        assert "13,000.00 of at most 180,000.00" in said
        assert "6,000.00 of 13,000.00 used (46 %)" in said
        assert "! 1 month, 12 days at worst" in said
        assert "Manager, decided last on 2026-03-02" in said
        assert "2026-02 G " in said
        assert "4,000.00 of 10,000.00 ! 12 d late" in said
        assert "+ Limit increase: 10,000.00 to 13,000.00" in said
        assert "2 months overdue." in said
        assert "Temporary increase 3,000.00 until 2026-05-31" in said


async def test_keys_jump_to_the_parts_and_show_one_topic_alone(credit: Credit) -> None:
    async with opened(credit.town.desk("manager"), credit.customer).run_test(size=SMALL) as pilot:
        await until(pilot, "Where the credit stands")
        await presses(pilot, "2")
        assert "Month by month" in told(pilot)
        assert "Where the credit stands" not in told(pilot)
        await presses(pilot, "t")
        await until(pilot, "What happened about what?", "Warnings and watch list")
        await presses(pilot, "4")
        await until(pilot, "What happened: Warnings and watch list", "! Warning: Limit nearly used up")
        assert "Income checked" not in told(pilot)
        await presses(pilot, "1")
        assert "Where the credit stands" in told(pilot)
        await presses(pilot, "j", "j")
        assert "Where the credit stands" not in told(pilot)


async def test_customers_read_their_own_without_what_is_meant_for_staff(credit: Credit) -> None:
    app = CustomersTerminal(credit.town.desk("zhang"), "profile")
    async with app.run_test(size=(120, 90)) as pilot:
        await until(pilot, "Who you are")
        await presses(pilot, "f")
        await until(pilot, "My credit file Zhang Wei", "Your requests none", "Answer: Not yet.", "2 months overdue.")
        said = told(pilot)
        for hidden in ("arning", "atch", "default risk", "Stable income.", "Proposed by"):
            assert hidden not in said


async def test_somebody_without_any_credit_reads_that_there_is_none(town: Town) -> None:
    customer = town.registers("zhang")
    async with opened(town.desk("teller"), customer.customer_id).run_test(size=SMALL) as pilot:
        await until(pilot, "no card yet", "No limit was granted yet")
        await presses(pilot, "3")
        await until(pilot, "Nothing happened yet.")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_it_fits_in_every_size_and_language(credit: Credit, size: tuple[int, int], language: str) -> None:
    with speaking(language):
        app = opened(credit.town.desk("manager"), credit.customer)
        async with app.run_test(size=size) as pilot:
            await until(pilot, "Zhang Wei", "13,000.00")
            assert footer_fits(app.screen, size[0])
            for key in "123":
                await presses(pilot, key)
                assert_harmless(app)
            if language == "zh_CN":
                assert "Limit" not in shown(app)


@pytest.mark.parametrize("hostile", HOSTILE[:-2], ids=range(len(HOSTILE) - 2))
async def test_hostile_text_out_of_the_store_is_only_text(credit: Credit, hostile: str) -> None:
    with credit.town.bank.store.write() as connection:
        for table, column in (
            ("customer", "name"),
            ("document", "reference"),
            ("account", "display_name"),
            ("application_decision", "note"),
            ("limit_proposal", "said"),
            ("limit_proposal", "answer"),
            ("limit_change", "reason"),
            ("early_warning", "note"),
            ("early_warning", "figures"),
            ("watched", "note"),
            ("message", "about"),
        ):
            statement: Any = text(f"UPDATE {table} SET {column} = :hostile")
            connection.execute(statement, {"hostile": hostile})
    app = opened(credit.town.desk("manager"), credit.customer)
    async with app.run_test(size=(80, 160)) as pilot:
        await until(pilot, "Where the credit stands")
        await settled(pilot)
        assert_harmless(app)
        assert "What stood here was altered" in told(pilot)
