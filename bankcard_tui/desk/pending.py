"""Four eyes: what needs further signatures becomes a request and runs at the last of them."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select

from bankcard_tui.desk.access import active_admins
from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.registry import Spec
from bankcard_tui.desk.results import RequestView
from bankcard_tui.errors import Conflict, Refused, VerificationFailed
from bankcard_tui.locale import mark
from bankcard_tui.models.account import Account
from bankcard_tui.models.base import table
from bankcard_tui.models.request import Request, Signature
from bankcard_tui.rules.terms import RequestStatus, Role
from bankcard_tui.security.permissions import ROLE_PERMISSIONS, Permission
from bankcard_tui.store.types import micros_of, new_id

REQUEST, SIGNATURE, ACCOUNT = table(Request), table(Signature), table(Account)
_DO_NOT_SIGN = mark("Do not sign. Tell your administrator.")

_PENDING = select(Request).where(
    REQUEST.c.subject_id == bindparam("subject"),
    REQUEST.c.subject_kind == bindparam("kind"),
    REQUEST.c.status == RequestStatus.PENDING,
)
_WAITING = _PENDING.where(REQUEST.c.expires_at > bindparam("now"))
_MAKER = select(ACCOUNT.c.display_name).where(ACCOUNT.c.id == bindparam("account"))
_SIGNERS = (
    select(ACCOUNT.c.display_name)
    .join_from(SIGNATURE, ACCOUNT, SIGNATURE.c.account_id == ACCOUNT.c.id)
    .where(SIGNATURE.c.request_id == bindparam("request"))
    .order_by(SIGNATURE.c.place)
)


def make(spec: Spec, desk: Desk, arguments: dict[str, Any], needed: tuple[Permission, ...]) -> RequestView:
    """Write the request with the maker's signature as the first. What concerns nobody in person (the policy, the log)
    has an empty index, which is nobody's.

    Raises Conflict when a request about the same waits already, Refused when no other admin can sign what needs one.
    """
    subject = desk.subject
    if desk.actor.index is None or (subject.index is None and subject.person_id is not None):
        raise RuntimeError("only persons sign, and a person is known by the index")
    refuse_second_request(desk, subject)
    _need_another_admin(desk, subject, needed)
    _put_away_expired(desk, subject)
    request = Request(
        id=new_id(desk.now),
        branch_id=desk.branch_id,
        operation=spec.name,
        payload=spec.payload(arguments),
        payload_digest="",
        needed=" ".join(needed),
        subject_kind=subject.kind,
        subject_id=subject.id,
        subject_index=subject.index or b"",
        subject_version=subject.version,
        maker_id=desk.account_id,
        maker_index=desk.actor.index,
        made_at=desk.now,
        expires_at=desk.now + timedelta(days=desk.policy.request_days),
        status=RequestStatus.PENDING,
        policy_version=desk.policy_version,
    )
    request.payload_digest = payload_digest(desk, request)
    desk.db.add(request)
    desk.work.flush()
    desk.note(request=request.id, signatures=f"1/{len(needed) + 1}")
    return view_of(desk, request)


def waiting_for(desk: Desk, subject_kind: str, subject_id: object) -> Request | None:
    """The live request about a record, if there is one."""
    return desk.db.scalars(_WAITING, {"subject": subject_id, "kind": subject_kind, "now": desk.now}).first()


def refuse_second_request(desk: Desk, subject: Subject) -> None:
    """Raise Conflict when the record waits for signatures already."""
    if waiting_for(desk, subject.kind, subject.id) is not None:
        raise Conflict(
            "This waits for a signature already.",
            hint="It can be changed when the request has been signed, refused or withdrawn.",
            code="conflict.waiting",
        )


def _need_another_admin(desk: Desk, subject: Subject, needed: tuple[Permission, ...]) -> None:
    """Raise Refused when a signature that only admins give could be given by nobody: it would wait in vain."""
    for permission in ROLE_PERMISSIONS[Role.ADMIN].intersection(needed):
        taken = (desk.actor.index, subject.index)
        if not any(admin.may(permission) and admin.index not in taken for admin in active_admins(desk)):
            raise Refused(
                "This needs the signature of another admin, and there is none who could sign.",
                hint="Add a second admin first, who activates the account. Nobody signs what concerns themselves.",
                code="refused.second_admin",
            )


def _put_away_expired(desk: Desk, subject: Subject) -> None:
    """At most one request about a record waits: one past its time makes room."""
    for request in desk.db.scalars(_PENDING, {"subject": subject.id, "kind": subject.kind}):
        end(desk, request, RequestStatus.EXPIRED)


def check_unchanged(subject: Subject | None, version: int) -> None:
    """Raise Conflict unless the record is as the maker saw it."""
    if subject is not None and subject.version != version:
        raise Conflict(
            "What this request is about was changed since it was made.",
            hint="It has to be decided anew.",
            code="conflict.changed",
        )


def end(desk: Desk, request: Request, status: RequestStatus) -> None:
    """End a request. One that was altered stays without a digest that fits it."""
    sound = _fits(desk, request)
    request.status, request.ended_at = status, desk.now
    if sound:
        request.payload_digest = payload_digest(desk, request)


def add_signature(desk: Desk, request: Request, earlier: list[Signature], note: str) -> None:
    """Put the signature of whoever acts under a request, behind the ``earlier`` ones."""
    if desk.actor.index is None:
        raise RuntimeError("only persons sign")
    signature = Signature(
        request_id=request.id,
        place=len(earlier) + 2,
        account_id=desk.account_id,
        signer_index=desk.actor.index,
        signed_at=desk.now,
        note=note,
        mark=b"",
    )
    signature.mark = desk.keys.row_mark("signature", _signed(signature))
    desk.db.add(signature)
    desk.db.flush()


def checked_signatures(desk: Desk, request: Request) -> list[Signature]:
    """The signatures after the maker's, in order. Raises VerificationFailed unless they and the request are as they
    were written, and says which is not.
    """
    if not _fits(desk, request):
        raise VerificationFailed("This request was altered in the store.", hint=_DO_NOT_SIGN, code="request.altered")
    signatures = list(
        desk.db.scalars(select(Signature).where(SIGNATURE.c.request_id == request.id).order_by(SIGNATURE.c.place))
    )
    for place, signature in enumerate(signatures, start=2):
        if signature.place != place or not desk.keys.row_fits(signature.mark, "signature", _signed(signature)):
            raise VerificationFailed(
                "Signature {place} under this request was altered in the store.",
                hint=_DO_NOT_SIGN,
                code="signature.altered",
                place=place,
            )
    return signatures


def payload_digest(desk: Desk, request: Request) -> str:
    """A keyed digest of all that a signature stands for: what is to run, for whom, asked by whom, signed by whom, and
    whether it still waits.
    """
    whole = [
        request.id.bytes,
        request.branch_id.bytes,
        request.operation,
        request.payload,
        request.needed,
        request.subject_kind,
        request.subject_id.bytes,
        request.subject_index,
        request.subject_version,
        request.maker_id.bytes,
        request.maker_index,
        micros_of(request.made_at),
        micros_of(request.expires_at),
        request.status.value,
        None if request.ended_at is None else micros_of(request.ended_at),
        request.policy_version,
    ]
    return desk.keys.row_mark("request", whole).hex()


def _signed(signature: Signature) -> Sequence[object]:
    """What the mark of a signature covers: who signed which request, in which place, when, with what note."""
    return (
        signature.request_id.bytes,
        signature.place,
        signature.account_id.bytes,
        signature.signer_index,
        micros_of(signature.signed_at),
        signature.note,
    )


def _fits(desk: Desk, request: Request) -> bool:
    return hmac.compare_digest(str(request.payload_digest).encode(), payload_digest(desk, request).encode())


def view_of(desk: Desk, request: Request) -> RequestView:
    """The request as people see it; one past its time is shown as expired."""
    maker = desk.sql.execute(_MAKER, {"account": request.maker_id}).scalar_one_or_none() or ""
    signed = tuple(desk.sql.execute(_SIGNERS, {"request": request.id}).scalars())
    expired = request.status is RequestStatus.PENDING and request.expires_at <= desk.now
    return RequestView(
        id=request.id,
        operation=request.operation,
        status=RequestStatus.EXPIRED if expired else request.status,
        maker=maker,
        made_at=request.made_at,
        expires_at=request.expires_at,
        subject_kind=request.subject_kind,
        subject_id=request.subject_id,
        signed=1 + len(signed),
        needed=1 + len(request.needed.split()),
        signers=(maker, *signed),
    )
