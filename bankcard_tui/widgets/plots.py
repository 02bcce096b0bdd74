"""Short tables, and plots made of text for the quality of forecasts: each row carries its figures, and is readable
without colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len
from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.training import Reliability
from bankcard_tui.widgets.charts import bar
from bankcard_tui.widgets.labels import count, percent
from bankcard_tui.widgets.safe import Tone, pad, safe, status, toned
from bankcard_tui.widgets.table import Column, columns_that_fit

LEAST_BAR: Final = 10
MOST_BAR: Final = 50
WATCH, ACT = 0.10, 0.25
"""From where on a population stability index is to be watched, and acted on."""

_GROUPS: Final = (
    Column(mark("Group"), 5, "right", priority=4),
    Column(mark("Customers"), 9, "right", priority=3),
    Column(mark("Expected"), 8, "right"),
    Column(mark("Turned bad"), 10, "right"),
)
_GROUPS_CELLS: Final = sum(column.width + 2 for column in _GROUPS)


def table_lines(columns: Sequence[Column], rows: Sequence[Sequence[object]], width: int) -> list[Content]:
    """A short table as lines of ``width`` cells, its head first; columns give way as in a ``PagedTable``."""
    shown = columns_that_fit(columns, width + 2)

    def line(cells: Sequence[object]) -> Content:
        padded = [pad(safe(cells[number]), width, columns[number].align) for number, width in shown.items()]
        return Content("  ").join(padded)

    head = line([tr(column.label) for column in columns]).stylize(str(Tone.MUTED))
    return [head, *map(line, rows)]


def marked_bar(value: float, at: float, top: float, width: int, tone: Tone = Tone.ACCENT) -> Content:
    """``value`` against ``top`` as a bar in ``width`` cells, with a ``|`` where ``at`` lies."""
    share, place = (min(1.0, max(0.0, each / top)) if top > 0 else 0.0 for each in (value, at))
    filled, here = round(share * width), min(width - 1, round(place * width))
    style = f"bold $background on {tone}" if here < filled else "bold $foreground on $panel"
    cells = Content.assemble(("#" * filled, f"{tone} on {tone}"), ("." * (width - filled), "$panel on $panel"))
    return Content.assemble(cells[:here], ("|", style), cells[here + 1 :])


def calibration_plot(groups: Sequence[Reliability], width: int) -> list[Content]:
    """Groups of customers by rising forecast: the share that turned bad as a bar, the expected share as its mark."""
    shares = [(each.expected / each.cases, each.bad / each.cases) for each in groups if each.cases]
    top = max((max(pair) for pair in shares), default=0.0)
    room = min(MOST_BAR, width - _GROUPS_CELLS)
    rows = [
        (number, count(each.cases), percent(expected), percent(turned))
        for number, (each, (expected, turned)) in enumerate(zip(groups, shares, strict=True), start=1)
    ]
    head, *lines = table_lines(_GROUPS, rows, min(width, _GROUPS_CELLS - 2))
    if room < LEAST_BAR:
        return [head, *lines]
    legend = toned(tr("# turned bad   | expected"), Tone.MUTED)
    bars = [marked_bar(turned, expected, top, room) for expected, turned in shares]
    return [
        Content.assemble(head, "  ", legend),
        *(Content.assemble(line, "  ", each) for line, each in zip(lines, bars, strict=True)),
    ]


def drift_plot(rows: Sequence[tuple[str, float | None, int]], width: int) -> list[Content]:
    """Label (translated), population stability index and cases of each row, with the usual reading of the index; None
    for one that rests on too few cases.
    """
    labels = min(max((cell_len(label) for label, _, _ in rows), default=0), width // 3)
    top = max([2 * ACT, *(index for _, index, _ in rows if index is not None)])
    words = max(cell_len(tr(each)) for each in (STABLE, TO_WATCH, TO_ACT)) + 2
    room = min(MOST_BAR, width - labels - words - 11)
    lines = []
    for label, index, cases in rows:
        name = pad(label, labels)
        if index is None:
            few = tr("not shown: {count:case|cases} only", count=count(cases))
            lines.append(Content.assemble(name, "      -  ", toned(few, Tone.MUTED)))
            continue
        reading = drift_reading(index)
        drawn = bar(round(1000 * index), round(1000 * top), room, _tone(index)) if room >= LEAST_BAR else ""
        lines.append(Content.assemble(name, f"  {index:5.2f}  ", drawn, "  ", reading))
    return lines


STABLE: Final = mark("stable")
TO_WATCH: Final = mark("watch it")
TO_ACT: Final = mark("other people: act")


def drift_reading(index: float) -> Content:
    """What a population stability index says, by the usual bounds."""
    if index < WATCH:
        return status("+", tr(STABLE), Tone.GOOD)
    return status("!", tr(TO_WATCH), Tone.WARNING) if index < ACT else status("x", tr(TO_ACT), Tone.BAD)


def _tone(index: float) -> Tone:
    return Tone.ACCENT if index < WATCH else Tone.WARNING if index < ACT else Tone.BAD


def share_bar(part: int, whole: int, width: int, tone: Tone = Tone.ACCENT) -> Content:
    """``part`` of ``whole`` as a bar with its percentage; "-" where there is nothing."""
    if not whole:
        return safe("-")
    return Content.assemble(bar(part, whole, width, tone), f" {percent(part / whole, 0):>5}")
