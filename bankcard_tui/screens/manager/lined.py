"""A widget of lines that are made for the width it gets."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

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
