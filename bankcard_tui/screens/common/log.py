"""The own log: what one did, and what others did about oneself."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.base import DeskScreen, Page
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.logs import LogRow, my_log
from bankcard_tui.widgets.log_rows import LOG_COLUMNS, entry_dialog, log_page
from bankcard_tui.widgets.table import Direction, PagedTable
from bankcard_tui.widgets.table import Page as TablePage


class MyLogScreen(DeskScreen):
    """Every entry that concerns whoever looks, the newest first."""

    PAGE = "log"
    HELP = mark(
        "What you did, and what others did with your data, the newest first. Nobody can change these entries. "
        "Enter shows an entry in full."
    )

    def __init__(self) -> None:
        super().__init__()
        self._entries: dict[str, LogRow] = {}

    def body(self) -> ComposeResult:
        yield PagedTable(LOG_COLUMNS, self._fetch, empty_text=tr("Nothing has been logged about you yet."), id="log")

    def _fetch(self, cursor: Any, _direction: Direction) -> TablePage:
        page = my_log(self.desk, cursor)
        self._entries = {str(entry.seq): entry for entry in page.items}
        return log_page(page, ZoneInfo(self.zone))

    @on(PagedTable.Chosen)
    def _open(self, event: PagedTable.Chosen) -> None:
        entry = self._entries.get(event.key)
        if entry is not None:
            self.app.push_screen(entry_dialog(entry, ZoneInfo(self.zone)))


MY_LOG = Page("log", mark("My log"), (Permission.OWN_LOG,), MyLogScreen)
