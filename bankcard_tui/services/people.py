"""Persons and their accounts: finding, adding, and the words under which they are shown."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select

from bankcard_tui.desk.access import ACCOUNT, PERMISSION
from bankcard_tui.desk.desk import Desk
from bankcard_tui.errors import InvalidInput
from bankcard_tui.models.account import Account
from bankcard_tui.models.person import Person, Standing
from bankcard_tui.rules.terms import Role
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.subjects import PERSON
from bankcard_tui.store.sealing import seal
from bankcard_tui.store.types import new_id

ID_LABEL = "person.id_number"
_INDEX = (
    select(PERSON.c.id_index)
    .join_from(ACCOUNT, PERSON, ACCOUNT.c.person_id == PERSON.c.id)
    .where(ACCOUNT.c.id == bindparam("account"))
)
_KNOWN = select(PERSON.c.id, PERSON.c.name, PERSON.c.id_index).where(
    PERSON.c.id_index == bindparam("index"), PERSON.c.standing == Standing.KNOWN
)
_TAKEN = select(ACCOUNT.c.id).where(ACCOUNT.c.username == bindparam("username"))
_OWN_PERMISSIONS = select(PERMISSION.c.permission, PERMISSION.c.granted).where(
    PERMISSION.c.account_id == bindparam("account")
)
_NAME = select(ACCOUNT.c.display_name).where(ACCOUNT.c.id == bindparam("account"))


class Holder(NamedTuple):
    """A person with an ID number: id, name, and the fingerprint of the number."""

    id: UUID
    name: str
    id_index: bytes


def known_person(desk: Desk, id_number: str) -> Holder | None:
    """The person whom the bank takes for the holder of an ID number."""
    return known_person_with(desk, index_of(desk, id_number))


def known_person_with(desk: Desk, index: bytes) -> Holder | None:
    """The person whom the bank takes for the holder of the ID number with this fingerprint."""
    found = desk.sql.execute(_KNOWN, {"index": index}).one_or_none()
    return Holder(*found) if found is not None else None


def index_of(desk: Desk, id_number: str) -> bytes:
    """The fingerprint of an ID number."""
    return desk.keys.blind_index("id_number", id_number)


def index_of_account(desk: Desk, account: UUID) -> bytes | None:
    """The fingerprint of the person to whom an account belongs; None for the system's."""
    found: bytes | None = desk.sql.execute(_INDEX, {"account": account}).scalar_one_or_none()
    return found


def add_person(desk: Desk, name: str, id_number: str, birth: date, standing: Standing) -> Holder:
    """A new person; the ID number is sealed."""
    id, index = new_id(desk.now), index_of(desk, id_number)
    desk.add(
        Person,
        id=id,
        branch_id=desk.branch_id,
        name=name,
        id_sealed=seal(desk.keys, ID_LABEL, id, id_number),
        id_index=index,
        id_last4=id_number[-4:],
        birth_date=birth,
        standing=standing,
        created_at=desk.now,
    )
    return Holder(id, name, index)


def add_account(desk: Desk, person: UUID, name: str, username: str, role: Role, password: str | None) -> UUID:
    """A new account of ``person``, shown as ``name``; without a password it waits for its activation. Raises
    InvalidInput when the user name is taken.
    """
    taken = desk.sql.execute(_TAKEN, {"username": username}).first()
    if taken is not None:
        raise InvalidInput(
            "username", "This user name is taken.", hint="Choose another, such as {name}.", name=f"{username}2"[-32:]
        )
    id = new_id(desk.now)
    desk.add(
        Account,
        id=id,
        branch_id=desk.branch_id,
        person_id=person,
        username=username,
        display_name=name,
        role=role,
        password=password,
        password_since=desk.now if password else None,
        created_at=desk.now,
        created_by=desk.actor.account_id,
    )
    return id


def name_of(desk: Desk, account: UUID | None) -> str:
    """The name under which an account is shown; empty for none."""
    if account is None:
        return ""
    known = desk.work.names
    if account not in known:
        known[account] = str(desk.sql.execute(_NAME, {"account": account}).scalar_one())
    return known[account]


def own_permissions(desk: Desk, account: UUID) -> tuple[frozenset[Permission], frozenset[Permission]]:
    """What an account may beyond its role, and what it lacks of the role's."""
    found = desk.sql.execute(_OWN_PERMISSIONS, {"account": account}).fetchall()
    added, removed = (
        frozenset(Permission(each.permission) for each in found if each.granted is granted) for granted in (True, False)
    )
    return added, removed
