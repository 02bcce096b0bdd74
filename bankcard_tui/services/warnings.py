"""Looking for early warnings: a job over all accounts in chunks, and at once where a customer's file gets worse.

Of a customer with several accounts each is looked at, and nothing is warned of twice: while a warning of a kind is not
dealt with there is no second one, and one that rests on a month or a day is not raised for it, or for earlier ones,
again. A warning rests on the newest month of history, or on the day to which the file is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, case, exists, func, insert, or_, select, update

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import operation
from bankcard_tui.desk.results import View
from bankcard_tui.models.base import table
from bankcard_tui.models.customer import Customer
from bankcard_tui.models.watch import EarlyWarning
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import WarningKind, WarningState
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.phrases import to_json
from bankcard_tui.services.subjects import CARD_ACCOUNT, CUSTOMER
from bankcard_tui.services.warning_signs import WATCHED, Found, due_of, watched_on
from bankcard_tui.store.types import new_id

WARNING = table(EarlyWarning)
MOST_ACCOUNTS: Final = 500
_WATCHED = watched_on(bindparam("today"))
_IS_DUE = and_(
    # The branch is asked of the customer: asked of accounts, SQLite would sort all of them for each part.
    exists().where(CUSTOMER.c.id == CARD_ACCOUNT.c.customer_id, CUSTOMER.c.branch_id == bindparam("branch")),
    or_(
        CARD_ACCOUNT.c.checked_on.is_(None),
        CARD_ACCOUNT.c.checked_on <= bindparam("long_ago"),
        CARD_ACCOUNT.c.checked_on < CARD_ACCOUNT.c.evaluated_on,
        and_(CARD_ACCOUNT.c.checked_on <= bindparam("lately"), _WATCHED),
    ),
)
_DUE = (
    select(CARD_ACCOUNT.c.id)
    .where(CARD_ACCOUNT.c.id > bindparam("after"), _IS_DUE)
    .order_by(CARD_ACCOUNT.c.id)
    .limit(MOST_ACCOUNTS)
)
_WAITING = select(func.count()).select_from(CARD_ACCOUNT).where(_IS_DUE)


class CheckedView(View):
    """How many accounts were looked at, how many warnings were raised, and where to go on: ``next`` is None at the
    end.
    """

    checked: int
    raised: int
    next: UUID | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What a whole round came to."""

    checked: int = 0
    raised: int = 0


def _find_due(desk: Desk, after: UUID | None = None) -> list[UUID]:
    """The next accounts to look at; looked for before the transaction, since it can mean to walk through all."""
    with desk.bank.store.read() as connection:
        return list(connection.execute(_DUE, {"after": after or UUID(int=0), **_days(desk, connection)}).scalars())


def _days(desk: Desk, connection: Connection) -> dict[str, object]:
    """The days before which an account must have been looked at to be due."""
    bank, now = desk.bank, desk.bank.clock.now()
    policy, today = bank.policy_in_force(connection, now), bank.day_of(now)
    return {
        "branch": bank.branch.id,
        "today": today,
        "long_ago": today - timedelta(days=policy.warning_check_days),
        "lately": today - timedelta(days=policy.watch_check_days),
    }


@operation("warning.check_due", allow=Permission.EVALUATE_LIMITS, prepare=_find_due, idempotent=False)
def check_due(desk: Desk, after: UUID | None = None) -> CheckedView:
    """Look for early warnings: the next 500 accounts behind ``after`` that are due.

    Accounts on the watch list are looked at more often, and those that were evaluated since. Entries of the watch list
    whose last day is past end.
    """
    accounts: list[UUID] = desk.prepared
    if after is None:
        _end_watching(desk)
    raised = _warn(desk, due_of(desk, CARD_ACCOUNT.c.id.in_(accounts))) if accounts else 0
    if accounts:
        checked = update(CARD_ACCOUNT).where(CARD_ACCOUNT.c.id.in_(accounts)).values(checked_on=desk.today)
        desk.sql.execute(checked)
    desk.note(accounts=len(accounts), raised=raised)
    return CheckedView(
        checked=len(accounts), raised=raised, next=accounts[-1] if len(accounts) == MOST_ACCOUNTS else None
    )


