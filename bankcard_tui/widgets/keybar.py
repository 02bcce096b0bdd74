"""The bottom line: the keys that work here, at most seven, in the language in use."""

from __future__ import annotations

from typing import Any, Final

from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from bankcard_tui.locale import tr
from bankcard_tui.widgets.safe import Tone

MOST_KEYS: Final = 7
LAST: Final = ("back", "help")
"""Actions that stand at the end of the line and stay when others have to give way."""

_NAMES: Final = {
    "enter": "Enter",
    "escape": "Esc",
    "tab": "Tab",
    "space": "Space",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "delete": "Del",
    "backspace": "Bksp",
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
    "question_mark": "?",
    "slash": "/",
    "plus": "+",
    "minus": "-",
    "full_stop": ".",
    "comma": ",",
}


def key_name(binding: Binding) -> str:
    """How a key is written for people: ``Ctrl+S``, ``F1``, ``a``, ``Enter``."""
    if binding.key_display:
        return binding.key_display
    *modifiers, key = binding.key.split("+")
    name = _NAMES.get(key, key.upper() if len(key) > 1 or modifiers else key)
    return "+".join([*(modifier.capitalize() for modifier in modifiers), name])


def shown_keys(screen: Screen[Any]) -> list[tuple[Binding, bool]]:
    """The bindings to show, with whether each is enabled: the focused widget's first, back and help last.

    Keys of the same action are one entry, named by the first.
    """
    entries: dict[str, tuple[Binding, bool]] = {}
    for active in screen.active_bindings.values():
        if active.binding.show and active.binding.description:
            entries.setdefault(active.binding.action, (active.binding, active.enabled))
    rank = {action: place for place, action in enumerate(LAST, 1)}
    return sorted(entries.values(), key=lambda entry: rank.get(entry[0].action.rpartition(".")[2], 0))


def footer_fits(screen: Screen[Any], width: int = 80) -> bool:
    """Whether every key to show on ``screen`` has its place in a footer ``width`` cells wide."""
    keys = shown_keys(screen)
    return len(keys) <= MOST_KEYS and cell_len(_line(keys).plain) <= width


def _line(keys: list[tuple[Binding, bool]]) -> Content:
    return Content.assemble(*(_entry(binding, enabled) for binding, enabled in keys))


def _entry(binding: Binding, enabled: bool) -> Content:
    colour, words = (f"bold {Tone.ACCENT}", "") if enabled else (f"{Tone.MUTED}", f"{Tone.MUTED}")
    return Content.assemble(" ", (key_name(binding), colour), " ", (tr(binding.description), words), " ")


class KeyBar(Widget, can_focus=False):
    """Shows the keys of the screen it is on; a click on one presses it."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; background: $panel; color: $foreground; text-wrap: nowrap; }
    """

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, lambda _screen: self.refresh())

    def keys(self) -> list[tuple[Binding, bool]]:
        """What fits: from the middle of the line keys give way, never back and help; F1 lists them all."""
        keys = shown_keys(self.screen)
        kept_last = sum(binding.action.rpartition(".")[2] in LAST for binding, _ in keys)
        while keys and (len(keys) > MOST_KEYS or cell_len(_line(keys).plain) > self.size.width):
            del keys[max(0, len(keys) - kept_last - 1)]
        return keys

    def render(self) -> Content:
        return _line(self.keys())

    def on_click(self, event: events.Click) -> None:
        place = 0
        for binding, enabled in self.keys():
            place += cell_len(_entry(binding, enabled).plain)
            if event.x < place:
                self.app.simulate_key(binding.key)
                return
