"""What the pages of watching share: a list, and beside or below it the row under the cursor in full."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Generic, Protocol, TypeVar
from uuid import UUID, uuid4

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.results import Result
from bankcard_tui.errors import BankError, Conflict
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.services.paging import Page as Found
from bankcard_tui.widgets.dialogs import Ask
from bankcard_tui.widgets.errands import SESSION_PROBLEMS, tell
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.lined import Lined, Lines
from bankcard_tui.widgets.safe import Tone, status
from bankcard_tui.widgets.table import Column, Direction, Page, PagedTable, Row

WIDE = 110
"""From so many columns on the row in full stands beside the list."""


class Shown(Protocol):
    """What a row of such a list is."""

    @property
    def id(self) -> UUID: ...
    @property
    def customer_id(self) -> UUID: ...
    @property
    def account(self) -> UUID: ...
    @property
    def customer(self) -> str: ...


W = TypeVar("W", bound=Shown)


class WatchingPage(DeskScreen, Generic[W]):
    """Subclasses say what is listed and how it reads."""

    PAGE = "watch"
    COLUMNS: ClassVar[tuple[Column, ...]]
    DEFAULT_CSS = """
    WatchingPage .heading { height: 2; padding: 0 1; }
    WatchingPage .parts { height: 1fr; }
    WatchingPage .parts PagedTable { height: 1fr; }
    WatchingPage .parts VerticalScroll {
        height: 9; padding: 0 1; border-top: solid $panel; scrollbar-size-vertical: 1;
    }
    WatchingPage.wide .parts { layout: horizontal; }
    WatchingPage.wide .parts PagedTable { width: 2fr; height: 100%; }
    WatchingPage.wide .parts VerticalScroll {
        width: 1fr; height: 100%; border-top: none; border-left: solid $panel;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("u", "update", mark("Update"), show=False)]

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, W] = {}
        self._shown_before = False
        self._said = Content()

    def find(self, cursor: str | None) -> Found[W]:
        """A page of the list."""
        raise NotImplementedError

    def cells(self, row: W) -> tuple[object, ...]:
        """What stands in the columns."""
        raise NotImplementedError

    def lines(self, row: W, width: int) -> Lines:
        """The row in full."""
        raise NotImplementedError

    def empty(self) -> str:
        """Why there is nothing (translated)."""
        raise NotImplementedError

    def head(self) -> Content:
        """The line above the list."""
        raise NotImplementedError

    def body(self) -> ComposeResult:
        yield Static("", classes="heading", markup=False)
        with Container(classes="parts"):
            yield PagedTable(self.COLUMNS, self._fetch, enter=mark("Customer"), id="watching", autoload=False)
            with VerticalScroll(can_focus=False):
                yield Lined(self._detail)

    def load(self) -> None:
        self.paint_head()
        self.table.empty_text = self.empty()
        self.table.reload(first=True)
        self.table.focus()

    def on_resize(self) -> None:
        self.set_class(self.size.width >= WIDE, "wide")

    def on_screen_resume(self) -> None:
        """Back from a file or another list: what is left."""
        if self._shown_before and self.is_current:
            self.action_update()
        self._shown_before = True

    @property
    def table(self) -> PagedTable:
        return self.query_one(PagedTable)

    @property
    def at_hand(self) -> W | None:
        """The row under the cursor."""
        key = self.table.selected_key if self.query(PagedTable) else None
        return self._rows.get(key) if key else None

    def paint_head(self) -> None:
        """Show the line above the list, and what was done last."""
        for line in self.query(".heading").results(Static):
            line.update(Content.assemble(self.head(), "   ", self._said) if self._said else self.head())

    def _fetch(self, cursor: str | None, _direction: Direction) -> Page:
        found = self.find(cursor)
        self._rows = {row.id.hex: row for row in found.items}
        return Page(self._listed(), found.next, found.previous)

    def _listed(self) -> list[Row]:
        return [Row(key, self.cells(row)) for key, row in self._rows.items()]

    def _detail(self, width: int) -> Lines:
        row = self.at_hand
        return self.lines(row, width) if row is not None else [Content()]

    @on(PagedTable.Moved)
    def _moved(self) -> None:
        self.query_one(VerticalScroll).scroll_home(animate=False)
        self.query_one(Lined).renew()
        self.refresh_bindings()

    @on(PagedTable.Chosen)
    def _chosen(self) -> None:
        from bankcard_tui.screens.teller.customer_file import CustomerFileScreen

        row = self.at_hand
        if row is not None:
            self.app.push_screen(CustomerFileScreen(row.customer_id))

    def action_update(self) -> None:
        """Look again."""
        self.paint_head()
        self.table.reload()

    # Steps

    def do(self, call: Callable[[Desk], Result[W]], words: str) -> None:
        """Do ``call`` once and say ``words`` (translated); the row stays under the cursor, so that the next key meets
        the same customer. A conflict looks again.
        """
        desk = self.desk.once(uuid4().hex)

        def failed(error: BankError) -> None:
            if not isinstance(error, SESSION_PROBLEMS):
                tell(self.app, error)
            if isinstance(error, Conflict):
                self.action_update()

        def done(result: Result[W]) -> None:
            self._rows[result.view.id.hex] = result.view
            self._said = status("+", words, Tone.GOOD)
            self.table.show_rows(self._listed())
            self.count()

        self.work(lambda: call(desk), done, on_problem=failed, group="step")

    def count(self) -> None:
        """Bring the line above the list up to date."""
        self.paint_head()

    def ask(self, title: str, row: W, fields: list[Field], send: Callable[[Desk, dict[str, object]], object]) -> None:
        """Ask about ``row`` and send the answer; ``title`` is English, marked, with {name}."""

        def sending(values: dict[str, object], key: str) -> str:
            send(self.desk.once(key), values)
            return row.customer

        def answered(name: str | None) -> None:
            if name is not None:
                self.said(tr("{name}: done", name=name))

        self.app.push_screen(Ask(lambda: tr(title, name=row.customer), fields, sending), answered)

    def said(self, words: str) -> None:
        """What came of the last step."""
        self._said = status("+", words, Tone.GOOD)
        self.action_update()
