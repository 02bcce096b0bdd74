"""The customer's application form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from bankcard_tui.errors import Conflict
from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.applications import may_apply
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.common.questions import APPLICATION_FIELDS, submit_application, suggested_embossing
from bankcard_tui.screens.customer.story import papers
from bankcard_tui.services.applications import Requirements, requirements
from bankcard_tui.services.customer_views import CustomerFile
from bankcard_tui.services.customers import my_file
from bankcard_tui.widgets.errands import tell
from bankcard_tui.widgets.facts import Facts
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.safe import Tone, heading, toned

CHOOSE_CARD = mark("Choose a card to see which documents it needs.")


class ApplyScreen(DeskScreen):
    """Kind, purpose, limit and name; the documents that the kind needs stand below while it is filled in."""

    PAGE = "apply"
    HELP = mark(
        "Apply for a card. Enter goes on to the next question, Ctrl+S sends.\n"
        "Below the form stand the documents that the chosen card needs: bring the originals to the counter."
    )
    DEFAULT_CSS = """
    ApplyScreen #needed { height: auto; padding: 0 2; border-top: solid $panel; }
    ApplyScreen #needed Static { height: auto; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._file: CustomerFile | None = None
        self._required: tuple[Requirements, ...] = ()

    def body(self) -> ComposeResult:
        form = Form(APPLICATION_FIELDS, id="apply", submit=mark("Send application"))
        form.disabled = self._file is None
        yield form
        with Vertical(id="needed"):
            yield Static("", markup=False)
            yield Facts()

    def load(self) -> None:
        if self._file is None:
            self.work(lambda: (my_file(self.desk), requirements(self.desk)), self._open)
        else:
            self._tell_needed()

    def draft_name(self, form: Form) -> str:
        return "customer.apply"

    def _open(self, found: tuple[CustomerFile, tuple[Requirements, ...]]) -> None:
        file, self._required = found
        try:
            may_apply([row.status for row in file.applications])
        except Conflict as problem:
            self.dismiss()
            tell(self.app, problem)
            return
        self._file = file
        form = self.query_one(Form)
        form.hold(suggestion(file))
        form.disabled = False
        form.focus()
        self._tell_needed()
        self.restore_draft(form)

    def take_up(self, form: Form, draft: Mapping[str, Any]) -> None:
        super().take_up(form, draft)
        self._tell_needed()

    @on(Form.Changed)
    def _kind_chosen(self, event: Form.Changed) -> None:
        if event.name == "kind":
            self._tell_needed()

    def _tell_needed(self) -> None:
        """The documents of the chosen kind, and how it stands with them."""
        kind = self.query_one(Form).raw("kind")
        needed = next((each.documents for each in self._required if each.kind == kind), ())
        known = self._file is not None and bool(needed)
        words = heading(tr("Documents for this card")) if known else toned(tr(CHOOSE_CARD), Tone.MUTED)
        self.query_one("#needed Static", Static).update(words)
        held = [each for each in self._file.documents if each.kind in needed] if self._file is not None else []
        self.query_one(Facts).show(papers(needed, held, self.zone))

    @on(Form.Submitted)
    def _send(self, event: Form.Submitted) -> None:
        if self._file is None:
            return
        desk, customer, values = self.desk.once(event.form.key), self._file.id, event.values
        self.send(
            event.form,
            lambda: submit_application(desk, customer, values),
            lambda row: self._sent(event.form, row.number),
        )

    def _sent(self, form: Form, number: str) -> None:
        self.sent(form)
        self.notify(tr("Your application {number} is on its way.", number=number), markup=False)
        self.dismiss()


def suggestion(file: CustomerFile) -> dict[str, object]:
    """What can be filled in already: kind, purpose and limit of the newest application, and a name in Latin letters."""
    known: dict[str, object] = {"embossed_name": suggested_embossing(file.name)}
    if file.applications:
        newest = file.applications[0]
        known |= {"kind": newest.kind, "purpose": newest.purpose, "wished_limit": newest.wished_limit}
    return known
