"""Who may restore a backup over a branch at work: proved without writing a byte to the store that is to be replaced."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.exc import NoResultFound

from bankcard_tui.config import Home
from bankcard_tui.desk.access import ACCOUNT, POLICY, SECOND_FACTOR, actor_of, not_allowed
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import Clock
from bankcard_tui.desk.desk import Actor
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import Refused, SecondFactorNeeded, VerificationFailed
from bankcard_tui.rules.policy import policy_from_plain
from bankcard_tui.rules.terms import Role
from bankcard_tui.security.keys import Keys
from bankcard_tui.security.passwords import verify_password
from bankcard_tui.security.permissions import Permission
from bankcard_tui.security.second_factor import fitting_step, step_at
from bankcard_tui.services.codes import typed
from bankcard_tui.services.second_factor_check import SEALED_AS
from bankcard_tui.services.sign_in import FORGET_AFTER, TRIES, check_password, normal_name, wrong_sign_in
from bankcard_tui.store.engine import any_text, untouched
from bankcard_tui.store.sealing import unseal

NO_CODE = Secret("")


@dataclass(frozen=True, slots=True)
class Proof:
    """Who agrees to a restore, and what proves it: the password, and where there is a second factor its six digits."""

    username: str
    password: Secret
    code: Secret = NO_CODE


@dataclass(frozen=True, slots=True)
class Proved:
    """Somebody whose password was right, as the live store knows them; ``kept`` is what it was checked against, and
    ``step`` the time step of the code, None without a second factor.
    """

    actor: Actor
    kept: str
    step: int | None


def check_number(proofs: Sequence[Proof], *, alike: bool) -> None:
    """Raise Refused unless enough people are named: two, or one where the branch holds nothing that is newer."""
    if not proofs:
        raise Refused(
            "A restore over a branch at work needs an admin.",
            hint="Name one: --as ADMIN, and a second one where the backup is older: --second ADMIN",
            code="restore.admin",
        )
    if len(proofs) < 2 and not alike:
        raise Refused(
            "The backup is older than what the branch holds: a second admin has to agree.",
            hint="Name the second one: --second ADMIN",
            code="restore.second_person",
        )


def prove(
    home: Home, keys: Keys, proofs: Sequence[Proof], *, clock: Clock, cost: int, terminal: str
) -> tuple[Proved, ...]:
    """Check the passwords of ``proofs``. Raises Refused when one is wrong, which counts as a try to sign in, and when
    somebody may not restore or is named twice.
    """
    proved: list[Proved] = []
    for proof in proofs:
        with untouched(home.store) as live:
            kept = _kept(live, keys, proof.username, clock.now())
        if not verify_password(keys, proof.password.get_secret_value(), kept, cost) or kept is None:
            _count(home, keys, proof, clock, cost, terminal)
            raise wrong_sign_in()
        with untouched(home.store) as live:
            actor = _actor(live, proof.username, clock.now())
            enrolled, step = _step_of(live, keys, actor, proof.code, clock.now())
        if enrolled and step is None:
            _count(home, keys, proof, clock, cost, terminal)
            raise wrong_sign_in()
        proved.append(Proved(actor, kept, step))
    _check_persons(proved)
    return tuple(proved)


def knows_admins(live: Connection) -> bool:
    """Whether the admins of a branch can be read in its store."""
    with any_text(live):
        found = live.exec_driver_sql("SELECT password FROM account WHERE role = ?", (Role.ADMIN.value,)).fetchall()
    return any(isinstance(row[0], str) for row in found)


def check_still(live: Connection, proved: Sequence[Proved], now: datetime) -> None:
    """Raise Refused unless everybody still is who they were and may still restore, now that nobody else writes."""
    for each in proved:
        actor = _actor(live, each.actor.username, now)
        kept = live.execute(select(ACCOUNT.c.password).where(ACCOUNT.c.id == actor.account_id)).scalar_one()
        if kept != each.kept or actor.account_id != each.actor.account_id:
            raise wrong_sign_in()


def _actor(live: Connection, username: str, now: datetime) -> Actor:
    found = live.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.username == normal_name(username))).scalar_one_or_none()
    if found is None:
        raise wrong_sign_in()
    in_force = (
        select(POLICY.c.policy)
        .where(POLICY.c.in_force_from <= now)
        .order_by(POLICY.c.in_force_from.desc(), POLICY.c.version.desc())
        .limit(1)
    )
    # Under the policy: who owes a second factor may not do this either.
    try:
        actor = actor_of(live, found, policy_from_plain(json.loads(live.execute(in_force).scalar_one())))
    except (NoResultFound, ValueError, TypeError, LookupError) as error:
        raise VerificationFailed(
            "What {username} may do can't be read: the store was altered.",
            hint="Let another admin agree, or move the store away: without it the recovery kit is enough.",
            code="restore.altered",
            username=username,
        ) from error
    # The system may make backups too, but is nobody who could agree to anything.
    if actor.index is None or not actor.may(Permission.MANAGE_BACKUPS):
        raise not_allowed(actor)
    return actor


def _check_persons(proved: Sequence[Proved]) -> None:
    if len({each.actor.index for each in proved}) < len(proved):
        raise Refused(
            "The two who restore a backup have to be two persons.",
            hint="Ask another admin to give the second password.",
            code="refused.same_person",
        )


def _kept(live: Connection, keys: Keys, username: str, now: datetime) -> str | None:
    """What the password of an account is checked against; None where it has none, is disabled or rests."""
    digest = keys.code_digest("tries", normal_name(username))
    rests = live.execute(select(TRIES.c.rests_until).where(TRIES.c.name_digest == digest)).scalar_one_or_none()
    if rests is not None and now < rests <= now + FORGET_AFTER:
        return None
    kept: str | None = live.execute(
        select(ACCOUNT.c.password).where(ACCOUNT.c.username == normal_name(username), ACCOUNT.c.disabled_at.is_(None))
    ).scalar_one_or_none()
    return kept


def _step_of(live: Connection, keys: Keys, actor: Actor, code: Secret, now: datetime) -> tuple[bool, int | None]:
    """Whether there is a second factor, and the time step whose six digits were given; None where they fit none. Raises
    SecondFactorNeeded when they are missing; its value ``username`` says whose.

    A recovery code does not do: it could not be used up in a store that is to be replaced.
    """
    row = live.execute(
        select(SECOND_FACTOR.c.secret, SECOND_FACTOR.c.last_step).where(
            SECOND_FACTOR.c.account_id == actor.account_id, SECOND_FACTOR.c.confirmed_at.is_not(None)
        )
    ).one_or_none()
    if row is None or actor.account_id is None:
        return False, None
    if not typed(code):
        raise SecondFactorNeeded(
            "{username} has a second factor.",
            hint="Give the six digits of the app with --code-file or --second-code-file; a recovery code does not do.",
            username=actor.username,
        )
    secret = unseal(keys, SEALED_AS, actor.account_id, row.secret)
    return True, fitting_step(secret, typed(code), step_at(now), row.last_step)


def _count(home: Home, keys: Keys, proof: Proof, clock: Clock, cost: int, terminal: str) -> None:
    """A wrong password or code here is a failed try to sign in: who guesses here must not guess for longer than
    there. Without the code the right password would take the try back.
    """
    with closing(Bank.open(home, keys=keys, clock=clock, cost=cost)) as bank:
        check_password(bank.lobby(terminal), proof.username, proof.password, proof.code)
