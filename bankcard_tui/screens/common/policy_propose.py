"""Asking that changes of the policy take force: from which day, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from textual.content import Content

from bankcard_tui.errors import InvalidForm
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.services.policy_changes import change_policy
from bankcard_tui.widgets.dialogs import Ask
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.safe import Tone, status

CameOfIt = Callable[[Content | InvalidForm], object]
"""Gets what came of a proposal, to be shown, or what is wrong with single values, by their names."""

FIELDS: Final = (
    Field(
        "from_day",
        mark("In force from"),
        "date",
        mark("A day from today on. Without one: as soon as a colleague has signed."),
        required=False,
    ),
    Field("note", mark("Note"), hint=mark("Why. It stands with the version for good."), most=500),
)


def ask_to_propose(screen: DeskScreen, changes: Mapping[str, str], then: CameOfIt) -> None:
    """Ask for day and note, then propose ``changes``, the texts of values by their names."""
    proposed = dict(changes)

    def send(values: dict[str, object], key: str) -> Content | InvalidForm:
        day = date.fromisoformat(str(values["from_day"])) if values["from_day"] else None
        try:
            result = change_policy(screen.desk.once(key), proposed, str(values["note"]), day)
        except InvalidForm as problems:
            # Day and note have their fields here; the values stand on the page behind.
            if any(problem.field in ("from_day", "note") for problem in problems.problems):
                raise
            return problems
        if result.pending is None:
            return status("+", tr("signed and done"), Tone.GOOD)
        return status("~", tr("Proposed: it waits for the signature of a colleague. v shows it."), Tone.ACCENT)

    def answered(came: Content | InvalidForm | None) -> None:
        if came is not None:
            then(came)

    def title() -> str:
        return tr("Propose {count:change|changes}?", count=len(proposed))

    def body() -> str:
        return tr("Nothing changes until a second person has signed.")

    screen.app.push_screen(Ask(title, FIELDS, send, body=body, submit=mark("Propose")), answered)
