"""The search line above a list: answers while typing, Down goes into the list, Esc clears."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from bankcard_tui.widgets.entries import Entry

WAIT_SECONDS: Final = 0.15
"""So long after the last key the search begins: a fast typist asks once."""


class SearchBox(Entry):
    """Posts ``Asked`` shortly after typing (at once, ``eager``, on Enter), ``Left`` on Down and on Esc when empty."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "leave", show=False),
        Binding("escape", "clear", show=False),
        # The key that leads here from the list begins a new search here; no name and no number has a slash.
        Binding("slash", "anew", show=False, priority=True),
    ]

    @dataclass
    class Asked(Message):
        """Search for ``text``; ``eager`` when the person pressed Enter and wants to go on to what is found."""

        text: str
        eager: bool

    @dataclass
    class Left(Message):
        """The person goes into the list, or presses Esc in an empty line."""

        by_escape: bool

    def __init__(self, *, id: str = "search") -> None:
        super().__init__("", id=id)
        self._timer: Timer | None = None

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(WAIT_SECONDS, lambda: self._ask(eager=False))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self._ask(eager=True)

    def _ask(self, *, eager: bool) -> None:
        if self._timer is not None:
            self._timer.stop()
        self.post_message(self.Asked(self.value.strip(), eager))

    def action_leave(self) -> None:
        self.post_message(self.Left(by_escape=False))

    def action_anew(self) -> None:
        """/: what is typed next replaces what stands here."""
        self.select_all()

    def action_clear(self) -> None:
        """Esc: empty the line; leave an empty one."""
        if self.value:
            self.value = ""
        else:
            self.post_message(self.Left(by_escape=True))
