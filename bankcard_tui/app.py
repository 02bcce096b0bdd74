"""The application: who is signed in, which page is open, and what works everywhere.

Nothing that opens a store is imported before the sign-in screen stands: see ``screens/common/opening.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Final, cast

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen
from textual.signal import Signal
from textual.worker import WorkerFailed

from bankcard_tui import locale
from bankcard_tui.config import Settings
from bankcard_tui.errors import BankError, SessionLocked
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.guard import GuardedApp
from bankcard_tui.screens.common.lost import EXIT_CODE, LostTerminal
from bankcard_tui.screens.common.opening import Entered, Opening
from bankcard_tui.screens.common.restored import leave_when_restored
from bankcard_tui.screens.common.typed import Typed
from bankcard_tui.screens.login import LoginScreen
from bankcard_tui.widgets.errands import problem_text
from bankcard_tui.widgets.safe import Tone
from bankcard_tui.widgets.theme import DARK, LIGHT, THEMES

if TYPE_CHECKING:
    from bankcard_tui.desk.clock import Clock
    from bankcard_tui.desk.desk import Desk
    from bankcard_tui.screens.common.base import Page
    from bankcard_tui.services.sign_in import Who
    from bankcard_tui.widgets.form import Form

PAGE_KEYS: Final = 8
TICK_SECONDS: Final = 5.0
LOOK_AGAIN_SECONDS: Final = 60.0
"""How often somebody who works is looked up again: their session stays alive, and changed rights show."""

LOBBY_IDLE_SECONDS: Final = 300.0
"""After this long what somebody left at the lobby is cleared away."""


class BankApp(GuardedApp):
    """The terminal of a branch. ``terminal`` names it in the log; ``cost`` is bcrypt's, low in tests only."""

    TITLE = "bankcard"
    # Textual loads no CSS_PATH of a default screen.
    CSS_PATH = Path(__file__).with_name("screens") / "login.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p,f10", "menu", mark("Menu"), show=False, priority=True),
        Binding("ctrl+t", "language", mark("Change the language"), show=False, priority=True),
        Binding("ctrl+l", "lock", mark("Lock"), show=False, priority=True),
        Binding("ctrl+q", "leave", mark("Sign out"), show=False, priority=True),
        *(Binding(f"f{place + 2}", f"page({place})", show=False, priority=True) for place in range(PAGE_KEYS)),
    ]

    desk: Desk
    who: Who

    def __init__(
        self, settings: Settings, terminal: str, *, cost: int | None = None, clock: Clock | None = None
    ) -> None:
        super().__init__()
        # A page that glides is painted a dozen times, over a slow line too; at a keyboard it has to be there at once.
        self.animation_level = "none"
        locale.use(settings.lang)
        self.settings = settings
        self.opening = Opening(settings, terminal, cost, clock)
        self.signed_in = False
        self.pages: tuple[Page, ...] = ()
        self.language_changed: Signal[str] = Signal(self, "language_changed")
        self._last_key = self._last_look = monotonic()
        self._typed = Typed()
        self._lost_terminal = LostTerminal(lambda: self.exit(return_code=EXIT_CODE), self._leave_by_force)
        self._farewells: set[asyncio.Task[None]] = set()
        for theme in THEMES:
            self.register_theme(theme)
        if settings.theme in (LIGHT, "light"):
            self.theme = LIGHT
        else:
            # As Textual begins dark, only its colours change; a change of theme has every style read twice.
            self.set_reactive(BankApp.theme, DARK)
            self.stylesheet.set_variables(self.get_css_variables())

    def get_default_screen(self) -> Screen[None]:
        return LoginScreen()

    @property
    def _login(self) -> LoginScreen:
        return cast(LoginScreen, self.screen_stack[0])

    # Coming and going

    def enter(self, entered: Entered) -> None:
        """Somebody has signed in: their first page opens."""
        self.desk, self.who, self.pages = entered.desk, entered.who, entered.pages
        self.signed_in = True
        self._last_key = self._last_look = monotonic()
        self.open_page(self.pages[0].name)
        if entered.news:
            from bankcard_tui.screens.common.news import news_dialog

            self.push_screen(news_dialog(entered.news, self.desk.bank.branch.zone))

    def take_in(self, who: Who) -> None:
        """Show the pages that are open to the person now. Who has to set up a second factor first is led there."""
        from bankcard_tui.screens.pages import pages_for

        before, self.who, self.pages = self.who, who, pages_for(who.permissions, who.second_factor_due)
        self.screen.query("NavigationLine").refresh()
        if who.second_factor_due and not before.second_factor_due:
            self.open_page(self.pages[0].name)

    def open_page(self, name: str) -> None:
        """Go to a first-level page; what was open is left, and its drafts are kept.

        What was held is given back first, so that the page which opens shows it as it is.
        """
        from bankcard_tui.screens.common.base import DeskScreen

        page = next(page for page in self.pages if page.name == name)
        given_back = [act for screen in self.screen_stack if isinstance(screen, DeskScreen) for act in screen.leaving()]

        async def leave() -> None:
            for act in given_back:
                await asyncio.to_thread(act)
            # Somebody may have locked the terminal or signed out meanwhile.
            if self.signed_in and not self.covered:
                self._open(page)

        if given_back:
            self.run_worker(leave(), group="page", exclusive=True)
        else:
            # An answer that opens a page may come late: it does not take the cover off.
            self._when_uncovered(lambda: self._open(page))

    def _open(self, page: Page) -> None:
        self.leave_all()
        self.push_screen(page.open())

    def sign_out(self) -> None:
        """End the session and go to the sign-in screen. Claimed applications come free."""
        self._say_goodbye()
        self._to_sign_in()

    def _to_sign_in(self, what: str | BankError = "") -> None:
        self.signed_in = False
        self.pages = ()
        self.leave_all()
        self._login.reset(what=what, tone=Tone.WARNING)

    def _say_goodbye(self) -> None:
        """Keep drafts and end the session behind the scenes. Where that fails the session ends by itself later."""
        from bankcard_tui.services.sign_in import sign_out

        desk, drafts = self.desk, self._take_drafts()

        def goodbye() -> None:
            for save in drafts:
                save()
            with suppress(BankError):
                sign_out(desk)
            desk.bank.presence.release(desk.session_id)

        farewell = asyncio.create_task(asyncio.to_thread(goodbye))
        self._farewells.add(farewell)
        farewell.add_done_callback(self._farewells.discard)

    def _take_drafts(self) -> list[Callable[[], object]]:
        """What still has to be kept of the forms that are open."""
        from bankcard_tui.screens.common.drafts import KeepsDrafts

        open_here = [screen for screen in self.screen_stack if isinstance(screen, KeepsDrafts)]
        return [save for screen in open_here for save in screen.take_drafts()]

    def session_problem(self, error: BankError) -> None:
        """An operation said that the session is locked, or has ended."""
        if not self.signed_in:
            return
        if isinstance(error, SessionLocked):
            self.action_lock()
        else:
            self._to_sign_in(error)

    def leave_program(self) -> None:
        """Leave from the sign-in screen; a branch that could not be opened says so once more on the command line."""
        problem = self.opening.problem
        if problem is None:
            self.exit()
        else:
            self.exit(return_code=problem.exit_code, message=Text(problem_text(problem)))

    # Keys that work everywhere

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("page", "menu", "lock"):
            in_a_dialog = isinstance(self.screen, ModalScreen)
            place = parameters[0] if parameters else 0
            exists = isinstance(place, int) and place < len(self.pages)
            return self.signed_in and not self.covered and (action == "lock" or (exists and not in_a_dialog))
        return super().check_action(action, parameters)

    def action_page(self, place: int) -> None:
        """F2 to F9: a first-level page."""
        self.open_page(self.pages[place].name)

    def action_menu(self) -> None:
        """Ctrl+P or F10: everything that can be done here."""
        from bankcard_tui.screens.common.menu import Command, Menu

        def do(chosen: Command | None) -> None:
            if chosen is not None:
                # A widget that is gone was made anew, in another language; the cursor stands on the one in its place.
                node = chosen.node if chosen.node.is_attached else self.screen.focused or self.screen
                self.run_worker(self.run_action(chosen.action, node), group="menu")

        self.push_screen(Menu(self.screen), do)

    def action_language(self) -> None:
        """Ctrl+T: the other language, everywhere at once."""
        languages = list(locale.LANGUAGES)
        locale.use(languages[(languages.index(locale.language()) + 1) % len(languages)])
        self.language_changed.publish(locale.language())

    def action_open(self, name: str) -> None:
        """From the menu: a screen that everybody has."""
        from bankcard_tui.screens.pages import FROM_MENU

        self.push_screen(FROM_MENU[name]())

    def action_appearance(self) -> None:
        """Dark or light."""
        self.theme = LIGHT if self.theme == DARK else DARK

    def action_lock(self) -> None:
        """Ctrl+L: clear the screen and ask for the password; the work stays where it is."""
        from bankcard_tui.screens.common.lock import LockScreen

        if not self.covered:
            self.cover(LockScreen(self._take_drafts()))

    def action_leave(self) -> None:
        """Ctrl+Q: sign out; at the sign-in screen leave the program."""
        if not self.signed_in:
            self.leave_program()
            return
        from bankcard_tui.screens.common.leaving import question_before_leaving

        question = None if self.covered else question_before_leaving(self.screen_stack[1:], self._typed)
        if question is None:
            self.sign_out()
        else:
            self.push_screen(question, lambda yes: self.sign_out() if yes else None)

    def action_help_quit(self) -> None:
        """Ctrl+C copies; who expects to leave with it is told how."""
        self.notify(tr("Ctrl+Q signs out."), markup=False)

    def on_form_changed(self, event: Form.Changed) -> None:
        self._typed.note(event.form)

    # Time

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste | events.MouseDown):
            self._last_key = monotonic()
        await super().on_event(event)

    def on_mount(self) -> None:
        self.set_interval(TICK_SECONDS, self.watch_time)
        self._lost_terminal.watch()

    def _leave_by_force(self) -> None:
        """The terminal is gone and the event loop with it: what has to be done about the session is done here."""
        if self.signed_in:
            from bankcard_tui.services.sign_in import sign_out

            with suppress(BankError):
                sign_out(self.desk)

    @property
    def idle_seconds(self) -> float:
        """How long nobody may touch the keys before the terminal locks, or the lobby is cleared."""
        return 60.0 * self.who.idle_minutes if self.signed_in else LOBBY_IDLE_SECONDS

    def watch_time(self) -> None:
        """Lock an idle terminal, clear an idle lobby, and look up again whoever works."""
        now = monotonic()
        if now - self._last_key >= self.idle_seconds:
            self._last_key = now
            if self.signed_in:
                self.action_lock()
            else:
                self._to_sign_in()
        elif self.signed_in and not self.covered and self._last_key > self._last_look + LOOK_AGAIN_SECONDS:
            self._last_look = now
            self.run_worker(self._look_again(), group="look-again", exclusive=True)
        if self.signed_in:
            self.run_worker(leave_when_restored(self.desk, self.who, self._look_again), group="restored")

    async def _look_again(self) -> None:
        from bankcard_tui.services.sign_in import me

        try:
            who = await asyncio.to_thread(me, self.desk)
        except BankError as error:
            if error.code.startswith("session."):
                self.session_problem(error)
            return
        if self.signed_in and who.session_id == self.who.session_id:
            self.take_in(who)

    # The end

    async def on_unmount(self) -> None:
        if self.signed_in:
            self.signed_in = False
            self._say_goodbye()
        await asyncio.gather(*self._farewells)
        self.opening.close()
        self._lost_terminal.forget()

    def _fatal_error(self) -> None:
        """A crash: an incident number in place of Textual's traceback, which shows local variables."""
        from bankcard_tui.screens.common.incidents import last_words

        error: BaseException | None = self._exception
        if isinstance(error, WorkerFailed):
            error = error.error
        self.bell()
        self.panic(Text(last_words(self.settings.home.folder, error)))
