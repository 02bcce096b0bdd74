"""The branch, opened behind the first frame.

This module imports nothing that opens a store: what does, is imported by the thread that calls :meth:`Opening.bank`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from bankcard_tui.config import Settings
from bankcard_tui.errors import BankError

if TYPE_CHECKING:
    from bankcard_tui.desk.bank import Bank
    from bankcard_tui.desk.clock import Clock
    from bankcard_tui.desk.desk import Desk
    from bankcard_tui.screens.common.base import Page
    from bankcard_tui.services.own_account import AccountNews
    from bankcard_tui.services.sign_in import Who


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody who has just signed in."""

    desk: Desk
    who: Who
    pages: tuple[Page, ...]
    news: tuple[AccountNews, ...]
    """What others did to the account since the sign-in before."""


class Opening:
    """Opens the branch once, for whoever asks; after a failure the next who asks tries again.

    Every method but ``close`` blocks and belongs into a thread.
    """

    def __init__(self, settings: Settings, terminal: str, cost: int | None, clock: Clock | None) -> None:
        self._settings = settings
        self._terminal = terminal
        self._cost = cost
        self._clock = clock
        self._lock = Lock()
        self._bank: Bank | None = None
        self.opened: Callable[[], object] | None = None
        """Called when the branch stands open, with all that works on it imported."""
        self.problem: BankError | None = None
        """Why the last try failed."""

    def bank(self) -> Bank:
        """The opened branch. Raises a BankError when store or key can't be used."""
        with self._lock:
            if self._bank is None:
                try:
                    self._bank = self._open()
                except BankError as error:
                    self.problem = error
                    raise
                self.problem = None
                if self.opened is not None:
                    self.opened()
            return self._bank

    def lobby(self) -> Desk:
        """A desk of nobody at this terminal. Raises like :meth:`bank`."""
        return self.bank().lobby(self._terminal)

    def sign_in(self, username: str, password: str, code: str = "") -> Entered:
        """Sign in at this terminal. Raises SecondFactorNeeded, Refused, or like :meth:`bank`."""
        lobby = self.lobby()
        from bankcard_tui.screens.pages import pages_for
        from bankcard_tui.services.own_account import mine
        from bankcard_tui.services.sign_in import me, sign_in

        desk = sign_in(lobby, username, password, code)
        if desk.session_id is not None:
            desk.bank.presence.hold(desk.session_id)
        who = me(desk)
        return Entered(desk, who, pages_for(who.permissions, who.second_factor_due), mine(desk).news)

    def close(self) -> None:
        """Close the store; an opening that is still under way is left alone."""
        if self._bank is not None:
            self._bank.close()

    def _open(self) -> Bank:
        from bankcard_tui.desk.bank import Bank
        from bankcard_tui.screens.pages import pages_for
        from bankcard_tui.security.passwords import DEFAULT_COST
        from bankcard_tui.services.everything import operations

        # Whoever signs in finds the pages imported and every operation registered.
        operations()
        pages_for(frozenset())
        settings = self._settings
        cost = DEFAULT_COST if self._cost is None else self._cost
        return Bank.open(
            settings.home, key_file=settings.key_file, clock=self._clock, cost=cost, delivery=settings.delivery
        )
