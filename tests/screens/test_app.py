"""The application around the pages: keys that work everywhere, the lock, leaving, crashes."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Input
from textual.worker import WorkerFailed

from bankcard_tui import locale
from bankcard_tui.app import BankApp
from bankcard_tui.config import Home
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.errors import NotSignedIn, SessionLocked
from bankcard_tui.locale import tr
from bankcard_tui.rules.terms import Role
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.common.incidents import describe, record_incident
from bankcard_tui.screens.common.lock import LockScreen
from bankcard_tui.screens.common.log import MyLogScreen
from bankcard_tui.screens.common.menu import Menu
from bankcard_tui.screens.common.password import PasswordScreen
from bankcard_tui.screens.login import LoginScreen
from bankcard_tui.screens.pages import pages_for
from bankcard_tui.screens.teller.claims import ClaimsScreen
from bankcard_tui.security.permissions import ROLE_PERMISSIONS
from bankcard_tui.services.drafts import load_draft, save_draft
from bankcard_tui.services.sign_in import lock, me, sign_out
from bankcard_tui.widgets.dialogs import Confirm, Message
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.help import HelpScreen
from tests.branch import PASSWORD, Town
from tests.screens.app_kit import PASSWORD_KEYS, application, keys, running, settled, sign_in, until, words
from tests.screens.widgets_kit import shown, speaking

ROOT = Path(__file__).resolve().parents[2]
ROLES = [Role.CUSTOMER, Role.TELLER, Role.MANAGER, Role.ADMIN]


class Typing(DeskScreen):
    """A form as the pages have them, with a draft."""

    def body(self) -> ComposeResult:
        yield Form([Field("note", "Note"), Field("secret", "Secret", "secret")], id="typing")

    def load(self) -> None:
        self.query_one(Form).focus()
        self.restore_draft(self.query_one(Form))

    def draft_name(self, form: Form) -> str:
        return "typing"


class Failing(DeskScreen):
    """A screen with a fault."""

    SECRET: ClassVar[str] = "31010119880517" + "0028"

    def body(self) -> ComposeResult:
        id_number = self.SECRET  # noqa: F841  a local variable, as a traceback would show it
        raise ValueError(f"no such customer: {self.SECRET}")
        yield


# --- pages and keys ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_everybody_has_pages_of_their_own_and_the_own_log_last(role: Role) -> None:
    pages = pages_for(ROLE_PERMISSIONS[role])
    names = [page.name for page in pages]
    assert names[-1] == "log"
    assert len(names) == len(set(names)) <= 8
    assert all(set(page.permissions) & ROLE_PERMISSIONS[role] for page in pages)


def test_whoever_has_no_page_of_a_role_gets_the_overview() -> None:
    from bankcard_tui.security.permissions import Permission

    own = frozenset({Permission.OWN_ACCOUNT, Permission.OWN_LOG})
    assert [page.name for page in pages_for(own)] == ["overview", "log"]


def test_whoever_has_to_set_up_a_second_factor_has_the_own_account_and_the_own_log() -> None:
    own = ROLE_PERMISSIONS[Role.TELLER]
    assert [page.name for page in pages_for(own, second_factor_due=True)] == ["account", "log"]


@pytest.mark.parametrize("username", ["zhang", "teller", "manager", "admin"])
async def test_the_function_keys_open_every_page_from_anywhere(
    username: str, town: Town, home: Home, clock: SimulatedClock
) -> None:
    town.registers("zhang")
    app = application(home, clock)
    async with running(app) as pilot:
        await settled(pilot)
        await sign_in(pilot, app, username)
        for place, page in enumerate(app.pages):
            await pilot.press(f"f{place + 2}")
            await settled(pilot)
            assert isinstance(app.screen, DeskScreen)
            assert page.name == app.screen.PAGE
            assert f"[F{place + 2} " in shown(app)
            assert len(app.screen_stack) == 2
        app.push_screen(Typing())
        await settled(pilot)
        await pilot.press("a", "f2")
        await settled(pilot)
        assert app.pages[0].name == app.screen.PAGE


async def test_pages_turn_as_fast_as_somebody_can_press(town: Town, home: Home, clock: SimulatedClock) -> None:
    town.applicant()
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "manager")
        for _ in range(5):
            await pilot.press("f2", "f3", "f2", "f5", "f4", "f6", "f7", "f8", "f9")
        await settled(pilot)
        assert app.screen.PAGE == "log"


async def test_an_open_question_is_answered_before_another_page_opens(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "manager")
        app.push_screen(Confirm("Sure?", "", "Yes"))
        await pilot.pause()
        await pilot.press("f3", "f10")
        await pilot.pause()
        assert isinstance(app.screen, Confirm)


async def test_a_right_that_is_taken_away_takes_its_pages_along(town: Town, home: Home, clock: SimulatedClock) -> None:
    from bankcard_tui.security.permissions import Permission
    from bankcard_tui.services.staff import open_staff, set_permissions

    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "manager")
        before = [page.name for page in app.pages]
        account = town.staff("manager")
        version = open_staff(town.desk("admin"), account).row.version
        removed = frozenset({Permission.REVIEW_APPLICATIONS, Permission.SIGN_SECOND})
        set_permissions(town.desk("admin"), account, version, frozenset(), removed)
        await app._look_again()
        assert len(app.pages) < len(before)


# --- the menu ------------------------------------------------------------------------------------------------------


async def test_the_menu_finds_a_page_by_a_part_of_its_name(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        await pilot.press("ctrl+p")
        await pilot.pause()
        assert isinstance(app.screen, Menu)
        await pilot.press(*keys("my LOG"), "enter")
        await settled(pilot)
        assert isinstance(app.screen, MyLogScreen)


async def test_the_menu_does_what_the_screen_below_can_do(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        await pilot.press("f10", *keys("what waits"), "enter")
        await settled(pilot)
        assert "Cards to hand over" in shown(app)
        await pilot.press("f10", *"update", "enter")
        await settled(pilot)
        assert "Cards to hand over" in shown(app)
        await pilot.press("f10", *keys("change pass"), "enter")
        await settled(pilot)
        assert isinstance(app.screen, PasswordScreen)
        await pilot.press("f10", *"nonsense", "enter")
        await pilot.pause()
        assert "Nothing here has this name." in shown(app)


async def test_the_menu_holds_nothing_of_textual_itself(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app, (120, 40)) as pilot:
        await sign_in(pilot, app, "manager")
        await pilot.press("ctrl+p")
        await pilot.pause()
        assert isinstance(app.screen, Menu)
        offered = " ".join(command.words for command in app.screen._commands).casefold()
        for foreign in ("screenshot", "quit", "maximize", "theme", "scroll", "cursor"):
            assert foreign not in offered
        for own in ("lock", "sign out", "password", "language", "colours", "help"):
            assert own in offered


async def test_colours_and_language_are_changed_from_the_menu(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "manager")
        await pilot.press("f10", *"colours", "enter")
        await settled(pilot)
        assert app.theme == "bankcard-light"
        await pilot.press("f10", *"language", "enter")
        await settled(pilot)
        assert locale.language() == "zh_CN"
        assert "客户经理" in shown(app)


# --- the lock ------------------------------------------------------------------------------------------------------


async def test_locking_covers_everything_and_keeps_the_work(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        app.push_screen(Typing())
        await settled(pilot)
        await pilot.press(*keys("half a sentence"), "ctrl+l")
        await settled(pilot)
        assert isinstance(app.screen, LockScreen)
        assert "half a sentence" not in shown(app)
        assert "F2" not in shown(app)
        for key in ("escape", "f1", "f2", "f10", "ctrl+p", "ctrl+l", "question_mark", "tab"):
            await pilot.press(key)
            await pilot.pause()
            assert isinstance(app.screen, LockScreen)
        with pytest.raises(SessionLocked):
            await asyncio.to_thread(me, app.desk)
        app.screen.query_one(Form).fill({"password": ""})
        app.screen.query_one(Form).focus()
        await pilot.press(*"wrong", "enter")
        await until(pilot, lambda: "do not fit together" in words(app))
        assert isinstance(app.screen, LockScreen)
        await pilot.press(*PASSWORD_KEYS, "enter")
        await until(pilot, lambda: isinstance(app.screen, Typing))
        assert "half a sentence" in shown(app)
        await asyncio.to_thread(me, app.desk)


async def test_the_language_changes_under_the_lock_too(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        await pilot.press("ctrl+l")
        await settled(pilot)
        await pilot.press(*"abc", "ctrl+t")
        await settled(pilot)
        assert "终端已锁定" in shown(app)
        assert app.screen.query_one("#password", Input).value == "abc"


async def test_an_answer_that_comes_late_waits_until_the_lock_is_open(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        app.push_screen(Typing())
        await settled(pilot)
        below = app.screen
        await pilot.press("ctrl+l")
        await settled(pilot)
        app.notify("Zhang Wei owes 100.00")
        below.dismiss()
        app.push_screen(Message("Zhang Wei", "310101198805170028"))
        app.switch_screen(Typing())
        await pilot.pause()
        assert isinstance(app.screen, LockScreen)
        assert "Zhang Wei" not in shown(app)
        await pilot.press(*PASSWORD_KEYS, "enter")
        await until(pilot, lambda: not app.covered)
        await settled(pilot)
        assert below not in app.screen_stack
        assert isinstance(app.screen, Typing)


async def test_nobody_gets_past_the_lock_by_a_session_that_is_locked_elsewhere(
    town: Town, home: Home, clock: SimulatedClock
) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        await asyncio.to_thread(lock, app.desk)
        await pilot.press("f3")
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, LockScreen))
        assert sum(isinstance(screen, LockScreen) for screen in app.screen_stack) == 1
        await pilot.press(*PASSWORD_KEYS, "enter")
        await until(pilot, lambda: not app.covered)


async def test_from_the_lock_one_can_sign_out(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        await pilot.press("ctrl+l")
        await settled(pilot)
        await pilot.press("ctrl+q")
        await settled(pilot)
        assert isinstance(app.screen, LoginScreen)
        assert not app.signed_in
        await sign_in(pilot, app, "manager")
        assert app.who.username == "manager"


class Impatient(BankApp):
    """Locks after a moment without a key."""

    @property
    def idle_seconds(self) -> float:
        return 0.2 if self.signed_in else 1000.0


async def test_a_terminal_that_nobody_touches_locks_itself(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock, kind=Impatient)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        app._last_key = time.monotonic()
        app.watch_time()
        assert not app.covered
        app._last_key -= 0.1
        await pilot.press("down")
        app.watch_time()
        assert not app.covered
        app._last_key -= 0.2
        app.watch_time()
        await settled(pilot)
        assert isinstance(app.screen, LockScreen)


async def test_idle_minutes_are_those_of_the_bank(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        assert app.idle_seconds == 60 * app.who.idle_minutes > 0


# --- leaving -------------------------------------------------------------------------------------------------------


async def test_a_session_that_has_ended_leads_to_the_sign_in_screen_with_the_reason(
    home: Home, clock: SimulatedClock
) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        await asyncio.to_thread(sign_out, app.desk)
        await pilot.press("f3")
        await until(pilot, lambda: isinstance(app.screen, LoginScreen))
        assert "Your session has ended. Sign in again." in words(app)


async def test_signing_out_asks_when_something_was_not_sent(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        app.push_screen(Typing())
        await settled(pilot)
        await pilot.press(*"unsent", "ctrl+q")
        await pilot.pause()
        assert isinstance(app.screen, Confirm)
        await pilot.press("n")
        await pilot.pause()
        assert isinstance(app.screen, Typing)
        await pilot.press("ctrl+q")
        await pilot.pause()
        await pilot.press("y")
        await settled(pilot)
        assert isinstance(app.screen, LoginScreen)


async def test_signing_out_asks_nothing_when_nothing_was_typed(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        desk = app.desk
        await pilot.press("ctrl+q")
        await settled(pilot)
        assert isinstance(app.screen, LoginScreen)
        await asyncio.gather(*app._farewells)
        with pytest.raises(NotSignedIn):
            await asyncio.to_thread(me, desk)


@pytest.mark.parametrize("way", ["page", "back", "sign out", "lock"])
async def test_what_was_typed_a_moment_ago_is_kept_however_the_screen_is_left(
    way: str, town: Town, home: Home, clock: SimulatedClock
) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        app.push_screen(Typing())
        await settled(pilot)
        await pilot.press(*keys("keep me"), "tab", *"hidden")
        await pilot.press({"page": "f2", "back": "escape", "sign out": "ctrl+q", "lock": "ctrl+l"}[way])
        await pilot.pause()
        if way == "sign out":
            await pilot.press("y")
        await settled(pilot)
        await asyncio.gather(*app._farewells)
    desk = town.sign_in("teller", "another terminal")
    assert load_draft(desk, "typing") == {"note": "keep me"}


async def test_what_was_sent_leaves_no_draft_behind_when_its_screen_closes_at_once(
    town: Town, home: Home, clock: SimulatedClock
) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        save_draft(app.desk, "typing", {"note": "from before"})
        typing = Typing()
        app.push_screen(typing)
        await settled(pilot)
        await pilot.press(*keys("sent"))
        typing.sent(typing.query_one(Form))
        typing.dismiss()
        await settled(pilot)
        assert await asyncio.to_thread(load_draft, app.desk, "typing") is None


async def test_leaving_the_program_ends_the_session(town: Town, home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        app.exit()
    with town.bank.store.read() as connection:
        open_at = connection.exec_driver_sql(
            "SELECT count(*) FROM session WHERE terminal = 'T1' AND ended_at IS NULL"
        ).scalar_one()
    assert open_at == 0


LOST = """
import sys
from pathlib import Path
from bankcard_tui.app import BankApp
from bankcard_tui.config import Home, Settings