def check_all_due(desk: Desk, progress: Callable[[int, int], None] = lambda done, of: None) -> Checked:
    """Look for early warnings at every account that is due; ``progress`` is told how many were looked at, and of how
    many. It can be stopped between two chunks, by what ``progress`` raises too, and started again.
    """
    with desk.bank.store.read() as connection:
        waiting = int(connection.execute(_WAITING, _days(desk, connection)).scalar_one())
    done = check_due(desk).view
    checked, raised = done.checked, done.raised
    progress(checked, max(waiting, checked))
    while done.next is not None:
        done = check_due(desk, done.next).view
        checked, raised = checked + done.checked, raised + done.raised
        progress(checked, max(waiting, checked))
    return Checked(checked, raised)


def warn_of_change(desk: Desk, customer: Customer, income: Money | None, times_overdue: int | None) -> None:
    """Warn in the running transaction where the file of ``customer`` has become worse than it was with this ``income``
    and these ``times_overdue``.
    """
    worse = set()
    if income is not None and customer.monthly_income is not None and customer.monthly_income < income:
        worse.add(WarningKind.FALLING_INCOME)
    if times_overdue is not None and customer.times_overdue is not None and customer.times_overdue > times_overdue:
        worse.add(WarningKind.OVERDUE_ELSEWHERE)
    if worse:
        _warn(desk, due_of(desk, CARD_ACCOUNT.c.customer_id == customer.id, worse))


def _end_watching(desk: Desk) -> None:
    ended = update(WATCHED).where(
        WATCHED.c.branch_id == desk.branch_id, WATCHED.c.ended_at.is_(None), WATCHED.c.until < desk.today
    )
    desk.sql.execute(ended.values(ended_at=desk.now))


def _warn(desk: Desk, due: Iterable[Found]) -> int:
    """Raise what nobody was warned of before, and return how many that were."""
    found = list(due)
    known = _warned_before(desk, {each.customer for each in found}) if found else {}
    rows = []
    # The newest first: what rests on an earlier month is known with it; and where one account is watched, that one.
    for each in sorted(found, key=lambda each: (each.rests_on, each.watched), reverse=True):
        latest = known.get((each.customer, each.kind))
        if latest is None or latest < each.rests_on:
            known[each.customer, each.kind] = date.max
            rows.append(_row(desk, each))
    if rows:
        desk.sql.execute(insert(WARNING), rows)
    return len(rows)


def _warned_before(desk: Desk, customers: Collection[UUID]) -> dict[tuple[UUID, WarningKind], date]:
    """Up to which month or day each customer was warned of; without an end while a warning is not dealt with."""
    asked = (
        select(
            WARNING.c.customer_id,
            WARNING.c.kind,
            func.max(WARNING.c.rests_on).label("latest"),
            func.count(case((WARNING.c.state != WarningState.DONE, 1))).label("open"),
        )
        .where(WARNING.c.customer_id.in_(customers))
        .group_by(WARNING.c.customer_id, WARNING.c.kind)
    )
    return {(row.customer_id, row.kind): date.max if row.open else row.latest for row in desk.sql.execute(asked)}


def _row(desk: Desk, found: Found) -> dict[str, Any]:
    return {
        "id": new_id(desk.now),
        "branch_id": desk.branch_id,
        "card_account_id": found.account,
        "customer_id": found.customer,
        "kind": found.kind,
        "state": WarningState.OPEN,
        "watched": found.watched,
        "rests_on": found.rests_on,
        "figures": to_json(found.figures),
        "policy_version": desk.policy_version,
        "raised_at": desk.now,
        "note": "",
        "version": 1,
    }
