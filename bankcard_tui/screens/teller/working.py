"""What the screens of the counter share: telling, asking, moments in the branch's zone, going to a customer."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from bankcard_tui.desk.desk import Desk
from bankcard_tui.errors import BankError, Conflict
from bankcard_tui.locale import tr
from bankcard_tui.rules.text import visible
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.security.permissions import Permission
from bankcard_tui.widgets.dialogs import Confirm, Message, Words
from bankcard_tui.widgets.errands import SESSION_PROBLEMS, tell
from bankcard_tui.widgets.labels import day, moment
from bankcard_tui.widgets.safe import truncate
from bankcard_tui.widgets.table import Direction, Page, Row

T = TypeVar("T")

BREAKPOINTS: Final = [(0, "-narrow"), (100, "-wide")]
"""From 100 columns on, screens stand in two columns."""


class TellerScreen(DeskScreen):
    """A screen of the counter.

    ``NEEDS`` names the permissions of each action, any of which allows it; without one the action is not there.
    """

    HORIZONTAL_BREAKPOINTS = BREAKPOINTS
    NEEDS: ClassVar[Mapping[str, tuple[Permission, ...]]] = {}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        needed = self.NEEDS.get(action, ())
        return (not needed or any(self.may(each) for each in needed)) and super().check_action(action, parameters)

    def at(self, value: datetime) -> str:
        """``2026-11-21 14:05`` at the branch."""
        return moment(value, ZoneInfo(self.zone))

    def on_day(self, value: datetime) -> str:
        """``2026-11-21``, the day at the branch."""
        return day(value.astimezone(ZoneInfo(self.zone)).date())

    def today(self) -> date:
        """The calendar day at the branch."""
        return self.desk.bank.clock.now().astimezone(ZoneInfo(self.zone)).date()

    def say(self, text: str, *, warning: bool = False) -> None:
        """A sentence (translated already) that needs no answer."""
        self.app.notify(visible(text), severity="warning" if warning else "information", markup=False)

    def tell_all(self, title: Words, text: Words) -> None:
        """A sentence (translated already) that the person reads before going on."""
        self.app.push_screen(Message(title, text))

    def confirmed(
        self,
        title: Words,
        body: Words,
        label: Words,
        call: Callable[[Desk], T],
        then: Callable[[T], object],
        *,
        on_conflict: Callable[[], object] | None = None,
        destructive: bool = False,
    ) -> None:
        """Ask, and on yes do ``call`` once, at a desk with a key of its own; a conflict reloads by ``on_conflict``."""
        desk = self.desk.once(uuid.uuid4().hex)

        def failed(error: BankError) -> None:
            if isinstance(error, SESSION_PROBLEMS):
                return
            tell(self.app, error)
            if isinstance(error, Conflict) and on_conflict is not None:
                on_conflict()

        def answered(yes: bool | None) -> None:
            if yes:
                self.work(lambda: call(desk), then, on_problem=failed, group="confirmed")

        self.app.push_screen(Confirm(title, body, label, destructive=destructive), answered)

    def open_customer(self, customer: UUID) -> None:
        """Go to a customer's file."""
        from bankcard_tui.screens.teller.customer_file import CustomerFileScreen

        self.app.push_screen(CustomerFileScreen(customer))

    def page_key(self, name: str) -> str:
        """The key of the first-level page ``name``, as F4; empty where the person has no such page."""
        names = [page.name for page in self.shell.pages]
        return f"F{names.index(name) + 2}" if name in names else ""


def pages_of(rows: Sequence[Row], size: int = 100) -> Callable[[Any, Direction], Page]:
    """A fetch for rows that are here already, in pages of ``size``; a cursor is the number of a row."""

    def fetch(cursor: Any, direction: Direction) -> Page:
        start = cursor or 0
        following = start + size
        return Page(
            rows[start:following],
            next=following if following < len(rows) else None,
            previous=max(0, start - size) if start else None,
        )

    return fetch


def short(name: str) -> str:
    """A name inside a sentence: long ones are cut to 40 cells; the file behind shows them whole."""
    return truncate(name, 40).plain


def joined(lines: Sequence[str]) -> str:
    """Those of ``lines`` that say something, each on its own line."""
    return "\n".join(line for line in lines if line)


def counted(label: str, number: int, key: str) -> str:
    """``3 to activate (F5)``: ``label`` is English, marked, with {count}."""
    return tr(label, count=f"{number:,}") + (f" ({key})" if key else "")
