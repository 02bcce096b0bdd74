"""The watch list: accounts whose repayment and spending are looked at more often, after a large increase or because a
manager wants it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select

from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict, InvalidInput
from bankcard_tui.models.base import table
from bankcard_tui.models.card import CardAccount
from bankcard_tui.models.limit import LimitChange
from bankcard_tui.models.watch import Watched
from bankcard_tui.rules.free_text import free_text
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.months import day_after_months, month_after, month_of
from bankcard_tui.rules.terms import LimitChangeKind, WarningState
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.history import HISTORY
from bankcard_tui.services.paging import Page, fetch_page
from bankcard_tui.services.people import name_of
from bankcard_tui.services.subjects import CARD, CARD_ACCOUNT, CUSTOMER, PERSON, no_such, of_card_account, unseen
from bankcard_tui.services.warning_signs import WATCHED
from bankcard_tui.services.warnings import WARNING
from bankcard_tui.store.types import new_id

CHANGE = table(LimitChange)
MOST_MONTHS: Final = 24
NOTE_LENGTH: Final = 500
LOOKED_BACK: Final = 6
"""Months before an account came on the list that say what was usual."""

LAST4 = (
    select(CARD.c.last4)
    .where(CARD.c.card_account_id == CARD_ACCOUNT.c.id)
    .order_by(CARD.c.issued_at.desc(), CARD.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
"""The last digits of the newest card of an account, as part of a larger statement."""
_RUNNING = select(Watched).where(WATCHED.c.card_account_id == bindparam("account"), WATCHED.c.ended_at.is_(None))
_ONE = (
    select(Watched, PERSON.c.id_index)
    .join_from(Watched, CUSTOMER, WATCHED.c.customer_id == CUSTOMER.c.id)
    .join(PERSON, CUSTOMER.c.person_id == PERSON.c.id)
    .where(WATCHED.c.id == bindparam("id"))
)
_WARNINGS = (
    select(func.count())
    .select_from(WARNING)
    .where(WARNING.c.card_account_id == WATCHED.c.card_account_id, WARNING.c.state != WarningState.DONE)
    .scalar_subquery()
)
_ROWS = (
    select(
        WATCHED,
        CUSTOMER.c.name,
        PERSON.c.id_index,
        CARD_ACCOUNT.c.credit_limit,
        CHANGE.c.kind,
        CHANGE.c.before,
        CHANGE.c.after,
        LAST4.label("last4"),
        _WARNINGS.label("warnings"),
    )
    .join_from(WATCHED, CARD_ACCOUNT, WATCHED.c.card_account_id == CARD_ACCOUNT.c.id)
    .join(CUSTOMER, WATCHED.c.customer_id == CUSTOMER.c.id)
    .join(PERSON, CUSTOMER.c.person_id == PERSON.c.id)
    .outerjoin(CHANGE, WATCHED.c.change_id == CHANGE.c.id)
)


class WatchedView(View):
    """An account on the watch list, with what has become of it.

    ``kind``, ``before`` and ``after`` are those of the increase for which it is watched (None: a manager wanted it).
    ``owed`` and ``spent`` (the mean a month) are those since then, ``_before`` those of the months that came first;
    None where nothing is known. ``days_past_due`` are the worst since, ``warnings`` how many are not dealt with.
    """

    id: UUID
    account: UUID
    customer_id: UUID
    customer: str
    last4: str
    since: date
    until: date
    kind: LimitChangeKind | None
    before: Money | None
    after: Money | None
    note: str
    by: str
    limit: Money
    owed: Money | None
    owed_before: Money | None
    spent: Money | None
    spent_before: Money | None
    days_past_due: int | None
    warnings: int
    mine: bool

    @property
    def use_percent(self) -> int | None:
        """How much of the limit is owed now, in percent."""
        return _share(self.owed, self.limit)

    @property
    def use_percent_before(self) -> int | None:
        """How much of the limit of that time was owed before, in percent."""
        return _share(self.owed_before, self.before or self.limit)


def _share(owed: Money | None, limit: Money) -> int | None:
    return None if owed is None or not limit.fen else owed.fen * 100 // limit.fen


def watch_after(desk: Desk, account: UUID, customer: UUID, change_id: UUID, before: Money, after: Money) -> bool:
    """Put an account on the watch list in the transaction of a change from ``before`` to ``after``, all that may be
    owed on it, where that is a large increase; an entry that runs begins anew. Returns whether it is watched for it.
    """
    policy = desk.policy
    if after <= before or (after.fen - before.fen) * 100 < before.fen * policy.watch_raise_percent:
        return False
    _watch(desk, account, customer, policy.watch_months, change_id=change_id)
    return True


def _watch(
    desk: Desk, account: UUID, customer: UUID, months: int, *, change_id: UUID | None = None, note: str = ""
) -> Watched:
    """The entry of an account: a new one, or the one that runs, begun anew."""
    until = day_after_months(desk.today, months)
    entry = desk.db.scalars(_RUNNING, {"account": account}).one_or_none()
    if entry is not None and entry.until < desk.today:
        # It has run out, and the job that says so was not here yet.
        entry.ended_at, entry = desk.now, None
        desk.work.flush()
    if entry is None:
        entry = Watched(
            id=new_id(desk.now),
            branch_id=desk.branch_id,
            card_account_id=account,
            customer_id=customer,
            since=desk.today,
            until=until,
            policy_version=desk.policy_version,
        )
        desk.db.add(entry)
    entry.since, entry.until = desk.today, max(entry.until, until)
    entry.change_id, entry.policy_version = change_id or entry.change_id, desk.policy_version
    entry.started_by, entry.note = desk.actor.account_id, note or entry.note
    return entry


def _of_account(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The card account named by the argument ``account``."""
    return unseen(of_card_account(desk, arguments))


