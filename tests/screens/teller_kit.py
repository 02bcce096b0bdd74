"""A teller at the terminal: the screens of the counter in an application around them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID

from textual.pilot import Pilot
from textual.screen import Screen

from bankcard_tui.desk.desk import Desk
from bankcard_tui.rules.money import Money
from bankcard_tui.screens.common.base import Page
from bankcard_tui.screens.teller import PAGES
from bankcard_tui.services.cards import to_hand_over
from bankcard_tui.services.review import approve, claim, send_back
from bankcard_tui.services.sign_in import me
from tests.branch import Town
from tests.screens.widgets_kit import Branch, shown


class Terminal(Branch):
    """What the screens use of the application: desk, person, pages."""

    pages: tuple[Page, ...] = PAGES

    def __init__(self, desk: Desk, opening: str | Callable[[], Screen[None]] = "home") -> None:
        self.desk = desk
        self.who = me(desk)
        super().__init__(self.page(opening) if isinstance(opening, str) else opening)

    def page(self, name: str) -> Callable[[], Screen[None]]:
        return next(page.open for page in self.pages if page.name == name)

    def open_page(self, name: str) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.push_screen(self.page(name)())


async def settled(pilot: Pilot[None]) -> None:
    """Everything under way has been answered and painted."""
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def until(pilot: Pilot[None], *texts: str) -> None:
    """Wait until all ``texts`` stand on the terminal."""
    for _ in range(100):
        await settled(pilot)
        if all(text in told(pilot) for text in texts):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{texts!r} do not stand here:\n{shown(pilot.app)}")


async def types(pilot: Pilot[None], text: str) -> None:
    """Type ``text`` key by key."""
    await pilot.press(*("space" if character == " " else character for character in text))


def told(pilot: Pilot[None]) -> str:
    """What stands on the terminal, as running text; of a line under a dialog only what the dialog says."""
    lines = (line.split("│")[1] if line.count("│") > 1 else line for line in shown(pilot.app).splitlines())
    return " ".join(" ".join(lines).split())


def messages(pilot: Pilot[None]) -> list[str]:
    """What the person was told in passing."""
    return [note.message for note in pilot.app._notifications]


def returned(town: Town, application: UUID) -> None:
    """The manager sends an application back for documents."""
    claim(town.desk("manager"), application)
    send_back(town.desk("manager"), application, "Please add the payslips of three months.")


def issued(town: Town, application: UUID, limit: int = 10_000) -> UUID:
    """The manager approves; the card waits at the counter."""
    claim(town.desk("manager"), application)
    approve(town.desk("manager"), application, Money.yuan(limit))
    return to_hand_over(town.desk("teller")).items[-1].id
