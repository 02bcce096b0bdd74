"""The credit file of a customer: who checked what, how the credit went over time, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import question
from bankcard_tui.models.customer import Customer
from bankcard_tui.models.person import Person
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.months import month_after, month_of
from bankcard_tui.rules.terms import Grade, ProposalState, Role, WarningState
from bankcard_tui.rules.tiers import total_limit
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services import credit_file_entries as entries
from bankcard_tui.services.applicants import on_file
from bankcard_tui.services.credit_file_views import (
    ApplicationDecided,
    CreditFile,
    CreditSummary,
    Entry,
    LimitChanged,
    LimitProposed,
    MonthLine,
    Warned,
    WatchBegun,
)
from bankcard_tui.services.customer_views import file_of
from bankcard_tui.services.history import LOOKED_BACK
from bankcard_tui.services.limit_rows import limits_of_customer
from bankcard_tui.services.limit_views import LimitView
from bankcard_tui.services.limits_held import held_by
from bankcard_tui.services.subjects import of_customer

MONTHS_SHOWN = 24


@question(
    "customer.credit_file",
    allow=Permission.SEE_CUSTOMERS,
    own=Permission.OWN_PROFILE,
    subject=of_customer,
    opens=True,
)
def credit_file(desk: Desk, customer: UUID) -> CreditFile:
    """Open the credit file of a customer. The look is logged.

    Customers see their own without evaluations, warnings, the watch list, and what staff noted for one another.
    """
    staff = desk.actor.role is not Role.CUSTOMER
    file = file_of(desk, customer)
    limits = limits_of_customer(desk, customer)
    digits = {limit.account: limit.last4 for limit in limits}
    changes = list(entries.change_entries(limits))
    months = entries.months_of(desk, customer)
    timeline: list[Entry] = [
        *entries.counter_entries(file),
        *entries.decision_entries(desk, customer, staff=staff),
        *changes,
        *entries.proposal_entries(desk, customer, digits, staff=staff),
        *entries.message_entries(desk, customer),
        *(entries.late_entry(desk, row) for row in months if row.days_past_due),
    ]
    if staff:
        changed_at = {each.change.id: each.at for each in changes}
        timeline += entries.evaluation_entries(desk, customer, digits)
        timeline += entries.warning_entries(desk, customer, digits)
        timeline += entries.watch_entries(desk, customer, digits, changed_at)
    timeline.sort(key=lambda each: each.at, reverse=True)
    return CreditFile(
        customer=file,
        summary=_summary(desk, customer, limits, months, timeline),
        months=_month_lines(desk, changes, months),
        specials=tuple(special for limit in limits for special in limit.specials),
        timeline=tuple(timeline),
    )


def _summary(
    desk: Desk, customer: UUID, limits: Sequence[LimitView], months: Sequence[Row[Any]], timeline: Sequence[Entry]
) -> CreditSummary:
    record = desk.record(Customer, customer)
    person = desk.record(Person, record.person_id)
    granted = held_by(desk, [person.id_index])[person.id_index].total
    newest = months[-1] if months else None
    year = month_after(month_of(desk.today), -LOOKED_BACK)
    recent = [row.days_past_due for row in months if row.month >= year]
    evaluated = [each.evaluated_on for each in limits if each.evaluated_on > desk.bank.day_of(each.opened_at)]
    decided = [each for each in timeline if isinstance(each, ApplicationDecided | LimitChanged) and each.by]
    watched = [each.until for each in timeline if isinstance(each, WatchBegun) and each.ended_at is None]
    return CreditSummary(
        grade=max((each.grade for each in limits), key=list(Grade).index, default=None),
        evaluated_on=max(evaluated, default=None),
        evaluated_again_on=min((each.evaluated_again_on for each in limits), default=None),
        total_limit=total_limit(on_file(record, person, desk.today), desk.policy),
        granted=granted,
        owed=newest.balance if newest else None,
        owed_in=newest.month if newest else None,
        use_percent=newest.balance.fen * 100 // granted.fen if newest and granted > ZERO else None,
        worst_days=max(recent, default=None),
        months_overdue=sum(days > 0 for days in recent),
        open_warnings=sum(isinstance(each, Warned) and each.state is not WarningState.DONE for each in timeline),
        watched_until=max((until for until in watched if until >= desk.today), default=None),
        open_proposals=sum(isinstance(each, LimitProposed) and each.state is ProposalState.OPEN for each in timeline),
        responsible=decided[0].by if decided else "",
        responsible_at=decided[0].at if decided else None,
    )


def _month_lines(desk: Desk, changes: Sequence[LimitChanged], months: Sequence[Row[Any]]) -> tuple[MonthLine, ...]:
    """The last months with what might be owed and what was: from the first limit or the first month known on."""
    known = {row.month: row for row in months}
    moved = [(desk.bank.day_of(each.at), each) for each in sorted(changes, key=lambda each: each.at)]
    starts = [*known, *(month_of(day) for day, _ in moved)]
    if not starts:
        return ()
    this = month_of(desk.today)
    month = max(min(starts), month_after(this, 1 - MONTHS_SHOWN))
    lines: list[MonthLine] = []
    limits: dict[UUID, Money] = {}
    place = 0
    grade: Grade | None = None
    while month <= this:
        following = month_after(month, 1)
        while place < len(moved) and moved[place][0] < following:
            moment = moved[place][1]
            limits[moment.account], grade = moment.change.after, moment.change.grade
            place += 1
        row = known.get(month)
        lines.append(
            MonthLine(
                month=month,
                limit=Money(sum(limit.fen for limit in limits.values())),
                balance=row.balance if row else None,
                grade=grade,
                days_past_due=row.days_past_due if row else None,
            )
        )
        month = following
    return tuple(lines)
