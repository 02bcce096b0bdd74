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
        return Content("\n").join(navigation_lines(cast("Shell", self.app).pages, self._current, self.size.width))

    def on_click(self, event: events.Click) -> None:
        shell = cast("Shell", self.app)
        rows = _rows(shell.pages, self._current, self.size.width)
        place = 0
        for page, entry in rows[event.y] if event.y < len(rows) else []:
            place += cell_len(entry.plain)
            if event.x - 1 < place:
                shell.open_page(page.name)
                return


def navigation_lines(pages: Sequence[Page], current: str, width: int) -> list[Content]:
    """The pages in ``width`` cells, on two lines where one is too short for their titles; where there is room, the key
    of the menu ends the first.
    """
    menu = Content.assemble(("F10", f"bold {Tone.ACCENT}"), " ", tr(MENU))
    lines = [Content.assemble(*(entry for _, entry in row)) for row in _rows(pages, current, width)]
    blank = width - cell_len(lines[0].plain) - cell_len(menu.plain)
    if blank >= GAP:
        lines[0] = Content.assemble(lines[0], " " * blank, menu)
    return lines


def _rows(pages: Sequence[Page], current: str, width: int) -> list[list[tuple[Page, Content]]]:
    """An entry for each page, in one or two rows: gaps give way first, then the blank line below, and then titles."""
    longest = max((cell_len(tr(page.title)) for page in pages), default=0)
    half = (len(pages) + 1) // 2
    ways = [(2, longest, False), (1, longest, False), (0, longest, False), (2, longest, True), (1, longest, True)]
    ways += [(0, most, True) for most in range(longest, LEAST_TITLE - 1, -1)]
    for gap, most, two in ways:
        entries = [(page, _entry(number, page, page.name == current, most, gap)) for number, page in enumerate(pages)]
        rows = [entries[:half], entries[half:]] if two and len(pages) > 1 else [entries]
        if all(sum(cell_len(entry.plain) for _, entry in row) <= width for row in rows):
            break
    return rows


def _entry(number: int, page: Page, here: bool, most: int, gap: int) -> Content:
    key, strong = f"F{number + FIRST_KEY}", f"bold {Tone.ACCENT}"
    if here:
        return Content.assemble((f"[{key} ", strong), heading(tr(page.title)), ("]", strong), " " * (gap - 1))
    return Content.assemble(" ", (key, strong), " ", truncate(safe(tr(page.title)), most), " " * gap)
