"""A QR code on the terminal, in half blocks: two modules above each other are one cell."""

from __future__ import annotations

from typing import Final

import segno
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

QUIET_ZONE: Final = 2
"""Light modules around the code: ISO/IEC 18004 asks for four, phones are content with two."""

_UPPER_HALF: Final = "\u2580"
# Dark on light in every theme, in plain black and white: phones do not read a code the other way round.
_COLOURS: Final = ("#ffffff", "#000000")


def modules(text: str) -> list[list[bool]]:
    """The code of ``text`` at error level L with its quiet zone, row by row; True is dark."""
    return [[bool(module) for module in row] for row in segno.make_qr(text, error="L").matrix_iter(border=QUIET_ZONE)]


class QrCode(Widget, can_focus=False):
    """Shows the code of a text; as wide as it has modules, half as high."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    QrCode { width: auto; height: auto; }
    """

    def __init__(self, text: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows = modules(text)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return len(self._rows[0])

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return (len(self._rows) + 1) // 2

    def render_line(self, y: int) -> Strip:
        """One line: upper modules in the colour of the text, lower ones in that behind it."""
        upper = self._rows[2 * y]
        # Below an odd last row the code is light, as the zone around it.
        lower = self._rows[2 * y + 1] if 2 * y + 1 < len(self._rows) else [False] * len(upper)
        return Strip(
            [
                Segment(_UPPER_HALF, Style(color=_COLOURS[above], bgcolor=_COLOURS[below]))
                for above, below in zip(upper, lower, strict=True)
            ]
        )
