"""The customer's cards, masked."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.terms import CardStatus
from bankcard_tui.screens.customer.parts import ReadingScreen, local_day, yuan
from bankcard_tui.services.card_views import CardView
from bankcard_tui.services.cards import my_cards
from bankcard_tui.widgets.facts import Facts
from bankcard_tui.widgets.labels import badge, day, label
from bankcard_tui.widgets.safe import Tone, heading, toned

WHAT_NOW: Final = {
    CardStatus.ISSUED: mark("It is ready: fetch it at the counter with your identity card."),
    CardStatus.HANDED_OVER: mark("It can't be used yet: have it activated at the counter."),
    CardStatus.ACTIVE: mark("It is ready to use."),
}


class CardTile(Vertical):
    """One card with everything that its holder may see."""

    DEFAULT_CSS = """
    CardTile { height: auto; margin-bottom: 1; padding: 0 1; border-left: thick $accent; }
    """

    def __init__(self, card: CardView, zone: str) -> None:
        super().__init__()
        self._card = card
        self._zone = zone

    def compose(self) -> ComposeResult:
        card = self._card
        title = Content.assemble(heading(card.number), "   ", label(card.kind), "   ", badge(card.status))
        yield Static(title, markup=False)
        yield Static(toned(tr(WHAT_NOW[card.status]), Tone.MUTED), markup=False)
        yield Facts(
            [
                (mark("Limit"), yuan(card.limit)),
                (mark("Credit grade"), badge(card.grade)),
                (mark("Name on the card"), card.embossed_name),
                (mark("Valid until"), day(card.expires_on)),
                (mark("Issued on"), local_day(card.issued_at, self._zone)),
                (mark("Handed over on"), local_day(card.handed_over_at, self._zone)),
                (mark("Active since"), local_day(card.activated_at, self._zone)),
            ],
            columns=2,
        )


class CardsScreen(ReadingScreen):
    """All cards under each other: nobody has many."""

    PAGE = "cards"
    HELP = mark(
        "Your cards with limit, status and the day until which they are valid. Only the last four digits are shown.\n"
        "Arrows or j and k scroll."
    )

    BINDINGS: ClassVar[list[BindingType]] = [Binding("a", "applications", mark("Applications"))]

    def sections(self) -> ComposeResult:
        yield Vertical(id="tiles")

    def load(self) -> None:
        self.work(lambda: my_cards(self.desk), self._show, on_problem=self.show_problem)

    def _show(self, cards: tuple[CardView, ...]) -> None:
        self.show_page()
        tiles = self.query_one("#tiles")
        none = Static(toned(tr("You have no card yet. Press a to apply for one."), Tone.MUTED), markup=False)
        tiles.remove_children()
        tiles.mount_all([CardTile(card, self.zone) for card in cards] or [none])

    def action_applications(self) -> None:
        """Go to the applications."""
        self.shell.open_page("apply")
