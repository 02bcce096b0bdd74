"""A form on a screen of its own: kept as a draft, left only on purpose, sent once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from bankcard_tui.desk.desk import Desk
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.teller.working import TellerScreen, short
from bankcard_tui.widgets.dialogs import Confirm
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.safe import heading

Values = dict[str, object]


@dataclass(frozen=True)
class Errand:
    """What a form is for.

    ``title`` is English, marked, with {name} for ``whose`` data it is; ``draft`` names the draft; ``send`` runs in a
    thread at a desk with the form's key; ``then`` gets its answer after the screen has closed.
    """

    title: str
    whose: str
    fields: Callable[[], Sequence[Field]]
    submit: str
    draft: str
    send: Callable[[Desk, Values], object]
    then: Callable[[object], object]


class LeftOnPurpose(DeskScreen):
    """A screen with one form and its title; Esc asks before it throws away what was typed."""

    DEFAULT_CSS = """
    LeftOnPurpose .title { height: auto; padding: 0 1; margin-bottom: 1; }
    """

    @property
    def form(self) -> Form:
        return self.query_one(Form)

    def action_back(self) -> None:
        """Esc: leave; ask first when something was typed."""
        form = self.form
        if form.busy:
            return
        if not form.changes():
            self.dismiss()
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.sent(form)
                self.dismiss()

        question = Confirm(
            lambda: tr("Leave without sending?"),
            lambda: tr("What you typed is thrown away."),
            lambda: tr("Throw away"),
        )
        self.app.push_screen(question, answered)


class FormScreen(LeftOnPurpose, TellerScreen):
    """Fill in and send."""

    HELP = mark("Enter goes to the next field, Ctrl+S sends. What you type is kept if the terminal is lost.")

    def __init__(self, errand: Errand) -> None:
        super().__init__()
        self.errand = errand

    def body(self) -> ComposeResult:
        yield Static(heading(tr(self.errand.title, name=short(self.errand.whose))), classes="title", markup=False)
        yield Form(self.errand.fields(), submit=self.errand.submit, id="form")

    def on_mount(self) -> None:
        self.form.focus()
        self.restore_draft(self.form)

    def draft_name(self, form: Form) -> str:
        return self.errand.draft

    @on(Form.Submitted)
    def _send(self, event: Form.Submitted) -> None:
        form, desk = event.form, self.desk.once(event.form.key)
        self.send(form, lambda: self.errand.send(desk, event.values), lambda answer: self._done(form, answer))

    def _done(self, form: Form, answer: object) -> None:
        self.sent(form)
        self.dismiss()
        self.errand.then(answer)
