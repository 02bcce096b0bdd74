"""The way of an application in one line: submitted, in review, decided."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.applications import OPEN
from bankcard_tui.rules.terms import ApplicationStatus
from bankcard_tui.screens.customer.parts import local_day
from bankcard_tui.services.application_views import ApplicationRow
from bankcard_tui.widgets.labels import badge, label
from bankcard_tui.widgets.safe import Tone, status, toned, truncate

WIDEST = 96
"""Cells beyond which the three steps stand too far apart to be read as one line."""

DECISION = mark("Decision")
WAITING = mark("waits for a manager")
NOT_YET = mark("not yet")


class Progress(Widget, can_focus=False):
    """Three steps beside each other, and under each its day or the person responsible."""

    DEFAULT_CSS = """
    Progress { height: auto; width: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._steps: list[tuple[Content, str, bool]] = []

    def tell(self, row: ApplicationRow, zone: str) -> None:
        """Show the way of ``row``; ``zone`` is the branch's."""
        self._steps = steps_of(row, zone)
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return 2

    def render(self) -> Content:
        width = min(self.size.width, WIDEST) // 3
        steps, below = [], []
        for place, (step, under, _) in enumerate(self._steps):
            shown = truncate(step, width - 2)
            reached = place + 1 < len(self._steps) and self._steps[place + 1][2]
            rest = width - cell_len(shown.plain) - 2
            line = "" if place == len(self._steps) - 1 else ("=" if reached else "-") * max(0, rest)
            steps.append(Content.assemble(shown, " ", toned(line, Tone.ACCENT if reached else Tone.MUTED), " "))
            small = truncate(under, width - 4)
            below.append(Content.assemble("  ", toned(small, Tone.MUTED), " " * (width - 2 - cell_len(small.plain))))
        return Content("\n").join([Content.assemble(*steps), Content.assemble(*below)])


def steps_of(row: ApplicationRow, zone: str) -> list[tuple[Content, str, bool]]:
    """Each step as its badge, what stands under it, and whether it has been reached."""
    reviewed = bool(row.reviewer) or row.status not in (ApplicationStatus.SUBMITTED, ApplicationStatus.WITHDRAWN)
    decided = row.status not in OPEN
    if row.status is ApplicationStatus.SUBMITTED:
        review = _open_step(label(ApplicationStatus.IN_REVIEW)), tr(WAITING), False
    elif not decided:
        review = badge(row.status).stylize("bold"), row.reviewer, True
    elif reviewed:
        review = _done_step(label(ApplicationStatus.IN_REVIEW)), row.reviewer, True
    else:
        review = _open_step(label(ApplicationStatus.IN_REVIEW)), "-", False
    if decided:
        decision = badge(row.status).stylize("bold"), local_day(row.decided_at, zone), True
    else:
        decision = _open_step(tr(DECISION)), tr(NOT_YET), False
    return [(_done_step(label(ApplicationStatus.SUBMITTED)), local_day(row.submitted_at, zone), True), review, decision]


def _done_step(word: str) -> Content:
    return status("+", word, Tone.GOOD)


def _open_step(word: str) -> Content:
    return status(".", word, Tone.MUTED)
