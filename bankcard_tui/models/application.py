"""Applications: their moves, opinions and decisions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlmodel import Field

from bankcard_tui.models.base import Row
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import ApplicationStatus, CardKind, Decision, Grade, Purpose
from bankcard_tui.store.types import Fen, Id, Moment, fen_check, word, word_check

IN_QUEUE = "status IN ('submitted', 'in_review')"
"""The condition of the queue's index; a query finds the index only when it says the same, literally."""


class Application(Row, table=True):
    """One application for a card.

    While ``claimed_until`` lies ahead it belongs to the manager in ``claimed_by``; later anybody may claim it.
    ``reviewer_id`` is the manager responsible: whoever claimed it last.
    """

    __tablename__ = "application"
    __table_args__ = (
        Index(
            "ix_application_queue",
            "branch_id",
            "submitted_at",
            "id",
            sqlite_where=text(IN_QUEUE),
        ),
        Index("ix_application_status", "branch_id", "status", "submitted_at", "id"),
        Index("ix_application_submitted", "branch_id", "submitted_at", "id"),
        Index("ix_application_customer", "customer_id", "submitted_at"),
        word_check("kind", CardKind),
        word_check("purpose", Purpose),
        word_check("status", ApplicationStatus),
        fen_check("wished_limit"),
        fen_check("approved_limit"),
    )

    id: UUID = Field(sa_type=Id, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id")
    customer_id: UUID = Field(sa_type=Id, foreign_key="customer.id")
    number: str = Field(max_length=20, unique=True)
    kind: CardKind = Field(sa_type=word(CardKind))
    purpose: Purpose = Field(sa_type=word(Purpose))
    wished_limit: Money = Field(sa_type=Fen)
    embossed_name: str = Field(max_length=26)
    note: str = Field(default="", max_length=500)
    status: ApplicationStatus = Field(sa_type=word(ApplicationStatus))
    submitted_at: datetime = Field(sa_type=Moment)
    entered_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    earlier_id: UUID | None = Field(default=None, sa_type=Id, foreign_key="application.id")
    claimed_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    claimed_until: datetime | None = Field(default=None, sa_type=Moment)
    claimed_session: UUID | None = Field(default=None, sa_type=Id)
    reviewer_id: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    decided_at: datetime | None = Field(default=None, sa_type=Moment)
    approved_limit: Money | None = Field(default=None, sa_type=Fen)
    version: int = Field(default=1)


class ApplicationMove(Row, table=True):
    """One move of an application: who, when, why. The customer reads reasons and note."""

    __tablename__ = "application_move"
    __table_args__ = (Index("ix_application_move", "application_id", "at", "id"),)

    id: UUID = Field(sa_type=Id, primary_key=True)
    application_id: UUID = Field(sa_type=Id, foreign_key="application.id")
    at: datetime = Field(sa_type=Moment)
    account_id: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    status: ApplicationStatus = Field(sa_type=word(ApplicationStatus))
    reason: str = Field(default="", max_length=200)
    note: str = Field(default="", max_length=2000)


class ApplicationDecision(Row, table=True):
    """What was decided, by whom, under which policy, and what the decision aid had said.

    ``opinion`` is the opinion as it was, in JSON, given by the points card named ``card`` on what was known then:
    ``facts``, in JSON by the code of the characteristic. ``against`` says that the decision went the other way.
    Staff alone read ``note`` and ``against_reason``.
    """

    __tablename__ = "application_decision"
    __table_args__ = (
        Index("ix_application_decision", "application_id", "at"),
        Index("ix_application_decision_at", "at"),
        word_check("decision", Decision),
        word_check("grade", Grade),
        fen_check("limit_granted"),
    )

    id: UUID = Field(sa_type=Id, primary_key=True)
    application_id: UUID = Field(sa_type=Id, foreign_key="application.id")
    at: datetime = Field(sa_type=Moment)
    account_id: UUID = Field(sa_type=Id, foreign_key="account.id")
    decision: Decision = Field(sa_type=word(Decision))
    grade: Grade = Field(sa_type=word(Grade))
    limit_granted: Money | None = Field(default=None, sa_type=Fen)
    reasons: str = Field(default="", max_length=200)
    note: str = Field(default="", max_length=2000)
    against: bool
    against_reason: str = Field(default="", max_length=500)
    points: int
    opinion: str = Field(sa_type=Text)
    facts: str = Field(default="", sa_type=Text)
    card: str = Field(default="", max_length=60)
    policy_version: int
    request_id: UUID | None = Field(default=None, sa_type=Id, foreign_key="request.id")
