"""The own log: what one did, and what others did about oneself."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.terms import STAFF_ROLES
from bankcard_tui.screens.common.base import DeskScreen, Page
from bankcard_tui.screens.common.log_export import WORK, ask_for_export
from bankcard_tui.screens.common.undertaking import WorkPanel
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.log_export import export_own_log
from bankcard_tui.services.logs import LogRow, my_log
from bankcard_tui.widgets.log_rows import LOG_COLUMNS, entry_dialog, log_page
from bankcard_tui.widgets.table import Direction, PagedTable
from bankcard_tui.widgets.table import Page as TablePage


class MyLogScreen(DeskScreen):
    """Every entry that concerns whoever looks, the newest first."""

    PAGE = "log"
    HELP = mark(
        "What you did, and what others did with your data, the newest first. Nobody can change these entries. "
        "Enter shows an entry in full; staff export them all to a file with e."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "export", mark("Export")),
        Binding("x", "clear", mark("Clear"), show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._entries: dict[str, LogRow] = {}

    def body(self) -> ComposeResult:
        yield WorkPanel(WORK, self.refresh_bindings)
        yield PagedTable(LOG_COLUMNS, self._fetch, empty_text=tr("Nothing has been logged about you yet."), id="log")

    def _fetch(self, cursor: Any, _direction: Direction) -> TablePage:
        page = my_log(self.desk, cursor)
        self._entries = {str(entry.seq): entry for entry in page.items}
        return log_page(page, ZoneInfo(self.zone))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        busy = any(panel.busy for panel in self.query(WorkPanel))
        if action == "export":
            # A customer has no folder on a machine of the bank.
            return not busy and self.shell.who.role in STAFF_ROLES
        if action == "back":
            return busy or len(self.app.screen_stack) > 2
        return super().check_action(action, parameters)

    def action_back(self) -> None:
        """Esc: stop an export, else back."""
        panel = self.query_one(WorkPanel)
        if panel.busy:
            panel.ask_to_stop()
        else:
            super().action_back()

    def action_clear(self) -> None:
        """Take away what came of an export."""
        self.query_one(WorkPanel).forget()

    def action_export(self) -> None:
        """Write the own entries to a file."""
        desk = self.desk
        ask_for_export(
            self,
            tr("All entries that concern you."),
            lambda file, form, report: export_own_log(desk, file, form, report=report),
            self.query_one(WorkPanel).look,
        )

    @on(PagedTable.Chosen)
    def _open(self, event: PagedTable.Chosen) -> None:
        entry = self._entries.get(event.key)
        if entry is not None:
            self.app.push_screen(entry_dialog(entry, ZoneInfo(self.zone)))


MY_LOG = Page("log", mark("My log"), (Permission.OWN_LOG,), MyLogScreen)
