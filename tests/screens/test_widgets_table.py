from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from textual import on
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.widgets import DataTable

from bankcard_tui.errors import Busy, SessionLocked
from bankcard_tui.rules.money import Money
from bankcard_tui.widgets.labels import amount
from bankcard_tui.widgets.safe import Tone, status
from bankcard_tui.widgets.table import Column, Direction, Fetch, Page, PagedTable, Row
from bankcard_tui.widgets.working import BankScreen
from tests.screens.terminal_kit import settled
from tests.screens.widgets_kit import HOSTILE, LANGUAGES, SIZES, Branch, assert_harmless, lines, shown, speaking

COLUMNS = [
    Column("Number", 8),
    Column("Name", 20, grow=True),
    Column("Status", 14, priority=2),
    Column("Limit", 14, "right", priority=2),
    Column("Address", 30, priority=3),
]
ALL = 250


def row(number: int) -> Row:
    return Row(
        str(number),
        (f"{number:06}", f"Customer {number}", status("+", "Active", Tone.GOOD), amount(Money.yuan(number)), "Street"),
    )


def fetch(cursor: Any, direction: Direction) -> Page:
    """250 rows, a hundred a page."""
    start = 0 if cursor is None else cursor
    stop = min(ALL, start + 100)
    rows = [row(number) for number in range(start, stop)]
    return Page(rows, next=stop if stop < ALL else None, previous=start - 100 if start else None)


class Desk(BankScreen):
    def __init__(self, fetch: Fetch = fetch, columns: Sequence[Column] = COLUMNS, empty_text: str = "") -> None:
        super().__init__()
        self._fetch, self._columns, self._empty = fetch, columns, empty_text
        self.chosen: list[str] = []
        self.moved: list[str | None] = []

    def body(self) -> ComposeResult:
        yield PagedTable(self._columns, self._fetch, empty_text=self._empty, id="customers")

    def load(self) -> None:
        self.table.focus()

    @property
    def table(self) -> PagedTable:
        return self.query_one(PagedTable)

    @on(PagedTable.Chosen)
    def _choose(self, event: PagedTable.Chosen) -> None:
        self.chosen.append(event.key)

    @on(PagedTable.Moved)
    def _move(self, event: PagedTable.Moved) -> None:
        self.moved.append(event.key)


async def until(pilot: Pilot[None], met: Callable[[], object]) -> None:
    """Wait until ``met()``; fail after three seconds."""
    for _ in range(300):
        if met():
            return
        await pilot.pause(0.01)
    raise AssertionError("never happened")


async def test_a_table_is_walked_and_opened_by_keys() -> None:
    desk = Desk()
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: desk.table.selected_key == "0")
        await pilot.press("j", "down", "k", "enter")
        await pilot.pause()
        assert desk.chosen == ["1"]
        await pilot.press("end")
        assert desk.table.selected_key == "99"
        await pilot.press("home")
        assert desk.table.selected_key == "0"
        assert desk.moved[-1] == "0"


@pytest.mark.parametrize("words", ["Hand over", ""])
async def test_the_footer_says_what_enter_does_with_a_row_and_nothing_where_it_does_nothing(words: str) -> None:
    desk = Desk()
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: desk.table.selected_key == "0")
        assert "Enter Open " in lines(app)[-1]
        desk.table.say_enter(words)
        await pilot.pause()
        assert ("Enter Hand over " in lines(app)[-1]) is bool(words)
        assert "Enter Open" not in lines(app)[-1]
        await pilot.press("enter")
        await pilot.click("Grid", offset=(5, 3))
        await pilot.pause()
        assert bool(desk.chosen) is bool(words)


async def test_an_empty_list_has_nothing_to_open() -> None:
    desk = Desk(lambda cursor, direction: Page(()))
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "There is nothing here." in shown(app))
        assert "Enter" not in lines(app)[-1]


