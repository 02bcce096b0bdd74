"""Cards: issued with the last signature, handed over and activated at the counter, shown masked."""

from __future__ import annotations

import secrets
from uuid import UUID

from sqlalchemy import bindparam, select

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict, InvalidInput, Refused
from bankcard_tui.models.application import Application
from bankcard_tui.models.card import Card, CardAccount
from bankcard_tui.models.customer import Customer
from bankcard_tui.models.limit import LimitChange
from bankcard_tui.rules.card_numbers import card_number, expiry, group_card
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.terms import CardStatus, Grade, LimitChangeKind
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.card_views import CardView, card_rows, cards_of, show_card
from bankcard_tui.services.customers import my_customer
from bankcard_tui.services.paging import Page, fetch_page
from bankcard_tui.services.subjects import CARD, of_card
from bankcard_tui.store.sealing import seal, unseal
from bankcard_tui.store.types import new_id

_ONE = card_rows().where(CARD.c.id == bindparam("id"))
_NUMBER_TAKEN = select(CARD.c.id).where(CARD.c.number_index == bindparam("index"))
NUMBER_LABEL = "card.number"
NUMBER_DIGITS = 16


class RevealedNumber(View):
    """A card number in full, grouped by four. The look is in the log."""

    number: str


def issue_card(desk: Desk, application: Application, limit: Money, grade: Grade) -> UUID:
    """Open the card account and issue its card, whose id it returns. Raises Refused without a verified identity."""
    customer = desk.record(Customer, application.customer_id)
    if customer.verified_at is None:
        raise Refused(
            "Without the three witnesses no card is issued.",
            hint="A teller records person, documents and signature first.",
            code="refused.identity",
        )
    account_id = new_id(desk.now)
    desk.add(
        CardAccount,
        id=account_id,
        branch_id=desk.branch_id,
        customer_id=customer.id,
        application_id=application.id,
        credit_limit=limit,
        grade=grade,
        opened_at=desk.now,
        policy_version=desk.policy_version,
        evaluated_on=desk.today,
    )
    desk.add(
        LimitChange,
        id=account_id,
        branch_id=desk.branch_id,
        card_account_id=account_id,
        customer_id=customer.id,
        kind=LimitChangeKind.GRANTED,
        before=ZERO,
        after=limit,
        grade=grade,
        request_id=desk.work.request,
        policy_version=desk.policy_version,
        at=desk.now,
        account_id=desk.account_id,
    )
    number = _free_number(desk)
    card_id = new_id(desk.now)
    desk.add(
        Card,
        id=card_id,
        branch_id=desk.branch_id,
        card_account_id=account_id,
        kind=application.kind,
        number_sealed=seal(desk.keys, NUMBER_LABEL, card_id, number),
        number_index=desk.keys.blind_index("card_number", number),
        last4=number[-4:],
        embossed_name=application.embossed_name,
        expires_on=expiry(desk.today, desk.policy.card_years),
        status=CardStatus.ISSUED,
        issued_at=desk.now,
        version=1,
    )
    return card_id


def _free_number(desk: Desk) -> str:
    """A card number that nobody has: random, since a serial would tell how many cards the bank has issued."""
    width = NUMBER_DIGITS - 1 - len(desk.policy.card_bin)
    while True:
        number = card_number(desk.policy.card_bin, secrets.randbelow(10**width), NUMBER_DIGITS)
        index = desk.keys.blind_index("card_number", number)
        if desk.sql.execute(_NUMBER_TAKEN, {"index": index}).first() is None:
            return number


@question("card.mine", allow=Permission.OWN_CARDS, own=Permission.OWN_CARDS)
def my_cards(desk: Desk) -> tuple[CardView, ...]:
    """One's own cards, masked."""
    return cards_of(desk, my_customer(desk))


@question("card.to_hand_over", allow=Permission.HAND_OVER_CARDS)
def to_hand_over(desk: Desk, status: CardStatus = CardStatus.ISSUED, cursor: str | None = None) -> Page[CardView]:
    """Cards that wait at the counter, the oldest first: issued ones to be handed over, handed-over ones to activate."""
    statement = card_rows().where(CARD.c.branch_id == desk.branch_id, CARD.c.status == status)
    return fetch_page(desk.sql, statement, (CARD.c.issued_at, CARD.c.id), cursor, show_card, newest_first=False)


@operation("card.hand_over", allow=Permission.HAND_OVER_CARDS, subject=of_card)
def hand_over(desk: Desk, card: UUID, saw_id: bool) -> CardView:
    """Hand a card to its holder after seeing the ID."""
    record = desk.record(Card, card)
    _must_see_id(saw_id)
    if record.status is not CardStatus.ISSUED:
        raise Conflict("This card has been handed over already.", code="conflict.handed_over")
    record.status, record.handed_over_at, record.handed_over_by = CardStatus.HANDED_OVER, desk.now, desk.account_id
    record.version += 1
    return _show(desk, card)


@operation("card.activate", allow=Permission.HAND_OVER_CARDS, subject=of_card)
def activate(desk: Desk, card: UUID, saw_id: bool) -> CardView:
    """Activate a card that its holder has in hand, after seeing the ID."""
    record = desk.record(Card, card)
    _must_see_id(saw_id)
    if record.status is not CardStatus.HANDED_OVER:
        raise Conflict(
            "Only a card that was handed over can be activated.",
            hint="An active card stays active; an issued one is handed over first.",
            code="conflict.not_handed_over",
        )
    if record.expires_on < desk.today:
        raise Refused("This card has expired.", hint="The customer needs a new one.", code="refused.expired")
    record.status, record.activated_at, record.activated_by = CardStatus.ACTIVE, desk.now, desk.account_id
    record.version += 1
    return _show(desk, card)


@question("card.reveal", allow=Permission.REVEAL_NUMBERS, subject=of_card, opens=True)
def reveal(desk: Desk, card: UUID) -> RevealedNumber:
    """Show a card number in full. The look is logged before the number is shown."""
    record = desk.record(Card, card)
    return RevealedNumber(number=group_card(unseal(desk.keys, NUMBER_LABEL, record.id, record.number_sealed)))


def _must_see_id(saw_id: bool) -> None:
    if not saw_id:
        raise InvalidInput("saw_id", "See the holder's ID first.", hint="A card goes to its holder alone.")


def _show(desk: Desk, card: UUID) -> CardView:
    return show_card(desk.sql.execute(_ONE, {"id": card}).one())
