"""The one table: a page of rows at a time, fetched by key in the background."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Literal

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.widget import Widget
from textual.widgets import DataTable, Static

from bankcard_tui.errors import BankError
from bankcard_tui.locale import mark, tr
from bankcard_tui.widgets.errands import Errands, problem_text
from bankcard_tui.widgets.grid import Grid
from bankcard_tui.widgets.safe import Tone, pad, safe, status, toned

PAGE_ROWS: Final = 100
"""How many rows a page has, whatever the store holds."""

Direction = Literal["next", "previous"]


@dataclass(frozen=True)
class Column:
    """``label`` is English, marked; ``width`` in cells. The column with the highest ``priority`` number is the first
    to go on a narrow terminal; one that ``grow``s takes the cells that are left."""

    label: str
    width: int
    align: Literal["left", "right"] = "left"
    priority: int = 1
    grow: bool = False


@dataclass(frozen=True)
class Row:
    """``key`` comes back when the row is chosen; one cell per column: str, or Content from safe, status or badge."""

    key: str
    cells: Sequence[object]


@dataclass(frozen=True)
class Page:
    """At most 100 rows in the order of the table, and the cursors of the pages around it (None: there is none).

    A search that takes its time gives what it has found so far: ``pause`` says how far it came (translated), and the
    cursor onwards goes on from there.
    """

    rows: Sequence[Row]
    next: Any = None
    previous: Any = None
    pause: str = ""


def columns_that_fit(columns: Sequence[Column], room: int) -> dict[int, int]:
    """Number and width of the ``columns`` that fit into ``room`` cells with two more for each, in their order."""
    widths: dict[int, int] = {}
    for number in sorted(range(len(columns)), key=lambda number: columns[number].priority):
        width = columns[number].width + 2
        if widths and width > room:
            break
        widths[number] = min(width, room) - 2
        room -= width
    growing = next((number for number in widths if columns[number].grow), None)
    if growing is not None and room > 0:
        widths[growing] += room
    return dict(sorted(widths.items()))


Fetch = Callable[[Any, Direction], Page]
"""``fetch(cursor, direction)`` gives the page after, or before, a cursor; ``fetch(None, "next")`` the first page.
It runs in a thread and may raise BankError."""


class PagedTable(Widget, can_focus=False):
    """A table of one page. j k and arrows move, PgDn PgUp and n p page, Enter posts ``Chosen``.

    Going down from the last row turns the page. ``empty_text`` (translated already) says why there is nothing and
    which key fills it. ``table.focus()`` puts the cursor into it. A search that has found nothing yet goes on by itself
    until there is a row, the end, or something else to fetch.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("n,pagedown", "page('next')", mark("Next page"), show=False),
        Binding("p,pageup", "page('previous')", mark("Previous page"), show=False),
        Binding("home", "first", mark("First row"), show=False),
        Binding("end", "last", mark("Last row of the page"), show=False),
    ]
    DEFAULT_CSS = """
    PagedTable { height: 1fr; layout: vertical; }
    PagedTable .notice { height: 1fr; padding: 1 2; display: none; }
    PagedTable.noticed .notice { display: block; }
    PagedTable.noticed Grid { height: 1; min-height: 1; }
    PagedTable .footing { height: 1; padding: 0 1; color: $text-muted; }
    """

    @dataclass
    class Chosen(Message):
        """The person opens the row ``key``."""

        table: PagedTable
        key: str

    @dataclass
    class Moved(Message):
        """The cursor stands on the row ``key`` (None: there is no row)."""

        table: PagedTable
        key: str | None

    def __init__(
        self,
        columns: Sequence[Column],
        fetch: Fetch,
        *,
        empty_text: str = "",
        enter: str = mark("Open"),
        id: str | None = None,
        autoload: bool = True,
    ) -> None:
        """``enter``: what Enter does with a row (English, marked), as the footer says it; without it Enter does
        nothing. ``autoload`` fetches the first page when the table appears; else ``reload`` does."""
        super().__init__(id=id)
        self._columns = list(columns)
        self._fetch = fetch
        self._autoload = autoload
        self.empty_text = empty_text
        self.page = Page(())
        self._loading = False
        self._loaded = False
        self._problem: BankError | None = None
        self._asked: tuple[Any, Direction] = (None, "next")
        self._first_number = 1
        self._errands = Errands(self)
        self._grid = Grid(cursor_type="row", zebra_stripes=False, cell_padding=1)
        self._grid.say_enter(enter)

    def compose(self) -> ComposeResult:
        yield self._grid
        yield Static("", classes="notice", markup=False)
        yield Static("", classes="footing", markup=False)

    def on_mount(self) -> None:
        if self._autoload:
            self.reload(first=True)
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._paint())

    def focus(self, scroll_visible: bool = True) -> PagedTable:
        """Put the cursor into the table."""
        self._grid.focus(scroll_visible)
        return self

    def say_enter(self, words: str) -> None:
        """What Enter does from now on; see ``enter``."""
        self._grid.say_enter(words)
        self.screen.refresh_bindings()

    @property
    def selected_key(self) -> str | None:
        """The key of the row under the cursor."""
        place = self._grid.cursor_row
        return self.page.rows[place].key if 0 <= place < len(self.page.rows) else None

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show the rows of this page anew, with the cursor where it is."""
        self.page = replace(self.page, rows=rows)
        self._paint(self.selected_key)

    def reload(self, *, first: bool = False) -> None:
        """Fetch this page again and stay on the same row; with ``first`` fetch the first page."""
        if first:
            self._ask(None, "next", number=1, stay=False)
        else:
            self._ask(*self._asked, number=self._first_number, stay=True)

    def _ask(self, cursor: Any, direction: Direction, *, number: int | None, stay: bool, bottom: bool = False) -> None:
        """``number`` is that of the first row; None where it follows from the rows of the page before."""
        self._loading = True
        self._tell_state()

        def show(page: Page) -> None:
            self._loaded, self._problem = True, None
            self._asked = (cursor, direction)
            kept = self.selected_key if stay else None
            self._first_number = max(1, self._first_number - len(page.rows)) if number is None else number
            self.page = page
            onward = page.next if direction == "next" else page.previous
            self._loading = not page.rows and onward is not None
            if not self._loading and not page.rows and direction == "previous":
                self.reload(first=True)  # whatever stood here before is gone
                return
            self._paint(kept, bottom=bottom)
            if self._loading:
                fetch(onward, page)

        def fetch(place: Any, begun: Page | None = None) -> None:
            def call() -> Page:
                page = self._fetch(place, direction)
                if begun is None:
                    return page
                # What lies between holds no row: the way back is that of the page on which the search began.
                return replace(page, previous=begun.previous) if direction == "next" else replace(page, next=begun.next)

            self._errands.start(call, show, on_problem=self._show_problem, group="page")

        fetch(cursor)

    # Painting

    def on_resize(self, event: Resize) -> None:
        self._paint(self.selected_key)

    def _paint(self, key: str | None = None, *, bottom: bool = False) -> None:
        """Show the page in the columns that fit, with the cursor on ``key``, the last row or the first."""
        shown = self._shown()
        place = self._grid.cursor_row if key is not None else 0
        with self._grid.prevent(DataTable.RowHighlighted):
            self._grid.clear(columns=True)
            for number, width in shown.items():
                label = pad(tr(self._columns[number].label), width, self._columns[number].align)
                self._grid.add_column(self._text(label), width=width)
            for row in self.page.rows:
                self._grid.add_row(
                    *(
                        self._text(pad(safe(row.cells[number]), width, self._columns[number].align))
                        for number, width in shown.items()
                    )
                )
            keys = [row.key for row in self.page.rows]
            place = keys.index(key) if key in keys else len(keys) - 1 if bottom else min(place, len(keys) - 1)
            self._grid.move_cursor(row=max(0, place), animate=False)
        self._tell_state()
        self.screen.refresh_bindings()
        self.post_message(self.Moved(self, self.selected_key))

    def _tell_state(self) -> None:
        """What stands in the place of the rows, if anything, and the line below them."""
        if not self.query(".notice"):
            return  # the screen is being put together, or left
        notice = Content()
        if self._problem is not None:
            notice = status("!", problem_text(self._problem), Tone.BAD)
        elif self._loaded and not self.page.rows:
            notice = toned(self._nothing(), Tone.MUTED)
        self.set_class(self._problem is not None or not self.page.rows, "noticed")
        self.query_one(".notice", Static).update(notice)
        if self._loading:
            footing = "   ".join(part for part in (tr("Loading ..."), self.page.pause) if part)
        else:
            footing = "" if self._problem is not None else self._range()
        self.query_one(".footing", Static).update(toned(footing, Tone.MUTED))

    def _nothing(self) -> str:
        """Why there are no rows."""
        if self._loading and self.page.pause:
            return tr("Nothing found so far; the search goes on.")
        if self.page.previous is not None:
            return tr("There is nothing more. PgUp goes back.")
        return self.empty_text or tr("There is nothing here.")

    def _shown(self) -> dict[int, int]:
        """Number and width of the columns that fit, in their order; the most important one is always there."""
        return columns_that_fit(self._columns, max(10, self.size.width - 1))

    def _text(self, content: Content) -> Text:
        """DataTable paints Rich text; the tones come from the theme in force."""
        text = Text(no_wrap=True, end="")
        for part, style in content.render(end="", parse_style=self.app.stylesheet.parse_style):
            text.append(part, style.rich_style)
        return text

    def _range(self) -> str:
        if not self.page.rows:
            return ""
        last = self._first_number + len(self.page.rows) - 1
        text = tr("Rows {first}-{last}", first=f"{self._first_number:,}", last=f"{last:,}")
        if self.page.pause:
            text += "   " + self.page.pause
        if self.page.next is not None:
            text += "   " + (tr("PgDn searches on") if self.page.pause else tr("more with PgDn"))
        if self.page.previous is not None:
            text += "   " + tr("back with PgUp")
        return text

    def _show_problem(self, error: BankError) -> None:
        self._loading, self._problem = False, error
        self._tell_state()

    # Keys

    def action_move(self, step: int) -> None:
        """To the next or previous row, turning the page at its ends."""
        place = self._grid.cursor_row + step
        if 0 <= place < len(self.page.rows):
            self._grid.move_cursor(row=place, animate=False)
        elif place < 0:
            self._turn("previous", bottom=True)
        else:
            self._turn("next")

    def action_page(self, direction: Direction) -> None:
        self._turn(direction)

    def _turn(self, direction: Direction, *, bottom: bool = False) -> None:
        cursor = self.page.next if direction == "next" else self.page.previous
        if cursor is not None and not self._loading:
            number = self._first_number + len(self.page.rows) if direction == "next" else None
            self._ask(cursor, direction, number=number, stay=False, bottom=bottom)

    def action_first(self) -> None:
        """To the first row of the first page."""
        if self.page.previous is not None:
            self.reload(first=True)
        else:
            self._grid.move_cursor(row=0, animate=False)

    def action_last(self) -> None:
        """To the last row of this page."""
        self._grid.move_cursor(row=max(0, len(self.page.rows) - 1), animate=False)

    @on(DataTable.RowSelected)
    def _open(self, event: DataTable.RowSelected) -> None:
        event.stop()
        if self._grid.opens and self.selected_key is not None:
            self.post_message(self.Chosen(self, self.selected_key))

    @on(DataTable.RowHighlighted)
    def _highlight(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        self.post_message(self.Moved(self, self.selected_key))
