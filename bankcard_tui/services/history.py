"""Spending and overdue history: the one way in which anything here reads how customers use and repay their cards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, ScalarSelect, bindparam, case, exists, func, select

from bankcard_tui.desk.desk import Desk
from bankcard_tui.models.base import table
from bankcard_tui.models.outcome import HistoryMonth
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.months import month_after, month_of

HISTORY = table(HistoryMonth)
LOOKED_BACK = 12
"""Months before a day that say how somebody behaves."""

_RECENT = HISTORY.c.month >= bindparam("since")
_BEHAVIOUR = (
    select(
        HISTORY.c.customer_id,
        func.count().label("months"),
        func.count(case((_RECENT, 1))).label("recent"),
        func.max(case((_RECENT, HISTORY.c.days_past_due))).label("worst"),
        func.sum(case((_RECENT, HISTORY.c.balance))).label("balance"),
    )
    .where(HISTORY.c.customer_id.in_(bindparam("customers", expanding=True)), HISTORY.c.month < bindparam("until"))
    .group_by(HISTORY.c.customer_id)
)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How somebody used and repaid cards here: ``months_observed`` in all; of the last twelve months the worst days
    past due and the mean use of the limit in percent. None where there is no month, or no limit.
    """

    months_observed: int = 0
    worst_days_past_due: int | None = None
    use_percent: int | None = None


UNSEEN = Behaviour()


def behaviour(desk: Desk, customer: UUID, until: date, limits: Money) -> Behaviour:
    """The behaviour of a customer in the months that were over by ``until``; ``limits`` are all those granted here."""
    return behaviours(desk, {customer: limits}, until)[customer]


def behaviours(desk: Desk, limits: Mapping[UUID, Money], until: date) -> dict[UUID, Behaviour]:
    """The behaviour of many customers, each with all the ``limits`` granted here."""
    end = month_of(until)
    since = month_after(end, -LOOKED_BACK)
    found = desk.sql.execute(_BEHAVIOUR, {"customers": list(limits), "until": end, "since": since})
    return dict.fromkeys(limits, Behaviour()) | {row.customer_id: _shown(row, limits[row.customer_id]) for row in found}


def _shown(row: Row[Any], limits: Money) -> Behaviour:
    if not row.recent:
        return Behaviour(row.months)
    owed = row.balance.fen * 100 // row.recent
    return Behaviour(row.months, row.worst, owed // limits.fen if limits > ZERO else None)


def days_past_due_of(desk: Desk, customers: Iterable[UUID]) -> dict[UUID, dict[date, int]]:
    """The days past due of every month of many ``customers``, by the month's first day; nothing for those without."""
    months: dict[UUID, dict[date, int]] = {}
    asked = select(HISTORY.c.customer_id, HISTORY.c.month, HISTORY.c.days_past_due).where(
        HISTORY.c.customer_id.in_(list(customers))
    )
    for customer, month, days in desk.sql.execute(asked):
        months.setdefault(customer, {})[month] = days
    return months


def known_since(
    customer: ColumnElement[UUID], branch: ColumnElement[UUID], month: ColumnElement[date]
) -> ColumnElement[bool]:
    """The condition, as part of a larger statement, that there is history of ``month`` or an earlier one."""
    return exists().where(HISTORY.c.customer_id == customer, HISTORY.c.month <= month, HISTORY.c.branch_id == branch)


def first_month_of(customer: ColumnElement[UUID]) -> ScalarSelect[date]:
    """The first month of the customer in a column, as part of a larger statement; NULL for those without history."""
    return select(func.min(HISTORY.c.month)).where(HISTORY.c.customer_id == customer).scalar_subquery()
