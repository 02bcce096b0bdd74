"""How a customer's file is shown: profile, documents, identity checks, applications and cards on one page."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from bankcard_tui.desk.access import ACCOUNT
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.results import View
from bankcard_tui.models.base import table
from bankcard_tui.models.customer import Customer, IdentityCheck
from bankcard_tui.models.person import Person, Standing
from bankcard_tui.rules.applications import OPEN, missing_documents
from bankcard_tui.rules.identity import age_on, mask_id
from bankcard_tui.rules.terms import Channel, DocumentKind, Role
from bankcard_tui.services.application_views import ApplicationRow, applications_of
from bankcard_tui.services.card_views import CardView, cards_of
from bankcard_tui.services.people import name_of
from bankcard_tui.services.profile import Circumstances, Contact
from bankcard_tui.services.subjects import DOCUMENT, PERSON

IDENTITY_CHECK = table(IdentityCheck)
_SIGN_IN = select(ACCOUNT.c.id, ACCOUNT.c.username, ACCOUNT.c.password, ACCOUNT.c.last_sign_in_at).where(
    ACCOUNT.c.person_id == bindparam("person"), ACCOUNT.c.role == Role.CUSTOMER, ACCOUNT.c.disabled_at.is_(None)
)
_DOCUMENTS = (
    select(DOCUMENT)
    .where(DOCUMENT.c.customer_id == bindparam("customer"))
    .order_by(DOCUMENT.c.added_at.desc(), DOCUMENT.c.id)
)
_CHECKS = (
    select(IDENTITY_CHECK)
    .where(IDENTITY_CHECK.c.customer_id == bindparam("customer"))
    .order_by(IDENTITY_CHECK.c.checked_at.desc())
)


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
    missing_documents: tuple[DocumentKind, ...]
    """What the open application needs and nobody has seen yet."""
    checks: tuple[CheckView, ...]
    applications: tuple[ApplicationRow, ...]
    cards: tuple[CardView, ...]


def file_of(desk: Desk, customer: UUID) -> CustomerFile:
    """The whole file of a customer."""
    record = desk.record(Customer, customer)
    person = desk.record(Person, record.person_id)
    account = desk.sql.execute(_SIGN_IN, {"person": person.id}).first()
    claim = person.standing is Standing.CLAIM
    documents, applications = documents_of(desk, customer), applications_of(desk, customer)
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
            language=record.language,
            do_not_disturb=record.do_not_disturb,
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
        documents=documents,
        missing_documents=_missing(desk, documents, applications),
        checks=_checks_of(desk, customer),
        applications=applications,
        cards=cards_of(desk, customer),
    )


def _missing(
    desk: Desk, documents: tuple[DocumentView, ...], applications: tuple[ApplicationRow, ...]
) -> tuple[DocumentKind, ...]:
    seen = {each.kind for each in documents if each.verified_at is not None}
    waiting = next((each for each in applications if each.status in OPEN), None)
    return missing_documents(waiting.kind, seen, desk.policy) if waiting is not None else ()


def documents_of(desk: Desk, customer: UUID) -> tuple[DocumentView, ...]:
    """The documents of a customer, newest first."""
    found = desk.sql.execute(_DOCUMENTS, {"customer": customer})
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
    found = desk.sql.execute(_CHECKS, {"customer": customer})
    return tuple(
        CheckView(
            saw_person=each.saw_person,
            saw_documents=each.saw_documents,
            saw_signature=each.saw_signature,
            checked_by=name_of(desk, each.checked_by),
            checked_at=each.checked_at,
        )
        for each in found
    )


def _known_with(desk: Desk, person: Person) -> bool:
    known = select(PERSON.c.id).where(PERSON.c.id_index == person.id_index, PERSON.c.standing == Standing.KNOWN)
    return desk.sql.execute(known).first() is not None
