"""Customers who registered themselves and wait to be seen at the counter."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.teller.counter import CUSTOMER_COLUMNS, customer_row
from bankcard_tui.screens.teller.working import TellerScreen
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.customers import claims
from bankcard_tui.widgets.safe import Tone, toned
from bankcard_tui.widgets.table import Direction, Page, PagedTable


class ClaimsScreen(TellerScreen):
    """Self-registered customers, the newest first; Enter opens the file, where v or s settles the claim."""

    PAGE = "claims"
    HELP = mark(
        "Whoever registers alone only claims to be the holder of the ID number. Open the customer with Enter when "
        "they stand at the counter. If the bank did not know the number, verifying the identity (v) settles the "
        "claim; if it did, compare the two and settle it with s."
    )
    DEFAULT_CSS = """
    ClaimsScreen .hint { height: auto; margin: 0 1 1 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown_before = False

    def body(self) -> ComposeResult:
        hint = tr("They registered alone: see person, papers and signature at the counter.")
        yield Static(toned(hint, Tone.MUTED), classes="hint", markup=False)
        empty = tr("Nobody waits: everybody who registered alone has been seen. Customers are found with F2.")
        opens = mark("Open") if self.may(Permission.SEE_CUSTOMERS) else ""
        yield PagedTable(CUSTOMER_COLUMNS, self._fetch, empty_text=empty, enter=opens, id="claims")

    def on_mount(self) -> None:
        self.query_one(PagedTable).focus()

    def on_screen_resume(self) -> None:
        # The first showing is loaded by the table itself.
        if self._shown_before:
            self.query_one(PagedTable).reload()
        self._shown_before = True

    def _fetch(self, cursor: Any, direction: Direction) -> Page:
        found = claims(self.desk, cursor)
        return Page([customer_row(self, row) for row in found.items], found.next, found.previous)

    @on(PagedTable.Chosen)
    def _open(self, event: PagedTable.Chosen) -> None:
        self.open_customer(UUID(event.key))
