"""A customer at the terminal: the screens of the customer in an application around them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from textual.screen import Screen

from bankcard_tui.desk.desk import Desk
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import RefusalReason
from bankcard_tui.screens.customer import PAGES
from bankcard_tui.services.review import approve, claim, refuse, send_back
from tests.branch import Town
from tests.screens.terminal_kit import Station, settled, told, types, until

__all__ = ["Terminal", "approved", "refused", "returned", "settled", "told", "types", "until"]


class Terminal(Station):
    """A customer's."""

    def __init__(self, desk: Desk, page: str = "home", opening: Callable[[], Screen[None]] | None = None) -> None:
        super().__init__(desk, PAGES, opening or page)


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
