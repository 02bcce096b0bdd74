"""The customer's cards, masked, with their limits: how much, why it changed, and asking for another."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from bankcard_tui.desk.desk import Desk
from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.terms import CardStatus, ProposalState
from bankcard_tui.screens.common.limit_ask import LimitAskScreen
from bankcard_tui.screens.customer.limits import Told, ask_pairs, history_pairs, limit_lines, told_of, wish
from bankcard_tui.screens.customer.parts import ReadingScreen, Section, local_day
from bankcard_tui.services.card_views import CardView
from bankcard_tui.services.cards import my_cards
from bankcard_tui.services.limit_asking import my_asks, my_limits, take_back
from bankcard_tui.services.limit_views import LimitView, ProposalView
from bankcard_tui.services.messages import my_messages
from bankcard_tui.widgets.dialogs import Choose, Confirm, Option
from bankcard_tui.widgets.facts import Facts
from bankcard_tui.widgets.labels import badge, day, label
from bankcard_tui.widgets.safe import Tone, heading, toned

WHAT_NOW: Final = {
    CardStatus.ISSUED: mark("It is ready: fetch it at the counter with your identity card."),
    CardStatus.HANDED_OVER: mark("It can't be used yet: have it activated at the counter."),
    CardStatus.ACTIVE: mark("It is ready to use."),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows; ``told`` are the messages about changes."""

    cards: tuple[CardView, ...]
    limits: tuple[LimitView, ...]
    asks: tuple[ProposalView, ...]
    told: Told


def read_cards(desk: Desk) -> Shown:
    """Cards, limits, requests, and how the messages about changes stand."""
    cards, limits, asks = my_cards(desk), my_limits(desk), my_asks(desk)
    messages = my_messages(desk).items if limits else ()
    changes = [change for limit in limits for change in limit.history]
    return Shown(cards, limits, asks, told_of(changes, messages))


class OwnLimitAskScreen(LimitAskScreen):
    """The customer asks for another limit."""

    PAGE = "cards"


class CardTile(Vertical):
    """One card with everything that its holder may see; with the limit of its account.

    ``whole`` is what may be owed on all cards together.
    """

    DEFAULT_CSS = """
    CardTile { height: auto; margin-bottom: 1; padding: 0 1; border-left: thick $accent; }
    """

    def __init__(self, card: CardView, limit: LimitView | None, whole: Money, told: Told, zone: str) -> None:
        super().__init__()
        self._card = card
        self._limit = limit
        self._whole = whole
        self._told = told
        self._zone = zone

    def compose(self) -> ComposeResult:
        card = self._card
        title = Content.assemble(heading(card.number), "   ", label(card.kind), "   ", badge(card.status))
        yield Static(title, markup=False)
        yield Static(toned(tr(WHAT_NOW[card.status]), Tone.MUTED), markup=False)
        if self._limit is not None:
            yield Static(
                Content("\n").join([Content(), *limit_lines(self._limit, self._whole), Content()]), markup=False
            )
        yield Facts(
            [
                (mark("Credit grade"), badge(card.grade)),
                (mark("Name on the card"), card.embossed_name),
                (mark("Valid until"), day(card.expires_on)),
                (mark("Issued on"), local_day(card.issued_at, self._zone)),
                (mark("Handed over on"), local_day(card.handed_over_at, self._zone)),
                (mark("Active since"), local_day(card.activated_at, self._zone)),
            ],
            columns=2,
        )
        if self._limit is not None:
            yield Static(Content.assemble("\n", heading(tr("How the limit changed, and why"))), markup=False)
            yield Facts(history_pairs(self._limit, self._told, self._zone))


class CardsScreen(ReadingScreen):
    """All cards under each other: nobody has many."""

    PAGE = "cards"
    HELP = mark(
        "Your cards with their limits, and the day until which they are valid. Only the last four digits are shown.\n"
        "Below a limit stands how it changed, and why. l asks for another limit: a higher or a lower one, more for a "
        "while, or a plan for a large purchase. t takes back what you asked for while nobody has answered.\n"
        "Arrows or j and k scroll."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "ask", mark("Ask for a limit")),
        Binding("t", "take_back", mark("Take back")),
        Binding("a", "applications", mark("Applications")),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._shown: Shown | None = None

    def sections(self) -> ComposeResult:
        yield Section(mark("What you asked for"), Facts(id="asked"), id="asks")
        yield Vertical(id="tiles")

    def load(self) -> None:
        self.work(lambda: read_cards(self.desk), self._show, on_problem=self.show_problem)

    def _show(self, shown: Shown) -> None:
        self._shown = shown
        self.show_page()
        self.refresh_bindings()
        asks = self.query_one("#asks", Section)
        self.query_one("#asked", Facts).show(ask_pairs(shown.asks, self.zone))
        if shown.asks:
            asks.tell([])
        else:
            asks.hide()
        limits = {limit.account: limit for limit in shown.limits}
        whole = sum((limit.total for limit in shown.limits), start=ZERO)
        tiles = self.query_one("#tiles")
        none = Static(toned(tr("You have no card yet. Press a to apply for one."), Tone.MUTED), markup=False)
        tiles.remove_children()
        tiles.mount_all(
            [CardTile(card, limits.get(card.account), whole, shown.told, self.zone) for card in shown.cards] or [none]
        )

    # What can be done

    @property
    def _askable(self) -> list[LimitView]:
        """The limits about which nothing is asked yet."""
        if self._shown is None:
            return []
        waiting = {each.account for each in self._open}
        return [limit for limit in self._shown.limits if limit.account not in waiting]

    @property
    def _open(self) -> list[ProposalView]:
        asks = self._shown.asks if self._shown is not None else ()
        return [each for each in asks if each.state is ProposalState.OPEN]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "ask":
            return bool(self._askable)
        if action == "take_back":
            return bool(self._open)
        return super().check_action(action, parameters)

    def action_applications(self) -> None:
        """Go to the applications."""
        self.shell.open_page("apply")

    def action_ask(self) -> None:
        """l: ask for another limit, of the only card or of one of several."""
        limits = {str(limit.account): limit for limit in self._askable}

        def opened(account: str | None) -> None:
            if account is not None:
                self.app.push_screen(OwnLimitAskScreen(limits[account], self.load))

        if len(limits) == 1:
            opened(next(iter(limits)))
            return
        options = [Option(account, partial(_card_ending, limit)) for account, limit in limits.items()]
        self.app.push_screen(Choose(lambda: tr("The limit of which card?"), options), opened)

    def action_take_back(self) -> None:
        """t: take back what was asked for, after a question; the oldest first."""
        asked = self._open[-1]
        desk = self.desk.once(uuid.uuid4().hex)

        def answered(yes: bool | None) -> None:
            if yes:
                self.work(lambda: take_back(desk, asked.id), lambda _: self.load(), group="take-back")

        self.app.push_screen(
            Confirm(
                lambda: tr("Take your request back?"),
                lambda: wish(asked),
                lambda: tr("Take back"),
            ),
            answered,
        )


def _card_ending(limit: LimitView) -> str:
    return tr("the card ending in {last4}", last4=limit.last4)
