"""Choosing one's own password. Nothing anywhere sets somebody else's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update

from bankcard_tui.desk.access import ACCOUNT, SESSION
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import operation
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import InvalidInput
from bankcard_tui.models.account import FormerPassword
from bankcard_tui.models.base import table
from bankcard_tui.rules.policy import Policy
from bankcard_tui.security.passwords import check_new_password, hash_password, is_reused
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.sign_in import Checked, accept, check_password, forgive
from bankcard_tui.services.subjects import CUSTOMER, PERSON, myself

FORMER = table(FormerPassword)


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password that may be chosen, hashed; ``old`` is the check of the one in use."""

    hashed: str
    old: Checked


def policy_now(desk: Desk) -> Policy:
    """The policy in force, for what is checked outside an operation's transaction."""
    with desk.bank.store.read() as connection:
        return desk.bank.policy_in_force(connection, desk.bank.clock.now())


def hashed_new_password(desk: Desk, password: Secret, again: Secret, about: tuple[str, ...]) -> str:
    """Check and hash a first password; ``about`` as in check_new_password, without bank and branch. Raises InvalidInput
    for one that may not be chosen.
    """
    check_new_password(
        "password",
        password.get_secret_value(),
        least=policy_now(desk).password_least,
        about=(*about, *of_branch(desk)),
        again=again.get_secret_value(),
    )
    return hash_password(desk.bank.keys, password.get_secret_value(), desk.bank.cost)


def of_branch(desk: Desk) -> tuple[str, ...]:
    """The names of bank and branch, which stand on everybody's mind."""
    return desk.bank.branch.bank, desk.bank.branch.name


def close_to(connection: Connection, username: str) -> tuple[str, ...]:
    """What others know of the person with an account: names, phone, e-mail, birth date, employer."""
    found = connection.execute(
        select(
            ACCOUNT.c.display_name,
            PERSON.c.name,
            PERSON.c.birth_date,
            CUSTOMER.c.phone,
            CUSTOMER.c.email,
            CUSTOMER.c.employer,
        )
        .join_from(ACCOUNT, PERSON, ACCOUNT.c.person_id == PERSON.c.id, isouter=True)
        .join(CUSTOMER, CUSTOMER.c.person_id == PERSON.c.id, isouter=True)
        .where(ACCOUNT.c.username == username)
    )
    words = [username]
    for row in found:
        words += [row.display_name, row.name or "", row.phone or "", row.email or "", row.employer or ""]
        if row.birth_date is not None:
            words += [f"{row.birth_date:{form}}" for form in ("%Y%m%d", "%y%m%d", "%d%m%Y", "%Y %m%d")]
    return tuple(words)


def _prepare_change(desk: Desk, current: Secret, password: Secret, again: Secret) -> NewPassword:
    bank, chosen = desk.bank, password.get_secret_value()
    policy = policy_now(desk)
    with bank.store.read() as connection:
        close = close_to(connection, desk.who.username)
    check_new_password(
        "password",
        chosen,
        least=policy.password_least,
        about=(*close, *of_branch(desk)),
        again=again.get_secret_value(),
    )
    checked = check_password(desk, desk.who.username, current)
    if checked.right and checked.account_id is not None:
        forgive(replace(desk, key=None), desk.who.username)
        with bank.store.read() as connection:
            earlier = _earlier(connection, checked.account_id, policy.password_kept)
        if is_reused(bank.keys, chosen, earlier):
            raise InvalidInput(
                "password", "You have used this password before.", hint="Choose one that you have not used lately."
            )
    return NewPassword(hash_password(bank.keys, chosen, bank.cost), checked)


@operation(
    "password.change",
    allow=Permission.OWN_ACCOUNT,
    own=Permission.OWN_ACCOUNT,
    subject=myself,
    prepare=_prepare_change,
    idempotent=False,
)
def change_password(desk: Desk, current: Secret, password: Secret, again: Secret) -> None:
    """Change one's own password. Other sessions of the account end."""
    prepared: NewPassword = desk.prepared
    checked = replace(prepared.old, right=prepared.old.right and prepared.old.account_id == desk.account_id)
    accept(desk, desk.actor.username, checked)
    set_password(desk, desk.account_id, prepared.hashed)
    desk.sql.execute(
        update(SESSION)
        .where(SESSION.c.account_id == desk.account_id, SESSION.c.id != desk.session_id, SESSION.c.ended_at.is_(None))
        .values(ended_at=desk.now)
    )


def set_password(desk: Desk, account_id: UUID, hashed: str) -> None:
    """Put the person's own new password in force and keep the former one against reuse."""
    take_password(desk, account_id)
    desk.sql.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(password=hashed, password_since=desk.now))


def take_password(desk: Desk, account_id: UUID) -> None:
    """Leave an account without a password, so that it has to be activated; the former one is kept against reuse."""
    former = desk.sql.execute(select(ACCOUNT.c.password).where(ACCOUNT.c.id == account_id)).scalar_one()
    if former is not None:
        desk.sql.execute(insert(FORMER).values(account_id=account_id, until=desk.now, password=former))
        kept = (
            select(FORMER.c.until)
            .where(FORMER.c.account_id == account_id)
            .order_by(FORMER.c.until.desc())
            .limit(desk.policy.password_kept)
        )
        desk.sql.execute(delete(FORMER).where(FORMER.c.account_id == account_id, FORMER.c.until.not_in(kept)))
    desk.sql.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(password=None))


def _earlier(connection: Connection, account_id: UUID, kept: int) -> tuple[str, ...]:
    """The password in use and the former ones, ``kept`` in all."""
    now = connection.execute(select(ACCOUNT.c.password).where(ACCOUNT.c.id == account_id)).scalar_one()
    former = connection.execute(
        select(FORMER.c.password).where(FORMER.c.account_id == account_id).order_by(FORMER.c.until.desc())
    ).scalars()
    return tuple(each for each in (now, *former) if each is not None)[:kept]
