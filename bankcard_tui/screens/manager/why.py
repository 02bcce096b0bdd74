"""The dialogs that show all of an opinion: of the one in front, and of those behind decisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.manager.why_text import decision_lines, why_lines
from bankcard_tui.services.applications import ApplicationFile
from bankcard_tui.services.opinions import Advice
from bankcard_tui.widgets.dialogs import Dialog, Words
from bankcard_tui.widgets.lined import Lined, Lines


class LongText(Dialog[None]):
    """Many lines, scrolled by keys."""

    DEFAULT_CSS = """
    LongText .box { width: 92; padding: 0 2; }
    LongText .all { height: auto; max-height: 72vh; margin-top: 1; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter", "back", mark("Close"), key_display="Esc"),
        Binding("j,down", "scroll_all(1)", show=False),
        Binding("k,up", "scroll_all(-1)", show=False),
        Binding("pagedown,space", "scroll_all(10)", show=False),
        Binding("pageup", "scroll_all(-10)", show=False),
    ]

    def __init__(self, title: Words, lines: Callable[[int], Lines]) -> None:
        super().__init__(title)
        self._lines = lines

    def question(self) -> ComposeResult:
        with VerticalScroll(classes="all", can_focus=False):
            yield Lined(self._lines)

    def action_scroll_all(self, lines: int) -> None:
        self.query_one(".all").scroll_relative(y=lines, animate=False)


class Why(LongText):
    """All that the opinion in front rests on; the key that opened it closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("w", "back", show=False)]

    def __init__(self, advice: Advice) -> None:
        super().__init__(
            lambda: tr("Why this opinion"),
            lambda width: why_lines(advice.opinion, advice.policy_version, width, advice.raises),
        )


class Decisions(LongText):
    """The decisions on an application, each with the opinion as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("d", "back", show=False)]

    def __init__(self, file: ApplicationFile, zone: str) -> None:
        super().__init__(
            lambda: tr("Decided on {number}", number=file.row.number),
            lambda width: decision_lines(file.decisions, zone, width),
        )
