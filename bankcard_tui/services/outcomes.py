"""How customers turned out: what points cards learn from, and where precedents come from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, exists, func, insert, or_, select

from bankcard_tui.decision.opinion import facts_of
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import operation
from bankcard_tui.desk.results import View
from bankcard_tui.models.base import table
from bankcard_tui.models.customer import Customer
from bankcard_tui.models.outcome import CustomerOutcome
from bankcard_tui.models.person import Person
from bankcard_tui.rules.months import first_months, matured, month_after, month_of
from bankcard_tui.rules.terms import Decision
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.applicants import on_file
from bankcard_tui.services.application_views import DECISION
from bankcard_tui.services.history import days_past_due_of, first_month_of
from bankcard_tui.services.scorecards import card_in_force
from bankcard_tui.services.subjects import CARD_ACCOUNT, CUSTOMER, PERSON
from bankcard_tui.store.types import new_id

OUTCOME = table(CustomerOutcome)
MOST_CUSTOMERS = 500

_RECORDED = exists().where(OUTCOME.c.card_account_id == CARD_ACCOUNT.c.id)
_TAKEN_OVER = exists().where(OUTCOME.c.customer_id == CUSTOMER.c.id, OUTCOME.c.card_account_id.is_(None))
_CARD_WAITS = exists().where(
    CARD_ACCOUNT.c.customer_id == CUSTOMER.c.id, CARD_ACCOUNT.c.opened_at < bindparam("opened_before"), ~_RECORDED
)
_FIRST_MONTH = first_month_of(CUSTOMER.c.id)
_FIRST_CARD = (
    select(func.min(CARD_ACCOUNT.c.opened_at)).where(CARD_ACCOUNT.c.customer_id == CUSTOMER.c.id).scalar_subquery()
)
_WAITING = (
    select(
        CUSTOMER.c.id,
        _CARD_WAITS.label("card_waits"),
        _FIRST_MONTH.label("first_month"),
        _FIRST_CARD.label("first_card"),
    )
    .where(
        CUSTOMER.c.branch_id == bindparam("branch"),
        CUSTOMER.c.id > bindparam("after"),
        bindparam("oldest") >= _FIRST_MONTH,
        or_(_CARD_WAITS, ~_TAKEN_OVER),
    )
    .order_by(CUSTOMER.c.id)
)

_Days: TypeAlias = Mapping[UUID, Mapping[date, int]]
"""The days past due by customer and month."""


class RecordedView(View):
    """How many outcomes were recorded, and where to go on: ``next`` is None when nobody else waits."""

    recorded: int
    next: UUID | None


def _find_waiting(desk: Desk, after: UUID | None) -> list[UUID]:
    """The next customers who may have matured; looked for before the transaction, since it can mean to walk through
    all.
    """
    bank, now = desk.bank, desk.bank.clock.now()
    found: list[UUID] = []
    with bank.store.read() as connection:
        months = bank.policy_in_force(connection, now).matured_months
        oldest = month_after(month_of(bank.day_of(now)), -months)
        midnight = datetime.combine(oldest + timedelta(days=1), time(), ZoneInfo(bank.branch.zone))
        names = {"branch": bank.branch.id, "after": after or UUID(int=0), "oldest": oldest, "opened_before": midnight}
        for row in connection.execute(_WAITING, names):
            if row.card_waits or _began_elsewhere(desk, row.first_month, row.first_card, months):
                found.append(row.id)
            if len(found) == MOST_CUSTOMERS:
                break
    return found


@operation(
    "outcome.record_due",
    allow=(Permission.RECORD_OUTCOMES, Permission.TRAIN_CARDS),
    prepare=_find_waiting,
    idempotent=False,
)
def record_due(desk: Desk, after: UUID | None = None) -> RecordedView:
    """Record how customers turned out whose history has matured: the next 500 customers behind ``after``.

    There is one outcome for each card, from the day on which it was granted, and one for the history from before the
    first card here. Where months are missing nothing is known.
    """
    customers: list[UUID] = desk.prepared
    days = days_past_due_of(desk, customers)
    rows = [*_of_cards(desk, customers, days), *_taken_over(desk, customers, days)]
    if rows:
        desk.sql.execute(insert(OUTCOME), rows)
    desk.note(customers=len(customers), recorded=len(rows), bad=sum(row["bad"] for row in rows))
    return RecordedView(recorded=len(rows), next=customers[-1] if len(customers) == MOST_CUSTOMERS else None)


def record_all_due(desk: Desk) -> int:
    """Record every outcome that has matured; returns how many."""
    done = record_due(desk).view
    recorded = done.recorded
    while done.next is not None:
        done = record_due(desk, done.next).view
        recorded += done.recorded
    return recorded


def _of_cards(desk: Desk, customers: Sequence[UUID], days: _Days) -> Iterator[dict[str, Any]]:
    """The outcomes of cards granted here, with what was known when they were granted."""
    granted = (
        select(
            CARD_ACCOUNT.c.id,
            CARD_ACCOUNT.c.customer_id,
            CARD_ACCOUNT.c.opened_at,
            DECISION.c.facts,
            DECISION.c.points,
        )
        .join_from(CARD_ACCOUNT, DECISION, DECISION.c.application_id == CARD_ACCOUNT.c.application_id)
        .where(CARD_ACCOUNT.c.customer_id.in_(customers), DECISION.c.decision == Decision.APPROVE, ~_RECORDED)
    )
    for row in desk.sql.execute(granted):
        start = desk.bank.day_of(row.opened_at)
        yield from _outcome(desk, days, row.customer_id, start, row.facts, row.points, card_account_id=row.id)


def _taken_over(desk: Desk, customers: Sequence[UUID], days: _Days) -> Iterator[dict[str, Any]]:
    """The outcomes of cards of another system, with what the file says now: what it said then was not taken over."""
    asked = (
        select(Customer, Person, _FIRST_CARD.label("first_card"))
        .join_from(Customer, Person, CUSTOMER.c.person_id == PERSON.c.id)
        .where(CUSTOMER.c.id.in_(customers), ~_TAKEN_OVER)
    )
    card = card_in_force(desk).card
    for record, person, first_card in desk.db.execute(asked):
        start = min(days[record.id])
        if _began_elsewhere(desk, start, first_card, desk.policy.matured_months):
            facts = facts_of(on_file(record, person, start))
            yield from _outcome(desk, days, record.id, start, json.dumps(facts), card.score(facts).points)


def _began_elsewhere(desk: Desk, first_month: date, first_card: datetime | None, months: int) -> bool:
    """Whether the first months of a history were over before there was a card here."""
    return first_card is None or desk.bank.day_of(first_card) >= first_months(first_month, months)[1]


def _outcome(
    desk: Desk, days: _Days, customer: UUID, start: date, facts: str, points: int, card_account_id: UUID | None = None
) -> Iterator[dict[str, Any]]:
    """The row of an outcome, where it has matured."""
    policy = desk.policy
    worst = matured(days[customer], start, policy.matured_months)
    if worst is not None:
        yield {
            "id": new_id(desk.now),
            "branch_id": desk.branch_id,
            "customer_id": customer,
            "card_account_id": card_account_id,
            "started_on": start,
            "facts": facts,
            "points": points,
            "months_observed": policy.matured_months,
            "worst_days_past_due": worst,
            "bad": worst >= policy.bad_days_past_due,
            "matured_at": desk.now,
        }
