"""Proposals to change limits: the list, a batch that was looked through, and one after the other on the desk."""

from __future__ import annotations

import pytest

from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import Grade, LimitChangeKind, PlanPurpose
from bankcard_tui.services.limit_asking import ask, propose
from bankcard_tui.services.limit_proposals import open_proposal, proposals, refuse
from tests.branch import Town
from tests.screens.limits_kit import evaluated, holder, limit_of
from tests.screens.manager_kit import Terminal, presses, told, types, until
from tests.screens.widgets_kit import SIZES


@pytest.mark.parametrize("size", SIZES)
async def test_the_list_says_what_changes_why_and_what_it_comes_to(town: Town, size: tuple[int, int]) -> None:
    evaluated(town, holder(town, "zhang", "Zhang Wei", 6_000, Grade.GOOD), 7_500)
    evaluated(town, holder(town, "lina", "Li Na"), 5_000, grade=Grade.GOOD)
    app = Terminal(town.desk("manager"), "limits")
    async with app.run_test(size=size) as pilot:
        await until(
            pilot,
            "Limits to decide all",
            "2 proposals +1,500.00 -5,000.00",
            "+ Higher 6,000.00 7,500.00 +25 % 1",
            "- Lower 10,000.00 5,000.00 -50 % 1",
            "Re-evaluation Spending of 60 % of the limit a month, paid on time.",
        )


async def test_an_empty_list_says_why(town: Town) -> None:
    app = Terminal(town.desk("manager"), "limits")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "0 proposals", "No limit waits to be decided.")
        await presses(pilot, "s")
        await until(pilot, "Nothing is chosen: Space chooses a row, a all of them.")
        await presses(pilot, "t")
        await until(pilot, "Limits by grade", "10,000.00 - 50,000.00")


async def test_the_filter_leaves_what_was_asked_for(town: Town) -> None:
    evaluated(town, holder(town, "zhang", "Zhang Wei", 6_000, Grade.GOOD), 7_500)
    evaluated(town, holder(town, "lina", "Li Na"), 5_000, grade=Grade.GOOD)
    app = Terminal(town.desk("manager"), "limits")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "Zhang Wei", "Li Na")
        await presses(pilot, "f", "3", "ctrl+s")
        await until(pilot, "Limits to decide Lower", "1 proposal ", "Li Na")
        assert "Zhang Wei" not in told(pilot)
        await presses(pilot, "f", "down", "3", "ctrl+s")
        await until(pilot, "No proposal like this waits. f shows others.")


async def test_all_that_match_are_signed_in_one_go_after_a_question_that_says_what_it_comes_to(town: Town) -> None:
    zhang, lina = holder(town, "zhang", "Zhang Wei", 6_000, Grade.GOOD), holder(town, "lina", "Li Na")
    evaluated(town, zhang, 7_500)
    evaluated(town, lina, 5_000, grade=Grade.GOOD)
    app = Terminal(town.desk("manager"), "limits")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "Zhang Wei")
        await presses(pilot, "a")
        await until(pilot, "chosen 2 +1,500.00 -5,000.00")
        await presses(pilot, "s")
        await until(
            pilot,
            "Sign 2 proposals?",
            "1 limit rises, by 1,500.00 yuan in all",
            "the largest: Zhang Wei, +1,500.00",
            "1 limit falls, by 5,000.00 yuan in all",
        )
        assert limit_of(town, zhang) == Money.yuan(6_000), "nothing happens before the answer"
        await presses(pilot, "y")
        await until(pilot, "+ 2 limits are changed", "0 proposals")
    assert limit_of(town, zhang) == Money.yuan(7_500)
    assert limit_of(town, lina) == Money.yuan(5_000)


