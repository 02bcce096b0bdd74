"""``bankcard``: the global options and the commands. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bankcard_tui.cli import (
    backup,
    backup_restore,
    card,
    doctor,
    importing,
    limits,
    log,
    migrate,
    notify,
    op,
    opening,
    policy,
    start,
)
from bankcard_tui.cli.console import Misused, console_of
from bankcard_tui.cli.edge import heed_every_interrupt, leave, run_command
from bankcard_tui.locale import mark

app = typer.Typer(
    name="bankcard",
    help=mark("Run the whole life of a credit card in a bank branch. Without a command the application opens."),
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(version("bankcard-tui"))
        raise typer.Exit


@app.callback()
def choose(
    context: typer.Context,
    home: Annotated[
        str | None, typer.Option("--home", metavar="DIR", help=mark("The folder of the branch: store, keys, backups."))
    ] = None,
    lang: Annotated[str | None, typer.Option("--lang", metavar="en|zh_CN", help=mark("The language to speak."))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=mark("Give the result as JSON on stdout."))] = False,
    yes: Annotated[bool, typer.Option("--yes", help=mark("Answer every confirmation with yes."))] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help=mark("Say nothing but results and errors."))] = False,
    version: Annotated[
        bool, typer.Option("--version", help=mark("Say which version this is."), callback=_version, is_eager=True)
    ] = False,
) -> None:
    console = console_of(context)
    if lang and not lang.lower().startswith(("en", "zh")):
        raise Misused(mark("There is no language {lang}."), hint=mark("Choose en or zh_CN."), lang=lang)
    console.flags = {"home": home, "lang": lang}
    console.json, console.yes, console.quiet = as_json, yes, quiet
    if context.invoked_subcommand is None:
        start.open_application(console)


app.command("run", help=mark("Open the application; the same as bankcard alone."))(start.run)
app.command("init", help=mark("Open a new branch and make its first admin."))(opening.init)
app.command("demo", help=mark("Make a demo branch with realistic data to try things in."))(opening.demo)
app.command("doctor", help=mark("Say what is wrong with this installation and how to mend it."))(doctor.doctor)
app.command("migrate", help=mark("Bring an older store to this program's schema; a copy is kept."))(migrate.migrate)
app.add_typer(policy.app, name="policy", help=mark("The bank's policy."))
app.add_typer(card.app, name="card", help=mark("Points cards that learn from outcomes."))
app.add_typer(importing.app, name="import", help=mark("Take data over from files."))
app.add_typer(limits.app, name="limits", help=mark("Limits of card accounts."))
app.add_typer(log.app, name="log", help=mark("The operation log."))
app.add_typer(notify.app, name="notify", help=mark("Messages to people's own channels."))
backup.app.command("restore", help=mark("Put a backup in place of the store."))(backup_restore.restore)
backup.app.command("drill", help=mark("Try a backup and the recovery kit in an empty home."))(backup_restore.drill)
app.add_typer(backup.app, name="backup", help=mark("Backups of the branch, and what opens them."))
app.add_typer(op.app, name="op", help=mark("Every operation of the bank from the shell."))


def main() -> None:
    """The ``bankcard`` command."""
    heed_every_interrupt()
    leave(run_command(app, sys.argv[1:]))