home = Home(Path(sys.argv[1]))
app = BankApp(Settings(home, home.key, "en", "bankcard-dark"), "T9", cost=4)
app.run()
raise SystemExit(app.return_code)
"""


@pytest.mark.parametrize("lost_by", ["SIGTERM", "SIGHUP", "hang-up", "cut"])
def test_a_lost_terminal_ends_the_session_and_the_program(lost_by: str, town: Town, home: Home) -> None:
    ours, theirs = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-c", LOST, str(home.folder)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=ROOT,
        preexec_fn=os.setsid if lost_by != "hang-up" else _take_terminal,
        env={**os.environ, "TERM": "xterm-256color"},
    )
    os.close(theirs)
    try:
        _read_until(ours, "Harbour")
        os.write(ours, f"teller\r{PASSWORD}\r".encode())
        _read_until(ours, "Counter")
        if lost_by == "cut":
            # It is not the terminal of its session: no signal comes.
            os.close(ours)
        elif lost_by == "hang-up":
            # Nobody reads any more, and then the line is cut in the middle of a frame.
            os.write(ours, b"\x1bOQ\x1bOR" * 40)
            time.sleep(0.1)
            os.close(ours)
        else:
            os.kill(program.pid, signal.Signals[lost_by])
            _read_until(ours, "\x1b[?1049l")
        assert program.wait(timeout=20) == 1
    finally:
        program.kill()
        program.wait()
    with town.bank.store.read() as connection:
        sessions = connection.exec_driver_sql(
            "SELECT ended_at IS NOT NULL FROM session WHERE terminal = 'T9'"
        ).fetchall()
    assert sessions == [(1,)]


def _take_terminal() -> None:
    import fcntl
    import termios

    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _read_until(handle: int, text: str) -> None:
    painted = b""
    end = time.monotonic() + 30
    while text.encode() not in painted:
        assert time.monotonic() < end, painted[-2000:]
        try:
            painted += os.read(handle, 65536)
        except OSError:
            raise AssertionError(painted[-2000:]) from None


# --- crashes -------------------------------------------------------------------------------------------------------


async def test_a_crash_shows_a_number_and_leaves_a_record_without_anybodys_data(
    home: Home, clock: SimulatedClock, capsys: pytest.CaptureFixture[str]
) -> None:
    app = application(home, clock)

    async def crash() -> None:
        async with running(app) as pilot:
            await sign_in(pilot, app, "teller")
            app.push_screen(Failing())
            await pilot.pause()

    with pytest.raises(ValueError, match="no such customer"):
        await crash()
    printed = capsys.readouterr()
    (record,) = (home.folder / "data" / "incidents").iterdir()
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    text = record.read_text(encoding="utf-8")
    assert "ValueError" in text
    assert "test_app.py" in text
    assert f"Incident {record.stem}" in printed.err + printed.out
    for anywhere in (text, printed.out, printed.err):
        assert Failing.SECRET not in anywhere
        assert "no such customer:" not in anywhere.replace('raise ValueError(f"no such customer:', "")
    assert app.return_code == 1


async def test_a_crash_in_the_work_behind_a_screen_is_handled_alike(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)

    def fail() -> None:
        raise RuntimeError(Failing.SECRET)

    async def crash() -> None:
        async with running(app) as pilot:
            await sign_in(pilot, app, "teller")
            assert isinstance(app.screen, DeskScreen)
            app.screen.work(fail, lambda _: None)
            await until(pilot, lambda: app._exception is not None)

    with pytest.raises(WorkerFailed):
        await crash()
    (record,) = (home.folder / "data" / "incidents").iterdir()
    text = record.read_text(encoding="utf-8")
    assert "RuntimeError" in text
    assert Failing.SECRET not in text
    assert app.return_code == 1


def test_a_disk_that_takes_nothing_does_not_hide_the_crash(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")
    assert record_incident(tmp_path, "2345-6789", ValueError()) is None


def test_a_record_names_the_causes_too() -> None:
    try:
        try:
            raise KeyError("secret")
        except KeyError as inner:
            raise ValueError("secret") from inner
    except ValueError as outer:
        told = "\n".join(describe(outer))
    assert "KeyError" in told
    assert "ValueError" in told
    assert told.index("KeyError") < told.index("ValueError")


def test_the_private_parts_of_textual_that_we_stand_on_are_there() -> None:
    assert callable(App._fatal_error)
    assert BankApp._fatal_error is not App._fatal_error
    assert isinstance(App._screen_stack, property)
    app: App[None] = App()
    assert app._exception is None


async def test_the_stack_of_screens_is_the_list_itself(home: Home, clock: SimulatedClock) -> None:
    app = application(home, clock)
    async with running(app):
        assert app._screen_stack is app._screen_stack
        assert app.screen_stack is not app._screen_stack


def test_no_colour_is_used_where_none_is_wanted(home: Home) -> None:
    script = LOST.replace("app.run()", "import asyncio\nasyncio.run(look())\nsys.exit()").replace(
        "home =",
        "async def look():\n    async with app.run_test() as pilot:\n"
        "        await pilot.pause()\n        print(app.no_color)\n\nhome =",
    )
    answer = subprocess.run(
        [sys.executable, "-c", script, str(home.folder)],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.stdout.strip() == "True", answer.stdout + answer.stderr


async def test_the_open_menu_speaks_another_language_and_still_does_what_it_says(
    town: Town, home: Home, clock: SimulatedClock
) -> None:
    app = application(home, clock)
    with speaking("en"):
        async with running(app) as pilot:
            await sign_in(pilot, app, "teller")
            await pilot.press("f10", *"claims")
            await until(pilot, lambda: "Go to: Claims" in words(app))
            await pilot.press("ctrl+t")
            await until(pilot, lambda: "What do you want to do?" not in words(app))
            assert app.screen.query_one(Input).value == "claims"
            app.screen.query_one(Input).value = tr("Claims")
            await pilot.pause()
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.screen, ClaimsScreen))
            await pilot.press("f10")
            await pilot.pause()
            # What belongs to a widget of the screen below is done by the widget that stands there now.
            await pilot.press("ctrl+t", *"help")
            await until(pilot, lambda: "Help" in words(app))
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.screen, HelpScreen))
