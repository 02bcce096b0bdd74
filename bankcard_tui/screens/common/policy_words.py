"""Figures of the policy in words: a value with its unit, its bounds, what differs; and the field that asks for one."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from textual.content import Content

from bankcard_tui.locale import mark, say, tr
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy_figures import Kind
from bankcard_tui.rules.terms import DocumentKind, ReductionTarget, Role
from bankcard_tui.services.policies import ValueView
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.labels import amount, count, english, label, yes_no
from bankcard_tui.widgets.safe import Tone, safe, status, toned

_LISTS: Final[tuple[type[StrEnum], ...]] = (DocumentKind, ReductionTarget, Role)
_YES: Final = "yes"


def shown_value(value: ValueView, text: str) -> str:
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
        lowest, highest = amount(Money.yuan(value.lowest)), amount(Money.yuan(value.highest))
        return tr("From {lowest} to {highest}", lowest=lowest, highest=tr(value.unit, value=highest))
    if value.kind is Kind.NUMBER:
        highest = tr(value.unit, value=count(value.highest))
        return tr("From {lowest} to {highest}", lowest=count(value.lowest), highest=highest)
    if value.kind in (Kind.DIGITS, Kind.TEXT):
        return tr("{lowest} to {highest} characters", lowest=count(value.lowest), highest=count(value.highest))
    return ""


def foot_lines(value: ValueView, *, mine: bool, problem: InvalidInput | None, width: int) -> Content:
    """What stands under the list about the value at the cursor."""
    lines = hanging(safe(say(value.description)), width, indent=0)
    said = [each for each in (bounds_words(value), value.name) if each]
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
        return Field("value", label, "amount", value=Money.parse(text))
    if value.kind is Kind.NUMBER:
        return Field("value", label, "number", value=int(text))
    if value.kind is Kind.YES_NO:
        return Field("value", label, "choice", options=((_YES, mark("Yes")), ("no", mark("No"))), value=text)
    if value.kind in (Kind.CHOICE, Kind.LIST):
        options = [(word, english(_member(word))) for word in value.choices]
        if value.kind is Kind.CHOICE:
            return Field("value", label, "choice", options=options, value=text)
        chosen = tuple(text.split(", ")) if text else ()
        return Field("value", label, "choices", options=options, value=chosen, required=value.lowest > 0)
    return Field("value", label, value=text, most=value.highest)


def typed_text(value: object) -> str:
    """What such a field gave, as figures are kept."""
    if isinstance(value, Money):
        return value.plain
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def difference_lines(values: Mapping[str, ValueView], differences: Sequence[Difference], width: int) -> Lines:
    """What differs: each value before and after."""
    columns = (
        Column(mark("Value"), 32, grow=True, priority=1),
        Column(mark("Before"), 19, "right", priority=1),
        Column(mark("After"), 19, "right", priority=1),
    )
    rows = []
    for each in differences:
        value = values.get(each.name)
        # A figure that this version of the program does not know any more is shown by its name.
        words = say(value.words) if value else each.name
        before, after = (shown_value(value, text) if value else text for text in (each.before, each.after))
        rows.append((words, before, heading(after)))
    return table_lines(columns, rows, width)


def _member(word: str) -> StrEnum:
    return next(kind(word) for kind in _LISTS if word in [each.value for each in kind])
