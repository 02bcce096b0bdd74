"""The operation log: one gapless chain of entries per branch."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from bankcard_tui.models.base import Row
from bankcard_tui.rules.terms import ArchiveKind
from bankcard_tui.store.types import Id, Moment, word, word_check

COLUMNS = (
    "branch_id",
    "seq",
    "at",
    "account_id",
    "actor_id",
    "username",
    "role",
    "terminal",
    "action",
    "outcome",
    "subject_kind",
    "subject_id",
    "subject_person",
    "detail",
)
"""The columns that the mark of an entry covers, in this order."""

SETBACK = 60_000_000
"""Microseconds by which the clock may step back without a new stretch: several machines never agree to the second."""


class LogEntry(Row, table=True):
    """One thing that somebody did or tried. ``at`` is in microseconds; actor and subject are persons."""

    __tablename__ = "log_entry"
    __table_args__ = (
        Index("ix_log_account", "branch_id", "account_id", "seq"),
        Index("ix_log_subject", "branch_id", "subject_person", "seq"),
        Index("ix_log_action", "branch_id", "action", "seq"),
        Index("ix_log_outcome", "branch_id", "outcome", "seq"),
        Index("ix_log_username", "branch_id", "username", "seq"),
        Index("ix_log_subject_id", "branch_id", "subject_id", "seq"),
    )

    branch_id: UUID = Field(sa_type=Id, primary_key=True, foreign_key="branch.id")
    seq: int = Field(primary_key=True)
    at: int = Field(sa_type=BigInteger)
    account_id: UUID | None = Field(default=None, sa_type=Id)
    actor_id: UUID | None = Field(default=None, sa_type=Id)
    username: str = Field(max_length=40)
    role: str = Field(max_length=20)
    terminal: str = Field(max_length=60)
    action: str = Field(max_length=60)
    outcome: str = Field(max_length=20)
    subject_kind: str = Field(default="", max_length=30)
    subject_id: UUID | None = Field(default=None, sa_type=Id)
    subject_person: UUID | None = Field(default=None, sa_type=Id)
    detail: str = Field(sa_type=Text)
    mark: bytes


class LogHead(Row, table=True):
    """Where the chain of a branch ends; locked last, just before the commit. ``latest`` is the latest time, in
    microseconds, in its last stretch."""

    __tablename__ = "log_head"

    branch_id: UUID = Field(sa_type=Id, primary_key=True, foreign_key="branch.id")
    seq: int
    mark: bytes
    latest: int = Field(sa_type=BigInteger)


class LogStretch(Row, table=True):
    """Where a stretch of the log begins, up to the next one: within it no entry lies more than ``SETBACK`` before any
    entry in front of it, so that a time is found by halving."""

    __tablename__ = "log_stretch"

    branch_id: UUID = Field(sa_type=Id, primary_key=True, foreign_key="branch.id")
    first_seq: int = Field(primary_key=True)


class LogArchive(Row, table=True):
    """A signed, encrypted file with the entries ``first_seq`` to ``last_seq``; ``mark`` covers every other column.

    A segment holds entries of the chain, a fork those that a restore took out of it. ``before_mark`` is the chain's
    mark in front of the first entry, ``last_mark`` that of the last one; ``digest`` is the file's SHA-256 in hex.
    """

    __tablename__ = "log_archive"
    __table_args__ = (word_check("kind", ArchiveKind),)

    id: UUID = Field(sa_type=Id, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id", index=True)
    kind: ArchiveKind = Field(sa_type=word(ArchiveKind))
    first_seq: int
    last_seq: int
    before_mark: bytes
    last_mark: bytes
    last_at: datetime = Field(sa_type=Moment)
    file: str = Field(max_length=200)
    size: int = Field(sa_type=BigInteger)
    digest: str = Field(max_length=64)
    made_at: datetime = Field(sa_type=Moment)
    made_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    mark: bytes


class LogTombstone(Row, table=True):
    """What stands in place of pruned entries: their range, the marks at its borders, and the archives (ids, separated
    by blanks) that hold them. ``mark`` covers every other column but ``cleared_at``, when the last entry was gone.
    """

    __tablename__ = "log_tombstone"

    branch_id: UUID = Field(sa_type=Id, primary_key=True, foreign_key="branch.id")
    last_seq: int = Field(primary_key=True)
    first_seq: int
    before_mark: bytes
    last_mark: bytes
    archives: str = Field(sa_type=Text)
    request_id: UUID = Field(sa_type=Id)
    pruned_at: datetime = Field(sa_type=Moment)
    pruned_by: UUID = Field(sa_type=Id, foreign_key="account.id")
    cleared_at: datetime | None = Field(default=None, sa_type=Moment)
    mark: bytes
