"""The dialog in which a decision is entered: half of one is kept until the person comes back to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textual import on
from textual.await_complete import AwaitComplete

from bankcard_tui.desk.desk import Desk
from bankcard_tui.screens.common.drafts import Drafts, Work
from bankcard_tui.services.drafts import load_draft
from bankcard_tui.widgets.dialogs import Ask, Words
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.form import Form


class DecisionAsk(Ask):
    """Asks what a decision needs. What was typed is kept under ``draft`` however the dialog is left, and thrown away
    once the decision is sent; what was prefilled is not kept: it follows the opinion of the day."""

    def __init__(
        self,
        desk: Desk,
        draft: str,
        title: Words,
        fields: Sequence[Field],
        send: Callable[[dict[str, object], str], object],
        *,
        body: Words,
        submit: str,
    ) -> None:
        super().__init__(title, fields, send, body=body, submit=submit)
        self._desk = desk
        self._draft = draft
        self.drafts = Drafts(self, lambda: desk, lambda _: draft, Form.changes)

    def on_mount(self) -> None:
        self._errands.start(lambda: load_draft(self._desk, self._draft), self._restore, group="draft")

    def take_drafts(self) -> list[Work]:
        """What still has to be kept; see ``Drafts.take``."""
        return self.drafts.take()

    def dismiss(self, result: Any = None) -> AwaitComplete:
        if result is not None:
            self.drafts.sent(self.query_one(Form))
        return super().dismiss(result)

    def on_screen_suspend(self) -> None:
        self.drafts.keep_at_once()

    def _restore(self, draft: dict[str, Any] | None) -> None:
        if draft:
            self.query_one(Form).fill(draft)

    @on(Form.Changed)
    def _form_changed(self, event: Form.Changed) -> None:
        self.drafts.changed(event.form)
