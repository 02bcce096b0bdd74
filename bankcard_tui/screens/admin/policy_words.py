"""The figures of a policy in words: what each is called, and its value with its unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.characteristics import CHARACTERISTIC_LABELS
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import (
    CardKind,
    DocumentKind,
    EmployerKind,
    Grade,
    Housing,
    IncomeSource,
    Occupation,
    ReductionTarget,
    Role,
    Security,
)
from bankcard_tui.services.policies import TierView
from bankcard_tui.widgets.facts import Pair
from bankcard_tui.widgets.labels import amount, count, english, label
from bankcard_tui.widgets.safe import pad

YUAN = mark("{value} yuan")
PERCENT = mark("{value} %")
YEARS = mark("{value:year|years}")
MONTHS = mark("{value:month|months}")
DAYS = mark("{value:day|days}")
HOURS = mark("{value:hour|hours}")
MINUTES = mark("{value:minute|minutes}")
TIMES = mark("{value:time|times}")
POINTS = mark("{value:point|points}")
PLAIN = "{value}"

SECTIONS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    mark("Signatures"): {
        "first_signature_up_to": (mark("One signature up to"), YUAN),
        "second_signature_up_to": (mark("Two up to, three above"), YUAN),
        "request_days": (mark("A request waits"), DAYS),
        "claim_minutes": (mark("A claim on an application lasts"), MINUTES),
    },
    mark("Who gets a card"): {
        "lowest_age": (mark("Lowest age"), YEARS),
        "highest_age": (mark("Highest age"), YEARS),
        "lowest_monthly_income": (mark("Lowest monthly income"), YUAN),
        "most_times_overdue": (mark("Overdue in twelve months at most"), TIMES),
        "debt_service_ceiling_percent": (mark("Debt payments of income at most"), PERCENT),
        "new_debt_service_percent_of_limit": (mark("A new limit adds debt payments of"), PERCENT),
        "total_limit_months_of_income": (mark("Total limit in incomes at most"), MONTHS),
        "total_limit_highest": (mark("Total limit at most"), YUAN),
        "limit_step": (mark("Limits are multiples of"), YUAN),
    },
    mark("Grades and points"): {
        "points_at_even_grade": (mark("Points at the reference odds"), POINTS),
        "odds_at_even_grade": (mark("Reference odds, good to bad"), mark("{value} to 1")),
        "points_to_double_odds": (mark("Points that double the odds"), POINTS),
        "precedents_needed": (mark("Precedents needed"), PLAIN),
        "matured_months": (mark("A card has matured after"), MONTHS),
        "bad_days_past_due": (mark("It counts as bad when overdue for"), DAYS),
        "months_before_upper_half": (mark("The upper half of a tier opens after"), MONTHS),
        "age_in_card": (mark("Points cards may rest on age"), PLAIN),
        "reconsider_days": (mark("Another look can be asked for within"), DAYS),
        "drift_least_cases": (mark("Drift is shown from so many cases on"), PLAIN),
    },
    mark("Cards"): {
        "card_years": (mark("A card is valid for"), YEARS),
        "card_bin": (mark("First digits of card numbers"), PLAIN),
    },
    mark("Re-evaluation of limits"): {
        "reevaluation_months": (mark("A limit is evaluated again after"), MONTHS),
        "grace_days": (mark("Paid on time up to so many days late"), DAYS),
        "spending_months": (mark("Spending is looked at over"), MONTHS),
        "high_spending_percent": (mark("High spending from so much of the limit a month on"), PERCENT),
        "reduction_to": (mark("A reduction goes to"), PLAIN),
        "temporary_most_percent": (mark("A temporary increase adds at most"), PERCENT),
        "temporary_most_days": (mark("A temporary increase lasts at most"), DAYS),
    },
    mark("Watch list and warnings"): {
        "watch_raise_percent": (mark("Watched after an increase of so much or more"), PERCENT),
        "watch_months": (mark("Watched for"), MONTHS),
        "watch_check_days": (mark("Watched accounts are checked every"), DAYS),
        "warning_check_days": (mark("All other accounts are checked every"), DAYS),
        "warning_use_percent": (mark("Warning when so much of the limit is used"), PERCENT),
        "warning_use_percent_watched": (mark("The same on the watch list"), PERCENT),
        "warning_cash_percent": (mark("Warning when cash takes so much of the limit in a month"), PERCENT),
        "warning_cash_percent_watched": (mark("That share on the watch list"), PERCENT),
        "warning_income_fall_percent": (mark("Warning when the income falls by"), PERCENT),
    },
    mark("Messages to customers"): {
        "quiet_from_hour": (mark("Nothing is sent from this hour on"), PLAIN),
        "quiet_until_hour": (mark("Until this hour"), PLAIN),
        "notice_days": (mark("A message is tried for"), DAYS),
        "notices_despite_do_not_disturb": (mark("Notices of changed limits go out despite do not disturb"), PLAIN),
    },
    mark("Asset segments"): {
        "segment_loan_percent": (mark("Loans count as assets at"), PERCENT),
    },
    mark("Signing in"): {
        "idle_minutes": (mark("A session locks when idle for"), MINUTES),
        "session_hours": (mark("A session ends after"), HOURS),
        "sign_in_tries": (mark("Tries before an account rests"), PLAIN),
        "sign_in_rest_minutes": (mark("An account rests for"), MINUTES),
        "activation_minutes": (mark("An activation code lasts"), MINUTES),
        "activation_tries": (mark("Tries at an activation code"), PLAIN),
        "codes_sent_an_hour": (mark("Codes sent to one person an hour"), PLAIN),
        "password_least": (mark("Characters of a password at least"), PLAIN),
        "password_least_with_second_factor": (mark("The same with a second factor"), PLAIN),
        "second_factor_roles": (mark("A second factor is demanded of"), PLAIN),
        "password_kept": (mark("Earlier passwords not taken again"), PLAIN),
    },
    mark("Safe keeping"): {
        "log_retention_months": (mark("The log is kept for"), MONTHS),
        "backups_kept_daily": (mark("Days of which a backup is kept"), PLAIN),
        "backups_kept_weekly": (mark("Weeks of which a backup is kept"), PLAIN),
        "backups_kept_monthly": (mark("Months of which a backup is kept"), PLAIN),
        "backup_warn_days": (mark("A verified backup is due after"), DAYS),
        "drill_warn_days": (mark("A drill is due after"), DAYS),
    },
}
"""Sections of the page: name of the figure to its words and unit. The tables have sections of their own."""

TABLES: Final = ("points_card", "tiers", "required_documents", "grade_bounds_percent", "plans", "segment_bounds")

_LISTS: Final[Mapping[str, type[StrEnum]]] = {
    "employer_kind": EmployerKind,
    "occupation": Occupation,
    "housing": Housing,
    "income_source": IncomeSource,
    "security": Security,
}
_BAND_UNITS: Final[Mapping[str, str]] = {
    "age": YEARS,
    "monthly_income": YUAN,
    "assets": YUAN,
    "debt_service_percent": PERCENT,
    "other_limits_percent_of_annual_income": mark("{value} % of a year's income"),
    "times_overdue": TIMES,
    "years_employed": YEARS,
    "own_days_past_due": DAYS,
    "own_use_percent": PERCENT,
}


def figure_pairs(figures: Mapping[str, Any], names: Mapping[str, tuple[str, str]]) -> list[Pair]:
    """Words and value of each figure of a section."""
    return [(words, _with_unit(unit, figures[name])) for name, (words, unit) in names.items()]


def _with_unit(unit: str, value: object) -> str:
    if unit == YUAN:
        value = amount(Money.parse(str(value)))
    if isinstance(value, bool):
        return tr("Yes") if value else tr("No")
    if isinstance(value, str) and unit == PLAIN and value in [each.value for each in ReductionTarget]:
        value = label(ReductionTarget(value))
    if isinstance(value, list | tuple):
        value = ", ".join(label(Role(each)) for each in value) or tr("nobody")
    return tr(unit, value=count(value) if isinstance(value, int) else value)


def tier_lines(tiers: Sequence[TierView]) -> list[str]:
    """The tier table, one line a grade under its head."""
    head = (tr("Grade"), tr("Lowest"), tr("Highest"), tr("Raise"), tr("Reduced after"))
    rows = [head]
    for tier in tiers:
        raised = f"{tier.raise_low_percent}-{tier.raise_high_percent} %" if tier.raise_high_percent else tr("none")
        months = tier.reduced_after_months_overdue
        reduced = tr("{value:month|months} overdue", value=months) if months else tr("any overdue")
        rows.append((label(tier.grade), amount(tier.lowest), amount(tier.highest), raised, reduced))
    widths = (12, 13, 13, 10, 20)
    sides = ("left", "right", "right", "right", "left")
    return [
        "  ".join(pad(cell, width, side).plain for cell, width, side in zip(row, widths, sides, strict=True)).rstrip()
        for row in rows
    ]


def grade_pairs(bounds_percent: Sequence[int]) -> list[Pair]:
    """Up to which probability of default each grade reaches."""
    grades = list(Grade)
    pairs: list[Pair] = [
        (english(grade), tr("default below {percent} %", percent=bound))
        for grade, bound in zip(grades, bounds_percent, strict=False)
    ]
    return [*pairs, (english(grades[-1]), tr("default from {percent} % up", percent=bounds_percent[-1]))]


def document_pairs(required: Mapping[str, Sequence[str]]) -> list[Pair]:
    """The documents that each kind of card needs."""
    return [
        (english(CardKind(kind)), ", ".join(label(DocumentKind(each)) for each in documents))
        for kind, documents in required.items()
    ]


def points_pairs(card: Mapping[str, Any]) -> list[Pair]:
    """What each attribute adds to or takes from the points everybody starts with."""
    pairs: list[Pair] = [
        (mark("Points card"), str(card["name"])),
        (mark("Everybody starts with"), _with_unit(POINTS, card["base_points"])),
    ]
    for name, words in CHARACTERISTIC_LABELS.items():
        values = card[name]
        if not values:
            continue
        text = _bands(_BAND_UNITS[name], values) if isinstance(values, list) else _values(_LISTS[name], values)
        pairs.append((words, text))
    return [*pairs, (mark("Anything not known"), _signed(card["unknown"]))]


def _bands(unit: str, bands: Sequence[Mapping[str, Any]]) -> str:
    parts = [
        f"< {count(band['below'])}: {_signed(band['points'])}" if band["below"] is not None else _signed(band["points"])
        for band in bands
    ]
    *first, last = parts
    above = tr("from there: {points}", points=last)
    return f"{'; '.join([*first, above])} ({tr(unit, value='').strip()})"


def _values(kind: type[StrEnum], values: Mapping[str, int]) -> str:
    return "; ".join(f"{label(kind(value))} {_signed(points)}" for value, points in values.items())


def _signed(points: int) -> str:
    return f"{points:+d}"
