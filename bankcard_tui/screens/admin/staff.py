"""Staff: all accounts of people who work here."""

from __future__ import annotations

from functools import partial
from typing import ClassVar
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.terms import STAFF_ROLES, Role
from bankcard_tui.screens.admin.staff_file import StaffFileScreen
from bankcard_tui.screens.admin.staff_form import AddStaffScreen
from bankcard_tui.screens.admin.staff_steps import StaffSteps
from bankcard_tui.screens.admin.staff_words import account_status
from bankcard_tui.services.staff import StaffFile, StaffRow, list_staff, open_staff
from bankcard_tui.widgets.dialogs import Choose, Option
from bankcard_tui.widgets.labels import day, label, moment
from bankcard_tui.widgets.safe import Tone, heading, safe, toned
from bankcard_tui.widgets.table import Column, Direction, Page, PagedTable, Row

COLUMNS = (
    Column(mark("Name"), 12, priority=1, grow=True),
    Column(mark("User name"), 12, priority=3),
    Column(mark("Role"), 13, priority=4),
    Column(mark("Status"), 13, priority=2),
    Column(mark("Last sign-in"), 16, priority=5),
    Column(mark("Created"), 10, priority=6),
)
ALL = "all"


class StaffScreen(StaffSteps):
    """The list; Enter opens an account with its permissions."""

    PAGE = "staff"
    HELP = mark(
        "Everybody who works here. a adds an account; its person activates it alone with two half-codes, which two "
        "colleagues show with o. Enter opens an account with its permissions.\n"
        "d disables an account: its person can't sign in any more, the history stays; e enables it again. f shows one "
        "role only. r resets a forgotten password: only its person chooses the next one.\n"
        "Nobody changes their own account, and what is done to an administrator waits for a second one's signature."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", mark("Add")),
        Binding("f", "filter", mark("Filter")),
    ]
    DEFAULT_CSS = """
    StaffScreen .heading { padding: 0 1; height: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._role: Role | None = None
        self._rows: dict[str, StaffRow] = {}

    def body(self) -> ComposeResult:
        yield Static(self._heading(), classes="heading", markup=False)
        yield PagedTable(COLUMNS, self._fetch, empty_text=tr("Nobody has this role. a adds an account."), id="staff")

    def load(self) -> None:
        self.table.focus()

    @property
    def table(self) -> PagedTable:
        return self.query_one("#staff", PagedTable)

    @property
    def chosen(self) -> StaffRow | None:
        return self._rows.get(self.table.selected_key or "") if self.query("#staff") else None

    def after_change(self) -> None:
        self.table.reload()

    def _heading(self) -> Content:
        words = tr("All staff") if self._role is None else tr("Staff with the role {role}", role=label(self._role))
        return heading(words)

    def _fetch(self, cursor: object, direction: Direction) -> Page:
        page = list_staff(self.desk, self._role, cursor if isinstance(cursor, str) else None)
        self._rows.update({str(row.id): row for row in page.items})
        zone = ZoneInfo(self.zone)
        rows = [
            Row(
                str(row.id),
                (
                    row.name,
                    row.username,
                    label(row.role),
                    account_status(row.waits_for_activation, row.disabled_at, row.waits_for_second_admin),
                    moment(row.last_sign_in_at, zone) if row.last_sign_in_at else toned(tr("never"), Tone.MUTED),
                    day(row.created_at.astimezone(zone).date()),
                ),
            )
            for row in page.items
        ]
        return Page(rows, page.next, page.previous)

    @on(PagedTable.Moved)
    def _moved(self) -> None:
        self.refresh_bindings()

    @on(PagedTable.Chosen)
    def _open(self, event: PagedTable.Chosen) -> None:
        row = self._rows[event.key]
        self.work(lambda: open_staff(self.desk, row.id), self._opened, group="open")

    def _opened(self, file: StaffFile) -> None:
        self.app.push_screen(StaffFileScreen(file), lambda _: self.table.reload())

    def action_add(self) -> None:
        self.app.push_screen(AddStaffScreen(), lambda _: self.table.reload())

    def action_filter(self) -> None:
        options = [Option(ALL, lambda: safe(tr("All staff")))]
        options += [Option(role.value, partial(label, role)) for role in STAFF_ROLES]
        self.app.push_screen(Choose(lambda: tr("Show which role?"), options), self._filtered)

    def _filtered(self, answer: str | None) -> None:
        if answer is not None:
            self._role = None if answer == ALL else Role(answer)
            self.query_one(".heading", Static).update(self._heading())
            self.table.reload(first=True)
