"""The console of one command: its settings, and the one way to say, show, answer and ask.

Results go to stdout, messages and questions to stderr. Whatever holds data is made visible before it reaches a
terminal; JSON keeps every character, the hidden ones escaped.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bankcard_tui import config
from bankcard_tui.errors import BankError, InvalidInput
from bankcard_tui.locale import advise, explain, mark, tr

if TYPE_CHECKING:
    from bankcard_tui.desk.clock import Clock

BAR_CELLS = 24
_NUMBER = re.compile(r"-?[0-9][0-9,]*(\.[0-9]+)?")
_NAMES = "run|init|demo|doctor|migrate|policy|card|import|log|backup|notify|op"
_COMMAND = re.compile(rf"(?<![\w./-])bankcard(?= (?:{_NAMES})(?![\w-])(?!.* --help))", re.ASCII)
"""A command as sentences name it, in either language: nothing need stand between Chinese words and it."""


class Misused(BankError):
    """The command was given what it can't take."""

    code = "usage"
    exit_code = 2


class ReaderGone(Exception):
    """Whoever read our output stopped reading."""


@dataclass
class Console:
    """What the global options chose. ``cost`` and ``clock`` replace those of the bank in tests only."""

    flags: dict[str, str | None] = field(default_factory=dict)
    json: bool = False
    yes: bool = False
    quiet: bool = False
    interrupted: str = ""
    """What Ctrl+C leaves behind at this moment, in the language in use; empty where that goes without saying."""
    bar: Progress | None = None
    """The progress bar that is shown just now: a message takes its line."""
    cost: int | None = None
    clock: Clock | None = None

    @cached_property
    def settings(self) -> config.Settings:
        """The settings in force. Raises Unavailable when the config file can't be read."""
        return config.settings(self.flags)

    @cached_property
    def _elsewhere(self) -> str:
        """The option that leads to the home in force; empty where commands find it without."""
        import shlex

        try:
            home = self.settings.home
            without = config.settings(self.flags | {"home": None}).home
        except BankError:
            return ""
        return "" if home == without else f" --home {shlex.quote(str(home.folder))}"

    def named(self, text: str) -> str:
        """``text`` with the home in the commands that it names, where they would go to another one without."""
        if not _COMMAND.search(text) or not self._elsewhere:
            return text
        return _COMMAND.sub(lambda found: found[0] + self._elsewhere, text)

    def say(self, text: str) -> None:
        """A message on stderr, unless ``--quiet``."""
        if not self.quiet:
            self.insist(text)

    def insist(self, text: str) -> None:
        """A message on stderr that even ``--quiet`` does not suppress."""
        if self.bar is not None:
            self.bar.clear()
        _write(_visible_lines(self.named(text)), err=True)

    def show(self, *lines: str) -> None:
        """Lines of the result, for people."""
        _write("\n".join(_visible_lines(line) for line in lines), err=False)

    def answer(self, data: Any, *, indent: int | None = 2) -> None:
        """The result as JSON; without ``indent`` on one line, and flushed."""
        _write(safe_json(data, indent), err=False)

    def complain(self, error: BankError) -> None:
        """An error with its hint on stderr."""
        self.insist("\n".join(error_lines(error)))

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A progress bar on stderr, where that is a terminal and nobody asked for quiet."""
        bar = self.bar = Progress(shown=sys.stderr.isatty() and not self.quiet)
        try:
            yield bar
        finally:
            bar.clear()
            self.bar = None


class Progress:
    """One line that is written over; called with what is going on, how far it is, and how far it goes."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._last: tuple[str, int] | None = None

    def __call__(self, label: str, done: int, total: int) -> None:
        percent = 100 * min(done, total) // total if total > 0 else 100
        if not self._shown or self._last == (label, percent):
            return
        self._last = label, percent
        full = BAR_CELLS * percent // 100
        bar = "#" * full + "-" * (BAR_CELLS - full)
        typer.echo(f"\r\x1b[2K[{bar}] {percent:3} % {_visible_lines(tr(label))}", err=True, nl=False)

    def clear(self) -> None:
        """Leave the line empty."""
        if self._last is not None:
            typer.echo("\r\x1b[2K", err=True, nl=False)


def console_of(context: typer.Context) -> Console:
    """The console of the running command."""
    console: Console = context.obj
    return console


def _also_json(context: typer.Context, value: bool) -> bool:
    if value:
        console_of(context).json = True
    return value


AsJson = Annotated[
    bool, typer.Option("--json", help=mark("Give the result as JSON on stdout."), callback=_also_json, is_eager=False)
]
"""``--json`` after the command means the same as before it."""


def error_lines(error: BankError) -> list[str]:
    """An error for people: the sentence, then the hint; each problem of a form with its field."""
    from bankcard_tui.errors import InvalidForm

    if isinstance(error, InvalidForm):
        lines = [explain(error)]
        for problem in error.problems:
            first, *rest = error_lines(problem)
            lines += [f"  {first}", *(f"  {line}" for line in rest)]
        return lines
    sentence = explain(error)
    if isinstance(error, InvalidInput):
        sentence = f"{error.field}: {sentence}"
    hint = advise(error)
    return [sentence, hint] if hint else [sentence]


def ask(label: str) -> str:
    """What a person types after ``label``."""
    typed: str = typer.prompt(tr(label), err=True)
    return typed


def ask_secret(label: str) -> str:
    """What a person types after ``label`` without its being shown."""
    typed: str = typer.prompt(tr(label), err=True, hide_input=True)
    return typed


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Rows as lines under ``heads``, in columns as wide as they need to be; amounts and numbers right-aligned."""
    from bankcard_tui.rules.text import visible

    cells = [[visible(str(cell)) for cell in row] for row in rows]
    right = [bool(cells) and all(_NUMBER.fullmatch(row[place]) for row in cells) for place in range(len(heads))]
    widths = [max([width(head), *(width(row[place]) for row in cells)]) for place, head in enumerate(heads)]

    def line(row: Sequence[str]) -> str:
        padded = [
            " " * (widths[place] - width(cell)) + cell if right[place] else cell + " " * (widths[place] - width(cell))
            for place, cell in enumerate(row)
        ]
        return "  ".join(padded).rstrip()

    return [line(heads), line(["-" * each for each in widths]), *(line(row) for row in cells)]


def width(text: str) -> int:
    """How many cells of a terminal ``text`` takes: Chinese takes two a character."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text
    )


def safe_json(data: Any, indent: int | None = None) -> str:
    """``data`` as JSON that is exact and yet harmless on a terminal: hidden characters stand there as escapes."""
    import json

    from bankcard_tui.rules.text import visible

    text = json.dumps(data, ensure_ascii=False, indent=indent)
    if text.isascii():
        return text.replace("\x7f", "\\u007f")
    return "\n".join(
        line if visible(line) == line else "".join(_escaped(each) if visible(each) != each else each for each in line)
        for line in text.split("\n")
    )


def _escaped(character: str) -> str:
    import json

    return json.dumps(character)[1:-1] if not character.isascii() else f"\\u{ord(character):04x}"


def _visible_lines(text: str) -> str:
    from bankcard_tui.rules.text import visible_block

    return visible_block(text)


def _write(text: str, *, err: bool) -> None:
    try:
        typer.echo(text, err=err)
    except BrokenPipeError:
        raise ReaderGone from None
