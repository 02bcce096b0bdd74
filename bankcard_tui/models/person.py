"""Persons: whoever has an account or is a customer, once per ID number."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from bankcard_tui.models.base import Row
from bankcard_tui.store.types import Day, Id, Moment, word, word_check


class Standing(StrEnum):
    """Whether the bank takes this person for the holder of the ID number."""

    KNOWN = "known"
    CLAIM = "claim"
    SETTLED = "settled"


IS_CLAIM = "standing = 'claim'"
"""The condition of the index of claims; a query finds the index only when it says the same, literally."""


class Person(Row, table=True):
    """``id_index`` is the keyed fingerprint of the ID number: rows that share it speak of the same human being.

    A registration with a number that is known already is a *claim* until a teller has seen the person; settled claims
    stay as history.
    """

    __tablename__ = "person"
    __table_args__ = (
        Index("uq_person_known", "id_index", unique=True, sqlite_where=text("standing = 'known'")),
        Index("ix_person_id_index", "id_index"),
        Index("ix_person_claims", "branch_id", "created_at", "id", sqlite_where=text(IS_CLAIM)),
        Index("ix_person_last4", "id_last4"),
        word_check("standing", Standing),
    )

    id: UUID = Field(sa_type=Id, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id")
    name: str = Field(max_length=100)
    id_sealed: bytes
    id_index: bytes
    id_last4: str = Field(max_length=4)
    birth_date: date = Field(sa_type=Day)
    standing: Standing = Field(sa_type=word(Standing))
    created_at: datetime = Field(sa_type=Moment)
