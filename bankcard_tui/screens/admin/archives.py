"""Archives of the log: what lies in signed files, and what is pruned in the store because two people signed it."""

from __future__ import annotations

from typing import ClassVar, Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from bankcard_tui.desk.results import Result
from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.terms import ArchiveKind
from bankcard_tui.screens.admin.backup_words import size_words
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.common.undertaking import WorkPanel, undertake
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.log_archive import ArchiveList, ArchiveView, archive_log, list_archives
from bankcard_tui.services.log_prune import ClearView, PruneView, clear_pruned, prune_log
from bankcard_tui.widgets.dialogs import Confirm, Message
from bankcard_tui.widgets.facts import Facts, Pair, fact_lines
from bankcard_tui.widgets.labels import count, day, moment
from bankcard_tui.widgets.safe import Tone, safe, status, toned
from bankcard_tui.widgets.table import Column, Direction, Page, PagedTable, Row

WORK: Final = "archive"
FACTS_CELLS: Final = 64
COLUMNS: Final = (
    Column(mark("Entries"), 21, priority=1),
    Column(mark("Up to"), 10, priority=2),
    Column(mark("State"), 20, priority=1, grow=True),
    Column(mark("Size"), 9, "right", priority=4),
    Column(mark("Archived"), 16, priority=3),
    Column(mark("File"), 36, priority=5),
)


