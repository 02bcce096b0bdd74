"""A manager at the terminal, and a branch with applications of every sort."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from textual.screen import Screen

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.desk import Desk
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import EmployerKind, Housing, IncomeSource, Occupation
from bankcard_tui.screens.manager import PAGES
from bankcard_tui.services.application_views import ApplicationRow
from bankcard_tui.services.applications import ApplicationFile, open_application
from bankcard_tui.services.customers import change_circumstances, open_file
from bankcard_tui.services.profile import Circumstances
from bankcard_tui.services.registration import Registered
from tests.branch import SOLID, Town
from tests.screens.terminal_kit import Station, messages, presses, settled, told, types, until

__all__ = [
    "HARDLY_KNOWN",
    "WEAK",
    "Terminal",
    "applicant",
    "messages",
    "opened",
    "presses",
    "settled",
    "stands",
    "stranger",
    "told",
    "types",
    "until",
]

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


class Terminal(Station):
    """A manager's."""

    def __init__(self, desk: Desk, opening: str | Callable[[], Screen[None]] = "home") -> None:
        super().__init__(desk, PAGES, opening)


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
