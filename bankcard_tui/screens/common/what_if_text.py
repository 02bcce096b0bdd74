"""A policy tried on the portfolio, in lines: what it costs, who moves, and what the rules would propose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final, TypeVar

from rich.cells import cell_len
from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.terms import Grade
from bankcard_tui.screens.common.lines import text
from bankcard_tui.services.limit_views import Moves, WhatIf
from bankcard_tui.widgets.labels import amount, badge, count, english
from bankcard_tui.widgets.lined import Lines, block
from bankcard_tui.widgets.plots import MOST_BAR, marked_bar, table_lines
from bankcard_tui.widgets.safe import Tone, heading, pad, safe, toned
from bankcard_tui.widgets.table import Column

G = TypeVar("G", bound=StrEnum)

LEAST_BAR: Final = 8
_NAME_CELLS: Final = 17
_GRADE_CELLS: Final = 13
_VERDICT_CELLS: Final = 72


def what_if_lines(tried: WhatIf, width: int) -> Lines:
    """The whole answer in ``width`` cells, the sums first."""
    if not tried.accounts:
        return text(tr("There are no accounts to try it on."), width)
    whole = total(tried.grades.values())
    return [
        *_verdict(whole, min(width, _VERDICT_CELLS)),
        *_in_words(tried, width),
        *part(mark("Exposure by grade, yuan"), exposure_lines(tried.grades, width)),
        *part(mark("Exposure by asset segment, yuan"), exposure_lines(tried.segments, width)),
        *part(mark("What the rules would propose"), _proposals(tried.grades, whole, width)),
        *part(mark("Grades"), _regraded(tried.regraded, width)),
    ]


def part(title: str, lines: Lines) -> Lines:
    """A heading (English, marked) close above ``lines``: much of this has to stand in one view."""
    return [Content(), heading(tr(title)), *lines]


def total(parts: Iterable[Moves]) -> Moves:
    """What the groups come to together."""
    whole = dict.fromkeys(("limits", "after_now", "risk_now", "after_then", "risk_then"), ZERO)
    counted = dict.fromkeys(("accounts", "raises_now", "reductions_now", "raises_then", "reductions_then"), 0)
    for part in parts:
        for name in whole:
            whole[name] += getattr(part, name)
        for name in counted:
            counted[name] += getattr(part, name)
    return Moves.model_validate(whole | counted)


def signed(money: Money) -> str:
    """An amount with its sign, whichever it is."""
    return f"+{amount(money)}" if money.fen > 0 else amount(money)


def _verdict(whole: Moves, width: int) -> Lines:
    """The two rows to look at first: what it costs."""
    limits, risk = whole.after_then - whole.after_now, whole.risk_then - whole.risk_now
    if not limits and not risk:
        return block(f"~ {tr('The limits come to the same')}", tr("as under the policy in force"), Tone.ACCENT, width)
    first = tr("Limits: {amount} yuan against the policy in force", amount=signed(limits))
    second = tr("expected to default: {amount} yuan", amount=signed(risk))
    return block(f"> {first}", second, Tone.WARNING if risk.fen > 0 else Tone.ACCENT, width)


def _in_words(tried: WhatIf, width: int) -> Lines:
    lines = text(
        tr(
            "{moved:account comes|accounts come} to another limit than under the policy in force, of {evaluated} that "
            "have been evaluated.",
            moved=count(tried.moved),
            evaluated=count(tried.evaluated),
        ),
        width,
        None,
    )
    never = tried.accounts - tried.evaluated
    if never:
        words = tr("{count:account has|accounts have} not been evaluated yet and stay as they are.", count=count(never))
        lines += text(words, width)
    if tried.above:
        words = tr(
            "{count:limit lies|limits lie} above the highest of the own tier and can't be raised any more.",
            count=count(tried.above),
        )
        lines += text(words, width, Tone.WARNING, "!")
    return lines


def exposure_lines(groups: Mapping[G, Moves], width: int) -> Lines:
    """Two rows a group: its limits after the next evaluation under the policy in force and under the tried one, as
    bars with a mark where they are today, and as amounts.
    """
    shown = {group: each for group, each in groups.items() if each.accounts}
    top = max((max(each.limits, each.after_now, each.after_then) for each in shown.values()), default=ZERO).fen
    tags = (tr("in force"), tr("tried"))
    differences = {group: _difference(each) for group, each in shown.items()}
    amounts = [amount(each) for moves in shown.values() for each in (moves.after_now, moves.after_then)]
    tag_cells = max(map(cell_len, tags))
    amount_cells = max(map(len, amounts), default=0)
    difference_cells = max(map(len, differences.values()), default=0)
    room = min(MOST_BAR, width - _NAME_CELLS - tag_cells - amount_cells - difference_cells - 8)
    lines: Lines = []
    if room >= LEAST_BAR:
        legend = toned(tr("# after the next evaluation   | today"), Tone.MUTED)
        lines.append(Content.assemble(" " * (_NAME_CELLS + tag_cells + 4), legend))
    for group, each in shown.items():
        holders = toned(tr("{count:account|accounts}", count=count(each.accounts)), Tone.MUTED)
        rows = ((badge(group), each.after_now, ""), (holders, each.after_then, differences[group]))
        for (name, after, difference), tag in zip(rows, tags, strict=True):
            drawn = marked_bar(after.fen, each.limits.fen, top, room, _tone(each, tag == tags[1]))
            cells = [pad(name, _NAME_CELLS), pad(toned(tag, Tone.MUTED), tag_cells)]
            cells += [drawn] if room >= LEAST_BAR else []
            cells += [pad(amount(after), amount_cells, "right"), pad(heading(difference), difference_cells, "right")]
            lines.append(Content("  ").join(cells))
    return lines


def _difference(moves: Moves) -> str:
    difference = moves.after_then - moves.after_now
    return signed(difference) if difference else "="


def _tone(moves: Moves, tried: bool) -> Tone:
    """The bar of the tried policy stands out where it differs."""
    return Tone.WARNING if tried and moves.after_then != moves.after_now else Tone.ACCENT


def _proposals(grades: Mapping[Grade, Moves], whole: Moves, width: int) -> Lines:
    columns = (
        Column(mark("Grade"), _GRADE_CELLS, priority=1),
        Column(mark("Increases"), 11, "right", priority=1),
        Column(mark("Reductions"), 11, "right", priority=1),
        Column(mark("Expected to default, yuan"), 30, "right", priority=2),
    )
    rows = [_proposal(badge(grade), each) for grade, each in grades.items() if each.accounts]
    lines = table_lines(columns, [*rows, _proposal(heading(tr("Altogether")), whole)], min(width, 84))
    return [*text(tr("At the next evaluation, under the policy in force -> as tried"), width), *lines]


def _proposal(name: Content, moves: Moves) -> tuple[Content, ...]:
    return (
        name,
        moved(count(moves.raises_now), count(moves.raises_then)),
        moved(count(moves.reductions_now), count(moves.reductions_then)),
        moved(amount(moves.risk_now), amount(moves.risk_then)),
    )


def moved(before: str, after: str) -> Content:
    """Before and after; what stays is said once."""
    return safe(before) if before == after else Content.assemble(f"{before} -> ", heading(after))


def _regraded(moves: Sequence[tuple[Grade, Grade, int]], width: int) -> Lines:
    """From the grade that accounts have to the one that they would have."""
    counted = {(before, after): number for before, after, number in moves}
    if not any(before is not after for before, after in counted):
        return text(tr("Every account keeps its grade."), width)
    grades = list(Grade)
    columns = [Column(mark("Grade now"), _GRADE_CELLS), *(Column(english(each), 10, "right") for each in grades)]
    rows = [(badge(one), *(_cell(counted.get((one, two), 0), one is two) for two in grades)) for one in grades]
    over = toned(tr("the grade it would have"), Tone.MUTED)
    head = Content.assemble(" " * (_GRADE_CELLS + 2), over)
    return [head, *table_lines(columns, rows, min(width, 64))]


def _cell(number: int, kept: bool) -> Content:
    if not number:
        return toned("-", Tone.MUTED)
    return safe(count(number)) if kept else heading(count(number))
