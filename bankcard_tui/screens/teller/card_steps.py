"""Handing a card over and activating it, wherever at the counter that is done."""

from __future__ import annotations

from collections.abc import Callable

from bankcard_tui.locale import tr
from bankcard_tui.screens.teller.working import TellerScreen
from bankcard_tui.services.card_views import CardView
from bankcard_tui.services.cards import activate, hand_over
from bankcard_tui.widgets.labels import amount, label


def hand_over_card(screen: TellerScreen, card: CardView, changed: Callable[[], object]) -> None:
    """After a look at the ID the card goes to its holder; then its activation is offered at once."""

    def done(handed: CardView) -> None:
        changed()
        screen.say(tr("Card {number} was handed over.", number=handed.number[-9:]))
        activate_card(screen, handed, changed)

    screen.confirmed(
        lambda: tr("Hand over card {number}?", number=card.number[-9:]),
        lambda: _about(card, tr("Compare the holder with the ID, and the name on the card with its holder.")),
        lambda: tr("I have seen the holder's ID"),
        lambda desk: hand_over(desk, card.id, True).view,
        done,
        on_conflict=changed,
    )


def activate_card(screen: TellerScreen, card: CardView, changed: Callable[[], object]) -> None:
    """After a look at the ID a card that its holder has in hand becomes active."""

    def done(active: CardView) -> None:
        changed()
        screen.say(tr("Card {number} is active.", number=active.number[-9:]))

    screen.confirmed(
        lambda: tr("Activate card {number}?", number=card.number[-9:]),
        lambda: _about(card, tr("The holder has the card in hand. From now on it can be used.")),
        lambda: tr("I have seen the holder's ID"),
        lambda desk: activate(desk, card.id, True).view,
        done,
        on_conflict=changed,
    )


def _about(card: CardView, advice: str) -> str:
    return "\n".join(
        (
            tr("Holder: {name}", name=card.customer),
            tr("On the card: {name}", name=card.embossed_name),
            tr("{kind}, limit {amount}", kind=label(card.kind), amount=amount(card.limit)),
            advice,
        )
    )
