"""Entering an application for a customer at the counter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.terms import CardKind
from bankcard_tui.screens.common.questions import APPLICATION_FIELDS, submit_application, suggested_embossing
from bankcard_tui.screens.teller.form_screen import Errand, FormScreen
from bankcard_tui.services.application_views import ApplicationRow
from bankcard_tui.services.applications import Requirements, requirements
from bankcard_tui.services.customer_views import CustomerFile
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.labels import label
from bankcard_tui.widgets.safe import Tone, status, toned


class ApplicationFormScreen(FormScreen):
    """The application as the customer tells it; below it which required documents were seen already."""

    HELP = mark(
        "Enter the application as the customer tells it. Enter goes on, a number picks an option, Ctrl+S sends.\n"
        "Below the form stand the documents that this kind of card requires, and which originals have been seen."
    )
    DEFAULT_CSS = """
    ApplicationFormScreen .required { height: auto; padding: 0 1; background: $surface; }
    """

    def __init__(self, file: CustomerFile, then: Callable[[ApplicationRow], object]) -> None:
        known = {"embossed_name": suggested_embossing(file.name)}
        super().__init__(
            Errand(
                title=mark("Application for {name}"),
                whose=file.name,
                fields=lambda: [replace(field, value=known.get(field.name)) for field in APPLICATION_FIELDS],
                submit=mark("Submit the application"),
                draft=f"teller.application.{file.id}",
                send=lambda desk, values: submit_application(desk, file.id, values),
                then=lambda row: then(cast(ApplicationRow, row)),
            )
        )
        self._seen = {each.kind for each in file.documents if each.verified_at is not None}
        self._required: tuple[Requirements, ...] = ()

    def body(self) -> ComposeResult:
        yield from super().body()
        yield Static("", classes="required", markup=False)

    def load(self) -> None:
        self.work(lambda: requirements(self.desk), self._know, group="required")

    def _know(self, required: tuple[Requirements, ...]) -> None:
        self._required = required
        self._show_required()

    @on(Form.Changed)
    def _show_required(self) -> None:
        """The documents of the chosen kind of card, each with whether its original was seen."""
        raw = self.form.raw("kind")
        shown = self.query_one(".required", Static)
        found = next((each for each in self._required if each.kind == raw), None)
        if found is None:
            shown.update(toned(tr("Choose the kind of card to see which documents it requires."), Tone.MUTED))
            return
        marks = [
            status("+", label(kind), Tone.GOOD) if kind in self._seen else status("!", label(kind), Tone.WARNING)
            for kind in found.documents
        ]
        missing = [kind for kind in found.documents if kind not in self._seen]
        title = tr("{kind} requires:", kind=label(CardKind(found.kind)))
        lines = [Content.assemble(title, "  ", Content("   ").join(marks))]
        if missing:
            lines.append(toned(tr("! = original not seen yet. Record it with d in the file."), Tone.MUTED))
        shown.update(Content("\n").join(lines))
