"""The application around the admin's screens, at the desk of somebody of the test branch."""

from __future__ import annotations

from collections.abc import Callable

from textual.events import Paste
from textual.pilot import Pilot

from bankcard_tui.desk.desk import Desk
from bankcard_tui.screens.admin import PAGES
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.services.sign_in import me
from tests.screens.terminal_kit import settled
from tests.screens.widgets_kit import Branch, shown

__all__ = ["PAGE", "VIEWS", "AdminApp", "press", "settled", "typed"]

PAGE = {page.name: page for page in PAGES}
VIEWS = [((80, 24), "zh_CN"), ((120, 40), "en")]
"""Terminals and languages for what is about the work rather than the looks."""


class AdminApp(Branch):
    """Opens a page as the shell does; ``told`` keeps what was notified."""

    def __init__(self, desk: Desk, opening: Callable[[], DeskScreen] | str) -> None:
        super().__init__(PAGE[opening].open if isinstance(opening, str) else opening)
        self.desk = desk
        self.who = me(desk)
        self.pages = tuple(page for page in PAGES if self.who.permissions & {*page.permissions})
        self.told: list[str] = []

    def open_page(self, name: str) -> None:
        self.switch_screen(PAGE[name].open())

    def notify(self, message: str, **how: object) -> None:
        self.told.append(message)


async def press(pilot: Pilot[None], *keys: str) -> str:
    """Press keys one after another and wait for the work that follows; what stands on the terminal then."""
    await pilot.press(*keys)
    await settled(pilot)
    return shown(pilot.app)


async def typed(pilot: Pilot[None], text: str) -> None:
    """Paste a text into the field under the cursor, which is a key too and quicker than one key a character."""
    pilot.app.post_message(Paste(text))
    await pilot.pause()