async def test_what_needs_a_colleague_can_be_left_out_of_a_batch(town: Town) -> None:
    zhang, lina = holder(town, "zhang", "Zhang Wei", 6_000, Grade.GOOD), holder(town, "lina", "Li Na", 20_000)
    evaluated(town, zhang, 7_500)
    evaluated(town, lina, 26_000)
    app = Terminal(town.desk("manager"), "limits")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "Zhang Wei")
        await presses(pilot, "a", "s")
        await until(pilot, "Only the 1 that your signature is enough for", "All 2; they wait together")
        await presses(pilot, "1")
        await until(pilot, "Sign 1 proposal?")
        await presses(pilot, "y")
        await until(pilot, "+ 1 limit is changed", "Li Na")
    assert limit_of(town, zhang) == Money.yuan(7_500)
    assert limit_of(town, lina) == Money.yuan(20_000)


async def test_of_an_account_with_two_proposals_one_is_chosen(town: Town) -> None:
    zhang = holder(town, "zhang", "Zhang Wei", 6_000, Grade.GOOD)
    evaluated(town, zhang, 7_500)
    ask(town.desk("zhang"), zhang.account, LimitChangeKind.RAISE, Money.yuan(9_000))
    app = Terminal(town.desk("manager"), "limits")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "2 proposals")
        await presses(pilot, "a")
        await until(pilot, "chosen 1 +1,500.00")


async def test_a_list_in_which_no_limit_falls_says_only_by_how_much_they_rise(town: Town) -> None:
    evaluated(town, holder(town, "zhang", "Zhang Wei", 6_000, Grade.GOOD), 7_500)
    app = Terminal(town.desk("manager"), "limits")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "1 proposal +1,500.00")
        assert "-0.00" not in told(pilot)


async def test_a_plan_says_at_the_desk_how_many_sign_it(town: Town) -> None:
    zhang = holder(town, "zhang", "Zhang Wei", 10_000)
    kind, car = LimitChangeKind.PLAN, PlanPurpose.CAR
    ask(town.desk("zhang"), zhang.account, kind, Money.yuan(24_000), None, 24, car)
    app = Terminal(town.desk("manager"), "limits")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "repays 1,000.00 a month")
        await presses(pilot, "enter")
        await until(pilot, "+24,000.00 24 months", "- repays 1,000.00 a month", "A car three signatures")


async def test_a_row_is_chosen_and_no_longer(town: Town) -> None:
    evaluated(town, holder(town, "zhang", "Zhang Wei", 6_000, Grade.GOOD), 7_500)
    evaluated(town, holder(town, "lina", "Li Na", 6_000, Grade.GOOD), 8_000)
    app = Terminal(town.desk("manager"), "limits")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "Zhang Wei")
        await presses(pilot, "space")
        await until(pilot, "chosen 1", "* ")
        await presses(pilot, "k", "space")
        assert "chosen 1" not in told(pilot)
        await presses(pilot, "a")
        await until(pilot, "chosen 2")
        await presses(pilot, "v")
        assert "chosen 2" not in told(pilot)


async def test_ones_own_proposal_is_not_chosen_and_a_colleague_decides_on_it(town: Town) -> None:
    zhang = holder(town, "zhang", "Zhang Wei", 6_000, Grade.GOOD)
    propose(town.desk("manager"), zhang.account, LimitChangeKind.RAISE, Money.yuan(8_000), note="Moved to a new job.")
    app = Terminal(town.desk("manager"), "limits")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "Zhang Wei")
        await presses(pilot, "space")
        await until(pilot, "! This is about yourself, or your own proposal: a colleague decides.")
        await presses(pilot, "a", "s")
        await until(pilot, "Nothing is chosen")
        await presses(pilot, "enter")
        await until(pilot, "> Moved to a new job.")
        await presses(pilot, "a")
        assert "Approve: Zhang Wei" not in told(pilot)
        await presses(pilot, "t", "y")
        await until(pilot, "Zhang Wei + Higher Taken back", "0 proposals")
    assert limit_of(town, zhang) == Money.yuan(6_000)


