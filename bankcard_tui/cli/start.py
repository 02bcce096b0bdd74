"""``bankcard run``: open the application."""

from __future__ import annotations

import os
import sys

import typer

from bankcard_tui.cli.console import Console, Misused, console_of
from bankcard_tui.cli.desks import machine
from bankcard_tui.errors import Unavailable
from bankcard_tui.locale import mark


def run(context: typer.Context) -> None:
    open_application(console_of(context))


def open_application(console: Console) -> None:
    """Open the application on this terminal. Raises Unavailable without a store, Misused without a terminal."""
    settings = console.settings
    if not settings.home.store.exists():
        raise Unavailable(
            "There is no branch at {home} yet.",
            hint="Run: bankcard init (a new branch) or bankcard demo (a branch to try things in).",
            code="store.missing",
            home=settings.home.folder,
        )
    # A driver that is named (the browser's) brings its own terminal.
    if "TEXTUAL_DRIVER" not in os.environ and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Misused(
            mark("The application needs a terminal."),
            hint=mark("In scripts use: bankcard op list, bankcard op run, bankcard log, bankcard import."),
        )
    from bankcard_tui.app import BankApp

    app = BankApp(settings, terminal_name())
    app.run()
    if app.return_code:
        raise typer.Exit(app.return_code)


def terminal_name() -> str:
    """The name of this terminal: machine and tty, or the process where there is no tty."""
    try:
        place = os.ttyname(sys.stdin.fileno()).removeprefix("/dev/")
    except (OSError, ValueError):
        place = f"process {os.getpid()}"
    return f"{machine()} {place}"
