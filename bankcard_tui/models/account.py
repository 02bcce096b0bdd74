"""Accounts for signing in, and what belongs to them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from bankcard_tui.models.base import Row
from bankcard_tui.rules.terms import ChannelKind, RecoveryPurpose, Role
from bankcard_tui.store.types import Id, Moment, word, word_check


class Account(Row, table=True):
    """A sign-in of a person. Without ``password`` it waits for its activation; disabled ones stay as history."""

    __tablename__ = "account"
    __table_args__ = (Index("ix_account_role", "role", "username"), word_check("role", Role))

    id: UUID = Field(sa_type=Id, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id")
    person_id: UUID | None = Field(default=None, sa_type=Id, foreign_key="person.id", index=True)
    username: str = Field(max_length=32, unique=True)
    display_name: str = Field(max_length=100)
    role: Role = Field(sa_type=word(Role))
    password: str | None = Field(default=None, max_length=100)
    password_since: datetime | None = Field(default=None, sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)
    created_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    disabled_at: datetime | None = Field(default=None, sa_type=Moment)
    disabled_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    last_sign_in_at: datetime | None = Field(default=None, sa_type=Moment)
    previous_sign_in_at: datetime | None = Field(default=None, sa_type=Moment)
    version: int = Field(default=1)


class AccountPermission(Row, table=True):
    """A permission that one account has beyond its role (``granted``), or lacks (not ``granted``)."""

    __tablename__ = "account_permission"

    account_id: UUID = Field(sa_type=Id, primary_key=True, foreign_key="account.id")
    permission: str = Field(primary_key=True, max_length=40)
    granted: bool


class FormerPassword(Row, table=True):
    """A password that was in use before; its last few may not come back."""

    __tablename__ = "former_password"

    account_id: UUID = Field(sa_type=Id, primary_key=True, foreign_key="account.id")
    until: datetime = Field(sa_type=Moment, primary_key=True)
    password: str = Field(max_length=100)


class SignInTries(Row, table=True):
    """Failed sign-ins in a row under one user name, whether anybody has that name or not."""

    __tablename__ = "sign_in_tries"

    name_digest: bytes = Field(primary_key=True)
    tries: int
    last_at: datetime = Field(sa_type=Moment, index=True)
    rests_until: datetime | None = Field(default=None, sa_type=Moment)


class SignInSession(Row, table=True):
    """A signed-in person at a terminal; ``mark`` covers who, where and for how long."""

    __tablename__ = "session"
    __table_args__ = (
        Index("ix_session_account", "account_id", "ended_at"),
        Index("ix_session_terminal", "terminal", sqlite_where=text("ended_at IS NULL")),
    )

    id: UUID = Field(sa_type=Id, primary_key=True)
    account_id: UUID = Field(sa_type=Id, foreign_key="account.id")
    terminal: str = Field(max_length=60)
    started_at: datetime = Field(sa_type=Moment)
    seen_at: datetime = Field(sa_type=Moment)
    ends_at: datetime = Field(sa_type=Moment)
    locked: bool = Field(default=False)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    mark: bytes


class Activation(Row, table=True):
    """The way to a first password: two half-codes, shown to two colleagues who are not the person."""

    __tablename__ = "activation"

    account_id: UUID = Field(sa_type=Id, primary_key=True, foreign_key="account.id")
    first_digest: bytes
    first_shown_to: UUID = Field(sa_type=Id, foreign_key="account.id")
    second_digest: bytes | None = Field(default=None)
    second_shown_to: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    expires_at: datetime = Field(sa_type=Moment)
    tries: int = Field(default=0)


class Channel(Row, table=True):
    """An address of the person's own, at which only that person is reached; given and confirmed by the person alone.

    ``address`` is sealed. One that waits to be confirmed has a code; at most one of an account is confirmed.
    """

    __tablename__ = "channel"
    __table_args__ = (word_check("kind", ChannelKind),)

    id: UUID = Field(sa_type=Id, primary_key=True)
    account_id: UUID = Field(sa_type=Id, foreign_key="account.id", index=True)
    kind: ChannelKind = Field(sa_type=word(ChannelKind))
    address: bytes
    made_at: datetime = Field(sa_type=Moment)
    confirmed_at: datetime | None = Field(default=None, sa_type=Moment)
    code_digest: bytes | None = Field(default=None)
    code_expires_at: datetime | None = Field(default=None, sa_type=Moment)
    tries: int = Field(default=0)
    mark: bytes


class ChannelCode(Row, table=True):
    """The way to a new password through the own channel: one code, sent there and kept as a digest."""

    __tablename__ = "channel_code"

    account_id: UUID = Field(sa_type=Id, primary_key=True, foreign_key="account.id")
    digest: bytes
    expires_at: datetime = Field(sa_type=Moment)
    tries: int = Field(default=0)


class SecondFactor(Row, table=True):
    """The second factor of an account: a sealed secret (RFC 6238), in force once ``confirmed_at`` is set.

    ``offered`` is one that was shown and waits for its first code; until then the one in force holds on.
    ``last_step`` is the time step of the last code that was taken: none counts twice.
    """

    __tablename__ = "second_factor"

    account_id: UUID = Field(sa_type=Id, primary_key=True, foreign_key="account.id")
    secret: bytes | None = Field(default=None)
    offered: bytes | None = Field(default=None)
    made_at: datetime = Field(sa_type=Moment)
    confirmed_at: datetime | None = Field(default=None, sa_type=Moment)
    last_step: int = Field(default=0)


class RecoveryCode(Row, table=True):
    """A code on paper that counts once: for the password, or in place of the second factor."""

    __tablename__ = "recovery_code"
    __table_args__ = (word_check("purpose", RecoveryPurpose),)

    account_id: UUID = Field(sa_type=Id, primary_key=True, foreign_key="account.id")
    digest: bytes = Field(primary_key=True)
    purpose: RecoveryPurpose = Field(sa_type=word(RecoveryPurpose))
    made_at: datetime = Field(sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)
