"""Facts: labels and values under each other, aligned by cells, in one or two columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from bankcard_tui.locale import language, tr
from bankcard_tui.widgets.safe import Tone, safe, safe_lines, toned

Pair = tuple[str, object]
"""A label (English, marked) and its value: str, or Content from safe, status or badge. An empty label continues."""

WIDTHS_KEPT = 4
"""A page that gets and loses its scroll bar asks for two widths in turn, in one language or the other."""


class Facts(Widget, can_focus=False):
    """Shows pairs of label and value; long values wrap under themselves.

    With ``columns=2`` the pairs stand in two columns, read downwards, where each has at least 36 cells.
    """

    DEFAULT_CSS = """
    Facts { height: auto; width: 1fr; }
    """

    def __init__(self, pairs: Sequence[Pair] = (), *, columns: int = 1, id: str | None = None) -> None:
        super().__init__(id=id)
        self._pairs = list(pairs)
        self._columns = columns
        # One layout asks for the same lines several times, and wrapping a long note takes a while.
        self._wrapped: dict[tuple[int, str], list[Content]] = {}

    def show(self, pairs: Sequence[Pair]) -> None:
        """Show these pairs instead."""
        self._pairs = list(pairs)
        self._wrapped.clear()
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def render(self) -> Content:
        return Content("\n").join(self._lines(self.size.width))

    def _lines(self, width: int) -> list[Content]:
        key = (width, language())
        if key not in self._wrapped:
            if len(self._wrapped) >= WIDTHS_KEPT:
                self._wrapped.clear()
            self._wrapped[key] = self._wrap(width)
        return self._wrapped[key]

    def _wrap(self, width: int) -> list[Content]:
        if self._columns < 2 or width < 2 * 36 + 3:
            return fact_lines(self._pairs, width)
        half = (len(self._pairs) + 1) // 2
        column = (width - 3) // 2
        left, right = fact_lines(self._pairs[:half], column), fact_lines(self._pairs[half:], column)
        height = max(len(left), len(right))
        left += [Content()] * (height - len(left))
        right += [Content()] * (height - len(right))
        return [
            Content.assemble(one.pad_right(column + 3 - cell_len(one.plain)), other)
            for one, other in zip(left, right, strict=True)
        ]


def fact_lines(pairs: Sequence[Pair], width: int) -> list[Content]:
    """The lines of ``pairs`` in ``width`` cells; the column of labels is at most half of it."""
    labels = [tr(label) if label else "" for label, _ in pairs]
    label_width = min(max((cell_len(label) for label in labels), default=0), max(1, width // 2))
    lines: list[Content] = []
    for label, (_, value) in zip(labels, pairs, strict=True):
        heads = toned(label, Tone.MUTED).wrap(label_width) if label else [Content()]
        shown = safe_lines(value) if isinstance(value, str) else safe(value)
        values = shown.wrap(max(2, width - label_width - 2)) if shown else [Content("-")]
        for place in range(max(len(heads), len(values))):
            head = heads[place] if place < len(heads) else Content()
            tail = values[place] if place < len(values) else Content()
            lines.append(Content.assemble(head.pad_right(label_width + 2 - cell_len(head.plain)), tail))
    return lines
