"""Messages to people's own channels, written in the transaction of what they tell, delivered after it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from bankcard_tui.models.base import Row
from bankcard_tui.rules.terms import Channel
from bankcard_tui.store.types import Id, Moment, word, word_check


class Message(Row, table=True):
    """One message to the person of an account, or to a customer. Address, subject and body are sealed, and gone once it
    was delivered or given up.

    ``once``: it is never sent again by itself once it was handed over, which ``handed_over_at`` says. Without ``kind``
    it goes nowhere: the customer wants no such messages.
    """

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_due", "branch_id", "ended_at", "next_try_at"), word_check("kind", Channel))

    id: UUID = Field(sa_type=Id, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id")
    account_id: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id", index=True)
    customer_id: UUID | None = Field(default=None, sa_type=Id, foreign_key="customer.id", index=True)
    change_id: UUID | None = Field(default=None, sa_type=Id, foreign_key="limit_change.id", index=True)
    kind: Channel | None = Field(sa_type=word(Channel))
    about: str = Field(max_length=60)
    """What the message is about, as ``reset.code``; never its text."""
    address: bytes | None
    subject: bytes | None
    body: bytes | None
    made_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    next_try_at: datetime = Field(sa_type=Moment)
    once: bool = Field(default=False)
    handed_over_at: datetime | None = Field(default=None, sa_type=Moment)
    policy_version: int = Field(default=0)
    tries: int = Field(default=0)
    delivered_at: datetime | None = Field(default=None, sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    problem: str = Field(default="", max_length=60)
