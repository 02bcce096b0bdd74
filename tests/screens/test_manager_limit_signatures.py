"""Changes of limits that wait for one more person, one by one and as a batch; and those a manager proposes."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bankcard_tui.desk.pending import REQUEST
from bankcard_tui.desk.results import RequestView
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import Grade, LimitChangeKind
from bankcard_tui.screens.teller.customer_file import CustomerFileScreen
from bankcard_tui.services.limit_batches import sign_batch
from bankcard_tui.services.limit_proposals import open_proposal, proposals, sign
from bankcard_tui.services.limit_views import Seen
from tests.branch import Town
from tests.screens.limits_kit import Holder, evaluated, holder, limit_of
from tests.screens.manager_kit import Terminal, messages, presses, told, types, until
from tests.screens.widgets_kit import SIZES


def signed_once(town: Town, who: Holder, amount: int) -> RequestView:
    """A change that one manager has signed and that needs another one."""
    proposal = evaluated(town, who, amount)
    desk = town.desk("manager")
    version = open_proposal(desk, proposal).proposal.version
    request = sign(desk, proposal, version, Money.yuan(amount), "Good for many years.").pending
    assert request is not None
    return request


@pytest.mark.parametrize("size", SIZES)
async def test_a_second_person_looks_at_a_change_and_signs_it(town: Town, size: tuple[int, int]) -> None:
    zhang = holder(town, "zhang", "Zhang Wei", 20_000)
    signed_once(town, zhang, 26_000)
    app = Terminal(town.desk("manager2"), "signatures")
    async with app.run_test(size=size) as pilot:
        await until(pilot, "> 1 limit change: l")
        await presses(pilot, "l")
        await until(pilot, "Zhang Wei", "+6,000.00", "1 of 2", "> to be signed by you")
        await presses(pilot, "enter")
        await until(pilot, "+ Limit increase", "20,000.00 > 26,000.00", "two signatures")
        await presses(pilot, "g")
        await until(pilot, "Sign this change of limits?", "20,000.00 > 26,000.00", "Good for many years.")
        assert limit_of(town, zhang) == Money.yuan(20_000)
        await presses(pilot, "y")
        await until(pilot, "Zhang Wei + 1 limit is changed", "No change of a limit waits for a signature.")
        await presses(pilot, "escape")
        await until(pilot, "Nothing waits for a signature.")
        assert "limit change: l" not in told(pilot)
    assert limit_of(town, zhang) == Money.yuan(26_000)


@pytest.mark.parametrize("size", SIZES)
async def test_a_batch_is_looked_through_and_signed_as_a_whole(town: Town, size: tuple[int, int]) -> None:
    zhang, lina = holder(town, "zhang", "Zhang Wei", 20_000), holder(town, "lina", "Li Na")
    ids = [evaluated(town, zhang, 26_000), evaluated(town, lina, 5_000, grade=Grade.GOOD)]
    desk = town.desk("manager")
    seen = tuple(Seen(proposal=each.id, version=each.version, amount=each.amount) for each in proposals(desk).items)
    assert [each.proposal for each in seen] == ids
    assert sign_batch(desk, seen, Money.yuan(6_000), Money.yuan(5_000)).pending is not None
    app = Terminal(town.desk("manager2"), "signatures")
    async with app.run_test(size=size) as pilot:
        await presses(pilot, "l")
        await until(pilot, "batch of 2", "+6,000.00 -5,000.00", "> to be signed by you")
        await presses(pilot, "enter")
        await until(
            pilot,
            "1 limit rises, by 6,000.00 yuan in all; 1 limit falls, by 5,000.00 yuan in all",
            "Zhang Wei",
            "26,000.00",
            "Li Na",
            "Spending of 60 % of the limit a month, paid on time.",
        )
        await presses(pilot, "enter")
        await until(pilot, "+ Limit increase", "1 of 2 signed, Manager")
        await presses(pilot, "escape", "g", "y")
        await until(pilot, "batch of 2 + 2 limits are changed")
    assert limit_of(town, zhang) == Money.yuan(26_000)
    assert limit_of(town, lina) == Money.yuan(5_000)


async def test_refusing_to_sign_frees_what_was_in_it(town: Town) -> None:
    zhang = holder(town, "zhang", "Zhang Wei", 20_000)
    signed_once(town, zhang, 26_000)
    app = Terminal(town.desk("manager2"), "signatures")
    async with app.run_test(size=(80, 24)) as pilot:
        await presses(pilot, "l", "f")
        await until(pilot, "Refuse to sign: Zhang Wei", "What is in it is decided anew.")
        await types(pilot, "Too much at once.")
        await presses(pilot, "ctrl+s")
        await until(pilot, "x Refused it waits to be decided again")
        app.open_page("limits")
        await until(pilot, "Zhang Wei", "1 proposal ")
        await presses(pilot, "space")
        await until(pilot, "chosen 1")
    assert limit_of(town, zhang) == Money.yuan(20_000)


async def test_ones_own_is_taken_back_and_not_signed(town: Town) -> None:
    signed_once(town, holder(town, "zhang", "Zhang Wei", 20_000), 26_000)
    app = Terminal(town.desk("manager"), "limits")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "Zhang Wei", "1 of 2")
        await presses(pilot, "space")
        await until(pilot, "! This waits for a colleague's signature already.")
        app.open_page("signatures")
        await presses(pilot, "l")
        await until(pilot, "~ waits for others")
        assert "Give signature" not in told(pilot)
        await presses(pilot, "t", "y")
        await until(pilot, "- Withdrawn it waits to be decided again")


async def test_an_altered_change_is_shown_and_not_signed(town: Town) -> None:
    request = signed_once(town, holder(town, "zhang", "Zhang Wei", 20_000), 26_000)
    with town.bank.store.write() as connection:
        connection.execute(update(REQUEST).where(REQUEST.c.id == request.id).values(needed="sign_third"))
    app = Terminal(town.desk("manager2"), "signatures")
    async with app.run_test(size=(80, 24)) as pilot:
        await presses(pilot, "l")
        await until(pilot, "! altered in the store")
        await presses(pilot, "enter")
        await until(pilot, "This request was altered in the store.")
        await presses(pilot, "g")
        assert "Sign this change" not in told(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_a_manager_proposes_a_plan_from_the_customers_file_and_sees_what_it_takes_a_month(
    town: Town, size: tuple[int, int]
) -> None:
    zhang = holder(town, "zhang", "Zhang Wei", 10_000)
    app = Terminal(town.desk("manager"), lambda: CustomerFileScreen(zhang.customer))
    async with app.run_test(size=size) as pilot:
        await until(pilot, "Zhang Wei")
        await presses(pilot, "l")
        await until(pilot, "Another limit for Zhang Wei", "The limit is 10,000.00 yuan.")
        await presses(pilot, "2")
        await until(pilot, "Choose what it is for.")
        await presses(pilot, "enter", "2", "enter")
        await until(pilot, "up to 150,000.00 yuan within 60 months")
        await types(pilot, "36000")
        await presses(pilot, "enter")
        await types(pilot, "36")
        await until(pilot, "+ repays 1,000.00 a month")
        await presses(pilot, "enter")
        await types(pilot, "A used car.")
        await presses(pilot, "ctrl+s")
        await until(pilot, "Zhang Wei")
        assert messages(pilot) == ["+ Personal plan: 36,000.00 yuan. A colleague decides."]
    made = proposals(town.desk("manager2")).items[0]
    assert (made.kind, made.amount, made.months) == (LimitChangeKind.PLAN, Money.yuan(36_000), 36)


async def test_a_temporary_increase_beyond_its_last_day_is_told_at_the_field(town: Town) -> None:
    zhang = holder(town, "zhang", "Zhang Wei", 10_000)
    app = Terminal(town.desk("manager"), lambda: CustomerFileScreen(zhang.customer))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "Zhang Wei")
        await presses(pilot, "l", "1")
        await until(pilot, "500.00 to 5,000.00 yuan can be granted, at the latest up to 2026-05-31")
        await presses(pilot, "down")
        await types(pilot, "5000")
        await presses(pilot, "enter")
        await types(pilot, "20261231")
        await presses(pilot, "enter")
        await types(pilot, "A wedding.")
        await presses(pilot, "ctrl+s")
        await until(pilot, "! A temporary increase ends between")
        await presses(pilot, "end", "ctrl+u")
        await types(pilot, "20260501")
        await presses(pilot, "ctrl+s")
        await until(pilot, "Cards")
    made = proposals(town.desk("manager2")).items[0]
    assert (made.kind, made.amount, str(made.until)) == (LimitChangeKind.TEMPORARY, Money.yuan(5_000), "2026-05-01")
