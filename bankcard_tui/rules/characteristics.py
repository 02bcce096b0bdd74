"""How an applicant reads to the points card: each characteristic as a number in plain words.

The code of a characteristic is the name of its field in :class:`~bankcard_tui.rules.policy.PointsCard`.
"""

from __future__ import annotations

import json
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
    "own_days_past_due": mark("Overdue here"),
    "own_use_percent": mark("Use of the card here"),
}
"""What each characteristic is called, in the order of the card."""

UNKNOWN_WORDS: Mapping[str, str] = {
    "age": mark("Age not known"),
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
    "own_days_past_due": mark("No card here so far"),
    "own_use_percent": mark("No use of a card here so far"),
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


LARGEST_SHARE = 1_000_000
"""Percent of an income of nothing: more than any bound."""


LARGEST = 10**15
"""No number that is known of anybody lies beyond."""


def facts_in(text: str) -> dict[str, float | str]:
    """What was known of somebody, by code, from the JSON in which it was kept; what is no value of its characteristic
    was not written by this program, and is not known.
    """
    try:
        known = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return {code: value for code, value in known.items() if _fits(code, value)} if isinstance(known, dict) else {}


def _fits(code: str, value: object) -> bool:
    if code in CATEGORY_WORDS:
        return isinstance(value, str) and value in CATEGORY_WORDS[code]
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LARGEST


@dataclass(frozen=True, slots=True)
class Reading:
    """What an applicant is in one characteristic: the ``value`` that points cards ask for (a number in the card's unit,
    or a word), and the sentence that says it.
    """

    value: float | str
    template: str
    values: dict[str, str | int] = field(default_factory=dict)


def readings(applicant: Applicant) -> dict[str, Reading | None]:
    """The applicant in every characteristic, by code; None where it is not known."""
    words = {code: getattr(applicant, code) for code in CATEGORY_WORDS}
    return {
        "age": _age(applicant),
        "monthly_income": _monthly_income(applicant),
        "assets": _assets(applicant),
        "debt_service_percent": _debt_service_percent(applicant),
        "other_limits_percent_of_annual_income": _other_limits_percent(applicant),
        "times_overdue": _times_overdue(applicant),
        "years_employed": _years_employed(applicant),
        **{code: Reading(str(word), CATEGORY_WORDS[code][word]) if word else None for code, word in words.items()},
        "own_days_past_due": _own_days_past_due(applicant),
        "own_use_percent": _own_use_percent(applicant),
    }


def _age(applicant: Applicant) -> Reading:
    return Reading(applicant.age, mark("Age {age}"), {"age": applicant.age})


def _monthly_income(applicant: Applicant) -> Reading | None:
    """Yuan a month."""
    income = applicant.monthly_income
    if income is None:
        return None
    return Reading(income.fen / FEN, mark("Income of {income} yuan a month"), {"income": str(income)})


def _assets(applicant: Applicant) -> Reading | None:
    """Yuan."""
    fen = applicant.assets_fen
    if fen is None:
        return None
    if fen == 0:
        return Reading(0, mark("No assets"))
    # Two amounts of the largest size are more than one Money holds; the whole yuan are enough to be read.
    return Reading(fen / FEN, mark("Assets of {assets} yuan"), {"assets": f"{fen // FEN:,}"})


def _debt_service_percent(applicant: Applicant) -> Reading | None:
    """Percent of the monthly income."""
    debt, income = applicant.debt_payments, applicant.monthly_income
    if debt is None or income is None:
        return None
    if not debt:
        return Reading(0, mark("No debt payments"))
    if not income:
        return Reading(LARGEST_SHARE, mark("Debt payments of {debt} yuan a month and no income"), {"debt": str(debt)})
    percent = whole_percent(debt, income)
    return Reading(_percent(debt, income.fen), mark("Debt payments take {percent} % of income"), {"percent": percent})


def whole_percent(part: Money, whole: Money) -> int:
    """``part`` in percent of ``whole``, which is not 0, rounded down: what is shown never reaches a bound before the
    exact share does.
    """
    return part.fen * 100 // whole.fen


def _percent(part: Money, whole: int) -> float:
    """``part`` in percent of ``whole`` fen; a share just below a whole percent never reaches it by rounding."""
    return min(part.fen * 100 / whole, LARGEST_SHARE)


def _other_limits_percent(applicant: Applicant) -> Reading | None:
    """Percent of the annual income."""
    limits, income = applicant.other_limits, applicant.monthly_income
    if limits is None or income is None:
        return None
    if not limits:
        return Reading(0, mark("No cards at other banks"))
    if not income:
        return Reading(
            LARGEST_SHARE, mark("Limits of {limits} yuan at other banks and no income"), {"limits": str(limits)}
        )
    annual = income.fen * 12
    return Reading(
        _percent(limits, annual),
        mark("Limits at other banks come to {percent} % of a year's income"),
        {"percent": limits.fen * 100 // annual},
    )


def _times_overdue(applicant: Applicant) -> Reading | None:
    """Times in twelve months."""
    times = applicant.times_overdue
    if times is None:
        return None
    if times == 0:
        return Reading(0, mark("Never overdue in twelve months"))
    if times == 1:
        return Reading(1, mark("Overdue once in twelve months"))
    return Reading(times, mark("Overdue {times:time|times} in twelve months"), {"times": times})


def _years_employed(applicant: Applicant) -> Reading | None:
    """Completed years."""
    years = applicant.years_employed
    if years is None:
        return None
    if years == 0:
        return Reading(0, mark("Less than a year with the employer"))
    return Reading(years, mark("Years with the employer: {years}"), {"years": years})


def _own_days_past_due(applicant: Applicant) -> Reading | None:
    """The worst days past due of the last twelve months here."""
    days = applicant.own_days_past_due
    if days is None:
        return None
    if days == 0:
        return Reading(0, mark("Never overdue here"))
    return Reading(days, mark("Overdue here by up to {days:day|days}"), {"days": days})


def _own_use_percent(applicant: Applicant) -> Reading | None:
    """Mean use of the limit here over the last twelve months, in percent."""
    percent = applicant.own_use_percent
    if percent is None:
        return None
    return Reading(percent, mark("Uses {percent} % of the limit here"), {"percent": percent})
