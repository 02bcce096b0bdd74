"""What an entry of the log says was changed: before and after side by side, a line for each value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from rich.cells import cell_len
from textual.content import Content

from bankcard_tui.locale import mark, tr
from bankcard_tui.widgets.safe import Tone, heading, safe, toned

BEFORE, AFTER = "before", "after"
_NAME_CELLS: Final = 18
_GAP: Final = 2
_SIGN: Final = "> "
"""Stands before what is another value now: colour alone tells nothing."""


def holds_change(detail: Mapping[str, object]) -> bool:
    """Whether a detail has both sides of a change."""
    return BEFORE in detail and AFTER in detail


def change_lines(detail: Mapping[str, object], width: int) -> list[Content]:
    """The lines of a change in ``width`` cells: name, before, after; what is as it was stands back."""
    before, after = _named(detail[BEFORE]), _named(detail[AFTER])
    names = list(dict.fromkeys((*before, *after)))
    heads = ("", tr(mark("Before")), tr(mark("After")))
    most = min(_NAME_CELLS, width // 3, max((cell_len(safe(name).plain) for name in names), default=0))
    half = max(4, (width - most - 2 * _GAP) // 2)
    widths = (most, half, half)
    lines = _row((Content(), heading(heads[1]), heading(heads[2])), widths)
    for name in names:
        old, new = _said(before.get(name)), _said(after.get(name))
        same = old == new
        shown = (toned(old, Tone.MUTED), toned(new, Tone.MUTED)) if same else (safe(old), heading(f"{_SIGN}{new}"))
        lines += _row((toned(name, Tone.MUTED), *shown), widths)
    return lines


def _named(value: object) -> Mapping[str, object]:
    """Values by name; a side that is a single value has no name."""
    return {str(name): each for name, each in value.items()} if isinstance(value, dict) else {"": value}


def _said(value: object) -> str:
    if value is None or value in ("", []):
        return "-"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _row(cells: tuple[Content, ...], widths: tuple[int, ...]) -> list[Content]:
    """Cells side by side, each wrapped under itself."""
    wrapped = [(cell.wrap(width) if cell and width else [Content()]) for cell, width in zip(cells, widths, strict=True)]
    lines = []
    for place in range(max(map(len, wrapped))):
        parts = [each[place] if place < len(each) else Content() for each in wrapped]
        padded = [
            part.pad_right(max(0, width - cell_len(part.plain)) + _GAP)
            for part, width in zip(parts[:-1], widths, strict=False)
        ]
        lines.append(Content.assemble(*padded, parts[-1]))
    return lines
