"""Customers: finding them, opening their file, keeping the profile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select
from sqlalchemy import text as sql_text

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict, InvalidInput, NotFound
from bankcard_tui.models.base import table
from bankcard_tui.models.customer import Customer, IdentityCheck
from bankcard_tui.models.person import IS_CLAIM, Standing
from bankcard_tui.rules.contact import mask_address, mask_email, mask_phone
from bankcard_tui.rules.identity import mask_id
from bankcard_tui.rules.text import fold_width, prefix_end, search_key
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.customer_views import CustomerFile, file_of
from bankcard_tui.services.paging import Page, fetch_page
from bankcard_tui.services.people import index_of
from bankcard_tui.services.profile import (
    INCOME_FIELDS,
    Circumstances,
    Contact,
    Problems,
    check_circumstances,
    check_contact,
)
from bankcard_tui.services.subjects import CARD, CARD_ACCOUNT, CUSTOMER, PERSON, of_customer
from bankcard_tui.services.warnings import warn_of_change

IDENTITY_CHECK = table(IdentityCheck)
BY_NAME, BY_PHONE = (CUSTOMER.c.name_key, CUSTOMER.c.id), (CUSTOMER.c.phone, CUSTOMER.c.id)


class CustomerRow(View):
    """A customer in a list, masked."""

    id: UUID
    name: str
    id_number: str
    phone: str
    verified: bool
    claim: bool
    registered_at: datetime


def _rows() -> Select[Any]:
    return (
        select(
            CUSTOMER.c.id,
            CUSTOMER.c.name,
            CUSTOMER.c.name_key,
            CUSTOMER.c.phone,
            CUSTOMER.c.verified_at,
            CUSTOMER.c.registered_at,
            PERSON.c.id_last4,
            PERSON.c.standing,
        )
        .join_from(CUSTOMER, PERSON, CUSTOMER.c.person_id == PERSON.c.id)
        .where(CUSTOMER.c.closed_at.is_(None))
    )


def _show(row: Row[Any]) -> CustomerRow:
    return CustomerRow(
        id=row.id,
        name=row.name,
        id_number=mask_id(row.id_last4),
        phone=mask_phone(row.phone),
        verified=row.verified_at is not None,
        claim=row.standing is Standing.CLAIM,
        registered_at=row.registered_at,
    )


@question("customer.search", allow=Permission.FIND_CUSTOMERS)
def search(desk: Desk, text: str = "", cursor: str | None = None) -> Page[CustomerRow]:
    """Find customers: 4 digits end an ID or card number, 5 to 11 begin a phone number, a whole number is exact,
    letters begin a name; without anything the newest come first. What is found is ordered by name, by phone where that
    was typed.
    """
    typed = fold_width(text).replace(" ", "").replace("-", "").upper()
    if not typed:
        newest = (CUSTOMER.c.registered_at, CUSTOMER.c.id)
        here = _rows().where(CUSTOMER.c.branch_id == desk.branch_id)
        return fetch_page(desk.sql, here, newest, cursor, _show, newest_first=True)
    digits = typed.removeprefix("+")
    if digits.isdigit() or (len(digits) == 18 and digits[:-1].isdigit()):
        keys, found = _by_number(desk, typed, digits)
    else:
        keys, found = _by_name(desk, text)
    return fetch_page(desk.sql, _rows().where(found), keys, cursor, _show, newest_first=False)


_Search: TypeAlias = tuple[tuple[ColumnElement[Any], ...], ColumnElement[bool]]
"""The keys that order what is found, and the condition."""


def _by_name(desk: Desk, text: str) -> _Search:
    key = search_key(text)
    if len(key) > 100:
        raise InvalidInput("text", "This is too long to search for.", hint="Type the start of a name.")
    here = CUSTOMER.c.branch_id == desk.branch_id
    return BY_NAME, and_(here, CUSTOMER.c.name_key >= key, CUSTOMER.c.name_key < prefix_end(key))


def _by_number(desk: Desk, typed: str, digits: str) -> _Search:
    # The branch is asked of persons and card accounts: asked of customers, SQLite would walk through all of them by
    # name rather than look the number up.
    persons = select(PERSON.c.id).where(PERSON.c.branch_id == desk.branch_id)
    if len(digits) == 4:
        holders = _holders(desk, CARD.c.last4 == digits)
        by_id = CUSTOMER.c.person_id.in_(persons.where(PERSON.c.id_last4 == digits))
        return BY_NAME, or_(by_id, CUSTOMER.c.id.in_(holders))
    if len(digits) == 18:
        return BY_NAME, CUSTOMER.c.person_id.in_(persons.where(PERSON.c.id_index == index_of(desk, digits)))
    if len(digits) >= 15:
        index = desk.keys.blind_index("card_number", digits)
        return BY_NAME, CUSTOMER.c.id.in_(_holders(desk, CARD.c.number_index == index))
    if len(digits) >= 5:
        start = f"+{digits}" if typed.startswith("+") else f"+86{digits}"
        here = CUSTOMER.c.branch_id == desk.branch_id
        return BY_PHONE, and_(here, CUSTOMER.c.phone >= start, CUSTOMER.c.phone < prefix_end(start))
    raise InvalidInput(
        "text",
        "Type four digits or more.",
        hint="Four digits end an ID or card number, five or more begin a phone number.",
    )


def _holders(desk: Desk, condition: ColumnElement[bool]) -> Select[Any]:
    return (
        select(CARD_ACCOUNT.c.customer_id)
        .join_from(CARD, CARD_ACCOUNT, CARD.c.card_account_id == CARD_ACCOUNT.c.id)
        .where(CARD_ACCOUNT.c.branch_id == desk.branch_id, condition)
    )


@question("claim.list", allow=Permission.VERIFY_IDENTITY)
def claims(desk: Desk, cursor: str | None = None) -> Page[CustomerRow]:
    """Customers who registered themselves and were not seen at the counter yet, the newest first."""
    statement = _rows().where(PERSON.c.branch_id == desk.branch_id, sql_text(f"person.{IS_CLAIM}"))
    keys = (PERSON.c.created_at, PERSON.c.id)
    return fetch_page(desk.sql, statement, keys, cursor, _show, newest_first=True)


@question("customer.open", allow=Permission.SEE_CUSTOMERS, subject=of_customer, opens=True)
def open_file(desk: Desk, customer: UUID) -> CustomerFile:
    """Open a customer's file. The look is logged."""
    return file_of(desk, customer)


