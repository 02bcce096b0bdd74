"""Where attributes begin and end: the expert's own bounds, divided further where enough customers are known.

The result is a points card that gives everybody the same points as the expert: the prior that outcomes then move.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from math import inf, nextafter

import numpy as np

from bankcard_tui.decision.table import Column, Floats, Table, Words
from bankcard_tui.errors import InvalidInput, Phrase
from bankcard_tui.rules.odds import DEFAULT_SCALE, log_odds
from bankcard_tui.rules.scorecard import Attribute, Characteristic, Scorecard

FEW_ROWS = 5_000
RANGES_OF_FEW, RANGES_OF_MANY = 12, 20
"""About how many ranges a number is divided into with fewer than FEW_ROWS customers, and from there on."""

LEAST_CASES, ROWS_A_CASE = 5, 1_000
"""A range or a word needs at least so many customers, and one for every ROWS_A_CASE of all."""

BASE_SD = 5.0
"""How much (log-odds, standard deviation) the base may differ from the rate of the table where no expert spoke."""


def prior_card(table: Table, expert: Scorecard | None, directions: Mapping[str, int]) -> Scorecard:
    """The expert's card with its ranges divided as ``table`` allows, and with the characteristics that only the table
    knows, at no points. Without an expert the base is the rate of the table.

    A characteristic's direction is that of ``directions`` (1: more means more risk), else the expert's; where the
    expert's own points go the other way it is not known. Raises InvalidInput where expert and table disagree about
    what is a number.
    """
    if expert is None:
        cases, bad = len(table), int(table.bad.sum())
        base = DEFAULT_SCALE.points_of(log_odds((bad + 0.5) / (cases + 1)))
        expert = Scorecard("", Attribute(round(base), BASE_SD), ())
    least = max(LEAST_CASES, len(table) // ROWS_A_CASE)
    known = {each.code for each in expert.characteristics}
    learned = [
        _refined(each, table.columns[each.code], directions.get(each.code, each.direction), least)
        if each.code in table.columns
        else each
        for each in expert.characteristics
    ]
    learned += [
        _refined(_blank(code, column), column, directions.get(code, 0), least)
        for code, column in table.columns.items()
        if code not in known
    ]
    return replace(expert, characteristics=tuple(learned))


def _blank(code: str, column: Column) -> Characteristic:
    """A characteristic of which nothing is thought: everybody in one attribute."""
    nothing = Attribute(0, 0.0)
    if isinstance(column, Words):
        return Characteristic(code, False, (), nothing, nothing)
    return Characteristic(code, True, (nothing,), nothing)


def _refined(expert: Characteristic, column: Column, direction: int, least: int) -> Characteristic:
    if isinstance(column, Words) == expert.numeric:
        raise InvalidInput(
            expert.code,
            "The expert's card and the table disagree: {why}.",
            hint="Name the columns of words under categorical in the schema.",
            code="card.kind",
            why=Phrase("this is a number on the card and words in the table")
            if expert.numeric
            else Phrase("this is words on the card and a number in the table"),
        )
    if isinstance(column, Words):
        return _with_words(expert, column, least)
    return _with_bounds(expert, column, direction, least)


def _with_words(expert: Characteristic, column: Words, least: int) -> Characteristic:
    """The expert's words, and those of the column that are frequent enough, at what the expert thinks of others."""
    other = expert.other or expert.missing
    known = {word for each in expert.attributes for word in each.words}
    counts = np.bincount(column.places[column.places >= 0], minlength=len(column.words))
    new = (
        replace(other, words=(word,))
        for word, count in zip(column.words, counts, strict=True)
        if count >= least and word not in known
    )
    return replace(expert, attributes=(*expert.attributes, *new), other=other, direction=0)


def _with_bounds(expert: Characteristic, column: Floats, direction: int, least: int) -> Characteristic:
    """The expert's ranges, each divided into parts of about equal numbers of customers, at the range's points."""
    known = column[~np.isnan(column)]
    wanted = max(least, len(known) / (RANGES_OF_FEW if len(column) < FEW_ROWS else RANGES_OF_MANY))
    parts: list[Attribute] = []
    low = -inf
    for each in expert.attributes:
        high = inf if each.below is None else each.below
        inside = known[(known >= low) & (known < high)]
        parts += [replace(each, below=bound) for bound in bounds(inside, wanted, least)]
        parts.append(each)
        low = high
    seen = (float(known.min()), float(known.max())) if len(known) else (None, None)
    rising = [later.points - earlier.points for earlier, later in pairwise(expert.attributes)]
    contrary = any(step * direction > 0 for step in rising)
    return replace(
        expert, attributes=tuple(parts), direction=0 if contrary else direction, lowest=seen[0], highest=seen[1]
    )


def bounds(values: Floats, wanted: float, least: int) -> list[float]:
    """Ascending bounds that divide ``values`` into ranges of about ``wanted`` and at least ``least`` customers each."""
    numbers, counts = np.unique(values, return_counts=True)
    found: list[float] = []
    inside = 0
    for place, count in enumerate(counts.tolist()):
        if inside >= least and inside + count / 2 > wanted:
            found.append(short_between(float(numbers[place - 1]), float(numbers[place])))
            inside = 0
        inside += count
    if inside < least and found:
        found.pop()
    return found


def short_between(low: float, high: float) -> float:
    """The number with the fewest digits above ``low`` and not above ``high``, near the middle: bounds are read."""
    middle = low / 2 + high / 2
    tried = (float(f"{middle:.{digits}g}") for digits in range(1, 18))
    return next((each for each in tried if low < each <= high), nextafter(low, inf))
