"""Log: what everybody did and tried."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.admin.archives import ArchivesScreen
from bankcard_tui.screens.admin.chain import ChainScreen
from bankcard_tui.screens.admin.log_filter import LogFilter, filter_fields, read_filter
from bankcard_tui.screens.common.log_export import WORK, ask_for_export
from bankcard_tui.screens.common.undertaking import WorkPanel
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.log_export import LogFilters, export_log
from bankcard_tui.services.logs import LogRow, list_log
from bankcard_tui.widgets.dialogs import Ask
from bankcard_tui.widgets.entries import Entry, PasteRefused
from bankcard_tui.widgets.errands import problem_text
from bankcard_tui.widgets.log_rows import LOG_COLUMNS, entry_dialog, log_page
from bankcard_tui.widgets.safe import Tone, safe, status, toned
from bankcard_tui.widgets.table import Direction, Page, PagedTable

SEARCH_AFTER_SECONDS = 0.25
MOST_SEARCHED = 100


class LogScreen(ChainScreen):
    """All entries, the newest first; searched, filtered, opened, and checked against the chain."""

    PAGE = "whole_log"
    HELP = mark(
        "Everything that anybody did or tried, the newest first. Enter opens an entry with all its details.\n"
        "/ searches in user names, codes and details; f filters by person, action, outcome, days and record; x shows "
        "all entries again. e exports what is shown to a file.\n"
        "v checks every entry against the chain while you go on reading; V reads the archives to their ends as well. "
        "a shows the archives: entries in signed files, and pruning of what is old."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", mark("Search")),
        Binding("f", "filter", mark("Filter")),
        Binding("x", "clear", mark("Clear"), show=False),
        Binding("e", "export", mark("Export")),
        Binding("a", "archives", mark("Archives")),
    ]
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    LogScreen .search { height: 1; padding: 0 1; }
    LogScreen .search Static { width: auto; padding-right: 2; }
    LogScreen Entry { max-width: 40; }
    LogScreen .filters { height: auto; max-height: 3; padding: 0 1; margin-bottom: 1; }
    LogScreen .chain { height: auto; max-height: 3; padding: 0 1; margin-bottom: 1; display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._filter = LogFilter()
        self._rows: dict[str, LogRow] = {}
        self._waiting: Timer | None = None

    def body(self) -> ComposeResult:
        with Horizontal(classes="search"):
            yield Static(Content.assemble(("/ ", f"bold {Tone.ACCENT}"), tr("Search")), markup=False)
            yield Entry(self._filter.text, id="search")
        yield Static(classes="filters", markup=False)
        yield Static(classes="chain", markup=False)
        yield WorkPanel(WORK, self.refresh_bindings)
        yield PagedTable(LOG_COLUMNS, self._fetch, id="log", autoload=False)

    def load(self) -> None:
        self.paint_chain()
        self._show_filter()
        if not self.query_one("#search").has_focus:
            self.table.focus()

    @property
    def table(self) -> PagedTable:
        return self.query_one("#log", PagedTable)

    def _fetch(self, cursor: object, direction: Direction) -> Page:
        zone = ZoneInfo(self.zone)
        wanted = self._filter.parameters(zone)
        page = list_log(self.desk, **wanted, cursor=cursor if isinstance(cursor, str) else None)
        self._rows.update({str(row.seq): row for row in page.items})
        return log_page(page, zone)

    def _show_filter(self) -> None:
        """Say the filters in force and show the first page of what fits."""
        if self._filter.empty:
            words = toned(tr("All entries. f filters."), Tone.MUTED)
        else:
            words = Content.assemble(
                status(">", tr("Only"), Tone.ACCENT),
                " ",
                safe(self._filter.words()),
                "  ",
                toned(tr("x clears"), Tone.MUTED),
            )
        self.query_one(".filters", Static).update(words)
        self.table.empty_text = (
            tr("The log is empty.")
            if self._filter.empty
            else tr("No entry fits the filters. x shows all entries again.")
        )
        self.table.reload(first=True)

    def paint_chain(self) -> None:
        line = self.query_one(".chain", Static)
        line.display = self.checking or self.was_checked
        line.update(self.chain_words())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "archives":
            return self.may(Permission.ARCHIVE_LOGS) or self.may(Permission.PRUNE_LOGS)
        busy = any(panel.busy for panel in self.query(WorkPanel))
        if action == "export":
            return not busy
        if action == "back":
            return busy or any(search.has_focus for search in self.query("#search"))
        return super().check_action(action, parameters)

    def action_archives(self) -> None:
        """The archives of the log, and pruning."""
        self.app.push_screen(ArchivesScreen())

    def action_export(self) -> None:
        """Write what the filters show to a file."""
        desk, shown = self.desk, self._filter
        filters = LogFilters(**shown.parameters(ZoneInfo(self.zone)))
        which = tr("All entries.") if shown.empty else tr("Only {filters}", filters=shown.words())
        ask_for_export(
            self,
            which,
            lambda file, form, report: export_log(desk, file, form, filters, report=report),
            self.query_one(WorkPanel).look,
        )

    # Search and filters

    def action_search(self) -> None:
        self.query_one("#search").focus()

    @on(Input.Changed, "#search")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._waiting is not None:
            self._waiting.stop()
        self._waiting = self.set_timer(SEARCH_AFTER_SECONDS, self._search)

    @on(Input.Submitted, "#search")
    def _searched(self, event: Input.Submitted) -> None:
        event.stop()
        self._search()
        self.table.focus()

    def _search(self) -> None:
        text = " ".join(self.query_one("#search", Entry).value.split())[:MOST_SEARCHED]
        if text != self._filter.text:
            self._filter = replace(self._filter, text=text)
            self._show_filter()

    @on(PasteRefused)
    def _paste_refused(self, event: PasteRefused) -> None:
        event.stop()
        self.app.notify(problem_text(event.problem), severity="error", markup=False)

    def action_filter(self) -> None:
        """The form with all filters."""
        fields = filter_fields(self._filter)
        self.app.push_screen(
            Ask(lambda: tr("Show which entries?"), fields, lambda values, _: read_filter(values), submit=mark("Show")),
            self._filtered,
        )

    def action_clear(self) -> None:
        """All entries again, without what came of an export."""
        self.query_one(WorkPanel).forget()
        self._filtered(LogFilter())

    def _filtered(self, answer: object) -> None:
        if isinstance(answer, LogFilter):
            self._filter = answer
            search = self.query_one("#search", Entry)
            with search.prevent(Input.Changed):
                search.value = answer.text
            self._show_filter()
            self.table.focus()

    def action_back(self) -> None:
        """Esc: from the search into the table, else stop an export."""
        if self.query_one("#search").has_focus:
            self.table.focus()
        else:
            self.query_one(WorkPanel).ask_to_stop()

    # Entries

    @on(PagedTable.Chosen)
    def _open(self, event: PagedTable.Chosen) -> None:
        self.app.push_screen(entry_dialog(self._rows[event.key], ZoneInfo(self.zone)))
