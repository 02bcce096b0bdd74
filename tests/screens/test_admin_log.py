"""The whole log at the keyboard: searched, filtered, opened, paged."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from bankcard_tui.errors import Refused
from bankcard_tui.rules.terms import Role
from bankcard_tui.screens.admin.log import LogScreen
from bankcard_tui.services import log_search
from bankcard_tui.services.logs import list_log
from bankcard_tui.services.staff import list_staff
from bankcard_tui.widgets.dialogs import Ask, Message
from tests.branch import Town
from tests.screens.admin_kit import VIEWS, AdminApp, press, settled, typed
from tests.screens.widgets_kit import shown, speaking


def log_of(app: AdminApp) -> LogScreen:
    screen = app.screen
    assert isinstance(screen, LogScreen)
    return screen


def people(app: AdminApp) -> set[str]:
    return {str(row.cells[2]) for row in log_of(app).table.page.rows}


async def search(pilot: Pilot[None], text: str) -> str:
    await pilot.press("slash")
    await typed(pilot, text)
    return await press(pilot, "enter")


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_all_entries_are_shown_in_plain_words_the_newest_first(
    town: Town, size: tuple[int, int], language: str
) -> None:
    town.registers("zhang")
    newest = list_log(town.desk("admin")).items[0]
    app = AdminApp(town.desk("admin"), "whole_log")
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            text = shown(app)
            assert ("Register oneself" if language == "en" else "自助注册") in text
            assert ("+ Done" if language == "en" else "+ 已完成") in text
            assert ("session.sign_in" in text) == (size[0] >= 120)
            assert log_of(app).table.page.rows[0].key == str(newest.seq)


async def test_a_search_looks_into_names_codes_and_details(town: Town) -> None:
    town.registers("zhang")
    app = AdminApp(town.desk("admin"), "whole_log")
    async with app.run_test() as pilot:
        await settled(pilot)
        text = await search(pilot, "zhang")
        assert "> Only text zhang" in text
        assert len(log_of(app).table.page.rows) < 5
        assert app.screen.focused is not app.screen.query_one("#search")
        assert "All entries" in await press(pilot, "x")


async def test_results_come_while_typing_and_escape_goes_back_to_the_table(town: Town) -> None:
    app = AdminApp(town.desk("admin"), "whole_log")
    async with app.run_test() as pilot:
        await settled(pilot)
        everything = len(log_of(app).table.page.rows)
        await pilot.press("slash")
        await typed(pilot, "director")
        for _ in range(50):
            await pilot.pause(0.02)
            if len(log_of(app).table.page.rows) < everything:
                break
        await settled(pilot)
        assert 0 < len(log_of(app).table.page.rows) < everything
        await press(pilot, "escape")
        assert isinstance(app.screen, LogScreen)
        assert not app.screen.query_one("#search").has_focus


async def test_a_search_without_hits_says_so_and_how_to_go_on(town: Town) -> None:
    app = AdminApp(town.desk("admin"), "whole_log")
    async with app.run_test() as pilot:
        await settled(pilot)
        assert "No entry fits the filters. x shows all entries again." in await search(pilot, "no such thing")


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_a_search_that_stops_at_a_hit_says_how_far_it_came(
    town: Town, size: tuple[int, int], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(250):
        with pytest.raises(Refused):
            list_staff(town.desk("teller"))
    town.registers("zhang")
    monkeypatch.setattr(log_search, "PAGE_SECONDS", 0.0)
    monkeypatch.setattr(log_search, "WINDOW_SECONDS", 0.0)
    app = AdminApp(town.desk("admin"), "whole_log")
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            text = await search(pilot, "zhang")
            assert 1 <= len(log_of(app).table.page.rows) < 5
            assert ("searched to 2026-03-02" if language == "en" else "已查找至 2026-03-02") in text
            assert ("PgDn searches on" if language == "en" else "PgDn 继续查找") in text
            await press(pilot, "pagedown")
            for _ in range(100):
                if ("There is nothing more" if language == "en" else "没有更多记录") in shown(app):
                    break
                await pilot.pause(0.02)
            assert ("There is nothing more. PgUp goes back." if language == "en" else "没有更多记录") in shown(app)


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_the_log_is_filtered_by_person_action_outcome_and_days(
    town: Town, size: tuple[int, int], language: str
) -> None:
    with pytest.raises(Refused):
        list_staff(town.desk("teller"), Role.ADMIN)
    list_log(town.desk("admin"))
    app = AdminApp(town.desk("admin"), "whole_log")
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            await press(pilot, "f")
            assert isinstance(app.screen, Ask)
            await typed(pilot, "teller")
            await pilot.press("enter")
            await typed(pilot, "staff.")
            await pilot.press("enter", "4", "down")
            await typed(pilot, "20260302")
            await pilot.press("enter")
            await typed(pilot, "2026-03-02")
            text = await press(pilot, "ctrl+s")
            assert isinstance(app.screen, LogScreen)
            assert people(app) == {"teller"}
            assert len(log_of(app).table.page.rows) == 1
            assert ("x Refused" if language == "en" else "x 已拒绝") in text
            for part in ("teller", "staff.", "2026-03-02"):
                assert part in text.splitlines()[4] + text.splitlines()[5]
            text = await press(pilot, "f")
            assert "teller" in text
            await press(pilot, "escape", "x")
            assert people(app) != {"teller"}


async def test_days_of_the_filter_are_days_at_the_branch(town: Town) -> None:
    app = AdminApp(town.desk("admin"), "whole_log")
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "f", "down", "down", "down")
        await typed(pilot, "2026-03-03")
        assert "No entry fits" in await press(pilot, "ctrl+s")


async def test_a_filter_that_cannot_be_read_keeps_its_form(town: Town) -> None:
    app = AdminApp(town.desk("admin"), "whole_log")
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "f", "down")
        await typed(pilot, "account")
        text = await press(pilot, "ctrl+s")
        assert isinstance(app.screen, Ask)
        assert "Several actions are called that." in text
        assert "staff.add" in text


async def test_entries_about_one_record_are_found_by_its_number(town: Town) -> None:
    manager = town.staff("manager")
    app = AdminApp(town.desk("admin"), "whole_log")
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "f", "end", *["down"] * 6)
        await typed(pilot, str(manager))
        await press(pilot, "ctrl+s")
        whole = list_log(town.desk("admin"), subject=manager).items
        assert [row.key for row in log_of(app).table.page.rows] == [str(row.seq) for row in whole]
        assert len(whole) >= 3


async def test_a_filter_survives_a_change_of_the_language(town: Town) -> None:
    app = AdminApp(town.desk("admin"), "whole_log")
    async with app.run_test() as pilot:
        await settled(pilot)
        await search(pilot, "director")
        app.speak("zh_CN")
        await settled(pilot)
        assert "仅显示 文字 director" in shown(app)


async def test_what_cannot_be_typed_cannot_be_pasted_into_the_search(town: Town) -> None:
    app = AdminApp(town.desk("admin"), "whole_log")
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press("slash")
        app.screen.query_one("#search").replace("\u202egnp", 0, 0)  # type: ignore[attr-defined]
        await settled(pilot)
        assert "U+202E" in app.told[-1]


async def test_an_entry_is_opened_in_full(town: Town) -> None:
    app = AdminApp(town.desk("admin"), "whole_log")
    async with app.run_test() as pilot:
        await settled(pilot)
        await search(pilot, "set_permissions")
        text = await press(pilot, "enter")
        assert isinstance(app.screen, Message)
        for part in (
            "staff.set_permissions",
            "desk-admin",
            "Administrator",
            "after: +sign_third",
            "username: director",
        ):
            assert part in text
        await press(pilot, "enter")
        assert isinstance(app.screen, LogScreen)


async def test_a_long_log_is_paged(town: Town) -> None:
    for _ in range(110):
        with pytest.raises(Refused):
            list_staff(town.desk("teller"))
    app = AdminApp(town.desk("admin"), "whole_log")
    async with app.run_test() as pilot:
        await settled(pilot)
        first = [row.key for row in log_of(app).table.page.rows]
        assert len(first) == 100
        assert "Rows 101-" in await press(pilot, "n")
        assert not set(first) & {row.key for row in log_of(app).table.page.rows}
        await press(pilot, "enter")
        assert isinstance(app.screen, Message)
