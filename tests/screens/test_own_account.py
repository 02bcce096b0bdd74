"""The page of the own account, by keys: password, second factor with its QR code, own channel, recovery codes."""

from __future__ import annotations

from datetime import timedelta

import pytest
import segno
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from bankcard_tui.app import BankApp
from bankcard_tui.config import Home
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.registry import Secret
from bankcard_tui.rules.terms import Role
from bankcard_tui.screens.common.codes import CodesDialog, in_two_columns
from bankcard_tui.screens.common.lock import LockScreen
from bankcard_tui.screens.common.own_account import OwnAccountScreen
from bankcard_tui.screens.common.own_account_facts import look
from bankcard_tui.screens.common.password import PasswordScreen
from bankcard_tui.screens.common.second_factor import EnrolScreen
from bankcard_tui.security.second_factor import code_at, enrolment_uri, new_secret, step_at
from bankcard_tui.services.activation import complete, show_half
from bankcard_tui.services.resets import start_reset
from bankcard_tui.services.sign_in import sign_in as sign_in_at
from bankcard_tui.widgets.dialogs import Ask, Confirm, Message
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.keybar import footer_fits
from bankcard_tui.widgets.qr import QUIET_ZONE, QrCode, modules
from tests.branch import PASSWORD, Town
from tests.screens.account_kit import application_that_sends, newest_code
from tests.screens.app_kit import application, keys, running, settled, sign_in, until, words
from tests.screens.terminal_kit import told
from tests.screens.widgets_kit import HOSTILE, LANGUAGES, SIZES, assert_harmless, lines, shown
from tests.services.phone import enrol
from tests.services.test_second_factor import demand


async def press(pilot: Pilot[None], *names: str) -> str:
    await pilot.press(*names)
    await settled(pilot)
    return told(pilot)


async def fill(pilot: Pilot[None], **values: str) -> str:
    """Fill in the form under the cursor and send it."""
    pilot.app.screen.query_one(Form).fill(values)
    return await press(pilot, "ctrl+s")


async def own_account(pilot: Pilot[None], app: BankApp, username: str = "teller") -> None:
    await sign_in(pilot, app, username)
    await press(pilot, "f10", *keys("own acc"), "enter")
    assert isinstance(app.screen, OwnAccountScreen)


def first_code(app: App[None], clock: SimulatedClock) -> str:
    """What the phone shows that has just taken over the secret on the screen."""
    screen = app.screen
    assert isinstance(screen, EnrolScreen)
    return code_at(screen._offered.secret.replace(" ", ""), step_at(clock.now()))


# --- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("username", "parts"), [("teller", "psc"), ("zhang", "pc"), ("admin", "pscw")])
async def test_everybody_sees_the_own_parts_and_the_keys_that_change_them(
    username: str, parts: str, town: Town, home: Home, clock: SimulatedClock
) -> None:
    town.registers("zhang")
    app = application(home, clock)
    async with running(app) as pilot:
        await own_account(pilot, app, username)
        text = words(app)
        offered = {"p": "p change it", "s": "s set it up", "c": "c give one", "w": "w new ones"}
        assert {key for key, said in offered.items() if said in text} == set(parts)
        assert "In use since 2026-03-02" in text
        assert ("- not set up" in text) == ("s" in parts)
        for key in "nder":
            await press(pilot, key)
            assert isinstance(app.screen, OwnAccountScreen)
        await press(pilot, "p")
        assert isinstance(app.screen, PasswordScreen)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_step_of_the_own_account_fits(
    language: str, size: tuple[int, int], town: Town, home: Home, clock: SimulatedClock
) -> None:
    phone = enrol(town.desk("admin"))
    app = application_that_sends(home, clock, language)
    async with running(app, size) as pilot:
        await settled(pilot)
        app.screen.query_one("#username", Input).value = "admin"
        app.screen.query_one("#password", Input).value = PASSWORD
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.screen.query_one("#code").has_focus)
        assert footer_fits(app.screen, size[0])
        await press(pilot, *phone.shows(), "enter")
        await until(pilot, lambda: app.signed_in)
        app.action_open("own_account")
        await settled(pilot)
        assert footer_fits(app.screen, size[0])
        depth = len(app.screen_stack)
        for key in ("s", "n", "d", "c", "w"):
            await press(pilot, key)
            assert isinstance(app.screen, Ask), key
            assert footer_fits(app.screen, size[0]), key
            assert_harmless(app)
            button = app.screen.query_one("Button")
            assert button.region.bottom <= size[1] - 1
            await press(pilot, "escape")
            assert len(app.screen_stack) == depth


