"""Figures of the policy in words: a value with its unit, its bounds, what differs; and the field that asks for one."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from textual.content import Content

from bankcard_tui.errors import InvalidInput
from bankcard_tui.locale import mark, say, tr
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy_figures import Figure, Kind
from bankcard_tui.rules.policy_text import plain_of
from bankcard_tui.rules.terms import DocumentKind, ReductionTarget, Role
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.policy_views import DifferenceView, ValueView
from bankcard_tui.widgets.errands import problem_text
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.labels import amount, count, english, label, yes_no
from bankcard_tui.widgets.lined import Lines, hanging
from bankcard_tui.widgets.plots import table_lines
from bankcard_tui.widgets.safe import Tone, heading, safe, status, toned
from bankcard_tui.widgets.table import Column

_LISTS: Final[tuple[type[StrEnum], ...]] = (DocumentKind, ReductionTarget, Role)
MOST_CELLS: Final = 84
"""Further apart before and after are not read together."""
FIELD: Final = "value"
"""The one field that asks for a value."""
_YES: Final = "yes"
_WHOSE: Final = {
    Permission.MANAGE_LIMIT_RULES: mark("A rule of limits: managers change it."),
    Permission.MANAGE_POLICY: mark("Administrators change it."),
}


def shown_value(value: ValueView | DifferenceView, text: str) -> str:
    """``text``, as a figure is kept, in the words of the branch, with its unit."""
    if value.kind is Kind.AMOUNT:
        return tr(value.unit, value=amount(Money.parse(text)))
    if value.kind is Kind.NUMBER:
        return tr(value.unit, value=count(int(text)))
    if value.kind is Kind.YES_NO:
        return yes_no(text == _YES)
    if value.kind in (Kind.CHOICE, Kind.LIST):
        members = [_member(word) for word in text.split(", ") if word]
        return ", ".join(map(label, members)) or tr("nobody")
    return text


def bounds_words(value: ValueView) -> str:
    """What the value may be; empty where it is one of a list."""
    if value.kind is Kind.AMOUNT:
        lowest, highest = (amount(Money.yuan(int(each))) for each in (value.lowest, value.highest))
        return tr("From {lowest} to {highest}", lowest=lowest, highest=tr(value.unit, value=highest))
    if value.kind is Kind.NUMBER:
        lowest, highest = (count(int(each)) for each in (value.lowest, value.highest))
        return tr("From {lowest} to {highest}", lowest=lowest, highest=tr(value.unit, value=highest))
    if value.kind in (Kind.DIGITS, Kind.TEXT):
        return tr("{lowest} to {highest:character|characters}", lowest=value.lowest, highest=value.highest)
    return ""


def check_typed(value: ValueView, text: str) -> None:
    """Raise InvalidInput for the field ``value`` where the value can't be ``text``, whatever the others are."""
    lowest, highest = (int(each or 0) for each in (value.lowest, value.highest))
    figure = Figure("", value.unit, lowest, highest, "", value.kind, value.choices)
    plain_of(FIELD, figure, text)


def foot_lines(value: ValueView, text: str, *, mine: bool, problem: InvalidInput | None, width: int) -> Content:
    """What stands under the list about the value at the cursor; ``text`` is what it is or is to become."""
    lines = hanging(safe(tr(value.description)), width, indent=0)
    said = [each for each in (bounds_words(value) or shown_value(value, text), value.name) if each]
    lines.append(toned("   ".join(said), Tone.MUTED))
    if problem is not None:
        lines.append(status("!", problem_text(problem), Tone.BAD))
    elif not value.used:
        lines.append(status("-", tr("Nothing in the program uses this yet."), Tone.MUTED))
    elif not mine:
        lines.append(status("-", tr(_WHOSE[value.permission]), Tone.MUTED))
    return Content("\n").join(lines)


def field_of(value: ValueView, text: str) -> Field:
    """The field that asks for another value, filled with ``text``."""
    label = mark("Changed to")
    if value.kind is Kind.AMOUNT:
        return Field(FIELD, label, "amount", value=Money.parse(text))
    if value.kind is Kind.NUMBER:
        return Field(FIELD, label, "number", value=int(text))
    if value.kind is Kind.YES_NO:
        return Field(FIELD, label, "choice", options=((_YES, mark("Yes")), ("no", mark("No"))), value=text)
    if value.kind in (Kind.CHOICE, Kind.LIST):
        options = [(word, english(_member(word))) for word in value.choices]
        if value.kind is Kind.CHOICE:
            return Field(FIELD, label, "choice", options=options, value=text)
        chosen = tuple(text.split(", ")) if text else ()
        return Field(FIELD, label, "choices", options=options, value=chosen, required=value.lowest != "0")
    return Field(FIELD, label, value=text, most=int(value.highest))


def typed_text(value: object) -> str:
    """What such a field gave, as figures are kept."""
    if isinstance(value, Money):
        return value.plain
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def difference_lines(differences: Sequence[DifferenceView], width: int) -> Lines:
    """What differs: each value before and after."""
    columns = (
        Column(mark("Figure"), 38, grow=True, priority=1),
        Column(mark("Before"), 17, "right", priority=1),
        Column(mark("After"), 17, "right", priority=1),
    )
    rows = [
        (say(each.words), shown_value(each, each.before), heading(shown_value(each, each.after)))
        for each in differences
    ]
    return table_lines(columns, rows, min(width, MOST_CELLS))


def _member(word: str) -> StrEnum:
    return next(kind(word) for kind in _LISTS if word in [each.value for each in kind])
