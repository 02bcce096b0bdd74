"""A page of what waits for signatures: the list, its keys, and what came of the last one."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.signing import SigningKeys, Waiting
from bankcard_tui.services.paging import Page as Found
from bankcard_tui.services.requests import Altered
from bankcard_tui.widgets.safe import heading
from bankcard_tui.widgets.table import Column, Direction, Page, PagedTable, Row

W = TypeVar("W", bound=Waiting)
A = TypeVar("A", bound=Altered)


class WaitingPage(SigningKeys[W], Generic[W, A]):
    """What waits for a signature, the oldest first. Subclasses say what a row shows and what Enter opens."""

    TITLE: ClassVar[str] = mark("Waiting for a signature")
    COLUMNS: ClassVar[tuple[Column, ...]]
    EMPTY: ClassVar[str] = mark("Nothing waits for a signature. u looks again.")
    DEFAULT_CSS = """
    WaitingPage .heading { height: 2; padding: 0 1; }
    WaitingPage .said { height: 1; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("u", "update", mark("Update"))]

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, W | A] = {}
        self._shown_before = False

    def find(self, cursor: str | None) -> Found[W | A]:
        """A page of what waits."""
        raise NotImplementedError

    def cells(self, row: W | A) -> tuple[Content | str, ...]:
        """What stands in the columns."""
        raise NotImplementedError

    def open(self, row: W | A) -> None:
        """Show the request in full."""
        raise NotImplementedError

    def body(self) -> ComposeResult:
        yield Static(heading(tr(self.TITLE)), classes="heading", markup=False)
        yield PagedTable(self.COLUMNS, self._fetch, id="requests", empty_text=tr(self.EMPTY), autoload=False)
        yield Static("", classes="said", markup=False)

    def load(self) -> None:
        table = self.query_one(PagedTable)
        table.reload(first=True)
        table.focus()

    def on_screen_resume(self) -> None:
        # The first showing is loaded by load; a page that is just being left needs nothing.
        if self._shown_before and self.is_current:
            self.query_one(PagedTable).reload()
        self._shown_before = True

    def _fetch(self, cursor: str | None, _direction: Direction) -> Page:
        found = self.find(cursor)
        self._rows = {(row.id if isinstance(row, Altered) else row.request.id).hex: row for row in found.items}
        return Page([Row(key, self.cells(row)) for key, row in self._rows.items()], found.next, found.previous)

    @property
    def at_hand(self) -> W | A | None:
        key = self.query_one(PagedTable).selected_key if self.query(PagedTable) else None
        return self._rows.get(key) if key else None

    @on(PagedTable.Moved)
    def _moved(self) -> None:
        self.refresh_bindings()

    @on(PagedTable.Chosen)
    def _chosen(self, event: PagedTable.Chosen) -> None:
        row = self._rows.get(event.key)
        if row is not None:
            self.open(row)

    def said(self, said: Content) -> None:
        """Show what came of it, and what is left."""
        self.say_below(said)
        self.query_one(PagedTable).reload()

    def say_below(self, said: Content) -> None:
        """Say something under the list."""
        self.query_one(".said", Static).update(said)

    def action_update(self) -> None:
        """Look again."""
        self.query_one(PagedTable).reload()
