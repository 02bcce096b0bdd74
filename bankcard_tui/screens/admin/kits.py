"""The recovery kits of the branch: which are in force, who registered them, and taking one out."""

from __future__ import annotations

from typing import ClassVar, Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.admin.backup_kits import ask_for_kit
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.services.backup_recipients import KitView, list_recipients, remove_recipient
from bankcard_tui.widgets.dialogs import Confirm, Message
from bankcard_tui.widgets.facts import Pair, fact_lines
from bankcard_tui.widgets.labels import moment
from bankcard_tui.widgets.safe import Tone, heading, safe, status, truncate
from bankcard_tui.widgets.table import Column, Direction, Page, PagedTable, Row

FACTS_CELLS: Final = 64
NAME_CELLS: Final = 40
COLUMNS: Final = (
    Column(mark("Name of the kit"), 24, priority=1, grow=True),
    Column(mark("State"), 12, priority=1),
    Column(mark("Registered"), 16, priority=2),
    Column(mark("By"), 10, priority=3),
    Column(mark("Taken out"), 16, priority=4),
)


class KitsScreen(DeskScreen):
    """Every kit that was ever registered, the newest first."""

    PAGE = "backups"
    HELP = mark(
        "A recovery kit is the file with which a backup opens on any other machine. Each kit in force opens every "
        "backup that is made from now on.\n"
        "m makes another one. t takes the chosen one out, when it was lost or somebody saw it: backups from then on "
        "do not open with it. Those that were made before still do: make a new backup, and destroy the old ones where "
        "that matters.\n"
        "Enter shows everything about a kit."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "make", mark("Make a kit")),
        Binding("t", "take_out", mark("Take out")),
    ]
    DEFAULT_CSS = """
    KitsScreen .title { margin: 0 1 1 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, KitView] = {}

    def body(self) -> ComposeResult:
        yield Static(heading(tr("Recovery kits")), classes="title", markup=False)
        empty = tr("There is no recovery kit yet. m makes one.")
        yield PagedTable(COLUMNS, self._fetch, empty_text=empty, id="kits")

    def load(self) -> None:
        self.table.focus()

    @property
    def table(self) -> PagedTable:
        return self.query_one("#kits", PagedTable)

    @property
    def chosen(self) -> KitView | None:
        """The kit under the cursor."""
        return self._rows.get(self.table.selected_key or "")

    def _fetch(self, cursor: object, direction: Direction) -> Page:
        page = list_recipients(self.desk, cursor if isinstance(cursor, str) else None)
        self._rows.update({str(each.id): each for each in page.items})
        zone = ZoneInfo(self.zone)
        return Page([_row(each, zone) for each in page.items], page.next, page.previous)

    @on(PagedTable.Moved)
    def _moved(self) -> None:
        self.refresh_bindings()

    @on(PagedTable.Chosen)
    def _open(self, event: PagedTable.Chosen) -> None:
        kit, zone = self._rows[event.key], ZoneInfo(self.zone)
        self.app.push_screen(
            Message(lambda: tr("Recovery kit"), lambda: Content("\n").join(fact_lines(_facts(kit, zone), FACTS_CELLS)))
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "take_out":
            tables = self.query("#kits").results(PagedTable)
            kit = next((self._rows.get(table.selected_key or "") for table in tables), None)
            return kit is not None and kit.removed_at is None
        return super().check_action(action, parameters)

    def action_make(self) -> None:
        """Make another kit."""
        ask_for_kit(self, lambda: self.table.reload(first=True))

    def action_take_out(self) -> None:
        """Take the kit under the cursor out, when the person confirms."""
        kit, key = self.chosen, uuid4().hex
        if kit is None:
            return
        name = truncate(kit.label, NAME_CELLS).plain

        def answered(yes: bool | None) -> None:
            if yes:
                self.work(lambda: remove_recipient(self.desk.once(key), kit.id), self._taken_out, group="take-out")

        question = Confirm(
            lambda: tr("Take out {name}?", name=name), self._what_it_means, lambda: tr("Take the kit out")
        )
        self.app.push_screen(question, answered)

    def _what_it_means(self) -> Content:
        lines = [
            safe(tr("Backups made from now on do not open with it. The earlier ones still do: make a new one now.")),
        ]
        if sum(each.removed_at is None for each in self._rows.values()) == 1:
            words = tr("It is the last one in force: make another one before the next backup.")
            lines.append(status("!", words, Tone.WARNING))
        return Content("\n\n").join(lines)

    def _taken_out(self, _: object) -> None:
        self.app.notify(tr("The kit is taken out. Make a new backup now."), markup=False)
        self.table.reload()


def _state(kit: KitView) -> Content:
    if kit.removed_at is None:
        return status("+", tr("In force"), Tone.GOOD)
    return status("-", tr("Out of use"), Tone.MUTED)


def _row(kit: KitView, zone: ZoneInfo) -> Row:
    out = moment(kit.removed_at, zone) if kit.removed_at else "-"
    return Row(str(kit.id), (kit.label, _state(kit), moment(kit.added_at, zone), kit.added_by, out))


def _facts(kit: KitView, zone: ZoneInfo) -> list[Pair]:
    pairs: list[Pair] = [
        (mark("Name of the kit"), kit.label),
        (mark("State"), _state(kit)),
        (mark("Registered"), moment(kit.added_at, zone)),
        (mark("By"), kit.added_by),
        (mark("Recipient"), kit.recipient),
    ]
    if kit.removed_at is not None:
        pairs.append((mark("Taken out"), moment(kit.removed_at, zone)))
    return pairs
