"""Figures of the policy, and a policy tried on the portfolio, as lines of a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from bankcard_tui.cli.console import table, width
from bankcard_tui.locale import mark, say, tr

if TYPE_CHECKING:
    from bankcard_tui.rules.money import Money
    from bankcard_tui.services.limit_views import Moves, WhatIf
    from bankcard_tui.services.policy_views import DifferenceView, ValueView

BAR_CELLS = 40


def figure_lines(values: Iterable[ValueView]) -> Iterator[str]:
    """Every figure under the title of its group."""
    groups: dict[str, list[ValueView]] = {}
    for value in values:
        groups.setdefault(value.group, []).append(value)
    for group, members in groups.items():
        yield from ("", tr(group))
        yield from table(
            [tr("Figure"), tr("Value"), tr("What it is")],
            [(each.name, in_words(each.unit, each.kind, each.value), _what(each)) for each in members],
        )


def details(value: ValueView) -> Iterator[str]:
    """One figure with all that is known of it."""
    yield f"{value.name}: {in_words(value.unit, value.kind, value.value)}"
    yield f"  {say(value.words)}"
    yield f"  {tr(value.description)}"
    if value.choices:
        yield "  " + tr("One of: {choices}", choices=", ".join(value.choices))
    elif value.lowest:
        yield "  " + tr(
            "From {lowest} to {highest}", lowest=f"{int(value.lowest):,}", highest=f"{int(value.highest):,}"
        )
    yield "  " + tr("Changed by whoever has the permission {permission}", permission=value.permission)
    if not value.used:
        yield "  " + tr("nothing rests on it yet")


def _what(value: ValueView) -> str:
    return say(value.words) if value.used else f"{say(value.words)} ({tr('nothing rests on it yet')})"


def in_words(unit: str, kind: str, value: str) -> str:
    """A figure with its unit."""
    from bankcard_tui.rules.money import Money

    if not value:
        return "-"
    return tr(unit, value=str(Money.parse(value)) if kind == "amount" else value)


def difference_lines(differences: Iterable[DifferenceView]) -> list[str]:
    """Figures before and after."""
    return table(
        [tr("Figure"), tr("Before"), tr("After"), tr("What it is")],
        [
            (
                each.name,
                in_words(each.unit, each.kind, each.before),
                in_words(each.unit, each.kind, each.after),
                say(each.words),
            )
            for each in differences
        ],
    )


def what_if_lines(found: WhatIf) -> Iterator[str]:
    """Who would move, and what the limits would come to, by grade and by segment."""
    from bankcard_tui.widgets.labels import label

    yield ""
    yield tr(
        "{accounts:account|accounts}, {evaluated} evaluated at least once; {moved} would come to another limit.",
        accounts=f"{found.accounts:,}",
        evaluated=f"{found.evaluated:,}",
        moved=f"{found.moved:,}",
    )
    by_grade = {label(grade): moves for grade, moves in found.grades.items()}
    by_segment = {label(segment): moves for segment, moves in found.segments.items()}
    for title, parts in ((mark("By grade"), by_grade), (mark("By segment"), by_segment)):
        yield from ("", tr(title))
        yield from table([tr(head) for head in WHAT_IF_HEADS], list(_rows(parts)))
        yield ""
        yield from _bars(parts)
    if found.above:
        yield ""
        yield tr("{count:limit|limits} would lie above the highest of the tier.", count=found.above)


WHAT_IF_HEADS = (
    mark("Of"),
    mark("Accounts"),
    mark("Limits today"),
    mark("Policy in force"),
    mark("As tried"),
    mark("Increases"),
    mark("Reductions"),
    mark("Expected to default, in force"),
    mark("Expected to default, tried"),
)


def _rows(parts: Mapping[str, Moves]) -> Iterator[Sequence[object]]:
    for name, each in parts.items():
        if not each.accounts:
            continue
        yield (
            name,
            f"{each.accounts:,}",
            each.limits,
            each.after_now,
            each.after_then,
            f"{each.raises_now} > {each.raises_then}",
            f"{each.reductions_now} > {each.reductions_then}",
            each.risk_now,
            each.risk_then,
        )


def _bars(parts: Mapping[str, Moves]) -> Iterator[str]:
    most = max((max(each.after_now, each.after_then) for each in parts.values()), default=None)
    if not most:
        return
    now, then = tr("Policy in force"), tr("As tried")
    names, tags = max(map(width, parts)), max(width(now), width(then))
    for name, each in parts.items():
        if not each.accounts:
            continue
        for title, tag, part in ((name, now, each.after_now), ("", then, each.after_then)):
            yield f"{_padded(title, names)}  {_padded(tag, tags)}  {_bar(part, most)}"


def _padded(text: str, cells: int) -> str:
    return text + " " * (cells - width(text))


def _bar(part: Money, most: Money) -> str:
    return "#" * (BAR_CELLS * part.fen // most.fen) + f" {part}"
