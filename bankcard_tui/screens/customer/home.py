"""The customer's first page: what to do next, how the application stands, the cards."""

from __future__ import annotations

from typing import ClassVar
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.customer.application import ApplicationScreen
from bankcard_tui.screens.customer.limits import news
from bankcard_tui.screens.customer.parts import ReadingScreen, Section, identity_badge, local_day, yuan
from bankcard_tui.screens.customer.progress import Progress
from bankcard_tui.screens.customer.steps import Step, next_steps
from bankcard_tui.services.application_views import ApplicationRow
from bankcard_tui.services.card_views import CardView
from bankcard_tui.services.customer_views import CustomerFile
from bankcard_tui.services.customers import my_file
from bankcard_tui.services.limit_asking import my_asks, my_limits
from bankcard_tui.services.limit_views import LimitView, ProposalView
from bankcard_tui.widgets.facts import Facts
from bankcard_tui.widgets.labels import badge, label, moment
from bankcard_tui.widgets.safe import Tone, pad, toned

KEY_CELLS = 7


class HomeScreen(ReadingScreen):
    """Everything at one glance, and the key of the next step."""

    PAGE = "home"
    HELP = mark(
        "Your first page: what to do next, how your newest application stands, limits that have changed, and your "
        "cards.\n"
        "The key in front of a line does what the line says; lines without a key are done at the counter."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "newest", mark("Open application")),
        Binding("a", "page('apply')", mark("Apply")),
        Binding("p", "page('profile')", mark("Profile")),
        Binding("c", "page('cards')", mark("Cards")),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._newest: ApplicationRow | None = None

    def sections(self) -> ComposeResult:
        yield Section(mark("What to do next"), id="next")
        yield Section(mark("Your application"), Progress(), id="newest")
        yield Section(mark("Your limits"), id="limits")
        yield Section(mark("Your cards"), id="cards")
        yield Section(mark("About you"), Facts(columns=2), id="you")

    def load(self) -> None:
        self.work(
            lambda: (my_file(self.desk), my_limits(self.desk), my_asks(self.desk)),
            self._show,
            on_problem=self.show_problem,
        )

    def _show(self, shown: tuple[CustomerFile, tuple[LimitView, ...], tuple[ProposalView, ...]]) -> None:
        file, limits, asks = shown
        self.show_page()
        self._tell_news(news(limits, asks, self.desk.bank.day_of(self.desk.bank.clock.now()), self.zone))
        self.query_one("#next", Section).tell([_step_line(step) for step in next_steps(file)])
        self._show_newest(file.applications[0] if file.applications else None)
        cards = [_card_line(card) for card in file.cards]
        self.query_one("#cards", Section).tell(cards or [toned(tr("You have no card yet."), Tone.MUTED)])
        before = self.shell.who.previous_sign_in_at
        self.query_one(Facts).show(
            [
                (mark("Registered on"), local_day(file.registered_at, self.zone)),
                (mark("Last sign-in"), moment(before, ZoneInfo(self.zone)) if before else tr("this is the first")),
                (mark("Identity"), identity_badge(file.verified_at, self.zone)),
                (mark("User name"), file.username),
            ]
        )
        self.query_one("#you", Section).tell([])

    def _tell_news(self, lines: list[Content]) -> None:
        section = self.query_one("#limits", Section)
        if lines:
            section.tell([*lines, toned(tr("c shows your limits, and why they changed."), Tone.MUTED)])
        else:
            section.hide()

    def _show_newest(self, row: ApplicationRow | None) -> None:
        self._newest = row
        self.refresh_bindings()
        section = self.query_one("#newest", Section)
        if row is None:
            section.hide()
            return
        self.query_one(Progress).tell(row, self.zone)
        granted = [Content(tr("Your limit: {limit}", limit=yuan(row.approved_limit)))] if row.approved_limit else []
        section.tell(granted, tr("Your application {number}: {kind}", number=row.number, kind=label(row.kind)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "newest":
            return self._newest is not None
        return super().check_action(action, parameters)

    def action_newest(self) -> None:
        """Enter: open the newest application."""
        if self._newest is not None:
            self.app.push_screen(ApplicationScreen(self._newest.id))

    def action_page(self, name: str) -> None:
        """Go to another of the customer's pages."""
        self.shell.open_page(name)


def _step_line(step: Step) -> Content:
    return Content.assemble(pad(step.key, KEY_CELLS).stylize(f"bold {Tone.ACCENT}"), tr(step.text))


def _card_line(card: CardView) -> Content:
    return Content.assemble(
        pad(card.number, 21), pad(label(card.kind), 19), pad(yuan(card.limit), 17, "right"), "   ", badge(card.status)
    )
