"""The accounts whose limits would differ most under a tried policy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.policy_page import BehindPage
from bankcard_tui.screens.common.what_if_text import signed
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.limit_views import Mover
from bankcard_tui.widgets.labels import amount, badge
from bankcard_tui.widgets.safe import Tone, heading, toned
from bankcard_tui.widgets.table import Column, Direction, Page, PagedTable, Row

_COLUMNS: Final = (
    Column(mark("Customer"), 12, grow=True, priority=1),
    Column(mark("Card"), 8, priority=4),
    Column(mark("Grade"), 11, priority=3),
    Column(mark("Limit"), 12, "right", priority=5),
    Column(mark("In force"), 12, "right", priority=2),
    Column(mark("Tried"), 12, "right", priority=1),
    Column(mark("Difference"), 12, "right", priority=1),
)


class PolicyMovers(BehindPage):
    """At most a hundred accounts, the largest difference first."""

    HELP = mark(
        "The accounts whose limits would differ most: the limit today, what the next evaluation would make of it under "
        "the policy in force, and what it would make of it as tried. Enter opens the customer's file."
    )
    BINDINGS: ClassVar[list[BindingType]] = []
    DEFAULT_CSS = """
    PolicyMovers .heading { height: 2; padding: 0 1; }
    """

    def __init__(self, page: str, movers: Sequence[Mover]) -> None:
        super().__init__(page)
        self._movers = {mover.account.hex: mover for mover in movers}

    def body(self) -> ComposeResult:
        title = tr("Largest differences: {count:account|accounts}", count=len(self._movers))
        amounts = toned(tr("yuan, after the next evaluation"), Tone.MUTED)
        yield Static(heading(title) + "   " + amounts, classes="heading", markup=False)
        opens = mark("Open") if self.may(Permission.SEE_CUSTOMERS) else ""
        yield PagedTable(_COLUMNS, self._fetch, enter=opens, id="movers")

    def load(self) -> None:
        self.query_one(PagedTable).focus()

    def _fetch(self, _cursor: Any, _direction: Direction) -> Page:
        return Page([Row(key, _cells(mover)) for key, mover in self._movers.items()])

    @on(PagedTable.Chosen)
    def _chosen(self, event: PagedTable.Chosen) -> None:
        from bankcard_tui.screens.teller.customer_file import CustomerFileScreen

        self.app.push_screen(CustomerFileScreen(self._movers[event.key].customer_id))


def _cells(mover: Mover) -> tuple[object, ...]:
    return (
        mover.customer,
        f"*{mover.last4}",
        badge(mover.grade),
        amount(mover.limit),
        amount(mover.after_now),
        amount(mover.after_then),
        signed(mover.after_then - mover.after_now),
    )
