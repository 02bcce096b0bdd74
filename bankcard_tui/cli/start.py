"""``bankcard run``: open the application."""

from __future__ import annotations

import typer

from bankcard_tui.cli import terminal
from bankcard_tui.cli.console import Console, Misused, console_of
from bankcard_tui.cli.terminal import is_terminal
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
    if not is_terminal():
        raise Misused(
            mark("The application needs a terminal."),
            hint=mark("In scripts use: bankcard op list, bankcard op run, bankcard log, bankcard import."),
        )
    code = terminal.open_application(settings)
    if code:
        raise typer.Exit(code)
