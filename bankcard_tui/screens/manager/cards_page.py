"""A page of a points card: lines made for the width, scrolled by keys, over what a question answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from bankcard_tui.errors import BankError
from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.widgets.errands import SESSION_PROBLEMS, problem_text
from bankcard_tui.widgets.lined import Lined, Lines, hanging
from bankcard_tui.widgets.safe import Tone, heading, safe, status, toned

T = TypeVar("T")

FURTHER: Final = Binding("n,pagedown", "scroll_page(15)", mark("Further"), key_display="PgDn")
"""For pages with room for it in the footer."""
MOST_CELLS: Final = 104
"""Lines longer than this are hard to follow."""


class CardSheet(DeskScreen, Generic[T]):
    """Asks once, shows what was answered, and scrolls it. Subclasses say what to ask and how it reads."""

    PAGE = "cards"
    DEFAULT_CSS = """
    CardSheet VerticalScroll { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_page(1)", show=False),
        Binding("k,up", "scroll_page(-1)", show=False),
        Binding("n,pagedown", "scroll_page(15)", mark("Further"), key_display="PgDn", show=False),
        Binding("p,pageup", "scroll_page(-15)", mark("Up again"), key_display="PgUp", show=False),
        Binding("home", "scroll_page(-100000)", show=False),
        Binding("end", "scroll_page(100000)", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.answer: T | None = None
        self._problem: BankError | None = None

    def ask(self) -> T:
        """What is shown, asked in a thread."""
        raise NotImplementedError

    def lines(self, answer: T, width: int) -> Lines:
        """How it reads in ``width`` cells."""
        raise NotImplementedError

    def body(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield Lined(self._lines)

    def load(self) -> None:
        if self.answer is None:
            self.work(self.ask, self.show, on_problem=self._failed, group="card")

    def show(self, answer: T) -> None:
        """Show what was answered."""
        self.answer = answer
        self.query_one(Lined).renew()
        self.refresh_bindings()

    def action_scroll_page(self, lines: int) -> None:
        """Scroll by so many lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def _failed(self, problem: BankError) -> None:
        if not isinstance(problem, SESSION_PROBLEMS):
            self._problem = problem
            self.query_one(Lined).renew()

    def _lines(self, width: int) -> Lines:
        width = min(width, MOST_CELLS)
        if self._problem is not None:
            return hanging(status("!", problem_text(self._problem), Tone.BAD), width)
        if self.answer is None:
            return [toned(tr("Loading ..."), Tone.MUTED)]
        return self.lines(self.answer, width)


def section(title: str, lines: Lines) -> Lines:
    """A heading (English, marked) over ``lines``; nothing where there are none."""
    return [Content(), heading(tr(title)), Content(), *lines] if lines else []


def text(words: str, width: int, tone: Tone | None = Tone.MUTED, symbol: str = "") -> Lines:
    """A sentence (translated), wrapped; with a ``symbol`` it is a status and hangs behind it."""
    if symbol and tone is not None:
        return hanging(status(symbol, words, tone), width)
    return hanging(toned(words, tone) if tone is not None else safe(words), width, indent=0)


Say = Callable[[Content], None]
"""Gets what came of something, to be shown."""
