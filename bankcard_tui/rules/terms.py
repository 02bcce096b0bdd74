"""The closed lists of the field: what a thing can be.

Values are what stands in the store and in files; labels for people are in ``widgets/labels.py``.
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    CUSTOMER = "customer"
    TELLER = "teller"
    MANAGER = "manager"
    ADMIN = "admin"
    SYSTEM = "system"


STAFF_ROLES = (Role.TELLER, Role.MANAGER, Role.ADMIN)


class CardKind(StrEnum):
    CONSUMER = "consumer"
    BUSINESS = "business"
    DEBIT_LINKED = "debit_linked"


class Purpose(StrEnum):
    EVERYDAY = "everyday"
    TRAVEL = "travel"
    BUSINESS = "business"
    COUPLE = "couple"
    AIRLINE = "airline"
    LIFESTYLE = "lifestyle"
    CHARITY = "charity"


class ApplicationStatus(StrEnum):
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Decision(StrEnum):
    APPROVE = "approve"
    REFUSE = "refuse"
    RETURN = "return"


class RefusalReason(StrEnum):
    INCOME = "income"
    DEBT_SERVICE = "debt_service"
    OVERDUE_HISTORY = "overdue_history"
    IDENTITY = "identity"
    DOCUMENTS = "documents"
    TOTAL_LIMIT = "total_limit"
    RISK = "risk"
    OTHER = "other"


class DocumentKind(StrEnum):
    ID_CARD = "id_card"
    INCOME_PROOF = "income_proof"
    EMPLOYMENT_PROOF = "employment_proof"
    ADDRESS_PROOF = "address_proof"
    BUSINESS_LICENCE = "business_licence"
    TAX_RETURN = "tax_return"
    DEBIT_CARD = "debit_card"
    ASSET_PROOF = "asset_proof"
    COLLATERAL = "collateral"
    GUARANTEE = "guarantee"


class EmployerKind(StrEnum):
    GOVERNMENT = "government"
    STATE_OWNED = "state_owned"
    PRIVATE = "private"
    FOREIGN = "foreign"
    SELF_EMPLOYED = "self_employed"
    NONE = "none"


class Occupation(StrEnum):
    PROFESSIONAL = "professional"
    MANAGEMENT = "management"
    OFFICE = "office"
    SERVICE = "service"
    WORKER = "worker"
    FARMER = "farmer"
    STUDENT = "student"
    RETIRED = "retired"
    OTHER = "other"


class Housing(StrEnum):
    OWNED = "owned"
    MORTGAGED = "mortgaged"
    RENTED = "rented"
    FAMILY = "family"
    EMPLOYER = "employer"


class IncomeSource(StrEnum):
    PAYROLL = "payroll"
    BUSINESS = "business"
    TAX_RECORD = "tax_record"
    PENSION = "pension"
    INVESTMENT = "investment"
    DECLARED = "declared"


class Security(StrEnum):
    """What stands behind the debt besides the person."""

    NONE = "none"
    COLLATERAL = "collateral"
    GUARANTOR = "guarantor"


class Channel(StrEnum):
    SMS = "sms"
    EMAIL = "email"
    PHONE = "phone"
    POST = "post"


class Grade(StrEnum):
    EXCELLENT = "excellent"
    GOOD = "good"
    MEDIUM = "medium"
    POOR = "poor"


class CardState(StrEnum):
    """How a trained points card stands."""

    TRAINED = "trained"
    IN_FORCE = "in_force"
    RETIRED = "retired"


class CardStatus(StrEnum):
    ISSUED = "issued"
    HANDED_OVER = "handed_over"
    ACTIVE = "active"


class Outcome(StrEnum):
    """How an attempt ended, in the log."""

    DONE = "done"
    PENDING = "pending"
    REFUSED = "refused"
    FAILED = "failed"
    STARTED = "started"


class RequestStatus(StrEnum):
    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    FAILED = "failed"


class ChannelKind(StrEnum):
    EMAIL = "email"
    SMS = "sms"


class RecoveryPurpose(StrEnum):
    """What a recovery code stands in for."""

    PASSWORD = "password"
    SECOND_FACTOR = "second_factor"


class ArchiveKind(StrEnum):
    """Entries of the log's chain, or entries that a restore took out of it."""

    SEGMENT = "segment"
    FORK = "fork"
