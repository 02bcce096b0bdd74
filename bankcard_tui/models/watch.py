"""The watch list, and early warnings."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlmodel import Field

from bankcard_tui.models.base import Row
from bankcard_tui.rules.terms import WarningKind, WarningMeasure, WarningState
from bankcard_tui.store.types import Day, Id, Moment, word, word_check


class Watched(Row, table=True):
    """An account on the watch list up to a last day, after an increase or because a manager wants it there."""

    __tablename__ = "watched"
    __table_args__ = (
        Index("ix_watched_until", "branch_id", "ended_at", "until"),
        Index("ix_watched_account", "card_account_id", unique=True, sqlite_where=text("ended_at IS NULL")),
    )

    id: UUID = Field(sa_type=Id, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id")
    card_account_id: UUID = Field(sa_type=Id, foreign_key="card_account.id")
    customer_id: UUID = Field(sa_type=Id, foreign_key="customer.id", index=True)
    change_id: UUID | None = Field(default=None, sa_type=Id, foreign_key="limit_change.id")
    since: date = Field(sa_type=Day)
    until: date = Field(sa_type=Day)
    note: str = Field(default="", max_length=500)
    policy_version: int
    started_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    ended_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")


class EarlyWarning(Row, table=True):
    """A sign that a customer may come to owe more than can be repaid; at most one of a kind is not dealt with.

    ``rests_on`` is the month or the day of what it rests on, so that nothing is warned of twice. ``figures`` holds
    sentences with their figures, in JSON.
    """

    __tablename__ = "early_warning"
    __table_args__ = (
        Index("ix_early_warning_state", "branch_id", "state", "raised_at", "id"),
        Index("ix_early_warning_open", "card_account_id", "kind", unique=True, sqlite_where=text("state <> 'done'")),
        Index("ix_early_warning_account", "card_account_id", "kind", "rests_on"),
        word_check("kind", WarningKind),
        word_check("state", WarningState),
        word_check("measure", WarningMeasure),
    )

    id: UUID = Field(sa_type=Id, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id")
    card_account_id: UUID = Field(sa_type=Id, foreign_key="card_account.id")
    customer_id: UUID = Field(sa_type=Id, foreign_key="customer.id", index=True)
    kind: WarningKind = Field(sa_type=word(WarningKind))
    state: WarningState = Field(default=WarningState.OPEN, sa_type=word(WarningState))
    watched: bool
    rests_on: date = Field(sa_type=Day)
    figures: str = Field(default="[]", sa_type=Text)
    policy_version: int
    raised_at: datetime = Field(sa_type=Moment)
    taken_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    taken_at: datetime | None = Field(default=None, sa_type=Moment)
    done_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    done_at: datetime | None = Field(default=None, sa_type=Moment)
    measure: WarningMeasure | None = Field(default=None, sa_type=word(WarningMeasure))
    note: str = Field(default="", max_length=500)
    version: int = Field(default=1)
