"""What waits for another signature, and what was sent before."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text
from sqlmodel import Field

from bankcard_tui.models.base import Row
from bankcard_tui.rules.terms import RequestStatus
from bankcard_tui.store.types import Id, Moment, word, word_check


class Request(Row, table=True):
    """An operation that has been asked for and runs at its last signature.

    ``needed`` lists the permissions that the further signatures need, in order, separated by blanks.
    """

    __tablename__ = "request"
    __table_args__ = (
        Index("ix_request_status", "branch_id", "status", "made_at", "id"),
        Index("ix_request_subject", "subject_id", "status"),
        word_check("status", RequestStatus),
    )

    id: UUID = Field(sa_type=Id, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id")
    operation: str = Field(max_length=60)
    payload: str = Field(sa_type=Text)
    payload_digest: str = Field(max_length=64)
    needed: str = Field(max_length=200)
    subject_kind: str = Field(max_length=30)
    subject_id: UUID = Field(sa_type=Id)
    subject_index: bytes
    subject_version: int
    maker_id: UUID = Field(sa_type=Id, foreign_key="account.id")
    maker_index: bytes
    made_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    status: RequestStatus = Field(sa_type=word(RequestStatus))
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    policy_version: int


class Signature(Row, table=True):
    """One signature under a request; ``mark`` covers all of it."""

    __tablename__ = "signature"

    request_id: UUID = Field(sa_type=Id, primary_key=True, foreign_key="request.id")
    place: int = Field(primary_key=True)
    account_id: UUID = Field(sa_type=Id, foreign_key="account.id")
    signer_index: bytes
    signed_at: datetime = Field(sa_type=Moment)
    note: str = Field(default="", max_length=500)
    mark: bytes


class Sent(Row, table=True):
    """The first success under an idempotency key."""

    __tablename__ = "sent"
    __table_args__ = (Index("ix_sent_at", "at"),)

    account_id: UUID = Field(sa_type=Id, primary_key=True, foreign_key="account.id")
    key: str = Field(primary_key=True, max_length=64)
    operation: str = Field(max_length=60)
    payload_digest: str = Field(max_length=64)
    result: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Moment)
