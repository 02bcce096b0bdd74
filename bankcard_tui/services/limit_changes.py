"""The one way in which a limit changes: the account, its history, the message and the watch list in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update

from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Phrase
from bankcard_tui.models.base import table
from bankcard_tui.models.card import CardAccount
from bankcard_tui.models.limit import LimitChange, LimitProposal
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.months import day_after_months
from bankcard_tui.rules.terms import Grade, LimitChangeKind, ProposalState, Role
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.limits_held import SPECIAL, Held, Special
from bankcard_tui.services.notices import Notice, notice_of_change, tell_all
from bankcard_tui.services.phrases import from_json, to_json
from bankcard_tui.services.subjects import CARD_ACCOUNT, CUSTOMER, PERSON
from bankcard_tui.services.watch_list import watch_after
from bankcard_tui.store.types import new_id

CHANGE = table(LimitChange)
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


@dataclass(frozen=True, slots=True)
class Change:
    """A proposal to be carried out with ``amount``: the account then has this ``grade``; ``held`` is what its holder
    holds, and grows with it.
    """

    account: CardAccount
    proposal: LimitProposal
    amount: Money
    grade: Grade
    held: Held
    reason: tuple[Phrase, ...]


def change_limits(desk: Desk, changes: Iterable[Change]) -> None:
    """Carry proposals out: accounts, what stands beside their limits, history, messages and watch list.

    Each of the ``changes`` is made before the next one is asked for, which may rest on it; all are written together.
    """
    specials: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    for change in changes:
        account, proposal, amount = change.account, change.proposal, change.amount
        before = account.credit_limit + change.held.beside(account.id)
        special, until = None, None
        if proposal.kind in _ENDS:
            until = proposal.until or day_after_months(desk.today, proposal.months or 0)
            specials.append(row := _special(desk, proposal, amount, until))
            special, after = row["id"], before + amount
            change.held.specials.append(Special(account.id, proposal.kind, amount, proposal.months))
        else:
            after = before + amount - account.credit_limit
            change.held.limits += amount - account.credit_limit
            account.credit_limit = amount
        account.grade = change.grade
        account.version += 1
        end(desk, proposal, ProposalState.DONE)
        entry = _entry(desk, account.id, account.customer_id, proposal.kind, before, after, change.grade)
        of = {"proposal_id": proposal.id, "special_id": special}
        entries.append(entry | of | {"until": until, "reason": to_json(change.reason)})
    if specials:
        desk.sql.execute(insert(SPECIAL), specials)
    _write(desk, entries)
    for entry in entries:
        watch_after(desk, *(entry[name] for name in ("card_account_id", "customer_id", "id", "before", "after")))


def end(desk: Desk, proposal: LimitProposal, state: ProposalState) -> None:
    """End a proposal, by whoever acts."""
    proposal.state, proposal.ended_at, proposal.ended_by = state, desk.now, desk.account_id
    proposal.version += 1


def _special(desk: Desk, proposal: LimitProposal, amount: Money, until: date) -> dict[str, Any]:
    return {
        "id": new_id(desk.now),
        "branch_id": desk.branch_id,
        "card_account_id": proposal.card_account_id,
        "customer_id": proposal.customer_id,
        "proposal_id": proposal.id,
        "kind": proposal.kind,
        "amount": amount,
        "starts_on": desk.today,
        "until": until,
        "purpose": proposal.purpose,
        "months": proposal.months,
        "granted_at": desk.now,
        "granted_by": desk.account_id,
        "policy_version": desk.policy_version,
    }


def _entry(
    desk: Desk, account: UUID, customer: UUID, kind: LimitChangeKind, before: Money, after: Money, grade: Grade
) -> dict[str, Any]:
    """An entry in the history of a limit."""
    return {
        "id": new_id(desk.now),
        "branch_id": desk.branch_id,
        "card_account_id": account,
        "customer_id": customer,
        "kind": kind,
        "before": before,
        "after": after,
        "grade": grade,
        "until": None,
        "reason": "[]",
        "request_id": desk.work.request,
        "policy_version": desk.policy_version,
        "at": desk.now,
        "account_id": None if desk.actor.role is Role.SYSTEM else desk.account_id,
    }


def _write(desk: Desk, entries: list[dict[str, Any]]) -> None:
    """Write entries in the history of limits, and tell the customers. What is done to many at once stands in the log of
    each of them too.
    """
    if not entries:
        return
    desk.sql.execute(insert(CHANGE), entries)
    subject = desk.work.subject
    if subject is None or subject.person_id is None:
        whose = select(CUSTOMER.c.id, PERSON.c.id, PERSON.c.id_index).join_from(
            CUSTOMER, PERSON, CUSTOMER.c.person_id == PERSON.c.id
        )
        ids = {each["customer_id"] for each in entries}
        people = {id: who for id, *who in desk.sql.execute(whose.where(CUSTOMER.c.id.in_(ids)))}
        for each in entries:
            found = Subject("customer", each["customer_id"], *people[each["customer_id"]])
            desk.concerns(found, kind=each["kind"], limit=each["after"])
    tell_all(desk, (_notice(desk, **each) for each in entries))


def _notice(
    desk: Desk,
    id: UUID,
    customer_id: UUID,
    kind: LimitChangeKind,
    before: Money,
    after: Money,
    until: date | None,
    reason: str,
    **_: object,
) -> Notice:
    """What a customer is told of an entry in the history."""
    return notice_of_change(desk, id, customer_id, kind, before, after, until, from_json(reason))


@operation("limit.end_due", allow=Permission.EVALUATE_LIMITS, idempotent=False)
def end_due(desk: Desk) -> EndedView:
    """End temporary increases and personal plans whose last day is over: the next 500."""
    # What has not been ended yet goes down step by step, in the history too, whatever fits into one transaction.
    other = SPECIAL.alias()
    untold = (other.c.card_account_id == CARD_ACCOUNT.c.id, other.c.ended_on.is_(None))
    beside = select(func.sum(other.c.amount)).where(*untold).correlate(CARD_ACCOUNT).scalar_subquery().label("beside")
    over = (
        select(SPECIAL, CARD_ACCOUNT.c.credit_limit, CARD_ACCOUNT.c.grade, beside)
        .join_from(SPECIAL, CARD_ACCOUNT, SPECIAL.c.card_account_id == CARD_ACCOUNT.c.id)
        .where(SPECIAL.c.branch_id == desk.branch_id, SPECIAL.c.ended_on.is_(None), SPECIAL.c.until < desk.today)
        .order_by(SPECIAL.c.until, SPECIAL.c.id)
        .limit(MOST_ENDED)
    )
    rows = desk.sql.execute(over).fetchall()
    left: dict[UUID, Money] = {}
    entries = []
    for row in rows:
        before = left.get(row.card_account_id, row.credit_limit + row.beside)
        left[row.card_account_id] = after = before - row.amount
        entry = _entry(desk, row.card_account_id, row.customer_id, _ENDS[row.kind], before, after, row.grade)
        entries.append(entry | {"special_id": row.id, "reason": to_json((_why_it_ends(row),))})
    _write(desk, entries)
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


def _why_it_ends(row: Any) -> Phrase:
    values: dict[str, str | int | Phrase | tuple[Phrase, ...]] = {"amount": str(row.amount), "until": str(row.until)}
    if row.kind is LimitChangeKind.TEMPORARY:
        return Phrase("The temporary increase of {amount} yuan ended on {until}, as agreed.", values)
    return Phrase("The personal plan of {amount} yuan ended on {until}, as agreed.", values)
