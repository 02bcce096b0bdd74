"""Every figure of the policy as a named value: what it is called, what it may be, reading it and writing it as text.

Names are dotted: ``limit_step``, ``tiers.good.highest``, ``points_card.age.2.points`` (rows count from 1; the last row
of a characteristic has no bound). Values are text as somebody types it: ``12500.00``, ``30``, ``yes``,
``id_card, income_proof``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from bankcard_tui.errors import InvalidForm, InvalidInput, Phrase
from bankcard_tui.locale import mark
from bankcard_tui.rules.characteristics import CATEGORY_WORDS, CHARACTERISTIC_LABELS
from bankcard_tui.rules.policy import Policy, policy_from_plain, to_plain
from bankcard_tui.rules.policy_accounts import ACCOUNT_RULES
from bankcard_tui.rules.policy_credit import CREDIT_RULES
from bankcard_tui.rules.policy_figures import BAND_UNITS, Figure, Kind
from bankcard_tui.rules.policy_house import HOUSE_RULES
from bankcard_tui.rules.policy_limits import LIMIT_RULES
from bankcard_tui.rules.policy_order import out_of_order
from bankcard_tui.rules.policy_text import plain_of, text_of
from bankcard_tui.rules.terms import Grade, Segment

ALL_RULES: Final = (*LIMIT_RULES, *CREDIT_RULES, *ACCOUNT_RULES, *HOUSE_RULES)

_GRADES: Final[Mapping[str, str]] = {
    "excellent": mark("Excellent"),
    "good": mark("Good"),
    "medium": mark("Medium"),
    "poor": mark("Poor"),
}
_OF: Final[Mapping[str, Mapping[str, str]]] = {
    "tiers": _GRADES,
    "grade_bounds_percent": _GRADES,
    "plans": {
        "home": mark("A home"),
        "car": mark("A car"),
        "education": mark("Education"),
        "other": mark("Another large purchase"),
    },
    "segment_bounds": {
        "gold": mark("Gold"),
        "platinum": mark("Platinum"),
        "diamond": mark("Diamond"),
        "private": mark("Private banking"),
    },
    "required_documents": {
        "consumer": mark("Consumer card"),
        "business": mark("Business card"),
        "debit_linked": mark("Debit-linked card"),
    },
    "points_card": CHARACTERISTIC_LABELS,
}
"""What the second part of a name stands for, by the first."""

_ROWS = {"tiers": "grade", "plans": "purpose"}
"""Tables whose rows are named by one of their columns."""

_TUPLES = {"grade_bounds_percent": tuple(Grade)[:-1], "segment_bounds": tuple(Segment)[1:]}
"""Figures in a fixed order, and what each stands for."""

_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Value:
    """A figure under its name. ``group`` is the title of those that it belongs to; ``of_limits`` whether it is a rule
    of limits, which managers change, or one of the others, which are the admins'.
    """

    name: str
    words: Phrase
    group: str
    figure: Figure
    of_limits: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that differs between two policies."""

    name: str
    before: str
    after: str


def described(policy: Policy) -> tuple[Value, ...]:
    """Every figure of ``policy`` with its words, unit and bounds, group by group."""
    names = [(name, _pattern(name)) for name in _places(to_plain(policy))]
    found: list[Value] = []
    for section in ALL_RULES:
        # Figures in the order of their section, and those of a table row by row.
        parts = dict.fromkeys(pattern.split(".")[0] for pattern in section.figures)
        for part in parts:
            found += (
                _value(name, section.title, section.figures[pattern], of_limits=section in LIMIT_RULES)
                for name, pattern in names
                if name.split(".")[0] == part and pattern in section.figures
            )
    return tuple(found)


def values_of(policy: Policy) -> dict[str, str]:
    """Every figure as text, by its name."""
    return {name: text_of(rows[key]) for name, (rows, key) in _places(to_plain(policy)).items()}


