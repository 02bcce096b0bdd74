"""At the counter: the three witnesses, documents seen, and claims settled."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select, update

from bankcard_tui.desk.access import ACCOUNT, SESSION
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import operation
from bankcard_tui.errors import Conflict, InvalidInput, Refused
from bankcard_tui.models.customer import Customer, Document, IdentityCheck
from bankcard_tui.models.person import Person, Standing
from bankcard_tui.rules.free_text import free_line
from bankcard_tui.rules.terms import ApplicationStatus, DocumentKind, Role
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.customers import editable, open_record
from bankcard_tui.services.people import Holder, known_person_with
from bankcard_tui.services.subjects import APPLICATION, CUSTOMER, DOCUMENT, of_customer, of_document
from bankcard_tui.store.types import new_id


@operation("customer.verify_identity", allow=Permission.VERIFY_IDENTITY, subject=of_customer)
def verify_identity(
    desk: Desk, customer: UUID, version: int, saw_person: bool, saw_documents: bool, saw_signature: bool
) -> bool:
    """Record what one has witnessed at the counter; returns whether the identity is verified now.

    Only all three, the person, the original documents and the signature, verify an identity.
    """
    record = editable(desk, customer, version)
    person = desk.record(Person, record.person_id)
    if person.standing is Standing.CLAIM and known_person_with(desk, person.id_index) is not None:
        raise Conflict(
            "The bank knows the holder of this ID number already.",
            hint="Compare the person and settle the claim first.",
            code="conflict.claim",
        )
    desk.add(
        IdentityCheck,
        id=new_id(desk.now),
        customer_id=customer,
        saw_person=saw_person,
        saw_documents=saw_documents,
        saw_signature=saw_signature,
        checked_by=desk.account_id,
        checked_at=desk.now,
    )
    complete = saw_person and saw_documents and saw_signature
    if complete:
        person.standing = Standing.KNOWN
        record.verified_at, record.verified_by = desk.now, desk.account_id
        record.version += 1
    desk.note(saw_person=saw_person, saw_documents=saw_documents, saw_signature=saw_signature)
    return complete


@operation(
    "document.add",
    allow=Permission.ENTER_APPLICATIONS,
    own=Permission.OWN_APPLICATIONS,
    subject=of_customer,
)
def add_document(
    desk: Desk,
    customer: UUID,
    kind: DocumentKind,
    reference: str,
    issued_on: date | None = None,
    seen: bool = False,
) -> UUID:
    """Add a supporting document to a customer's file. It counts when a member of staff has seen the original: at once
    with ``seen``.
    """
    if seen and not desk.actor.may(Permission.VERIFY_IDENTITY):
        raise Refused("Only staff at the counter confirm originals.", hint="Bring the original to the counter.")
    open_record(desk, customer)
    if issued_on is not None and issued_on > desk.today:
        raise InvalidInput("issued_on", "This day lies in the future.", hint="Type the day on the document.")
    id = new_id(desk.now)
    desk.add(
        Document,
        id=id,
        customer_id=customer,
        kind=kind,
        reference=free_line("reference", reference),
        issued_on=issued_on,
        added_by=desk.account_id,
        added_at=desk.now,
        verified_by=desk.account_id if seen else None,
        verified_at=desk.now if seen else None,
    )
    desk.note(kind=kind, document=id, seen=seen)
    return id


@operation("document.verify", allow=Permission.VERIFY_IDENTITY, subject=of_document)
def verify_document(desk: Desk, document: UUID) -> None:
    """Record that one has seen the original of a document."""
    record = desk.record(Document, document)
    if record.verified_at is not None:
        raise Conflict("This document has been seen already.", code="conflict.verified")
    record.verified_by, record.verified_at = desk.account_id, desk.now
    desk.note(kind=record.kind)


@operation("claim.settle", allow=Permission.VERIFY_IDENTITY, subject=of_customer)
def settle_claim(desk: Desk, customer: UUID, version: int, genuine: bool, note: str) -> UUID:
    """Settle whether somebody who registered with a known ID number is that person; returns the customer record that
    holds from now on.

    If genuine, the sign-in, the applications and the documents move to the known person; if not, the sign-in is
    disabled and open applications are withdrawn.
    """
    record = editable(desk, customer, version)
    claimant = desk.record(Person, record.person_id)
    known = known_person_with(desk, claimant.id_index)
    if claimant.standing is not Standing.CLAIM or known is None:
        raise Conflict("There is no claim to settle here.", hint="Verify the identity instead.", code="conflict.claim")
    desk.note(genuine=genuine, note=free_line("note", note, most=200))
    claimant.standing = Standing.SETTLED
    record.version += 1
    if genuine:
        return _merge(desk, record, claimant, known)
    _turn_away(desk, record, claimant)
    return customer


def _merge(desk: Desk, record: Customer, claimant: Person, known: Holder) -> UUID:
    existing = desk.db.scalars(
        select(Customer).where(CUSTOMER.c.person_id == known.id, CUSTOMER.c.closed_at.is_(None))
    ).one_or_none()
    if existing is not None:
        signs_in = desk.sql.execute(
            select(ACCOUNT.c.username).where(
                ACCOUNT.c.person_id == known.id, ACCOUNT.c.role == Role.CUSTOMER, ACCOUNT.c.disabled_at.is_(None)
            )
        ).scalar_one_or_none()
        if signs_in is not None:
            raise Conflict(
                "This customer signs in as {username} already.",
                hint="Tell the customer that name, and settle this registration as not genuine.",
                code="conflict.signs_in",
                username=signs_in,
            )
        _refuse_two_open(desk, existing, record)
        desk.sql.execute(
            update(APPLICATION).where(APPLICATION.c.customer_id == record.id).values(customer_id=existing.id)
        )
        desk.sql.execute(update(DOCUMENT).where(DOCUMENT.c.customer_id == record.id).values(customer_id=existing.id))
        record.closed_at, record.merged_into = desk.now, existing.id
    else:
        record.person_id = known.id
    desk.sql.execute(
        update(ACCOUNT)
        .where(ACCOUNT.c.person_id == claimant.id)
        .values(person_id=known.id, version=ACCOUNT.c.version + 1)
    )
    return existing.id if existing is not None else record.id


def _refuse_two_open(desk: Desk, existing: Customer, record: Customer) -> None:
    waiting = (ApplicationStatus.SUBMITTED, ApplicationStatus.IN_REVIEW, ApplicationStatus.RETURNED)
    both = desk.sql.execute(
        select(APPLICATION.c.customer_id)
        .where(APPLICATION.c.customer_id.in_((existing.id, record.id)), APPLICATION.c.status.in_(waiting))
        .distinct()
    ).fetchall()
    if len(both) > 1:
        raise Conflict(
            "Both records have an open application.",
            hint="Have one of the two withdrawn, then settle the claim.",
            code="conflict.two_open",
        )


def _turn_away(desk: Desk, record: Customer, claimant: Person) -> None:
    from bankcard_tui.services.applications import withdraw_open

    accounts = select(ACCOUNT.c.id).where(ACCOUNT.c.person_id == claimant.id)
    desk.sql.execute(
        update(SESSION)
        .where(SESSION.c.account_id.in_(accounts), SESSION.c.ended_at.is_(None))
        .values(ended_at=desk.now)
    )
    desk.sql.execute(
        update(ACCOUNT)
        .where(ACCOUNT.c.person_id == claimant.id)
        .values(disabled_at=desk.now, disabled_by=desk.account_id)
    )
    withdraw_open(desk, record.id)
    record.closed_at = desk.now
