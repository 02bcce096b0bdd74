"""The registration page: somebody becomes a customer, alone, with an account to sign in at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from bankcard_tui.locale import language, mark, tr
from bankcard_tui.rules.identity import birth_date_of
from bankcard_tui.rules.terms import Language
from bankcard_tui.rules.text import without_blanks
from bankcard_tui.screens.common.lobby import LobbyScreen, new_password_fields, show_refusal
from bankcard_tui.widgets.fields import Field, Raw
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.labels import day
from bankcard_tui.widgets.safe import Tone, heading, status, toned

if TYPE_CHECKING:
    from bankcard_tui.screens.login import LoginScreen

ID_CHARACTERS = 18


class RegisterScreen(LobbyScreen):
    """Asks in the order in which people tell it: who they are, how they are reached, how they will sign in."""

    CSS_PATH = "lobby.tcss"
    HELP = mark(
        "Register here to apply for a card, to follow your application and to see your cards. The ID number is what "
        "stands on your identity card. Bring it to the counter once: until then no card is issued."
    )

    def __init__(self, login: LoginScreen) -> None:
        """``login`` is told the new user name."""
        super().__init__()
        self._login = login

    def body(self) -> ComposeResult:
        yield Static(heading(tr("Register as a customer")), id="title", markup=False)
        yield Form(
            (
                Field("name", mark("Name"), hint=mark("As on your identity card.")),
                Field("id_number", mark("ID number"), hint=mark("18 characters."), on_change=_show_birth_date),
                Field("phone", mark("Mobile phone"), most=40),
                Field("email", mark("E-mail"), required=False, most=254),
                Field("address", mark("Address"), required=False, most=200),
                Field("username", mark("User name"), hint=mark("You sign in with it. Letters a-z and digits.")),
                *new_password_fields(),
            ),
            submit=mark("Sign up"),
            id="register",
        )

    def load(self) -> None:
        form = self.query_one(Form)
        _show_birth_date(form.raw("id_number"), form)

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        self.work(
            lambda: self._register(event.values),
            self._registered,
            on_problem=lambda error: show_refusal(self.query_one(Form), error),
            group="register",
        )

    def _register(self, values: dict[str, object]) -> str:
        """In a thread: what stands on the store is imported by then, or on its way."""
        lobby = self.bank_app.opening.lobby()
        from bankcard_tui.desk.registry import Secret
        from bankcard_tui.services.profile import Contact, Identity
        from bankcard_tui.services.registration import register_self

        typed: dict[str, Any] = {name: str(value) for name, value in values.items()}
        identity = Identity(name=typed["name"], id_number=typed["id_number"])
        contact = Contact(
            phone=typed["phone"], email=typed["email"], address=typed["address"], language=Language(language())
        )
        password, again = Secret(typed["password"]), Secret(typed["again"])
        return register_self(lobby, typed["username"], password, again, identity, contact).view.username

    def _registered(self, username: str) -> None:
        self.dismiss()
        self._login.reset(
            username, mark("You can sign in now. Bring your identity card to the counter once."), Tone.GOOD
        )


def _show_birth_date(raw: Raw, form: Form) -> None:
    """Read the birth date out of the ID number and show it under it, so that a slip is seen at once."""
    row = form.rows["id_number"]
    if row.problem is not None:
        return
    number = without_blanks(str(raw))
    message = row.query_one(".message", Static)
    try:
        born = birth_date_of(number) if len(number) == ID_CHARACTERS else None
    except ValueError:
        born = None
    if born is not None:
        message.update(status("", tr("Born on {day}", day=day(born)), Tone.GOOD))
    else:
        message.update(toned(tr("18 characters."), Tone.MUTED))
