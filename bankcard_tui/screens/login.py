"""The sign-in screen: the first thing that everybody sees, painted before the branch is open.

It stands on two inputs alone, without the form that all other screens use: what is not imported is not waited for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from bankcard_tui.errors import BankError, SecondFactorNeeded
from bankcard_tui.locale import mark, tr
from bankcard_tui.widgets.entries import Entry, PasteRefused
from bankcard_tui.widgets.errands import Errands, problem_text
from bankcard_tui.widgets.keybar import KeyBar
from bankcard_tui.widgets.safe import Tone, heading, status, toned

if TYPE_CHECKING:
    from bankcard_tui.app import BankApp
    from bankcard_tui.desk.bank import Bank
    from bankcard_tui.screens.common.opening import Entered

HELP: Final = mark(
    "Type your user name and your password, each followed by Enter. Whoever has a second factor is then asked for the "
    "six digits that the app shows; a recovery code counts in their place, once.\n\n"
    "New customers sign up with F3. With F4 you choose a password: for a new account, or when yours is forgotten. "
    "A forgotten one is reset first, at the counter or by an administrator."
)


class CodeEntry(Entry):
    """The code of the second factor: from here Esc takes back a step rather than leave the program."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "screen.back", mark("Back"))]


class LoginScreen(Screen[None]):
    """Asks who is there."""

    AUTO_FOCUS = "#username"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", mark("Sign in"), show=False, priority=True),
        Binding("ctrl+s", "send", mark("Sign in"), show=False),
        # In both languages at once: whoever needs it may not read the other one.
        Binding("f2", "app.language", mark("中文/English")),
        Binding("f3", "register", mark("Sign up")),
        Binding("f4", "activate", mark("Activate")),
        Binding("escape", "back", mark("Leave")),
        Binding("f1", "help", mark("Help")),
        Binding("down,up", "other_field", show=False),
        Binding("tab,shift+tab", "other_field", show=False, priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._errands = Errands(self)
        self._bank: Bank | None = None
        self._busy = False
        self._said: tuple[str | BankError, Tone] = ("", Tone.MUTED)

    @property
    def bank_app(self) -> BankApp:
        return cast("BankApp", self.app)

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Static(id="sign", markup=False)
            yield Static(id="username-label", classes="label", markup=False)
            yield Entry("", id="username")
            yield Static(id="password-label", classes="label", markup=False)
            yield Entry("", id="password", secret=True)
            yield Static(id="code-label", classes="label", markup=False)
            yield CodeEntry("", id="code")
            yield Static(id="said", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self._write()
        self.bank_app.language_changed.subscribe(self, lambda _language: self._write())
        self.call_after_refresh(self._open)

    # The branch

    def _open(self) -> None:
        """Begin to open the branch, now that the first frame stands."""
        self._errands.start(self.bank_app.opening.bank, self._opened, on_problem=self._not_opened, group="open")

    def _opened(self, bank: Bank) -> None:
        self._bank = bank
        self._write()

    def _not_opened(self, error: BankError) -> None:
        self.say(error, Tone.BAD)

    # What is written

    def say(self, what: str | BankError, tone: Tone = Tone.MUTED) -> None:
        """A sentence under the fields: marked English, or an error; empty leaves the standing hint."""
        self._said = (what, tone)
        self._write()

    def _write(self) -> None:
        """Every text, in the language in use."""
        for name, content in (
            ("sign", self._sign()),
            ("username-label", Content(tr("User name"))),
            ("password-label", Content(tr("Password"))),
            ("code-label", Content(tr("App code"))),
            ("said", self._sentence()),
        ):
            # The branch may turn out to be open when the program is already being left.
            for widget in self.query(f"#{name}").results(Static):
                widget.update(content)
        self.query(KeyBar).refresh()

    def _sign(self) -> Content:
        """Bank and branch, once they are known."""
        if self._bank is None:
            opening = toned(tr("The branch is being opened ..."), Tone.MUTED)
            return Content.assemble(heading(tr("Credit cards")), "\n", opening)
        branch = self._bank.branch
        return Content.assemble(heading(branch.bank), "\n", toned(branch.name, Tone.MUTED))

    def _sentence(self) -> Content:
        what, tone = self._said
        if isinstance(what, BankError):
            return status("!", problem_text(what), tone)
        if what:
            return status("", tr(what), tone)
        if self._busy:
            return toned(tr("Signing in ..."), Tone.MUTED)
        if self.asks_for_code:
            return toned(tr("The six digits that your app shows, or a recovery code. Esc goes back."), Tone.MUTED)
        lines = (tr("Enter goes on and signs in."), tr("New account, or password forgotten: F4."))
        return Content("\n").join(toned(line, Tone.MUTED) for line in lines)

    # Signing in

    @property
    def asks_for_code(self) -> bool:
        """Whether name and password were right, and the code of the second factor is what is missing."""
        return self.query_one("#box").has_class("with-code")

    def reset(self, username: str = "", what: str | BankError = "", tone: Tone = Tone.MUTED) -> None:
        """Make ready for the next try, or the next person: a password that waited for its code is forgotten."""
        self._ask_for_code(False)
        self.query_one("#username", Entry).value = username
        self.query_one("#password", Entry).value = ""
        self.query_one("#password" if username else "#username").focus()
        self.say(what, tone)

    def _ask_for_code(self, asked: bool) -> None:
        """Show the field for the code, and keep the name and the password that it goes with as they are."""
        self._busy = False
        self.query_one("#code", Entry).value = ""
        self.query_one("#box").set_class(asked, "with-code")
        self.query_one("#username").disabled = self.query_one("#password").disabled = asked
        self.refresh_bindings()

    def action_go_on(self) -> None:
        """Enter: to the password, then sign in.

        Keys may be typed ahead of the screen: the focus moves before the next one is looked at, or a password would
        end in the field that shows it, and what is sent is read after the keys that still wait for their field.
        """
        if self.focused is self.query_one("#username"):
            self.set_focus(self.query_one("#password"))
        else:
            self.action_send()

    def action_other_field(self) -> None:
        """Up and Down: from one field to the other."""
        if not self.asks_for_code:
            username, password = self.query_one("#username"), self.query_one("#password")
            self.set_focus(password if self.focused is username else username)

    def action_send(self) -> None:
        """Sign in with what was typed."""
        self.query_one("#code" if self.asks_for_code else "#password").call_later(self._send)

    def _send(self) -> None:
        """Send once; where the branch is still being opened, the answer comes when it is open."""
        if self._busy:
            return
        username, password, code = (
            self.query_one(f"#{name}", Entry).value for name in ("username", "password", "code")
        )
        if not username.strip() or not password:
            self.query_one("#password" if username.strip() else "#username").focus()
            self.say(mark("Type your user name and your password."), Tone.WARNING)
            return
        if self.asks_for_code and not code.strip():
            self.say(mark("Type the six digits that your app shows, or a recovery code."), Tone.WARNING)
            return
        self._busy = True
        self.say("")
        opening = self.bank_app.opening
        self._errands.start(
            lambda: opening.sign_in(username, password, code),
            self._signed_in,
            on_problem=lambda error: self._refused(error, username, password),
            group="sign-in",
        )

    def _signed_in(self, entered: Entered) -> None:
        self.reset()
        self.bank_app.enter(entered)

    def _refused(self, error: BankError, username: str, password: str) -> None:
        asked = self.asks_for_code
        if asked or isinstance(error, SecondFactorNeeded):
            self._ask_for_code(True)
            # Keys that were typed ahead of the answer ended in the password.
            self.query_one("#password", Entry).value = password
            self.set_focus(self.query_one("#code"))
            self.say(error if asked else "", Tone.BAD)
        else:
            self.reset(username, error, Tone.BAD)

    @on(PasteRefused)
    def _paste_refused(self, event: PasteRefused) -> None:
        self.say(event.problem, Tone.BAD)

    # Keys

    def action_register(self) -> None:
        """F3: the registration page."""
        from bankcard_tui.screens.common.register import RegisterScreen

        self.app.push_screen(RegisterScreen(self))

    def action_activate(self) -> None:
        """F4: the activation page."""
        from bankcard_tui.screens.common.activate import ActivateScreen

        self.app.push_screen(ActivateScreen(self))

    def action_help(self) -> None:
        """F1: what this screen is for, and all its keys."""
        from bankcard_tui.widgets.help import HelpScreen

        self.app.push_screen(HelpScreen(HELP, self))

    def action_back(self) -> None:
        """Esc: leave the program; from the code back to name and password."""
        if self.asks_for_code:
            self.reset(self.query_one("#username", Entry).value)
        else:
            self.bank_app.leave_program()
