"""Text on the screen: the one way from a value to something that a widget shows.

Names, notes and answers come from people and files. They never reach a markup parser, and characters that could move
the cursor, reverse the line or hide are made visible. Symbols here are ASCII: anything else may be one or two cells
wide, depending on the terminal.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from bankcard_tui.rules.text import visible, visible_block

ELLIPSIS: Final = ".."
"""Ends a text that was cut; the one-character ellipsis is two cells wide in many Chinese terminals."""


class Tone(StrEnum):
    """What a colour means. The value is a style of the theme."""

    GOOD = "$success"
    WARNING = "$warning"
    BAD = "$error"
    MUTED = "$text-muted"
    ACCENT = "$accent"


SYMBOLS: Final = {Tone.GOOD: "+", Tone.WARNING: "!", Tone.BAD: "x", Tone.MUTED: "-", Tone.ACCENT: ">"}
"""The symbol of a tone where a status has none of its own."""


def safe(value: object) -> Content:
    """``value`` as one line of content; nothing in it is markup. Content passes unchanged, None is empty."""
    if isinstance(value, Content):
        return value
    return Content("" if value is None else visible(str(value)))


def safe_lines(value: str) -> Content:
    """A text of several lines (a note, an address): line breaks stay, everything else as :func:`safe`."""
    return Content(visible_block(value))


def toned(value: object, tone: Tone, *, bold: bool = False) -> Content:
    """``value`` in the colour of ``tone``. For a status use :func:`status`: colour alone tells nothing."""
    return safe(value).stylize(f"bold {tone}" if bold else str(tone))


def heading(value: object) -> Content:
    """``value`` in bold."""
    return safe(value).stylize("bold")


def status(symbol: str, word: object, tone: Tone) -> Content:
    """A status as symbol, word and colour, such as ``+ approved``; an empty symbol is that of the tone."""
    return toned(f"{symbol or SYMBOLS[tone]} {word}", tone)


def truncate(value: object, width: int) -> Content:
    """``value`` cut to ``width`` cells, ending in an ellipsis where something was cut."""
    content = safe(value)
    text = content.plain
    if cell_len(text) <= width:
        return content
    ending = ELLIPSIS[: max(0, width)]
    # A character has at least one cell or none; cutting by characters first spares measuring 10,000 of them.
    kept = set_cell_size(text[: 4 * width + 8], max(0, width - len(ending))).rstrip(" ")
    return Content.assemble(content[: len(kept)], ending)


def pad(value: object, width: int, align: str = "left") -> Content:
    """``value`` in exactly ``width`` cells, cut or filled; ``align`` is left or right."""
    content = truncate(value, width)
    blank = max(0, width - cell_len(content.plain))
    return content.pad_left(blank) if align == "right" else content.pad_right(blank)
