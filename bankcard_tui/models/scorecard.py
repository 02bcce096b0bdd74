"""Points cards that were trained on the branch's customers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text
from sqlmodel import Field

from bankcard_tui.models.base import Row
from bankcard_tui.rules.terms import CardState
from bankcard_tui.store.types import Id, Moment, word, word_check


class ScorecardVersion(Row, table=True):
    """One trained card; versions count 1, 2, 3 … within a branch. While none is in force the expert's gives opinions.

    ``card`` is the whole card in JSON. The mark covers all columns: opinions rest on this row.
    """

    __tablename__ = "scorecard"
    __table_args__ = (
        Index("ix_scorecard_version", "branch_id", "version", unique=True),
        Index("ix_scorecard_state", "branch_id", "state"),
        word_check("state", CardState),
    )

    id: UUID = Field(sa_type=Id, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id")
    version: int
    state: CardState = Field(sa_type=word(CardState))
    card: str = Field(sa_type=Text)
    digest: str = Field(max_length=64)
    trained_at: datetime = Field(sa_type=Moment)
    trained_by: UUID = Field(sa_type=Id, foreign_key="account.id")
    in_force_from: datetime | None = Field(default=None, sa_type=Moment)
    retired_at: datetime | None = Field(default=None, sa_type=Moment)
    request_id: UUID | None = Field(default=None, sa_type=Id, foreign_key="request.id")
    mark: bytes
