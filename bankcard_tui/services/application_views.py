"""How applications are shown: rows, history, decisions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, bindparam, exists, func, select
from sqlalchemy.orm import aliased

from bankcard_tui.decision.opinion import Opinion, Reason, opinion_from_plain
from bankcard_tui.desk.access import ACCOUNT
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict, Phrase, Refused, VerificationFailed
from bankcard_tui.locale import say
from bankcard_tui.models.application import Application, ApplicationDecision, ApplicationMove
from bankcard_tui.models.base import table
from bankcard_tui.models.request import Request, Signature
from bankcard_tui.rules.applications import OPEN, last_day_to_ask_again, may_ask_again
from bankcard_tui.rules.hard_rules import BrokenRule
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import (
    ApplicationStatus,
    CardKind,
    Decision,
    Grade,
    Purpose,
    RefusalReason,
    RequestStatus,
)
from bankcard_tui.services.people import name_of
from bankcard_tui.services.subjects import APPLICATION, CUSTOMER

MOVE, DECISION, REQUEST, SIGNATURE = (
    table(model) for model in (ApplicationMove, ApplicationDecision, Request, Signature)
)
_MOVES = (
    select(MOVE.c.at, MOVE.c.status, MOVE.c.reason, MOVE.c.note, ACCOUNT.c.display_name)
    .join_from(MOVE, ACCOUNT, MOVE.c.account_id == ACCOUNT.c.id, isouter=True)
    .where(MOVE.c.application_id == bindparam("application"))
    .order_by(MOVE.c.at, MOVE.c.id)
)
_DECISIONS = (
    select(DECISION).where(DECISION.c.application_id == bindparam("application")).order_by(DECISION.c.at.desc())
)


_DECIDED = frozenset({ApplicationStatus.APPROVED, ApplicationStatus.REFUSED, ApplicationStatus.RETURNED})
"""The statuses to which a decision leads; it bears the time of its move."""


class ApplicationRow(View):
    """An application in a list.

    ``status`` is what holds now: a claim past its time counts as submitted. ``signed`` of ``needed`` signatures are
    there while it waits for one (both 0 otherwise). ``asked_again``: it was refused, and the customer has asked for
    another look, which is not over yet.
    """

    id: UUID
    number: str
    customer_id: UUID
    customer: str
    kind: CardKind
    purpose: Purpose
    wished_limit: Money
    status: ApplicationStatus
    submitted_at: datetime
    reviewer: str
    decided_at: datetime | None
    approved_limit: Money | None
    signed: int
    needed: int
    asked_again: bool


class MoveView(View):
    """One step in the life of an application.

    The customer reads ``note``; ``internal`` is what the reviewer noted for colleagues, empty for everybody else.
    """

    at: datetime
    by: str
    status: ApplicationStatus
    reasons: tuple[RefusalReason, ...]
    note: str
    internal: str


class DecisionView(View):
    """A decision with the opinion as it was at that moment."""

    at: datetime
    by: str
    decision: Decision
    grade: Grade
    limit: Money | None
    reasons: tuple[RefusalReason, ...]
    note: str
    against: bool
    against_reason: str
    policy_version: int
    opinion: Opinion


@cache
def application_rows() -> Select[Any]:
    """Applications with all that a row shows; conditions and order are the caller's."""
    reviewer = aliased(ACCOUNT)
    signed = (
        select(func.count())
        .select_from(SIGNATURE)
        .where(SIGNATURE.c.request_id == REQUEST.c.id)
        .correlate(REQUEST)
        .scalar_subquery()
    )
    waiting = and_(
        REQUEST.c.subject_id == APPLICATION.c.id,
        REQUEST.c.subject_kind == "application",
        REQUEST.c.status == RequestStatus.PENDING,
    )
    refused = exists().where(DECISION.c.application_id == APPLICATION.c.id, DECISION.c.decision == Decision.REFUSE)
    return (
        select(
            APPLICATION.c.id,
            APPLICATION.c.number,
            APPLICATION.c.customer_id,
            CUSTOMER.c.name,
            APPLICATION.c.kind,
            APPLICATION.c.purpose,
            APPLICATION.c.wished_limit,
            APPLICATION.c.status,
            APPLICATION.c.submitted_at,
            APPLICATION.c.claimed_until,
            APPLICATION.c.decided_at,
            APPLICATION.c.approved_limit,
            reviewer.c.display_name.label("reviewer"),
            REQUEST.c.needed,
            REQUEST.c.expires_at,
            signed.label("signed"),
            refused.label("refused"),
        )
        .join_from(APPLICATION, CUSTOMER, APPLICATION.c.customer_id == CUSTOMER.c.id)
        .outerjoin(reviewer, APPLICATION.c.reviewer_id == reviewer.c.id)
        .outerjoin(REQUEST, waiting)
    )


