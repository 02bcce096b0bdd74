"""The two lines at the top of every screen: where this is and who works here, and the pages of that person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Final, cast
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widget import Widget

from bankcard_tui.locale import mark, tr
from bankcard_tui.widgets.labels import label
from bankcard_tui.widgets.safe import Tone, heading, pad, safe, toned, truncate

if TYPE_CHECKING:
    from bankcard_tui.screens.common.base import Page, Shell

FIRST_KEY: Final = 2
"""The first page opens with F2, the next with F3, and so on."""

MOST_PAGES: Final = 8
GAP: Final = 3
LEAST_TITLE: Final = 2
MENU: Final = mark("Menu")

_SECONDS_A_MINUTE: Final = 60


class TopLine(Widget, can_focus=False):
    """Bank and branch on the left; business date, person and role on the right; always one line."""

    DEFAULT_CSS = """
    TopLine { height: 1; background: $panel; color: $foreground; padding: 0 1; text-wrap: nowrap; }
    """

    def on_mount(self) -> None:
        # The date changes at midnight.
        self.set_interval(_SECONDS_A_MINUTE, self.refresh)

    def render(self) -> Content:
        shell = cast("Shell", self.app)
        bank = shell.desk.bank
        today = bank.clock.now().astimezone(ZoneInfo(bank.branch.zone)).date()
        return top_line(
            bank.branch.bank, bank.branch.name, today, shell.who.name, label(shell.who.role), self.size.width
        )


def top_line(bank: str, branch: str, today: date, person: str, role: str, width: int) -> Content:
    """The line in ``width`` cells: date and role whole, person and branch cut where there is no room."""
    fixed = cell_len(today.isoformat()) + cell_len(role) + 2 * GAP
    room = max(0, width - fixed)
    name = truncate(heading(person), max(room // 2, room - cell_len(f"{bank}  {branch}") - GAP))
    right = Content.assemble(today.isoformat(), " " * GAP, name, " " * GAP, toned(role, Tone.MUTED))
    left = Content.assemble(heading(bank), "  ", toned(branch, Tone.MUTED))
    space = max(0, width - cell_len(right.plain))
    return Content.assemble(pad(left, space - GAP), " " * min(GAP, space), right)


class NavigationLine(Widget, can_focus=False):
    """The first-level pages with their keys; the current one stands in brackets."""

    DEFAULT_CSS = """
    NavigationLine { height: 2; color: $foreground; padding: 0 1; text-wrap: nowrap; }
    """

    def __init__(self, current: str) -> None:
        """``current`` is the name of the page that the screen belongs to; empty for none."""
        super().__init__()
        self._current = current

    def render(self) -> Content:
        return navigation_line(cast("Shell", self.app).pages, self._current, self.size.width)

    def on_click(self, event: events.Click) -> None:
        shell = cast("Shell", self.app)
        place = 0
        for page, entry in zip(shell.pages, _entries(shell.pages, self._current, self.size.width), strict=False):
            place += cell_len(entry.plain)
            if event.y == 0 and event.x - 1 < place:
                shell.open_page(page.name)
                return


def navigation_line(pages: Sequence[Page], current: str, width: int) -> Content:
    """The pages in ``width`` cells, titles shortened where needed, and the key of the menu at the end of the line."""
    line = Content.assemble(*_entries(pages, current, width))
    menu = Content.assemble(("F10", f"bold {Tone.ACCENT}"), " ", tr(MENU))
    blank = width - cell_len(line.plain) - cell_len(menu.plain)
    return Content.assemble(line, " " * blank, menu) if blank >= GAP else line


def _entries(pages: Sequence[Page], current: str, width: int) -> list[Content]:
    """One entry for each page; gaps give up cells, short titles come in, and other pages than this one lose letters,
    until all fit.
    """
    full, short = [tr(page.title) for page in pages], [tr(page.short or page.title) for page in pages]
    longest = max(map(cell_len, full), default=0)
    steps = [(full, 2), (full, 1), (full, 0), (short, 1), (short, 0)]
    for titles, gap, most in [
        *((*step, longest) for step in steps),
        *((short, 0, most) for most in range(longest, LEAST_TITLE - 1, -1)),
    ]:
        entries = [
            _entry(number, title, page.name == current, most, gap)
            for number, (page, title) in enumerate(zip(pages, titles, strict=True))
        ]
        if sum(cell_len(entry.plain) for entry in entries) <= width:
            break
    return entries


def _entry(number: int, title: str, here: bool, most: int, gap: int) -> Content:
    key, strong = f"F{number + FIRST_KEY}", f"bold {Tone.ACCENT}"
    if here:
        return Content.assemble((f"[{key} ", strong), heading(title), ("]", strong), " " * (gap - 1))
    return Content.assemble(" ", (key, strong), " ", truncate(safe(title), most), " " * gap)
