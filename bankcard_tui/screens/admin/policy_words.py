"""The figures of a policy in words: what each is called, and its value with its unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.characteristics import CHARACTERISTIC_LABELS
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy_figures import BAND_UNITS, PLAIN, POINTS, YUAN
from bankcard_tui.rules.policy_values import ALL_RULES
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

SECTIONS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    section.title: names
    for section in ALL_RULES
    if (names := {name: (each.words, each.unit) for name, each in section.figures.items() if "." not in name})
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
        text = _bands(BAND_UNITS[name], values) if isinstance(values, list) else _values(_LISTS[name], values)
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
