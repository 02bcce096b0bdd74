"""How limits, what is proposed for them, and what happened to them are shown."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from bankcard_tui.desk.results import RequestView, View
from bankcard_tui.errors import Phrase
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import (
    EvaluationResult,
    Grade,
    LimitChangeKind,
    PlanPurpose,
    ProposalOrigin,
    ProposalState,
    Segment,
    SpendingClass,
)


class SpecialView(View):
    """A temporary increase or a personal plan; ``until`` is its last day, ``running`` whether it counts today."""

    id: UUID
    kind: LimitChangeKind
    amount: Money
    starts_on: date
    until: date
    purpose: PlanPurpose | None
    months: int | None
    running: bool


class ChangeView(View):
    """One entry in the history of a limit, with its reason in sentences; ``by`` is empty for the system."""

    id: UUID
    kind: LimitChangeKind
    before: Money
    after: Money
    grade: Grade
    until: date | None
    reason: tuple[Phrase, ...]
    at: datetime
    by: str
    policy_version: int


class LimitView(View):
    """The limit of an account: ``total`` is all that may be owed today, special limits included. ``owed`` is what the
    customer owed here in all at the end of the month ``owed_in``, None where no month is known.
    """

    account: UUID
    customer_id: UUID
    customer: str
    last4: str
    limit: Money
    total: Money
    owed: Money | None
    owed_in: date | None
    grade: Grade
    opened_at: datetime
    evaluated_on: date
    evaluated_again_on: date
    specials: tuple[SpecialView, ...]
    history: tuple[ChangeView, ...]
    version: int


class EvaluationView(View):
    """One re-evaluation of an account. ``probability`` of default is a fraction, ``high`` its pessimistic end."""

    id: UUID
    account: UUID
    at: datetime
    points: int
    probability: float
    high: float
    account_grade: Grade
    grade: Grade
    spending_class: SpendingClass
    result: EvaluationResult
    limit: Money
    after: Money
    owed: Money
    months_observed: int
    months_overdue: int
    worst_days: int | None
    spent_percent: int | None
    use_percent: int | None
    income: Money | None
    blocked: bool
    card: str
    policy_version: int


class ProposalView(View):
    """A limit to be changed. ``amount`` is the new limit, or what a temporary increase or a plan adds; ``monthly`` what
    a plan takes of the income each month. ``signatures`` is how many people sign it; ``waiting`` is the request in
    which it waits for another signature. ``mine``: it is about oneself, or one has signed it already.
    """

    id: UUID
    account: UUID
    customer_id: UUID
    customer: str
    last4: str
    origin: ProposalOrigin
    kind: LimitChangeKind
    state: ProposalState
    before: Money
    amount: Money
    grade_before: Grade
    grade: Grade
    until: date | None
    months: int | None
    purpose: PlanPurpose | None
    monthly: Money | None
    reason: tuple[Phrase, ...]
    said: str
    answer: str
    evaluation: EvaluationView | None
    signatures: int
    waiting: RequestView | None
    mine: bool
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_by: str
    policy_version: int
    version: int


class ProposalTotals(View):
    """What a list of open proposals comes to: how many, and by how much limits would rise and fall."""

    count: int
    raises: int
    reductions: int
    others: int
    raised: Money
    reduced: Money


class Seen(View):
    """A proposal as somebody saw it in a list: with this version, to be carried out with this amount."""

    proposal: UUID
    version: int
    amount: Money


class PlanBounds(View):
    """What a personal plan can be: up to ``highest`` within ``longest_months``; ``monthly`` is what more the income
    carries each month, None where the income or the debts are not known, and nothing can be granted.
    """

    purpose: PlanPurpose
    highest: Money
    longest_months: int
    monthly: Money | None


class LimitBounds(View):
    """What can be asked for an account today: each pair is the lowest and the highest amount, in steps of ``step``
    (nothing when the first is above the second). ``raised`` and ``reduced`` are new limits, ``temporary`` and the plans
    are added to it; a temporary increase ends at the latest on ``temporary_until``.
    """

    account: UUID
    limit: Money
    step: Money
    raised: tuple[Money, Money]
    reduced: tuple[Money, Money]
    temporary: tuple[Money, Money]
    temporary_until: date
    plans: tuple[PlanBounds, ...]


class Moves(View):
    """What the accounts of one grade or segment would come to: under the policy in force (``now``) and under another
    one (``then``). Amounts are sums of limits; ``risk`` is what is expected to default of them.
    """

    accounts: int
    limits: Money
    raises_now: int
    reductions_now: int
    after_now: Money
    risk_now: Money
    raises_then: int
    reductions_then: int
    after_then: Money
    risk_then: Money


class Mover(View):
    """An account that would come to another limit under another policy than under the one in force."""

    account: UUID
    customer_id: UUID
    customer: str
    last4: str
    grade: Grade
    limit: Money
    after_now: Money
    after_then: Money


class WhatIf(View):
    """A policy tried on the portfolio: on the limits of today, by what the last evaluations found.

    ``accounts`` counts all, ``evaluated`` those that were evaluated at least once: the others stay as they are.
    ``grades`` and ``segments`` add up to the whole. ``regraded`` counts accounts by the grade that they have and the
    one they would have. ``above`` counts limits above the highest of their tier under the tried policy. ``movers`` are
    those with the largest difference.
    """

    accounts: int
    evaluated: int
    grades: dict[Grade, Moves]
    segments: dict[Segment, Moves]
    regraded: tuple[tuple[Grade, Grade, int], ...]
    above: int
    moved: int
    movers: tuple[Mover, ...]
