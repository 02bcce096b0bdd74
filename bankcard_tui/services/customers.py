"""Customers: finding them, opening their file, keeping the profile."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select

from bankcard_tui.desk.access import ACCOUNT
from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict, InvalidInput, NotFound
from bankcard_tui.models.base import table
from bankcard_tui.models.customer import Customer, Document, IdentityCheck
from bankcard_tui.models.person import Person, Standing
from bankcard_tui.rules.contact import mask_phone
from bankcard_tui.rules.identity import age_on, mask_id
from bankcard_tui.rules.terms import Channel, DocumentKind, Role
from bankcard_tui.rules.text import fold_width, prefix_end, search_key
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.application_views import ApplicationRow, applications_of
from bankcard_tui.services.card_views import CardView, cards_of
from bankcard_tui.services.paging import Page, fetch_page
from bankcard_tui.services.people import index_of, name_of
from bankcard_tui.services.profile import (
    INCOME_FIELDS,
    Circumstances,
    Contact,
    Problems,
    check_circumstances,
    check_contact,
)
from bankcard_tui.services.subjects import CARD, CARD_ACCOUNT, CUSTOMER, DOCUMENT, PERSON, no_such, of_customer

IDENTITY_CHECK = table(IdentityCheck)


class CustomerRow(View):
    """A customer in a list, masked."""

    id: UUID
    name: str
    id_number: str
    phone: str
    verified: bool
    claim: bool
    registered_at: datetime


class DocumentView(View):
    """A document of a customer, and who has seen the original."""

    id: UUID
    kind: DocumentKind
    reference: str
    issued_on: date | None
    verified_by: str
    verified_at: datetime | None


class CheckView(View):
    """One identity check: what was witnessed, by whom."""

    saw_person: bool
    saw_documents: bool
    saw_signature: bool
    checked_by: str
    checked_at: datetime


class CustomerFile(View):
    """Everything about one customer that fits the desk. ``version`` goes back with every change."""

    id: UUID
    version: int
    name: str
    id_number: str
    birth_date: date
    age: int
    contact: Contact
    circumstances: Circumstances
    income_checked_by: str
    income_checked_at: datetime | None
    registered_at: datetime
    registered_by: str
    verified_at: datetime | None
    verified_by: str
    claim: bool
    claim_on_known: bool
    account_id: UUID | None
    username: str
    waits_for_activation: bool
    last_sign_in_at: datetime | None
    documents: tuple[DocumentView, ...]
    checks: tuple[CheckView, ...]
    applications: tuple[ApplicationRow, ...]
    cards: tuple[CardView, ...]


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
    letters begin a name; without anything the newest come first.
    """
    typed = fold_width(text).replace(" ", "").replace("-", "").upper()
    if not typed:
        keys = (CUSTOMER.c.registered_at, CUSTOMER.c.id)
        here = _rows().where(CUSTOMER.c.branch_id == desk.branch_id)
        return fetch_page(desk.sql, here, keys, cursor, _show, newest_first=True)
    statement = _rows().where(CUSTOMER.c.branch_id == desk.branch_id, _matches(desk, typed, text))
    return fetch_page(desk.sql, statement, (CUSTOMER.c.name_key, CUSTOMER.c.id), cursor, _show, newest_first=False)


def _matches(desk: Desk, typed: str, text: str) -> ColumnElement[bool]:
    digits = typed.removeprefix("+")
    if not digits.isdigit() and not (len(digits) == 18 and digits[:-1].isdigit()):
        key = search_key(text)
        if len(key) > 100:
            raise InvalidInput("text", "This is too long to search for.", hint="Type the start of a name.")
        return and_(CUSTOMER.c.name_key >= key, CUSTOMER.c.name_key < prefix_end(key))
    if len(digits) == 4:
        by_id = select(PERSON.c.id).where(PERSON.c.id_last4 == digits)
        return or_(CUSTOMER.c.person_id.in_(by_id), CUSTOMER.c.id.in_(_holders(CARD.c.last4 == digits)))
    if len(digits) == 18:
        return PERSON.c.id_index == index_of(desk, digits)
    if len(digits) >= 15:
        return CUSTOMER.c.id.in_(_holders(CARD.c.number_index == desk.keys.blind_index("card_number", digits)))
    if len(digits) >= 5:
        start = f"+{digits}" if typed.startswith("+") else f"+86{digits}"
        return and_(CUSTOMER.c.phone >= start, CUSTOMER.c.phone < prefix_end(start))
    raise InvalidInput(
        "text",
        "Type four digits or more.",
        hint="Four digits end an ID or card number, five or more begin a phone number.",
    )


def _holders(condition: ColumnElement[bool]) -> Select[Any]:
    return (
        select(CARD_ACCOUNT.c.customer_id)
        .join_from(CARD, CARD_ACCOUNT, CARD.c.card_account_id == CARD_ACCOUNT.c.id)
        .where(condition)
    )


