"""The own account: since when the password holds, which codes are left, and what others did to it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select

from bankcard_tui.desk.access import ACCOUNT
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.log import ENTRY
from bankcard_tui.desk.operation import question
from bankcard_tui.desk.results import View
from bankcard_tui.rules.terms import Outcome, RecoveryPurpose, Role
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.people import name_of
from bankcard_tui.services.recovery_codes import codes_left
from bankcard_tui.store.types import micros_of, moment_of

TELLING: Final = ("reset.", "activation.", "staff.")
"""How actions begin that others take on somebody's sign-in or rights."""

LOOKED_AT: Final = 200
"""How many of the newest entries about the person are looked through."""


class AccountNews(View):
    """Something that others did to the account: when, the code of the action, and who; nobody at the lobby."""

    at: datetime
    action: str
    by: str


class OwnAccount(View):
    """``recovery_codes_left`` are those for the password; None for whoever has none by role. ``news`` is what others
    did since the sign-in before this one, the oldest first."""

    password_since: datetime | None
    recovery_codes_left: int | None
    news: tuple[AccountNews, ...]


@question("session.account", allow=Permission.OWN_ACCOUNT, own=Permission.OWN_ACCOUNT)
def mine(desk: Desk) -> OwnAccount:
    """Where the person stands with the own account."""
    account_id = desk.account_id
    row = desk.sql.execute(
        select(ACCOUNT.c.password_since, ACCOUNT.c.previous_sign_in_at).where(ACCOUNT.c.id == account_id)
    ).one()
    admin = desk.actor.role is Role.ADMIN
    return OwnAccount(
        password_since=row.password_since,
        recovery_codes_left=codes_left(desk, account_id, RecoveryPurpose.PASSWORD) if admin else None,
        news=_news(desk, row.previous_sign_in_at),
    )


def _news(desk: Desk, since: datetime | None) -> tuple[AccountNews, ...]:
    """What others did since then; whoever signs in for the first time knows of it."""
    if since is None:
        return ()
    about_me = (ENTRY.c.branch_id == desk.branch_id, ENTRY.c.subject_person == desk.actor.person_id)
    rows = desk.sql.execute(select(ENTRY).where(*about_me).order_by(ENTRY.c.seq.desc()).limit(LOOKED_AT)).all()
    return tuple(
        AccountNews(at=moment_of(row.at), action=row.action, by=name_of(desk, row.account_id))
        for row in reversed(rows)
        if row.account_id != desk.account_id
        and row.outcome == Outcome.DONE
        and row.action.startswith(TELLING)
        and row.at > micros_of(since)
    )
