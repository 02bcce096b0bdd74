"""Lines that are made for the width they get: the widget that shows them, and how they are laid out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from bankcard_tui.widgets.safe import Tone, pad

Lines = list[Content]


class Lined(Widget, can_focus=False):
    """Shows lines that are made for the width it gets."""

    DEFAULT_CSS = """
    Lined { height: auto; width: 1fr; }
    """

    def __init__(self, build: Callable[[int], Lines], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._build = build
        self._made: tuple[int, Lines] | None = None

    def renew(self) -> None:
        """What is shown has changed."""
        self._made = None
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return max(1, len(self._lines(width)))

    def render(self) -> Content:
        return Content("\n").join(self._lines(self.size.width))

    def _lines(self, width: int) -> Lines:
        if self._made is None or self._made[0] != width:
            self._made = (width, self._build(max(10, width)))
        return self._made[1]


def hanging(line: Content, width: int, indent: int = 2) -> Lines:
    """``line`` wrapped in ``width`` cells, all but its first row ``indent`` cells in; a symbol at its beginning stays
    beside what it marks.
    """
    if cell_len(line.plain) <= width:
        return [line]
    symbol = 2 if line.plain[1:2] == " " else 0
    rows = line[symbol:].wrap(max(4, width - max(symbol, indent)))
    return [Content.assemble(line[:symbol], rows[0]), *(Content.assemble(" " * indent, row) for row in rows[1:])]


def closed(lines: Lines, right: Content, width: int) -> Lines:
    """``lines`` with ``right`` at the end of the last, or in a row of its own, two cells in, where that has no room."""
    if cell_len(lines[-1].plain) + cell_len(right.plain) + 2 <= width:
        return [*lines[:-1], Content.assemble(pad(lines[-1], width - cell_len(right.plain)), right)]
    return [*lines, *hanging(Content.assemble("  ", right), width)]


def block(first: str, second: str, tone: Tone, width: int) -> Lines:
    """Two rows of ``width`` cells, reversed in the colour of ``tone``: what is large on a terminal."""
    return [pad(f"  {text}", width).stylize(f"bold reverse {tone}") for text in (first, second)]


def side_by_side(left: Lines, right: Lines, width: int, gap: int = 3) -> Lines:
    """Two columns of the same width with ``gap`` cells between them; their lines fit :func:`half`."""
    column, rows = half(width, gap), max(len(left), len(right))
    blank = [Content()] * rows
    return [
        Content.assemble(pad(one, column + gap), other)
        for one, other in zip([*left, *blank][:rows], [*right, *blank][:rows], strict=True)
    ]


def half(width: int, gap: int = 3) -> int:
    """The cells of one of two columns."""
    return (width - gap) // 2


def joined(groups: Sequence[Lines], *, airy: bool) -> Lines:
    """The groups that are not empty, with a blank row between them where it is to be ``airy``."""
    lines: Lines = []
    for group in groups:
        if lines and group and airy:
            lines.append(Content())
        lines += group
    return lines
