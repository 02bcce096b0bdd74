"""Putting points cards in force and out of it: asking for it, and the second signature; keys and words for both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.content import Content

from bankcard_tui.desk.results import RequestView, Result
from bankcard_tui.locale import mark, say, tr
from bankcard_tui.rules.terms import CardState, RequestStatus
from bankcard_tui.screens.common.signing import Signing, SigningKeys
from bankcard_tui.screens.manager.cards_text import held_out_words, learned_from
from bankcard_tui.screens.manager.facts_text import on_day
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.card_approval import approve_card, retire_card
from bankcard_tui.services.scorecards import CardRow
from bankcard_tui.widgets.dialogs import Ask, Words
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.labels import badge
from bankcard_tui.widgets.safe import Tone, safe, status, toned

_Send = Callable[[dict[str, object], str], Result[CardRow]]
RETIRE: Final = "scorecard.retire"
_NOTE_LENGTH: Final = 500


@dataclass(frozen=True, slots=True)
class WaitingCard:
    """A card whose approval or retirement waits for a signature."""

    card: CardRow
    request: RequestView

    @property
    def mine(self) -> bool:
        return self.card.mine


def waiting_card(card: CardRow | None) -> WaitingCard | None:
    """The card with what waits about it; None where nothing does."""
    return WaitingCard(card, card.request) if card is not None and card.request is not None else None


class CardSigning(Signing[WaitingCard]):
    """Offers to sign, to refuse and to take back what would change the card that gives opinions."""

    sign_title = mark("Sign this request?")
    refused_hint = mark("The colleague who asked reads it in the log.")

    def can_sign(self, row: WaitingCard) -> bool:
        return row.card.mine_to_sign

    def can_refuse(self, row: WaitingCard) -> bool:
        return row.card.mine_to_sign

    def describe(self, row: WaitingCard) -> str:
        card, request = row.card, row.request
        lines = [_title(row), _consequence(request.operation)]
        if card.customers:
            lines.append(learned_from(card))
        if card.held_out is not None and request.operation != RETIRE:
            lines.append(held_out_words(card.held_out)[1])
        day = on_day(request.made_at, self._screen.zone)
        lines.append(tr("Asked by {name}, {time}", name=request.maker, time=day))
        if card.note:
            lines.append(tr("Note: {note}", note=card.note))
        return "\n".join(lines)

    def refusal(self, row: WaitingCard) -> tuple[Words, Words]:
        title = partial(tr, mark("Refuse to sign: {name}"), name=_title(row))
        return title, partial(tr, mark("The card that is in force stays."))

    def outcome(self, row: WaitingCard, request: RequestView) -> Content:
        name = Content.assemble(safe(row.card.name), "  ")
        if request.status is RequestStatus.PENDING:
            words = tr("signed, {signed} of {needed}", signed=request.signed, needed=request.needed)
            return Content.assemble(name, status("~", words, Tone.ACCENT))
        if request.status is RequestStatus.DONE:
            retired = request.operation == RETIRE
            words = tr("retired: the expert's card gives opinions now") if retired else tr("in force from now on")
            return Content.assemble(name, status("+", words, Tone.GOOD))
        if request.status is RequestStatus.FAILED:
            failed = status("x", tr("signed, but it does not hold any more:"), Tone.BAD)
            return Content.assemble(name, failed, " ", safe(" ".join(map(say, request.problem))))
        return Content.assemble(name, badge(request.status), "  ", toned(tr("nothing has changed"), Tone.MUTED))


class CardKeys(SigningKeys[WaitingCard]):
    """The keys a (ask for approval), r (retire), and those of signing, for the card at hand."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "approve", mark("Ask for approval")),
        Binding("r", "retire", mark("Retire")),
    ]

    @property
    def card(self) -> CardRow | None:
        """The card that a key is meant for."""
        raise NotImplementedError

    @property
    def at_hand(self) -> WaitingCard | None:
        return waiting_card(self.card)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("approve", "retire"):
            card = self.card
            if card is None or card.id is None or card.request is not None or not self.may(Permission.APPROVE_CARDS):
                return False
            in_force = card.state is CardState.IN_FORCE
            return in_force if action == "retire" else not in_force and not card.altered
        return super().check_action(action, parameters)

    def action_approve(self) -> None:
        """Ask that this card gives opinions from now on."""
        card = self.card
        if card is None or card.id is None:
            return
        chosen = card.id

        def send(values: dict[str, object], key: str) -> Result[CardRow]:
            return approve_card(self.desk.once(key), chosen, str(values["note"] or ""))

        self._ask_for(card, mark("Ask for approval of {name}?"), mark("Ask for approval"), "scorecard.approve", send)

    def action_retire(self) -> None:
        """Ask that the expert's card gives opinions again."""
        card = self.card
        if card is None:
            return

        def send(values: dict[str, object], key: str) -> Result[CardRow]:
            return retire_card(self.desk.once(key), str(values["note"] or ""))

        self._ask_for(card, mark("Ask to retire {name}?"), mark("Ask to retire it"), RETIRE, send)

    def _ask_for(self, card: CardRow, title: str, submit: str, operation: str, send: _Send) -> None:
        def body() -> str:
            return "\n".join([_consequence(operation), tr("Nothing changes until a second person has signed.")])

        def answered(result: Result[CardRow] | None) -> None:
            if result is not None:
                self.said(_asked(card, result))

        note = Field("note", mark("Note"), required=False, hint=mark("Stands in the log."), most=_NOTE_LENGTH)
        self.app.push_screen(Ask(partial(tr, title, name=card.name), [note], send, body=body, submit=submit), answered)


def _asked(card: CardRow, result: Result[CardRow]) -> Content:
    if result.pending is None:
        return Content.assemble(safe(card.name), "  ", status("+", tr("signed and done"), Tone.GOOD))
    return Content.assemble(safe(card.name), "  ", status("~", tr("waits for a second signature"), Tone.ACCENT))


def _title(row: WaitingCard) -> str:
    template = mark("Retire {name}") if row.request.operation == RETIRE else mark("Put {name} in force")
    return tr(template, name=row.card.name)


def _consequence(operation: str) -> str:
    if operation == RETIRE:
        return tr("From then on the expert's card gives every opinion again.")
    return tr("From then on it gives every opinion, in place of the card in force now.")