async def test_a_batch_in_which_one_has_changed_is_not_signed_and_names_it(town: Town) -> None:
    zhang, lina = holder(town, "zhang", "Zhang Wei", 6_000, Grade.GOOD), holder(town, "lina", "Li Na")
    evaluated(town, zhang, 7_500)
    changed = evaluated(town, lina, 5_000, grade=Grade.GOOD)
    app = Terminal(town.desk("manager"), "limits")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "Zhang Wei")
        await presses(pilot, "a", "s")
        desk = town.desk("manager2")
        refuse(desk, changed, open_proposal(desk, changed).proposal.version)
        await presses(pilot, "y")
        await until(pilot, "! Nothing was signed, because of Li Na", "chosen 1", "1 proposal ")
        assert limit_of(town, zhang) == Money.yuan(6_000)
        await presses(pilot, "s")
        await until(pilot, "Sign 1 proposal?")
        await presses(pilot, "y")
        await until(pilot, "+ 1 limit is changed")
    assert limit_of(town, zhang) == Money.yuan(7_500)


@pytest.mark.parametrize("size", SIZES)
async def test_the_desk_shows_all_that_a_decision_rests_on_and_goes_on_to_the_next(
    town: Town, size: tuple[int, int]
) -> None:
    zhang, lina = holder(town, "zhang", "Zhang Wei", 6_000, Grade.GOOD), holder(town, "lina", "Li Na")
    evaluated(town, zhang, 7_500)
    evaluated(town, lina, 5_000, grade=Grade.GOOD)
    app = Terminal(town.desk("manager"), "limits")
    async with app.run_test(size=size) as pilot:
        await until(pilot, "Zhang Wei")
        await presses(pilot, "enter")
        await until(
            pilot,
            "+ Limit increase",
            "6,000.00 > 7,500.00",
            "- Spending of 60 % of the limit",
            "High spending",
            "default",
            "one signature",
        )
        await presses(pilot, "w")
        await until(pilot, "Why this opinion")
        await presses(pilot, "escape", "a")
        await until(pilot, "Approve: Zhang Wei", "6,000.00 > 7,500.00", "can be granted")
        await presses(pilot, "ctrl+s")
        await until(pilot, "- Limit reduction", "10,000.00 > 5,000.00", "Zhang Wei + Higher")
        await presses(pilot, "n")
        await until(pilot, "That was the last one.", "Limits to decide")
    assert limit_of(town, zhang) == Money.yuan(7_500)
    assert limit_of(town, lina) == Money.yuan(10_000)


async def test_an_evaluation_gives_no_more_than_its_rule_and_the_field_says_so(town: Town) -> None:
    zhang = holder(town, "zhang", "Zhang Wei", 6_000, Grade.GOOD)
    evaluated(town, zhang, 7_500)
    app = Terminal(town.desk("manager"), "limits")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "Zhang Wei")
        await presses(pilot, "enter", "a", "end", "ctrl+u")
        await types(pilot, "9000")
        await presses(pilot, "ctrl+s")
        await until(pilot, "Approve: Zhang Wei", "!")
        assert limit_of(town, zhang) == Money.yuan(6_000)
        await presses(pilot, "end", "ctrl+u")
        await types(pilot, "7000")
        await presses(pilot, "ctrl+s")
        await until(pilot, "Limits to decide")
    assert limit_of(town, zhang) == Money.yuan(7_000)


async def test_a_customer_who_asks_is_answered_from_the_review_desk(town: Town) -> None:
    zhang = holder(town, "zhang", "Zhang Wei", 6_000, Grade.GOOD)
    ask(town.desk("zhang"), zhang.account, LimitChangeKind.RAISE, Money.yuan(9_000), None, None, None, "A new job.")
    app = Terminal(town.desk("manager"), "home")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "> 1 limit request: l")
        await presses(pilot, "l")
        await until(pilot, "6,000.00 > 9,000.00", "> A new job.", "Asked by the customer")
        await presses(pilot, "r")
        await until(pilot, "Refuse: Zhang Wei", "The customer reads this.")
        await presses(pilot, "ctrl+s")
        await until(pilot, "! This is needed.")
        await types(pilot, "Please wait for the next evaluation.")
        await presses(pilot, "ctrl+s")
        await until(pilot, "To be reviewed")
        assert "limit request" not in told(pilot).replace("Limit requests", "")
    assert limit_of(town, zhang) == Money.yuan(6_000)
    assert not proposals(town.desk("manager")).items
