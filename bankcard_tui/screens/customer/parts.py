"""What the customer's screens share: a page to read, a page to fill in, days and amounts in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from bankcard_tui.errors import BankError
from bankcard_tui.locale import tr
from bankcard_tui.rules.money import Money
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.widgets.errands import problem_text
from bankcard_tui.widgets.labels import amount, day
from bankcard_tui.widgets.safe import Tone, heading, status


class Pane(VerticalScroll, can_focus=True):
    """What is read from top to bottom: arrows, j k, PgUp and PgDn scroll it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", show=False),
        Binding("k", "scroll_up", show=False),
    ]
    DEFAULT_CSS = """
    Pane { height: 1fr; padding: 0 2; scrollbar-size-vertical: 1; }
    Pane Static { height: auto; }
    Pane .problem { display: none; padding: 1 0; }
    Pane.failed .problem { display: block; }
    Pane Vertical { height: auto; }
    Pane.failed Vertical { display: none; }
    """


class Section(Vertical):
    """A part of a page: its heading, lines, and further widgets; hidden until it is told what to say."""

    DEFAULT_CSS = """
    Section { height: auto; margin-bottom: 1; display: none; }
    Section.told { display: block; }
    """

    def __init__(self, title: str, *parts: Widget, id: str) -> None:
        """``title`` is English, marked."""
        super().__init__(id=id)
        self._title = title
        self._parts = parts

    def compose(self) -> ComposeResult:
        yield Static(heading(tr(self._title)), classes="title", markup=False)
        yield from self._parts
        yield Static("", classes="lines", markup=False)

    def tell(self, lines: Sequence[Content], title: str = "") -> None:
        """Show ``lines`` and the parts; ``title`` is translated already and replaces the heading."""
        self.add_class("told")
        below = self.query_one(".lines", Static)
        below.display = bool(lines)
        below.update(Content("\n").join(lines))
        if title:
            self.query_one(".title", Static).update(heading(title))

    def hide(self) -> None:
        """There is nothing to say."""
        self.remove_class("told")


class ReadingScreen(DeskScreen):
    """A page to read. ``load`` fetches; what goes wrong stands in the page; coming back to it fetches again."""

    def __init__(self) -> None:
        super().__init__()
        self._seen = False

    def body(self) -> ComposeResult:
        with Pane(id="page"):
            yield Static("", classes="problem", markup=False)
            yield from self.sections()

    def sections(self) -> ComposeResult:
        """The parts of the page."""
        yield from ()

    def on_mount(self) -> None:
        self.query_one(Pane).focus()

    def on_screen_resume(self) -> None:
        """Fetch again what may have changed behind another screen; the first showing has been loaded already."""
        if self._seen:
            self.call_later(self.load)
        self._seen = True

    def show_problem(self, error: BankError) -> None:
        """The sentence and hint of ``error`` in place of the page."""
        self.query_one(".problem", Static).update(status("!", problem_text(error), Tone.BAD))
        self.query_one(Pane).add_class("failed")

    def show_page(self) -> None:
        """The page in place of an earlier problem."""
        self.query_one(Pane).remove_class("failed")


def local_day(value: datetime | None, zone: str) -> str:
    """``2026-11-21``: the day of ``value`` at the branch; empty for none."""
    return day(value.astimezone(ZoneInfo(zone)).date()) if value is not None else ""


def yuan(money: Money | None) -> str:
    """``12,000.00 yuan``; empty for an amount that is not known."""
    return tr("{amount} yuan", amount=amount(money)) if money is not None else ""


def identity_badge(verified_at: datetime | None, zone: str) -> Content:
    """Whether the bank has seen who the customer is, and since when."""
    if verified_at is None:
        return status("!", tr("not confirmed yet"), Tone.WARNING)
    return status("+", tr("confirmed on {day}", day=local_day(verified_at, zone)), Tone.GOOD)
