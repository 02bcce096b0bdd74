"""The activation page: a new account gets its first password, which nobody but its person ever knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.lobby import LobbyScreen, new_password_fields, show_refusal
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.safe import Tone, heading

if TYPE_CHECKING:
    from bankcard_tui.screens.login import LoginScreen


class ActivateScreen(LobbyScreen):
    """Asks for both halves of the code, and for the password."""

    CSS_PATH = "lobby.tcss"
    HELP = mark(
        "Two members of staff each tell you one half of your code. Type both here, alone, and choose your password. "
        "The codes hold a few minutes only."
    )

    def __init__(self, login: LoginScreen) -> None:
        """``login`` is told the user name."""
        super().__init__()
        self._login = login

    def body(self) -> ComposeResult:
        yield Static(heading(tr("Activate your account")), id="title", markup=False)
        yield Form(
            (
                Field("username", mark("User name"), most=128),
                Field("first_half", mark("First half of the code"), hint=mark("As 4Q7K-ZP2M."), most=40),
                Field("second_half", mark("Second half"), most=40),
                *new_password_fields(),
            ),
            submit=mark("Activate"),
            id="activate",
        )

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        username = str(event.values["username"])
        self.work(
            lambda: self._activate(event.values),
            lambda _: self._activated(username),
            on_problem=lambda error: show_refusal(self.query_one(Form), error),
            group="activate",
        )

    def _activate(self, values: dict[str, object]) -> None:
        """In a thread: what stands on the store is imported by then, or on its way."""
        lobby = self.bank_app.opening.lobby()
        from bankcard_tui.desk.registry import Secret
        from bankcard_tui.services.activation import complete

        halves = Secret(str(values["first_half"])), Secret(str(values["second_half"]))
        complete(lobby, str(values["username"]), *halves, Secret(str(values["password"])), Secret(str(values["again"])))

    def _activated(self, username: str) -> None:
        self.dismiss()
        self._login.reset(
            username, mark("Your account is active. Sign in with the password that you chose."), Tone.GOOD
        )
