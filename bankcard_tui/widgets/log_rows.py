"""Entries of the log as rows of a table and as one opened entry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import tzinfo
from typing import Final

from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.terms import Outcome, Role
from bankcard_tui.services.logs import LogPage, LogRow
from bankcard_tui.widgets.action_labels import action_label, subject_label
from bankcard_tui.widgets.dialogs import LongMessage
from bankcard_tui.widgets.facts import Pair, fact_lines
from bankcard_tui.widgets.labels import badge, count, english, label, moment
from bankcard_tui.widgets.log_changes import AFTER, BEFORE, change_lines, holds_change
from bankcard_tui.widgets.safe import Tone, safe, status, toned
from bankcard_tui.widgets.table import Column, Page, Row

LOG_COLUMNS: Final = (
    Column(mark("No."), 9, "right", priority=6),
    Column(mark("Time"), 16, priority=2),
    Column(mark("Person"), 10, priority=3),
    Column(mark("What"), 25, priority=1, grow=True),
    Column(mark("Outcome"), 9, priority=4),
    Column(mark("Code"), 22, priority=8),
    Column(mark("About"), 11, priority=7),
    Column(mark("Terminal"), 12, priority=9),
)
"""The columns for the rows of :func:`log_page`; where it is
narrow, first terminal, then code and kind of record give way."""

ENTRY_CELLS: Final = 64


def log_page(page: LogPage, zone: tzinfo) -> Page:
    """A page of entries for the table; the key of a row is the number of its entry."""
    rows = [Row(str(entry.seq), _cells(entry, zone)) for entry in page.items]
    pause = tr("searched to {time}", time=moment(page.searched_to, zone)) if page.searched_to else ""
    return Page(rows, page.next, page.previous, pause)


def _cells(entry: LogRow, zone: tzinfo) -> tuple[object, ...]:
    return (
        count(entry.seq),
        moment(entry.at, zone),
        entry.username or "-",
        action_label(entry.action),
        outcome_badge(entry.outcome, short=True),
        toned(entry.action, Tone.MUTED),
        subject_label(entry.subject_kind) if entry.subject_kind else "-",
        entry.terminal,
    )


_SHORT: Final = {
    Outcome.PENDING: ("~", mark("Waiting"), Tone.ACCENT),
    Outcome.REFUSED: ("x", mark("Refused"), Tone.WARNING),
}


def outcome_word(outcome: Outcome) -> str:
    """The outcome in one English word, untranslated."""
    return _SHORT[outcome][1] if outcome in _SHORT else english(outcome)


def outcome_badge(outcome: str, *, short: bool = False) -> Content:
    """The badge of an entry's outcome, in one word where ``short``; what is no outcome is shown as it stands."""
    if outcome not in list(Outcome):
        return safe(outcome)
    known = Outcome(outcome)
    if short and known in _SHORT:
        symbol, word, tone = _SHORT[known]
        return status(symbol, tr(word), tone)
    return badge(known)


def entry_facts(entry: LogRow, zone: tzinfo) -> list[Pair]:
    """Every column of an entry, the detail laid out one value a line."""
    role = label(Role(entry.role)) if entry.role in list(Role) else entry.role
    pairs: list[Pair] = [
        (mark("No."), count(entry.seq)),
        (mark("Time"), moment(entry.at, zone)),
        (mark("Person"), entry.username),
        (mark("Role"), role),
        (mark("Terminal"), entry.terminal),
        (mark("What"), action_label(entry.action)),
        (mark("Code"), entry.action),
        (mark("Outcome"), outcome_badge(entry.outcome)),
        (mark("About"), subject_label(entry.subject_kind)),
        (mark("Record number"), str(entry.subject_id or "")),
    ]
    rest = dict(entry.detail)
    if holds_change(rest):
        del rest[BEFORE], rest[AFTER]
    for place, line in enumerate(_laid_out(rest)):
        pairs.append((mark("Detail") if place == 0 else "", line))
    return pairs


def _laid_out(detail: dict[str, object]) -> Iterator[str]:
    for name, value in sorted(detail.items()):
        if isinstance(value, list):
            yield f"{name}: {', '.join(str(each) for each in value) or '-'}"
        elif isinstance(value, str):
            yield f"{name}: {value}"
        else:
            yield f"{name}: {json.dumps(value, ensure_ascii=False)}"


def entry_dialog(entry: LogRow, zone: tzinfo) -> LongMessage:
    """One opened entry, left by Enter or Esc."""
    return LongMessage(
        lambda: tr("Entry {number}", number=count(entry.seq)),
        lambda: Content("\n").join(_entry_lines(entry, zone)),
    )


def _entry_lines(entry: LogRow, zone: tzinfo) -> list[Content]:
    """The facts of an entry, and below them both sides of a change."""
    lines = fact_lines(entry_facts(entry, zone), ENTRY_CELLS)
    return [*lines, Content(), *change_lines(entry.detail, ENTRY_CELLS)] if holds_change(entry.detail) else lines
