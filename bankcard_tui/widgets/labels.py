"""Words for people: labels of the closed lists, their status badges, and how amounts and times are written."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules import terms
from bankcard_tui.rules.money import Money
from bankcard_tui.widgets.safe import Tone, status

# Members of two enums can be equal as strings (CardKind.BUSINESS == Purpose.BUSINESS), so a label is kept by type.
_LABELS: Final[dict[type[StrEnum], dict[str, str]]] = {
    terms.Role: {
        "customer": mark("Customer"),
        "teller": mark("Teller"),
        "manager": mark("Manager"),
        "admin": mark("Administrator"),
        "system": mark("System"),
    },
    terms.CardKind: {
        "consumer": mark("Consumer card"),
        "business": mark("Business card"),
        "debit_linked": mark("Debit-linked card"),
    },
    terms.Purpose: {
        "everyday": mark("Everyday spending"),
        "travel": mark("Travel"),
        "business": mark("Business spending"),
        "couple": mark("Couple"),
        "airline": mark("Airline miles"),
        "lifestyle": mark("Lifestyle"),
        "charity": mark("Charity"),
    },
    terms.ApplicationStatus: {
        "submitted": mark("Submitted"),
        "in_review": mark("In review"),
        "returned": mark("Returned"),
        "approved": mark("Approved"),
        "refused": mark("Refused"),
        "withdrawn": mark("Withdrawn"),
    },
    terms.Decision: {
        "approve": mark("Approve"),
        "refuse": mark("Refuse"),
        "return": mark("Return for documents"),
    },
    terms.RefusalReason: {
        "income": mark("Income not sufficient or not proven"),
        "debt_service": mark("Debt service too high for the income"),
        "overdue_history": mark("Overdue history"),
        "identity": mark("Identity not verified"),
        "documents": mark("Documents incomplete or not genuine"),
        "total_limit": mark("Total limit used up"),
        "risk": mark("Risk too high"),
        "other": mark("Another reason"),
    },
    terms.DocumentKind: {
        "id_card": mark("Identity card"),
        "income_proof": mark("Proof of income"),
        "employment_proof": mark("Proof of employment"),
        "address_proof": mark("Proof of address"),
        "business_licence": mark("Business licence"),
        "tax_return": mark("Tax return"),
        "debit_card": mark("Debit card of this bank"),
        "asset_proof": mark("Proof of assets"),
        "collateral": mark("Collateral papers"),
        "guarantee": mark("Letter of guarantee"),
    },
    terms.EmployerKind: {
        "government": mark("Government or public body"),
        "state_owned": mark("State-owned company"),
        "private": mark("Private company"),
        "foreign": mark("Foreign-invested company"),
        "self_employed": mark("Self-employed"),
        "none": mark("No employer"),
    },
    terms.Occupation: {
        "professional": mark("Professional"),
        "management": mark("Management"),
        "office": mark("Office"),
        "service": mark("Service"),
        "worker": mark("Worker"),
        "farmer": mark("Farmer"),
        "student": mark("Student"),
        "retired": mark("Pensioner"),
        "other": mark("Other"),
    },
    terms.Housing: {
        "owned": mark("Owned"),
        "mortgaged": mark("Owned with a mortgage"),
        "rented": mark("Rented"),
        "family": mark("With the family"),
        "employer": mark("From the employer"),
    },
    terms.IncomeSource: {
        "payroll": mark("Payroll at this bank"),
        "business": mark("Own business"),
        "tax_record": mark("Tax record"),
        "pension": mark("Pension"),
        "investment": mark("Investments"),
        "declared": mark("Declared only"),
    },
    terms.Security: {
        "none": mark("No security"),
        "collateral": mark("Collateral"),
        "guarantor": mark("Guarantor"),
    },
    terms.Channel: {
        "sms": mark("SMS"),
        "email": mark("E-mail"),
        "app": mark("App"),
        "phone": mark("Phone"),
        "post": mark("Post"),
    },
    terms.ChannelKind: {
        "email": mark("E-mail"),
        "sms": mark("SMS"),
    },
    terms.Language: {
        "zh_CN": mark("Chinese"),
        "en": mark("English"),
    },
    terms.SpendingClass: {
        "high": mark("High spending"),
        "cautious": mark("Cautious spending"),
        "late": mark("Not paid on time"),
        "new": mark("New card"),
    },
    terms.LimitChangeKind: {
        "granted": mark("Granted"),
        "raise": mark("Limit increase"),
        "reduction": mark("Limit reduction"),
        "temporary": mark("Temporary increase"),
        "temporary_end": mark("End of a temporary increase"),
        "plan": mark("Personal plan"),
        "plan_end": mark("End of a personal plan"),
    },
    terms.EvaluationResult: {
        "stable": mark("Stays"),
        "raise": mark("Increase proposed"),
        "reduction": mark("Reduction proposed"),
        "held": mark("Held by what is owed"),
    },
    terms.ProposalOrigin: {
        "evaluation": mark("Re-evaluation"),
        "customer": mark("Asked by the customer"),
        "manager": mark("By a manager"),
    },
    terms.ProposalState: {
        "open": mark("To be decided"),
        "done": mark("Carried out"),
        "refused": mark("Turned down"),
        "lapsed": mark("Lapsed"),
        "withdrawn": mark("Taken back"),
    },
    terms.ReductionTarget: {
        "lower_tier_lowest": mark("The lowest limit of the next lower tier"),
        "own_tier_lowest": mark("The lowest limit of the own tier"),
    },
    terms.PlanPurpose: {
        "home": mark("A home"),
        "car": mark("A car"),
        "education": mark("Education"),
        "other": mark("Another large purchase"),
    },
    terms.WarningKind: {
        "utilisation": mark("Limit nearly used up"),
        "overdue_here": mark("Overdue here"),
        "overdue_elsewhere": mark("New overdue elsewhere"),
        "falling_income": mark("Falling income"),
        "cash_advances": mark("Cash advances"),
    },
    terms.WarningState: {
        "open": mark("Nobody has it"),
        "taken": mark("Being dealt with"),
        "done": mark("Dealt with"),
    },
    terms.WarningMeasure: {
        "called": mark("Called the customer"),
        "met": mark("Met the customer"),
        "income_checked": mark("Checked the income again"),
        "limit_changed": mark("Had the limit changed"),
        "repayment_agreed": mark("Agreed on a repayment"),
        "watched_on": mark("Goes on being watched"),
        "nothing": mark("Nothing was needed"),
    },
    terms.Segment: {
        "ordinary": mark("Ordinary"),
        "gold": mark("Gold"),
        "platinum": mark("Platinum"),
        "diamond": mark("Diamond"),
        "private": mark("Private banking"),
    },
    terms.MessageState: {
        "waiting": mark("Waits to be sent"),
        "delivered": mark("Delivered"),
        "in_doubt": mark("Handed over, in doubt"),
        "given_up": mark("Not delivered"),
        "kept": mark("Kept on the own page"),
    },
    terms.RecoveryPurpose: {
        "password": mark("Password"),
        "second_factor": mark("Second factor"),
    },
    terms.ArchiveKind: {
        "segment": mark("Archive"),
        "fork": mark("Out of a restore"),
    },
    terms.Grade: {
        "excellent": mark("Excellent"),
        "good": mark("Good"),
        "medium": mark("Medium"),
        "poor": mark("Poor"),
    },
    terms.CardState: {
        "trained": mark("Trained"),
        "in_force": mark("In force"),
        "retired": mark("Retired"),
    },
    terms.CardStatus: {
        "issued": mark("Issued"),
        "handed_over": mark("Handed over"),
        "active": mark("Active"),
    },
    terms.Outcome: {
        "done": mark("Done"),
        "pending": mark("Waiting for a signature"),
        "refused": mark("Refused by the rules"),
        "failed": mark("Failed"),
        "started": mark("Started"),
    },
    terms.RequestStatus: {
        "pending": mark("Waiting for a signature"),
        "done": mark("Done"),
        "refused": mark("Refused"),
        "withdrawn": mark("Withdrawn"),
        "expired": mark("Expired"),
        "failed": mark("Failed"),
    },
}

_BADGES: Final[dict[type[StrEnum], dict[str, tuple[str, Tone]]]] = {
    terms.ApplicationStatus: {
        "submitted": (">", Tone.ACCENT),
        "in_review": ("~", Tone.ACCENT),
        "returned": ("!", Tone.WARNING),
        "approved": ("+", Tone.GOOD),
        "refused": ("x", Tone.MUTED),
        "withdrawn": ("-", Tone.MUTED),
    },
    terms.CardState: {
        "trained": ("~", Tone.ACCENT),
        "in_force": ("+", Tone.GOOD),
        "retired": ("-", Tone.MUTED),
    },
    terms.CardStatus: {
        "issued": (">", Tone.ACCENT),
        "handed_over": ("!", Tone.WARNING),
        "active": ("+", Tone.GOOD),
    },
    terms.Outcome: {
        "done": ("+", Tone.GOOD),
        "pending": ("~", Tone.ACCENT),
        "refused": ("x", Tone.WARNING),
        "failed": ("!", Tone.BAD),
        "started": (">", Tone.MUTED),
    },
    terms.RequestStatus: {
        "pending": ("~", Tone.ACCENT),
        "done": ("+", Tone.GOOD),
        "refused": ("x", Tone.MUTED),
        "withdrawn": ("-", Tone.MUTED),
        "expired": ("-", Tone.WARNING),
        "failed": ("!", Tone.BAD),
    },
    terms.Grade: {
        "excellent": ("*", Tone.GOOD),
        "good": ("+", Tone.GOOD),
        "medium": ("~", Tone.WARNING),
        "poor": ("!", Tone.WARNING),
    },
    terms.Decision: {
        "approve": ("+", Tone.GOOD),
        "refuse": ("x", Tone.WARNING),
        "return": ("!", Tone.WARNING),
    },
}


def english(member: StrEnum) -> str:
    """The English label of a member of a list in rules/terms.py, untranslated: what fields and errors carry."""
    return _LABELS[type(member)][member.value]


def label(member: StrEnum) -> str:
    """The label of a member of a list in rules/terms.py, in the language in use."""
    return tr(english(member))


def badge(member: StrEnum) -> Content:
    """A status or grade as symbol, word and colour; a member of a list without badges is its plain label."""
    symbol, tone = _BADGES.get(type(member), {}).get(member.value, ("", None))
    return status(symbol, label(member), tone) if tone else Content(label(member))


def yes_no(answer: bool) -> str:
    """``Yes`` or ``No`` in the language in use."""
    return tr("Yes") if answer else tr("No")


def amount(money: Money) -> str:
    """``1,234.00``: yuan with two places and thousands separators."""
    return str(money)


def count(number: int) -> str:
    """``12,345``."""
    return f"{number:,}"


def percent(fraction: float, places: int = 1) -> str:
    """``12.5 %`` for 0.125."""
    return f"{100 * fraction:.{places}f} %"


def day(value: date) -> str:
    """``2026-11-21``."""
    return value.isoformat()


def moment(value: datetime, zone: tzinfo) -> str:
    """``2026-11-21 14:05`` in the branch's ``zone``; ``value`` is aware."""
    return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def ago(then: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that fits: ``2 d``, ``3 h``, ``5 min``, ``now``; both times are aware."""
    passed = now - then
    if passed >= timedelta(days=1):
        return tr("{count} d", count=passed.days)
    if passed >= timedelta(hours=1):
        return tr("{count} h", count=passed // timedelta(hours=1))
    if passed >= timedelta(minutes=1):
        return tr("{count} min", count=passed // timedelta(minutes=1))
    return tr("now")
