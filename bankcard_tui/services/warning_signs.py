"""What early warnings are looked for in: history, limits and file of accounts, read for many at once."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, bindparam, case, exists, select

from bankcard_tui.desk.desk import Desk
from bankcard_tui.errors import Phrase
from bankcard_tui.models.base import table
from bankcard_tui.models.limit import Evaluation
from bankcard_tui.models.watch import Watched
from bankcard_tui.rules.columns import UNKNOWN
from bankcard_tui.rules.money import LARGEST_FEN, Money
from bankcard_tui.rules.months import month_after, month_of
from bankcard_tui.rules.terms import Decision, EvaluationResult, WarningKind
from bankcard_tui.rules.warnings import Signs, figures_of, held_figures, warnings_of
from bankcard_tui.services.application_views import DECISION
from bankcard_tui.services.history import HISTORY
from bankcard_tui.services.limits_held import RUNNING, SPECIAL
from bankcard_tui.services.subjects import CARD_ACCOUNT, CUSTOMER

WATCHED, EVALUATION = table(Watched), table(Evaluation)
NEWEST_MONTHS: Final = 2
"""A month that was over longer ago says nothing of today."""

OF_FILE: Final = frozenset({WarningKind.OVERDUE_ELSEWHERE, WarningKind.FALLING_INCOME})
"""Warnings that rest on the customer's file; all others rest on a month."""


def watched_on(day: ColumnElement[date]) -> ColumnElement[bool]:
    """The condition, as part of a larger statement about card accounts, that an account is on the watch list."""
    return exists().where(
        WATCHED.c.card_account_id == CARD_ACCOUNT.c.id, WATCHED.c.ended_at.is_(None), WATCHED.c.until >= day
    )


_EVALUATED = EVALUATION.c.id == CARD_ACCOUNT.c.evaluation_id
_ACCOUNTS = (
    select(
        CARD_ACCOUNT.c.id,
        CARD_ACCOUNT.c.customer_id,
        CARD_ACCOUNT.c.opened_at,
        CUSTOMER.c.monthly_income,
        CUSTOMER.c.times_overdue,
        EVALUATION.c.at,
        EVALUATION.c.income,
        EVALUATION.c.times_overdue.label("times_then"),
        EVALUATION.c.result,
        EVALUATION.c.months_overdue,
        EVALUATION.c.owed,
        # What was known when the card was granted is asked for where nothing newer is.
        case((CARD_ACCOUNT.c.evaluation_id.is_(None), DECISION.c.facts)).label("facts"),
        case((watched_on(bindparam("today")), 1), else_=0).label("watched"),
    )
    .join_from(CARD_ACCOUNT, CUSTOMER, CARD_ACCOUNT.c.customer_id == CUSTOMER.c.id)
    .outerjoin(EVALUATION, _EVALUATED)
    .outerjoin(
        DECISION,
        and_(DECISION.c.application_id == CARD_ACCOUNT.c.application_id, DECISION.c.decision == Decision.APPROVE),
    )
    .order_by(CARD_ACCOUNT.c.id)
)


@dataclass(frozen=True, slots=True)
class Found:
    """A warning that is due, if nobody was warned of the same before."""

    account: UUID
    customer: UUID
    kind: WarningKind
    watched: bool
    rests_on: date
    figures: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class _Month:
    """The newest month of a customer."""

    month: date
    owed: int
    cash: int
    days_past_due: int


