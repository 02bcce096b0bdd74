"""The activation page: a new or a reset account gets its password, which nobody but its person ever knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.lobby import LobbyScreen, new_password_fields, show_refusal
from bankcard_tui.widgets.fields import Field, Raw
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.safe import Tone, heading

if TYPE_CHECKING:
    from bankcard_tui.screens.login import LoginScreen

HALVES: Final = "halves"
SENT: Final = "sent"
PAPER: Final = "paper"
LOST: Final = "second_factor_lost"
CODES: Final = {HALVES: ("first_half", "second_half"), SENT: ("sent_code",), PAPER: ("recovery_code",)}
"""The fields of each way to prove who one is."""


class ActivateScreen(LobbyScreen):
    """Asks which code the person has, for that code, and for the password."""

    CSS_PATH = "lobby.tcss"
    # Most have half-codes: what is typed at once is the name. Up leads to the other ways.
    AUTO_FOCUS = "#username"
    HELP = mark(
        "Choose your password here, alone: for a new account, or after yours was reset. Say first which code it is.\n"
        "Two half-codes: two members of staff each tell you one half. A code sent to you: it came to the address or "
        "the phone that you gave as your own channel. Both hold a few minutes only.\n"
        "Administrators have recovery codes on paper too; each counts once, and needs no reset before.\n"
        "Whoever has forgotten the password asks for a reset: customers at the counter, staff an administrator."
    )

    def __init__(self, login: LoginScreen) -> None:
        """``login`` is told the user name."""
        super().__init__()
        self._login = login
        self._way = HALVES

    def body(self) -> ComposeResult:
        yield Static(heading(tr("New account, or password forgotten")), id="title", markup=False)
        form = Form(
            (
                Field(
                    "way",
                    mark("I have"),
                    "choice",
                    options=(
                        (HALVES, mark("two half-codes from the bank")),
                        (SENT, mark("one code that was sent to me")),
                        (PAPER, mark("a recovery code (administrators)")),
                    ),
                    value=self._way,
                    on_change=self._ask_for,
                ),
                Field("username", mark("User name"), most=128),
                Field("first_half", mark("First half of the code"), hint=mark("As 4Q7K-ZP2M."), most=40),
                Field("second_half", mark("Second half"), most=40),
                Field("sent_code", mark("Code that was sent"), hint=mark("As 4Q7K-ZP2M."), most=40),
                Field("recovery_code", mark("Recovery code"), hint=mark("As 4Q7K-ZP2M-9XBC-H3TW."), most=60),
                Field(
                    LOST,
                    mark("Phone lost too"),
                    "check",
                    hint=mark("For the last administrator alone."),
                ),
                *new_password_fields(),
            ),
            submit=mark("Set the password"),
            id="activate",
        )
        form.leave_out(_codes_but(self._way))
        yield form

    def _ask_for(self, way: Raw, form: Form) -> None:
        """Ask for the code that goes with the chosen way."""
        self._way = str(way)
        form.leave_out(_codes_but(self._way))

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        values = event.values
        self.work(
            lambda: self._set_password(values),
            lambda _: self._done(str(values["username"])),
            on_problem=lambda error: show_refusal(self.query_one(Form), error),
            group="activate",
        )

    def _set_password(self, values: dict[str, object]) -> None:
        """In a thread: what stands on the store is imported by then, or on its way."""
        lobby = self.bank_app.opening.lobby()
        from bankcard_tui.desk.registry import Secret
        from bankcard_tui.services.activation import complete, complete_with_code
        from bankcard_tui.services.recovery import recover

        username, codes = str(values["username"]), [Secret(str(values[name])) for name in CODES[str(values["way"])]]
        chosen = Secret(str(values["password"])), Secret(str(values["again"]))
        if values["way"] == HALVES:
            complete(lobby, username, codes[0], codes[1], *chosen)
        elif values["way"] == SENT:
            complete_with_code(lobby, username, codes[0], *chosen)
        else:
            recover(lobby, username, codes[0], *chosen, second_factor_lost=bool(values[LOST]))

    def _done(self, username: str) -> None:
        self.dismiss()
        self._login.reset(username, mark("Your password is set. Sign in with the password that you chose."), Tone.GOOD)


def _codes_but(way: str) -> list[str]:
    """The fields of all other ways."""
    others = [name for other, names in CODES.items() if other != way for name in names]
    return others if way == PAPER else [*others, LOST]
