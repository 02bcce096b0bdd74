"""Getting to a desk from the shell: opening the bank, asking for a password, signing in and out again."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bankcard_tui.cli.console import Console, Misused, ask_secret
from bankcard_tui.cli.terminal import machine
from bankcard_tui.errors import BankError, SecondFactorNeeded
from bankcard_tui.locale import mark

if TYPE_CHECKING:
    from bankcard_tui.desk.bank import Bank
    from bankcard_tui.desk.desk import Desk

LONGEST_PASSWORD_LINE = 4096


def command_terminal() -> str:
    """The terminal of one command. Each has its own: signing in at a terminal ends what was open there."""
    return f"{machine()} cli {os.getpid()}"


@contextmanager
def opened_bank(console: Console) -> Iterator[Bank]:
    """The bank of the home in force. Raises Unavailable as ``Bank.open`` does."""
    from bankcard_tui.desk.bank import Bank
    from bankcard_tui.security.passwords import DEFAULT_COST

    settings = console.settings
    cost = DEFAULT_COST if console.cost is None else console.cost
    bank = Bank.open(
        settings.home, key_file=settings.key_file, clock=console.clock, cost=cost, delivery=settings.delivery
    )
    try:
        yield bank
    finally:
        bank.close()


@contextmanager
def signed_in(bank: Bank, username: str, password: str, code: Callable[[], str]) -> Iterator[Desk]:
    """The desk of somebody, signed out at the end; ``code`` is called where there is a second factor. Raises Refused
    when they do not fit together.
    """
    from bankcard_tui.services.sign_in import sign_in, sign_out

    lobby = bank.lobby(command_terminal())
    try:
        desk = sign_in(lobby, username, password)
    except SecondFactorNeeded:
        desk = sign_in(lobby, username, password, code())
    try:
        yield desk
    finally:
        # The session may have ended on the way; whoever ended it has said so.
        with suppress(BankError):
            sign_out(desk)


def password_for(username: str, *, from_stdin: bool, file: Path | None = None, stdin_is_taken: bool = False) -> str:
    """The password of ``username``: from a file, the first line of stdin, or a question. Raises Misused."""
    if file is not None:
        return password_in(file)
    if from_stdin:
        return first_line()
    if stdin_is_taken and not _has_terminal():
        raise Misused(
            mark("There is no terminal to ask for the password, and stdin is taken."),
            hint=mark("Name a file that holds the password: --password-file FILE"),
        )
    return ask_secret(mark("Password"))


def code_for(*, from_stdin: bool, file: Path | None = None, stdin_is_taken: bool = False) -> str:
    """A code of the second factor: from a file, the line of stdin behind the password, or a question, which alone takes
    a recovery code too. Raises Misused.
    """
    if file is not None:
        with file.open("rb") as opened:
            return _six_digits(opened.readline(LONGEST_PASSWORD_LINE))
    if from_stdin:
        return _six_digits(sys.stdin.buffer.readline(LONGEST_PASSWORD_LINE))
    if stdin_is_taken and not _has_terminal():
        raise Misused(
            mark("There is no terminal to ask for the code of the second factor, and stdin is taken."),
            hint=mark("Name a file that holds the code: --code-file FILE"),
        )
    return ask_secret(mark("Code of your second factor"))


def first_line() -> str:
    """The first line of stdin. What follows stays there to be read."""
    line = sys.stdin.buffer.readline(LONGEST_PASSWORD_LINE)
    return _decoded(line)


def password_in(file: Path) -> str:
    """The first line of a file that nobody else can read. Raises Misused."""
    with file.open("rb") as opened:
        status = os.fstat(opened.fileno())
        if stat.S_ISREG(status.st_mode) and stat.S_IMODE(status.st_mode) & 0o077:
            raise Misused(
                mark("The password file {path} can be read by other users of this machine."),
                hint=mark("Run: chmod 600 {path}"),
                path=file,
            )
        return _decoded(opened.readline(LONGEST_PASSWORD_LINE))


def _decoded(line: bytes) -> str:
    try:
        password = line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise Misused(mark("The password is not UTF-8 text."), hint=mark("Set the terminal to UTF-8.")) from None
    if not password:
        raise Misused(mark("There is no password."), hint=mark("The first line is the password."))
    return password


def _six_digits(line: bytes) -> str:
    code = line.decode("ascii", "replace").strip()
    if not re.fullmatch("[0-9]{6}", code):
        raise Misused(
            mark("This account has a second factor, and there is no code of six digits."),
            hint=mark("A script gives it in --code-file FILE, or in the line of stdin behind the password."),
        )
    return code


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        return False
    return True
