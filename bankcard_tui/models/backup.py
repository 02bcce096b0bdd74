"""What the branch knows of its backups: who can open them, which there are, and how the drills went."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from bankcard_tui.models.base import Row
from bankcard_tui.store.types import Id, Moment


class BackupRecipient(Row, table=True):
    """A recovery kit that opens the backups: its age recipient. ``mark`` covers every column but those of its end; once
    it is taken out there is none.
    """

    __tablename__ = "backup_recipient"

    id: UUID = Field(sa_type=Id, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id")
    recipient: str = Field(max_length=100)
    label: str = Field(max_length=60)
    added_at: datetime = Field(sa_type=Moment)
    added_by: UUID = Field(sa_type=Id, foreign_key="account.id")
    removed_at: datetime | None = Field(default=None, sa_type=Moment)
    removed_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    mark: bytes


class Backup(Row, table=True):
    """One backup file that was made here; ``log_seq`` and ``log_mark`` are the end of the log in it.

    ``digest`` is the SHA-256 (hex) of the file's signed front.
    ``level`` is the highest level up to which it was verified (0: not yet).
    """

    __tablename__ = "backup"
    __table_args__ = (Index("ix_backup_made", "branch_id", "made_at"),)

    id: UUID = Field(sa_type=Id, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id")
    sequence: int
    file: str = Field(max_length=200)
    size: int = Field(sa_type=BigInteger)
    digest: str = Field(max_length=64)
    schema_revision: str = Field(max_length=10)
    log_seq: int
    log_mark: bytes
    made_at: datetime = Field(sa_type=Moment)
    made_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    verified_at: datetime | None = Field(default=None, sa_type=Moment)
    level: int = Field(default=0)
    problem: str = Field(default="", max_length=60)
    removed_at: datetime | None = Field(default=None, sa_type=Moment)


class Drill(Row, table=True):
    """One drill: a backup restored into an empty home from file and kit alone, and what came of it."""

    __tablename__ = "drill"
    __table_args__ = (Index("ix_drill_at", "branch_id", "at"),)

    id: UUID = Field(sa_type=Id, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id")
    file: str = Field(max_length=200)
    digest: str = Field(max_length=64)
    at: datetime = Field(sa_type=Moment)
    milliseconds: int
    done_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    problem: str = Field(default="", max_length=60)
