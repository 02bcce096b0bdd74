"""A teller at the terminal: the screens of the counter in an application around them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from textual.screen import Screen

from bankcard_tui.desk.desk import Desk
from bankcard_tui.rules.money import Money
from bankcard_tui.screens.teller import PAGES
from bankcard_tui.services.cards import to_hand_over
from bankcard_tui.services.review import approve, claim, send_back
from tests.branch import Town
from tests.screens.terminal_kit import Station, messages, settled, told, types, until

__all__ = ["Terminal", "issued", "messages", "returned", "settled", "told", "types", "until"]


class Terminal(Station):
    """A teller's."""

    def __init__(self, desk: Desk, opening: str | Callable[[], Screen[None]] = "home") -> None:
        super().__init__(desk, PAGES, opening)


def returned(town: Town, application: UUID) -> None:
    """The manager sends an application back for documents."""
    claim(town.desk("manager"), application)
    send_back(town.desk("manager"), application, "Please add the payslips of three months.")


def issued(town: Town, application: UUID, limit: int = 10_000) -> UUID:
    """The manager approves; the card waits at the counter."""
    claim(town.desk("manager"), application)
    approve(town.desk("manager"), application, Money.yuan(limit))
    return to_hand_over(town.desk("teller")).items[-1].id