async def test_pages_are_turned_by_keys_and_at_the_ends() -> None:
    desk = Desk()
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: desk.table.selected_key == "0")
        assert "Rows 1-100   more with PgDn" in shown(app)
        await pilot.press("pagedown")
        await until(pilot, lambda: desk.table.selected_key == "100")
        assert "Rows 101-200   more with PgDn   back with PgUp" in shown(app)
        await pilot.press("n")
        await until(pilot, lambda: desk.table.selected_key == "200")
        assert "Rows 201-250   back with PgUp" in shown(app)
        await pilot.press("n", "n")
        await pilot.pause()
        assert desk.table.selected_key == "200"
        await pilot.press("k")
        await until(pilot, lambda: desk.table.selected_key == "199")
        await pilot.press("j")
        await until(pilot, lambda: desk.table.selected_key == "200")
        await pilot.press("p")
        await until(pilot, lambda: desk.table.selected_key == "100")
        await pilot.press("home")
        await until(pilot, lambda: desk.table.selected_key == "0")
        assert "Rows 1-100" in shown(app)


async def test_never_more_than_a_page_is_on_the_screen() -> None:
    desk = Desk()
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: desk.table.selected_key == "0")
        await pilot.press("n")
        await until(pilot, lambda: desk.table.selected_key == "100")
        assert desk.query_one(DataTable).row_count == 100


async def test_after_a_reload_the_cursor_stands_on_the_same_customer() -> None:
    rows = [row(number) for number in range(5)]
    desk = Desk(lambda cursor, direction: Page(list(rows)))
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: desk.table.selected_key == "0")
        await pilot.press("j", "j", "j")
        del rows[0]
        desk.table.reload()
        await until(pilot, lambda: len(desk.table.page.rows) == 4)
        assert desk.table.selected_key == "3"
        del rows[2]
        desk.table.reload()
        await until(pilot, lambda: len(desk.table.page.rows) == 3)
        assert desk.table.selected_key == "4"


async def test_the_frame_stands_at_once_and_says_that_it_loads() -> None:
    gate = threading.Event()

    def slow(cursor: Any, direction: Direction) -> Page:
        gate.wait(5)
        return fetch(cursor, direction)

    desk = Desk(slow)
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "Number" in shown(app)
        assert "Loading ..." in shown(app)
        gate.set()
        await until(pilot, lambda: desk.table.selected_key == "0")
        assert "Loading ..." not in shown(app)


async def test_a_late_answer_to_an_earlier_question_is_dropped() -> None:
    gates = [threading.Event(), threading.Event()]
    asked: list[int] = []

    def racing(cursor: Any, direction: Direction) -> Page:
        turn = len(asked)
        asked.append(turn)
        gates[turn].wait(5)
        return Page([row(1000 + turn)])

    desk = Desk(racing)
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: len(asked) == 1)
        desk.table.reload(first=True)
        await until(pilot, lambda: len(asked) == 2)
        gates[1].set()
        await until(pilot, lambda: desk.table.selected_key == "1001")
        gates[0].set()
        await settled(pilot)
        assert desk.table.selected_key == "1001"


async def test_an_empty_table_says_why_and_which_key_fills_it() -> None:
    desk = Desk(lambda cursor, direction: Page(()), empty_text="Nobody waits. Press a to add an application.")
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Nobody waits. Press a to add an application." in shown(app))
        await pilot.press("enter", "j", "k", "n", "p", "home", "end")
        assert desk.table.selected_key is None
        assert desk.chosen == []


async def test_what_can_not_be_fetched_is_said_in_the_place_of_the_table() -> None:
    broken = [True]

    def failing(cursor: Any, direction: Direction) -> Page:
        if broken:
            raise Busy("The store is busy.", hint="Try again in a moment.")
        return fetch(cursor, direction)

    desk = Desk(failing)
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "! The store is busy. Try again in a moment." in shown(app))
        broken.clear()
        desk.table.reload()
        await until(pilot, lambda: desk.table.selected_key == "0")
        assert "The store is busy." not in shown(app)


async def test_a_locked_session_is_the_applications_business() -> None:
    def locked(cursor: Any, direction: Direction) -> Page:
        raise SessionLocked("The session is locked.")

    app = Branch(lambda: Desk(locked))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.session_problems)