def show_application(row: Row[Any], now: datetime) -> ApplicationRow:
    """The view of one of :func:`application_rows`."""
    waiting = row.needed is not None and row.expires_at > now
    status = status_now(row.status, row.claimed_until, waiting, now)
    return ApplicationRow(
        id=row.id,
        number=row.number,
        customer_id=row.customer_id,
        customer=row.name,
        kind=row.kind,
        purpose=row.purpose,
        wished_limit=row.wished_limit,
        status=status,
        submitted_at=row.submitted_at,
        reviewer=row.reviewer or "",
        decided_at=row.decided_at,
        approved_limit=row.approved_limit,
        signed=1 + row.signed if waiting else 0,
        needed=1 + len(row.needed.split()) if waiting else 0,
        asked_again=bool(row.refused) and status in OPEN,
    )


def status_now(
    status: ApplicationStatus, claimed_until: datetime | None, waiting: bool, now: datetime
) -> ApplicationStatus:
    """The status that holds at ``now``: a claim that ran out has let the application go."""
    lapsed = status is ApplicationStatus.IN_REVIEW and (claimed_until is None or claimed_until <= now)
    return ApplicationStatus.SUBMITTED if lapsed and not waiting else status


@cache
def _of_customer() -> Select[Any]:
    return (
        application_rows()
        .where(APPLICATION.c.customer_id == bindparam("customer"))
        .order_by(APPLICATION.c.submitted_at.desc(), APPLICATION.c.id.desc())
    )


def applications_of(desk: Desk, customer: UUID) -> tuple[ApplicationRow, ...]:
    """All applications of a customer, newest first."""
    rows = desk.sql.execute(_of_customer(), {"customer": customer})
    return tuple(show_application(row, desk.now) for row in rows)


def moves_of(desk: Desk, application: Application, decisions: Sequence[DecisionView]) -> tuple[MoveView, ...]:
    """The history of an application, oldest first, with the notes of those of its ``decisions`` that may be shown."""
    internal = {decision.at: decision.note for decision in decisions}
    found = desk.sql.execute(_MOVES, {"application": application.id})
    return tuple(
        MoveView(
            at=row.at,
            by=row.display_name or "",
            status=row.status,
            reasons=_reasons(row.reason),
            note=row.note,
            internal=internal.get(row.at, "") if row.status in _DECIDED else "",
        )
        for row in found
    )


def second_look(moves: Sequence[MoveView]) -> tuple[MoveView, MoveView] | None:
    """The refusal and the customer's asking for another look at it, with the reason; None where nobody has asked."""
    steps = ApplicationStatus.REFUSED, ApplicationStatus.SUBMITTED
    return next((pair for pair in pairwise(moves) if (pair[0].status, pair[1].status) == steps), None)


def check_ask_again(desk: Desk, record: Application, moves: Sequence[MoveView]) -> None:
    """Raise Conflict or Refused unless the customer can ask for another look at an application with these ``moves``."""
    others = [each.status for each in applications_of(desk, record.customer_id) if each.id != record.id]
    may_ask_again([each.status for each in moves], others, _refused_on(desk, record), desk.today, desk.policy)


def ask_again_until(desk: Desk, record: Application, moves: Sequence[MoveView]) -> date | None:
    """The last day on which the customer can ask for another look; None where they can't."""
    refused_on = _refused_on(desk, record)
    if refused_on is None:
        return None
    try:
        check_ask_again(desk, record, moves)
    except (Conflict, Refused):
        return None
    return last_day_to_ask_again(refused_on, desk.policy)


def _refused_on(desk: Desk, record: Application) -> date | None:
    if record.status is not ApplicationStatus.REFUSED or record.decided_at is None:
        return None
    return desk.bank.day_of(record.decided_at)


def decisions_of(desk: Desk, application: UUID) -> tuple[DecisionView, ...]:
    """The decisions on an application, newest first. Raises VerificationFailed where a stored opinion is none."""
    found = desk.sql.execute(_DECISIONS, {"application": application})
    return tuple(
        DecisionView(
            at=row.at,
            by=name_of(desk, row.account_id),
            decision=row.decision,
            grade=row.grade,
            limit=row.limit_granted,
            reasons=_reasons(row.reasons),
            note=row.note,
            against=row.against,
            against_reason=row.against_reason,
            policy_version=row.policy_version,
            opinion=_opinion(row.opinion),
        )
        for row in found
    )


def _reasons(words: str) -> tuple[RefusalReason, ...]:
    return tuple(RefusalReason(word) for word in words.split())


def _opinion(text: str) -> Opinion:
    import json

    try:
        opinion = opinion_from_plain(json.loads(text))
        reasons: tuple[Reason | BrokenRule, ...] = (*opinion.weighed, *opinion.reasons_against, *opinion.reasons_for)
        for each in (*reasons, *opinion.broken):
            say(Phrase(each.template, dict(each.values)))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise VerificationFailed(
            "The opinion stored with a decision was altered in the store.",
            hint="Tell your administrator; a backup holds it as it was.",
            code="opinion.altered",
        ) from None
    return opinion
