"""What waits for a signature: the list, signing, refusing, taking back."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, bindparam, exists, select, type_coerce, union_all

from bankcard_tui.desk import pending
from bankcard_tui.desk.access import actor_of
from bankcard_tui.desk.desk import Desk, Subject, on_oneself
from bankcard_tui.desk.operation import operation, question, run_signed
from bankcard_tui.desk.pending import REQUEST
from bankcard_tui.desk.registry import REGISTRY
from bankcard_tui.desk.results import RequestView, View
from bankcard_tui.errors import BankError, Conflict, Phrase, Refused, VerificationFailed
from bankcard_tui.models.request import Request, Signature
from bankcard_tui.rules.free_text import free_line
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import RequestStatus
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.four_eyes import (
    ADMINS_KINDS,
    ADMINS_SIGNING,
    SIGNED_WITH,
    SIGNING,
    check_signer,
    check_uninvolved,
    not_yours,
)
from bankcard_tui.services.limit_parties import LIMIT_KINDS
from bankcard_tui.services.paging import Page, fetch_page
from bankcard_tui.services.scorecards import CARD_KIND, SCORECARD
from bankcard_tui.services.subjects import ACCOUNT, APPLICATION, CUSTOMER, PROPOSAL, no_such

ANY_SIGNING = (*SIGNING, *ADMINS_SIGNING, Permission.APPROVE_CARDS, Permission.MANAGE_LIMIT_RULES)


class WaitingRow(View):
    """A request in the list of what waits: about which application, what it would grant, and what its maker wrote."""

    altered: Literal[False] = False

    request: RequestView
    application: UUID
    number: str
    customer: str
    limit: Money
    note: str
    against_reason: str
    mine: bool
    next_permission: Permission


class Altered(View):
    """A request that is not as it was written, and what ``problem`` says of it: nothing in it can be relied on."""

    altered: Literal[True] = True
    id: UUID
    problem: tuple[Phrase, ...]


class AlteredRow(Altered):
    """Application, number and customer to which it points now; None and empty when it points nowhere."""

    application: UUID | None
    number: str
    customer: str


# As a number: where somebody has written something else, the row is shown as altered and not the page refused.
IN_ORDER = (type_coerce(REQUEST.c.made_at, BigInteger), REQUEST.c.id)
_PERSON = union_all(
    select(CUSTOMER.c.person_id)
    .join_from(APPLICATION, CUSTOMER, APPLICATION.c.customer_id == CUSTOMER.c.id)
    .where(APPLICATION.c.id == bindparam("subject")),
    select(CUSTOMER.c.person_id)
    .join_from(PROPOSAL, CUSTOMER, PROPOSAL.c.customer_id == CUSTOMER.c.id)
    .where(PROPOSAL.c.id == bindparam("subject")),
    select(ACCOUNT.c.person_id).where(ACCOUNT.c.id == bindparam("subject")),
)


def of_request(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The person whom the request named by the argument ``request`` concerns, where it concerns one."""
    row = desk.work.connection.execute(
        select(REQUEST.c.subject_index, REQUEST.c.subject_id).where(REQUEST.c.id == arguments["request"])
    ).one_or_none()
    if row is None:
        raise no_such("request")
    person = desk.work.connection.execute(_PERSON, {"subject": row.subject_id}).scalar_one_or_none()
    return Subject("request", arguments["request"], person, row.subject_index)


@question("request.list", allow=(*SIGNING, Permission.REVIEW_APPLICATIONS))
def waiting(desk: Desk, cursor: str | None = None) -> Page[WaitingRow | AlteredRow]:
    """Applications that wait for a signature, the oldest first; what was altered in the store is shown as such."""
    statement = (
        select(REQUEST.c.id, APPLICATION.c.id.label("application"), APPLICATION.c.number, CUSTOMER.c.name)
        .join_from(REQUEST, APPLICATION, REQUEST.c.subject_id == APPLICATION.c.id, isouter=True)
        .join(CUSTOMER, APPLICATION.c.customer_id == CUSTOMER.c.id, isouter=True)
        .where(*live(desk), of_applications())
    )

    def show(row: Any) -> WaitingRow | AlteredRow:
        try:
            request = desk.record(Request, row.id)
            signed = len(pending.checked_signatures(desk, request))
        except VerificationFailed as error:
            return AlteredRow(
                id=row.id,
                application=row.application,
                number=row.number or "",
                customer=row.name or "",
                problem=error.phrases,
            )
        arguments = REGISTRY[request.operation].read_payload(request.payload)
        return WaitingRow(
            request=pending.view_of(desk, request),
            application=row.application,
            number=row.number,
            customer=row.name,
            limit=arguments["limit"],
            note=arguments["note"],
            against_reason=arguments["against_reason"],
            mine=request.maker_id == desk.account_id,
            next_permission=Permission(request.needed.split()[signed]),
        )

    return fetch_page(desk.sql, statement, IN_ORDER, cursor, show, newest_first=False)