@pytest.mark.parametrize("hostile", HOSTILE[:9])
async def test_a_hostile_name_does_no_harm_on_the_own_account(
    hostile: str, town: Town, home: Home, clock: SimulatedClock
) -> None:
    with town.bank.store.write() as connection:
        connection.exec_driver_sql("UPDATE account SET display_name = ?", (hostile,))
    app = application(home, clock)
    async with running(app) as pilot:
        await own_account(pilot, app)
        assert_harmless(app)


async def test_another_language_keeps_the_page_and_what_was_typed_in_its_steps(
    home: Home, clock: SimulatedClock
) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await own_account(pilot, app)
        await press(pilot, "ctrl+t")
        assert "本人通道" in words(app)
        await press(pilot, "c", "tab", *"me@example.com", "ctrl+t")
        assert "me@example.com" in words(app)
        assert "Your own channel" in words(app)


# --- the second factor -----------------------------------------------------------------------------------------------


def test_the_drawn_code_is_the_one_that_segno_makes() -> None:
    uri = enrolment_uri(new_secret(), "x" * 32, "T001")
    code = segno.make_qr(uri, error="L")
    assert int(code.version) <= 5
    drawn = modules(uri)
    assert drawn == [[bool(module) for module in row] for row in code.matrix_iter(border=QUIET_ZONE)]
    assert not any(drawn[0] + drawn[1] + drawn[-1] + drawn[-2])