@question("claim.list", allow=Permission.VERIFY_IDENTITY)
def claims(desk: Desk, cursor: str | None = None) -> Page[CustomerRow]:
    """Customers who registered themselves and were not seen at the counter yet, the newest first."""
    statement = _rows().where(CUSTOMER.c.branch_id == desk.branch_id, PERSON.c.standing == Standing.CLAIM)
    keys = (CUSTOMER.c.registered_at, CUSTOMER.c.id)
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


def myself_as_customer(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The subject of operations on the own customer record."""
    return of_customer(desk, {"customer": my_customer(desk)})


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
    return _apply(desk, record, columns)


@operation(
    "customer.check_income", allow=(Permission.EDIT_CUSTOMERS, Permission.REVIEW_APPLICATIONS), subject=of_customer
)
def check_income(desk: Desk, customer: UUID, version: int) -> int:
    """Record that one has checked the source of a customer's income; returns the new version of the file."""
    record = editable(desk, customer, version)
    if record.monthly_income is None or record.income_source is None:
        raise InvalidInput(
            "monthly_income", "There is no income to check.", hint="Fill in the income and its source first."
        )
    return _apply(desk, record, {"income_checked_by": desk.account_id, "income_checked_at": desk.now})


def editable(desk: Desk, customer: UUID, version: int) -> Customer:
    """The record, when it is still as the person saw it. Raises Conflict."""
    record = desk.db.get_one(Customer, customer)
    if record.closed_at is not None:
        raise Conflict("This registration is closed.", hint="Search for the customer again.", code="conflict.closed")
    if record.version != version:
        raise Conflict(
            "Somebody has changed this customer in the meantime.",
            hint="Open the file again and check what is new.",
            code="conflict.version",
        )
    return record


def _apply(desk: Desk, record: Customer, columns: dict[str, Any]) -> int:
    changed = [name for name, value in columns.items() if getattr(record, name) != value]
    for name in changed:
        setattr(record, name, columns[name])
    if changed:
        record.version += 1
    desk.note(changed=changed)
    return record.version


def file_of(desk: Desk, customer: UUID) -> CustomerFile:
    """The whole file of a customer."""
    record = desk.db.get(Customer, customer)
    if record is None:
        raise no_such("customer")
    person = desk.db.get_one(Person, record.person_id)
    account = desk.sql.execute(
        select(ACCOUNT).where(
            ACCOUNT.c.person_id == person.id, ACCOUNT.c.role == Role.CUSTOMER, ACCOUNT.c.disabled_at.is_(None)
        )
    ).first()
    claim = person.standing is Standing.CLAIM
    return CustomerFile(
        id=record.id,
        version=record.version,
        name=record.name,
        id_number=mask_id(person.id_last4),
        birth_date=person.birth_date,
        age=age_on(person.birth_date, desk.today),
        contact=Contact(
            phone=record.phone,
            email=record.email,
            address=record.address,
            channels=tuple(Channel(word) for word in record.channels.split()),
        ),
        circumstances=Circumstances(**{name: getattr(record, name) for name in Circumstances.model_fields}),
        income_checked_by=name_of(desk, record.income_checked_by),
        income_checked_at=record.income_checked_at,
        registered_at=record.registered_at,
        registered_by=name_of(desk, record.registered_by),
        verified_at=record.verified_at,
        verified_by=name_of(desk, record.verified_by),
        claim=claim,
        claim_on_known=claim and desk.actor.role is not Role.CUSTOMER and _known_with(desk, person),
        account_id=account.id if account else None,
        username=account.username if account else "",
        waits_for_activation=account is not None and account.password is None,
        last_sign_in_at=account.last_sign_in_at if account else None,
        documents=documents_of(desk, customer),
        checks=_checks_of(desk, customer),
        applications=applications_of(desk, customer),
        cards=cards_of(desk, customer),
    )


def documents_of(desk: Desk, customer: UUID) -> tuple[DocumentView, ...]:
    """The documents of a customer, newest first."""
    found = desk.db.scalars(
        select(Document).where(DOCUMENT.c.customer_id == customer).order_by(DOCUMENT.c.added_at.desc(), DOCUMENT.c.id)
    )
    return tuple(
        DocumentView(
            id=each.id,
            kind=each.kind,
            reference=each.reference,
            issued_on=each.issued_on,
            verified_by=name_of(desk, each.verified_by),
            verified_at=each.verified_at,
        )
        for each in found
    )


def _checks_of(desk: Desk, customer: UUID) -> tuple[CheckView, ...]:
    found = desk.db.scalars(select(IdentityCheck).where(IDENTITY_CHECK.c.customer_id == customer))
    return tuple(
        CheckView(
            saw_person=each.saw_person,
            saw_documents=each.saw_documents,
            saw_signature=each.saw_signature,
            checked_by=name_of(desk, each.checked_by),
            checked_at=each.checked_at,
        )
        for each in sorted(found, key=lambda each: each.checked_at, reverse=True)
    )


def _known_with(desk: Desk, person: Person) -> bool:
    known = select(PERSON.c.id).where(PERSON.c.id_index == person.id_index, PERSON.c.standing == Standing.KNOWN)
    return desk.sql.execute(known).first() is not None