@question("customer.mine", allow=Permission.OWN_PROFILE, own=Permission.OWN_PROFILE)
def my_file(desk: Desk) -> CustomerFile:
    """One's own file as a customer."""
    return file_of(desk, my_customer(desk))


def my_customer(desk: Desk) -> UUID:
    """The customer record of whoever sits at the desk."""
    found = desk.sql.execute(
        select(CUSTOMER.c.id).where(CUSTOMER.c.person_id == desk.actor.person_id, CUSTOMER.c.closed_at.is_(None))
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("You are not registered as a customer.", hint="Register at the counter.")
    return UUID(str(found))


@operation(
    "customer.change_contact",
    allow=Permission.EDIT_CUSTOMERS,
    own=Permission.OWN_PROFILE,
    subject=of_customer,
)
def change_contact(desk: Desk, customer: UUID, version: int, contact: Contact) -> int:
    """Change how a customer can be reached; returns the new version of the file."""
    record = editable(desk, customer, version)
    problems = Problems()
    columns = check_contact(contact, problems)
    problems.finish()
    return _apply(desk, record, columns)


@operation(
    "customer.change_circumstances",
    allow=Permission.EDIT_CUSTOMERS,
    own=Permission.OWN_PROFILE,
    subject=of_customer,
)
def change_circumstances(desk: Desk, customer: UUID, version: int, circumstances: Circumstances) -> int:
    """Change what a customer lives on, owns and owes; returns the new version of the file."""
    record = editable(desk, customer, version)
    problems = Problems()
    columns = check_circumstances(circumstances, problems)
    problems.finish()
    if any(columns[name] != getattr(record, name) for name in INCOME_FIELDS):
        record.income_checked_by = record.income_checked_at = None
    before = record.monthly_income, record.times_overdue
    changed = _apply(desk, record, columns)
    warn_of_change(desk, record, *before)
    return changed


@operation(
    "customer.check_income", allow=(Permission.EDIT_CUSTOMERS, Permission.REVIEW_APPLICATIONS), subject=of_customer
)
def check_income(desk: Desk, customer: UUID, version: int) -> int:
    """Record that one has checked the source of a customer's income; returns the new version of the file."""
    record = editable(desk, customer, version)
    if record.monthly_income is None or record.income_source is None:
        raise InvalidInput(
            "monthly_income", "The income or its source is not filled in.", hint="Fill in both first, then check them."
        )
    return _apply(desk, record, {"income_checked_by": desk.account_id, "income_checked_at": desk.now})


def open_record(desk: Desk, customer: UUID) -> Customer:
    """The record. Raises Conflict when the registration is closed: it was merged, or not genuine."""
    record = desk.record(Customer, customer)
    if record.closed_at is not None:
        raise Conflict("This registration is closed.", hint="Search for the customer again.", code="conflict.closed")
    return record


def editable(desk: Desk, customer: UUID, version: int) -> Customer:
    """The record, when it is still as the person saw it. Raises Conflict."""
    record = open_record(desk, customer)
    if record.version != version:
        raise Conflict(
            "Somebody has changed this customer in the meantime.",
            hint="Open the file again and check what is new.",
            code="conflict.version",
        )
    return record


_MASKED: dict[str, Callable[[str], str]] = {"phone": mask_phone, "email": mask_email, "address": mask_address}


def _apply(desk: Desk, record: Customer, columns: dict[str, Any]) -> int:
    """Change what is another value, and note what was there before and what is there now, masked."""
    changed = [name for name, value in columns.items() if getattr(record, name) != value]
    before = {name: _noted(name, getattr(record, name)) for name in changed}
    for name in changed:
        setattr(record, name, columns[name])
    if changed:
        record.version += 1
        desk.note(before=before, after={name: _noted(name, columns[name]) for name in changed})
    desk.note(changed=changed)
    return record.version


def _noted(name: str, value: Any) -> Any:
    return _MASKED[name](value) if name in _MASKED and isinstance(value, str) else value
