"""Early warnings and the watch list at the terminal: taken, dealt with, watched, all by keys."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text

from bankcard_tui.rules.terms import WarningKind, WarningState
from bankcard_tui.services.warning_work import list_warnings, take_warning
from bankcard_tui.services.watch_list import watch_list
from bankcard_tui.widgets.keybar import footer_fits
from tests.branch import Town
from tests.screens.manager_kit import Terminal, presses, told, types, until
from tests.screens.widgets_kit import HOSTILE, LANGUAGES, SIZES, assert_harmless, speaking
from tests.services.test_outcomes import holder
from tests.services.watching import gets_worse, is_watched, warning_of, warnings_of

ELSEWHERE, INCOME = WarningKind.OVERDUE_ELSEWHERE, WarningKind.FALLING_INCOME


@pytest.fixture
def customer(town: Town) -> UUID:
    """Somebody with a card whose income has fallen, and who is overdue elsewhere."""
    id = holder(town)
    gets_worse(town, id)
    return id


@pytest.mark.parametrize("size", SIZES)
async def test_a_manager_takes_a_warning_and_says_what_came_of_it(
    town: Town, customer: UUID, size: tuple[int, int]
) -> None:
    app = Terminal(town.desk("manager"), "watch")
    async with app.run_test(size=size) as pilot:
        await until(pilot, "2 that nobody has, 0 taken", "! New overdue elsewhere", "0 > 2", "> free")
        await until(pilot, "Overdue 2 times elsewhere", "Ask which debts those are")
        await presses(pilot, "t")
        await until(pilot, "+ Zhang Wei: taken", "1 that nobody has, 1 taken, 1 of them by you", "~ you")
        # What was taken stays under the cursor, so that d deals with it and not with the next one.
        await presses(pilot, "d")
        await until(pilot, "Deal with: Zhang Wei")
        await presses(pilot, "1", "tab")
        await types(pilot, "Pays from May on.")
        await presses(pilot, "ctrl+s")
        await until(pilot, "+ Zhang Wei: done", "1 that nobody has, 0 taken")
    assert warnings_of(town.bank, customer) == {ELSEWHERE: WarningState.DONE, INCOME: WarningState.OPEN}


async def test_what_a_colleague_has_is_not_ones_own_to_deal_with(town: Town, customer: UUID) -> None:
    for kind in (ELSEWHERE, INCOME):
        take_warning(town.desk("manager2"), warning_of(town.bank, customer, kind))
    app = Terminal(town.desk("manager"), "watch")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "~ Manager2", "0 that nobody has, 2 taken, 0 of them by you")
        await presses(pilot, "t", "d")
        assert "Deal with:" not in told(pilot)
        await presses(pilot, "g")
        await until(pilot, "+ Zhang Wei: given back", "1 that nobody has")


async def test_the_account_of_a_warning_is_watched_and_taken_off_the_list(town: Town, customer: UUID) -> None:
    app = Terminal(town.desk("manager"), "watch")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "! New overdue elsewhere")
        await presses(pilot, "l")
        await until(pilot, "Nobody is watched.")
        await presses(pilot, "escape", "w")
        await until(pilot, "Watch: Zhang Wei")
        await presses(pilot, "tab")
        await types(pilot, "Two jobs lost.")
        await presses(pilot, "ctrl+s", "l")
        await until(pilot, "Watch list", "2026-09-02", "not known yet", "A manager wanted it.", "Two jobs lost.")
        await presses(pilot, "e")
        await until(pilot, "End watching: Zhang Wei")
        await types(pilot, "A new job.")
        await presses(pilot, "ctrl+s")
        await until(pilot, "+ Zhang Wei: done", "Nobody is watched.")
    assert not watch_list(town.desk("manager2")).items


async def test_warnings_are_filtered_and_an_empty_list_says_why(town: Town, customer: UUID) -> None:
    app = Terminal(town.desk("manager"), "watch")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "! New overdue elsewhere", "! Falling income")
        await presses(pilot, "f", "4")
        await until(pilot, "! Falling income", "33 %")
        assert "! New overdue elsewhere" not in told(pilot)
        await presses(pilot, "f", "m")
        await until(pilot, "No warning fits. f shows others.")
        await presses(pilot, "f", "0")
        await until(pilot, "! New overdue elsewhere")


async def test_where_nothing_is_to_be_dealt_with_the_page_says_so(town: Town) -> None:
    app = Terminal(town.desk("manager"), "watch")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "Nothing to deal with.", "0 that nobody has")


async def test_a_warning_leads_to_the_customers_file(town: Town, customer: UUID) -> None:
    app = Terminal(town.desk("manager"), "watch")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "! New overdue elsewhere")
        await presses(pilot, "enter")
        await until(pilot, "**** ", "limit 10,000.00", "i income check")
        await presses(pilot, "escape")
        await until(pilot, "2 that nobody has")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_both_lists_fit_the_terminal_in_both_languages_whatever_stands_in_them(
    town: Town, customer: UUID, language: str, size: tuple[int, int]
) -> None:
    is_watched(town, customer)
    evil = " ".join(HOSTILE)
    with town.bank.store.write() as connection:
        for name in ("figures", "note"):
            connection.execute(text(f"UPDATE early_warning SET {name} = :evil"), {"evil": evil})
        connection.execute(text("UPDATE watched SET note = :evil"), {"evil": evil})
        connection.execute(text("UPDATE customer SET name = :evil"), {"evil": evil})
    with speaking(language):
        app = Terminal(town.desk("manager"), "watch")
        async with app.run_test(size=size) as pilot:
            await presses(pilot, "j", "k")
            assert_harmless(app)
            assert footer_fits(app.screen, size[0])
            for keys in (["d"], ["escape"], ["w"], ["escape"], ["f"], ["escape"], ["l"], ["e"], ["escape"]):
                await presses(pilot, *keys)
                assert_harmless(app)
            assert footer_fits(app.screen, size[0])
    assert len(list_warnings(town.desk("manager2")).items) == 2
