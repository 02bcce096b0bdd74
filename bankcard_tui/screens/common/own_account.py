"""The own account: password, second factor, own channel and recovery codes, with the keys that change them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import BankError
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common import own_channel
from bankcard_tui.screens.common import second_factor as steps
from bankcard_tui.screens.common.base import DeskScreen, Page
from bankcard_tui.screens.common.codes import CodesDialog
from bankcard_tui.screens.common.own_account_facts import CHANGES, Standing, look, offered, parts
from bankcard_tui.screens.common.password import PasswordScreen
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services import recovery
from bankcard_tui.services.sign_in import Who, me
from bankcard_tui.widgets.dialogs import Ask
from bankcard_tui.widgets.errands import SESSION_PROBLEMS, problem_text
from bankcard_tui.widgets.facts import Facts
from bankcard_tui.widgets.labels import moment
from bankcard_tui.widgets.safe import Tone, heading, status, toned

SECTIONS = (
    ("password", mark("Password")),
    ("factor", mark("Second factor")),
    ("channel", mark("Own channel")),
    ("paper", mark("Recovery codes for the password")),
)
"""Id and heading of each part of the page."""


class OwnAccountScreen(DeskScreen):
    """One part below the other; under each the keys that change it."""

    PAGE = "account"
    HELP = mark(
        "How you sign in, and how you come back when you have forgotten your password. Every change asks for your "
        "password.\n"
        "The second factor is an app on your phone: signing in then takes the password and six digits that it shows. "
        "Your own channel is an e-mail address or a mobile number to which a code goes when your password was reset. "
        "Administrators have recovery codes on paper, with which they come back alone."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "password", mark("Password")),
        Binding("s", "set_up", mark("Second factor")),
        Binding("n", "new_codes", mark("New recovery codes"), show=False),
        Binding("d", "drop", mark("Drop the second factor"), show=False),
        Binding("c", "channel", mark("Own Channel")),
        Binding("e", "enter_code", mark("Enter the code"), show=False),
        Binding("r", "remove", mark("Remove the own channel"), show=False),
        Binding("w", "paper", mark("Write down new recovery codes"), show=False),
        Binding("j", "scroll(1)", show=False),
        Binding("k", "scroll(-1)", show=False),
    ]
    DEFAULT_CSS = """
    OwnAccountScreen VerticalScroll { padding: 0 2; scrollbar-size-vertical: 1; }
    OwnAccountScreen .part { height: auto; margin-bottom: 1; }
    OwnAccountScreen .due { height: auto; margin-bottom: 1; }
    OwnAccountScreen .keys { height: auto; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._standing: Standing | None = None

    def body(self) -> ComposeResult:
        with VerticalScroll(can_focus=True, id="account"):
            yield Static(toned(tr("Loading ..."), Tone.MUTED), classes="due", markup=False)
            for part, title in SECTIONS:
                with Vertical(classes="part", id=f"part-{part}"):
                    yield Static(toned(heading(tr(title)), Tone.ACCENT), markup=False)
                    yield Facts(id=part)
                    yield Static(classes="keys", markup=False)

    def load(self) -> None:
        self.work(lambda: look(self.desk), self._show, on_problem=self._problem, group="look")

    def on_screen_resume(self) -> None:
        """Back from a step: what it changed shows."""
        if self._standing is not None:
            self.load()

    def _problem(self, error: BankError) -> None:
        if not isinstance(error, SESSION_PROBLEMS):
            self.query_one(".due", Static).update(status("!", problem_text(error), Tone.BAD))

    def _show(self, standing: Standing) -> None:
        self._standing = standing
        self.shell.take_in(standing.who)
        due = self.query_one(".due", Static)
        due.display = standing.who.second_factor_due
        due.update(
            status(
                "!",
                tr(
                    "Your role needs a second factor. Until you have set it up with s, only this page and your own "
                    "log are open to you."
                ),
                Tone.WARNING,
            )
        )
        for part, (pairs, keys) in parts(standing, self._at).items():
            whole = self.query_one(f"#part-{part}")
            whole.display = bool(pairs)
            whole.query_one(Facts).show(pairs)
            whole.query_one(".keys", Static).update(self._keys(keys))
        self.refresh_bindings()

    def _keys(self, keys: dict[str, str]) -> Content:
        """What can be done now, each with its key."""
        bound = {binding.action: binding.key for binding in Binding.make_bindings(self.BINDINGS)}
        return Content("   ").join(
            Content.assemble((bound[action], f"bold {Tone.ACCENT}"), " ", tr(words))
            for action, words in keys.items()
            if self.check_action(action, ())
        )

    def _at(self, value: datetime) -> str:
        return moment(value, ZoneInfo(self.zone))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what can be done now is offered."""
        if action in CHANGES and not (self._standing is not None and action in offered(self._standing)):
            return False
        return super().check_action(action, parameters)

    # The steps, one key each

    def action_scroll(self, lines: int) -> None:
        self.query_one("#account").scroll_relative(y=lines, animate=False)

    def action_password(self) -> None:
        """p: choose another password."""
        self.app.push_screen(PasswordScreen())

    def action_set_up(self) -> None:
        """s: the second factor, on a first or on another phone."""
        standing = self._standing
        if standing is not None:
            freed = self._freed if standing.who.second_factor_due else None
            steps.set_up(self, standing.factor.since is not None, freed)

    def _freed(self) -> None:
        """All pages are open from now on, without signing in again."""

        def go(who: Who) -> None:
            self.shell.take_in(who)
            self.app.notify(tr("The second factor is in force. All your pages are open now."), markup=False)
            self.shell.open_page(self.shell.pages[0].name)

        self.work(lambda: me(self.desk), go, group="freed")

    def action_new_codes(self) -> None:
        """n: new recovery codes of the second factor."""
        steps.make_new_codes(self)

    def action_drop(self) -> None:
        """d: do without the second factor."""
        steps.drop(self)

    def action_channel(self) -> None:
        """c: give an address."""
        own_channel.propose(self)

    def action_enter_code(self) -> None:
        """e: the code that was sent to it."""
        standing = self._standing
        if standing is not None and standing.channels.waiting is not None:
            own_channel.confirm(self, standing.channels.waiting)

    def action_remove(self) -> None:
        """r: do without an own channel."""
        own_channel.remove(self)

    def action_paper(self) -> None:
        """w: new recovery codes for the password."""

        def renew(values: dict[str, object], _key: str) -> tuple[str, ...]:
            return recovery.renew(self.desk, Secret(str(values["password"]))).view.codes

        def made(codes: tuple[str, ...] | None) -> None:
            if codes is not None:
                self.app.push_screen(
                    CodesDialog(
                        lambda: tr("Recovery codes for your password: write them down now"),
                        lambda: tr(
                            "With one of them you choose a new password on the sign-in screen (F4), without anybody's "
                            "help. Each counts once. Keep the paper where nobody else finds it."
                        ),
                        codes,
                    )
                )

        self.app.push_screen(
            Ask(
                lambda: tr("New recovery codes for your password"),
                [steps.PASSWORD],
                renew,
                body=lambda: tr("Those on your old paper do not count any more."),
                submit=mark("Make new ones"),
            ),
            made,
        )


ACCOUNT = Page("account", mark("Own account"), (Permission.OWN_ACCOUNT,), OwnAccountScreen)
