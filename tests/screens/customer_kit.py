"""A customer at the terminal: the screens of the customer in an application around them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID

from textual.pilot import Pilot
from textual.screen import Screen

from bankcard_tui.desk.desk import Desk
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import RefusalReason
from bankcard_tui.screens.customer import PAGES
from bankcard_tui.services.review import approve, claim, refuse, send_back
from bankcard_tui.services.sign_in import me
from tests.branch import Town
from tests.screens.widgets_kit import Branch, shown


class Terminal(Branch):
    """What the screens use of the application: desk, person, pages."""

    def __init__(self, desk: Desk, page: str = "home", opening: Callable[[], Screen[None]] | None = None) -> None:
        self.pages = PAGES
        self.desk = desk
        self.who = me(desk)
        self.opened: list[str] = []
        super().__init__(opening or self.page(page))

    def page(self, name: str) -> Callable[[], Screen[None]]:
        return next(page.open for page in self.pages if page.name == name)

    def open_page(self, name: str) -> None:
        self.opened.append(name)
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.push_screen(self.page(name)())


async def settled(pilot: Pilot[None]) -> None:
    """Everything under way has been answered and painted."""
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def until(pilot: Pilot[None], text: str) -> None:
    """Wait until ``text`` stands on the terminal; wide blanks and line ends do not count."""
    for _ in range(80):
        await settled(pilot)
        if text in told(pilot):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{text!r} does not stand here:\n{shown(pilot.app)}")


def told(pilot: Pilot[None]) -> str:
    """What stands on the terminal, as running text."""
    return " ".join(shown(pilot.app).split())


async def types(pilot: Pilot[None], text: str) -> None:
    """Type ``text`` into the field with the cursor."""
    await pilot.press(*text)


def returned(town: Town, application: UUID, note: str = "Please add the payslips of three months.") -> None:
    claim(town.desk("manager"), application)
    send_back(town.desk("manager"), application, note)


def refused(
    town: Town, application: UUID, reasons: tuple[RefusalReason, ...] = (RefusalReason.INCOME,), note: str = ""
) -> None:
    claim(town.desk("manager"), application)
    refuse(town.desk("manager"), application, reasons, note, against_reason="Policy of the week.")


def approved(town: Town, application: UUID, limit: int = 10_000) -> None:
    claim(town.desk("manager"), application)
    approve(town.desk("manager"), application, Money.yuan(limit))
