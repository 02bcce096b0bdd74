"""Limits of card accounts: what re-evaluations found, what is proposed, what was changed and why."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field

from bankcard_tui.models.base import Row
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import (
    EvaluationResult,
    Grade,
    LimitChangeKind,
    PlanPurpose,
    ProposalOrigin,
    ProposalState,
    SpendingClass,
)
from bankcard_tui.store.types import Day, Fen, Id, Moment, fen_check, word, word_check


class Evaluation(Row, table=True):
    """One re-evaluation of an account: what it rested on, and what it came to. Never changed.

    ``odds`` and ``odds_low`` are millionths of the natural logarithm of the odds good to bad: the middle, and the
    pessimistic end of the interval. ``blocked``: a hard rule is broken that rules out an increase. ``worst_days`` are
    the worst days past due of twelve months; ``months_overdue`` the longest row of months overdue that the rule of
    reductions counts, and ``overdue_at_all`` whether there was a day overdue in the same time. ``spent_percent`` is the
    mean spending a month and ``use_percent`` the mean balance, both of ``own_limits``, all that the customer may owe
    here. ``owed`` is the newest balance, ``income`` and ``debt`` are a month's, the debts with what personal plans
    here take. None stands for not known.
    ``account_grade`` is the one that the limit rested on; ``after`` the limit proposed, or the one there was.
    """

    __tablename__ = "evaluation"
    __table_args__ = (
        Index("ix_evaluation_account", "card_account_id", "at"),
        *(fen_check(each) for each in ("credit_limit", "own_limits", "owed", "income", "debt", "after")),
        fen_check("assets"),
        fen_check("liabilities"),
        word_check("account_grade", Grade),
        word_check("grade", Grade),
        word_check("spending_class", SpendingClass),
        word_check("result", EvaluationResult),
    )

    id: UUID = Field(sa_type=Id, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id")
    card_account_id: UUID = Field(sa_type=Id, foreign_key="card_account.id")
    at: datetime = Field(sa_type=Moment)
    policy_version: int
    card: str = Field(max_length=60)
    points: int
    odds: int = Field(sa_type=BigInteger)
    odds_low: int = Field(sa_type=BigInteger)
    blocked: bool
    months_observed: int
    worst_days: int | None
    months_overdue: int
    overdue_at_all: bool = Field(default=False)
    spent_percent: int | None
    use_percent: int | None
    credit_limit: Money = Field(sa_type=Fen)
    own_limits: Money = Field(sa_type=Fen)
    owed: Money = Field(sa_type=Fen)
    income: Money | None = Field(sa_type=Fen)
    debt: Money | None = Field(sa_type=Fen)
    assets: Money | None = Field(sa_type=Fen)
    liabilities: Money | None = Field(sa_type=Fen)
    times_overdue: int | None
    account_grade: Grade = Field(sa_type=word(Grade))
    grade: Grade = Field(sa_type=word(Grade))
    spending_class: SpendingClass = Field(sa_type=word(SpendingClass))
    result: EvaluationResult = Field(sa_type=word(EvaluationResult))
    after: Money = Field(sa_type=Fen)


class LimitProposal(Row, table=True):
    """A limit to be changed, until somebody signs or refuses it.

    ``amount`` is the new limit for an increase or a reduction, and what is added for a temporary increase (to
    ``until``, the last day) or a personal plan (of so many ``months``). ``before`` is the limit when it was made;
    ``grade`` the one that the new limit would rest on. ``reason`` holds sentences with their figures, in JSON; ``said``
    is the customer's or the manager's own word, ``answer`` what the customer is told with a refusal. Of each account at
    most one proposal of an evaluation is open.
    """

    __tablename__ = "limit_proposal"
    __table_args__ = (
        Index("ix_limit_proposal_state", "branch_id", "state", "made_at", "id"),
        Index("ix_limit_proposal_account", "card_account_id", "made_at"),
        Index(
            "ix_limit_proposal_open",
            "card_account_id",
            unique=True,
            sqlite_where=text("state = 'open' AND origin = 'evaluation'"),
        ),
        fen_check("before"),
        fen_check("amount"),
        word_check("origin", ProposalOrigin),
        word_check("kind", LimitChangeKind),
        word_check("state", ProposalState),
        word_check("grade", Grade),
        word_check("purpose", PlanPurpose),
    )

    id: UUID = Field(sa_type=Id, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id")
    card_account_id: UUID = Field(sa_type=Id, foreign_key="card_account.id")
    customer_id: UUID = Field(sa_type=Id, foreign_key="customer.id", index=True)
    evaluation_id: UUID | None = Field(default=None, sa_type=Id, foreign_key="evaluation.id")
    origin: ProposalOrigin = Field(sa_type=word(ProposalOrigin))
    kind: LimitChangeKind = Field(sa_type=word(LimitChangeKind))
    state: ProposalState = Field(default=ProposalState.OPEN, sa_type=word(ProposalState))
    before: Money = Field(sa_type=Fen)
    amount: Money = Field(sa_type=Fen)
    grade: Grade = Field(sa_type=word(Grade))
    until: date | None = Field(default=None, sa_type=Day)
    months: int | None = Field(default=None)
    purpose: PlanPurpose | None = Field(default=None, sa_type=word(PlanPurpose))
    reason: str = Field(default="[]", sa_type=Text)
    said: str = Field(default="", max_length=500)
    answer: str = Field(default="", max_length=500)
    policy_version: int
    made_at: datetime = Field(sa_type=Moment)
    made_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    ended_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    version: int = Field(default=1)


class SpecialLimit(Row, table=True):
    """What a customer may owe beside the limit from ``starts_on`` to ``until`` (both included): a temporary increase,
    or a personal plan with its purpose and months. It counts by its days alone; ``ended_on`` says that its end was
    told, or that it was ended before its time.
    """

    __tablename__ = "special_limit"
    __table_args__ = (
        Index("ix_special_limit_account", "card_account_id", "until"),
        Index("ix_special_limit_end", "branch_id", "ended_on", "until"),
        fen_check("amount"),
        word_check("kind", LimitChangeKind),
        word_check("purpose", PlanPurpose),
    )

    id: UUID = Field(sa_type=Id, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id")
    card_account_id: UUID = Field(sa_type=Id, foreign_key="card_account.id")
    customer_id: UUID = Field(sa_type=Id, foreign_key="customer.id", index=True)
    proposal_id: UUID | None = Field(default=None, sa_type=Id, foreign_key="limit_proposal.id")
    kind: LimitChangeKind = Field(sa_type=word(LimitChangeKind))
    amount: Money = Field(sa_type=Fen)
    starts_on: date = Field(sa_type=Day)
    until: date = Field(sa_type=Day)
    purpose: PlanPurpose | None = Field(default=None, sa_type=word(PlanPurpose))
    months: int | None = Field(default=None)
    granted_at: datetime = Field(sa_type=Moment)
    granted_by: UUID = Field(sa_type=Id, foreign_key="account.id")
    policy_version: int
    ended_on: date | None = Field(default=None, sa_type=Day)


class LimitChange(Row, table=True):
    """One entry in the history of what an account may owe; the first is the grant, with the id of the account.

    ``before`` and ``after`` are all that may be owed on the account, special limits included. ``reason`` holds
    sentences with their figures, in JSON. Never changed.
    """

    __tablename__ = "limit_change"
    __table_args__ = (
        Index("ix_limit_change_account", "card_account_id", "at", "id"),
        fen_check("before"),
        fen_check("after"),
        word_check("kind", LimitChangeKind),
        word_check("grade", Grade),
    )

    id: UUID = Field(sa_type=Id, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id")
    card_account_id: UUID = Field(sa_type=Id, foreign_key="card_account.id")
    customer_id: UUID = Field(sa_type=Id, foreign_key="customer.id", index=True)
    kind: LimitChangeKind = Field(sa_type=word(LimitChangeKind))
    before: Money = Field(sa_type=Fen)
    after: Money = Field(sa_type=Fen)
    grade: Grade = Field(sa_type=word(Grade))
    until: date | None = Field(default=None, sa_type=Day)
    reason: str = Field(default="[]", sa_type=Text)
    proposal_id: UUID | None = Field(default=None, sa_type=Id, foreign_key="limit_proposal.id")
    special_id: UUID | None = Field(default=None, sa_type=Id, foreign_key="special_limit.id")
    request_id: UUID | None = Field(default=None, sa_type=Id, foreign_key="request.id")
    policy_version: int
    at: datetime = Field(sa_type=Moment)
    account_id: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
