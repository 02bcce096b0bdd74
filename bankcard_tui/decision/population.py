"""How the attributes of a points card, and its points, are spread over people: what drift is measured by."""

from __future__ import annotations

import numpy as np

from bankcard_tui.decision.scoring import places_of, points_at
from bankcard_tui.decision.table import Table, Whole
from bankcard_tui.rules.scorecard import Scorecard

POINTS = "points"
"""Stands among the codes of characteristics for the points as a whole."""

_BELOW, _ABOVE = 6, 4
"""Ranges of points reach so many doublings of the odds below and above the scale's fixed point."""


def population(card: Scorecard, table: Table) -> dict[str, tuple[int, ...]]:
    """How many people in ``table`` have each attribute of ``card`` by characteristic, in the order of
    ``Characteristic.all``, and under POINTS how many have points in each range.
    """
    places = [places_of(each, table) for each in card.characteristics]
    counted = {each.code: _counts(at, len(each.all)) for each, at in zip(card.characteristics, places, strict=True)}
    scale = card.scale
    steps = np.arange(-_BELOW, _ABOVE + 1) * scale.to_double + scale.points
    ranges: Whole = np.searchsorted(steps, points_at(card, places, len(table)), side="right")
    return {**counted, POINTS: _counts(ranges, len(steps) + 1)}


def _counts(places: Whole, length: int) -> tuple[int, ...]:
    return tuple(np.bincount(places, minlength=length).tolist())