@pytest.mark.parametrize(
    ("width", "gone"), [(120, ""), (80, "Address"), (50, "Address Limit"), (34, "Address Limit Status")]
)
async def test_a_narrow_table_gives_up_columns_by_priority(width: int, gone: str) -> None:
    desk = Desk()
    app = Branch(lambda: desk)
    async with app.run_test(size=(width, 24)) as pilot:
        await until(pilot, lambda: desk.table.selected_key == "0")
        header = lines(app)[0]
        expected = [column.label for column in COLUMNS if column.label not in gone.split()]
        assert header.split() == expected


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_hostile_cells_are_shown_harmlessly_and_in_their_columns(language: str, size: tuple[int, int]) -> None:
    hostile = [Row(str(place), (text, text, text, "9.00", text)) for place, text in enumerate(HOSTILE)]
    with speaking(language):
        desk = Desk(lambda cursor, direction: Page(hostile))
        app = Branch(lambda: desk)
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: desk.table.selected_key == "0")
            await pilot.pause()
            assert_harmless(app)
            assert "王王.." in shown(app)


async def test_numbers_stand_on_the_right() -> None:
    amounts = Page([Row("1", ("1.00",)), Row("2", ("1,000.00",))])
    small = Desk(lambda cursor, direction: amounts, [Column("Limit", 12, "right")])
    app = Branch(lambda: small)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: small.table.selected_key == "1")
        assert [line[:13] for line in lines(app)[:3]] == ["        Limit", "         1.00", "     1,000.00"]


def searching(cursor: Any, direction: Direction) -> Page:
    """A search of five steps that takes its time: two rows in the third step, one in the last."""
    step = 0 if cursor is None else cursor
    found = {2: [row(20), row(21)], 4: [row(40)]}.get(step, [])
    onward = step + 1 if step < 4 else None
    return Page(found, next=onward, previous=step - 1 if step else None, pause="" if step == 4 else f"step {step}")


async def test_a_search_goes_on_by_itself_until_it_finds_something_and_then_asks() -> None:
    desk = Desk(searching, empty_text="Nobody fits.")
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: desk.table.selected_key == "20")
        assert "Rows 1-2   step 2   PgDn searches on" in shown(app)
        assert "back with PgUp" not in shown(app)
        await pilot.press("pagedown")
        await until(pilot, lambda: desk.table.selected_key == "40")
        assert "Rows 3-3   back with PgUp" in shown(app)
        await pilot.press("pageup")
        await until(pilot, lambda: desk.table.selected_key == "21" or desk.table.selected_key == "20")


async def test_a_search_that_goes_on_does_not_say_that_nothing_was_found() -> None:
    held = threading.Event()

    def slow(cursor: Any, direction: Direction) -> Page:
        if cursor is None:
            return Page((), next="on", pause="searched to noon")
        held.wait(3)
        return Page(())

    desk = Desk(slow, empty_text="Nobody fits.")
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "searched to noon" in shown(app))
        assert "Nothing found so far; the search goes on." in shown(app)
        assert "Nobody fits." not in shown(app)
        held.set()
        await until(pilot, lambda: "Nobody fits." in shown(app))
        assert "searched to noon" not in shown(app)


async def test_a_search_that_goes_on_gives_way_to_another() -> None:
    asked: list[Any] = []
    free = threading.Event()

    def endless(cursor: Any, direction: Direction) -> Page:
        asked.append(cursor)
        if free.is_set():
            return Page([row(7)])
        return Page((), next=len(asked), pause="further")

    desk = Desk(endless)
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: len(asked) > 5)
        free.set()
        desk.table.reload(first=True)
        await until(pilot, lambda: desk.table.selected_key == "7")
        done = len(asked)
        await pilot.pause(0.1)
        assert len(asked) == done


async def test_behind_the_last_hit_there_is_nothing_more() -> None:
    def ends(cursor: Any, direction: Direction) -> Page:
        if cursor is None:
            return Page([row(1)], next="on", pause="searched to noon")
        return Page((), previous="back") if cursor == "on" else Page([row(1)], next="on")

    desk = Desk(ends, empty_text="Nobody fits.")
    app = Branch(lambda: desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: desk.table.selected_key == "1")
        await pilot.press("down")
        await until(pilot, lambda: "There is nothing more. PgUp goes back." in shown(app))
        assert "Nobody fits." not in shown(app)
        await pilot.press("up")
        await until(pilot, lambda: desk.table.selected_key == "1")
