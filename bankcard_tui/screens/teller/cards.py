"""Cards that wait at the counter: to be handed over, or to be activated."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.terms import CardStatus
from bankcard_tui.screens.teller.card_steps import activate_card, hand_over_card
from bankcard_tui.screens.teller.working import TellerScreen
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.card_views import CardView
from bankcard_tui.services.cards import to_hand_over
from bankcard_tui.widgets.labels import amount, label
from bankcard_tui.widgets.safe import Tone
from bankcard_tui.widgets.table import Column, Direction, Page, PagedTable, Row

COLUMNS = [
    Column(mark("Customer"), 16, grow=True),
    Column(mark("Card"), 9),
    Column(mark("Limit"), 12, "right", priority=2),
    Column(mark("Issued on"), 10, priority=3),
    Column(mark("Kind of card"), 18, priority=4),
    Column(mark("Name on the card"), 20, priority=5),
]
LISTS = (
    (CardStatus.ISSUED, "h", mark("to hand over"), mark("Hand over")),
    (CardStatus.HANDED_OVER, "t", mark("to activate"), mark("Activate")),
)
"""Status, key, the list's name, and what Enter does in it."""


class CardsScreen(TellerScreen):
    """Two lists, the oldest first; Enter does what the card under the cursor waits for."""

    PAGE = "cards"
    HELP = mark(
        "Cards that wait at the counter, the oldest first. h shows those to hand over, t those to activate. Enter "
        "does it, after a look at the holder's ID; o opens the customer's file."
    )
    NEEDS: ClassVar = {"customer": (Permission.SEE_CUSTOMERS,)}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "list('issued')", mark("To hand over")),
        Binding("t", "list('handed_over')", mark("To activate")),
        Binding("o", "customer", mark("Open the customer")),
    ]
    DEFAULT_CSS = """
    CardsScreen .lists { height: 1; margin: 0 1 1 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._status = CardStatus.ISSUED
        self._cards: dict[str, CardView] = {}
        self._shown_before = False

    def body(self) -> ComposeResult:
        yield Static("", classes="lists", markup=False)
        yield PagedTable(COLUMNS, self._fetch, id="cards")

    def on_mount(self) -> None:
        self._table.focus()

    def load(self) -> None:
        parts = []
        for status, key, words, step in LISTS:
            style = str(Tone.MUTED)
            if status is self._status:
                style = f"bold underline {Tone.ACCENT}"
                self._table.say_enter(step)
            parts.append(Content.assemble((f"{key} ", "bold"), (tr(words), style)))
        self.query_one(".lists", Static).update(Content("     ").join(parts))
        self._table.empty_text = (
            tr("No card waits to be handed over. t shows those to activate.")
            if self._status is CardStatus.ISSUED
            else tr("No card waits to be activated. h shows those to hand over.")
        )

    def on_screen_resume(self) -> None:
        # The first showing is loaded by the table itself.
        if self._shown_before:
            self._table.reload()
        self._shown_before = True

    @property
    def _table(self) -> PagedTable:
        return self.query_one(PagedTable)

    def _fetch(self, cursor: Any, direction: Direction) -> Page:
        found = to_hand_over(self.desk, self._status, cursor)
        self._cards.update({str(card.id): card for card in found.items})
        return Page([self._row(card) for card in found.items], found.next, found.previous)

    def _row(self, card: CardView) -> Row:
        cells = (
            card.customer,
            card.number[-9:],
            amount(card.limit),
            self.on_day(card.issued_at),
            label(card.kind),
            card.embossed_name,
        )
        return Row(str(card.id), cells)

    @on(PagedTable.Chosen)
    def _chosen(self, event: PagedTable.Chosen) -> None:
        card = self._cards[event.key]
        step = hand_over_card if card.status is CardStatus.ISSUED else activate_card
        step(self, card, self._table.reload)

    def action_list(self, status: str) -> None:
        """h, t: the cards to hand over, or those to activate."""
        self._status = CardStatus(status)
        self.load()
        self._table.reload(first=True)

    def action_customer(self) -> None:
        """o: the file of the holder."""
        if self._table.selected_key is not None:
            self.open_customer(self._cards[self._table.selected_key].customer_id)
