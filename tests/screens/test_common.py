"""The screens that everybody has: the two top lines, the overview, the own log, the own password."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App
from textual.widgets import Input

from bankcard_tui.app import BankApp
from bankcard_tui.config import Home
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.locale import tr
from bankcard_tui.screens.common.base import DeskScreen, Page
from bankcard_tui.screens.common.log import MyLogScreen
from bankcard_tui.screens.common.overview import OverviewScreen
from bankcard_tui.screens.common.own_account import OwnAccountScreen
from bankcard_tui.screens.common.password import PasswordScreen
from bankcard_tui.screens.common.shell import navigation_lines, top_line
from bankcard_tui.screens.manager import PAGES as MANAGER_PAGES
from bankcard_tui.services.sign_in import sign_in as sign_in_at
from bankcard_tui.widgets.dialogs import Message
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.keybar import footer_fits
from bankcard_tui.widgets.table import PagedTable
from tests.branch import PASSWORD, Town
from tests.screens.app_kit import PASSWORD_KEYS, application, keys, running, settled, sign_in, until, words
from tests.screens.widgets_kit import HOSTILE, LANGUAGES, SIZES, assert_harmless, lines, shown, speaking

NEW_PASSWORD = "nineteen copper kettles whistle"
TODAY = date(2026, 3, 2)
COMMON = [OverviewScreen, MyLogScreen, OwnAccountScreen, PasswordScreen]
names = st.text(st.sampled_from("abc 王小明网点 X[]{}"), max_size=60)


def pages(*titles: str) -> list[Page]:
    return [Page(f"{title}{place}", title, (), MyLogScreen) for place, title in enumerate(titles)]


# --- the two lines ---------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(names, names, names, st.integers(60, 160))
def test_the_top_line_is_one_line_whatever_the_names(bank: str, branch: str, person: str, width: int) -> None:
    line = top_line(bank, branch, TODAY, person, "客户经理", width).plain
    assert cell_len(line) == width
    assert "\n" not in line
    assert "2026-03-02" in line
    assert line.endswith("客户经理")


def test_the_top_line_shows_all_there_is_room_for() -> None:
    line = top_line("东海银行", "港湾支行", TODAY, "王小明", "客户经理", 80).plain
    assert line.split() == ["东海银行", "港湾支行", "2026-03-02", "王小明", "客户经理"]


@pytest.mark.parametrize("current", ["", "Queue1", "Log2"])
def test_the_navigation_marks_the_current_page_without_colour(current: str) -> None:
    (line,) = (each.plain for each in navigation_lines(pages("Home", "Queue", "Log"), current, 80))
    for key, title in (("F2", "Home"), ("F3", "Queue"), ("F4", "Log")):
        assert (f"[{key} {title}]" in line) == (current.startswith(title))
        assert f"{key} {title}" in line


@settings(deadline=None)
@given(st.lists(st.sampled_from(["Home", "Applications", "申请审批额度", "日志"]), min_size=1, max_size=8))
def test_eight_pages_fit_at_80_cells(titles: list[str]) -> None:
    rows = [each.plain for each in navigation_lines(pages(*titles), f"{titles[0]}0", 78)]
    assert len(rows) <= 2
    assert all(cell_len(row) <= 78 for row in rows)
    assert all(f"F{place + 2} {title}" in " ".join(rows) for place, title in enumerate(titles))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_manager_reads_the_name_of_every_page_on_a_small_terminal(language: str) -> None:
    with speaking(language):
        titles = [tr(page.title) for page in MANAGER_PAGES]
        said = " ".join(each.plain for each in navigation_lines(pages(*titles, tr("My log")), "", 78))
        assert all(f"F{place + 2} {title}" in said for place, title in enumerate([*titles, tr("My log")]))


async def test_the_business_date_is_the_day_at_the_branch(home: Home, clock: SimulatedClock) -> None:
    clock.move_to(datetime(2026, 3, 2, 18, 0, tzinfo=UTC))
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        assert "2026-03-03" in lines(app)[0]


async def test_a_click_on_a_page_opens_it(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app, (120, 40)) as pilot:
        await sign_in(pilot, app, "teller")
        place = lines(app)[1].index("F3")
        await pilot.click(offset=(place, 1))
        await settled(pilot)
        assert isinstance(app.screen, DeskScreen)
        assert app.pages[1].name == app.screen.PAGE


# --- every common screen ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("username", "language", "size"),
    [
        *(("teller", language, size) for language in LANGUAGES for size in SIZES),
        *((username, "zh_CN", SIZES[0]) for username in ("zhang", "manager", "admin")),
    ],
)
async def test_every_common_screen_opens_for_everybody_and_fits(
    username: str, language: str, size: tuple[int, int], town: Town, home: Home, clock: SimulatedClock
) -> None:
    town.registers("zhang", name="[@click=app.quit]x[/] [/]")
    with town.bank.store.write() as connection:
        connection.exec_driver_sql("UPDATE branch SET bank = ?", ("\x1b[2J\u202eBank[/]",))
    app = application(home, clock, language)
    async with running(app, size) as pilot:
        await sign_in(pilot, app, username)
        for screen in COMMON:
            app.push_screen(screen())
            await settled(pilot)
            assert footer_fits(app.screen, size[0])
            assert_harmless(app)
        await pilot.press("ctrl+l")
        await settled(pilot)
        assert footer_fits(app.screen, size[0])
        assert_harmless(app)
        assert app.is_running


async def test_another_language_keeps_what_was_typed_on_every_screen_with_a_form(
    home: Home, clock: SimulatedClock
) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        for screen in COMMON:
            app.push_screen(screen())
            await settled(pilot)
        await pilot.press(*"current", "enter", *"chosen", "ctrl+t")
        await settled(pilot)
        await pilot.press("x")
        form = app.screen.query_one(Form)
        assert form.draft() == {"current": "current", "password": "chosenx", "again": ""}
        assert "修改密码" in shown(app)
        await pilot.press("escape")
        await settled(pilot)
        assert "本人通道" in shown(app)
        await pilot.press("escape")
        await settled(pilot)
        assert "操作" in shown(app)
        await pilot.press("escape")
        await settled(pilot)
        assert "待办事项" in shown(app)


async def test_the_language_changes_while_tables_load(town: Town, home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "manager")
        app.open_page("log")
        for _ in range(6):
            await pilot.press("ctrl+t")
        await settled(pilot)
        assert app.screen.query_one(PagedTable).page.rows


# --- overview --------------------------------------------------------------------------------------------------------


async def test_the_overview_counts_what_waits_and_names_the_key(town: Town, home: Home, clock: SimulatedClock) -> None:
    town.applicant()
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "manager")
        app.push_screen(OverviewScreen())
        await settled(pilot)
        line = next(line for line in lines(app) if "Applications to review" in line)
        assert line.split()[-2:] == ["1", "F2"]
        assert "Welcome, Manager" in shown(app)
        town.applicant("second")
        await pilot.press("u")
        await settled(pilot)
        line = next(line for line in lines(app) if "Applications to review" in line)
        assert line.split()[-2:] == ["2", "F2"]


async def test_the_overview_of_a_customer_is_friendly(town: Town, home: Home, clock: SimulatedClock) -> None:
    town.registers("zhang")
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "zhang")
        app.push_screen(OverviewScreen())
        await settled(pilot)
        assert "Welcome, Zhang Wei" in shown(app)
        assert "This is your first sign-in." in shown(app)
        assert "Nothing waits for you." in shown(app)


# --- the own log -----------------------------------------------------------------------------------------------------


async def test_the_own_log_shows_own_deeds_and_opens_them(town: Town, home: Home, clock: SimulatedClock) -> None:
    town.desk("manager")
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        app.open_page("log")
        await settled(pilot)
        assert "teller" in shown(app)
        assert "manager" not in shown(app)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, Message)
        assert "T1" in shown(app)
        assert "session.sign_in" in shown(app)


@pytest.mark.parametrize("hostile", HOSTILE[:9])
async def test_a_hostile_log_entry_does_no_harm(hostile: str, town: Town, home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        with town.bank.store.write() as connection:
            connection.exec_driver_sql("UPDATE log_entry SET terminal = ?, action = ?", (hostile, hostile))
        app.open_page("log")
        await settled(pilot)
        assert_harmless(app)
        await pilot.press("enter")
        await pilot.pause()
        assert_harmless(app)
        assert isinstance(app.screen, Message)


# --- the own password ------------------------------------------------------------------------------------------------


async def change(pilot: object, app: App[None], current: str, new: str, again: str) -> Form:
    form = app.screen.query_one(Form)
    form.fill({"current": current, "password": new, "again": again})
    await pilot.press("ctrl+s")  # type: ignore[attr-defined]
    return form


async def test_somebody_changes_the_own_password_by_keys(town: Town, home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        await pilot.press("f10", *keys("change pass"), "enter")
        await settled(pilot)
        await pilot.press(*PASSWORD_KEYS, "enter", *keys(NEW_PASSWORD), "enter", *keys(NEW_PASSWORD), "enter", "enter")
        await until(pilot, lambda: not isinstance(app.screen, PasswordScreen))
        assert "Your password is changed." in words(app)
        assert NEW_PASSWORD not in shown(app)
    assert sign_in_at(town.bank.lobby("T2"), "teller", NEW_PASSWORD).who.username == "teller"


@pytest.mark.parametrize(
    ("current", "new", "again", "field", "says"),
    [
        (PASSWORD, "short", "short", "password", "at least"),
        (PASSWORD, NEW_PASSWORD, "another", "again", "differ"),
        (PASSWORD, PASSWORD, PASSWORD, "password", "before"),
        (PASSWORD, "", "", "password", "needed"),
    ],
)
async def test_a_password_that_may_not_be_chosen_says_why_at_its_field(
    current: str, new: str, again: str, field: str, says: str, home: Home, clock: SimulatedClock
) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        app.push_screen(PasswordScreen())
        await settled(pilot)
        form = await change(pilot, app, current, new, again)
        await until(pilot, lambda: form.rows[field].problem is not None)
        assert says in str(form.rows[field].problem)
        assert app.focused is form.rows[field].input
        assert form.raw("current") == current


async def test_a_wrong_password_in_use_is_typed_again_and_the_new_one_stays(home: Home, clock: SimulatedClock) -> None:
    app: BankApp = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        app.push_screen(PasswordScreen())
        await settled(pilot)
        form = await change(pilot, app, "not mine", NEW_PASSWORD, NEW_PASSWORD)
        await until(pilot, lambda: not form.busy and "do not fit together" in words(app))
        assert form.draft() == {"current": "", "password": NEW_PASSWORD, "again": NEW_PASSWORD}
        assert isinstance(app.focused, Input)
        assert app.focused.id == "current"


async def test_help_on_a_page_names_the_keys_that_work_everywhere(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        app.open_page("log")
        await settled(pilot)
        await pilot.press("f1")
        await pilot.pause()
        assert "Ctrl+L lock" in words(app)
