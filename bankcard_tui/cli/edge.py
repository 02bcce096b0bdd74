"""Where a command meets the shell: every ending becomes one clear sentence and an exit code."""

from __future__ import annotations

import io
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

import typer

from bankcard_tui import locale
from bankcard_tui.cli.console import Console, Misused, ReaderGone
from bankcard_tui.errors import BankError, Phrase, Unavailable, reason_of
from bankcard_tui.locale import mark, tr

T = TypeVar("T")

INTERRUPTED = 130
READER_GONE = 141
"""What a shell reports for a program that was writing into a pipe when its reader left: 128 + SIGPIPE."""

AGAIN_SECONDS = 0.02


def run_command(app: typer.Typer, arguments: Sequence[str], console: Console | None = None) -> int:
    """Run ``bankcard`` with ``arguments``; returns the exit code and never raises for what a command did."""
    console = console or Console()
    _tolerate_narrow_encodings()
    command = typer.main.get_command(app)
    _speak(console, arguments)
    translate_help(command)
    try:
        code, problem = attempt(
            console,
            lambda: command.main(args=list(arguments), prog_name="bankcard", standalone_mode=False, obj=console),
        )
        if problem is not None:
            console.complain(problem)
            return problem.exit_code
        if code == INTERRUPTED:
            return _interrupted(console)
    except typer.Abort as abort:
        if isinstance(abort.__context__, KeyboardInterrupt):
            return _interrupted(console)
        console.complain(
            Misused(
                mark("The input ended before everything was answered."),
                hint=mark("Answer at a terminal, or give the answers as options: bankcard COMMAND --help"),
            )
        )
        return Misused.exit_code
    except KeyboardInterrupt:
        return _interrupted(console)
    except ReaderGone:
        return READER_GONE
    except SystemExit as left:
        # Only a reader who left while help was written ends here.
        return READER_GONE if left.code else 0
    return code if isinstance(code, int) else 0


def attempt(console: Console, work: Callable[[], T]) -> tuple[T | None, BankError | None]:
    """What ``work`` returns, or why it could not: a bug becomes an incident with a number."""
    try:
        return work(), None
    except BankError as error:
        return None, error
    except typer.TyperException as error:
        return None, _misused(error)
    except (typer.Abort, typer.Exit, ReaderGone):
        raise
    except BrokenPipeError:
        raise ReaderGone from None
    except OSError as error:
        return None, Unavailable(
            "{file}: {error}.",
            hint="Check the name, the folder's rights and the space on the disk.",
            code="file.unusable",
            file=error.filename if error.filename is not None else "-",
            error=reason_of(error),
        )
    except Exception as error:  # a bug must end in a sentence and a record, not in a traceback
        return None, _incident(console, error)


def _misused(error: typer.TyperException) -> BankError:
    context = getattr(error, "ctx", None)
    return Misused(
        mark("This can't be understood: {problem}"),
        hint=mark("Try: {command} --help"),
        problem=_problem_of(error),
        command=context.command_path if context is not None else "bankcard",
    )


def _problem_of(error: typer.TyperException) -> Phrase | str:
    """What is wrong with a command line; the names in it stand as they were typed."""
    name = getattr(error, "option_name", "")
    if name:
        return Phrase("No such option or no value for it: {name}", {"name": name})
    parameter = getattr(error, "param", None)
    if parameter is not None:
        hint = ", ".join(getattr(parameter, "opts", ())) or str(parameter.name)
        missing = type(error).__name__ == "MissingParameter"
        return (
            Phrase("{name} is missing", {"name": hint})
            if missing
            else Phrase("{name} can't take this value", {"name": hint})
        )
    said = error.format_message()
    if found := re.match(r"No such command '(.*)'", said, re.DOTALL):
        return Phrase("No such command: {name}", {"name": found[1]})
    if found := re.match(r"Got unexpected extra argument\S* \((.*)\)", said, re.DOTALL):
        return Phrase("too many words: {name}", {"name": found[1]})
    return said


def _incident(console: Console, error: Exception) -> BankError:
    from bankcard_tui.screens.common.incidents import new_number, record_incident

    number = new_number()
    path = record_incident(console.settings.home.folder, number, error)
    if path is None:
        return BankError(
            "Something went wrong that should not have (incident {number}); it could not be written down.",
            hint="Note what you did and tell your IT support.",
            code="incident",
            number=number,
        )
    return BankError(
        "Something went wrong that should not have (incident {number}).",
        hint="Give your IT support this number and the file {path}.",
        code="incident",
        number=number,
        path=path,
    )


def _interrupted(console: Console) -> int:
    console.insist(f"\n{tr('Interrupted.')} {console.interrupted}".rstrip())
    return INTERRUPTED


def _speak(console: Console, arguments: Sequence[str]) -> None:
    """Find the language before the command line is read, so that help and complaints speak it too."""
    from bankcard_tui import config

    chosen = None
    for place, argument in enumerate(arguments):
        if argument == "--lang":
            chosen = "".join(arguments[place + 1 : place + 2])
        elif argument.startswith("--lang="):
            chosen = argument.partition("=")[2]
    try:
        locale.use(config.settings({"lang": chosen or console.flags.get("lang")}).lang)
    except BankError:
        locale.use("en")  # the command says what is wrong with the config file


def translate_help(command: object) -> None:
    """Put help into the language in use, in the whole tree of commands."""
    if locale.language() == "en":
        return
    for name in ("help", "short_help"):
        text = getattr(command, name, None)
        if text:
            setattr(command, name, tr(text))
    for part in getattr(command, "params", ()):
        translate_help(part)
    for part in getattr(command, "commands", {}).values():
        translate_help(part)


def _tolerate_narrow_encodings() -> None:
    """Where a terminal can't show a character, spell it rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def heed_every_interrupt() -> None:
    """From now on Ctrl+C also ends a process that is clearing up garbage at that moment: there Python would write a
    traceback and go on with the work."""
    otherwise = sys.unraisablehook

    def hook(problem: sys.UnraisableHookArgs) -> None:
        if problem.exc_type is KeyboardInterrupt:
            # Once more, when the clearing up is over.
            again = threading.Timer(AGAIN_SECONDS, os.kill, (os.getpid(), signal.SIGINT))
            again.daemon = True
            again.start()
        else:
            otherwise(problem)

    sys.unraisablehook = hook


def leave(code: int) -> None:
    """End the process with ``code``; what could not be written to a pipe is dropped without a word."""
    try:
        sys.stdout.flush()
    except (BrokenPipeError, ValueError):
        code = READER_GONE
    if code == READER_GONE:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(code)
