"""Signing in and out, locking and unlocking.

An unknown name, a wrong password, a resting, disabled or not yet activated account answer alike and as slowly. A try is
counted in the store before the password is checked, so that trying in parallel gains nothing. A wrong code of the
second factor is a failed try like a wrong password; the right password without a code is none, and makes up for none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from bankcard_tui.desk.access import ACCOUNT, SECOND_FACTOR, SESSION, Lobby, actor_of, open_session
from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.desk.registry import Secret
from bankcard_tui.desk.results import View
from bankcard_tui.errors import NotSignedIn, Refused, SecondFactorNeeded
from bankcard_tui.models.account import SignInTries
from bankcard_tui.models.base import table
from bankcard_tui.rules.terms import Role
from bankcard_tui.security.passwords import cost_of, hash_password, verify_password
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.codes import typed
from bankcard_tui.services.second_factor_check import is_enrolled, second_factor_fits
from bankcard_tui.services.subjects import myself

TRIES = table(SignInTries)
FORGET_AFTER = timedelta(days=1)
NO_CODE = Secret("")


class Who(View):
    """The person at a desk: what the shell shows and what the palette offers."""

    account_id: UUID
    session_id: UUID
    username: str
    name: str
    role: Role
    permissions: frozenset[Permission]
    signed_in_at: datetime
    previous_sign_in_at: datetime | None
    ends_at: datetime
    idle_minutes: int
    second_factor_due: bool
    """The policy demands a second factor of this role, and until it is there nothing else can be done."""


class Attempt(View):
    """What a try at a name found; ``counted`` is False while the name rests."""

    account_id: UUID | None
    password: str | None
    enrolled: bool
    counted: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of checking a password outside the transaction, against what was ``kept`` at that moment."""

    account_id: UUID | None
    right: bool
    kept: str | None
    stronger: str | None
    enrolled: bool
    """Whether there is a second factor, so that the password alone makes up for no wrong code."""


def sign_in(lobby: Desk, username: str, password: str, code: str = "") -> Desk:
    """The desk of the person with this name, password and, where there is a second factor, ``code``: its six digits
    or a recovery code.

    Raises SecondFactorNeeded when only the code is missing, else Refused, in the same words whatever was wrong.
    """
    who = _sign_in(lobby, username, Secret(password), Secret(code)).view
    return desk_of(lobby, who)


def code_needed() -> SecondFactorNeeded:
    """What is said when a name and a password fit together and the second factor is missing."""
    return SecondFactorNeeded(
        "This account has a second factor.", hint="Give the six digits that your app shows, or a recovery code."
    )


def desk_of(lobby: Desk, who: Who) -> Desk:
    """The desk at which ``who`` is signed in."""
    with lobby.bank.store.read() as connection:
        policy = lobby.bank.policy_in_force(connection, lobby.bank.clock.now())
        actor = actor_of(connection, who.account_id, policy)
    return replace(lobby, session_id=who.session_id, who=actor)


def normal_name(username: str) -> str:
    """The form in which names are compared."""
    import unicodedata

    return unicodedata.normalize("NFKC", username).strip().casefold()[:128]


@operation("session.attempt", allow=Lobby.ANYBODY, internal=True, idempotent=False)
def _attempt(desk: Desk, username: str) -> Attempt:
    """Count a try at a name before its password is checked."""
    digest = desk.keys.code_digest("tries", normal_name(username))
    row = desk.sql.execute(select(TRIES).where(TRIES.c.name_digest == digest)).one_or_none()
    rests = desk.now + timedelta(minutes=desk.policy.sign_in_rest_minutes)
    # No rest ends later than one that began now: a clock that was wrong for a while locks nobody out for years.
    resting = row is not None and row.rests_until is not None and desk.now < row.rests_until <= rests
    tries = 1 if row is None or row.rests_until is not None else row.tries + 1
    values = {"tries": tries, "last_at": desk.now, "rests_until": rests if tries >= desk.policy.sign_in_tries else None}
    if row is None:
        desk.sql.execute(insert(TRIES).values(name_digest=digest, **values))
    else:
        # A try while the name rests changes nothing, and yet is written: waiting for the disk takes as long.
        changed = {"last_at": desk.now} if resting else values
        desk.sql.execute(update(TRIES).where(TRIES.c.name_digest == digest).values(**changed))
    desk.sql.execute(delete(TRIES).where(TRIES.c.last_at < desk.now - FORGET_AFTER))
    account = desk.sql.execute(
        select(ACCOUNT.c.id, ACCOUNT.c.password, SECOND_FACTOR.c.confirmed_at)
        .outerjoin_from(ACCOUNT, SECOND_FACTOR, SECOND_FACTOR.c.account_id == ACCOUNT.c.id)
        .where(
            ACCOUNT.c.username == normal_name(username), ACCOUNT.c.disabled_at.is_(None), ACCOUNT.c.role != Role.SYSTEM
        )
    ).one_or_none()
    if account is None:
        return Attempt(account_id=None, password=None, enrolled=False, counted=not resting)
    return Attempt(
        account_id=account.id,
        password=account.password,
        enrolled=account.confirmed_at is not None,
        counted=not resting,
    )


