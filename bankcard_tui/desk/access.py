"""Who acts, and whether they may: asked of the store in each operation, never of what a screen believed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, bindparam, case, exists, func, insert, select, update

from bankcard_tui.desk.desk import NOBODY, Actor, Desk, Subject, on_oneself
from bankcard_tui.errors import NotFound, NotSignedIn, Refused, SessionLocked
from bankcard_tui.models.account import Account, AccountPermission, SecondFactor, SignInSession
from bankcard_tui.models.base import table
from bankcard_tui.models.branch import PolicyVersion
from bankcard_tui.models.person import Person
from bankcard_tui.rules.policy import Policy
from bankcard_tui.rules.terms import Role
from bankcard_tui.security.keys import Keys
from bankcard_tui.security.permissions import EVERYBODYS, Permission, effective
from bankcard_tui.store.types import micros_of, new_id

ACCOUNT, PERMISSION, SECOND_FACTOR, SESSION, PERSON, POLICY = (
    table(model) for model in (Account, AccountPermission, SecondFactor, SignInSession, Person, PolicyVersion)
)

CLOCKS_DIFFER = timedelta(minutes=1)
"""How far the clocks of several terminals may lie apart."""

TOUCH_AFTER = timedelta(seconds=30)
"""How old the last sign of life of a session may grow before it is written again."""


class Lobby(Enum):
    """What may be done by anybody, signed in or not."""

    ANYBODY = "anybody"


Allowed: TypeAlias = Permission | tuple[Permission, ...] | Lobby

# Built once: every operation runs these, and building a statement costs more than running it.
# The permissions of the account itself come in one line, "+" for added ones and "-" for those taken away.
_OWN_PERMISSIONS = (
    select(func.aggregate_strings(case((PERMISSION.c.granted, "+"), else_="-").concat(PERMISSION.c.permission), " "))
    .where(PERMISSION.c.account_id == ACCOUNT.c.id)
    .correlate(ACCOUNT)
    .scalar_subquery()
)
_ENROLLED = (
    exists()
    .where(SECOND_FACTOR.c.account_id == ACCOUNT.c.id, SECOND_FACTOR.c.confirmed_at.is_not(None))
    .correlate(ACCOUNT)
)
_WHO = (
    ACCOUNT.c.id,
    ACCOUNT.c.username,
    ACCOUNT.c.display_name,
    ACCOUNT.c.role,
    ACCOUNT.c.disabled_at,
    ACCOUNT.c.person_id,
    PERSON.c.id_index,
    _OWN_PERMISSIONS.label("own_permissions"),
    _ENROLLED.label("enrolled"),
)


def policy_in_force(branch: ColumnElement[UUID]) -> ColumnElement[int]:
    """The version of the policy in force at a branch at the parameter ``now``: of those that have begun the one that
    began last, of several that began together the newest. The first holds before its beginning too: a terminal's clock
    may be wrong.
    """
    begun = (
        select(POLICY.c.version)
        .where(POLICY.c.branch_id == branch, POLICY.c.in_force_from <= bindparam("now"))
        .order_by(POLICY.c.in_force_from.desc(), POLICY.c.version.desc())
        .limit(1)
    )
    return func.coalesce(begun.scalar_subquery(), 1)


_BY_SESSION = (
    select(
        *_WHO,
        SESSION.c.terminal,
        SESSION.c.started_at,
        SESSION.c.seen_at,
        SESSION.c.ends_at,
        SESSION.c.ended_at,
        SESSION.c.locked,
        policy_in_force(ACCOUNT.c.branch_id).label("policy_version"),
        ACCOUNT.c.password.is_(None).label("without_password"),
        SESSION.c.mark,
    )
    .join_from(SESSION, ACCOUNT, ACCOUNT.c.id == SESSION.c.account_id)
    .outerjoin(PERSON, PERSON.c.id == ACCOUNT.c.person_id)
    .where(SESSION.c.id == bindparam("session"))
)
_BY_ACCOUNT = select(*_WHO).select_from(ACCOUNT.outerjoin(PERSON, PERSON.c.id == ACCOUNT.c.person_id))
_THE_SYSTEM = _BY_ACCOUNT.where(ACCOUNT.c.role == Role.SYSTEM)
_THE_ACCOUNT = _BY_ACCOUNT.where(ACCOUNT.c.id == bindparam("account"))
_ADMINS = _BY_ACCOUNT.where(
    ACCOUNT.c.role == Role.ADMIN,
    ACCOUNT.c.branch_id == bindparam("branch"),
    ACCOUNT.c.disabled_at.is_(None),
    ACCOUNT.c.password.is_not(None),
)
_TOUCH = (
    update(SESSION)
    .where(SESSION.c.id == bindparam("session"), SESSION.c.seen_at < bindparam("stale"))
    .values(seen_at=bindparam("now"))
)


def session_at(connection: Connection, desk: Desk, now: datetime) -> Row[*tuple[Any, ...]] | None:
    """What the store knows of the session at ``desk`` and whose it is, with the policy in force; None without one."""
    if desk.session_id is None:
        return None
    return connection.execute(_BY_SESSION, {"session": desk.session_id, "now": now}).one_or_none()


def actor_at(
    connection: Connection,
    desk: Desk,
    seen: Row[*tuple[Any, ...]] | None,
    policy: Policy,
    now: datetime,
    *,
    while_locked: bool,
) -> Actor:
    """The actor at ``desk``, whose session is ``seen``. Raises NotSignedIn or SessionLocked when it does not hold any
    more.
    """
    if desk.system:
        return _actor(connection.execute(_THE_SYSTEM).one(), policy)
    if desk.session_id is None:
        return NOBODY
    since = desk.bank.restored_at
    if since is not None and (seen is None or seen.started_at < since):
        raise NotSignedIn(
            "A backup was restored, and your session has ended.",
            hint="Sign in again, and look whether what you did last is still there.",
            code="session.restored",
        )
    if seen is not None and seen.without_password and seen.disabled_at is None:
        raise NotSignedIn(
            "Your password was reset, and your session has ended.",
            hint="Choose a new password on the sign-in screen, with F4. Your log says who started the reset.",
            code="session.reset",
        )
    if seen is None or seen.ended_at is not None or now >= seen.ends_at or seen.disabled_at is not None:
        raise NotSignedIn("Your session has ended.", hint="Sign in again.")
    whole = _session(desk.session_id, seen.id, seen.terminal, seen.started_at, seen.ends_at)
    if not desk.keys.row_fits(seen.mark, "session", whole):
        raise NotSignedIn(
            "Your session was altered in the store.",
            hint="Sign in again, and tell your administrator.",
            code="session.altered",
        )
    # Seen in the time to come: the clock was set back, and nobody knows how long the session has been idle.
    idle = not -CLOCKS_DIFFER <= now - seen.seen_at <= timedelta(minutes=policy.idle_minutes)
    if (seen.locked or idle) and not while_locked:
        raise SessionLocked("Your session is locked.", hint="Type your password to go on where you were.")
    return _actor(seen, policy)


def open_session(
    connection: Connection, keys: Keys, account_id: UUID, terminal: str, now: datetime, ends_at: datetime
) -> UUID:
    """Write the session of somebody who has proved who they are, and return its id."""
    session_id = new_id(now)
    connection.execute(
        insert(SESSION).values(
            id=session_id,
            account_id=account_id,
            terminal=terminal,
            started_at=now,
            seen_at=now,
            ends_at=ends_at,
            locked=False,
            mark=keys.row_mark("session", _session(session_id, account_id, terminal, now, ends_at)),
        )
    )
    return session_id


def _session(id: UUID, account_id: UUID, terminal: str, started_at: datetime, ends_at: datetime) -> Sequence[object]:
    """What the mark of a session covers, so that writing to the store's file makes nobody somebody else."""
    return (id.bytes, account_id.bytes, terminal, micros_of(started_at), micros_of(ends_at))


