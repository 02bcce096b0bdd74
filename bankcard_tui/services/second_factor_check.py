"""Whether an account has a second factor, and whether a code is one of it: what signing in asks."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, delete, select, update

from bankcard_tui.desk.access import SECOND_FACTOR
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.registry import Secret
from bankcard_tui.rules.terms import RecoveryPurpose
from bankcard_tui.security.second_factor import DIGITS, fitting_step, step_at
from bankcard_tui.services.codes import typed
from bankcard_tui.services.recovery_codes import forget_codes, use_code
from bankcard_tui.store.sealing import unseal

SEALED_AS = "second_factor.secret"


def is_enrolled(connection: Connection, account_id: UUID | None) -> bool:
    """Whether a second factor is in force for the account."""
    since = select(SECOND_FACTOR.c.confirmed_at).where(SECOND_FACTOR.c.account_id == account_id)
    return connection.execute(since).scalar_one_or_none() is not None


def lift_second_factor(desk: Desk, account_id: UUID) -> None:
    """Leave an account without its second factor and the codes on paper that stand in for it."""
    desk.sql.execute(delete(SECOND_FACTOR).where(SECOND_FACTOR.c.account_id == account_id))
    forget_codes(desk, account_id, RecoveryPurpose.SECOND_FACTOR)


def second_factor_fits(desk: Desk, account_id: UUID, code: Secret) -> bool:
    """Whether ``code`` proves the second factor of the account: the six digits of this moment, or a recovery code, and
    neither again. An account without one has no code, and an empty one fits.

    To be called in the transaction that acts on the answer. Raises VerificationFailed when the secret was altered.
    """
    given = typed(code)
    row = desk.sql.execute(
        select(SECOND_FACTOR.c.secret, SECOND_FACTOR.c.last_step).where(
            SECOND_FACTOR.c.account_id == account_id, SECOND_FACTOR.c.confirmed_at.is_not(None)
        )
    ).one_or_none()
    if row is None or not given:
        return row is None and not given
    if len(given) != DIGITS:
        by_paper = use_code(desk, account_id, RecoveryPurpose.SECOND_FACTOR, given)
        if by_paper:
            desk.note(recovery_code=True)
        return by_paper
    secret = unseal(desk.keys, SEALED_AS, account_id, row.secret)
    step = fitting_step(secret, given, step_at(desk.now), row.last_step)
    if step is None:
        return False
    desk.sql.execute(update(SECOND_FACTOR).where(SECOND_FACTOR.c.account_id == account_id).values(last_step=step))
    return True
