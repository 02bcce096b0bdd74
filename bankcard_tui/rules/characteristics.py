"""How an applicant reads to the points card: each characteristic as a number in plain words.

The code of a characteristic is the name of its field in :class:`~bankcard_tui.rules.policy.PointsCard`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from bankcard_tui.locale import mark
from bankcard_tui.rules.applicant import Applicant, Figures
from bankcard_tui.rules.columns import UNKNOWN, Whole, least, most, where
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


def values_of(applicant: Applicant) -> dict[str, float | str]:
    """What a points card can ask about an applicant, by code in the order of the card, in the card's units; what is not
    known is left out.
    """
    numbers = numbers_of(applicant.figures)
    asked = {
        code: getattr(applicant, code) if code in CATEGORY_WORDS else numbers[code] for code in CHARACTERISTIC_LABELS
    }
    known = {code: value for code, value in asked.items() if value is not None and value != UNKNOWN}
    return {code: str(value) if code in CATEGORY_WORDS else value for code, value in known.items()}


def numbers_of(figures: Figures) -> dict[str, Whole]:
    """The characteristics that are numbers, by code in the card's units, of one applicant or as columns of many;
    UNKNOWN for what is not known.
    """
    income = figures.monthly_income
    return {
        "age": figures.age,
        "monthly_income": _yuan(income),
        "assets": _yuan(figures.assets),
        "debt_service_percent": _percent(figures.debt, income, 1),
        "other_limits_percent_of_annual_income": _percent(figures.other_limits, income, 12),
        "times_overdue": figures.times_overdue,
        "years_employed": figures.years_employed,
        "own_days_past_due": figures.own_days_past_due,
        "own_use_percent": figures.own_use_percent,
    }


def _yuan(fen: Whole) -> Whole:
    return where(fen > 0, fen / FEN, fen)


def _percent(part: Whole, income: Whole, months: int) -> Whole:
    """``part`` in percent of an income of so many months; a share just below a whole percent never reaches it by
    rounding: multiples of 100 are exact in a float up to 36 times the largest amount.
    """
    known = (part != UNKNOWN) & (income != UNKNOWN)
    share = least(part * 100 / (most(income, 1) * months), LARGEST_SHARE)
    return where(known, where(part == 0, 0, where(income == 0, LARGEST_SHARE, share)), UNKNOWN)


def readings(applicant: Applicant) -> dict[str, Reading | None]:
    """The applicant in every characteristic, by code; None where it is not known."""
    known = values_of(applicant)
    return {code: _in_words(code, known[code], applicant) if code in known else None for code in CHARACTERISTIC_LABELS}


def _in_words(code: str, value: float | str, applicant: Applicant) -> Reading:
    if code in CATEGORY_WORDS:
        return Reading(value, CATEGORY_WORDS[code][str(value)])
    return Reading(value, *_SENTENCES[code](applicant))


_Sentence: TypeAlias = tuple[str, dict[str, str | int]]
"""A template and its values."""


def _age(applicant: Applicant) -> _Sentence:
    return mark("Age {age}"), {"age": applicant.age}


def _monthly_income(applicant: Applicant) -> _Sentence:
    return mark("Income of {income} yuan a month"), {"income": str(applicant.monthly_income)}


def _assets(applicant: Applicant) -> _Sentence:
    fen = applicant.assets_fen
    if not fen:
        return mark("No assets"), {}
    # Two amounts of the largest size are more than one Money holds; the whole yuan are enough to be read.
    return mark("Assets of {assets} yuan"), {"assets": f"{fen // FEN:,}"}


def _debt_service_percent(applicant: Applicant) -> _Sentence:
    debt, income = applicant.debt_payments, applicant.monthly_income
    if not debt:
        return mark("No debt payments"), {}
    if not income:
        return mark("Debt payments of {debt} yuan a month and no income"), {"debt": str(debt)}
    return mark("Debt payments take {percent} % of income"), {"percent": whole_percent(debt, income)}


def whole_percent(part: Money, whole: Money) -> int:
    """``part`` in percent of ``whole``, which is not 0, rounded down: what is shown never reaches a bound before the
    exact share does.
    """
    return part.fen * 100 // whole.fen


def _other_limits_percent(applicant: Applicant) -> _Sentence:
    limits, income = applicant.other_limits, applicant.monthly_income
    if not limits:
        return mark("No cards at other banks"), {}
    if not income:
        return mark("Limits of {limits} yuan at other banks and no income"), {"limits": str(limits)}
    percent = limits.fen * 100 // (income.fen * 12)
    return mark("Limits at other banks come to {percent} % of a year's income"), {"percent": percent}


def _times_overdue(applicant: Applicant) -> _Sentence:
    times = applicant.times_overdue or 0
    if times == 0:
        return mark("Never overdue in twelve months"), {}
    if times == 1:
        return mark("Overdue once in twelve months"), {}
    return mark("Overdue {times:time|times} in twelve months"), {"times": times}


def _years_employed(applicant: Applicant) -> _Sentence:
    years = applicant.years_employed or 0
    if years == 0:
        return mark("Less than a year with the employer"), {}
    return mark("Years with the employer: {years}"), {"years": years}


def _own_days_past_due(applicant: Applicant) -> _Sentence:
    days = applicant.own_days_past_due or 0
    if days == 0:
        return mark("Never overdue here"), {}
    return mark("Overdue here by up to {days:day|days}"), {"days": days}


def _own_use_percent(applicant: Applicant) -> _Sentence:
    return mark("Uses {percent} % of the limit here"), {"percent": applicant.own_use_percent or 0}


_SENTENCES: Mapping[str, Callable[[Applicant], _Sentence]] = {
    "age": _age,
    "monthly_income": _monthly_income,
    "assets": _assets,
    "debt_service_percent": _debt_service_percent,
    "other_limits_percent_of_annual_income": _other_limits_percent,
    "times_overdue": _times_overdue,
    "years_employed": _years_employed,
    "own_days_past_due": _own_days_past_due,
    "own_use_percent": _own_use_percent,
}
"""What is said of each characteristic that is a number, where it is known."""
