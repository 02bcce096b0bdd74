"""The policy at the terminal: figures found, changed, tried, proposed by one person and signed by another."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.screens.admin import PAGES as ADMINS
from bankcard_tui.screens.admin.policy import PolicyScreen
from bankcard_tui.screens.common.policy_list import PolicyList
from bankcard_tui.screens.manager import PAGES as MANAGERS
from bankcard_tui.screens.manager.limit_rules import LimitRulesScreen
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.drafts import load_draft
from bankcard_tui.services.evaluations import evaluate_all_due
from bankcard_tui.services.policies import policy_values
from bankcard_tui.services.policy_changes import change_policy, waiting_changes
from bankcard_tui.services.policy_views import WaitingChange
from bankcard_tui.services.requests import sign
from bankcard_tui.widgets.keybar import footer_fits
from tests.branch import Town
from tests.screens.terminal_kit import Station, presses, settled, told, types, until
from tests.screens.widgets_kit import HOSTILE, LANGUAGES, SIZES, assert_harmless, shown, speaking
from tests.services.evaluating import holder, lives, months_pass

SIZE = (80, 24)


def rules(town: Town, username: str = "manager") -> Station:
    return Station(town.desk(username), MANAGERS, LimitRulesScreen)


def policy(town: Town, username: str = "admin") -> Station:
    return Station(town.desk(username), ADMINS, PolicyScreen)


def in_force(town: Town, name: str) -> str:
    values = policy_values(town.sign_in("director", "another desk")).values
    return next(each.value for each in values if each.name == name)


def waits(town: Town, username: str = "manager2") -> list[WaitingChange]:
    return [each for each in waiting_changes(town.desk(username)) if isinstance(each, WaitingChange)]


async def changes(pilot: object, searched: str, typed: str) -> None:
    """Find a figure by its words, and type another value for it."""
    await presses(pilot, "slash")
    await types(pilot, searched)
    await until(pilot, f"Found by {searched}")
    await presses(pilot, "enter", "enter")
    await types(pilot, typed)
    await presses(pilot, "ctrl+s", "escape")


# Reading and finding


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_of_the_policy_opens_and_its_footer_fits(
    town: Town, size: tuple[int, int], language: str
) -> None:
    change_policy(town.desk("manager2"), {"grace_days": "5"}, "Weekends.")
    with speaking(language):
        for app in (rules(town), policy(town)):
            async with app.run_test(size=size) as pilot:
                await settled(pilot)
                name = "high_spending_percent" if isinstance(app.screen, LimitRulesScreen) else "lowest_age"
                screens = [app.screen]
                app.screen.changes[name] = "30"
                for keys in (("t",), ("escape", "v"), ("enter",)):
                    await presses(pilot, *keys)
                    screens.append(app.screen)
                    assert footer_fits(app.screen, size[0]), shown(app)
                    assert "Loading" not in shown(app)
                    assert_harmless(app)
                assert len({type(each) for each in screens}) == 4


async def test_every_figure_of_the_policy_stands_on_the_page_of_admins_and_the_rules_on_that_of_managers(
    town: Town,
) -> None:
    known = policy_values(town.desk("admin")).values
    limits = [each for each in known if each.permission is Permission.MANAGE_LIMIT_RULES]
    for app, wanted in ((policy(town), [*known]), (rules(town), limits)):
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, "more with PgDn")
            while "back with PgUp" in told(pilot):
                await presses(pilot, "pageup")
            screen = app.screen
            assert isinstance(screen, PolicyList)
            seen = [row.key for row in screen.table.page.rows]
            while screen.table.page.next is not None:
                await presses(pilot, "pagedown")
                seen += [row.key for row in screen.table.page.rows]
            assert seen == [each.name for each in wanted]


async def test_the_figure_at_the_cursor_says_what_it_does_and_what_it_may_be(town: Town) -> None:
    async with rules(town).run_test(size=SIZE) as pilot:
        await until(pilot, "Rules of limits version 1 since 2026-03-02", "Limits by grade 2 of 6")
        await until(pilot, "* Excellent < 10 % 10,000.00 - 50,000.00 30-50 % 3 months overdue")
        assert "From 1 to 99 % grade_bounds_percent.excellent" in told(pilot)
        await presses(pilot, "slash")
        await types(pilot, "largest good")
        await until(pilot, "Found by largest good", "Good: largest increase 30 %")
        await presses(pilot, "enter")
        assert "An increase adds at most so much of the limit" in told(pilot)
        await presses(pilot, "escape")
        await until(pilot, "Limits by grade 2 of 6")


async def test_a_search_that_finds_nothing_says_how_to_go_on(town: Town) -> None:
    async with policy(town).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await presses(pilot, "slash")
        await types(pilot, "zebra")
        await until(pilot, "No value is found by zebra. Esc shows all again.")


async def test_sections_are_turned_by_pages_and_chosen_by_key(town: Town) -> None:
    async with rules(town).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await presses(pilot, "n")
        await until(pilot, "Total limit 3 of 6", "300,000.00 yuan")
        await presses(pilot, "p", "p")
        await until(pilot, "Signatures 1 of 6")
        await presses(pilot, "s", "5")
        await until(pilot, "Personal plans 5 of 6", "A home: highest amount 200,000.00 yuan")


# Changing


async def test_a_value_out_of_its_bounds_is_said_at_its_field(town: Town) -> None:
    async with rules(town).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await presses(pilot, "enter")
        await until(pilot, "Excellent: default below", "From 1 to 99 %")
        await types(pilot, "100")
        await presses(pilot, "ctrl+s")
        await until(pilot, "! This must lie between 1 and 99.")
        await presses(pilot, "escape")
        assert "change" not in told(pilot).split("Rules of limits")[1].split("Limits by grade")[0]


async def test_changes_are_collected_shown_beside_what_is_in_force_and_taken_back(town: Town) -> None:
    app = rules(town)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await changes(pilot, "goes to", "2")
        await changes(pilot, "excellent highest", "60000")
        await until(pilot, "~ 2 changes", "10,000.00 - 60,000.00")
        await presses(pilot, "c")
        await until(pilot, "What you have changed", "50,000.00 yuan > 60,000.00 yuan")
        await presses(pilot, "x")
        await until(pilot, "~ 1 change ")
        assert list(app.screen.changes) == ["reduction_to"]
        await presses(pilot, "enter", "1", "ctrl+s")
        await until(pilot, "Nothing is changed. c shows all values again.")
        assert "Propose" not in told(pilot)


async def test_what_was_changed_is_back_after_the_terminal_was_lost(town: Town) -> None:
    async with rules(town).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await changes(pilot, "excellent highest", "60000")
    assert load_draft(town.desk("manager"), "policy.limits") == {"tiers.excellent.highest": "60000.00"}
    async with rules(town).run_test(size=SIZE) as pilot:
        await until(pilot, "~ 1 change", "10,000.00 - 60,000.00")
    async with rules(town, "manager2").run_test(size=SIZE) as pilot:
        await until(pilot, "10,000.00 - 50,000.00")
        assert "1 change" not in told(pilot)


async def test_figures_that_are_not_ones_own_are_shown_and_not_changed(town: Town) -> None:
    async with policy(town).run_test(size=SIZE) as pilot:
        await until(pilot, "One signature up to 10,000.00 yuan", "- A rule of limits: managers change it.")
        await presses(pilot, "enter")
        assert "Enter Change" not in told(pilot)
        assert pilot.app.screen.query("#values")
        await changes(pilot, "lowest age", "20")
        await until(pilot, "~ 1 change")


async def test_a_figure_that_nothing_uses_yet_says_so(town: Town) -> None:
    unused = next(each for each in policy_values(town.desk("admin")).values if not each.used)
    async with policy(town).run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await presses(pilot, "slash")
        await types(pilot, unused.name)
        await until(pilot, "- Nothing in the program uses this yet.")


# Trying, proposing, signing


@pytest.fixture
def portfolio(town: Town) -> Town:
    """Two who spend much and are to get more, and one who is overdue."""
    people = {name: holder(town, name) for name in ("spender1", "spender2", "overdue")}
    months_pass(town, 184)
    for name, customer in people.items():
        days = [0, 0, 0, 10, 10, 10] if name == "overdue" else [0] * 6
        lives(town, customer, days, spent="6000.00")
    evaluate_all_due(town.bank.system_desk("night"))
    return town


@pytest.mark.parametrize("size", SIZES)
async def test_two_managers_try_a_tier_table_and_put_it_in_force(portfolio: Town, size: tuple[int, int]) -> None:
    town = portfolio
    async with rules(town).run_test(size=size) as pilot:
        await settled(pilot)
        await changes(pilot, "excellent smallest", "10")
        await changes(pilot, "excellent largest", "10")
        await presses(pilot, "t")
        await until(pilot, "What 2 changes would do", "Excellent: largest increase 50 % 10 %", "> Limits: -")
        await until(pilot, "2 accounts come to another limit than under the policy in force, of 3")
        await presses(pilot, "m")
        await until(pilot, "Largest differences: 2 accounts", "11,000.00 -")
        await presses(pilot, "enter")
        await until(pilot, "Zhang Wei")
        await presses(pilot, "escape", "escape", "ctrl+s")
        await until(pilot, "Propose 2 changes?")
        await presses(pilot, "enter")
        await types(pilot, "Less at a time.")
        await presses(pilot, "ctrl+s")
        await until(pilot, "~ Proposed: it waits for the signature of a colleague.")
        assert "changes" not in told(pilot)
    assert load_draft(town.desk("manager"), "policy.limits") is None
    assert in_force(town, "tiers.excellent.raise_high_percent") == "50"
    async with rules(town, "manager2").run_test(size=size) as pilot:
        await until(pilot, "! 1 for you to sign: v")
        await presses(pilot, "v")
        await until(pilot, "> to be signed by you", "once signed", "1 2026-03-02 08:30 + In force")
        await presses(pilot, "enter")
        await until(pilot, "2 changes of the policy", "Less at a time.", "Excellent: largest increase 50 % 10 %")
        await until(pilot, "> Limits: -")
        await presses(pilot, "g")
        await until(pilot, "Sign this change of the policy?", "Note: Less at a time.")
        await presses(pilot, "y")
        await until(pilot, "+ signed: in force as soon as it is signed", "2 2026-09-02 10:00 + In force")
        await presses(pilot, "escape")
        await until(pilot, "version 2 since 2026-09-02", "10-10 %")
    assert in_force(town, "tiers.excellent.raise_high_percent") == "10"


async def test_figures_at_odds_with_each_other_are_marked_and_stay_to_be_mended(town: Town) -> None:
    app = rules(town)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        for key in ("t", "ctrl+s"):
            app.screen.changes.clear()
            await changes(pilot, "excellent lowest", "60000")
            await presses(pilot, key)
            if key == "ctrl+s":
                await presses(pilot, "enter")
                await types(pilot, "Higher.")
                await presses(pilot, "ctrl+s")
            await until(pilot, "What you have changed", "! 60,000.00 yuan", "! Not yet: what is marked ! can't be.")
            assert "! This must be below" in told(pilot)
            await presses(pilot, "c")
        await presses(pilot, "c", "enter")
        await types(pilot, "12000")
        await presses(pilot, "ctrl+s")
        await until(pilot, "> 12,000.00 yuan")
    assert waits(town) == []


async def test_a_day_in_the_past_is_said_at_its_field(town: Town) -> None:
    async with policy(town).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await changes(pilot, "lowest age", "20")
        await presses(pilot, "ctrl+s")
        await types(pilot, "2026-03-01")
        await presses(pilot, "enter")
        await types(pilot, "Later.")
        await presses(pilot, "ctrl+s")
        await until(pilot, "! The policy is not changed for days that have passed.")
    assert waits(town, "admin2") == []


async def test_a_change_for_a_later_day_is_scheduled_and_takes_force_on_it(town: Town) -> None:
    async with policy(town).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await changes(pilot, "lowest age", "20")
        await presses(pilot, "t")
        await until(
            pilot, "Lowest age 18 years of age 20 years of age", "None of these figures moves the limit of anybody."
        )
        await presses(pilot, "ctrl+s")
        await types(pilot, "2026-03-09")
        await presses(pilot, "enter")
        await types(pilot, "New guidance.")
        await presses(pilot, "ctrl+s")
        await until(pilot, "~ Proposed")
    (change,) = waits(town, "admin2")
    sign(town.desk("admin2"), change.request.id)
    async with policy(town).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await presses(pilot, "v")
        await until(pilot, "2 2026-03-09 00:00 ~ Scheduled", "1 2026-03-02 08:30 + In force")
        await presses(pilot, "enter")
        await until(pilot, "Version 2 of the policy", "Signed by Admin2", "Lowest age 18 years of age 20 years of age")
    assert in_force(town, "lowest_age") == "18"
    assert isinstance(town.bank.clock, SimulatedClock)
    town.bank.clock.advance(timedelta(days=7))
    town._desks.clear()
    async with policy(town).run_test(size=SIZE) as pilot:
        await until(pilot, "version 2 since 2026-03-09")


async def test_a_colleague_refuses_with_a_note_and_the_maker_takes_back(town: Town) -> None:
    for keys, typed, said in (
        (("v", "enter", "f"), "Too soon.", "x Refused"),
        (("v", "enter", "t"), "", "- Withdrawn"),
    ):
        change_policy(town.desk("manager"), {"grace_days": "5"}, "Weekends.")
        async with rules(town, "manager2" if typed else "manager").run_test(size=SIZE) as pilot:
            await settled(pilot)
            await presses(pilot, *keys)
            await types(pilot, typed)
            await presses(pilot, "ctrl+s" if typed else "y")
            await until(pilot, said, "nothing is changed")
        assert waits(town) == []
    assert in_force(town, "grace_days") == "3"


async def test_nobody_signs_what_they_asked_for(town: Town) -> None:
    change_policy(town.desk("manager"), {"grace_days": "5"}, "Weekends.")
    async with rules(town).run_test(size=SIZE) as pilot:
        await settled(pilot)
        await presses(pilot, "v")
        await until(pilot, "~ waits for others")
        await presses(pilot, "enter")
        await until(pilot, "Take back")
        assert "Give signature" not in told(pilot)
        await presses(pilot, "g")
        assert "Sign this change" not in told(pilot)


async def test_what_was_changed_stays_in_the_other_language(town: Town) -> None:
    app = rules(town)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await changes(pilot, "total_limit_highest", "200000")
        await presses(pilot, "slash")
        await types(pilot, "limit_highest")
        await until(pilot, "Found by limit_highest")
        app.speak("zh_CN")
        await until(pilot, "1 项修改", "查找“limit_highest”的结果", "> 200,000.00 元")
        app.speak("en")
        await until(pilot, "~ 1 change", "Found by limit_highest", "> 200,000.00 yuan")


@pytest.mark.parametrize("text", [text for text in HOSTILE if len(text) < 100], ids=range(9))
async def test_notes_and_names_in_the_store_can_do_no_harm(town: Town, text: str) -> None:
    change_policy(town.desk("manager"), {"grace_days": "5"}, "Weekends.")
    desk = town.desk("manager2")
    with town.bank.store.write() as connection:
        connection.exec_driver_sql("UPDATE policy_version SET note = ?", (text,))
        connection.exec_driver_sql("UPDATE account SET display_name = ?", (text,))
    app = Station(desk, MANAGERS, LimitRulesScreen)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        for key in ("v", "enter", "escape", "j", "enter"):
            await presses(pilot, key)
            assert_harmless(app)
