"""Backups: how safe the branch is, and everything that is done about it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from bankcard_tui.desk.registry import Secret
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.admin.backup_drill import ask_for_drill
from bankcard_tui.screens.admin.backup_kits import ask_for_kit, ask_for_passphrase
from bankcard_tui.screens.admin.backup_restore import RestoreScreen
from bankcard_tui.screens.admin.backup_words import (
    COLUMNS,
    backup_age,
    backup_facts,
    backup_row,
    drill_age,
    kits_words,
    told_checked,
    told_made,
)
from bankcard_tui.screens.admin.kits import KitsScreen
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.common.undertaking import WorkPanel, undertake
from bankcard_tui.services.backup_checks import LEVELS
from bankcard_tui.services.backup_records import BackupState, BackupView, backup_state, home_of, list_backups
from bankcard_tui.services.backups import make_backup, verify_backup
from bankcard_tui.widgets.dialogs import Choose, Message, Option
from bankcard_tui.widgets.facts import Facts, fact_lines
from bankcard_tui.widgets.table import Direction, Page, PagedTable

WORK = "backup"
"""Making, verifying, restoring and drilling: one of them at a time."""

FACTS_CELLS = 64


class BackupsScreen(DeskScreen):
    """The state at a glance, what is under way, and the backups, the newest first."""

    PAGE = "backups"
    HELP = mark(
        "b makes a backup and verifies it: the file is encrypted and signed. v verifies the chosen one again, up to a "
        "trial restore. Enter shows everything about it.\n"
        "m makes a recovery kit: the file with which a backup opens on any other machine. Keep it apart from this "
        "machine, with a second copy in another house; without it nobody can restore when this machine is lost. l "
        "lists the kits and takes one out.\n"
        "r puts a backup in place of the store; two administrators have to agree. d is a drill: the newest backup is "
        "restored into an empty place with the kit alone, so that you know that it works.\n"
        "Long work goes on while you do something else; Esc stops it."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "back_up", mark("Back up")),
        Binding("v", "verify", mark("Verify again")),
        Binding("l", "kits", mark("List of kits")),
        Binding("m", "kit", mark("Make a kit"), show=False),
        Binding("r", "restore", mark("Restore")),
        Binding("d", "drill", mark("Drill")),
        Binding("x", "clear", mark("Clear"), show=False),
    ]
    DEFAULT_CSS = """
    BackupsScreen #glance { padding: 0 1; margin-bottom: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._state: BackupState | None = None
        self._rows: dict[str, BackupView] = {}

    def body(self) -> ComposeResult:
        yield Facts(id="glance")
        yield WorkPanel(WORK, self._ended)
        yield PagedTable(COLUMNS, self._fetch, empty_text=tr("There is no backup yet. b makes one."), id="backups")

    def load(self) -> None:
        self._paint()
        self._look()
        self.table.focus()

    def on_screen_resume(self) -> None:
        # Back from the form of a restore, or from a dialog: what is under way may have begun there.
        for panel in self.query(WorkPanel):
            panel.look()
        # Or from the list of kits.
        if self._state is not None:
            self._look()

    @property
    def table(self) -> PagedTable:
        return self.query_one("#backups", PagedTable)

    @property
    def panel(self) -> WorkPanel:
        return self.query_one(WorkPanel)

    @property
    def chosen(self) -> BackupView | None:
        """The backup under the cursor."""
        return self._rows.get(self.table.selected_key or "")

    def file_of(self, backup: BackupView) -> Path:
        """Where the file of a backup lies."""
        return home_of(self.desk.bank).backups / backup.file

    # What is shown

    def _fetch(self, cursor: object, direction: Direction) -> Page:
        page = list_backups(self.desk, cursor if isinstance(cursor, str) else None)
        self._rows.update({str(each.id): each for each in page.items})
        zone = ZoneInfo(self.zone)
        return Page([backup_row(each, zone) for each in page.items], page.next, page.previous)

    def _look(self) -> None:
        self.work(lambda: backup_state(self.desk), self._show_state, group="state")

    def _show_state(self, state: BackupState) -> None:
        self._state = state
        self._paint()

    def _paint(self) -> None:
        state, zone, now = self._state, ZoneInfo(self.zone), self.desk.bank.clock.now()
        if state is None:
            loading = tr("Loading ...")
            shown: tuple[str | Content, ...] = (loading, loading, loading)
        else:
            shown = (
                backup_age(state, now, zone, tr("b makes one.")),
                drill_age(state, now, zone, tr("d makes one.")),
                kits_words(state),
            )
        labels = (mark("Last verified backup"), mark("Last drill"), mark("Recovery kits"))
        self.query_one("#glance", Facts).show(list(zip(labels, shown, strict=True)))

    def _ended(self) -> None:
        self._look()
        self.table.reload()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        busy = any(panel.busy for panel in self.query(WorkPanel))
        if action in ("back_up", "verify", "restore", "drill"):
            return not busy
        if action == "back":
            return busy
        return super().check_action(action, parameters)

    def action_back(self) -> None:
        """Esc: stop what is under way."""
        self.panel.ask_to_stop()

    def action_clear(self) -> None:
        """Take away what came of the last work."""
        self.panel.forget()

    @on(PagedTable.Chosen)
    def _open(self, event: PagedTable.Chosen) -> None:
        backup, zone = self._rows[event.key], ZoneInfo(self.zone)
        self.app.push_screen(
            Message(
                lambda: tr("Backup {number}", number=backup.sequence),
                lambda: Content("\n").join(fact_lines(backup_facts(backup, zone), FACTS_CELLS)),
            )
        )

    def action_back_up(self) -> None:
        """Make a backup; without a recovery kit offer to make that, or to type a passphrase."""
        if self._state is None or self._state.kits:
            self._back_up()
            return
        question = Choose(
            lambda: tr("Who is to open the backup?"),
            [
                Option("kit", partial(tr, mark("Make a recovery kit; it opens all later ones too")), "m"),
                Option("passphrase", partial(tr, mark("Make this backup under a passphrase")), "p"),
            ],
            lambda: tr("There is no recovery kit: without this machine nobody could open the backup."),
        )

        def answered(choice: str | None) -> None:
            if choice == "kit":
                self.action_kit()
            elif choice == "passphrase":
                ask_for_passphrase(self, self._back_up)

        self.app.push_screen(question, answered)

    def _back_up(self, passphrase: Secret | None = None) -> None:
        desk = self.desk
        given = None if passphrase is None else passphrase.get_secret_value()
        undertake(
            self,
            WORK,
            mark("Making a backup"),
            lambda work: make_backup(desk.bank, desk, passphrase=given, report=work.report),
            told_made,
            levels=LEVELS,
        )
        self.panel.look()

    def action_verify(self) -> None:
        """Verify the backup under the cursor."""
        backup = self.chosen
        if backup is None:
            return
        if backup.removed_at is not None:
            self.app.notify(tr("This backup was cleared away; its file is gone."), markup=False)
            return
        desk, file = self.desk, self.file_of(backup)
        undertake(
            self,
            WORK,
            mark("Verifying a backup"),
            lambda work: verify_backup(desk.bank, desk, file, report=work.report),
            told_checked,
            levels=LEVELS,
        )
        self.panel.look()

    def action_kits(self) -> None:
        """The list of recovery kits."""
        self.app.push_screen(KitsScreen())

    def action_kit(self) -> None:
        """Make a recovery kit."""
        ask_for_kit(self, self._look)

    def action_restore(self) -> None:
        """The form of a restore, with the chosen backup filled in."""
        backup = self.chosen
        self.app.push_screen(RestoreScreen("" if backup is None else str(self.file_of(backup))))

    def action_drill(self) -> None:
        """Ask for the kit, then drill."""
        ask_for_drill(self, WORK, self.panel.look)
