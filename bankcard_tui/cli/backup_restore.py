"""``bankcard backup restore`` and ``bankcard backup drill``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bankcard_tui.cli.backup_keys import given_kit
from bankcard_tui.cli.console import AsJson, Console, Misused, ask_secret, console_of
from bankcard_tui.cli.desks import code_for, command_terminal, opened_bank, password_for, password_in, signed_in
from bankcard_tui.cli.sign_in_options import As, CodeFile, PasswordFile, PasswordStdin
from bankcard_tui.errors import SecondFactorNeeded
from bankcard_tui.locale import explain, mark, tr

if TYPE_CHECKING:
    from bankcard_tui.services.restore_authority import Proof
    from bankcard_tui.services.restores import Restored, RestorePlan

File = Annotated[Path, typer.Argument(metavar="FILE", help=mark("The file, or its name in the list."))]
Kit = Annotated[Path | None, typer.Option("--kit", help=mark("The recovery kit that opens it."))]
Passphrase = Annotated[bool, typer.Option("--passphrase", help=mark("Ask for a passphrase."))]
PassphraseFile = Annotated[
    Path | None, typer.Option("--passphrase-file", help=mark("A file whose first line is the passphrase."))
]

_MINUTES = "%F %H:%M"


def restore(
    context: typer.Context,
    file: File,
    kit: Kit = None,
    passphrase: Passphrase = False,
    passphrase_file: PassphraseFile = None,
    admin: Annotated[str | None, typer.Option("--as", metavar="ADMIN", help=mark("The admin who restores."))] = None,
    second: Annotated[
        str | None,
        typer.Option("--second", metavar="ADMIN", help=mark("Another admin who agrees, where the backup is older.")),
    ] = None,
    password_file: PasswordFile = None,
    second_password_file: Annotated[
        Path | None,
        typer.Option("--second-password-file", help=mark("The same for the second admin.")),
    ] = None,
    code_file: CodeFile = None,
    second_code_file: Annotated[
        Path | None, typer.Option("--second-code-file", help=mark("The code of the second admin."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.security.passwords import DEFAULT_COST
    from bankcard_tui.services.restores import restore_backup

    console = console_of(context)
    settings = console.settings
    path = _found(console, file)
    opener = given_kit(path, kit, asks=passphrase, passphrase_file=passphrase_file)
    admins = _admins((admin, password_file, code_file), (second, second_password_file, second_code_file))
    console.interrupted = tr("The store is as it was, or the next start finishes the restore.")
    with console.progress() as progress:

        def restored(admins: tuple[Proof, ...]) -> Restored:
            return restore_backup(
                settings.home,
                settings.key_file,
                path,
                kit=opener,
                admins=admins,
                confirm=lambda plan: _confirm(console, plan),
                report=progress,
                clock=console.clock,
                cost=DEFAULT_COST if console.cost is None else console.cost,
                terminal=command_terminal(),
            )

        done = _with_codes(console, admins, restored)
    if console.json:
        console.answer(done.model_dump(mode="json"))
    console.say(tr("The backup {file} of {made} is restored.", file=done.file, made=f"{done.made_at:{_MINUTES}}"))
    if done.fork:
        console.say(
            tr("{count:entry|entries} of the log since then lie in {path}", count=done.entries_since, path=done.fork)
        )
    if done.live == "damaged":
        console.insist(tr("The store that lay here could not be read: what it held since is not in the archive."))
    if done.before:
        console.say(tr("The store from before lies in {path}", path=done.before))
    console.say(tr("Everybody has to sign in again."))


def drill(
    context: typer.Context,
    kit: Annotated[Path, typer.Option("--kit", help=mark("The recovery kit that opens it."))],
    user: As,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help=mark("A backup; the newest one when none is named."))
    ] = None,
    passphrase_file: PassphraseFile = None,
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    code_file: CodeFile = None,
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.cli.backup_keys import opened_kit
    from bankcard_tui.desk.registry import Secret
    from bankcard_tui.errors import VerificationFailed
    from bankcard_tui.services.drills import newest_backup, run_drill

    console = console_of(context)
    with opened_bank(console) as bank:
        password = password_for(user, from_stdin=password_stdin, file=password_file)
        opener = opened_kit(kit, passphrase_file)
        console.interrupted = tr("The drill was not finished; the branch is as it was.")
        code = partial(code_for, from_stdin=password_stdin, file=code_file)
        with signed_in(bank, user, password, code) as desk, console.progress() as progress:
            path = newest_backup(desk) if file is None else _found(console, file)
            done = run_drill(desk, path, opener, Secret(password), report=progress)
    took = str(timedelta(milliseconds=done.milliseconds)).partition(".")[0]
    if console.json:
        console.answer(done.model_dump(mode="json"))
    if done.problem:
        raise VerificationFailed(
            "The drill with {file} failed: {what}.",
            hint="Verify the backup: bankcard backup verify FILE --kit KIT. Then make a new one and try again.",
            code="drill.failed",
            file=done.file,
            what=done.problem,
        )
    console.say(tr("The drill went well: {file} was restored and signed in to in {took}.", file=done.file, took=took))


def _found(console: Console, file: Path) -> Path:
    in_folder = console.settings.home.backups / file
    return file if file.exists() or not in_folder.exists() else in_folder


def _admins(*named: tuple[str | None, Path | None, Path | None]) -> tuple[Proof, ...]:
    """Who agrees, each with the own password, and the code of a second factor where a file holds it."""
    from bankcard_tui.desk.registry import Secret
    from bankcard_tui.services.restore_authority import Proof

    if named[0][0] is None and named[1][0] is not None:
        raise Misused(mark("There is a second admin, but no first one."), hint=mark("Name the first with --as ADMIN."))
    found = []
    for username, file, code_file in named:
        if username is not None:
            if file is not None:
                password = password_in(file)
            else:
                password = ask_secret(tr("Password of {username}", username=username))
            code = code_for(from_stdin=False, file=code_file) if code_file is not None else ""
            found.append(Proof(username, Secret(password), Secret(code)))
    return tuple(found)


def _with_codes(
    console: Console, admins: tuple[Proof, ...], restored: Callable[[tuple[Proof, ...]], Restored]
) -> Restored:
    """Restore, and at a terminal ask for the code of each second factor for which no file was named."""
    from bankcard_tui.desk.registry import Secret

    while True:
        try:
            return restored(admins)
        except SecondFactorNeeded as needed:
            of = str(needed.values["username"])
            if not sys.stdin.isatty():
                raise
            console.insist(explain(needed))
            code = Secret(ask_secret(tr("Code of the second factor of {username}", username=of)))
            admins = tuple(
                replace(each, code=code) if each.username.strip().casefold() == of else each for each in admins
            )


def _confirm(console: Console, plan: RestorePlan) -> None:
    made = f"{plan.made_at:{_MINUTES}}"
    console.say(
        tr("The backup of {branch}, {bank}, of {made} is sound.", branch=plan.branch, bank=plan.bank, made=made)
    )
    if plan.live == "sound":
        console.insist(
            tr(
                "It takes the place of the store. What was done since, {count:entry|entries} of the log, is undone; "
                "the entries are kept in an archive.",
                count=plan.entries_since,
            )
        )
    if console.yes:
        return
    if not sys.stdin.isatty():
        raise Misused(
            mark("A restore has to be confirmed, and there is no terminal to ask."), hint=mark("Say so with --yes.")
        )
    if not typer.confirm(tr("Restore it now?"), default=False, err=True):
        console.say(tr("Nothing was changed."))
        raise typer.Exit(1)