def of_applications() -> ColumnElement[bool]:
    """The condition of requests about applications. What somebody has made to be about nothing known counts as one, so
    that it is shown; those about points cards stand with the cards, those about limits with the limits and
    with the policy.
    """
    of_card = (REQUEST.c.subject_kind == CARD_KIND) & exists().where(SCORECARD.c.id == REQUEST.c.subject_id)
    return REQUEST.c.subject_kind.not_in((*ADMINS_KINDS, *LIMIT_KINDS, "limit_rules")) & ~of_card


def live(desk: Desk) -> tuple[ColumnElement[bool], ...]:
    """The conditions of requests that still wait."""
    return (
        REQUEST.c.branch_id == desk.branch_id,
        REQUEST.c.status == RequestStatus.PENDING,
        REQUEST.c.expires_at > desk.now,
    )


@operation("request.sign", allow=ANY_SIGNING, subject=of_request)
def sign(desk: Desk, request: UUID, note: str = "") -> RequestView:
    """Sign a request. With the last signature it runs; if its rule does not hold any more it ends as failed."""
    record = _live(desk, request)
    signatures = pending.checked_signatures(desk, record)
    check_signer(desk, record, signatures)
    pending.add_signature(desk, record, signatures, free_line("note", note, most=500, required=False))
    desk.note(operation=record.operation, signatures=f"{len(signatures) + 2}/{1 + len(record.needed.split())}")
    if len(signatures) + 1 < len(record.needed.split()):
        return pending.view_of(desk, record)
    return _carry_out(desk, record, signatures)


@operation("request.refuse", allow=ANY_SIGNING, subject=of_request)
def refuse(desk: Desk, request: UUID, note: str) -> RequestView:
    """Refuse to sign: the request ends, and what it is about goes back to be decided anew."""
    record = _live(desk, request)
    if not any(map(desk.actor.may, SIGNED_WITH.get(record.subject_kind, ()))):
        raise not_yours()
    if desk.actor.index in (record.maker_index, record.subject_index):
        raise on_oneself()
    check_uninvolved(desk, record)
    desk.note(operation=record.operation, note=free_line("note", note, most=500))
    return _end(desk, record, RequestStatus.REFUSED)


@operation(
    "request.withdraw",
    allow=(Permission.REVIEW_APPLICATIONS, Permission.DECIDE_LIMITS, *ANY_SIGNING),
    subject=of_request,
)
def withdraw(desk: Desk, request: UUID) -> RequestView:
    """Take back one's own request before it is signed by all."""
    record = _live(desk, request)
    if record.maker_id != desk.account_id:
        raise Refused("Only its maker takes a request back.", hint="Refuse to sign it instead.", code="refused.maker")
    desk.note(operation=record.operation)
    return _end(desk, record, RequestStatus.WITHDRAWN)


def _carry_out(desk: Desk, record: Request, earlier: list[Signature]) -> RequestView:
    """Run what was asked for, with the rights and the rule of this moment."""
    spec = REGISTRY[record.operation]
    pending.end(desk, record, RequestStatus.DONE)
    savepoint = desk.sql.begin_nested()
    try:
        for signature, permission in zip(earlier, record.needed.split(), strict=False):
            _check_signer(desk, signature, Permission(permission))
        arguments = spec.read_payload(record.payload)
        further = len(record.needed.split())
        run_signed(spec, desk, record.id, record.maker_id, arguments, record.subject_version, further)
    except BankError as problem:
        savepoint.rollback()
        pending.end(desk, record, RequestStatus.FAILED)
        desk.note(failed=problem.code)
        return pending.view_of(desk, record).model_copy(update={"problem": problem.phrases})
    savepoint.commit()
    return pending.view_of(desk, record)


def _check_signer(desk: Desk, signature: Signature, permission: Permission) -> None:
    if not actor_of(desk.sql, signature.account_id, desk.policy).may(permission):
        raise Refused("A signer has lost the right to sign.", hint="Decide anew.", code="refused.signer")


def _live(desk: Desk, request: UUID) -> Request:
    record = desk.record(Request, request)
    if record.status is not RequestStatus.PENDING or record.expires_at <= desk.now:
        raise Conflict("This request does not wait any more.", hint="Reload the list.", code="conflict.request_ended")
    return record


def _end(desk: Desk, record: Request, status: RequestStatus) -> RequestView:
    pending.end(desk, record, status)
    desk.db.flush()
    return pending.view_of(desk, record)
