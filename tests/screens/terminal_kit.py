"""Somebody at a terminal: the screens of a role in an application around them, driven by keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.screen import ModalScreen, Screen

from bankcard_tui.desk.desk import Desk
from bankcard_tui.screens.common.base import Page
from bankcard_tui.services.sign_in import me
from tests.screens.widgets_kit import Branch, shown

PATIENCE_SECONDS = 30.0
STEP_SECONDS = 0.02


class Station(Branch):
    """What the screens use of the application: desk, person, pages; ``opened`` are the pages asked for."""

    def __init__(self, desk: Desk, pages: Sequence[Page], opening: str | Callable[[], Screen[None]]) -> None:
        self.pages = tuple(pages)
        self.desk = desk
        self.who = me(desk)
        self.opened: list[str] = []
        super().__init__(self.page(opening) if isinstance(opening, str) else opening)

    def page(self, name: str) -> Callable[[], Screen[None]]:
        return next(page.open for page in self.pages if page.name == name)

    def open_page(self, name: str) -> None:
        self.opened.append(name)
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.push_screen(self.page(name)())


async def settled(pilot: Pilot[Any]) -> None:
    """Everything under way has been answered and painted, and what the answers have set going too."""
    await pilot.pause()
    app = pilot.app
    while app.is_running and app._exception is None and not at_rest(app):
        await app.workers.wait_for_complete()
        await pilot.pause()


def at_rest(app: App[Any]) -> bool:
    """Whether nothing waits any more: no work, no message, no layout, no painting.

    A pause alone does not say so. It takes a process that gets no share of a busy machine for one that has nothing to
    do; and it ends with a layout, whose messages to the widgets (its size to a table and its scroll bar) come after.
    """
    if not all(worker.is_finished for worker in app.workers):
        return False
    screen = app.screen
    to_paint = screen._layout_required or screen._scroll_required or screen._repaint_required or screen._dirty_widgets
    if to_paint or screen._recompose_required or screen._callbacks:
        return False
    return not any(
        node.message_queue_size or node._next_callbacks for node in (app, *screen.walk_children(with_self=True))
    )


async def presses(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys one after the other, each when the one before is answered."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


async def types(pilot: Pilot[Any], text: str) -> None:
    """Type ``text`` key by key into the field with the cursor."""
    await pilot.press(*("space" if character == " " else character for character in text))


async def until(pilot: Pilot[Any], *texts: str) -> None:
    """Wait until all ``texts`` stand on the terminal; wide blanks and line ends do not count."""
    clock = asyncio.get_running_loop()
    end = clock.time() + PATIENCE_SECONDS
    await settled(pilot)
    while missing := [text for text in texts if text not in told(pilot)]:
        assert clock.time() < end, f"{missing!r} do not stand here:\n{shown(pilot.app)}"
        await asyncio.sleep(STEP_SECONDS)
        await settled(pilot)


def told(pilot: Pilot[Any]) -> str:
    """What stands on the terminal, as running text without frames; under a dialog only what the dialog says."""
    lines = shown(pilot.app).splitlines()
    if isinstance(pilot.app.screen, ModalScreen):
        lines = [line.split("│")[1] if line.count("│") > 1 else line for line in lines]
    return " ".join(" ".join(lines).replace("│", " ").split())


def messages(pilot: Pilot[Any]) -> list[str]:
    """What the person was told in passing."""
    return [note.message for note in pilot.app._notifications]
