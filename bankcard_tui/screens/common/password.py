"""Changing one's own password."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import BankError, Refused
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.common.lobby import new_password_fields, show_refusal
from bankcard_tui.services.passwords import change_password
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.safe import heading


class PasswordScreen(DeskScreen):
    """Asks for the password in use and twice for the new one."""

    CSS: ClassVar[str] = "PasswordScreen #title { margin: 0 1 1 1; }"
    HELP = mark("Only you choose your password, and nobody can look it up. Your other sessions end when you change it.")

    def body(self) -> ComposeResult:
        with Vertical():
            yield Static(heading(tr("Change password")), id="title", markup=False)
            fields = (Field("current", mark("Password in use"), "secret"), *new_password_fields())
            yield Form(fields, submit=mark("Change password"), id="password-form")

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        current, password, again = (Secret(str(event.values[name])) for name in ("current", "password", "again"))
        self.work(
            lambda: change_password(self.desk, current, password, again),
            lambda _: self._changed(),
            on_problem=self._refused,
            group="change",
        )

    def _changed(self) -> None:
        self.query_one(Form).renew_key()
        self.app.notify(tr("Your password is changed."), markup=False)
        self.dismiss()

    def _refused(self, error: BankError) -> None:
        """Where the password in use is not right, it is typed again; the new one stays."""
        form = self.query_one(Form)
        show_refusal(form, error)
        if isinstance(error, Refused):
            form.fill({"current": ""})
            form.focus()
