"""A manager at the terminal, and a branch with applications of every sort."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from textual.pilot import Pilot
from textual.screen import Screen

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.desk import Desk
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import EmployerKind, Housing, IncomeSource, Occupation
from bankcard_tui.screens.common.base import Page
from bankcard_tui.screens.manager import PAGES
from bankcard_tui.services.application_views import ApplicationRow
from bankcard_tui.services.applications import ApplicationFile, open_application
from bankcard_tui.services.customers import change_circumstances, open_file
from bankcard_tui.services.profile import Circumstances
from bankcard_tui.services.registration import Registered
from bankcard_tui.services.sign_in import me
from tests.branch import SOLID, Town
from tests.screens.widgets_kit import Branch, shown

WEAK = SOLID.model_copy(
    update={
        "employer": "Golden Dragon Noodle House",
        "employer_kind": EmployerKind.SELF_EMPLOYED,
        "occupation": Occupation.SERVICE,
        "years_employed": 1,
        "monthly_income": Money.yuan(6_200),
        "income_source": IncomeSource.DECLARED,
        "deposits": Money.yuan(3_000),
        "other_assets": None,
        "monthly_debt": Money.yuan(1_500),
        "times_overdue": 2,
        "housing": Housing.RENTED,
    }
)
HARDLY_KNOWN = Circumstances(monthly_income=Money.yuan(9_000), income_source=IncomeSource.PAYROLL)


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


def applicant(
    town: Town, username: str, name: str, circumstances: Circumstances = SOLID, wish: int = 10_000
) -> tuple[Registered, ApplicationRow]:
    """Somebody who registered, was verified at the counter, and applied."""
    _a_minute_later(town)
    customer = town.registers(username, name)
    town.verified(customer.customer_id, circumstances)
    return customer, town.applies(username, customer.customer_id, wish)


def stranger(town: Town, username: str, name: str) -> tuple[Registered, ApplicationRow]:
    """Somebody whom nobody has seen yet: no documents, no witnesses, no check of the income."""
    _a_minute_later(town)
    customer = town.registers(username, name)
    version = open_file(town.desk("teller"), customer.customer_id).version
    change_circumstances(town.desk("teller"), customer.customer_id, version, SOLID)
    return customer, town.applies(username, customer.customer_id)


def _a_minute_later(town: Town) -> None:
    assert isinstance(town.bank.clock, SimulatedClock)
    town.bank.clock.advance(timedelta(minutes=1))


def opened(town: Town, application: ApplicationRow) -> ApplicationFile:
    """The application as it is now, seen by somebody who has just sat down."""
    return open_application(town.sign_in("director", "another desk"), application.id)


def stands(town: Town, application: ApplicationRow) -> ApplicationRow:
    """How the application stands now."""
    return opened(town, application).row


async def settled(pilot: Pilot[None]) -> None:
    """Everything under way has been answered and painted."""
    for _ in range(2):
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def presses(pilot: Pilot[None], *keys: str) -> None:
    """Press keys one after the other, each when the one before is answered."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


async def types(pilot: Pilot[None], text: str) -> None:
    """Type ``text`` key by key."""
    await pilot.press(*("space" if character == " " else character for character in text))


async def until(pilot: Pilot[None], *texts: str) -> None:
    """Wait until all ``texts`` stand on the terminal."""
    for _ in range(100):
        await settled(pilot)
        if all(text in told(pilot) for text in texts):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{texts!r} do not stand here:\n{shown(pilot.app)}")


def told(pilot: Pilot[None]) -> str:
    """What stands on the terminal, as running text without frames."""
    return " ".join(shown(pilot.app).replace("│", " ").split())


def messages(pilot: Pilot[None]) -> list[str]:
    """What the person was told in passing."""
    return [note.message for note in pilot.app._notifications]
