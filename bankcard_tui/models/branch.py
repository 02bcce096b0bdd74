"""The branch, its policy versions and its jobs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text
from sqlmodel import Field

from bankcard_tui.models.base import Row
from bankcard_tui.store.types import Id, Moment


class Branch(Row, table=True):
    """One branch of the bank. ``key_check`` tells whether the root key at hand is the one of this store."""

    __tablename__ = "branch"

    id: UUID = Field(sa_type=Id, primary_key=True)
    bank: str = Field(max_length=100)
    name: str = Field(max_length=100)
    code: str = Field(max_length=20, unique=True)
    zone: str = Field(max_length=40)
    key_check: str = Field(max_length=32)
    opened_at: datetime = Field(sa_type=Moment)


class PolicyVersion(Row, table=True):
    """The policy as it was in force from a moment on; versions count 1, 2, 3 … within a branch.

    ``changes`` are the named values in which it differs from the one that it was made on, in JSON: each name with the
    value before and after. Versions of one change have the same request: one that was scheduled is written again when
    another change takes force before it.
    """

    __tablename__ = "policy_version"
    __table_args__ = (Index("ix_policy_version_in_force", "branch_id", "in_force_from", "version"),)

    branch_id: UUID = Field(sa_type=Id, primary_key=True, foreign_key="branch.id")
    version: int = Field(primary_key=True)
    policy: str = Field(sa_type=Text)
    in_force_from: datetime = Field(sa_type=Moment)
    proposed_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    approved_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    note: str = Field(default="", max_length=500)
    changes: str = Field(default="{}", sa_type=Text, sa_column_kwargs={"default": "{}"})
    request_id: UUID | None = Field(default=None, sa_type=Id, foreign_key="request.id")


class Job(Row, table=True):
    """A long piece of work: how far it has come. ``cursor`` says where to go on after a stop."""

    __tablename__ = "job"

    id: UUID = Field(sa_type=Id, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id")
    name: str = Field(max_length=60)
    source: str = Field(max_length=128)
    cursor: int = Field(default=0)
    done: int = Field(default=0)
    skipped: int = Field(default=0)
    rejected: int = Field(default=0)
    started_by: UUID = Field(sa_type=Id, foreign_key="account.id")
    started_at: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
