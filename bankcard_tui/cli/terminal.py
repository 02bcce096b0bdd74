"""The terminal of the application, and opening it: what every start goes through, so nothing heavy is imported here."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bankcard_tui import locale
from bankcard_tui.config import Settings, settings
from bankcard_tui.errors import BankError

OPTIONS = {"--home": "home", "--lang": "lang"}


def machine() -> str:
    """The name of this machine."""
    return os.uname().nodename or "localhost"


def terminal_name() -> str:
    """The name of this terminal: machine and tty, or the process where there is no tty."""
    try:
        place = os.ttyname(sys.stdin.fileno()).removeprefix("/dev/")
    except (OSError, ValueError):
        place = f"process {os.getpid()}"
    return f"{machine()} {place}"


def is_terminal() -> bool:
    """Whether the application can be shown here. A driver that is named (the browser's) brings its own terminal."""
    return "TEXTUAL_DRIVER" in os.environ or (sys.stdin.isatty() and sys.stdout.isatty())


def opens_at_once(arguments: Sequence[str]) -> Settings | None:
    """The settings, when ``arguments`` ask for nothing but the application and nothing stands in its way.

    None for anything else: the command line proper answers that. Reading it takes as long as painting the sign-in
    screen, and this is how people start the program all day.
    """
    flags: dict[str, str | None] = {}
    words = list(arguments)
    while words and (option := words[0].partition("="))[0] in OPTIONS:
        words.pop(0)
        if not option[1] and not words:
            return None
        flags[OPTIONS[option[0]]] = option[2] if option[1] else words.pop(0)
    lang = flags.get("lang") or "en"
    if words not in ([], ["run"]) or not lang.lower().startswith(("en", "zh")) or not is_terminal():
        return None
    try:
        chosen = settings(flags)
    except BankError:
        return None
    return chosen if chosen.home.store.exists() else None


def open_application(chosen: Settings) -> int:
    """Show the application until the person leaves it; returns the exit code."""
    with without_collecting():
        from bankcard_tui.app import BankApp

    locale.use(chosen.lang)
    app = BankApp(chosen, terminal_name())
    # What the program is made of stays to its end: looking through all of it for garbage would stop a key's answer now
    # and then for longer than the answer takes.
    app.opening.opened = gc.freeze
    app.run()
    return app.return_code or 0


@contextmanager
def without_collecting() -> Iterator[None]:
    """Nobody looks for garbage while the block imports: for thousands of new classes that takes up to an eighth of the
    time, and finds nothing."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
