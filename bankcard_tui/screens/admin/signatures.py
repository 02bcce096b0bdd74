"""The page To sign: what another admin asks for and one admin alone can't do."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.locale import mark
from bankcard_tui.screens.admin.signing import AdminSigning, title_of
from bankcard_tui.screens.common.signing import SigningKeys, altered_text
from bankcard_tui.screens.common.waiting import WaitingPage
from bankcard_tui.services.admin_requests import AdminRow, AlteredAdminRow, waiting_for_admins
from bankcard_tui.services.paging import Page
from bankcard_tui.widgets.action_labels import action_label
from bankcard_tui.widgets.facts import Facts
from bankcard_tui.widgets.safe import heading
from bankcard_tui.widgets.table import Column

_COLUMNS: Final = (
    Column(mark("Request"), 23, grow=True, priority=1),
    Column(mark("Account"), 12, priority=2),
    Column(mark("For you"), 22, priority=1),
    Column(mark("Asked by"), 12, priority=3),
    Column(mark("Expires"), 16, priority=4),
)


class AdminSignaturePage(WaitingPage[AdminRow, AlteredAdminRow]):
    """What waits for a second admin, the oldest first."""

    PAGE = "to_sign"
    COLUMNS = _COLUMNS
    HELP = mark(
        "What one administrator alone can't do waits here for a second one: changes of the accounts of administrators, "
        "of the rules for signing in, of the log.\n"
        "Enter opens a request; g signs, f refuses with a note, t takes your own request back. Nobody signs what they "
        "asked for or what concerns themselves, and what is not signed in time expires."
    )
    BINDINGS: ClassVar[list[BindingType]] = []
    signing: AdminSigning

    def __init__(self) -> None:
        super().__init__()
        self.signing = AdminSigning(self)

    def find(self, cursor: str | None) -> Page[AdminRow | AlteredAdminRow]:
        return waiting_for_admins(self.desk, cursor)

    def cells(self, row: AdminRow | AlteredAdminRow) -> tuple[Content | str, ...]:
        standing = self.signing.standing(row)
        if row.altered:
            return "", row.username, standing, "", ""
        request = row.request
        expires = self.signing.time(request.expires_at)
        return action_label(request.operation), row.username, standing, request.maker, expires

    def open(self, row: AdminRow | AlteredAdminRow) -> None:
        if row.altered:
            self.say_below(altered_text(row))
        else:
            self.app.push_screen(AdminRequestScreen(row, self.said))


class AdminRequestScreen(SigningKeys[AdminRow]):
    """One request with all that it would change."""

    PAGE = "to_sign"
    HELP = mark("What is asked for, by whom. g signs it, f refuses with a note, t takes your own request back.")
    DEFAULT_CSS = """
    AdminRequestScreen .heading { padding: 1 2 0 2; }
    AdminRequestScreen VerticalScroll { padding: 1 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = []
    signing: AdminSigning

    def __init__(self, row: AdminRow, then: Callable[[Content], None]) -> None:
        super().__init__()
        self._row = row
        self._then = then
        self.signing = AdminSigning(self)

    @property
    def at_hand(self) -> AdminRow:
        return self._row

    def body(self) -> ComposeResult:
        yield Static(heading(title_of(self._row)), classes="heading", markup=False)
        with VerticalScroll():
            yield Facts(self.signing.facts(self._row))

    def load(self) -> None:
        self.query_one(VerticalScroll).focus()

    def said(self, said: Content) -> None:
        self.dismiss()
        self._then(said)