@operation("watch.add", allow=Permission.DECIDE_LIMITS, subject=_of_account)
def watch(desk: Desk, account: UUID, months: int, note: str) -> date:
    """Put an account on the watch list for so many months, or keep it there longer; returns the last day."""
    if not 1 <= months <= MOST_MONTHS:
        raise InvalidInput(
            "months", "This is a number of months from 1 to {most}.", hint="Check what you typed.", most=MOST_MONTHS
        )
    record = desk.record(CardAccount, account)
    said = free_text("note", note, most=NOTE_LENGTH, required=True)
    entry = _watch(desk, account, record.customer_id, months, note=said)
    desk.note(until=entry.until)
    return entry.until


def _of_watched(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The entry named by the argument ``watched``: it counts for four eyes, and does not stand in the customer's own
    log.
    """
    id = arguments["watched"]
    found = desk.db.execute(_ONE, {"id": id}).one_or_none()
    if found is None:
        raise no_such("watched")
    desk.keep(id, found[0])
    return Subject("watched", id, index=found.id_index)


@operation("watch.end", allow=Permission.DECIDE_LIMITS, subject=_of_watched)
def end_watching(desk: Desk, watched: UUID, note: str) -> None:
    """Take an account off the watch list before its last day, with the reason."""
    entry = desk.record(Watched, watched)
    if entry.ended_at is not None:
        raise Conflict(
            "This account is not on the watch list any more.", hint="Look at the list again.", code="conflict.ended"
        )
    desk.note(note=free_text("note", note, most=NOTE_LENGTH, required=True))
    entry.ended_at, entry.ended_by = desk.now, desk.account_id


@question("watch.list", allow=Permission.DECIDE_LIMITS)
def watch_list(desk: Desk, cursor: str | None = None) -> Page[WatchedView]:
    """The accounts on the watch list, those whose time is over first, with how they were used since then."""
    here = _ROWS.where(
        WATCHED.c.branch_id == desk.branch_id, WATCHED.c.ended_at.is_(None), WATCHED.c.until >= desk.today
    )
    keys = (WATCHED.c.until, WATCHED.c.id)
    page = fetch_page(desk.sql, here, keys, cursor, lambda row: row, newest_first=False)
    months = _months(desk, page.items)
    items = tuple(_view(desk, row, months.get(row.customer_id, [])) for row in page.items)
    return Page(items=items, next=page.next, previous=page.previous)


def _months(desk: Desk, rows: Sequence[Row[Any]]) -> dict[UUID, list[Row[Any]]]:
    """The months of many customers, the oldest first, from some before the first of them came on the list."""
    months: dict[UUID, list[Row[Any]]] = {}
    if rows:
        oldest = month_after(month_of(min(row.since for row in rows)), -LOOKED_BACK)
        asked = (
            select(HISTORY)
            .where(HISTORY.c.customer_id.in_({row.customer_id for row in rows}), HISTORY.c.month >= oldest)
            .order_by(HISTORY.c.customer_id, HISTORY.c.month)
        )
        for row in desk.sql.execute(asked):
            months.setdefault(row.customer_id, []).append(row)
    return months


def _view(desk: Desk, row: Row[Any], months: Sequence[Row[Any]]) -> WatchedView:
    # The month in which it came on the list is no more like those before.
    begun = month_of(row.since)
    first = [each for each in months if month_after(begun, -LOOKED_BACK) <= each.month < begun]
    since = [each for each in months if each.month >= begun]
    return WatchedView(
        id=row.id,
        account=row.card_account_id,
        customer_id=row.customer_id,
        customer=row.name,
        last4=row.last4 or "",
        since=row.since,
        until=row.until,
        kind=row.kind,
        before=row.before,
        after=row.after,
        note=row.note,
        by=name_of(desk, row.started_by),
        limit=row.credit_limit,
        owed=since[-1].balance if since else None,
        owed_before=first[-1].balance if first else None,
        spent=_mean(since),
        spent_before=_mean(first),
        days_past_due=max((each.days_past_due for each in since), default=None),
        warnings=row.warnings,
        mine=desk.is_self(row.id_index),
    )


def _mean(months: Sequence[Row[Any]]) -> Money | None:
    return Money(sum(each.spent.fen for each in months) // len(months)) if months else None
