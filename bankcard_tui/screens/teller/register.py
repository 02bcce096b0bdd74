"""Registering a customer at the counter."""

from __future__ import annotations

from typing import Any, cast

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from bankcard_tui.errors import InvalidInput
from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.identity import age_on, birth_date_of, check_id_number
from bankcard_tui.rules.text import without_blanks
from bankcard_tui.screens.teller.questions import contact_fields, read_contact
from bankcard_tui.screens.teller.working import TellerScreen, short
from bankcard_tui.services.profile import Identity
from bankcard_tui.services.registration import Registered, register
from bankcard_tui.widgets.fields import Field, Raw, to_raw
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.labels import day
from bankcard_tui.widgets.safe import Tone, status, toned

DRAFT = "teller.register"
ID_HINT = mark("18 characters, from the identity card.")


class RegisterScreen(TellerScreen):
    """The registration form; then the customer's file opens."""

    PAGE = "register"
    HELP = mark(
        "Register a customer from the identity card. Enter goes to the next field, Ctrl+S sends; then the file opens, "
        "where you record the three witnesses. The customer gets an activation code and chooses the password alone."
    )

    def __init__(self) -> None:
        super().__init__()
        self._suggested = ""

    def body(self) -> ComposeResult:
        fields = [
            Field("name", mark("Name"), hint=mark("As on the identity card.")),
            Field("id_number", mark("ID number"), hint=ID_HINT, most=40, on_change=self._derive),
            *contact_fields(),
            Field("username", mark("User name"), hint=mark("To sign in with: suggested from the phone."), most=40),
        ]
        yield Form(fields, submit=mark("Register"), id="register")

    def on_mount(self) -> None:
        form = self.query_one(Form)
        form.focus()
        self.restore_draft(form)

    def draft_name(self, form: Form) -> str:
        return DRAFT

    def _derive(self, raw: Raw, form: Form) -> None:
        """Show the birth date in a complete ID number, to be compared with the card."""
        today = self.today()
        try:
            born = birth_date_of(check_id_number("id_number", str(raw), today))
        except InvalidInput:
            shown = toned(tr(ID_HINT), Tone.MUTED)
        else:
            said = tr("born {date}, {age:year|years}", date=day(born), age=age_on(born, today))
            shown = status("+", said, Tone.GOOD)
        form.rows["id_number"].query_one(".message", Static).update(shown)

    @on(Form.Changed)
    def _suggest(self, event: Form.Changed) -> None:
        """The phone number is the user name until another one is typed."""
        if event.name != "phone":
            return
        typed = without_blanks(str(event.form.raw("phone"))).lstrip("+").replace("-", "")
        if event.form.raw("username") in ("", self._suggested):
            self._suggested = typed
            event.form.fill({"username": typed})

    @on(Form.Submitted)
    def _send(self, event: Form.Submitted) -> None:
        form, desk = event.form, self.desk.once(event.form.key)
        values = cast("dict[str, Any]", event.values)
        identity = Identity(name=values["name"], id_number=values["id_number"])
        self.send(
            form,
            lambda: register(desk, values["username"], identity, read_contact(values)).view,
            lambda answer: self._registered(form, answer),
        )

    def _registered(self, form: Form, answer: Registered) -> None:
        self.sent(form)
        self._suggested = ""
        form.fill({name: to_raw(row.field, row.field.value) for name, row in form.rows.items()})
        self.say(tr("{name} is registered.", name=short(answer.name)))
        form.focus()
        self.open_customer(answer.customer_id)
