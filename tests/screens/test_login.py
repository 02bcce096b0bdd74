"""The lobby: signing in, registering, activating an account."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.events import Key, Paste
from textual.widgets import Input

from bankcard_tui import locale
from bankcard_tui.config import Home
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.log import ENTRY
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import Refused
from bankcard_tui.locale import catalogue
from bankcard_tui.rules.terms import ChannelKind
from bankcard_tui.screens.common.activate import ActivateScreen
from bankcard_tui.screens.common.register import RegisterScreen
from bankcard_tui.screens.login import LoginScreen
from bankcard_tui.services import channels
from bankcard_tui.services.activation import show_half
from bankcard_tui.services.profile import Contact, Identity
from bankcard_tui.services.registration import register
from bankcard_tui.services.resets import start_reset
from bankcard_tui.services.sign_in import sign_in as sign_in_at
from bankcard_tui.services.staff import disable_staff, open_staff
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.keybar import footer_fits
from tests.branch import PASSWORD, Town
from tests.screens.account_kit import application_that_sends, newest_code, sending
from tests.screens.app_kit import PASSWORD_KEYS, application, keys, running, settled, sign_in, until, words
from tests.screens.widgets_kit import HOSTILE, LANGUAGES, SIZES, assert_harmless, lines, shown
from tests.services.phone import enrol

FIRST_FRAME = """
import asyncio, sys, threading
from pathlib import Path
from bankcard_tui.app import BankApp
from bankcard_tui.config import Home, Settings
from bankcard_tui.screens.common.opening import Opening

hold = threading.Event()
Opening._open = lambda self: hold.wait() and None

async def look():
    home = Home(Path(sys.argv[1]))
    app = BankApp(Settings(home, home.key, "zh_CN", "bankcard-dark"), "T1")
    async with app.run_test() as pilot:
        await pilot.pause()
        painted = "".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "用户名" in painted, painted
        heavy = ("sqlalchemy", "sqlmodel", "pydantic", "alembic", "bankcard_tui.services", "bankcard_tui.desk")
        unused = ("textual.widgets._text_area", "tomllib", "importlib.resources")
        print([name for name in heavy + unused if name in sys.modules])
        app.opening.bank = lambda: None
        hold.set()

