"""Sign-ins: when customers registered and when they were here last."""

from __future__ import annotations

from typing import ClassVar
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.admin.staff_words import account_status
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.services.customer_sign_ins import SignInRow, customer_sign_ins
from bankcard_tui.widgets.dialogs import Message
from bankcard_tui.widgets.facts import Pair, fact_lines
from bankcard_tui.widgets.labels import day, moment
from bankcard_tui.widgets.safe import Tone, toned
from bankcard_tui.widgets.table import Column, Direction, Page, PagedTable, Row

COLUMNS = (
    Column(mark("Name"), 13, priority=1, grow=True),
    Column(mark("User name"), 12, priority=4),
    Column(mark("Registered"), 10, priority=2),
    Column(mark("Last sign-in"), 16, priority=3),
    Column(mark("Status"), 15, priority=5),
    Column(mark("Phone"), 15, priority=6),
)
DIALOG_CELLS = 64


class SignInsScreen(DeskScreen):
    """The customers with an account, the newest registration first; nothing of their profiles."""

    PAGE = "sign_ins"
    HELP = mark(
        "When each customer registered and signed in last, the newest registration first. Enter shows a line in full. "
        "Administrators see nothing else of a customer's profile."
    )
    BINDINGS: ClassVar = []

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, SignInRow] = {}

    def body(self) -> ComposeResult:
        empty = tr("No customer has registered yet. Tellers register customers, or customers do so at the lobby.")
        yield PagedTable(COLUMNS, self._fetch, empty_text=empty, id="sign-ins")

    def load(self) -> None:
        self.query_one(PagedTable).focus()

    def _fetch(self, cursor: object, direction: Direction) -> Page:
        page = customer_sign_ins(self.desk, cursor if isinstance(cursor, str) else None)
        self._rows.update({str(row.account_id): row for row in page.items})
        zone = ZoneInfo(self.zone)
        rows = [
            Row(
                str(row.account_id),
                (
                    row.name,
                    row.username,
                    day(row.registered_at.astimezone(zone).date()),
                    moment(row.last_sign_in_at, zone) if row.last_sign_in_at else toned(tr("never"), Tone.MUTED),
                    account_status(row.waits_for_activation, row.disabled_at),
                    row.phone,
                ),
            )
            for row in page.items
        ]
        return Page(rows, page.next, page.previous)

    @on(PagedTable.Chosen)
    def _open(self, event: PagedTable.Chosen) -> None:
        row, zone = self._rows[event.key], ZoneInfo(self.zone)
        pairs: list[Pair] = [
            (mark("Name"), row.name),
            (mark("User name"), row.username),
            (mark("Phone"), row.phone),
            (mark("Registered"), moment(row.registered_at, zone)),
            (mark("Last sign-in"), moment(row.last_sign_in_at, zone) if row.last_sign_in_at else tr("never")),
            (mark("Status"), account_status(row.waits_for_activation, row.disabled_at)),
        ]
        self.app.push_screen(Message(row.name, lambda: Content("\n").join(fact_lines(pairs, DIALOG_CELLS))))
