"""How an applicant reads to the points card: each characteristic as a number in plain words.

The code of a characteristic is the name of its field in :class:`~bankcard_tui.rules.policy.PointsCard`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bankcard_tui.locale import mark
from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.money import Money

FEN = 100
"""Fen in a yuan."""

CHARACTERISTIC_LABELS: Mapping[str, str] = {
    "age": mark("Age"),
    "monthly_income": mark("Monthly income"),
    "assets": mark("Assets"),
    "debt_service_percent": mark("Debt payments to income"),
    "other_limits_percent_of_annual_income": mark("Limits at other banks"),
    "times_overdue": mark("Overdue history"),
    "years_employed": mark("Years employed"),
    "employer_kind": mark("Kind of employer"),
    "occupation": mark("Occupation"),
    "housing": mark("Housing"),
    "income_source": mark("Source of income"),
    "security": mark("Collateral or guarantor"),
}
"""What each characteristic is called, in the order of the card."""

UNKNOWN_WORDS: Mapping[str, str] = {
    "monthly_income": mark("Income not known"),
    "assets": mark("Assets not known"),
    "debt_service_percent": mark("Debt payments or income not known"),
    "other_limits_percent_of_annual_income": mark("Limits at other banks or income not known"),
    "times_overdue": mark("Overdue history not known"),
    "years_employed": mark("Years with the employer not known"),
    "employer_kind": mark("Kind of employer not known"),
    "occupation": mark("Occupation not known"),
    "housing": mark("Housing not known"),
    "income_source": mark("Source of income not known"),
    "security": mark("Collateral or guarantor not recorded"),
}

CATEGORY_WORDS: Mapping[str, Mapping[str, str]] = {
    "employer_kind": {
        "government": mark("Works in public service"),
        "state_owned": mark("Works for a state-owned company"),
        "private": mark("Works for a private company"),
        "foreign": mark("Works for a foreign-owned company"),
        "self_employed": mark("Works on own account"),
        "none": mark("Has no employer"),
    },
    "occupation": {
        "professional": mark("Works as a professional"),
        "management": mark("Works in management"),
        "office": mark("Works in an office"),
        "service": mark("Works in services"),
        "worker": mark("Works in production or transport"),
        "farmer": mark("Works in farming"),
        "student": mark("Is a student"),
        "retired": mark("Is retired"),
        "other": mark("Has an occupation of another kind"),
    },
    "housing": {
        "owned": mark("Owns the home without a mortgage"),
        "mortgaged": mark("Owns the home with a mortgage"),
        "rented": mark("Lives in a rented home"),
        "family": mark("Lives with the family"),
        "employer": mark("Lives in a home of the employer"),
    },
    "income_source": {
        "payroll": mark("Income shown by payroll"),
        "business": mark("Income from a business"),
        "tax_record": mark("Income shown by tax records"),
        "pension": mark("Income from a pension"),
        "investment": mark("Income from investments"),
        "declared": mark("Income only declared"),
    },
    "security": {
        "none": mark("No collateral and no guarantor"),
        "collateral": mark("Collateral stands behind the debt"),
        "guarantor": mark("A guarantor stands behind the debt"),
    },
}
"""A sentence for each value of each listed characteristic."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The number ``numerator / denominator`` (denominator >= 0, in the card's unit) and the sentence that says it.

    A fraction keeps the bounds of the bands exact. A denominator of zero means "more than any band".
    """

    numerator: int
    denominator: int
    template: str
    values: dict[str, str | int] = field(default_factory=dict)


def age(applicant: Applicant) -> Reading:
    return Reading(applicant.age, 1, mark("Age {age}"), {"age": applicant.age})


def monthly_income(applicant: Applicant) -> Reading | None:
    """Yuan a month."""
    income = applicant.monthly_income
    if income is None:
        return None
    return Reading(income.fen, FEN, mark("Income of {income} yuan a month"), {"income": str(income)})


def assets(applicant: Applicant) -> Reading | None:
    """Yuan."""
    fen = applicant.assets_fen
    if fen is None:
        return None
    if fen == 0:
        return Reading(0, FEN, mark("No assets"))
    # Two amounts of the largest size are more than one Money holds; the whole yuan are enough to be read.
    return Reading(fen, FEN, mark("Assets of {assets} yuan"), {"assets": f"{fen // FEN:,}"})


def debt_service_percent(applicant: Applicant) -> Reading | None:
    """Percent of the monthly income."""
    debt, income = applicant.debt_payments, applicant.monthly_income
    if debt is None or income is None:
        return None
    if not debt:
        return Reading(0, 1, mark("No debt payments"))
    if not income:
        return Reading(debt.fen, 0, mark("Debt payments of {debt} yuan a month and no income"), {"debt": str(debt)})
    percent = whole_percent(debt, income)
    return Reading(debt.fen * 100, income.fen, mark("Debt payments take {percent} % of income"), {"percent": percent})


def whole_percent(part: Money, whole: Money) -> int:
    """``part`` in percent of ``whole``, which is not 0, rounded down: what is shown never reaches a bound before the
    exact share does.
    """
    return part.fen * 100 // whole.fen


def other_limits_percent(applicant: Applicant) -> Reading | None:
    """Percent of the annual income."""
    limits, income = applicant.other_limits, applicant.monthly_income
    if limits is None or income is None:
        return None
    if not limits:
        return Reading(0, 1, mark("No cards at other banks"))
    if not income:
        return Reading(
            limits.fen, 0, mark("Limits of {limits} yuan at other banks and no income"), {"limits": str(limits)}
        )
    annual = income.fen * 12
    return Reading(
        limits.fen * 100,
        annual,
        mark("Limits at other banks come to {percent} % of a year's income"),
        {"percent": limits.fen * 100 // annual},
    )


def times_overdue(applicant: Applicant) -> Reading | None:
    """Times in twelve months."""
    times = applicant.times_overdue
    if times is None:
        return None
    if times == 0:
        return Reading(0, 1, mark("Never overdue in twelve months"))
    if times == 1:
        return Reading(1, 1, mark("Overdue once in twelve months"))
    return Reading(times, 1, mark("Overdue {times:time|times} in twelve months"), {"times": times})


def years_employed(applicant: Applicant) -> Reading | None:
    """Completed years."""
    years = applicant.years_employed
    if years is None:
        return None
    if years == 0:
        return Reading(0, 1, mark("Less than a year with the employer"))
    return Reading(years, 1, mark("Years with the employer: {years}"), {"years": years})
