"""Ending the sessions of an account."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update

from bankcard_tui.desk.access import SESSION
from bankcard_tui.desk.desk import Desk
from bankcard_tui.services.claims import release_session


def end_sessions(desk: Desk, account_id: UUID) -> None:
    """End every open session of an account; what they had claimed comes free."""
    open_ones = desk.sql.execute(
        select(SESSION.c.id).where(SESSION.c.account_id == account_id, SESSION.c.ended_at.is_(None))
    ).scalars()
    for session in list(open_ones):
        release_session(desk, session)
        desk.sql.execute(update(SESSION).where(SESSION.c.id == session).values(ended_at=desk.now))