@operation("session.forgive", allow=Lobby.ANYBODY, internal=True, idempotent=False)
def forgive(desk: Desk, username: str) -> None:
    """Take back one try at a name: its password was right, whatever else is wrong with what was sent."""
    digest = desk.keys.code_digest("tries", normal_name(username))
    tries = desk.sql.execute(select(TRIES.c.tries).where(TRIES.c.name_digest == digest)).scalar_one_or_none()
    if tries:
        values: dict[str, object] = {"tries": tries - 1}
        if tries - 1 < desk.policy.sign_in_tries:
            values["rests_until"] = None
        desk.sql.execute(update(TRIES).where(TRIES.c.name_digest == digest).values(**values))


def check_password(desk: Desk, username: str, password: Secret, code: Secret | None = None) -> Checked:
    """Count the try, then check the password: slow, and outside any transaction. Without ``code`` the password alone
    is asked for; what is given is judged by :func:`accept`.
    """
    attempt = _attempt(replace(desk, key=None), username).view
    bank, given = desk.bank, password.get_secret_value()
    right = verify_password(bank.keys, given, attempt.password, bank.cost) and attempt.counted
    codeless = attempt.enrolled and (code is None or not typed(code))
    if right and codeless:
        forgive(replace(desk, key=None), username)
    stronger = None
    whole = right and not (codeless and code is not None)
    if whole and attempt.password is not None and cost_of(attempt.password) < bank.cost:
        stronger = hash_password(bank.keys, given, bank.cost)
    return Checked(attempt.account_id, right, attempt.password, stronger, attempt.enrolled)


@operation("session.sign_in", allow=Lobby.ANYBODY, prepare=check_password, idempotent=False)
def _sign_in(desk: Desk, username: str, password: Secret, code: Secret = NO_CODE) -> Who:
    """Sign in with name, password and, where there is a second factor, its code."""
    checked: Checked = desk.prepared
    accept(desk, username, checked, code)
    assert checked.account_id is not None
    return begin_session(desk, checked.account_id)


def accept(desk: Desk, username: str, checked: Checked, code: Secret | None = None) -> None:
    """Raise the one answer for all failures, or forget the tries and keep the password at today's cost.

    A password that was changed since it was checked is wrong by now. Where a ``code`` is given or empty, the account's
    second factor is asked for: raises SecondFactorNeeded when only that is missing. Without one the password alone is
    enough, and makes up for no wrong codes.
    """
    right = checked.right
    if checked.account_id is not None:
        account = desk.sql.execute(
            select(ACCOUNT.c.username, ACCOUNT.c.person_id, ACCOUNT.c.password).where(
                ACCOUNT.c.id == checked.account_id
            )
        ).one()
        right = right and account.password == checked.kept
        desk.work.subject = Subject("account", checked.account_id, account.person_id)
        desk.note(name=account.username)
    else:
        desk.note(hidden_name=desk.keys.hidden_name(normal_name(username)))
    if not right or checked.account_id is None:
        raise wrong_sign_in()
    enrolled = is_enrolled(desk.sql, checked.account_id)
    if code is not None:
        if enrolled and not typed(code):
            raise code_needed()
        if not second_factor_fits(desk, checked.account_id, code):
            desk.note(wrong_code=True)
            raise wrong_sign_in()
    if code is not None or not enrolled:
        digest = desk.keys.code_digest("tries", normal_name(username))
        desk.sql.execute(delete(TRIES).where(TRIES.c.name_digest == digest))
    if checked.stronger:
        desk.sql.execute(update(ACCOUNT).where(ACCOUNT.c.id == checked.account_id).values(password=checked.stronger))


def wrong_sign_in() -> Refused:
    """The one answer to whoever can not sign in, whatever was wrong."""
    return Refused(
        "The name and the password do not fit together, or the account rests.",
        hint="After five tries an account rests 30 minutes.",
        code="refused.sign_in",
    )


