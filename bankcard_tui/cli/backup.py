"""``bankcard backup``: making, listing and verifying backups, and the recovery kits that open them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from bankcard_tui.cli.backup_keys import given_kit, new_passphrase
from bankcard_tui.cli.console import AsJson, Console, Misused, console_of, table
from bankcard_tui.cli.desks import code_for, command_terminal, opened_bank, password_for, signed_in
from bankcard_tui.cli.sign_in_options import As, CodeFile, PasswordFile, PasswordStdin
from bankcard_tui.locale import explain, mark, tr

if TYPE_CHECKING:
    from bankcard_tui.backup.unpack import Opener
    from bankcard_tui.services.backup_checks import CheckedBackup
    from bankcard_tui.services.backup_records import BackupView

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)

HEADS = (mark("No."), mark("File"), mark("Made"), mark("By"), mark("Bytes"), mark("Verified"), mark("Log's head"))
KIT_HEADS = (mark("Label"), mark("Added"), mark("By"), mark("Taken out"), mark("Recipient"))
WARNING = (
    mark("Whoever has this file can open every backup made from now on: keep it away from them."),
    mark("Without it nobody can restore a backup when this machine is lost: keep it apart, with a second copy."),
    mark("Try it now and then: bankcard backup verify FILE --kit KIT"),
)
Passphrase = Annotated[bool, typer.Option("--passphrase", help=mark("Ask for a passphrase."))]
PassphraseFile = Annotated[
    Path | None, typer.Option("--passphrase-file", help=mark("A file whose first line is the passphrase."))
]


@app.command("create", help=mark("Make a backup, verify it, and clear away those kept no more."))
def create(
    context: typer.Context,
    passphrase: Passphrase = False,
    passphrase_file: PassphraseFile = None,
    no_verify: Annotated[bool, typer.Option("--no-verify", help=mark("Do not verify it now."))] = False,
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.services.backups import check_passphrase, make_backup

    console = console_of(context)
    given = new_passphrase(asks=passphrase, file=passphrase_file)
    with opened_bank(console) as bank:
        if given is not None:
            check_passphrase(bank, *given)
        console.interrupted = tr("The backup was not finished; bankcard backup list shows whether it was made.")
        with console.progress() as progress:
            made = make_backup(
                bank,
                bank.system_desk(command_terminal()),
                passphrase=given[0] if given else None,
                verify=not no_verify,
                report=progress,
            )
    path = console.settings.home.backups / made.file
    if console.json:
        console.answer({**made.model_dump(mode="json"), "path": str(path)})
        return
    console.show(str(path))
    if made.verified:
        console.say(tr("The backup is made and verified: {size:byte|bytes}.", size=f"{made.size:,}"))
    else:
        console.say(tr("The backup is made, but not verified. Run: bankcard backup verify {file}", file=made.file))


@app.command("list", help=mark("Show the newest backups of the branch."))
def list_made(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=1, help=mark("How many backups at most."))] = 100,
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.services.backup_records import backup_state, list_backups

    console = console_of(context)
    with opened_bank(console) as bank:
        desk, zone = bank.system_desk(command_terminal()), ZoneInfo(bank.branch.zone)
        rows: list[BackupView] = []
        cursor = None
        while len(rows) < limit:
            page = list_backups(desk, cursor)
            rows += page.items[: limit - len(rows)]
            cursor = page.next
            if cursor is None:
                break
        state = backup_state(desk)
    if console.json:
        console.answer(
            {"state": state.model_dump(mode="json"), "backups": [each.model_dump(mode="json") for each in rows]}
        )
        return
    if rows:
        console.show(*table([tr(head) for head in HEADS], [_cells(each, zone) for each in rows]))
    else:
        console.say(tr("There is no backup yet. Make one: bankcard backup create"))
    if state.backup_due:
        console.say(tr("The last verified backup is too old, or there is none."))
    if state.drill_due:
        console.say(tr("The last drill is too long ago, or there was none."))


@app.command("verify", help=mark("Verify a backup, up to a trial restore."))
def verify(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=mark("The file, or its name in the list."))],
    kit: Annotated[Path | None, typer.Option("--kit", help=mark("The recovery kit that opens it."))] = None,
    passphrase: Passphrase = False,
    passphrase_file: PassphraseFile = None,
    level: Annotated[
        int,
        typer.Option("--level", min=1, max=5, help=mark("1 signature, 2 decryption, 3 store, 4 log, 5 trial restore.")),
    ] = 5,
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.backup.unpack import by_kit
    from bankcard_tui.services.backup_checks import LEVELS

    console = console_of(context)
    in_folder = console.settings.home.backups / file
    path = file if file.exists() or not in_folder.exists() else in_folder
    opening = given_kit(path, kit, asks=passphrase, passphrase_file=passphrase_file)
    checked = _verified(console, path, by_kit(opening) if opening else None, level)
    problem, manifest = checked.problem, checked.manifest
    if console.json:
        console.answer(
            {
                "file": str(path),
                "level": checked.level,
                "sound": problem is None,
                "problem": problem.code if problem else "",
                "message": explain(problem) if problem else "",
                "manifest": manifest.plain() if manifest else None,
            }
        )
    else:
        console.show(*(f"+ {place} {tr(name)}" for place, name in enumerate(LEVELS[: checked.level], start=1)))
        if problem is None:
            console.show(tr("The backup is sound up to level {level}.", level=checked.level))
            if manifest is not None:
                console.show(tr("Log's head: {head}", head=f"{manifest.log_seq}:{manifest.log_mark}"))
        else:
            console.show(f"x {checked.level + 1} {tr(LEVELS[checked.level])}")
    if problem is not None:
        raise problem


def _verified(console: Console, path: Path, opener: Opener | None, level: int) -> CheckedBackup:
    """By the branch, which keeps the result; with a kit also where there is no branch."""
    from bankcard_tui.backup.files import checking_folder, workshop
    from bankcard_tui.desk.clock import SystemClock
    from bankcard_tui.security.passwords import DEFAULT_COST
    from bankcard_tui.services.backup_checks import check_backup
    from bankcard_tui.services.backups import verify_backup

    with console.progress() as progress:
        if console.settings.home.store.exists():
            with opened_bank(console) as bank:
                desk = bank.system_desk(command_terminal())
                return verify_backup(bank, desk, path, opener=opener, level=level, report=progress)
        if opener is None:
            raise Misused(
                mark("There is no branch here whose key could open the backup."), hint=mark("Name the kit: --kit KIT")
            )
        clock, cost = console.clock or SystemClock(), console.cost or DEFAULT_COST
        with workshop(checking_folder()) as folder:
            return check_backup(path, opener, folder, clock=clock, cost=cost, level=level, report=progress)


@app.command("keygen", help=mark("Write a recovery kit, which opens the backups on any machine, and register it."))
def keygen(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=mark("Where to write it: a medium for the safe."))],
    user: As,
    label: Annotated[str, typer.Option("--label", help=mark("What the kit is called; else as its file."))] = "",
    passphrase: Passphrase = False,
    passphrase_file: PassphraseFile = None,
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    code_file: CodeFile = None,
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.services.backups import check_passphrase, make_kit

    console = console_of(context)
    with opened_bank(console) as bank:
        password = password_for(user, from_stdin=password_stdin, file=password_file)
        given = new_passphrase(asks=passphrase, file=passphrase_file)
        if given is not None:
            check_passphrase(bank, *given)
        code = partial(code_for, from_stdin=password_stdin, file=code_file)
        with signed_in(bank, user, password, code) as desk:
            made = make_kit(bank, desk, file.absolute(), label or file.name, given[0] if given else None)
    if console.json:
        console.answer({**made.model_dump(mode="json"), "path": str(file.absolute())})
    console.say(tr("The recovery kit is at {path}", path=file.absolute()))
    for sentence in WARNING:
        console.say(tr(sentence))
    if file.resolve().is_relative_to(console.settings.home.folder.resolve()):
        console.insist(tr("It lies beside what it is to rescue: move it to another place."))


@app.command("recipients", help=mark("Show the recovery kits that open the backups."))
def recipients(context: typer.Context, as_json: AsJson = False) -> None:
    from bankcard_tui.services.backup_recipients import list_recipients

    console = console_of(context)
    with opened_bank(console) as bank:
        desk, zone = bank.system_desk(command_terminal()), ZoneInfo(bank.branch.zone)
        kits = list_recipients(desk).items
    if console.json:
        console.answer([each.model_dump(mode="json") for each in kits])
    elif kits:
        rows = [
            (
                each.label,
                f"{each.added_at.astimezone(zone):%F}",
                each.added_by,
                f"{each.removed_at.astimezone(zone):%F}" if each.removed_at else "",
                each.recipient,
            )
            for each in kits
        ]
        console.show(*table([tr(head) for head in KIT_HEADS], rows))
    else:
        console.say(tr("There is no recovery kit yet. Make one: bankcard backup keygen FILE --as USER"))


def _cells(row: BackupView, zone: ZoneInfo) -> tuple[object, ...]:
    made = f"{row.made_at.astimezone(zone):%F %T}"
    if row.removed_at is not None:
        verified = tr("cleared away")
    elif row.problem:
        verified = tr("wrong: {code}", code=row.problem)
    else:
        verified = tr("level {level}", level=row.level) if row.level else tr("no")
    return row.sequence, row.file, made, row.made_by, f"{row.size:,}", verified, row.head
