"""The customer's limits: how much, why it changed, asking for another, and the answer."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import LimitChangeKind, PlanPurpose, ProposalState
from bankcard_tui.screens.common.limit_ask import LimitAskScreen
from bankcard_tui.screens.teller.customer_file import CustomerFileScreen
from bankcard_tui.services.limit_asking import ask, my_asks, my_limits
from bankcard_tui.services.limit_proposals import refuse, sign
from bankcard_tui.services.review import approve, claim
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.keybar import footer_fits
from tests.branch import Town
from tests.credit import Credit
from tests.screens.customer_kit import Terminal
from tests.screens.teller_kit import Terminal as CounterTerminal
from tests.screens.terminal_kit import presses, settled, told, types, until
from tests.screens.widgets_kit import LANGUAGES, SIZES, assert_harmless, shown, speaking

SMALL, TALL = (80, 24), (80, 70)


@pytest.fixture
def credit(town: Town) -> Credit:
    """A customer with a card of 5,000 yuan."""
    customer, application = town.applicant("zhang", 5_000)
    claim(town.desk("manager"), application.id)
    approve(town.desk("manager"), application.id, Money.yuan(5_000))
    return Credit(town, customer.customer_id)


def asked(credit: Credit, kind: LimitChangeKind = LimitChangeKind.RAISE, amount: int = 8_000) -> UUID:
    return ask(credit.town.desk("zhang"), credit.account, kind, Money.yuan(amount), said="I travel more.").view.id


async def test_the_page_shows_the_limit_its_use_and_why_it_changed(credit: Credit) -> None:
    credit.month(date(2026, 2, 1), 2_000)
    credit.special(1_500, date(2026, 3, 1), date(2026, 3, 31))
    change = credit.changed(LimitChangeKind.TEMPORARY, 5_000, 6_500, until=date(2026, 3, 31))
    credit.told(change_id=change)
    async with Terminal(credit.town.desk("zhang"), "cards").run_test(size=TALL) as pilot:
        await until(pilot, "Limit 5,000.00 yuan", "With what is granted beside it 6,500.00 yuan today.")
        said = told(pilot)
        assert "Temporary increase 1,500.00 until 2026-03-31" in said
        assert "2,000.00 of 6,500.00 used (31 %)" in said
        assert "It is looked at again by the bank from 2026-09-02 on." in said
        assert "+ Temporary increase: 5,000.00 to 6,500.00, until 2026-03-31" in said
        assert "2 months overdue." in said
        assert "Told: SMS (Delivered)" in said
        assert "+ Granted: 5,000.00" in said


async def test_l_asks_for_a_higher_limit_within_the_bounds_that_are_said(credit: Credit) -> None:
    app = Terminal(credit.town.desk("zhang"), "cards")
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, "Limit 5,000.00 yuan")
        await presses(pilot, "l")
        await until(pilot, "A new limit between 5,500.00 and 180,000.00 yuan, in steps of 500.00 yuan.")
        app.screen.query_one(Form).fill({"amount": "8000", "said": "I travel more."})
        await presses(pilot, "ctrl+s")
        await until(pilot, "What you asked for", "a limit of 8,000.00 yuan ~ waits for a manager", "I travel more.")
    waiting = my_asks(credit.town.desk("zhang"))
    assert [(each.kind, each.amount, each.said) for each in waiting] == [
        (LimitChangeKind.RAISE, Money.yuan(8_000), "I travel more.")
    ]


async def test_a_plan_says_what_it_takes_each_month(credit: Credit) -> None:
    app = Terminal(credit.town.desk("zhang"), "cards")
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, "Limit 5,000.00 yuan")
        await presses(pilot, "l")
        await until(pilot, "A new limit between")
        form = app.screen.query_one(Form)
        await presses(pilot, "3")
        await until(pilot, "Choose what it is for to see what is possible.")
        form.fill({"purpose": PlanPurpose.CAR, "amount": "24000", "months": "24"})
        form.post_message(Form.Changed(form, "months"))
        await until(pilot, "Up to 150,000.00 yuan over at most 60 months", "+ That is 1,000.00 yuan a month.")
        await presses(pilot, "ctrl+s")
        await until(pilot, "A car: 24,000.00 yuan over 24 months")
    waiting = my_asks(credit.town.desk("zhang"))[0]
    assert (waiting.purpose, waiting.months, waiting.monthly) == (PlanPurpose.CAR, 24, Money.yuan(1_000))


async def test_more_for_a_while_asks_for_its_last_day(credit: Credit) -> None:
    app = Terminal(credit.town.desk("zhang"), "cards")
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, "Limit 5,000.00 yuan")
        await presses(pilot, "l")
        await until(pilot, "A new limit between")
        await presses(pilot, "2")
        await until(pilot, "Between 500.00 and 2,500.00 yuan more, until 2026-05-31 at the latest.")
        app.screen.query_one(Form).fill({"amount": "9000", "until": "2026-04-30"})
        await presses(pilot, "ctrl+s")
        await settled(pilot)
        assert isinstance(app.screen, LimitAskScreen)
        app.screen.query_one(Form).fill({"amount": "1500"})
        await presses(pilot, "ctrl+s")
        await until(pilot, "1,500.00 yuan more until 2026-04-30")


async def test_t_takes_back_what_nobody_has_answered(credit: Credit) -> None:
    asked(credit)
    async with Terminal(credit.town.desk("zhang"), "cards").run_test(size=SMALL) as pilot:
        await until(pilot, "~ waits for a manager")
        await presses(pilot, "t")
        await until(pilot, "Take your request back?", "a limit of 8,000.00 yuan")
        await presses(pilot, "y")
        await until(pilot, "- Taken back")
    assert [each.state for each in my_asks(credit.town.desk("zhang"))] == [ProposalState.WITHDRAWN]


async def test_the_answer_of_the_bank_stands_on_the_page_and_on_the_first_page(credit: Credit) -> None:
    proposal = asked(credit)
    manager = credit.town.desk("manager2")
    version = my_asks(credit.town.desk("zhang"))[0].version
    refuse(manager, proposal, version, "Ask again in summer.", "Nothing for the customer.")
    async with Terminal(credit.town.desk("zhang"), "cards").run_test(size=SMALL) as pilot:
        await until(pilot, "x Turned down", "Answer: Ask again in summer.")
        assert "Nothing for the customer." not in told(pilot)
    async with Terminal(credit.town.desk("zhang"), "home").run_test(size=SMALL) as pilot:
        await until(pilot, "Your limits", "You asked for a limit of 8,000.00 yuan x Turned down")


async def test_the_first_page_tells_of_a_limit_that_has_changed_for_thirty_days(credit: Credit) -> None:
    proposal = asked(credit)
    version = my_asks(credit.town.desk("zhang"))[0].version
    sign(credit.town.desk("manager2"), proposal, version, Money.yuan(8_000))
    assert my_limits(credit.town.desk("zhang"))[0].limit == Money.yuan(8_000)
    async with Terminal(credit.town.desk("zhang"), "home").run_test(size=SMALL) as pilot:
        await until(pilot, "+ Limit increase: 5,000.00 to 8,000.00")
    clock = credit.town.bank.clock
    clock.advance(timedelta(days=31))  # type: ignore[attr-defined]
    desk = credit.town.sign_in("zhang")
    async with Terminal(desk, "home").run_test(size=SMALL) as pilot:
        await until(pilot, "What to do next")
        assert "Limit increase" not in told(pilot)


async def test_the_counter_asks_for_the_customer_who_stands_there(credit: Credit) -> None:
    app = CounterTerminal(credit.town.desk("teller"), lambda: CustomerFileScreen(credit.customer))
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, "Zhang Wei")
        await presses(pilot, "l")
        await until(pilot, "Another limit for the card ending in", "A new limit between")
        await presses(pilot, "4")
        await until(pilot, "A new limit between 500.00 and 4,500.00 yuan")
        app.screen.query_one(Form).fill({"amount": "3000"})
        await presses(pilot, "ctrl+s")
        await settled(pilot)
        assert isinstance(app.screen, CustomerFileScreen)
    waiting = my_asks(credit.town.desk("zhang"))[0]
    assert (waiting.kind, waiting.amount, waiting.made_by) == (LimitChangeKind.REDUCTION, Money.yuan(3_000), "Teller")


async def test_without_a_card_there_is_no_limit_to_ask_for(town: Town) -> None:
    customer = town.registers("zhang")
    app = CounterTerminal(town.desk("teller"), lambda: CustomerFileScreen(customer.customer_id))
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, "Zhang Wei")
        await presses(pilot, "l")
        assert isinstance(app.screen, CustomerFileScreen)
    async with Terminal(town.desk("zhang"), "cards").run_test(size=SMALL) as pilot:
        await until(pilot, "You have no card yet.")
        await presses(pilot, "l")
        assert "Ask for a limit" not in told(pilot)


async def test_what_was_typed_is_there_again_after_the_terminal_was_lost(credit: Credit) -> None:
    for _ in range(2):
        app = Terminal(credit.town.desk("zhang"), "cards")
        async with app.run_test(size=SMALL) as pilot:
            await until(pilot, "Limit 5,000.00 yuan")
            await presses(pilot, "l")
            await until(pilot, "A new limit between" if not _ else "What you had typed is back.")
            if not _:
                await presses(pilot, "2", "enter")
                await types(pilot, "1500")
                await settled(pilot)
                await presses(pilot, "escape")
                await settled(pilot)
            else:
                assert app.screen.query_one(Form).raw("amount") == "1500"
                assert "Last day" in shown(app)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_page_and_form_fit_in_every_size_and_language(
    credit: Credit, size: tuple[int, int], language: str
) -> None:
    asked(credit, LimitChangeKind.REDUCTION, 3_000)
    credit.changed(LimitChangeKind.TEMPORARY, 5_000, 6_500, until=date(2026, 3, 31))
    with speaking(language):
        app = Terminal(credit.town.desk("zhang"), "cards")
        async with app.run_test(size=size) as pilot:
            await until(pilot, "5,000.00")
            assert footer_fits(app.screen, size[0])
            assert_harmless(app)
            limit = my_limits(credit.town.desk("zhang"))[0]
            app.push_screen(LimitAskScreen(limit, lambda: None))
            await until(pilot, "180,000.00")
            for key in "1234":
                await presses(pilot, key)
                assert footer_fits(app.screen, size[0])
                assert_harmless(app)
