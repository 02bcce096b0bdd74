"""An application around the widgets under test, and the texts that attack them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from textual.app import App
from textual.screen import Screen
from textual.signal import Signal

from bankcard_tui import locale
from bankcard_tui.widgets.theme import DARK, THEMES

SIZES = [(80, 24), (120, 40)]
LANGUAGES = ["en", "zh_CN"]

HOSTILE = [
    "[/]",
    "a[/]b",
    "[@click=app.quit]press me[/]",
    "[bold red]VIP[/bold red]",
    "\x1b[2J\x1b]0;owned\x07",
    "\u202egnp.exe\u202c",
    "zero\u200bwidth\ufeff",
    "line\nbreak\ttab\x00null",
    "{name} {0} %s",
    "王" * 10_000,
    "x" * 10_000,
]


class Branch(App[None]):
    """Opens one screen, in our theme, with the signal that tells of another language; nothing glides, as in BankApp."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, opening: Callable[[], Screen[None]]) -> None:
        super().__init__()
        self.animation_level = "none"
        self._opening = opening
        self.language_changed: Signal[str] = Signal(self, "language_changed")
        self.session_problems: list[Exception] = []
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK

    def on_mount(self) -> None:
        self.push_screen(self._opening())

    def session_problem(self, error: Exception) -> None:
        self.session_problems.append(error)

    def speak(self, language: str) -> None:
        locale.use(language)
        self.language_changed.publish(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak ``language`` inside, English again afterwards."""
    locale.use(language)
    try:
        yield
    finally:
        locale.use("en")


def lines(app: App[None]) -> list[str]:
    """What stands on the terminal, line by line."""
    width, height = app.size
    strips = app.screen._compositor.render_strips()
    assert len(strips) == height
    texts = [strip.text for strip in strips]
    assert all(strip.cell_length == width for strip in strips)
    return texts


def shown(app: App[None]) -> str:
    """What stands on the terminal, as one text."""
    return "\n".join(lines(app))


def assert_harmless(app: App[None]) -> None:
    """Nothing on the terminal can steer it or hide."""
    for line in lines(app):
        hidden = [f"U+{ord(character):04X}" for character in line if not character.isprintable()]
        assert not hidden, hidden
