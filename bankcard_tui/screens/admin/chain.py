"""The check of the log's chain, as the pages offer it that show the state of the log."""

from __future__ import annotations

from time import monotonic
from typing import Any, ClassVar
from uuid import UUID
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from textual.app import App
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.timer import Timer

from bankcard_tui.errors import BankError
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.services.log_verify import ChainCheck, Finding
from bankcard_tui.services.logs import verify_log
from bankcard_tui.widgets.dialogs import LongMessage
from bankcard_tui.widgets.errands import problem_text
from bankcard_tui.widgets.labels import count, moment
from bankcard_tui.widgets.safe import Tone, status

TICK_SECONDS = 0.5
_LAST: WeakKeyDictionary[App[Any], tuple[UUID | None, ChainCheck, str]] = WeakKeyDictionary()
"""What the last check of a session found: a broken chain is told on every page that shows the log."""


class ChainScreen(DeskScreen):
    """A page with the key v: it checks the chain in the background while the page goes on working.

    A page shows ``chain_words()`` somewhere and paints them in ``paint_chain``.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "verify", mark("Verify log")),
        Binding("V", "verify_deep", mark("Verify log and read every archive"), show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._check: ChainCheck | None = None
        self._checked_at = ""
        self._check_failed: BankError | None = None
        self._checking_since: float | None = None
        self._ticking: Timer | None = None

    def paint_chain(self) -> None:
        """Show what ``chain_words`` says now."""

    @property
    def checking(self) -> bool:
        """Whether a check is under way."""
        return self._checking_since is not None

    @property
    def was_checked(self) -> bool:
        """Whether there is something to tell of a check."""
        return self._check is not None or self._check_failed is not None

    def chain_words(self) -> Content:
        """What is known of the chain: not checked, being checked, holds, or broken."""
        session, check, checked_at = _LAST.get(self.app, (None, None, ""))
        if check is not None and session == self.desk.session_id and not self.was_checked:
            self._check, self._checked_at = check, checked_at
        if self._checking_since is not None:
            seconds = int(monotonic() - self._checking_since)
            return status("~", tr("Checking every entry ... {seconds} s", seconds=seconds), Tone.ACCENT)
        if self._check_failed is not None:
            return status("!", problem_text(self._check_failed), Tone.WARNING)
        if self._check is None:
            return status("-", tr("Not checked yet; v checks every entry."), Tone.MUTED)
        if self._check.sound:
            words = tr("The chain holds: {entries:entry|entries}.", entries=count(self._check.entries))
            if self._check.pruned:
                words += " " + tr("Up to entry {number} it lies in archives.", number=count(self._check.pruned))
            return status("+", f"{words} {tr('Checked {time}.', time=self._checked_at)}", Tone.GOOD)
        finding = _say(self._check.findings[0])
        if not self._check.altered:
            words = tr("The entries are sound; v checks again. First finding: {finding}.", finding=finding)
            return status("!", words, Tone.WARNING)
        words = tr("The chain is broken; v checks again. First finding: {finding}.", finding=finding)
        return status("x", words, Tone.BAD)

    def action_verify(self) -> None:
        """Check the whole chain, and that the archives are there and sealed; a check under way goes on."""
        self._verify(deep=False)

    def action_verify_deep(self) -> None:
        """Check the entries inside the archives as well."""
        self._verify(deep=True)

    def _verify(self, *, deep: bool) -> None:
        if self.checking:
            return
        self._checking_since = monotonic()
        self._ticking = self.set_interval(TICK_SECONDS, self.paint_chain)
        self.paint_chain()
        self.work(lambda: verify_log(self.desk, deep=deep), self._checked, on_problem=self._not_checked, group="chain")

    def _checked(self, check: ChainCheck) -> None:
        self._check, self._check_failed = check, None
        self._checked_at = moment(self.desk.bank.clock.now(), ZoneInfo(self.zone))
        _LAST[self.app] = self.desk.session_id, check, self._checked_at
        self._stop()
        if not check.sound:
            self.app.push_screen(LongMessage(lambda: _title(check), lambda: _report(check)))

    def _not_checked(self, error: BankError) -> None:
        self._check_failed = error
        self._stop()

    def _stop(self) -> None:
        self._checking_since = None
        if self._ticking is not None:
            self._ticking.stop()
        self.paint_chain()


def _say(finding: Finding) -> str:
    return tr(finding.template, **finding.values)


def _title(check: ChainCheck) -> str:
    return tr("The log was tampered with") if check.altered else tr("Files beside the log are missing")


def _report(check: ChainCheck) -> str:
    """What to do and what was found, a line for each finding."""
    return "\n".join(
        [
            tr("Change nothing, keep a copy of the store, and tell the auditors.")
            if check.altered
            else tr(
                "Copy them from the folder backups of the earlier machine, or from where they are kept, and check "
                "again. If nobody moved them away, tell your security officer."
            ),
            "",
            *(f"x {_say(finding)}" for finding in check.findings),
        ]
    )
