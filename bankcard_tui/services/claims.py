"""Claims on applications: one manager at a time, free again after 15 idle minutes or when the session ends."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import bindparam, select

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.pending import waiting_for
from bankcard_tui.errors import Conflict
from bankcard_tui.models.account import SignInSession
from bankcard_tui.models.application import Application
from bankcard_tui.models.base import table
from bankcard_tui.rules.terms import ApplicationStatus
from bankcard_tui.services.applications import move
from bankcard_tui.services.subjects import APPLICATION

SESSION = table(SignInSession)
_ENDED = select(SESSION.c.ended_at).where(SESSION.c.id == bindparam("session"))


def take(desk: Desk, record: Application) -> None:
    """Claim an application for whoever sits at the desk, or hold it longer. Raises Conflict when somebody has it."""
    if record.status not in (ApplicationStatus.SUBMITTED, ApplicationStatus.IN_REVIEW):
        raise Conflict(
            "This application is not waiting for a review.",
            hint="Take the next one in the queue.",
            code="conflict.not_waiting",
        )
    if waiting_for(desk, "application", record.id) is not None:
        raise Conflict(
            "This application waits for a signature.",
            hint="Open it from the signatures page.",
            code="conflict.waiting",
        )
    mine = record.claimed_by == desk.account_id
    if held(desk, record) and not mine:
        raise Conflict(
            "A colleague is reviewing this application.",
            hint="Take the next one in the queue.",
            code="conflict.claimed",
        )
    fresh = not (mine and held(desk, record))
    record.status = ApplicationStatus.IN_REVIEW
    record.claimed_by = record.reviewer_id = desk.account_id
    record.claimed_session = desk.session_id
    record.claimed_until = desk.now + desk.policy.claim_time
    if fresh:
        record.version += 1
        move(desk, record.id, ApplicationStatus.IN_REVIEW)


def held(desk: Desk, record: Application) -> bool:
    """Whether a claim holds: not past its time, its session not ended, and its terminal alive."""
    if record.status is not ApplicationStatus.IN_REVIEW or record.claimed_until is None:
        return False
    if record.claimed_until <= desk.now:
        return False
    if desk.bank.presence.has_died(record.claimed_session):
        return False
    return desk.sql.execute(_ENDED, {"session": record.claimed_session}).scalar_one_or_none() is None


def let_go(desk: Desk, record: Application) -> None:
    """Give a claimed application back to the queue."""
    record.status = ApplicationStatus.SUBMITTED
    record.claimed_by = record.claimed_until = record.claimed_session = None
    record.version += 1
    move(desk, record.id, ApplicationStatus.SUBMITTED)


def release_session(desk: Desk, session: UUID | None) -> None:
    """Give back whatever a session had claimed, when it ends."""
    for record in desk.db.scalars(
        select(Application).where(
            APPLICATION.c.branch_id == desk.branch_id,
            APPLICATION.c.status == ApplicationStatus.IN_REVIEW,
            APPLICATION.c.claimed_session == session,
        )
    ):
        if waiting_for(desk, "application", record.id) is None:
            let_go(desk, record)