def due_of(desk: Desk, which: ColumnElement[bool], changed: Collection[WarningKind] | None = None) -> Iterator[Found]:
    """The warnings that are due of these accounts; with ``changed`` of those kinds alone, resting on today."""
    accounts = desk.sql.execute(_ACCOUNTS.where(which), {"today": desk.today}).all()
    customers = {each.customer_id for each in accounts}
    limits, months = _limits_of(desk, customers), _newest_months(desk, customers)
    for row in accounts:
        newest = months.get(row.customer_id)
        before, signs = _signs(desk, row, limits[row.customer_id], newest)
        month = newest.month if newest is not None else before
        if row.result is EvaluationResult.HELD and changed is None:
            figures = held_figures(row.months_overdue, row.owed)
            last = month_after(month_of(before), -1)
            yield Found(row.id, row.customer_id, WarningKind.OVERDUE_HERE, bool(row.watched), last, figures)
        for kind, due in warnings_of(signs, desk.policy).items():
            if changed is None:
                rests_on = before if kind in OF_FILE else month
            else:
                due, rests_on = due and kind in changed, desk.today
            if due:
                figures = figures_of(kind, signs, desk.policy, f"{month:%Y-%m}", before)
                yield Found(row.id, row.customer_id, kind, bool(row.watched), rests_on, figures)


def _signs(desk: Desk, row: Row[*tuple[Any, ...]], limit: int, newest: _Month | None) -> tuple[date, Signs]:
    """What is known of an account, and the day to which its customer's file is compared."""
    if row.at is not None:
        before, income, times = desk.bank.day_of(row.at), _fen(row.income), _known(row.times_then)
    else:
        before, (income, times) = desk.bank.day_of(row.opened_at), _granted_on(row.facts)
    return before, Signs(
        limit=limit,
        owed=newest.owed if newest is not None else UNKNOWN,
        cash=newest.cash if newest is not None else UNKNOWN,
        days_past_due=newest.days_past_due if newest is not None else UNKNOWN,
        income=_fen(row.monthly_income),
        income_before=income,
        times_overdue=_known(row.times_overdue),
        times_overdue_before=times,
        watched=row.watched,
    )


def _granted_on(facts: str | None) -> tuple[int, int]:
    """Income (fen a month) and times overdue as they were known when the card was granted; not known where somebody has
    altered that.
    """
    try:
        known = json.loads(facts or "{}")
        income, times = known.get("monthly_income"), known.get("times_overdue")
        # The facts of a points card are in yuan, with a point.
        return (
            UNKNOWN if income is None else min(round(income * 100), LARGEST_FEN),
            UNKNOWN if times is None else int(times),
        )
    except (ValueError, TypeError, AttributeError, OverflowError):
        return UNKNOWN, UNKNOWN


def _fen(amount: Money | None) -> int:
    return UNKNOWN if amount is None else amount.fen


def _known(number: int | None) -> int:
    return UNKNOWN if number is None else number


def _limits_of(desk: Desk, customers: Collection[UUID]) -> dict[UUID, int]:
    """All that each customer may owe here today, in fen."""
    granted = select(CARD_ACCOUNT.c.customer_id, CARD_ACCOUNT.c.credit_limit).where(
        CARD_ACCOUNT.c.customer_id.in_(customers)
    )
    running = select(SPECIAL.c.customer_id, SPECIAL.c.amount).where(SPECIAL.c.customer_id.in_(customers), *RUNNING)
    limits: dict[UUID, int] = {}
    for asked in (granted, running):
        for customer, amount in desk.sql.execute(asked, {"today": desk.today}):
            limits[customer] = limits.get(customer, 0) + amount.fen
    return limits


def _newest_months(desk: Desk, customers: Collection[UUID]) -> dict[UUID, _Month]:
    """The newest month of each customer, where one was over lately."""
    oldest = month_after(month_of(desk.today), -NEWEST_MONTHS)
    asked = (
        select(HISTORY.c.customer_id, HISTORY.c.month, HISTORY.c.balance, HISTORY.c.cash, HISTORY.c.days_past_due)
        .where(HISTORY.c.customer_id.in_(customers), HISTORY.c.month >= oldest)
        .order_by(HISTORY.c.customer_id, HISTORY.c.month)
    )
    # The last one of each customer stays.
    return {
        row.customer_id: _Month(row.month, row.balance.fen, row.cash.fen, row.days_past_due)
        for row in desk.sql.execute(asked)
    }
