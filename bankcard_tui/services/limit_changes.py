"""The one way in which a limit changes: the account, its history, the message and the watch list in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import operation
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Phrase
from bankcard_tui.models.card import CardAccount
from bankcard_tui.models.limit import LimitChange, LimitProposal, SpecialLimit
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.months import day_after_months
from bankcard_tui.rules.terms import Grade, LimitChangeKind, Role
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.limits_held import RUNNING, SPECIAL
from bankcard_tui.services.notices import tell_of_change
from bankcard_tui.services.phrases import to_json
from bankcard_tui.services.subjects import CARD_ACCOUNT
from bankcard_tui.services.watch_list import watch_after
from bankcard_tui.store.types import new_id

MOST_ENDED = 500
"""So many special limits are ended in one transaction."""

_ENDS = {
    LimitChangeKind.TEMPORARY: LimitChangeKind.TEMPORARY_END,
    LimitChangeKind.PLAN: LimitChangeKind.PLAN_END,
}


class EndedView(View):
    """How many special limits were ended, and whether others wait to be."""

    ended: int
    more: bool


def change_limit(
    desk: Desk,
    account: CardAccount,
    proposal: LimitProposal,
    amount: Money,
    grade: Grade,
    running: Money,
    reason: tuple[Phrase, ...],
) -> UUID:
    """Carry a proposal out with ``amount``, and return the id of the change.

    ``running`` is what may be owed beside the limit now; ``grade`` the one that the account has afterwards.
    """
    before = account.credit_limit + running
    special, until = None, None
    if proposal.kind in _ENDS:
        special, until = _grant(desk, proposal, amount)
        after = before + amount
    else:
        account.credit_limit = amount
        after = amount + running
    account.grade = grade
    account.version += 1
    desk.work.flush()
    change = _write(
        desk,
        account.id,
        account.customer_id,
        proposal.kind,
        before,
        after,
        grade,
        until,
        reason,
        proposal_id=proposal.id,
        special_id=special,
    )
    watch_after(desk, account.id, account.customer_id, change, before, after)
    return change


def _grant(desk: Desk, proposal: LimitProposal, amount: Money) -> tuple[UUID, date]:
    """Write the special limit of a proposal; returns its id and its last day."""
    until = proposal.until or day_after_months(desk.today, proposal.months or 0)
    id = new_id(desk.now)
    desk.add(
        SpecialLimit,
        id=id,
        branch_id=desk.branch_id,
        card_account_id=proposal.card_account_id,
        customer_id=proposal.customer_id,
        proposal_id=proposal.id,
        kind=proposal.kind,
        amount=amount,
        starts_on=desk.today,
        until=until,
        purpose=proposal.purpose,
        months=proposal.months,
        granted_at=desk.now,
        granted_by=desk.account_id,
        policy_version=desk.policy_version,
    )
    return id, until


def _write(
    desk: Desk,
    account: UUID,
    customer: UUID,
    kind: LimitChangeKind,
    before: Money,
    after: Money,
    grade: Grade,
    until: date | None,
    reason: tuple[Phrase, ...],
    **of: UUID | None,
) -> UUID:
    """Write the entry in the history of a limit, and what the customer is told of it."""
    change = new_id(desk.now)
    desk.add(
        LimitChange,
        id=change,
        branch_id=desk.branch_id,
        card_account_id=account,
        customer_id=customer,
        kind=kind,
        before=before,
        after=after,
        grade=grade,
        until=until,
        reason=to_json(reason),
        request_id=desk.work.request,
        policy_version=desk.policy_version,
        at=desk.now,
        account_id=None if desk.actor.role is Role.SYSTEM else desk.account_id,
        **of,
    )
    tell_of_change(desk, change, customer, kind, before, after, until, reason)
    return change


@operation("limit.end_due", allow=Permission.EVALUATE_LIMITS, idempotent=False)
def end_due(desk: Desk) -> EndedView:
    """End temporary increases and personal plans whose last day is over: the next 500."""
    beside = select(func.sum(SPECIAL.c.amount)).where(SPECIAL.c.card_account_id == CARD_ACCOUNT.c.id, *RUNNING)
    running = beside.correlate(CARD_ACCOUNT).scalar_subquery().label("running")
    over = (
        select(SPECIAL, CARD_ACCOUNT.c.credit_limit, CARD_ACCOUNT.c.grade, running)
        .join_from(SPECIAL, CARD_ACCOUNT, SPECIAL.c.card_account_id == CARD_ACCOUNT.c.id)
        .where(SPECIAL.c.branch_id == desk.branch_id, SPECIAL.c.ended_on.is_(None), SPECIAL.c.until < desk.today)
        .order_by(SPECIAL.c.until, SPECIAL.c.id)
        .limit(MOST_ENDED)
    )
    rows = desk.sql.execute(over, {"today": desk.today}).fetchall()
    later = _beside_later(rows)
    for row in rows:
        after = row.credit_limit + (row.running or ZERO) + later[row.id]
        before = after + row.amount
        reason = (_why_it_ends(row),)
        _write(
            desk,
            row.card_account_id,
            row.customer_id,
            _ENDS[row.kind],
            before,
            after,
            row.grade,
            None,
            reason,
            special_id=row.id,
        )
    if rows:
        desk.sql.execute(update(SPECIAL).where(SPECIAL.c.id.in_([row.id for row in rows])).values(ended_on=desk.today))
    desk.note(ended=len(rows))
    return EndedView(ended=len(rows), more=len(rows) == MOST_ENDED)


def end_due_specials(desk: Desk) -> int:
    """End every special limit whose last day is over; returns how many."""
    done = end_due(desk).view
    ended = done.ended
    while done.more:
        done = end_due(desk).view
        ended += done.ended
    return ended


def _beside_later(rows: Sequence[Any]) -> dict[UUID, Money]:
    """For each special limit that ends, what of the same account ends after it: the history goes down step by step."""
    later: dict[UUID, Money] = {}
    behind: dict[UUID, Money] = {}
    for row in reversed(rows):
        later[row.id] = behind.get(row.card_account_id, ZERO)
        behind[row.card_account_id] = later[row.id] + row.amount
    return later


def _why_it_ends(row: Any) -> Phrase:
    values: dict[str, str | int | Phrase | tuple[Phrase, ...]] = {"amount": str(row.amount), "until": str(row.until)}
    if row.kind is LimitChangeKind.TEMPORARY:
        return Phrase("The temporary increase of {amount} yuan ended on {until}, as agreed.", values)
    return Phrase("The personal plan of {amount} yuan ended on {until}, as agreed.", values)
