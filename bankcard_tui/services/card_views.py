"""How cards are shown: masked, always."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, select

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.results import View
from bankcard_tui.rules.card_numbers import mask_card
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import CardKind, CardStatus, Grade
from bankcard_tui.services.subjects import CARD, CARD_ACCOUNT, CUSTOMER


class CardView(View):
    """A card with the limit of its account."""

    id: UUID
    account: UUID
    customer_id: UUID
    customer: str
    number: str
    kind: CardKind
    embossed_name: str
    expires_on: date
    status: CardStatus
    limit: Money
    grade: Grade
    issued_at: datetime
    handed_over_at: datetime | None
    activated_at: datetime | None
    version: int


@cache
def card_rows() -> Select[Any]:
    """Cards with all that a view shows; conditions and order are the caller's."""
    return (
        select(
            CARD.c.id,
            CARD.c.card_account_id,
            CARD_ACCOUNT.c.customer_id,
            CUSTOMER.c.name,
            CARD.c.last4,
            CARD.c.kind,
            CARD.c.embossed_name,
            CARD.c.expires_on,
            CARD.c.status,
            CARD_ACCOUNT.c.credit_limit,
            CARD_ACCOUNT.c.grade,
            CARD.c.issued_at,
            CARD.c.handed_over_at,
            CARD.c.activated_at,
            CARD.c.version,
        )
        .join_from(CARD, CARD_ACCOUNT, CARD.c.card_account_id == CARD_ACCOUNT.c.id)
        .join(CUSTOMER, CARD_ACCOUNT.c.customer_id == CUSTOMER.c.id)
    )


def show_card(row: Row[Any]) -> CardView:
    """The view of one of :func:`card_rows`."""
    return CardView(
        id=row.id,
        account=row.card_account_id,
        customer_id=row.customer_id,
        customer=row.name,
        number=mask_card(row.last4),
        kind=row.kind,
        embossed_name=row.embossed_name,
        expires_on=row.expires_on,
        status=row.status,
        limit=row.credit_limit,
        grade=row.grade,
        issued_at=row.issued_at,
        handed_over_at=row.handed_over_at,
        activated_at=row.activated_at,
        version=row.version,
    )


_OF_CUSTOMER = (
    card_rows().where(CARD_ACCOUNT.c.customer_id == bindparam("customer")).order_by(CARD.c.issued_at.desc(), CARD.c.id)
)


def cards_of(desk: Desk, customer: UUID) -> tuple[CardView, ...]:
    """All cards of a customer, newest first."""
    return tuple(show_card(row) for row in desk.sql.execute(_OF_CUSTOMER, {"customer": customer}))