def changed(policy: Policy, changes: Mapping[str, str]) -> Policy:
    """``policy`` with other values for the figures that ``changes`` name.

    Raises InvalidForm with every problem at the name of its figure: no such figure, not what is typed for it, out of
    its bounds, or at odds with another figure.
    """
    known = {value.name: value for value in described(policy)}
    plain = to_plain(policy)
    places = _places(plain)
    problems: list[InvalidInput] = []
    for name, text in changes.items():
        if name not in known:
            problems.append(_unknown(name))
            continue
        rows, key = places[name]
        try:
            rows[key] = plain_of(name, known[name].figure, text)
        except InvalidInput as problem:
            problems.append(problem)
    words = {value.name: value.words for value in known.values()}
    problems += out_of_order({name: rows[key] for name, (rows, key) in places.items()}, words, changes)
    if problems:
        raise InvalidForm(problems)
    return policy_from_plain(plain)


def differences(before: Policy, after: Policy) -> tuple[Difference, ...]:
    """The figures in which two policies differ, in the order of the policy."""
    now, then = values_of(before), values_of(after)
    return tuple(
        Difference(name, now.get(name, ""), then.get(name, ""))
        for name in dict.fromkeys((*now, *then))
        if now.get(name) != then.get(name)
    )


def of_limits(name: str) -> bool:
    """Whether the figure of this name is a rule of limits; False for a name that is none."""
    pattern = _pattern(name)
    return any(pattern in section.figures for section in LIMIT_RULES)


def _places(plain: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Where each figure stands in a policy as JSON-ready data: what holds it, and its key there."""
    return dict(_walk(plain))


def _walk(plain: dict[str, Any]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for name, item in plain.items():
        if name in _ROWS:
            for row in item:
                kept = row[_ROWS[name]]
                yield from ((f"{name}.{kept}.{key}", (row, key)) for key in row if key != _ROWS[name])
        elif name in _TUPLES:
            yield from ((f"{name}.{each}", (item, place)) for place, each in enumerate(_TUPLES[name]))
        elif isinstance(item, dict):
            for key, part in item.items():
                yield from _walk_part(f"{name}.{key}", item, key, part, rows=name == "points_card")
        else:
            yield name, (plain, name)


def _walk_part(
    name: str, whole: dict[str, Any], key: str, part: Any, *, rows: bool
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    if isinstance(part, dict):
        yield from ((f"{name}.{word}", (part, word)) for word in part)
    elif rows and isinstance(part, list):
        for place, band in enumerate(part, start=1):
            if band["below"] is not None:
                yield f"{name}.{place}.below", (band, "below")
            yield f"{name}.{place}.points", (band, "points")
    else:
        yield name, (whole, key)


def _pattern(name: str) -> str:
    """The name in the tables of figures: its parts that name one among many replaced by an asterisk."""
    first, *rest = name.split(".")
    if not rest or name in ("points_card.name", "points_card.base_points", "points_card.unknown"):
        return name
    if len(rest) == 1:
        return f"{first}.*"
    return f"{first}.*.*" if first == "points_card" and len(rest) == 2 else f"{first}.*.{rest[-1]}"


def _value(name: str, group: str, figure: Figure, *, of_limits: bool) -> Value:
    first, *rest = name.split(".")
    filled: dict[str, str | int | Phrase | tuple[Phrase, ...]] = {}
    if "{of}" in figure.words:
        words = _OF[first][rest[0]]
        if first == "points_card" and len(rest) == 2:
            words = CATEGORY_WORDS[rest[0]][rest[1]]
        filled["of"] = Phrase(words)
    if "{place}" in figure.words:
        filled["place"] = int(rest[1])
    if first == "points_card" and rest[-1] == "below":
        figure = replace(figure, unit=BAND_UNITS[rest[0]], kind=Kind.NUMBER)
    return Value(name, Phrase(figure.words, filled), group, figure, of_limits)


def _unknown(name: str) -> InvalidInput:
    return InvalidInput(
        name[:_LONGEST_NAME],
        "The policy has no figure of this name.",
        hint="Take a name as the policy page or bankcard policy show has it.",
        code="policy.unknown",
    )
