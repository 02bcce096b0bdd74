"""What stands in a credit file, read part by part; each part is one statement, whatever the file holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, select

from bankcard_tui.desk.desk import Desk
from bankcard_tui.models.base import table
from bankcard_tui.models.watch import EarlyWarning, Watched
from bankcard_tui.rules.months import month_after
from bankcard_tui.rules.terms import ProposalOrigin, RefusalReason
from bankcard_tui.services.application_views import DECISION
from bankcard_tui.services.credit_file_views import (
    ApplicationDecided,
    DocumentSeen,
    Entry,
    IdentityChecked,
    IncomeChecked,
    LimitChanged,
    LimitProposed,
    PaidLate,
    Reevaluated,
    Told,
    Warned,
    WatchBegun,
)
from bankcard_tui.services.customer_views import CustomerFile
from bankcard_tui.services.history import HISTORY
from bankcard_tui.services.limit_rows import EVALUATION, show_evaluation
from bankcard_tui.services.limit_views import LimitView
from bankcard_tui.services.outbox import MESSAGE, state_of
from bankcard_tui.services.people import name_of
from bankcard_tui.services.phrases import from_json
from bankcard_tui.services.subjects import APPLICATION, CARD_ACCOUNT, PROPOSAL

WATCHED, WARNING = table(Watched), table(EarlyWarning)

_DECISIONS = (
    select(DECISION, APPLICATION.c.number)
    .join_from(APPLICATION, DECISION, DECISION.c.application_id == APPLICATION.c.id)
    .where(APPLICATION.c.customer_id == bindparam("customer"))
)
_EVALUATIONS = (
    select(EVALUATION)
    .join_from(CARD_ACCOUNT, EVALUATION, EVALUATION.c.card_account_id == CARD_ACCOUNT.c.id)
    .where(CARD_ACCOUNT.c.customer_id == bindparam("customer"))
)
_PROPOSALS, _WARNINGS, _WATCHED, _MESSAGES, _MONTHS = (
    select(each).where(each.c.customer_id == bindparam("customer"))
    for each in (PROPOSAL, WARNING, WATCHED, MESSAGE, HISTORY)
)


def counter_entries(file: CustomerFile) -> Iterator[Entry]:
    """What was checked at the counter: identity, income, documents."""
    for check in file.checks:
        yield IdentityChecked(
            at=check.checked_at,
            by=check.checked_by,
            saw_person=check.saw_person,
            saw_documents=check.saw_documents,
            saw_signature=check.saw_signature,
        )
    if file.income_checked_at is not None:
        known = file.circumstances
        yield IncomeChecked(
            at=file.income_checked_at,
            by=file.income_checked_by,
            income=known.monthly_income,
            source=known.income_source,
        )
    for document in file.documents:
        if document.verified_at is not None:
            yield DocumentSeen(
                at=document.verified_at, by=document.verified_by, kind=document.kind, reference=document.reference
            )


def decision_entries(desk: Desk, customer: UUID, *, staff: bool) -> Iterator[ApplicationDecided]:
    """The decisions on applications; to the customer without what staff noted and without points."""
    for row in _rows(desk, _DECISIONS, customer):
        yield ApplicationDecided(
            at=row.at,
            by=name_of(desk, row.account_id),
            application=row.application_id,
            number=row.number,
            decision=row.decision,
            limit=row.limit_granted,
            reasons=_reasons(row.reasons),
            grade=row.grade,
            points=row.points if staff else None,
            probability=_probability(row.opinion) if staff else None,
            against=staff and row.against,
            note=row.note if staff else "",
            policy_version=row.policy_version,
        )


def evaluation_entries(desk: Desk, customer: UUID, digits: dict[UUID, str]) -> Iterator[Reevaluated]:
    """The re-evaluations; ``digits`` are the last four of the newest card by account."""
    for row in _rows(desk, _EVALUATIONS, customer):
        yield Reevaluated(
            at=row.at, by="", last4=digits.get(row.card_account_id, ""), evaluation=show_evaluation(row._mapping)
        )


def change_entries(limits: Sequence[LimitView]) -> Iterator[LimitChanged]:
    """The changes of limits."""
    for limit in limits:
        for change in limit.history:
            yield LimitChanged(at=change.at, by=change.by, account=limit.account, last4=limit.last4, change=change)


def proposal_entries(desk: Desk, customer: UUID, digits: dict[UUID, str], *, staff: bool) -> Iterator[LimitProposed]:
    """Open and past proposals; to the customer the own asks alone."""
    for row in _rows(desk, _PROPOSALS, customer):
        if not staff and row.origin is not ProposalOrigin.CUSTOMER:
            continue
        yield LimitProposed(
            at=row.made_at,
            by=name_of(desk, row.made_by),
            last4=digits.get(row.card_account_id, ""),
            origin=row.origin,
            kind=row.kind,
            state=row.state,
            before=row.before,
            amount=row.amount,
            until=row.until,
            months=row.months,
            purpose=row.purpose,
            reason=from_json(row.reason) if staff else (),
            said=row.said,
            answer=row.answer,
            ended_at=row.ended_at,
            ended_by=name_of(desk, row.ended_by) if staff else "",
            policy_version=row.policy_version,
        )


def warning_entries(desk: Desk, customer: UUID, digits: dict[UUID, str]) -> Iterator[Warned]:
    """Early warnings, with what was done."""
    for row in _rows(desk, _WARNINGS, customer):
        yield Warned(
            at=row.raised_at,
            by="",
            last4=digits.get(row.card_account_id, ""),
            kind=row.kind,
            state=row.state,
            watched=row.watched,
            rests_on=row.rests_on,
            figures=from_json(row.figures),
            taken_by=name_of(desk, row.taken_by),
            done_by=name_of(desk, row.done_by),
            done_at=row.done_at,
            measure=row.measure,
            note=row.note,
            policy_version=row.policy_version,
        )


def watch_entries(
    desk: Desk, customer: UUID, digits: dict[UUID, str], changed_at: dict[UUID, datetime]
) -> Iterator[WatchBegun]:
    """Times on the watch list; ``changed_at`` are the times of the changes that led to them, by their ids."""
    for row in _rows(desk, _WATCHED, customer):
        yield WatchBegun(
            at=changed_at.get(row.change_id) or _begin_of(desk, row.since),
            by=name_of(desk, row.started_by),
            last4=digits.get(row.card_account_id, ""),
            until=row.until,
            note=row.note,
            ended_at=row.ended_at,
            ended_by=name_of(desk, row.ended_by),
        )


def message_entries(desk: Desk, customer: UUID) -> Iterator[Told]:
    """The messages to the customer: what about, by which channel, and how they stand; never their text."""
    for row in _rows(desk, _MESSAGES, customer):
        yield Told(
            at=row.made_at,
            by="",
            about=row.about,
            channel=row.kind,
            state=state_of(row),
            delivered_at=row.delivered_at,
        )


def months_of(desk: Desk, customer: UUID) -> list[Row[Any]]:
    """The months of history, oldest first."""
    return sorted(_rows(desk, _MONTHS, customer), key=lambda row: row.month)


def late_entry(desk: Desk, row: Row[Any]) -> PaidLate:
    """A month in which a payment was late."""
    return PaidLate(
        at=_begin_of(desk, month_after(row.month, 1)), by="", month=row.month, days_past_due=row.days_past_due
    )


def _begin_of(desk: Desk, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(desk.bank.branch.zone))


def _rows(desk: Desk, statement: Any, customer: UUID) -> list[Row[Any]]:
    return list(desk.sql.execute(statement, {"customer": customer}))


def _reasons(words: str) -> tuple[RefusalReason, ...]:
    known = {each.value: each for each in RefusalReason}
    return tuple(known[word] for word in words.split() if word in known)


def _probability(opinion: str) -> float | None:
    """The probability of default in a stored opinion; None where somebody has altered it."""
    with suppress(ValueError, TypeError, LookupError, RecursionError):
        found = json.loads(opinion)["probability"]
        if isinstance(found, float) and 0 <= found <= 1:
            return found
    return None
