"""How a credit file is shown: figures, months, and everything that happened on one line of time."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from bankcard_tui.desk.results import View
from bankcard_tui.errors import Phrase
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import (
    Channel,
    Decision,
    DocumentKind,
    Grade,
    IncomeSource,
    LimitChangeKind,
    MessageState,
    PlanPurpose,
    ProposalOrigin,
    ProposalState,
    RefusalReason,
    WarningKind,
    WarningMeasure,
    WarningState,
)
from bankcard_tui.services.customer_views import CustomerFile
from bankcard_tui.services.limit_views import ChangeView, EvaluationView, SpecialView


class FileEntry(View):
    """One thing that happened; ``by`` is empty for the system."""

    at: datetime
    by: str


class IdentityChecked(FileEntry):
    """What somebody at the counter witnessed."""

    saw_person: bool
    saw_documents: bool
    saw_signature: bool


class IncomeChecked(FileEntry):
    """The check of the income that is on file now."""

    income: Money | None
    source: IncomeSource | None


class DocumentSeen(FileEntry):
    """The original of a document was seen."""

    kind: DocumentKind
    reference: str


class ApplicationDecided(FileEntry):
    """A decision on an application. ``points``, ``probability`` of default (fraction), ``note`` and ``against`` are for
    staff alone: None or empty for the customer.
    """

    application: UUID
    number: str
    decision: Decision
    limit: Money | None
    reasons: tuple[RefusalReason, ...]
    grade: Grade
    points: int | None
    probability: float | None
    against: bool
    note: str
    policy_version: int


class Reevaluated(FileEntry):
    """A re-evaluation of the account whose newest card ends in ``last4``. For staff alone."""

    last4: str
    evaluation: EvaluationView


class LimitChanged(FileEntry):
    """A change of a limit."""

    account: UUID
    last4: str
    change: ChangeView


class LimitProposed(FileEntry):
    """A proposal to change a limit, or the customer's asking for it. A customer sees the own asks, without ``reason``
    and without who answered.
    """

    last4: str
    origin: ProposalOrigin
    kind: LimitChangeKind
    state: ProposalState
    before: Money
    amount: Money
    until: date | None
    months: int | None
    purpose: PlanPurpose | None
    reason: tuple[Phrase, ...]
    said: str
    answer: str
    ended_at: datetime | None
    ended_by: str
    policy_version: int


class Warned(FileEntry):
    """An early warning and what was done about it. For staff alone."""

    last4: str
    kind: WarningKind
    state: WarningState
    watched: bool
    rests_on: date
    figures: tuple[Phrase, ...]
    taken_by: str
    done_by: str
    done_at: datetime | None
    measure: WarningMeasure | None
    note: str
    policy_version: int


class WatchBegun(FileEntry):
    """A time on the watch list; ``until`` is its last day. For staff alone."""

    last4: str
    until: date
    note: str
    ended_at: datetime | None
    ended_by: str


class Told(FileEntry):
    """A message to the customer. ``channel`` is None for one that stays on the customer's own page."""

    about: str
    channel: Channel | None
    state: MessageState
    delivered_at: datetime | None


class PaidLate(FileEntry):
    """A month in which a payment was late; ``at`` is its end."""

    month: date
    days_past_due: int


Entry: TypeAlias = (
    IdentityChecked
    | IncomeChecked
    | DocumentSeen
    | ApplicationDecided
    | Reevaluated
    | LimitChanged
    | LimitProposed
    | Warned
    | WatchBegun
    | Told
    | PaidLate
)


class MonthLine(View):
    """A month on the chart: ``limit`` is all that might be owed at its end and ``grade`` what it rested on then;
    ``balance`` and ``days_past_due`` are None where the month is not known.
    """

    month: date
    limit: Money
    balance: Money | None
    grade: Grade | None
    days_past_due: int | None


class CreditSummary(View):
    """The credit file in figures.

    ``grade`` is the least good of the customer's accounts. ``total_limit`` is the most that the bank may grant,
    ``granted`` what it has granted, running special limits included. ``owed`` is the balance at the end of the month
    ``owed_in``, ``use_percent`` its share of what was granted. ``worst_days`` past due and ``months_overdue`` are of
    the last twelve months. ``responsible`` is who decided last on the customer's credit. A customer sees no warnings
    and no watch list.
    """

    grade: Grade | None
    evaluated_on: date | None
    evaluated_again_on: date | None
    total_limit: Money
    granted: Money
    owed: Money | None
    owed_in: date | None
    use_percent: int | None
    worst_days: int | None
    months_overdue: int
    open_warnings: int
    watched_until: date | None
    open_proposals: int
    responsible: str
    responsible_at: datetime | None


class CreditFile(View):
    """Everything about a customer's credit on one page; ``timeline`` is newest first, ``months`` oldest first."""

    customer: CustomerFile
    summary: CreditSummary
    months: tuple[MonthLine, ...]
    specials: tuple[SpecialView, ...]
    timeline: tuple[Entry, ...]
