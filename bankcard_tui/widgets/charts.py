"""Charts made of text: every one carries the same in words, and is readable without colour.

A filled cell is an ASCII sign in the colour of its own ground: a solid bar where there is colour, a row of signs where
there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from bankcard_tui.locale import tr
from bankcard_tui.rules.money import Money
from bankcard_tui.widgets.safe import Tone, safe, toned, truncate


@dataclass(frozen=True)
class Band:
    """A range of points from ``low`` up to, not including, ``high``; ``label`` is translated already."""

    label: str
    low: int
    high: int
    tone: Tone = Tone.ACCENT


def bar(value: int, top: int, width: int, tone: Tone = Tone.ACCENT) -> Content:
    """``value`` against ``top`` in ``width`` cells; a value above ``top`` fills the bar, a small one shows one cell."""
    share = 0.0 if top <= 0 else min(1.0, max(0.0, value / top))
    filled = round(share * width)
    if value > 0 and filled == 0:
        filled = min(1, width)
    return Content.assemble(("#" * filled, f"{tone} on {tone}"), ("." * (width - filled), "$panel on $panel"))


def limit_use(used: Money, limit: Money, width: int = 20) -> Content:
    """How much of a limit is used: bar, amounts, share; a warning from 80 %, bad above the limit."""
    share = used.fen / limit.fen if limit.fen > 0 else 0.0
    tone = Tone.BAD if used.fen > limit.fen else Tone.WARNING if share >= 0.8 else Tone.ACCENT
    words = tr("{used} of {limit} used ({share} %)", used=used, limit=limit, share=round(100 * share))
    return Content.assemble(bar(used.fen, limit.fen, width, tone), "  ", safe(words))


def score_bar(
    points: int,
    bands: Sequence[Band],
    width: int,
    interval: tuple[int, int] | None = None,
    aside: Content | None = None,
) -> Content:
    """Three lines: the points in words, the bands side by side with their labels, and a mark where the points lie.

    ``bands`` ascend and touch; points outside them are marked at the nearer end. ``width`` is at least 5 cells a band.
    With an ``interval`` (points from, to) the mark stands in it: ``|---^-----|``, an open end where it goes on beyond
    the bands. What is said ``aside`` follows the words, in place of the range of the band where there is no room.
    """
    low, high = bands[0].low, bands[-1].high
    here = next((band for band in reversed(bands) if points >= band.low), bands[0])
    edges = [round((band.low - low) / (high - low) * width) for band in bands] + [width]
    cells = [_band(band, end - start, band is here) for band, start, end in zip(bands, edges, edges[1:], strict=False)]
    places = [min(width - 1, max(0, int((each - low) / (high - low) * width))) for each in (points, *(interval or ()))]
    words = tr("{points:point|points}: {grade}", points=points, grade=here.label)
    ranged = tr(
        "{points:point|points}: {grade} ({low} to {high})",
        points=points,
        grade=here.label,
        low=here.low,
        high=here.high - 1,
    )
    beside = Content.assemble("  ", aside) if aside else Content()
    head = ranged if cell_len(ranged + beside.plain) <= width else words
    lines = [Content.assemble(toned(head, here.tone, bold=True), beside), Content.assemble(*cells)]
    if interval is None:
        return Content("\n").join([*lines, Content.assemble(" " * places[0], ("^", f"bold {here.tone}"))])
    place, first, last = places
    left = ("<" if interval[0] < low else "|").ljust(place - first, "-") if first < place else ""
    right = (">" if interval[1] > high else "|").rjust(last - place, "-") if last > place else ""
    reach = Content.assemble(" " * first, left, ("^", "bold"), right).stylize(str(here.tone))
    return Content("\n").join([*lines, reach])


def _band(band: Band, width: int, here: bool) -> Content:
    label = truncate(band.label, max(0, width - 1))
    blank = max(0, width - 1 - cell_len(label.plain))
    line = Content.assemble("|", "=" * (blank // 2), label, "=" * (blank - blank // 2))
    style = f"bold {band.tone}" if here else str(Tone.MUTED)
    return (line if width > 0 else Content()).stylize(style)


def bars(rows: Sequence[tuple[str, int]], width: int, tone: Tone = Tone.ACCENT) -> Content:
    """One line per row: label (translated already), bar against the largest, number."""
    top = max((value for _, value in rows), default=0)
    labels = max((cell_len(label) for label, _ in rows), default=0)
    numbers = max((len(f"{value:,}") for _, value in rows), default=0)
    room = max(4, width - labels - numbers - 4)
    return Content("\n").join(
        Content.assemble(
            safe(label).pad_right(labels - cell_len(label)), "  ", bar(value, top, room, tone), f"  {value:>{numbers},}"
        )
        for label, value in rows
    )
