"""Registering customers: by themselves at the lobby, or by a teller.

Whoever registers alone only claims to be the holder of the ID number, whether the bank knows the number or not; the
claim is verified at the counter. So the registration page says nothing about who is a customer.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from bankcard_tui.desk.access import ACCOUNT, Lobby
from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation
from bankcard_tui.desk.registry import Secret
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict
from bankcard_tui.models.customer import Customer
from bankcard_tui.models.person import Person, Standing
from bankcard_tui.rules.terms import Role
from bankcard_tui.rules.text import search_key
from bankcard_tui.rules.usernames import check_username
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.passwords import hashed_new_password
from bankcard_tui.services.people import add_account, add_person, known_person
from bankcard_tui.services.profile import Contact, Identity, Problems, check_contact, check_identity
from bankcard_tui.services.subjects import CUSTOMER, of_customer
from bankcard_tui.store.types import new_id

_OF_PERSON = select(CUSTOMER.c.id).where(CUSTOMER.c.person_id == bindparam("person"), CUSTOMER.c.closed_at.is_(None))


class Registered(View):
    """A customer who was registered, and the account that is theirs."""

    customer_id: UUID
    account_id: UUID
    username: str
    name: str
    waits_for_activation: bool


def _hash_own(desk: Desk, username: str, password: Secret, again: Secret, identity: Identity, contact: Contact) -> str:
    # All that is wrong with the form is said at once, the password's part of it included.
    problems = Problems()
    problems.take(lambda: check_username("username", username), "")
    check_identity(identity, desk.bank.day_of(desk.bank.clock.now()), problems)
    check_contact(contact, problems)
    about = (username, identity.name, identity.id_number, contact.phone, contact.email)
    hashed = problems.take(lambda: hashed_new_password(desk, password, again, about), "")
    problems.finish()
    return hashed


@operation("customer.register_self", allow=Lobby.ANYBODY, prepare=_hash_own, idempotent=False)
def register_self(
    desk: Desk, username: str, password: Secret, again: Secret, identity: Identity, contact: Contact
) -> Registered:
    """Register oneself as a customer, with an account to sign in at once."""
    return _register(desk, username, identity, contact, Standing.CLAIM, desk.prepared)


@operation("customer.register", allow=Permission.REGISTER_CUSTOMERS)
def register(desk: Desk, username: str, identity: Identity, contact: Contact) -> Registered:
    """Register a customer at the counter; the customer activates the account alone."""
    return _register(desk, username, identity, contact, Standing.KNOWN, None)


@operation("customer.open_account", allow=Permission.REGISTER_CUSTOMERS, subject=of_customer)
def open_account(desk: Desk, customer: UUID, username: str) -> Registered:
    """Give a customer who was taken over from a file an account to sign in; the customer activates it alone."""
    record = desk.record(Customer, customer)
    person = desk.record(Person, record.person_id)
    signs_in = desk.sql.execute(
        select(ACCOUNT.c.username).where(
            ACCOUNT.c.person_id == person.id, ACCOUNT.c.role == Role.CUSTOMER, ACCOUNT.c.disabled_at.is_(None)
        )
    ).scalar_one_or_none()
    if signs_in is not None or record.closed_at is not None:
        raise Conflict(
            "This customer has an account to sign in already.", hint="Open the file again.", code="conflict.signs_in"
        )
    username = check_username("username", username)
    account = add_account(desk, person.id, person.name, username, Role.CUSTOMER, None)
    desk.note(username=username)
    return Registered(
        customer_id=customer,
        account_id=account,
        username=username,
        name=record.name,
        waits_for_activation=True,
    )


def _register(
    desk: Desk, username: str, identity: Identity, contact: Contact, standing: Standing, password: str | None
) -> Registered:
    problems = Problems()
    username = problems.take(lambda: check_username("username", username), "")
    name, number, birth = check_identity(identity, desk.today, problems)
    columns = check_contact(contact, problems)
    problems.finish()
    person = known_person(desk, number) if standing is Standing.KNOWN else None
    if person is None:
        person = add_person(desk, name, number, birth, standing)
    elif customer_of(desk, person.id) is not None:
        raise Conflict(
            "This ID number belongs to a customer of the bank already.",
            hint="Search for the number and open the customer.",
            code="conflict.known_customer",
        )
    desk.about(Subject("person", person.id, person.id, person.id_index))
    customer = add_customer(desk, person.id, name, **columns)
    desk.work.subject = Subject("customer", customer, person.id, person.id_index)
    account = add_account(desk, person.id, person.name, username, Role.CUSTOMER, password)
    desk.note(username=username)
    return Registered(
        customer_id=customer,
        account_id=account,
        username=username,
        name=name,
        waits_for_activation=password is None,
    )


def add_customer(desk: Desk, person: UUID, name: str, **columns: Any) -> UUID:
    """A new customer with these checked columns, registered now by whoever acts unless they say otherwise."""
    id = new_id(desk.now)
    registered = {"registered_at": desk.now, "registered_by": desk.actor.account_id}
    desk.add(
        Customer,
        id=id,
        branch_id=desk.branch_id,
        person_id=person,
        name=name,
        name_key=search_key(name),
        **(registered | columns),
    )
    return id


def customer_of(desk: Desk, person: UUID) -> UUID | None:
    """The open customer record of a person."""
    return desk.sql.execute(_OF_PERSON, {"person": person}).scalar_one_or_none()