class ArchivesScreen(DeskScreen):
    """How far the log is archived, what may be pruned, and every archive, the oldest first."""

    PAGE = "whole_log"
    HELP = mark(
        "a archives: the entries that lie in no archive yet go into a signed, encrypted file, which is read back and "
        "verified. The entries stay in the store.\n"
        "r asks for removing: entries that are archived and older than the bank keeps them go from the store and lie "
        "in their archives alone. A second administrator signs it on the page To sign; then c deletes what was signed. "
        "Keep the archives: without them the log can't be verified as a whole.\n"
        "Enter shows everything about an archive. Work that was stopped goes on where it was."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "archive", mark("Archive now")),
        Binding("r", "prune", mark("Remove old")),
        Binding("c", "carry_out", mark("Carry out")),
        Binding("x", "clear", mark("Clear"), show=False),
    ]
    DEFAULT_CSS = """
    ArchivesScreen #glance { padding: 0 1; margin-bottom: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._found: ArchiveList | None = None

    def body(self) -> ComposeResult:
        yield Facts(id="glance")
        yield WorkPanel(WORK, self._ended)
        empty = tr("There is no archive yet. a archives every entry up to now.")
        yield PagedTable(COLUMNS, self._fetch, empty_text=empty, id="archives")

    def load(self) -> None:
        self._paint()
        self.table.focus()

    @property
    def table(self) -> PagedTable:
        return self.query_one("#archives", PagedTable)

    @property
    def panel(self) -> WorkPanel:
        return self.query_one(WorkPanel)

    @property
    def chosen(self) -> ArchiveView | None:
        """The archive under the cursor."""
        return self._archive(self.table.selected_key or "")

    def _archive(self, key: str) -> ArchiveView | None:
        items = self._found.items if self._found is not None else ()
        return next((each for each in items if str(each.id) == key), None)

    # What is shown

    def _fetch(self, cursor: object, direction: Direction) -> Page:
        found = self._found = list_archives(self.desk)
        zone = ZoneInfo(self.zone)
        return Page([_row(each, zone) for each in found.items])

    @on(PagedTable.Moved)
    def _moved(self) -> None:
        # The table has what the glance shows as well.
        self._paint()
        self.refresh_bindings()

    def _paint(self) -> None:
        found = self._found
        for facts in self.query("#glance").results(Facts):
            facts.show([(mark("Archived"), tr("Loading ..."))] if found is None else _glance(found))

    def _ended(self) -> None:
        self.table.reload()

    @on(PagedTable.Chosen)
    def _open(self, event: PagedTable.Chosen) -> None:
        archive, zone = self._archive(event.key), ZoneInfo(self.zone)
        if archive is not None:
            self.app.push_screen(
                Message(
                    lambda: tr("Archive of the log"),
                    lambda: Content("\n").join(fact_lines(_facts(archive, zone), FACTS_CELLS)),
                )
            )

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        busy = any(panel.busy for panel in self.query(WorkPanel))
        if action == "archive":
            return not busy and self.may(Permission.ARCHIVE_LOGS)
        if action == "prune":
            return not busy and self.may(Permission.PRUNE_LOGS)
        if action == "carry_out":
            return not busy and self._found is not None and self._found.to_clear
        return True if action == "back" else super().check_action(action, parameters)

    def action_back(self) -> None:
        """Esc: stop what is under way, else back to the log."""
        if self.panel.busy:
            self.panel.ask_to_stop()
        else:
            super().action_back()

    def action_clear(self) -> None:
        """Take away what came of the last work."""
        self.panel.forget()

    def action_archive(self) -> None:
        """Archive everything up to now."""
        desk = self.desk
        undertake(
            self, WORK, mark("Archiving the log"), lambda work: archive_log(desk, report=work.report), _told_archived
        )
        self.panel.look()

    def action_prune(self) -> None:
        """Ask for pruning up to the chosen archive, or as far as it may go."""
        found, chosen = self._found, self.chosen
        if found is None:
            return
        if found.prunable_to is None:
            months = found.retention_months
            words = tr("Nothing may be removed: only archived entries older than {months:month|months}.", months=months)
            self.app.notify(words, severity="warning", markup=False)
            return
        until = found.prunable_to
        if chosen is not None and chosen.prunable and chosen.last_seq <= until:
            until = chosen.last_seq
        key, desk = uuid4().hex, self.desk
        question = Confirm(
            lambda: tr("Ask for removing entries up to {number}?", number=count(until)),
            lambda: _what_pruning_does(found),
            lambda: tr("Ask for a second signature"),
        )

        def answered(yes: bool | None) -> None:
            if yes:
                self.work(lambda: prune_log(desk.once(key), until), self._asked, group="prune")

        self.app.push_screen(question, answered)

    def _asked(self, _: Result[PruneView]) -> None:
        words = tr("It waits for a second administrator, on the page To sign. Then c deletes the entries here.")
        self.app.notify(words, markup=False)
        self.table.reload()

    def action_carry_out(self) -> None:
        """Delete what two people have signed."""
        desk = self.desk

        def answered(yes: bool | None) -> None:
            if yes:
                undertake(
                    self,
                    WORK,
                    mark("Deleting removed entries"),
                    lambda work: clear_pruned(desk, report=work.report),
                    _told_cleared,
                )
                self.panel.look()

        question = Confirm(
            lambda: tr("Delete the entries that two have signed?"),
            lambda: tr(
                "Each archive is read to its end first; nothing is deleted that can't be read there. After that the "
                "entries lie in their archives alone: keep the files."
            ),
            lambda: tr("Delete them"),
        )
        self.app.push_screen(question, answered)


def _range(archive: ArchiveView) -> str:
    return f"{count(archive.first_seq)} - {count(archive.last_seq)}"


def _state(archive: ArchiveView) -> Content:
    if archive.kind is ArchiveKind.FORK:
        return status("~", tr("Out of a restore"), Tone.ACCENT)
    if archive.pruned:
        return status("-", tr("Removed: here alone"), Tone.MUTED)
    if archive.prunable:
        return status(">", tr("May be removed"), Tone.ACCENT)
    return status("+", tr("Archived"), Tone.GOOD)


def _row(archive: ArchiveView, zone: ZoneInfo) -> Row:
    last = day(archive.last_at.astimezone(zone).date())
    made = moment(archive.made_at, zone)
    return Row(str(archive.id), (_range(archive), last, _state(archive), size_words(archive.size), made, archive.file))


def _facts(archive: ArchiveView, zone: ZoneInfo) -> list[Pair]:
    return [
        (mark("Entries"), _range(archive)),
        (mark("Latest entry"), moment(archive.last_at, zone)),
        (mark("State"), _state(archive)),
        (mark("Archived"), moment(archive.made_at, zone)),
        (mark("File"), archive.file),
        (mark("Size"), tr("{count:byte|bytes}", count=count(archive.size))),
        (mark("SHA-256"), archive.digest),
    ]


def _glance(found: ArchiveList) -> list[Pair]:
    """How far the log is archived, how long it is kept, and what waits."""
    of = tr("up to entry {number} of {last}", number=count(found.archived_to), last=count(found.last_seq))
    behind = found.last_seq - found.archived_to
    tone = Tone.GOOD if found.archived_to else Tone.WARNING
    more = tr("{count:entry|entries} since, in the store alone", count=count(behind))
    archived = Content.assemble(status("", of, tone), "  ", toned(more, Tone.MUTED) if behind else "")
    kept = tr("{months:month|months}", months=found.retention_months)
    if found.prunable_to is not None:
        kept = tr("{kept}; up to entry {number} may be removed", kept=kept, number=count(found.prunable_to))
    pairs: list[Pair] = [(mark("Archived"), archived), (mark("Kept in the store"), kept)]
    if not found.kits:
        words = tr("none: without this machine nobody can open the archives; see the page Backup")
        pairs.append((mark("Recovery kits"), status("!", words, Tone.WARNING)))
    if found.to_clear:
        words = tr("Two have signed; the entries are not deleted yet. c deletes them.")
        pairs.append((mark("Removing"), status("!", words, Tone.WARNING)))
    return pairs


def _what_pruning_does(found: ArchiveList) -> Content:
    lines = (
        tr("A second administrator has to sign it on the page To sign. Then c on this page deletes the entries."),
        tr("From then on they lie in their archives alone: keep the files as long as the log may be asked for."),
        tr("The bank keeps the log in the store for {months:month|months}.", months=found.retention_months),
    )
    return Content("\n\n").join(map(safe, lines))


def _told_archived(archive: ArchiveView) -> Content:
    words = tr("Entries {entries} are archived and verified: {file}", entries=_range(archive), file=archive.file)
    lines = [status("+", words, Tone.GOOD)]
    if archive.kits == 0:
        lines.append(status("!", tr("No recovery kit can open it: make one on the page Backup."), Tone.WARNING))
    return Content("\n").join(lines)


def _told_cleared(cleared: ClearView) -> Content:
    words = tr(
        "{count:entry|entries} deleted; up to entry {number} the log lies in archives alone.",
        count=count(cleared.deleted),
        number=count(cleared.cleared_to),
    )
    return status("+", words, Tone.GOOD)
