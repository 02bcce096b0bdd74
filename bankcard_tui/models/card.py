"""Cards, and the accounts behind them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from bankcard_tui.models.base import Row
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import CardKind, CardStatus, Grade
from bankcard_tui.store.types import Day, Fen, Id, Moment, fen_check, word, word_check


class CardAccount(Row, table=True):
    """What a customer may owe through a card: the limit and the grade it rests on.

    ``evaluated_on`` is the day of the newest evaluation, or that on which it was opened; ``evaluation_id`` is the
    newest one. ``checked_on`` is the day of the last look for early warnings.
    """

    __tablename__ = "card_account"
    __table_args__ = (
        Index("ix_card_account_due", "branch_id", "evaluated_on", "id"),
        fen_check("credit_limit"),
        word_check("grade", Grade),
    )

    id: UUID = Field(sa_type=Id, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id")
    customer_id: UUID = Field(sa_type=Id, foreign_key="customer.id", index=True)
    application_id: UUID = Field(sa_type=Id, foreign_key="application.id", unique=True)
    credit_limit: Money = Field(sa_type=Fen)
    grade: Grade = Field(sa_type=word(Grade))
    opened_at: datetime = Field(sa_type=Moment)
    policy_version: int
    evaluated_on: date = Field(sa_type=Day)
    evaluation_id: UUID | None = Field(default=None, sa_type=Id)
    checked_on: date | None = Field(default=None, sa_type=Day)
    version: int = Field(default=1, sa_column_kwargs={"default": 1})


class Card(Row, table=True):
    """One plastic card. The number is sealed; its last four digits stand in clear."""

    __tablename__ = "card"
    __table_args__ = (
        Index("ix_card_last4", "last4"),
        Index("ix_card_account", "card_account_id"),
        Index("ix_card_to_hand_over", "branch_id", "status", "issued_at", "id"),
        word_check("status", CardStatus),
        word_check("kind", CardKind),
    )

    id: UUID = Field(sa_type=Id, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id")
    card_account_id: UUID = Field(sa_type=Id, foreign_key="card_account.id")
    kind: CardKind = Field(sa_type=word(CardKind))
    number_sealed: bytes
    number_index: bytes = Field(unique=True)
    last4: str = Field(max_length=4)
    embossed_name: str = Field(max_length=26)
    expires_on: date = Field(sa_type=Day)
    status: CardStatus = Field(sa_type=word(CardStatus))
    issued_at: datetime = Field(sa_type=Moment)
    handed_over_at: datetime | None = Field(default=None, sa_type=Moment)
    handed_over_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    activated_at: datetime | None = Field(default=None, sa_type=Moment)
    activated_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    version: int = Field(default=1)
