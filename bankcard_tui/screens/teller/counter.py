"""The counter: whoever steps up is found while their number or name is typed; below, what waits."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.errors import InvalidInput
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.teller.working import TellerScreen, counted
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.customers import CustomerRow, search
from bankcard_tui.services.overview import Overview, overview
from bankcard_tui.widgets.entries import PasteRefused
from bankcard_tui.widgets.errands import problem_text, tell
from bankcard_tui.widgets.safe import Tone, heading, status, toned
from bankcard_tui.widgets.search_box import SearchBox
from bankcard_tui.widgets.table import Column, Direction, Page, PagedTable, Row

CUSTOMER_COLUMNS = [
    Column(mark("Name"), 20, grow=True),
    Column(mark("ID number"), 10, priority=2),
    Column(mark("Phone"), 15, priority=3),
    Column(mark("Identity"), 14, priority=2),
    Column(mark("Registered"), 10, priority=4),
]


def identity_badge(*, verified: bool, claim: bool) -> Content:
    """How sure the bank is who the customer is."""
    if claim:
        return status("~", tr("Claim"), Tone.WARNING)
    return status("+", tr("Verified"), Tone.GOOD) if verified else status("!", tr("Not verified"), Tone.WARNING)


def customer_row(screen: TellerScreen, row: CustomerRow) -> Row:
    """A customer as CUSTOMER_COLUMNS show them."""
    identity = identity_badge(verified=row.verified, claim=row.claim)
    return Row(str(row.id), (row.name, row.id_number[-8:], row.phone, identity, screen.on_day(row.registered_at)))


class CounterScreen(TellerScreen):
    """Search for a customer. A package of another role subclasses it with a ``PAGE`` of its own."""

    PAGE = "home"
    HELP = mark(
        "Find the customer who stands before you.\n"
        "Type the last four digits of the ID or card number, the start of the phone number, a whole ID or card "
        "number, or the start of the name. Enter opens the customer, Down goes into the list, / comes back."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", mark("Search")),
        Binding("escape", "search", show=False),
    ]
    DEFAULT_CSS = """
    CounterScreen .search-line { height: 1; margin: 0 1; }
    CounterScreen .search-line Static { width: auto; padding-right: 2; }
    CounterScreen .hint { height: auto; margin: 0 1 1 1; }
    CounterScreen .waiting { height: auto; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._eager = False
        self._shown_before = False
        self._answer: tuple[str, Page] = ("", Page(()))

    def body(self) -> ComposeResult:
        with Horizontal(classes="search-line"):
            yield Static(heading(tr("Customer")), markup=False)
            yield SearchBox()
        hint = tr("4 digits: ID/card end  5-11: phone  15-18: whole number  letters: name start")
        yield Static(toned(hint, Tone.MUTED), classes="hint", markup=False)
        opens = mark("Open") if self.may(Permission.SEE_CUSTOMERS) else ""
        yield PagedTable(CUSTOMER_COLUMNS, self._fetch, empty_text=self._nobody(""), enter=opens, id="customers")
        yield Static("", classes="waiting", markup=False)

    def on_mount(self) -> None:
        self.query_one(SearchBox).focus()

    def load(self) -> None:
        self.query_one(SearchBox).value = self._text
        self.work(lambda: overview(self.desk), self._show_waiting, group="waiting")

    def on_screen_resume(self) -> None:
        # The first showing is loaded by on_mount.
        if self._shown_before:
            self._table.reload()
            self.work(lambda: overview(self.desk), self._show_waiting, group="waiting")
        self._shown_before = True

    @property
    def _table(self) -> PagedTable:
        return self.query_one(PagedTable)

    # Searching

    def _fetch(self, cursor: Any, direction: Direction) -> Page:
        text = self._text
        try:
            found = search(self.desk, text, cursor)
        except InvalidInput as problem:
            # Half a number is not a mistake: it is somebody still typing.
            page, empty = Page(()), problem_text(problem)
        else:
            page = Page([customer_row(self, row) for row in found.items], found.next, found.previous)
            empty = self._nobody(text)
        if text == self._text:
            self._table.empty_text = empty
            self._answer = (text, page)
        return page

    def _nobody(self, text: str) -> str:
        register = self.page_key("register")
        if not text:
            return tr("There are no customers yet.") + (
                f" {tr('{key} registers the first.', key=register)}" if register else ""
            )
        said = tr("Nobody is found by {typed}. Check what you typed.", typed=text)
        return said + (f" {tr('{key} registers a new customer.', key=register)}" if register else "")

    @on(SearchBox.Asked)
    def _asked(self, event: SearchBox.Asked) -> None:
        self._eager = event.eager
        if event.text != self._text:
            self._text = event.text
            self._table.reload(first=True)
        else:
            self._go_on()

    @on(PagedTable.Moved)
    def _go_on(self) -> None:
        """After Enter in the search line: open the only one found, or go into the list."""
        text, page = self._answer
        if not self._eager or text != self._text or page is not self._table.page:
            return
        self._eager = False
        if len(page.rows) == 1:
            self._open(page.rows[0].key)
        elif page.rows:
            self._table.focus()

    @on(PagedTable.Chosen)
    def _chosen(self, event: PagedTable.Chosen) -> None:
        self._open(event.key)

    def _open(self, key: str) -> None:
        if self.may(Permission.SEE_CUSTOMERS):
            self.open_customer(UUID(key))

    @on(SearchBox.Left)
    def _into_list(self, event: SearchBox.Left) -> None:
        if self._table.page.rows and not event.by_escape:
            self._table.focus()

    @on(PasteRefused)
    def _refused(self, event: PasteRefused) -> None:
        tell(self.app, event.problem)

    def action_search(self) -> None:
        """/ or Esc: back to the search line, its text selected."""
        self.query_one(SearchBox).focus()

    # What waits

    def _show_waiting(self, counts: Overview) -> None:
        cards = self.page_key("cards")
        parts = [
            counted(label, number, key)
            for label, number, key in (
                (mark("{count} returned"), counts.returned, self.page_key("applications")),
                (mark("{count:card|cards} to hand over"), counts.to_hand_over, cards),
                (mark("{count} to activate"), counts.to_activate, cards),
                (mark("{count:claim|claims}"), counts.claims, self.page_key("claims")),
            )
            if number
        ]
        waiting = self.query_one(".waiting", Static)
        if parts:
            waiting.update(Content.assemble(toned(tr("Waiting:"), Tone.ACCENT), "  ", "   ".join(parts)))
        elif any(number is not None for number in (counts.returned, counts.to_hand_over, counts.claims)):
            waiting.update(toned(tr("Nothing waits at the counter."), Tone.MUTED))
