"""Codes to be put on paper: shown once, and left only when they are written down."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.widgets.dialogs import Confirm, Dialog, Words
from bankcard_tui.widgets.safe import Tone, heading, toned


class CodesDialog(Dialog[bool]):
    """Ten codes in two columns, to be read downwards. Dismisses with True once they are written down."""

    DEFAULT_CSS = """
    CodesDialog .codes { height: auto; margin: 1 0 0 4; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", mark("Close"), show=False),
        Binding("enter", "back", mark("Close")),
    ]

    def __init__(self, title: Words, body: Words, codes: tuple[str, ...]) -> None:
        super().__init__(title, body)
        self._codes = codes

    def question(self) -> ComposeResult:
        yield Static(in_two_columns(self._codes), classes="codes", markup=False)

    def action_back(self) -> None:
        """Esc and Enter: close, when the codes are written down."""
        self.app.push_screen(self.are_they_written_down(), self._answered)

    def are_they_written_down(self) -> Confirm:
        """The question before they are gone."""
        return Confirm(
            lambda: tr("Are the codes written down?"),
            lambda: tr("They are not kept anywhere and can't be shown again."),
            lambda: tr("They are written down"),
            destructive=False,
        )

    def _answered(self, yes: bool | None) -> None:
        if yes:
            self.dismiss(True)


def in_two_columns(codes: tuple[str, ...]) -> Content:
    """The codes with their numbers, the first half on the left."""
    half = (len(codes) + 1) // 2
    numbered = [
        Content.assemble(toned(f"{number:>2}  ", Tone.MUTED), heading(code)) for number, code in enumerate(codes, 1)
    ]
    return Content("\n").join(
        Content.assemble(left, "      ", right)
        for left, right in zip(numbered[:half], [*numbered[half:], Content()], strict=False)
    )
