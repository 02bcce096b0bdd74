"""Four eyes: what needs further signatures becomes a request and runs at the last of them."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select, update

from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.registry import Spec
from bankcard_tui.desk.results import RequestView
from bankcard_tui.errors import Conflict, VerificationFailed
from bankcard_tui.models.account import Account
from bankcard_tui.models.base import table
from bankcard_tui.models.request import Request, Signature
from bankcard_tui.rules.terms import RequestStatus
from bankcard_tui.security.permissions import Permission
from bankcard_tui.store.types import micros_of, new_id

REQUEST, SIGNATURE, ACCOUNT = table(Request), table(Signature), table(Account)

_WAITING = select(Request).where(
    REQUEST.c.subject_id == bindparam("subject"),
    REQUEST.c.subject_kind == bindparam("kind"),
    REQUEST.c.status == RequestStatus.PENDING,
    REQUEST.c.expires_at > bindparam("now"),
)
_MAKER = select(ACCOUNT.c.display_name).where(ACCOUNT.c.id == bindparam("account"))
_SIGNERS = (
    select(ACCOUNT.c.display_name)
    .join_from(SIGNATURE, ACCOUNT, SIGNATURE.c.account_id == ACCOUNT.c.id)
    .where(SIGNATURE.c.request_id == bindparam("request"))
    .order_by(SIGNATURE.c.place)
)


def make(spec: Spec, desk: Desk, arguments: dict[str, Any], needed: tuple[Permission, ...]) -> RequestView:
    """Write the request with the maker's signature as the first."""
    subject = desk.subject
    if desk.actor.index is None or subject.index is None:
        raise RuntimeError("only persons sign, and only for persons")
    refuse_second_request(desk, subject)
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
        subject_index=subject.index,
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


def _put_away_expired(desk: Desk, subject: Subject) -> None:
    """At most one request about a record waits: one past its time makes room."""
    desk.sql.execute(
        update(REQUEST)
        .where(
            REQUEST.c.subject_id == subject.id,
            REQUEST.c.subject_kind == subject.kind,
            REQUEST.c.status == RequestStatus.PENDING,
        )
        .values(status=RequestStatus.EXPIRED, ended_at=desk.now)
    )


def check_unchanged(subject: Subject | None, version: int) -> None:
    """Raise Conflict unless the record is as the maker saw it."""
    if subject is not None and subject.version != version:
        raise Conflict(
            "What this request is about was changed since it was made.",
            hint="It has to be decided anew.",
            code="conflict.changed",
        )


def check_payload(desk: Desk, request: Request) -> None:
    """Raise VerificationFailed when the request is not what the maker asked for."""
    if not hmac.compare_digest(request.payload_digest.encode(), payload_digest(desk, request).encode()):
        raise VerificationFailed(
            "This request was altered in the store.",
            hint="Do not sign. Tell your administrator.",
            code="request.altered",
        )


def payload_digest(desk: Desk, request: Request) -> str:
    """A keyed digest of all that a signature stands for: what is to run, for whom, asked by whom, signed by whom."""
    whole = [
        request.id.hex,
        request.operation,
        request.payload,
        request.needed,
        request.subject_kind,
        request.subject_id.hex,
        request.subject_index.hex(),
        request.subject_version,
        request.maker_id.hex,
        request.maker_index.hex(),
        micros_of(request.expires_at),
    ]
    return hmac.digest(desk.keys.codes, f"request\0{json.dumps(whole)}".encode(), hashlib.sha256).hex()


def signatures_under(desk: Desk, request: Request) -> list[Signature]:
    """The signatures after the maker's, in order."""
    return list(
        desk.db.scalars(select(Signature).where(SIGNATURE.c.request_id == request.id).order_by(SIGNATURE.c.place))
    )


def view_of(desk: Desk, request: Request) -> RequestView:
    """The request as people see it; one past its time is shown as expired."""
    maker = desk.sql.execute(_MAKER, {"account": request.maker_id}).scalar_one()
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
