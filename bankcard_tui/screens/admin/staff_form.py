"""A new staff account."""

from __future__ import annotations

from contextlib import suppress
from typing import ClassVar
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from bankcard_tui.errors import BankError, InvalidInput
from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.identity import age_on, birth_date_of, check_id_number
from bankcard_tui.rules.terms import STAFF_ROLES, Role
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.services.profile import Identity
from bankcard_tui.services.staff import StaffRow, add_staff, enable_staff
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.labels import day, english
from bankcard_tui.widgets.safe import Tone, heading, status, toned


class AddStaffScreen(DeskScreen):
    """The form: name, ID number, user name, role. The person chooses the password alone, at the activation."""

    PAGE = "staff"
    HELP = mark(
        "A new account for somebody who works here, as the identity card says. Nobody types a password here: the "
        "person activates the account with two half-codes from two colleagues and chooses the password alone."
    )
    DEFAULT_CSS = """
    AddStaffScreen .heading { padding: 1 2 0 2; }
    AddStaffScreen .born { padding: 0 2; height: 1; }
    AddStaffScreen Form { margin-top: 1; }
    """
    BINDINGS: ClassVar = []

    def __init__(self) -> None:
        super().__init__()
        self._restored_once = False

    def body(self) -> ComposeResult:
        yield Static(heading(tr("New staff account")), classes="heading", markup=False)
        yield Static(classes="born", markup=False)
        yield Form(
            [
                Field("name", mark("Name"), hint=mark("As on the identity card.")),
                Field(
                    "id_number", mark("ID number"), hint=mark("18 characters; the birth date is read from it."), most=40
                ),
                Field(
                    "username", mark("User name"), hint=mark("3 to 32 of a-z, 0-9, dot, hyphen, underscore."), most=40
                ),
                Field(
                    "role",
                    mark("Role"),
                    "choice",
                    hint=mark("Permissions come from the role; they can be changed for the account afterwards."),
                    options=[(role.value, english(role)) for role in STAFF_ROLES],
                ),
            ],
            submit=mark("Add the account"),
            id="add-staff",
        )

    def load(self) -> None:
        form = self.query_one(Form)
        if not self._restored_once:
            self._restored_once = True
            form.focus()
            self.restore_draft(form)
        self._show_birth()

    def draft_name(self, form: Form) -> str:
        return "staff.add"

    @on(Form.Changed)
    def _derive(self, event: Form.Changed) -> None:
        if event.name == "id_number":
            self._show_birth()

    def _show_birth(self) -> None:
        """The birth date in the ID number, to be compared with the card, as soon as the number is right."""
        today = self.desk.bank.clock.now().astimezone(ZoneInfo(self.zone)).date()
        try:
            born = birth_date_of(check_id_number("id_number", str(self.query_one(Form).raw("id_number")), today))
        except InvalidInput:
            words = toned(tr("Born: as the ID number says"), Tone.MUTED)
        else:
            words = status(
                "+", tr("Born {date}, {age:year|years} old", date=day(born), age=age_on(born, today)), Tone.ACCENT
            )
        self.query_one(".born", Static).update(words)

    @on(Form.Submitted)
    def _add(self, event: Form.Submitted) -> None:
        form, values = event.form, event.values
        identity = Identity(name=str(values["name"]), id_number=str(values["id_number"]))
        username, role = str(values["username"]), Role(str(values["role"]))
        self.send(
            form,
            lambda: self._added_and_asked(form.key, username, identity, role),
            lambda row: self._added(form, row),
        )

    def _added_and_asked(self, key: str, username: str, identity: Identity, role: Role) -> StaffRow:
        """In a thread: add the account, and where a second admin has to sign put that to them at once."""
        row = add_staff(self.desk.once(key), username, identity, role).view
        if row.waits_for_second_admin:
            with suppress(BankError):  # asked before, or nobody could sign: e on the account asks again
                enable_staff(self.desk, row.id, row.version)
        return row

    def _added(self, form: Form, row: StaffRow) -> None:
        self.sent(form)
        said = (
            mark("{username} is added, and works once another admin has signed it on the page To sign.")
            if row.waits_for_second_admin
            else mark("{username} is added and waits for activation: two colleagues show a half-code with o.")
        )
        self.app.notify(tr(said, username=row.username), markup=False)
        self.dismiss()