def test_each_half_block_shows_its_two_modules_in_black_and_white() -> None:
    text = "otpauth://totp/teller@T001?secret=ABC"
    widget, drawn = QrCode(text), modules(text)
    colours = {"#ffffff": False, "#000000": True}
    seen: list[list[bool]] = []
    for y in range((len(drawn) + 1) // 2):
        cells = list(widget.render_line(y))
        assert {cell.text for cell in cells} == {"\u2580"}
        styles = [cell.style for cell in cells]
        seen.append([colours[style.color.name] for style in styles])  # type: ignore[union-attr]
        seen.append([colours[style.bgcolor.name] for style in styles])  # type: ignore[union-attr]
    assert seen[: len(drawn)] == drawn
    assert not any(any(row) for row in seen[len(drawn) :])


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_code_secret_and_field_stand_whole_on_the_terminal(
    language: str, size: tuple[int, int], home: Home, clock: SimulatedClock
) -> None:
    app = application(home, clock, language)
    async with running(app, size) as pilot:
        await sign_in(pilot, app, "teller")
        app.action_open("own_account")
        await settled(pilot)
        await press(pilot, "s")
        await fill(pilot, password=PASSWORD)
        screen = app.screen
        assert isinstance(screen, EnrolScreen)
        assert footer_fits(screen, size[0])
        whole = screen.region
        code = screen.query_one(QrCode)
        drawn = modules(screen._offered.uri)
        assert (code.size.width, code.size.height) == (len(drawn), (len(drawn) + 1) // 2)
        for widget in (code, screen.query_one("#secret"), screen.query_one(Input), screen.query_one("Button")):
            assert whole.contains_region(widget.region)
            assert widget.region.bottom < size[1]
        groups = screen._offered.secret.split()
        assert " ".join(groups[:4]) in words(app)
        assert " ".join(groups[4:]) in words(app)
        assert screen.query_one(Input).has_focus


async def test_somebody_sets_up_a_second_factor_and_signs_in_with_it(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await own_account(pilot, app)
        assert "Set up the second factor" in await press(pilot, "s")
        assert "do not fit together" in await fill(pilot, password="not mine at all")
        await press(pilot, *["backspace"] * 15, *keys(PASSWORD), "enter", "enter")
        screen = app.screen
        assert isinstance(screen, EnrolScreen)
        secret = screen._offered.secret.replace(" ", "")
        assert "This code does not fit." in await press(pilot, *"000000", "enter")
        assert app.screen is screen
        await press(pilot, *["backspace"] * 6, *first_code(app, clock), "enter")
        dialog = app.screen
        assert isinstance(dialog, CodesDialog)
        codes = dialog._codes
        assert all(code in words(app) for code in codes)
        # Left only once they are written down.
        await press(pilot, "escape")
        assert isinstance(app.screen, Confirm)
        await press(pilot, "n")
        assert app.screen is dialog
        await press(pilot, "ctrl+q")
        assert isinstance(app.screen, Confirm)
        assert "Are the codes written down?" in words(app)
        await press(pilot, "n")
        assert app.signed_in
        assert app.screen is dialog
        await press(pilot, "enter", "y")
        assert isinstance(app.screen, OwnAccountScreen)
        assert "+ in force since 2026-03-02" in words(app)
        assert "Recovery codes left 10" in words(app)
        assert codes[0] not in shown(app)
        await press(pilot, "ctrl+q")
        await pilot.press(*"teller", "enter", *keys(PASSWORD), "enter")
        await until(pilot, lambda: app.screen.query_one("#code").has_focus)
        await press(pilot, *codes[3].lower(), "enter")
        await until(pilot, lambda: app.signed_in)
        assert look(app.desk).factor.codes_left == 9
        await press(pilot, "ctrl+q")
        clock.advance(timedelta(minutes=1))
        await pilot.press(*"teller", "enter", *keys(PASSWORD), "enter")
        await until(pilot, lambda: app.screen.query_one("#code").has_focus)
        await press(pilot, *code_at(secret, step_at(clock.now())), "enter")
        await until(pilot, lambda: app.signed_in)


async def test_setting_up_that_is_left_changes_nothing(town: Town, home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await own_account(pilot, app)
        await press(pilot, "s")
        await fill(pilot, password=PASSWORD)
        assert isinstance(app.screen, EnrolScreen)
        await press(pilot, "escape")
        assert "- not set up" in words(app)
    assert sign_in_at(town.bank.lobby("T2"), "teller", PASSWORD).who.username == "teller"


async def test_new_codes_end_the_old_ones_and_the_second_factor_can_be_dropped(
    town: Town, home: Home, clock: SimulatedClock
) -> None:
    phone = enrol(town.desk("teller"))
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in_with(pilot, app, "teller", phone.paper[0])
        app.action_open("own_account")
        await settled(pilot)
        assert "Recovery codes left 9" in words(app)
        await press(pilot, "n")
        await fill(pilot, password=PASSWORD, code=phone.paper[1])
        assert isinstance(app.screen, CodesDialog)
        fresh = app.screen._codes
        await press(pilot, "enter", "y")
        assert "Recovery codes left 10" in words(app)
        await press(pilot, "d")
        assert "do not fit together" in await fill(pilot, password=PASSWORD, code=phone.paper[2])
        await fill(pilot, password=PASSWORD, code=fresh[0])
        assert isinstance(app.screen, OwnAccountScreen)
        assert "- not set up" in words(app)
    assert sign_in_at(town.bank.lobby("T2"), "teller", PASSWORD).who.username == "teller"


async def sign_in_with(pilot: Pilot[None], app: BankApp, username: str, code: str) -> None:
    await settled(pilot)
    app.screen.query_one("#username", Input).value = username
    app.screen.query_one("#password", Input).value = PASSWORD
    await pilot.press("ctrl+s")
    await until(pilot, lambda: app.screen.query_one("#code").has_focus)
    app.screen.query_one("#code", Input).value = code
    await pilot.press("enter")
    await until(pilot, lambda: app.signed_in)
    await settled(pilot)


def test_ten_codes_stand_in_two_columns_to_be_read_downwards() -> None:
    codes = tuple(f"AAAA-BBBB-CCCC-DDD{letter}" for letter in "EFGHJKLMNP")
    rows = in_two_columns(codes).plain.splitlines()
    assert len(rows) == 5
    assert rows[0].split() == ["1", codes[0], "6", codes[5]]
    assert rows[4].split() == ["5", codes[4], "10", codes[9]]


# --- whoever must have one -------------------------------------------------------------------------------------------


async def test_who_must_have_a_second_factor_is_led_to_it_and_then_works_at_once(
    town: Town, home: Home, clock: SimulatedClock
) -> None:
    demand(town, Role.TELLER)
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        assert isinstance(app.screen, OwnAccountScreen)
        assert "! Your role needs a second factor." in words(app)
        assert [page.name for page in app.pages] == ["account", "log"]
        assert "Counter" not in lines(app)[1]
        await press(pilot, "f10")
        assert "What waits for you" not in words(app)
        await press(pilot, "escape", "s")
        await fill(pilot, password=PASSWORD)
        await press(pilot, *first_code(app, clock), "enter")
        await press(pilot, "enter", "y")
        assert app.screen.PAGE == app.pages[0].name == "home"
        assert "Counter" in lines(app)[1]
        assert not app.who.second_factor_due
        assert len(app.screen_stack) == 2


async def test_a_demand_that_comes_while_somebody_works_leads_there_too(
    town: Town, home: Home, clock: SimulatedClock
) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        demand(town, Role.TELLER)
        await app._look_again()
        await settled(pilot)
        assert isinstance(app.screen, OwnAccountScreen)
        assert app.screen.PAGE in {page.name for page in app.pages}


# --- the own channel -------------------------------------------------------------------------------------------------


async def test_somebody_gives_confirms_and_removes_the_own_channel(home: Home, clock: SimulatedClock) -> None:
    app = application_that_sends(home, clock)
    async with running(app) as pilot:
        await own_account(pilot, app)
        await press(pilot, "c")
        assert "This is not an e-mail address." in await fill(pilot, address="nobody", password=PASSWORD)
        assert "A code was sent to l***@example.com." in await fill(
            pilot, address="lantern@example.com", password=PASSWORD
        )
        await press(pilot, "escape")
        assert "! waits for its code until 2026-03-02 10:10" in words(app)
        await press(pilot, "e")
        assert "This is not the code" in await fill(pilot, code="AAAA-BBBB")
        await fill(pilot, code=newest_code(home).lower())
        assert isinstance(app.screen, OwnAccountScreen)
        assert "l***@example.com + confirmed" in words(app)
        assert "lantern" not in shown(app)
        await press(pilot, "r")
        await fill(pilot, password=PASSWORD)
        assert "- none: with a forgotten password" in words(app)


async def test_a_branch_that_sends_nothing_says_so_in_the_step(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await own_account(pilot, app)
        await press(pilot, "c")
        assert "can't send messages of this kind" in await fill(pilot, address="me@example.com", password=PASSWORD)
        assert isinstance(app.screen, Ask)


# --- recovery codes for the password ---------------------------------------------------------------------------------


async def test_an_admin_gets_new_recovery_codes_and_comes_back_with_one(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await own_account(pilot, app, "admin")
        await press(pilot, "w")
        await fill(pilot, password=PASSWORD)
        assert isinstance(app.screen, CodesDialog)
        codes = app.screen._codes
        await press(pilot, "enter", "y", "ctrl+q")
        await press(pilot, "f4", "up", "3", "enter", *"admin", "enter", *codes[0].lower(), "enter")
        new = "nineteen copper kettles whistle"
        await press(pilot, *("enter",), *keys(new), "enter", *keys(new), "enter", "enter")
        assert "Your password is set." in words(app)
        await pilot.press(*keys(new), "enter")
        await until(pilot, lambda: app.signed_in)
        app.action_open("own_account")
        await settled(pilot)
        assert "Recovery codes left 9" in words(app)


# --- what others did -------------------------------------------------------------------------------------------------


async def test_after_a_reset_the_person_is_told_who_started_it(town: Town, home: Home, clock: SimulatedClock) -> None:
    customer = town.registers("zhang")
    town.desk("zhang")
    clock.advance(timedelta(minutes=5))
    start_reset(town.desk("teller"), customer.account_id, True)
    halves = [Secret(show_half(town.desk(each), customer.account_id).view.code) for each in ("teller", "teller2")]
    new = "nineteen copper kettles whistle"
    complete(town.bank.lobby("lobby"), "zhang", halves[0], halves[1], Secret(new), Secret(new))
    app = application(home, clock)
    async with running(app) as pilot:
        for first in (True, False):
            await settled(pilot)
            app.screen.query_one("#username", Input).value = "zhang"
            app.screen.query_one("#password", Input).value = new
            await pilot.press("ctrl+s")
            await until(pilot, lambda: app.signed_in)
            await settled(pilot)
            assert isinstance(app.screen, Message) == first
            if first:
                assert "2026-03-02 10:05 Start a password reset: Teller" in told(pilot)
                assert "Activate an account: at the sign-in screen" in told(pilot)
                await press(pilot, "enter")
            assert app.screen.PAGE == "home"
            await press(pilot, "ctrl+q")


async def test_a_first_sign_in_tells_nothing(town: Town, home: Home, clock: SimulatedClock) -> None:
    customer = town.teller_registers("lina")
    assert customer.account_id
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "lina")
        assert not isinstance(app.screen, Message)


async def test_a_page_that_opens_late_waits_under_the_lock(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await own_account(pilot, app)
        await press(pilot, "ctrl+l")
        app.open_page("log")
        await settled(pilot)
        assert isinstance(app.screen, LockScreen)
        await press(pilot, *keys(PASSWORD), "enter")
        await until(pilot, lambda: not app.covered)
        assert app.screen.PAGE == "log"
