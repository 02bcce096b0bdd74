"""The inputs inside a form: a line of text, and options chosen by keys. For several lines see ``notes``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from bankcard_tui.errors import InvalidInput
from bankcard_tui.rules.text import clean_line
from bankcard_tui.widgets.safe import Tone, truncate

OPTION_KEYS: Final = "1234567890abcdefghijklmnopqrstuvwxyz"
"""The key of each option, in order."""

NOTHING_KEY: Final = "-"
"""The key of the empty choice."""

NO_LIMIT: Final = 10**9
"""More characters than anybody pastes: the form counts them once they stand there."""


@dataclass
class PasteRefused(Message):
    """What was pasted into ``control`` holds characters that a field never takes; nothing of it was inserted."""

    problem: InvalidInput
    field: Widget

    @property
    def control(self) -> Widget:
        return self.field


class Entry(Input):
    """One line. ``secret`` hides it and keeps it out of the clipboard; ``right`` aligns it right once it is left."""

    DEFAULT_CSS = """
    Entry, Entry:focus {
        border: none; width: 1fr; height: 1; padding: 0; background-tint: transparent; text-style: underline;
    }
    Entry:focus { background: $panel; }
    """

    def __init__(self, value: str, *, id: str, secret: bool = False, right: bool = False) -> None:
        super().__init__(value, password=secret, id=id, select_on_focus=not secret)
        self._right = right

    @property
    def _value(self) -> Text:
        # Textual's own dot is two cells wide in many Chinese terminals.
        return Text("*" * len(self.value), no_wrap=True, end="") if self.password else super()._value

    def render_line(self, y: int) -> Strip:
        if self._right and self.value and not self.has_focus:
            width = self.size.width
            text = truncate(self.value, width).plain
            return Strip([Segment(" " * (width - cell_len(text)) + text, self.rich_style)], width)
        return super().render_line(y)

    def _on_paste(self, event: events.Paste) -> None:
        # A cell copied from a spreadsheet ends in a line break, which nobody means to paste.
        self.replace(event.text.strip("\r\n"), *self.selection)
        event.stop()
        event.prevent_default()

    def replace(self, text: str, start: int, end: int) -> None:
        try:
            clean_line(self.id or "", text, most=NO_LIMIT, required=False)
        except InvalidInput as problem:
            self.post_message(PasteRefused(problem, self))
        else:
            super().replace(text, start, end)

    def action_copy(self) -> None:
        if not self.password:
            super().action_copy()

    def action_cut(self) -> None:
        if not self.password:
            super().action_cut()


class Options(Widget, can_focus=True):
    """All options in view, each with its key: ``1 (*) Consumer card   2 ( ) Business card``.

    A key picks or toggles its option, Left and Right move, Space toggles; a single option is a plain tick box. Where
    one of them need not be chosen, the last is the empty choice.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", show=False),
        Binding("right", "move(1)", show=False),
        Binding("space", "pick", show=False),
    ]
    DEFAULT_CSS = """
    Options { height: auto; width: 1fr; }
    """

    @dataclass
    class Changed(Message):
        """The person chose differently."""

        options: Options

        @property
        def control(self) -> Options:
            return self.options

    def __init__(
        self,
        words: Sequence[tuple[str, str]],
        chosen: tuple[str, ...],
        *,
        id: str,
        several: bool,
        nothing: str = "",
    ) -> None:
        """``words``: value and word (already translated) of each option, at most 36. ``nothing``: the word of the
        choice that takes a choice back, with the value "" and the key ``-``; none where it is empty."""
        super().__init__(id=id)
        if len(words) > len(OPTION_KEYS):
            raise ValueError(f"more options than keys: {len(words)}")
        self._words = [*words, *([("", nothing)] if nothing else [])]
        self._keys = OPTION_KEYS[: len(words)] + (NOTHING_KEY if nothing else "")
        self._several = several
        self._chosen = set(chosen)
        self._cursor = next((place for place, (value, _) in enumerate(self._words) if value in chosen), 0)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The chosen values, in the order of the options."""
        return tuple(value for value, _ in self._words if value in self._chosen)

    @chosen.setter
    def chosen(self, values: tuple[str, ...]) -> None:
        self._chosen = set(values)
        self._cursor = next((place for place, (value, _) in enumerate(self._words) if value in values), self._cursor)
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return max(1, len(list(self._lines(width))))

    def render(self) -> Content:
        return Content("\n").join(self._lines(self.size.width))

    def _grid(self, width: int) -> tuple[list[Content], int, int]:
        """The options, how many stand beside each other, and the cells of each: columns as wide as the widest."""
        chips = [self._chip(place, width) for place in range(len(self._words))]
        column = max((cell_len(chip.plain) for chip in chips), default=1) + 2
        return chips, max(1, (width + 2) // column), column

    def _lines(self, width: int) -> Iterator[Content]:
        chips, columns, column = self._grid(width)
        for start in range(0, len(chips), columns):
            row = chips[start : start + columns]
            yield Content.assemble(*(chip.pad_right(column - cell_len(chip.plain)) for chip in row[:-1]), row[-1])

    def _chip(self, place: int, width: int) -> Content:
        value, word = self._words[place]
        on = value in self._chosen
        box = ("[x] " if on else "[ ] ") if self._several else ("(*) " if on else "( ) ")
        key = f"{self._keys[place]} " if len(self._words) > 1 else ""
        here = self.has_focus and place == self._cursor
        text = truncate(word, max(4, width - len(key) - len(box)))
        marked = Content.assemble(box, text).stylize("bold underline" if here else "bold" if on else "")
        return Content.assemble((key, str(Tone.MUTED)), marked.stylize(str(Tone.ACCENT)) if on or here else marked)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        place = self._keys.find(event.character or " ")
        if len(self._words) > 1 and place >= 0:
            event.stop()
            self._cursor = place
            self.action_pick()

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        return len(self._words) > 1 and (character or " ") in self._keys

    def on_click(self, event: events.Click) -> None:
        _, columns, column = self._grid(self.size.width)
        place = event.y * columns + min(event.x // column, columns - 1)
        if place < len(self._words):
            self._cursor = place
            self.action_pick()

    def action_move(self, step: int) -> None:
        """Move to the next option; where one is to be chosen, the one moved to is chosen."""
        untouched = not self._several and not self._chosen
        self._cursor = self._cursor if untouched else (self._cursor + step) % len(self._words)
        if not self._several:
            self.action_pick()
        self.refresh()

    def action_pick(self) -> None:
        """Choose the option under the cursor, or take the choice back where several can be chosen."""
        value = self._words[self._cursor][0]
        chosen = (self._chosen ^ {value}) if self._several else {value}
        if chosen != self._chosen:
            self._chosen = chosen
            self.post_message(self.Changed(self))
        self.refresh()
