"""Customers: profile, identity checks, documents."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from bankcard_tui.models.base import Row
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import DocumentKind, EmployerKind, Housing, IncomeSource, Language, Occupation, Security
from bankcard_tui.store.types import Day, Fen, Id, Moment, fen_check, word, word_check


class Customer(Row, table=True):
    """One customer of the branch. ``verified_at`` is the moment of the last complete identity check.

    ``version`` is the optimistic lock: whoever saves names the version that was shown. A registration whose claim was
    settled is closed, and ``merged_into`` names the customer that it turned out to be.
    """

    __tablename__ = "customer"
    __table_args__ = (
        Index("ix_customer_name_key", "branch_id", "name_key", "id"),
        Index("ix_customer_phone", "branch_id", "phone", "id"),
        Index("ix_customer_registered", "branch_id", "registered_at", "id"),
        Index("uq_customer_external_id", "branch_id", "external_id", unique=True),
        fen_check("monthly_income"),
        fen_check("deposits"),
        fen_check("other_assets"),
        fen_check("liabilities"),
        fen_check("monthly_debt"),
        fen_check("other_limits"),
        CheckConstraint("times_overdue >= 0 AND times_overdue <= 99", name="times_overdue_range"),
        CheckConstraint("years_employed >= 0 AND years_employed <= 80", name="years_employed_range"),
        word_check("employer_kind", EmployerKind),
        word_check("occupation", Occupation),
        word_check("housing", Housing),
        word_check("income_source", IncomeSource),
        word_check("security", Security),
        word_check("language", Language),
    )

    id: UUID = Field(sa_type=Id, primary_key=True)
    branch_id: UUID = Field(sa_type=Id, foreign_key="branch.id")
    person_id: UUID = Field(sa_type=Id, foreign_key="person.id", index=True)
    external_id: str | None = Field(default=None, max_length=64)
    name: str = Field(max_length=100)
    name_key: str = Field(max_length=200)
    phone: str = Field(max_length=20)
    email: str = Field(default="", max_length=254)
    address: str = Field(default="", max_length=200)
    employer: str = Field(default="", max_length=100)
    employer_kind: EmployerKind | None = Field(default=None, sa_type=word(EmployerKind))
    occupation: Occupation | None = Field(default=None, sa_type=word(Occupation))
    years_employed: int | None = Field(default=None)
    monthly_income: Money | None = Field(default=None, sa_type=Fen)
    income_source: IncomeSource | None = Field(default=None, sa_type=word(IncomeSource))
    income_checked_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    income_checked_at: datetime | None = Field(default=None, sa_type=Moment)
    deposits: Money | None = Field(default=None, sa_type=Fen)
    other_assets: Money | None = Field(default=None, sa_type=Fen)
    liabilities: Money | None = Field(default=None, sa_type=Fen)
    monthly_debt: Money | None = Field(default=None, sa_type=Fen)
    other_limits: Money | None = Field(default=None, sa_type=Fen)
    times_overdue: int | None = Field(default=None)
    housing: Housing | None = Field(default=None, sa_type=word(Housing))
    security: Security | None = Field(default=None, sa_type=word(Security))
    security_note: str = Field(default="", max_length=200)
    channels: str = Field(default="", max_length=60)
    language: Language | None = Field(default=None, sa_type=word(Language))
    do_not_disturb: bool = Field(default=False, sa_column_kwargs={"default": False})
    registered_at: datetime = Field(sa_type=Moment)
    registered_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    verified_at: datetime | None = Field(default=None, sa_type=Moment)
    verified_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    closed_at: datetime | None = Field(default=None, sa_type=Moment)
    merged_into: UUID | None = Field(default=None, sa_type=Id, foreign_key="customer.id")
    version: int = Field(default=1)


class IdentityCheck(Row, table=True):
    """What a member of staff witnessed at the counter: the person, the original documents, the signature."""

    __tablename__ = "identity_check"

    id: UUID = Field(sa_type=Id, primary_key=True)
    customer_id: UUID = Field(sa_type=Id, foreign_key="customer.id", index=True)
    saw_person: bool
    saw_documents: bool
    saw_signature: bool
    checked_by: UUID = Field(sa_type=Id, foreign_key="account.id")
    checked_at: datetime = Field(sa_type=Moment)


class Document(Row, table=True):
    """A supporting document of a customer. It counts once a member of staff has seen the original."""

    __tablename__ = "document"
    __table_args__ = (word_check("kind", DocumentKind),)

    id: UUID = Field(sa_type=Id, primary_key=True)
    customer_id: UUID = Field(sa_type=Id, foreign_key="customer.id", index=True)
    kind: DocumentKind = Field(sa_type=word(DocumentKind))
    reference: str = Field(max_length=100)
    issued_on: date | None = Field(default=None, sa_type=Day)
    added_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    added_at: datetime = Field(sa_type=Moment)
    verified_by: UUID | None = Field(default=None, sa_type=Id, foreign_key="account.id")
    verified_at: datetime | None = Field(default=None, sa_type=Moment)


class Draft(Row, table=True):
    """What somebody had typed into a form when the terminal was lost; sealed, since it may hold ID numbers."""

    __tablename__ = "draft"

    account_id: UUID = Field(sa_type=Id, primary_key=True, foreign_key="account.id")
    form: str = Field(primary_key=True, max_length=80)
    id: UUID = Field(sa_type=Id)
    sealed: bytes = Field()
    saved_at: datetime = Field(sa_type=Moment)