asyncio.run(look())
"""


def username_field(app: object) -> Input:
    return app.screen_stack[0].query_one("#username", Input)  # type: ignore[attr-defined]


def password_field(app: object) -> Input:
    return app.screen_stack[0].query_one("#password", Input)  # type: ignore[attr-defined]


def code_field(app: object) -> Input:
    return app.screen_stack[0].query_one("#code", Input)  # type: ignore[attr-defined]


def test_the_sign_in_screen_stands_before_anything_that_opens_a_store_is_imported(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", FIRST_FRAME, str(tmp_path)],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.stdout.splitlines()[:1] == ["[]"], answer.stdout + answer.stderr


async def test_bank_and_branch_are_shown_as_soon_as_they_are_known(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await settled(pilot)
        assert "Test Bank" in shown(app)
        assert "Harbour" in shown(app)


async def test_what_is_typed_before_the_branch_is_open_is_sent_when_it_is(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    hold, open_bank = threading.Event(), app.opening._open
    app.opening._open = lambda: (hold.wait(), open_bank())[1]  # type: ignore[method-assign]
    async with running(app) as pilot:
        await pilot.press(*"manager", "enter", *PASSWORD_KEYS, "enter")
        await pilot.pause()
        assert not app.signed_in
        assert "Signing in" in shown(app)
        hold.set()
        await until(pilot, lambda: app.signed_in)
        assert app.who.username == "manager"


async def test_what_is_typed_ahead_of_the_screen_ends_in_the_right_field(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await settled(pilot)
        for key in [*"teller", "enter", *PASSWORD_KEYS, "enter"]:
            character = " " if key == "space" else key if len(key) == 1 else None
            app.post_message(Key(key, character))
        await until(pilot, lambda: app.signed_in)
        assert username_field(app).value == ""


def rests(town: Town) -> None:
    for _ in range(5):
        with pytest.raises(Refused, match="do not fit"):
            sign_in_at(town.bank.lobby("elsewhere"), "teller", "wrong")


def disables(town: Town) -> None:
    account = town.staff("teller")
    disable_staff(town.desk("admin"), account, open_staff(town.desk("admin"), account).row.version)


@pytest.mark.parametrize(
    ("username", "password", "before"),
    [
        ("teller", "wrong", None),
        ("nobody", PASSWORD, None),
        ("teller", PASSWORD, rests),
        ("teller", PASSWORD, disables),
    ],
    ids=["wrong password", "unknown name", "resting account", "disabled account"],
)
async def test_every_failed_sign_in_says_the_same_and_keeps_the_name(
    username: str, password: str, before: Callable[[Town], None] | None, town: Town, home: Home, clock: SimulatedClock
) -> None:
    if before is not None:
        before(town)
    app = application(home, clock)
    async with running(app) as pilot:
        await settled(pilot)
        await pilot.press(*username, "enter", *keys(password), "enter")
        await until(pilot, lambda: "do not fit together" in words(app))
        assert "! The name and the password do not fit together, or the account rests." in words(app)
        assert username_field(app).value == username
        assert password_field(app).value == ""
        assert password_field(app).has_focus
        assert not app.signed_in


async def test_whoever_has_a_second_factor_is_asked_for_its_code(town: Town, home: Home, clock: SimulatedClock) -> None:
    phone = enrol(town.desk("teller"))
    app = application(home, clock)
    async with running(app) as pilot:
        await settled(pilot)
        assert not code_field(app).display
        await pilot.press(*"teller", "enter", *PASSWORD_KEYS, "enter")
        await until(pilot, lambda: code_field(app).has_focus)
        assert "The six digits that your app shows, or a recovery code." in words(app)
        await pilot.press("enter")
        await settled(pilot)
        assert "Type the six digits" in words(app)
        await pilot.press(*"000000", "enter")
        await until(pilot, lambda: "do not fit together" in words(app))
        assert code_field(app).value == ""
        assert code_field(app).has_focus
        assert username_field(app).value == "teller"
        await pilot.press(*phone.shows(), "enter")
        await until(pilot, lambda: app.signed_in)
        assert app.who.username == "teller"
        assert [field.value for field in (username_field(app), password_field(app), code_field(app))] == [""] * 3


async def test_escape_goes_back_from_the_code_and_forgets_the_password(
    town: Town, home: Home, clock: SimulatedClock
) -> None:
    enrol(town.desk("teller"))
    app = application(home, clock)
    async with running(app) as pilot:
        await settled(pilot)
        await pilot.press(*"teller", "enter", *PASSWORD_KEYS, "enter")
        await until(pilot, lambda: code_field(app).has_focus)
        assert "Esc Back" in words(app)
        await pilot.press(*"123", "escape")
        await settled(pilot)
        assert app.is_running
        assert not code_field(app).display
        assert [field.value for field in (username_field(app), password_field(app), code_field(app))] == [
            "teller",
            "",
            "",
        ]
        assert password_field(app).has_focus
        assert "Esc Leave" in words(app)


async def test_keys_typed_ahead_of_the_code_do_not_spoil_the_password(
    town: Town, home: Home, clock: SimulatedClock
) -> None:
    phone = enrol(town.desk("teller"))
    app = application(home, clock)
    async with running(app) as pilot:
        await settled(pilot)
        for key in ["t", "e", "l", "l", "e", "r", "enter", *PASSWORD_KEYS, "enter", "7", "7"]:
            app.post_message(Key(key, " " if key == "space" else key if len(key) == 1 else None))
        await until(pilot, lambda: code_field(app).has_focus)
        code_field(app).value = ""
        await pilot.press(*phone.shows(), "enter")
        await until(pilot, lambda: app.signed_in)


async def test_a_code_that_nobody_types_is_forgotten_with_the_password(
    town: Town, home: Home, clock: SimulatedClock
) -> None:
    enrol(town.desk("teller"))
    app = application(home, clock)
    async with running(app) as pilot:
        await settled(pilot)
        await pilot.press(*"teller", "enter", *PASSWORD_KEYS, "enter")
        await until(pilot, lambda: code_field(app).has_focus)
        app._last_key -= app.idle_seconds
        app.watch_time()
        await pilot.pause()
        assert password_field(app).value == username_field(app).value == ""
        assert not code_field(app).display


async def test_nothing_is_sent_without_name_and_password(town: Town, home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await settled(pilot)
        await pilot.press("ctrl+s")
        assert "Type your user name and your password." in shown(app)
        await pilot.press(*"teller", "enter", "enter")
        await settled(pilot)
        assert password_field(app).has_focus
    with town.bank.store.read() as connection:
        tried = connection.exec_driver_sql("SELECT count(*) FROM log_entry WHERE terminal = 'T1'").scalar_one()
    assert tried == 0
    assert ENTRY.name == "log_entry"


def breaks_the_store(home: Home) -> None:
    home.store.write_bytes(b"not a store at all" * 500)


def removes_the_key(home: Home) -> None:
    home.key.unlink()


def swaps_the_key(home: Home) -> None:
    home.key.chmod(0o600)
    home.key.write_bytes(bytes(reversed(home.key.read_bytes())))


@pytest.mark.parametrize("damage", [breaks_the_store, removes_the_key, swaps_the_key])
async def test_a_branch_that_cannot_be_opened_says_why_and_leaves_with_its_code(
    damage: Callable[[Home], None], home: Home, clock: SimulatedClock
) -> None:
    damage(home)
    app = application(home, clock)
    async with running(app) as pilot:
        await until(pilot, lambda: app.opening.problem is not None)
        problem = app.opening.problem
        assert problem is not None
        await settled(pilot)
        assert str(problem).replace(" ", "") in words(app).replace(" ", "")
        await pilot.press("escape")
        await pilot.pause()
    assert app.return_code == problem.exit_code != 0


async def test_after_the_branch_is_mended_enter_tries_again(home: Home, clock: SimulatedClock) -> None:
    key = home.key.read_bytes()
    home.key.unlink()
    app = application(home, clock)
    async with running(app) as pilot:
        await until(pilot, lambda: app.opening.problem is not None)
        home.key.write_bytes(key)
        home.key.chmod(0o600)
        await sign_in(pilot, app, "teller")
        assert app.opening.problem is None


async def test_somebody_registers_and_signs_in(town: Town, home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    number = town.new_id_number()
    async with running(app) as pilot:
        await settled(pilot)
        await pilot.press("f3")
        await pilot.pause()
        await pilot.press(*keys("Zhang Wei"), "enter", *number)
        assert "Born on 1988-05-17" in shown(app)
        await pilot.press("enter", *"13800138000", "enter", *"zw@example.com", "enter", "enter", *"zhang88", "enter")
        await pilot.press(*PASSWORD_KEYS, "enter", *PASSWORD_KEYS, "enter", "enter")
        await until(pilot, lambda: isinstance(app.screen, LoginScreen))
        assert "Bring your identity card to the counter once." in words(app)
        assert username_field(app).value == "zhang88"
        await pilot.press(*PASSWORD_KEYS, "enter")
        await until(pilot, lambda: app.signed_in)
        assert app.who.name == "Zhang Wei"


async def test_what_is_wrong_with_a_registration_stands_at_the_fields(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app, (120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("f3")
        await pilot.pause()
        form = app.screen.query_one(Form)
        form.fill({"name": "Zhang Wei", "id_number": "123", "phone": "12", "username": "z", "password": "abc"})
        form.fill({"again": "abd", "email": "nobody"})
        await pilot.press("ctrl+s")
        await until(pilot, lambda: form.rows["password"].problem is not None)
        # The password is hashed before the store is asked, so it is judged first; the rest follows.
        form.fill({"password": PASSWORD, "again": PASSWORD})
        await pilot.press("ctrl+s")
        await until(pilot, lambda: form.rows["id_number"].problem is not None)
        assert form.rows["phone"].problem is not None
        assert form.rows["email"].problem is not None
        assert form.rows["username"].problem is not None
        assert form.raw("name") == "Zhang Wei"
        assert app.focused is form.rows["id_number"].input


async def test_somebody_activates_the_account_and_signs_in(town: Town, home: Home, clock: SimulatedClock) -> None:
    identity = Identity(name="Li Na", id_number=town.new_id_number())
    account = register(town.desk("teller"), "lina", identity, Contact(phone="13900139000")).view.account_id
    halves = [show_half(town.desk(each), account).view.code for each in ("teller", "teller2")]
    app = application(home, clock)
    async with running(app) as pilot:
        await settled(pilot)
        await pilot.press("f4")
        await pilot.pause()
        await pilot.press(*"lina", "enter", *halves[0].replace("-", "").lower(), "enter", *"23456789", "enter")
        await pilot.press(*PASSWORD_KEYS, "enter", *PASSWORD_KEYS, "ctrl+s")
        await until(pilot, lambda: "do not fit together" in words(app))
        form = app.screen.query_one(Form)
        form.fill({"second_half": halves[1]})
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, LoginScreen))
        assert "Your password is set." in shown(app)
        assert username_field(app).value == "lina"
        await pilot.press(*PASSWORD_KEYS, "enter")
        await until(pilot, lambda: app.signed_in)
        assert app.who.name == "Li Na"


async def test_after_a_reset_somebody_comes_back_with_the_code_that_was_sent(
    town: Town, home: Home, clock: SimulatedClock
) -> None:
    lina = town.registers("lina")
    town.bank.delivery = sending(home)
    channels.propose(town.desk("lina"), ChannelKind.EMAIL, "lina@example.com", Secret(PASSWORD))
    channels.confirm(town.desk("lina"), Secret(newest_code(home)))
    start_reset(town.desk("teller"), lina.account_id, True)
    new = "nineteen copper kettles whistle"
    app = application_that_sends(home, clock)
    async with running(app) as pilot:
        await settled(pilot)
        await pilot.press("f4", "up", "2", "enter", *"lina", "enter", *"AAAABBBB", "enter")
        await pilot.press(*keys(new), "enter", *keys(new), "ctrl+s")
        await until(pilot, lambda: "do not fit together" in words(app))
        form = app.screen.query_one(Form)
        assert form.raw("username") == "lina"
        form.fill({"sent_code": newest_code(home).lower()})
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, LoginScreen))
        assert "Your password is set." in shown(app)
    assert sign_in_at(town.bank.lobby("T2"), "lina", new).who.username == "lina"


async def test_each_way_to_a_password_asks_for_its_own_code_and_keeps_what_was_typed(
    home: Home, clock: SimulatedClock
) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await settled(pilot)
        await pilot.press("f4", *"lina")
        await pilot.pause()
        form = app.screen.query_one(Form)
        fields = {"1": ["first_half", "second_half"], "2": ["sent_code"], "3": ["recovery_code"]}
        for key, asked in fields.items():
            await pilot.press("up", "up", key)
            await pilot.pause()
            assert [name for name in form.draft() if "code" in name or "half" in name] == asked
            assert form.raw("username") == "lina"
            assert [name for name, row in form.rows.items() if row.region.height] == list(form.draft())
            await pilot.press("enter")
        await pilot.press("f2")
        await settled(pilot)
        form = app.screen.query_one(Form)
        assert form.draft()["username"] == "lina"
        assert "recovery_code" in form.draft()
        assert "first_half" not in form.draft()


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["", "f3", "f4"], ids=["sign in", "register", "activate"])
async def test_every_lobby_screen_fits(
    key: str, language: str, size: tuple[int, int], home: Home, clock: SimulatedClock
) -> None:
    app = application(home, clock, language)
    async with running(app, size) as pilot:
        await settled(pilot)
        if key:
            await pilot.press(key)
            await pilot.pause()
        assert footer_fits(app.screen, size[0])
        assert_harmless(app)
        if language == "zh_CN":
            untranslated = {"User name", "Password", "Name", "Address", "Sign up", "Activate", "Back", "Help"}
            assert not [word for word in untranslated if word in shown(app)]
        else:
            assert not [line for line in lines(app) if any(word in line for word in catalogue("zh_CN").values())][1:]


@pytest.mark.parametrize("key", ["", "f3", "f4"], ids=["sign in", "register", "activate"])
async def test_another_language_keeps_what_was_typed(key: str, home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await settled(pilot)
        if key:
            await pilot.press(key)
            await pilot.pause()
        await pilot.press(*"somebody")
        await pilot.press("f2")
        await settled(pilot)
        assert locale.language() == "zh_CN"
        assert "帮助" in shown(app)
        assert "somebody" in shown(app)
        await pilot.press("x")
        assert "somebodyx" in shown(app)
        await pilot.press("ctrl+t")
        await settled(pilot)
        assert "somebodyx" in shown(app)
        assert "Help" in shown(app)


async def test_the_password_is_never_on_the_screen_nor_in_the_clipboard(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await settled(pilot)
        await pilot.press(*"teller", "enter", *"open sesame".replace(" ", ""))
        await pilot.press("home", "shift+end", "ctrl+c", "ctrl+x")
        assert "opensesame" not in shown(app)
        assert "opensesame" not in app.clipboard
        assert password_field(app).value == "opensesame"


async def test_what_was_left_at_the_lobby_is_cleared_for_the_next_person(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await settled(pilot)
        await pilot.press(*"teller", "f3")
        await pilot.pause()
        await pilot.press(*keys("Zhang Wei"))
        app.watch_time()
        assert isinstance(app.screen, RegisterScreen)
        app._last_key -= app.idle_seconds
        app.watch_time()
        await pilot.pause()
        assert isinstance(app.screen, LoginScreen)
        assert username_field(app).value == ""
        await pilot.press("f3")
        await pilot.pause()
        assert "Zhang" not in shown(app)


async def test_a_hostile_bank_name_does_no_harm_on_the_sign_in_screen(
    town: Town, home: Home, clock: SimulatedClock
) -> None:
    for hostile in HOSTILE:
        with town.bank.store.write() as connection:
            connection.exec_driver_sql("UPDATE branch SET bank = ?, name = ?", (hostile[:60], hostile[:60]))
        app = application(home, clock)
        async with running(app) as pilot:
            await settled(pilot)
            assert_harmless(app)
            assert "User name" in shown(app)


async def test_hostile_pastes_are_refused_in_words(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await settled(pilot)
        for hostile in HOSTILE:
            app.post_message(Paste(hostile))
            await pilot.pause()
            assert_harmless(app)
        assert "\x1b" not in username_field(app).value


async def test_escape_leaves_a_lobby_page_and_then_the_program(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await settled(pilot)
        await pilot.press("f4")
        await pilot.pause()
        assert isinstance(app.screen, ActivateScreen)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, LoginScreen)
        await pilot.press("ctrl+q")
        await pilot.pause()
    assert app.return_code == 0
