"""The versions of the policy: what waits for a signature, what is scheduled, what is in force, what was."""

from __future__ import annotations

from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.common.policy_page import BehindPage
from bankcard_tui.screens.common.policy_request import PolicyRequest, PolicySigning
from bankcard_tui.screens.common.policy_version import PolicyVersion, state_badge
from bankcard_tui.screens.common.signing import altered_text
from bankcard_tui.services.policy_changes import CHANGING, waiting_changes
from bankcard_tui.services.policy_versions import list_versions
from bankcard_tui.services.policy_views import AlteredChange, VersionView, WaitingChange
from bankcard_tui.widgets.labels import count, day, moment
from bankcard_tui.widgets.safe import heading
from bankcard_tui.widgets.table import Column, Direction, Page, PagedTable, Row

_COLUMNS: Final = (
    Column(mark("Version"), 7, "right", priority=1),
    Column(mark("In force from"), 16, priority=1),
    Column(mark("State"), 22, priority=1),
    Column(mark("Changes"), 7, "right", priority=3),
    Column(mark("Proposed by"), 12, priority=2),
    Column(mark("Signed by"), 12, priority=4),
    Column(mark("Note"), 20, grow=True, priority=5),
)
_REQUEST: Final = "request-"


class PolicyVersions(BehindPage):
    """What waits first, then the versions, the newest first."""

    HELP = mark(
        "Every version that the policy has had or is to have, and who proposed and signed it. What waits for a "
        "signature stands on top.\n"
        "Enter opens one with all that it changes; there g signs what a colleague asks for, f refuses with a note, and "
        "t takes your own request back. A version that is scheduled takes force on its day by itself."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("u", "update", mark("Update"))]
    DEFAULT_CSS = """
    PolicyVersions .heading { height: 2; padding: 0 1; }
    PolicyVersions .said { height: auto; min-height: 1; max-height: 3; padding: 0 1; }
    """

    def __init__(self, page: str) -> None:
        super().__init__(page)
        self._signing = PolicySigning(self)
        self._rows: dict[str, VersionView | WaitingChange | AlteredChange] = {}

    def body(self) -> ComposeResult:
        yield Static(heading(tr("Versions of the policy")), classes="heading", markup=False)
        yield PagedTable(_COLUMNS, self._fetch, id="versions", autoload=False)
        yield Static("", classes="said", markup=False)

    def load(self) -> None:
        table = self.query_one(PagedTable)
        table.reload(first=True)
        table.focus()

    def _fetch(self, cursor: str | None, _direction: Direction) -> Page:
        found = list_versions(self.desk, cursor)
        waiting = waiting_for(self) if cursor is None else ()
        self._rows = {_REQUEST + _id(row): row for row in waiting} | {str(row.version): row for row in found.items}
        rows = [Row(key, self._cells(row)) for key, row in self._rows.items()]
        return Page(rows, found.next, found.previous)

    def _cells(self, row: VersionView | WaitingChange | AlteredChange) -> tuple[Content | str, ...]:
        if isinstance(row, AlteredChange):
            return "", "", self._signing.standing(row), "", "", "", ""
        changes = count(len(row.differences))
        if isinstance(row, WaitingChange):
            since = day(row.from_day) if row.from_day else tr("once signed")
            return "", since, self._signing.standing(row), changes, row.request.maker, "", row.note
        since = moment(row.in_force_from, ZoneInfo(self.zone))
        number = count(row.version)
        return number, since, state_badge(row.state), changes, row.proposed_by, row.approved_by, row.note

    @on(PagedTable.Chosen)
    def _chosen(self, event: PagedTable.Chosen) -> None:
        row = self._rows.get(event.key)
        if isinstance(row, AlteredChange):
            self._say(altered_text(row))
        elif isinstance(row, WaitingChange):
            self.app.push_screen(PolicyRequest(self.page, row, self._said))
        elif row is not None:
            self.app.push_screen(PolicyVersion(self.page, row))

    def _said(self, said: Content) -> None:
        """Show what came of it, and what is left."""
        self._say(said)
        self.query_one(PagedTable).reload()

    def _say(self, said: Content) -> None:
        self.query_one(".said", Static).update(said)

    def action_update(self) -> None:
        """Look again."""
        self._say(Content())
        self.query_one(PagedTable).reload()


def _id(row: WaitingChange | AlteredChange) -> str:
    return (row.id if isinstance(row, AlteredChange) else row.request.id).hex


def waiting_for(screen: DeskScreen) -> tuple[WaitingChange | AlteredChange, ...]:
    """What waits, as far as the person at ``screen`` may know; called in a thread."""
    return waiting_changes(screen.desk) if any(map(screen.may, CHANGING)) else ()
