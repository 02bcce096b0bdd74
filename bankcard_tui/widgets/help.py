"""F1: what a screen is for, and every key that works on it."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.signal import Signal
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.widgets.keybar import KeyBar, key_name
from bankcard_tui.widgets.safe import Tone, heading, safe_lines

_ALWAYS = (
    ("Tab", mark("Next part of the screen")),
    ("Enter", mark("Open or go on")),
    ("Ctrl+S", mark("Send the form")),
    ("j k", mark("Down and up in lists")),
    ("n p", mark("Next and previous page of a list")),
)


class HelpScreen(ModalScreen[None]):
    """Opened by ``BankScreen``: its HELP text and its keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,question_mark,q", "dismiss", mark("Back"), key_display="Esc"),
        Binding("j", "scroll(1)", show=False),
        Binding("k", "scroll(-1)", show=False),
    ]
    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 60%; }
    HelpScreen VerticalScroll {
        width: 76; max-width: 96%; height: auto; max-height: 90%; padding: 1 3;
        background: $surface; border: round $accent;
    }
    HelpScreen Static { height: auto; margin-bottom: 1; }
    """

    def __init__(self, text: str, of: Screen[Any], more: str = "") -> None:
        """``text``: the English help, and ``more`` of it below; ``of``: the screen whose keys are listed, as they are
        at this moment."""
        super().__init__()
        self._texts = [each for each in (text, more) if each]
        self._keys = [*_keys_of(of), *_ALWAYS]

    def on_mount(self) -> None:
        changed = getattr(self.app, "language_changed", None)
        if isinstance(changed, Signal):
            changed.subscribe(self, lambda _language: self.recompose())

    def compose(self) -> ComposeResult:
        width = max(cell_len(key) for key, _ in self._keys) + 3
        keys = [Content.assemble((key.ljust(width), f"bold {Tone.ACCENT}"), tr(words)) for key, words in self._keys]
        with VerticalScroll():
            yield Static(heading(tr("Help")), markup=False)
            for text in self._texts:
                yield Static(safe_lines(tr(text)), markup=False)
            yield Static(Content("\n").join(keys), markup=False)
        yield KeyBar()

    def action_scroll(self, lines: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def _keys_of(screen: Screen[Any]) -> list[tuple[str, str]]:
    """Keys and what they do, in English, each action once with all its keys; Textual's own keys are left out."""
    own = {binding.action for binding in Binding.make_bindings(Screen.BINDINGS)}
    found: dict[str, tuple[list[str], str]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.description and binding.action not in own and (binding.show or active.node is screen):
            found.setdefault(binding.action, ([], binding.description))[0].append(key_name(binding))
    return [(" ".join(dict.fromkeys(keys)), words) for keys, words in found.values()]
