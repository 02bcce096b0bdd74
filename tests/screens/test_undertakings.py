"""Long work at a terminal: it is shown, goes on behind other pages, can be stopped, and says what came of it."""

from __future__ import annotations

from threading import Event

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot

from bankcard_tui.errors import Conflict
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.common.undertaking import Undertaking, WorkPanel, undertake
from bankcard_tui.widgets.dialogs import Confirm
from bankcard_tui.widgets.safe import Tone, status
from tests.branch import Town
from tests.screens.admin_kit import AdminApp, settled
from tests.screens.widgets_kit import shown

PATIENCE_SECONDS = 20


class Counting(DeskScreen):
    """A page with a work that goes on until the test lets it."""

    PAGE = "home"

    def __init__(self, go_on: Event, problem: Conflict | None = None) -> None:
        super().__init__()
        self.go_on, self.problem, self.ended = go_on, problem, 0

    def body(self) -> ComposeResult:
        yield WorkPanel("count", self._ended)

    def _ended(self) -> None:
        self.ended += 1

    def begin(self) -> None:
        undertake(self, "count", "Backup", self._count, lambda number: status("+", f"counted {number}", Tone.GOOD))
        self.query_one(WorkPanel).look()

    def _count(self, work: Undertaking[int]) -> int:
        work.report("Before", 0, 0)
        work.report("Log", 1, 4)
        for _ in range(PATIENCE_SECONDS * 100):
            if self.go_on.wait(0.01):
                break
            work.report("Log", 2, 4)
        if self.problem is not None:
            raise self.problem
        return 7

    def action_back(self) -> None:
        self.query_one(WorkPanel).ask_to_stop()


async def seen(pilot: Pilot[None], text: str) -> str:
    for _ in range(PATIENCE_SECONDS * 20):
        if text in shown(pilot.app):
            return shown(pilot.app)
        await pilot.pause(0.05)
    raise AssertionError(shown(pilot.app))


def page_of(app: AdminApp) -> Counting:
    screen = app.screen
    assert isinstance(screen, Counting)
    return screen


async def test_work_says_what_it_does_and_then_what_came_of_it(town: Town) -> None:
    go_on = Event()
    app = AdminApp(town.desk("admin"), lambda: Counting(go_on))
    async with app.run_test() as pilot:
        await pilot.pause()
        page_of(app).begin()
        text = await seen(pilot, "50 %")
        assert "+ Before" in text
        assert "~ Log" in text
        go_on.set()
        await seen(pilot, "+ counted 7")
        assert page_of(app).ended == 1
        assert app.told == []


async def test_work_goes_on_while_another_page_is_open_and_is_there_on_coming_back(town: Town) -> None:
    go_on = Event()
    app = AdminApp(town.desk("admin"), lambda: Counting(go_on))
    async with app.run_test() as pilot:
        await pilot.pause()
        page_of(app).begin()
        await app.switch_screen(Counting(go_on))
        await pilot.pause(0.3)
        await seen(pilot, "50 %")
        app.open_page("policy")
        await pilot.pause()
        go_on.set()
        await settled(pilot)
        assert app.told == ["Backup: done."]
        await app.switch_screen(Counting(go_on))
        await pilot.pause(0.3)
        await seen(pilot, "+ counted 7")


async def test_work_stops_when_its_person_says_so_twice(town: Town) -> None:
    app = AdminApp(town.desk("admin"), lambda: Counting(Event()))
    async with app.run_test() as pilot:
        await pilot.pause()
        page_of(app).begin()
        await seen(pilot, "50 %")
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, Confirm)
        await pilot.press("enter")  # the cursor stands on Cancel
        await pilot.pause()
        assert page_of(app).query_one(WorkPanel).busy
        await pilot.press("escape")
        await pilot.pause()
        await pilot.press("y")
        await seen(pilot, "! This was stopped")


async def test_a_problem_stands_there_with_its_hint_until_it_is_taken_away(town: Town) -> None:
    go_on = Event()
    go_on.set()
    problem = Conflict("The disk is full.", hint="Make room.")
    app = AdminApp(town.desk("admin"), lambda: Counting(go_on, problem))
    async with app.run_test() as pilot:
        await pilot.pause()
        page_of(app).begin()
        await seen(pilot, "x The disk is full. Make room.")
        page_of(app).query_one(WorkPanel).forget()
        await pilot.pause()
        assert "The disk is full" not in shown(app)


async def test_who_signs_in_later_does_not_see_what_another_began(town: Town) -> None:
    go_on = Event()
    app = AdminApp(town.desk("admin"), lambda: Counting(go_on))
    async with app.run_test() as pilot:
        await pilot.pause()
        page_of(app).begin()
        app.desk = town.desk("admin2")
        await app.switch_screen(Counting(go_on))
        await pilot.pause(0.3)
        go_on.set()
        await settled(pilot)
        assert "Backup" not in shown(app).split("\n", 2)[2]
        assert app.told == []


async def test_a_crash_in_the_work_ends_the_application(town: Town) -> None:
    class Broken(Counting):
        def _count(self, work: Undertaking[int]) -> int:
            raise ZeroDivisionError

    async def work(app: AdminApp) -> None:
        async with app.run_test() as pilot:
            await pilot.pause()
            page_of(app).begin()
            await settled(pilot)

    with pytest.raises(Exception, match="ZeroDivisionError"):
        await work(AdminApp(town.desk("admin"), lambda: Broken(Event())))
