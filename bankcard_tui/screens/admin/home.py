"""The admin's first page: the state of the branch at a glance."""

from __future__ import annotations

from typing import ClassVar
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.admin.backup_words import backup_age, drill_age
from bankcard_tui.screens.admin.chain import ChainScreen
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.backup_records import BackupState, backup_state
from bankcard_tui.services.four_eyes import ADMINS_SIGNING
from bankcard_tui.services.overview import Overview, overview
from bankcard_tui.services.policies import PolicyView, show_policy
from bankcard_tui.widgets.facts import Facts, Pair
from bankcard_tui.widgets.labels import count, moment
from bankcard_tui.widgets.safe import Tone, heading, safe, status


class BranchScreen(ChainScreen):
    """Administrators, activations and requests that wait, the log's chain, backups, the policy in force."""

    PAGE = "home"
    HELP = mark(
        "The state of the branch at a glance. What needs two administrators is refused while there is only one.\n"
        "v checks every entry of the log against its chain, V reads its archives as well; on a large log this takes a "
        "while, and you can go on working."
    )
    DEFAULT_CSS = """
    BranchScreen VerticalScroll { padding: 1 2; }
    BranchScreen .title { margin-bottom: 1; }
    """
    BINDINGS: ClassVar = []

    def __init__(self) -> None:
        super().__init__()
        self._waiting: Overview | None = None
        self._policy: PolicyView | None = None
        self._backups: BackupState | None = None

    def body(self) -> ComposeResult:
        with VerticalScroll():
            branch = self.desk.bank.branch
            yield Static(heading(f"{branch.bank} {branch.name} ({branch.code})"), classes="title", markup=False)
            yield Facts(id="state")

    def load(self) -> None:
        self._paint()
        self.work(lambda: overview(self.desk), self._show_waiting, group="overview")
        if self.may(Permission.MANAGE_BACKUPS):
            self.work(lambda: backup_state(self.desk), self._show_backups, group="backups")
        if self.may(Permission.SEE_POLICY):
            self.work(lambda: show_policy(self.desk), self._show_policy, group="policy")

    def on_screen_resume(self) -> None:
        """Back from another screen: what waits may have changed."""
        if self._waiting is not None:
            self.work(lambda: overview(self.desk), self._show_waiting, group="overview")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("verify", "verify_deep"):
            return self.may(Permission.SEE_ALL_LOGS)
        return super().check_action(action, parameters)

    def _show_waiting(self, waiting: Overview) -> None:
        self._waiting = waiting
        self._paint()

    def _show_backups(self, state: BackupState) -> None:
        self._backups = state
        self._paint()

    def _show_policy(self, policy: PolicyView) -> None:
        self._policy = policy
        self._paint()

    def paint_chain(self) -> None:
        self._paint()

    def _paint(self) -> None:
        for facts in self.query("#state").results(Facts):
            facts.show(list(self._pairs()))

    def _pairs(self) -> list[Pair]:
        loading = safe(tr("Loading ..."))
        pairs: list[Pair] = []
        if self.may(Permission.MANAGE_STAFF):
            waiting = self._waiting
            pairs += [
                (mark("Administrators"), loading if waiting is None else _admins(waiting.admins or 0)),
                ("", " "),
                (mark("To be activated"), loading if waiting is None else _to_activate(waiting.staff_to_activate or 0)),
                ("", " "),
            ]
        if any(map(self.may, ADMINS_SIGNING)):
            waiting = self._waiting
            pairs += [
                (mark("To sign"), loading if waiting is None else _to_sign(waiting.admins_to_sign or 0)),
                ("", " "),
            ]
        if self.may(Permission.SEE_ALL_LOGS):
            pairs += [(mark("Log"), self.chain_words()), ("", " ")]
        if self.may(Permission.MANAGE_BACKUPS):
            pairs += [*self._backup_pairs(), ("", " ")]
        if self.may(Permission.SEE_POLICY):
            pairs.append(
                (mark("Policy in force"), loading if self._policy is None else self._policy_words(self._policy))
            )
        return pairs

    def _backup_pairs(self) -> list[Pair]:
        state, zone, now = self._backups, ZoneInfo(self.zone), self.desk.bank.clock.now()
        if state is None:
            loading = safe(tr("Loading ..."))
            return [(mark("Backup"), loading), (mark("Drill"), loading)]
        advice = tr("See the page Backup.")
        backup, drill = backup_age(state, now, zone, advice), drill_age(state, now, zone, advice)
        return [(mark("Backup"), backup), (mark("Drill"), drill)]

    def _policy_words(self, policy: PolicyView) -> Content:
        since = moment(policy.in_force_from, ZoneInfo(self.zone))
        words = tr("Version {version}, in force since {time}", version=count(policy.version), time=since)
        return Content.assemble(safe(words), "\n", safe(tr(policy.note))) if policy.note else safe(words)


def _admins(number: int) -> Content:
    if number >= 2:
        return status("+", tr("{count} active", count=count(number)), Tone.GOOD)
    advice = tr("What needs two administrators is refused until a second one exists: add one on the page Staff.")
    return _warning(tr("Only {count} active", count=count(number)), advice)


def _to_activate(number: int) -> Content:
    if number == 0:
        return status("+", tr("Nobody waits"), Tone.GOOD)
    advice = tr("Two colleagues each show them a half-code, with the key o on the page Staff.")
    return _warning(tr("{count} waiting", count=count(number)), advice)


def _to_sign(number: int) -> Content:
    if number == 0:
        return status("+", tr("No request waits for you"), Tone.GOOD)
    words = tr("{count:request waits|requests wait} for you", count=number)
    return _warning(words, tr("Another administrator asks for your signature, on the page To sign."))


def _warning(words: str, advice: str) -> Content:
    return Content.assemble(status("!", words, Tone.WARNING), "\n", safe(advice))