def begin_session(desk: Desk, account_id: UUID) -> Who:
    """Open a session for an account whose person has proved who they are. Raises Refused when it was disabled."""
    actor = actor_of(desk.sql, account_id, desk.policy)
    desk.work.actor = actor
    row = desk.sql.execute(select(ACCOUNT.c.last_sign_in_at).where(ACCOUNT.c.id == account_id)).one()
    desk.sql.execute(
        update(ACCOUNT)
        .where(ACCOUNT.c.id == account_id)
        .values(last_sign_in_at=desk.now, previous_sign_in_at=row.last_sign_in_at)
    )
    end_sessions_at(desk)
    ends_at = desk.now + timedelta(hours=desk.policy.session_hours)
    session_id = open_session(desk.sql, desk.keys, account_id, desk.terminal, desk.now, ends_at)
    assert actor.role is not None
    return Who(
        account_id=account_id,
        session_id=session_id,
        username=actor.username,
        name=actor.name,
        role=actor.role,
        permissions=actor.permissions,
        signed_in_at=desk.now,
        previous_sign_in_at=row.last_sign_in_at,
        ends_at=ends_at,
        idle_minutes=desk.policy.idle_minutes,
        second_factor_due=actor.second_factor_due,
    )


def end_sessions_at(desk: Desk) -> None:
    """End what is still open at this terminal: somebody signs in there anew, so it had died."""
    from bankcard_tui.services.claims import release_session

    lost = desk.sql.execute(
        select(SESSION.c.id).where(SESSION.c.terminal == desk.terminal, SESSION.c.ended_at.is_(None))
    ).scalars()
    for session_id in list(lost):
        release_session(desk, session_id)
        desk.sql.execute(update(SESSION).where(SESSION.c.id == session_id).values(ended_at=desk.now))


@question("session.me", allow=Permission.OWN_ACCOUNT, own=Permission.OWN_ACCOUNT)
def me(desk: Desk) -> Who:
    """Who sits at this desk, with the rights of this moment."""
    actor = desk.actor
    if desk.session_id is None or actor.role is None:
        raise NotSignedIn("Nobody is signed in.", hint="Sign in first.")
    row = desk.sql.execute(
        select(SESSION.c.started_at, SESSION.c.ends_at, ACCOUNT.c.previous_sign_in_at)
        .join_from(SESSION, ACCOUNT, ACCOUNT.c.id == SESSION.c.account_id)
        .where(SESSION.c.id == desk.session_id)
    ).one()
    return Who(
        account_id=desk.account_id,
        session_id=desk.session_id,
        username=actor.username,
        name=actor.name,
        role=actor.role,
        permissions=actor.permissions,
        signed_in_at=row.started_at,
        previous_sign_in_at=row.previous_sign_in_at,
        ends_at=row.ends_at,
        idle_minutes=desk.policy.idle_minutes,
        second_factor_due=actor.second_factor_due,
    )


@operation("session.lock", allow=Permission.OWN_ACCOUNT, own=Permission.OWN_ACCOUNT, subject=myself, while_locked=True)
def lock(desk: Desk) -> None:
    """Lock the session: the screen is cleared, the work is kept."""
    desk.sql.execute(update(SESSION).where(SESSION.c.id == desk.session_id).values(locked=True))


def check_own_password(desk: Desk, password: Secret, code: Secret | None = None) -> Checked:
    """Check the password of whoever sits at the desk, counted like a sign-in."""
    return check_password(desk, desk.who.username, password, code)


def accept_own(desk: Desk, checked: Checked, code: Secret | None = None) -> None:
    """Like :func:`accept`, for whoever sits at the desk and nobody else."""
    mine = replace(checked, right=checked.right and checked.account_id == desk.account_id)
    accept(desk, desk.actor.username, mine, code)


@operation(
    "session.unlock",
    allow=Permission.OWN_ACCOUNT,
    own=Permission.OWN_ACCOUNT,
    subject=myself,
    prepare=check_own_password,
    idempotent=False,
    while_locked=True,
)
def unlock(desk: Desk, password: Secret) -> None:
    """Go on in a locked session by giving the password again."""
    accept_own(desk, desk.prepared)
    desk.sql.execute(update(SESSION).where(SESSION.c.id == desk.session_id).values(locked=False, seen_at=desk.now))


@operation("session.end", allow=Permission.OWN_ACCOUNT, own=Permission.OWN_ACCOUNT, subject=myself, while_locked=True)
def sign_out(desk: Desk) -> None:
    """Sign out: the session ends, and claimed applications come free."""
    from bankcard_tui.services.claims import release_session

    release_session(desk, desk.session_id)
    desk.sql.execute(update(SESSION).where(SESSION.c.id == desk.session_id).values(ended_at=desk.now))
