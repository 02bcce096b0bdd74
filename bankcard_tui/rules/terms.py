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
    """How people are reached, and how a customer accepts to be."""

    SMS = "sms"
    EMAIL = "email"
    APP = "app"
    PHONE = "phone"
    POST = "post"


class Language(StrEnum):
    """The language in which a customer is written to."""

    CHINESE = "zh_CN"
    ENGLISH = "en"


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
    """What an own channel is: an address at which only the person is reached."""

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


class SpendingClass(StrEnum):
    """How somebody uses and repays a card. Late: not paid on time; new: not seen for long enough to say."""

    HIGH = "high"
    CAUTIOUS = "cautious"
    LATE = "late"
    NEW = "new"


class LimitChangeKind(StrEnum):
    """What happened to the limit of an account."""

    GRANTED = "granted"
    RAISE = "raise"
    REDUCTION = "reduction"
    TEMPORARY = "temporary"
    TEMPORARY_END = "temporary_end"
    PLAN = "plan"
    PLAN_END = "plan_end"


class EvaluationResult(StrEnum):
    """What a re-evaluation of an account came to. Held: the rule would reduce the limit, but as much is owed."""

    STABLE = "stable"
    RAISE = "raise"
    REDUCTION = "reduction"
    HELD = "held"


class ProposalOrigin(StrEnum):
    """Where a proposal to change a limit comes from."""

    EVALUATION = "evaluation"
    CUSTOMER = "customer"
    MANAGER = "manager"


class ProposalState(StrEnum):
    """How a proposal to change a limit stands. Lapsed: a newer evaluation took its place."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


class ReductionTarget(StrEnum):
    """What a reduced limit goes to."""

    LOWER_TIER_LOWEST = "lower_tier_lowest"
    OWN_TIER_LOWEST = "own_tier_lowest"


class PlanPurpose(StrEnum):
    """What a personal plan is for."""

    HOME = "home"
    CAR = "car"
    EDUCATION = "education"
    OTHER = "other"


class WarningKind(StrEnum):
    """What an early warning is about."""

    UTILISATION = "utilisation"
    OVERDUE_HERE = "overdue_here"
    OVERDUE_ELSEWHERE = "overdue_elsewhere"
    FALLING_INCOME = "falling_income"
    CASH_ADVANCES = "cash_advances"


class WarningState(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    DONE = "done"


class WarningMeasure(StrEnum):
    """What was done about an early warning."""

    CALLED = "called"
    MET = "met"
    INCOME_CHECKED = "income_checked"
    LIMIT_CHANGED = "limit_changed"
    REPAYMENT_AGREED = "repayment_agreed"
    WATCHED_ON = "watched_on"
    NOTHING = "nothing"


class Segment(StrEnum):
    """The asset segment of a customer."""

    ORDINARY = "ordinary"
    GOLD = "gold"
    PLATINUM = "platinum"
    DIAMOND = "diamond"
    PRIVATE = "private"


class MessageState(StrEnum):
    """How a message stands. In doubt: it was handed over and nobody knows whether it arrived, so it is not sent again
    by itself. Kept: the customer wants no such messages, and finds it on the own page.
    """

    WAITING = "waiting"
    DELIVERED = "delivered"
    IN_DOUBT = "in_doubt"
    GIVEN_UP = "given_up"
    KEPT = "kept"