def actor_of(connection: Connection, account_id: UUID, policy: Policy | None) -> Actor:
    """The actor that an account is now under ``policy``. Raises Refused when the account is disabled."""
    row = connection.execute(_THE_ACCOUNT, {"account": account_id}).one()
    if row.disabled_at is not None:
        raise Refused("The account {username} is disabled.", username=row.username, code="refused.disabled")
    return _actor(row, policy)


def active_admins(desk: Desk) -> list[Actor]:
    """The admins who can sign in now: not disabled, with a password, even if a second factor is still due."""
    return [_actor(row, None) for row in desk.sql.execute(_ADMINS, {"branch": desk.branch_id})]


def _actor(row: Row[*tuple[Any, ...]], policy: Policy | None) -> Actor:
    own = (row.own_permissions or "").split()
    added = frozenset(Permission(word[1:]) for word in own if word[0] == "+")
    removed = frozenset(Permission(word[1:]) for word in own if word[0] == "-")
    permissions = effective(row.role, added, removed)
    due = policy is not None and not row.enrolled and row.role in policy.second_factor_roles
    return Actor(
        row.id,
        row.person_id,
        row.id_index,
        row.username,
        row.display_name,
        row.role,
        permissions & EVERYBODYS if due else permissions,
        due,
    )


def touch(connection: Connection, desk: Desk, now: datetime) -> None:
    """Write down that the session lives, unless that was done a moment ago."""
    if desk.session_id is not None:
        connection.execute(_TOUCH, {"session": desk.session_id, "stale": now - TOUCH_AFTER, "now": now})


def check_access(
    desk: Desk, allow: Allowed, own: Permission | None, find_subject: Callable[[], Subject | None]
) -> Subject | None:
    """The subject, when the actor may act on it.

    ``own`` lets people act on what is theirs; ``allow`` lets them act on everybody else, never on themselves. Raises
    Refused; who has only ``own`` can't tell a stranger's record from one that does not exist.
    """
    actor = desk.actor
    if isinstance(allow, Lobby):
        return find_subject()
    allowed = any(actor.may(each) for each in (allow if isinstance(allow, tuple) else (allow,)))
    owning = own is not None and actor.may(own)
    if not allowed and not owning:
        raise not_allowed(actor)
    try:
        subject = find_subject()
    except NotFound:
        if allowed:
            raise
        raise not_allowed(actor) from None
    is_own = subject is not None and subject.person_id is not None and subject.person_id == actor.person_id
    if owning and (subject is None or is_own):
        return subject
    if not allowed:
        raise not_allowed(actor)
    if subject is not None and desk.is_self(subject.index):
        raise on_oneself()
    return subject


def not_allowed(actor: Actor) -> Refused:
    """The refusal for whoever lacks a permission."""
    if actor.account_id is None:
        return NotSignedIn("Nobody is signed in.", hint="Sign in first.")
    return Refused(
        "You may not do this.", hint="If your work needs it, ask an administrator.", code="refused.permission"
    )
