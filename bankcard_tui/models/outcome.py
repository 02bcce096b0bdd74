"""How customers used and repaid their cards, month by month, and how that turned out."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field

from bankcard_tui.models.base import Row
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.store.types import Day, Fen, Id, Moment, fen_check


class HistoryMonth(Row, table=True):
    """One month of a customer with a card; ``month`` is its first day.

    ``balance`` is what was owed at its end, ``due`` what was to be paid in it, ``days_past_due`` the worst in it;
    ``cash`` is the part of ``spent`` that was drawn in cash.
    """

    __tablename__ = "history_month"
    __table_args__ = (
        *(fen_check(each) for each in ("balance", "spent", "repaid", "due", "cash")),
        CheckConstraint("days_past_due >= 0", name="days_not_negative"),
    )

    customer_id: UUID = Field(sa_type=Id, primary_key=True, foreign_key="customer.id")
    month: date = Field(sa_type=Day, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id")
    balance: Money = Field(sa_type=Fen)
    spent: Money = Field(sa_type=Fen)
    repaid: Money = Field(sa_type=Fen)
    due: Money = Field(sa_type=Fen)
    days_past_due: int
    cash: Money = Field(default=ZERO, sa_type=Fen, sa_column_kwargs={"default": ZERO})


class CustomerOutcome(Row, table=True):
    """How a customer turned out within the months after a card was granted; points cards learn from these.

    ``facts`` is what was known of the customer at the start, in JSON by the code of the characteristic; empty where it
    was not kept. ``points`` are those of that time. ``card_account_id`` is None where the card was another system's: a
    customer has one such outcome at most, and one for each card here.
    """

    __tablename__ = "outcome"
    __table_args__ = (
        Index("ix_outcome_points", "branch_id", "points", "matured_at", "id"),
        Index("ix_outcome_taken_over", "customer_id", unique=True, sqlite_where=text("card_account_id IS NULL")),
        CheckConstraint("months_observed > 0", name="months_positive"),
        CheckConstraint("worst_days_past_due >= 0", name="days_not_negative"),
    )

    id: UUID = Field(sa_type=Id, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id")
    customer_id: UUID = Field(sa_type=Id, foreign_key="customer.id")
    card_account_id: UUID | None = Field(default=None, sa_type=Id, foreign_key="card_account.id", unique=True)
    started_on: date = Field(sa_type=Day)
    facts: str = Field(sa_type=Text)
    points: int
    months_observed: int
    worst_days_past_due: int
    bad: bool
    matured_at: datetime = Field(sa_type=Moment)
