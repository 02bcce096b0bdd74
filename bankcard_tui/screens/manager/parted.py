"""A screen in three parts that a decision rests on, with what it is about always in view."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.common.shell import TopLine
from bankcard_tui.widgets.lined import Lined, Lines
from bankcard_tui.widgets.safe import Tone, heading, toned, truncate

WIDE: Final = 110
"""From so many columns on, all three parts stand side by side."""

FRAME_ROWS: Final = 7
"""Rows around the parts: top line, subject, titles, proposal (two), what was said, keys."""


class Parted(DeskScreen):
    """Three parts: two about what is to be decided, and the opinion. Subclasses say what stands in them.

    From 110 columns on they stand side by side; below, the opinion stays and Tab changes the part beside it.
    """

    TITLES: ClassVar[tuple[str, str]]
    """The titles of the two parts that share a place where it is narrow, marked."""

    DEFAULT_CSS = """
    Parted .subject { height: 1; padding: 0 1; background: $surface; }
    Parted .parts { height: 1fr; }
    Parted .part { width: 1fr; padding: 0 1; }
    Parted .part .title { height: 1; }
    Parted .part VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    Parted #opinion { width: 1.35fr; border-left: solid $panel; }
    Parted #before { border-left: solid $panel; }
    Parted.narrow #before { border-left: none; display: none; }
    Parted.narrow #opinion { width: 1fr; }
    Parted.narrow.turned #before { display: block; }
    Parted.narrow.turned #applicant { display: none; }
    Parted .strip { height: 2; background: $surface; }
    Parted .strip #proposal { width: 30; height: 2; }
    Parted .strip #terms { width: 1fr; height: 2; padding: 0 0 0 2; }
    Parted .said { height: 1; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_parts(1)", mark("Scroll down"), show=False),
        Binding("k,up", "scroll_parts(-1)", mark("Scroll up"), show=False),
        Binding("pagedown,space", "scroll_parts(10)", show=False),
        Binding("pageup", "scroll_parts(-10)", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._said = Content()

    def top(self) -> ComposeResult:
        yield TopLine()

    def body(self) -> ComposeResult:
        yield Lined(self.subject, id="subject").add_class("subject")
        with Horizontal(classes="parts"):
            with Vertical(id="applicant", classes="part"):
                yield Lined(lambda width: [self._left_title(0)]).add_class("title")
                with VerticalScroll(can_focus=False):
                    yield Lined(self.first)
            with Vertical(id="before", classes="part"):
                yield Lined(lambda width: [self._left_title(1)]).add_class("title")
                with VerticalScroll(can_focus=False):
                    yield Lined(self.second)
            with Vertical(id="opinion", classes="part"):
                yield Lined(lambda width: [heading(tr("Opinion"))]).add_class("title")
                with VerticalScroll(can_focus=False):
                    yield Lined(self.opinion)
        with Horizontal(classes="strip"):
            yield Lined(self.large, id="proposal")
            yield Lined(self.beside, id="terms")
        yield Lined(lambda width: [truncate(self._said, width)], id="said").add_class("said")

    def on_resize(self) -> None:
        self.set_class(self.size.width < WIDE, "narrow")
        self.renew()

    # What is shown

    def subject(self, width: int) -> Lines:
        """The row below the top line: who it is about."""
        raise NotImplementedError

    def first(self, width: int) -> Lines:
        """The part on the left."""
        raise NotImplementedError

    def second(self, width: int) -> Lines:
        """The part that shares the place of the first where it is narrow."""
        raise NotImplementedError

    def opinion(self, width: int) -> Lines:
        """The opinion."""
        raise NotImplementedError

    def large(self, width: int) -> Lines:
        """The two rows in the lower left corner: what it is about, large."""
        raise NotImplementedError

    def beside(self, width: int) -> Lines:
        """The two rows beside them, quieter."""
        raise NotImplementedError

    def from_the_top(self) -> None:
        """Show something else, from the top of each part."""
        self.remove_class("turned")
        for part in self.query(VerticalScroll):
            part.scroll_home(animate=False)
        self.renew()
        self.refresh_bindings()

    def say(self, said: Content) -> None:
        """What came of the last step, in the line above the keys."""
        self._said = said
        for line in self.query("#said").results(Lined):
            line.renew()

    def renew(self) -> None:
        """Paint all parts anew."""
        for each in self.query(Lined):
            each.renew()

    @property
    def part_rows(self) -> int:
        """The rows that a part has for its lines."""
        return self.size.height - FRAME_ROWS

    def _left_title(self, place: int) -> Content:
        """The two parts that share the left half, with their keys; alone on a wide terminal."""
        if self.size.width >= WIDE:
            return heading(tr(self.TITLES[place]))
        return Content.assemble(
            *(
                Content.assemble((f"{number + 1} ", f"bold {Tone.ACCENT}"), self._tab(tr(word), number == place), "   ")
                for number, word in enumerate(self.TITLES)
            )
        )

    def _tab(self, word: str, here: bool) -> Content:
        return heading(word).stylize("underline") if here else toned(word, Tone.MUTED)

    # Keys

    def action_turn(self, part: str = "") -> None:
        """On a narrow terminal: the other part in the left half."""
        before = part == "before" if part else not self.has_class("turned")
        self.set_class(before, "turned")

    def action_scroll_parts(self, lines: int) -> None:
        """Scroll whatever does not fit."""
        for part in self.query(VerticalScroll):
            part.scroll_relative(y=lines, animate=False)
