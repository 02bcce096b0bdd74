"""What the screens behind the pages of the policy share: the first-level page that they were opened from."""

from __future__ import annotations

from textual.app import ComposeResult

from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.common.shell import NavigationLine, TopLine


class BehindPage(DeskScreen):
    """A screen that admins and managers open from different pages; ``page`` is marked in the navigation line."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page

    def top(self) -> ComposeResult:
        yield TopLine()
        yield NavigationLine(self.page)
