"""Restoring a backup: who agrees, what will be lost, and what comes then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.backup.kit import Kit
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import BankError, InvalidForm, InvalidInput, NotSignedIn, SecondFactorNeeded
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.admin.backup_opening import MOST_PATH, PASSPHRASE, kit_field, read_kit
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.common.paths import read_path
from bankcard_tui.screens.common.undertaking import Undertaking, WorkPanel, undertake
from bankcard_tui.services.restore_authority import Proof
from bankcard_tui.services.restores import LiveStore, Restored, RestorePlan, restore_backup
from bankcard_tui.widgets.dialogs import Confirm
from bankcard_tui.widgets.errands import tell
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.labels import count, moment
from bankcard_tui.widgets.safe import Tone, heading, safe, status

if TYPE_CHECKING:
    from bankcard_tui.app import BankApp

WORK = "backup"
RESTORED = mark("The branch was restored from backup {number}. Sign in again, and look through what was done since.")

CODE_HINT = mark("Six digits, where there is a second factor.")
FIELDS = (
    Field("password", mark("Your password"), "secret"),
    Field("code", mark("App code"), hint=CODE_HINT, required=False, most=20),
    Field(
        "colleague",
        mark("Second administrator"),
        hint=mark("The user name of a colleague who agrees."),
        required=False,
        most=40,
    ),
    Field("colleague_password", mark("Their password"), "secret", mark("They type it themselves."), required=False),
    Field("colleague_code", mark("Their app code"), hint=CODE_HINT, required=False, most=20),
    kit_field(mark("Where the branch can't open it itself.")),
    PASSPHRASE,
)
BELONGS = {"colleague_password": "colleague", "colleague_code": "colleague", "passphrase": "kit"}
"""Fields that are asked for once another one is filled in."""
SECRETS = ("password", "code", "colleague_password", "colleague_code")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the form asks for."""

    file: Path
    kit: Kit | None
    proofs: list[Proof]


