"""The customer's own applications, and the way to a new one."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.applications import OPEN
from bankcard_tui.rules.terms import ApplicationStatus
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.customer.application import ApplicationScreen
from bankcard_tui.screens.customer.apply import ApplyScreen
from bankcard_tui.screens.customer.parts import Section, local_day, yuan
from bankcard_tui.screens.customer.progress import Progress
from bankcard_tui.services.application_views import ApplicationRow
from bankcard_tui.services.applications import my_applications
from bankcard_tui.widgets.facts import Facts
from bankcard_tui.widgets.labels import amount, badge, label
from bankcard_tui.widgets.table import PAGE_ROWS, Column, Direction, Page, PagedTable, Row

COLUMNS = (
    Column(mark("Number"), 13),
    Column(mark("Sent on"), 10, priority=2),
    Column(mark("Kind of card"), 17, priority=3, grow=True),
    Column(mark("Wished limit"), 12, "right", priority=4),
    Column(mark("Status"), 13),
    Column(mark("Your manager"), 22, priority=6),
    Column(mark("Decided on"), 10, priority=5),
)


class ApplicationsScreen(DeskScreen):
    """A list of few rows; what the narrow table has no room for stands below it for the row under the cursor."""

    PAGE = "apply"
    HELP = mark(
        "Your applications, the newest first. Below the list stands how far the one under the cursor is.\n"
        "Enter opens it with its history; there you can withdraw it, add a document, or send it again."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("a", "apply", mark("Apply for a card"))]
    DEFAULT_CSS = """
    ApplicationsScreen #chosen { height: auto; max-height: 9; padding: 0 2; border-top: solid $panel; margin: 0; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, ApplicationRow] = {}
        self._told: ApplicationRow | None = None
        self._seen = False

    def body(self) -> ComposeResult:
        yield PagedTable(
            COLUMNS,
            self._fetch,
            empty_text=tr("You have not applied for a card yet. Press a to apply."),
            id="applications",
        )
        yield Section(mark("Your application"), Progress(), Facts(columns=2), id="chosen")

    def load(self) -> None:
        self._told = None
        self.query_one(PagedTable).focus()

    def on_screen_resume(self) -> None:
        """Fetch again what may have changed behind another screen; the first showing has been loaded already."""
        if self._seen:
            self.call_later(self.query_one(PagedTable).reload)
        self._seen = True

    def _fetch(self, cursor: Any, direction: Direction) -> Page:
        """A page of one's own applications; ``cursor`` is the place of its first row."""
        rows, start = my_applications(self.desk), cursor or 0
        here = rows[start : start + PAGE_ROWS]
        self._rows = {str(row.id): row for row in here}
        return Page(
            [Row(str(row.id), self._cells(row)) for row in here],
            next=start + PAGE_ROWS if start + PAGE_ROWS < len(rows) else None,
            previous=start - PAGE_ROWS if start else None,
        )

    def _cells(self, row: ApplicationRow) -> list[object]:
        return [
            row.number,
            local_day(row.submitted_at, self.zone),
            label(row.kind),
            amount(row.wished_limit),
            badge(row.status),
            row.reviewer,
            local_day(row.decided_at, self.zone),
        ]

    @on(PagedTable.Moved)
    def _tell_chosen(self, event: PagedTable.Moved) -> None:
        section, row = self.query_one("#chosen", Section), self._rows.get(event.key or "")
        # A table paints again whenever its size changes: telling the same anew could change it once more.
        if row == self._told:
            return
        self._told = row
        if row is None:
            section.hide()
            return
        self.query_one(Progress).tell(row, self.zone)
        self.query_one(Facts).show(
            [
                (mark("Your manager"), row.reviewer),
                (mark("Decided on"), local_day(row.decided_at, self.zone)),
                (mark("Purpose"), label(row.purpose)),
                (mark("Granted limit"), yuan(row.approved_limit)),
            ]
        )
        may_again = all(each.status not in OPEN for each in self._rows.values())
        ended = row.status in (ApplicationStatus.REFUSED, ApplicationStatus.WITHDRAWN)
        again = [Content(tr("You can apply again: press a."))] if may_again and ended else []
        section.tell(again, tr("Your application {number}: {kind}", number=row.number, kind=label(row.kind)))

    @on(PagedTable.Chosen)
    def _open(self, event: PagedTable.Chosen) -> None:
        self.app.push_screen(ApplicationScreen(UUID(event.key)))

    def action_apply(self) -> None:
        """Open the application form."""
        self.app.push_screen(ApplyScreen())
