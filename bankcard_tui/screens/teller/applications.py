"""The applications of the branch: found by status, number or name."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.terms import ApplicationStatus
from bankcard_tui.screens.teller.application_file import ApplicationScreen
from bankcard_tui.screens.teller.working import TellerScreen
from bankcard_tui.services.application_views import ApplicationRow
from bankcard_tui.services.applications import list_applications
from bankcard_tui.widgets.dialogs import Choose, Option
from bankcard_tui.widgets.entries import PasteRefused
from bankcard_tui.widgets.errands import tell
from bankcard_tui.widgets.labels import amount, badge, label
from bankcard_tui.widgets.safe import Tone, toned
from bankcard_tui.widgets.search_box import SearchBox
from bankcard_tui.widgets.table import Column, Direction, Page, PagedTable, Row

COLUMNS = [
    Column(mark("Number"), 13),
    Column(mark("Customer"), 12, grow=True),
    Column(mark("Status"), 13),
    Column(mark("Wished limit"), 12, "right", priority=3),
    Column(mark("Submitted on"), 12, priority=2),
    Column(mark("Kind of card"), 18, priority=5),
    Column(mark("Reviewer"), 12, priority=4),
]
ANY = "any"


class ApplicationsScreen(TellerScreen):
    """Applications, newest first. A package of another role subclasses it with a ``PAGE`` of its own."""

    PAGE = "applications"
    HELP = mark(
        "The applications of the branch, newest first. / searches by number or start of the name, f shows one status "
        "only. Enter opens an application with its history."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", mark("Search")),
        Binding("f", "filter", mark("Filter")),
    ]
    DEFAULT_CSS = """
    ApplicationsScreen .search-line { height: 1; margin: 0 1 1 1; }
    ApplicationsScreen .search-line Static { width: auto; padding-right: 2; }
    ApplicationsScreen .search-line .filter { padding: 0 0 0 2; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._status: ApplicationStatus | None = None
        self._shown_before = False

    def body(self) -> ComposeResult:
        with Horizontal(classes="search-line"):
            yield Static(toned(tr("Search"), Tone.MUTED), markup=False)
            yield SearchBox()
            yield Static("", classes="filter", markup=False)
        yield PagedTable(COLUMNS, self._fetch, id="applications")

    def on_mount(self) -> None:
        self._table.focus()

    def load(self) -> None:
        self.query_one(SearchBox).value = self._text
        self._tell_filter()

    def on_screen_resume(self) -> None:
        # The first showing is loaded by the table itself.
        if self._shown_before:
            self._table.reload()
        self._shown_before = True

    @property
    def _table(self) -> PagedTable:
        return self.query_one(PagedTable)

    def _fetch(self, cursor: Any, direction: Direction) -> Page:
        found = list_applications(self.desk, self._status, self._text, cursor)
        return Page([self._row(row) for row in found.items], found.next, found.previous)

    def _row(self, row: ApplicationRow) -> Row:
        cells = (
            row.number,
            row.customer,
            badge(row.status),
            amount(row.wished_limit),
            self.on_day(row.submitted_at),
            label(row.kind),
            row.reviewer,
        )
        return Row(str(row.id), cells)

    def _tell_filter(self) -> None:
        chosen = badge(self._status) if self._status is not None else Content(tr("all"))
        self.query_one(".filter", Static).update(Content.assemble(toned(f"f  {tr('Status')}: ", Tone.MUTED), chosen))
        if self._text or self._status is not None:
            self._table.empty_text = tr("No application fits. / changes the search, f the status.")
        else:
            self._table.empty_text = tr("There are no applications yet. They are entered in a customer's file.")

    @on(SearchBox.Asked)
    def _asked(self, event: SearchBox.Asked) -> None:
        if event.text != self._text:
            self._text = event.text
            self._tell_filter()
            self._table.reload(first=True)
        if event.eager:
            self._table.focus()

    @on(SearchBox.Left)
    def _into_list(self) -> None:
        self._table.focus()

    @on(PasteRefused)
    def _refused(self, event: PasteRefused) -> None:
        tell(self.app, event.problem)

    @on(PagedTable.Chosen)
    def _chosen(self, event: PagedTable.Chosen) -> None:
        self.open_application(UUID(event.key))

    def open_application(self, application: UUID) -> None:
        """Go to an application; another role may open it on a screen of its own."""
        self.app.push_screen(ApplicationScreen(application))

    def action_search(self) -> None:
        """/: to the search line."""
        self.query_one(SearchBox).focus()

    def action_filter(self) -> None:
        """f: one status only, or all."""
        options = [
            Option(ANY, lambda: tr("all"), "0"),
            *(Option(each.value, partial(badge, each)) for each in ApplicationStatus),
        ]

        def chosen(value: str | None) -> None:
            if value is not None:
                self._status = None if value == ANY else ApplicationStatus(value)
                self._tell_filter()
                self._table.reload(first=True)

        self.app.push_screen(Choose(lambda: tr("Which status?"), options), chosen)