class RestoreScreen(DeskScreen):
    """The form; below it what is under way, and what refused it."""

    PAGE = "backups"
    HELP = mark(
        "Everything is checked on a copy first; nothing changes before you have seen what will be lost and have "
        "agreed. Then the backup takes the place of the store, which is kept beside it, and every terminal signs in "
        "anew. Entries of the log that are newer than the backup are kept in an archive of their own.\n"
        "A backup is older than what the branch holds, so a second administrator has to agree. Where the branch holds "
        "nothing newer, you alone are enough: leave the colleague empty."
    )
    CSS: ClassVar[str] = """
    RestoreScreen .title { margin: 0 1 1 1; }
    """

    def __init__(self, file: str) -> None:
        """``file`` is the path of the chosen backup; empty where there is none."""
        super().__init__()
        self._file = file

    def body(self) -> ComposeResult:
        yield Static(heading(tr("Restore a backup")), classes="title", markup=False)
        yield WorkPanel(WORK, self._ended)
        yield Form(
            (
                Field(
                    "file",
                    mark("Backup"),
                    hint=mark("The file, with its whole path."),
                    value=self._file,
                    most=MOST_PATH,
                ),
                *FIELDS,
            ),
            submit=mark("Check and go on"),
            id="restore",
        )

    def load(self) -> None:
        self._free()
        self._ask_what_belongs()
        if self._file:
            self.form.rows["password"].input.focus()
        else:
            self.form.focus()

    @property
    def form(self) -> Form:
        return self.query_one(Form)

    @property
    def panel(self) -> WorkPanel:
        return self.query_one(WorkPanel)

    def _free(self) -> None:
        self.form.busy = self.panel.busy

    @on(Form.Changed)
    def _ask_what_belongs(self) -> None:
        """A colleague has a password and a code, a kit a passphrase."""
        form = self.form
        form.leave_out({name for name, of in BELONGS.items() if not str(form.raw(of)).strip()})

    def _ended(self) -> None:
        """What refused it stands in the panel, a missing code at its field; otherwise all secrets are typed again."""
        self._free()
        work = self.panel.work
        if work is not None and isinstance(work.problem, SecondFactorNeeded):
            mine = work.problem.values["username"] == self.shell.who.username
            self.panel.forget()
            self.form.show_problems(
                InvalidInput(
                    "code" if mine else "colleague_code",
                    "This account has a second factor.",
                    hint="Type the six digits of the app.",
                )
            )
            return
        self.form.fill(dict.fromkeys(SECRETS, ""))
        self.form.rows["password"].input.focus()

    def action_back(self) -> None:
        """Esc: stop what is under way, else back."""
        if self.panel.busy:
            self.panel.ask_to_stop()
        else:
            super().action_back()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return True if action == "back" else super().check_action(action, parameters)

    @on(Form.Submitted)
    def _send(self, event: Form.Submitted) -> None:
        values = event.values
        self.panel.forget()
        # The kit first, in a thread: a passphrase takes a second, and a slip is told at its field.
        self.work(lambda: self._read(values), self._begin, on_problem=self._refused, group="restore")

    def _read(self, values: Mapping[str, object]) -> _Wanted:
        file = read_path("file", values["file"])
        if values["colleague"] and not values["colleague_password"]:
            raise InvalidInput("colleague_password", "Their password is missing.", hint="They type it themselves.")
        proofs = [_proof(self.shell.who.username, values["password"], values["code"])]
        if values["colleague"]:
            proofs.append(_proof(values["colleague"], values["colleague_password"], values["colleague_code"]))
        return _Wanted(file, read_kit(values), proofs)

    def _refused(self, error: BankError) -> None:
        self.form.busy = False
        if isinstance(error, InvalidInput | InvalidForm):
            self.form.show_problems(error)
        else:
            tell(self.app, error)

    def _begin(self, wanted: _Wanted) -> None:
        bank, terminal, app = self.desk.bank, self.desk.terminal, self.app
        key_file = cast("BankApp", app).settings.key_file
        zone = ZoneInfo(self.zone)

        def call(work: Undertaking[Restored]) -> Restored:
            return restore_backup(
                bank.home,
                key_file,
                wanted.file,
                kit=wanted.kit,
                admins=wanted.proofs,
                confirm=lambda plan: work.agree(lambda: _question(plan, zone)),
                report=work.report,
                clock=bank.clock,
                cost=bank.cost,
                terminal=terminal,
            )

        undertake(self, WORK, mark("Restoring a backup"), call, _told, then=lambda done: tell(app, _signed_out(done)))
        self.panel.look()
        self._free()


def _proof(username: object, password: object, code: object) -> Proof:
    return Proof(str(username), Secret(str(password)), Secret(str(code)))


def _question(plan: RestorePlan, zone: tzinfo) -> Confirm:
    """What is about to happen, in plain words."""
    made = moment(plan.made_at, zone)
    return Confirm(
        lambda: tr("Restore backup {number} of {time}?", number=plan.sequence, time=made),
        lambda: _consequences(plan, made),
        lambda: tr("Restore the branch"),
    )


def _consequences(plan: RestorePlan, made: str) -> Content:
    if plan.live is LiveStore.DAMAGED:
        lost = status(
            "!", tr("The present store can't be read: what was done since {time} is lost.", time=made), Tone.BAD
        )
    elif plan.entries_since:
        words = tr(
            "Everything done since {time} is undone: {count:entry|entries} of the log. They are kept in an archive.",
            time=made,
            count=count(plan.entries_since),
        )
        lost = status("!", words, Tone.BAD)
    else:
        lost = status("+", tr("Nothing was done since; nothing is lost."), Tone.GOOD)
    rest = (
        tr("Every terminal has to sign in anew, this one too. Tell your colleagues."),
        tr("The present store is kept in the folder data, under a name that begins with before-restore."),
    )
    return Content("\n\n").join([lost, *map(safe, rest)])


def _told(done: Restored) -> Content:
    return status("+", tr(RESTORED, number=done.sequence), Tone.GOOD)


def _signed_out(done: Restored) -> NotSignedIn:
    """With it this terminal goes to the sign-in screen."""
    return NotSignedIn(
        RESTORED,
        hint="The store from before lies in {before}",
        code="session.restored",
        number=done.sequence,
        before=done.before or "-",
    )
