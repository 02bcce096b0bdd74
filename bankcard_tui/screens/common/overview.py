"""What waits and which key leads there: from the menu, and the first page of whoever's role brings none of its own."""

from __future__ import annotations

from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.base import DeskScreen, Page
from bankcard_tui.screens.common.shell import FIRST_KEY
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.overview import COUNT_TO, Overview, overview
from bankcard_tui.widgets.facts import Facts, Pair
from bankcard_tui.widgets.labels import count, moment
from bankcard_tui.widgets.safe import Tone, heading, toned

WAITING: Final = (
    ("to_review", mark("Applications to review"), Permission.REVIEW_APPLICATIONS),
    ("to_sign", mark("Requests to sign"), Permission.SIGN_SECOND),
    ("returned", mark("Applications returned for documents"), Permission.ENTER_APPLICATIONS),
    ("to_hand_over", mark("Cards to hand over"), Permission.HAND_OVER_CARDS),
    ("to_activate", mark("Cards to activate"), Permission.HAND_OVER_CARDS),
    ("claims", mark("Identity claims to settle"), Permission.VERIFY_IDENTITY),
    ("staff_to_activate", mark("Staff accounts waiting for activation"), Permission.MANAGE_STAFF),
    ("admins", mark("Administrators at work"), Permission.MANAGE_STAFF),
)
"""Field of the overview, its label, and the permission whose first page is where the work is done."""


class OverviewScreen(DeskScreen):
    """Greets, says what waits, and shows the way to every page."""

    CSS = """
    OverviewScreen #overview { padding: 0 2; }
    OverviewScreen .part, OverviewScreen Facts { margin-bottom: 1; }
    """

    PAGE = "overview"
    HELP = mark("What waits for you, and the key of the page where you work it off. u counts again.")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("u", "count_again", mark("Update"))]

    def body(self) -> ComposeResult:
        with VerticalScroll(can_focus=True, id="overview"):
            yield Static(self._greeting(), markup=False, classes="part")
            yield Static(heading(tr("What waits")), markup=False)
            yield Facts(id="waiting")
            yield Static(heading(tr("Where to go")), markup=False)
            yield Facts(self._ways(), id="ways")

    def load(self) -> None:
        self.work(lambda: overview(self.desk), self._show)

    def action_count_again(self) -> None:
        self.load()

    def _greeting(self) -> Content:
        who = self.shell.who
        before = who.previous_sign_in_at
        last = (
            tr("Last sign-in: {time}", time=moment(before, ZoneInfo(self.zone)))
            if before is not None
            else tr("This is your first sign-in.")
        )
        return Content.assemble(heading(tr("Welcome, {name}", name=who.name)), "\n", toned(last, Tone.MUTED))

    def _ways(self) -> list[Pair]:
        return [(page.title, f"F{place}") for place, page in enumerate(self.shell.pages, FIRST_KEY)]

    def _show(self, found: Overview) -> None:
        numbers = found.model_dump()
        pairs: list[Pair] = [
            (words, self._waiting(numbers[name], permission))
            for name, words, permission in WAITING
            if numbers[name] is not None
        ]
        self.query_one("#waiting", Facts).show(pairs or [(mark("Nothing waits for you."), Content(" "))])

    def _waiting(self, number: int, permission: Permission) -> Content:
        key = next(
            (f"F{place}" for place, page in enumerate(self.shell.pages, FIRST_KEY) if permission in page.permissions),
            "",
        )
        shown = f"{count(number)}{'+' if number >= COUNT_TO else ''}".rjust(7)
        return Content.assemble(heading(shown) if number else toned(shown, Tone.MUTED), "   ", toned(key, Tone.ACCENT))


OVERVIEW = Page("overview", mark("Home"), (Permission.OWN_ACCOUNT,), OverviewScreen)
