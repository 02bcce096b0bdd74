"""Many customers scored at once; the same points, probability and interval as ``Scorecard.score`` gives one by one."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np

from bankcard_tui.decision.table import Floats, Table, Whole, Words
from bankcard_tui.rules.odds import MOST_LOG_ODDS, Z_80, Scale
from bankcard_tui.rules.scorecard import Characteristic, Scorecard


@dataclass(frozen=True, slots=True)
class Scores:
    """Of ``n`` customers: points, probability of default, and the hopeful (``low``) and the pessimistic (``high``) end
    of its 80 % interval, each an array of n.
    """

    points: Whole
    probability: Floats
    low: Floats
    high: Floats


def score_table(card: Scorecard, table: Table) -> Scores:
    """Score everybody in ``table``; a characteristic that it lacks is not known of anybody."""
    places = [places_of(each, table) for each in card.characteristics]
    points = points_at(card, places, len(table))
    middle = log_odds_of(card.scale, points)
    reach = Z_80 * np.sqrt(np.maximum(0.0, _variance(card, places, len(table))))
    return Scores(points, default_at(middle), default_at(middle + reach), default_at(middle - reach))


def probabilities(card: Scorecard, table: Table) -> Floats:
    """The probability of default (n) of everybody in ``table``."""
    points = points_at(card, [places_of(each, table) for each in card.characteristics], len(table))
    return default_at(log_odds_of(card.scale, points))


def places_of(characteristic: Characteristic, table: Table) -> Whole:
    """The position in ``Characteristic.all`` of the attribute that each customer has (n)."""
    missing = len(characteristic.attributes)
    column = table.columns.get(characteristic.code)
    if column is None:
        return np.full(len(table), missing, dtype=np.int64)
    if isinstance(column, Words):
        places = np.array([*(characteristic.place(word) for word in column.words), missing], dtype=np.int64)
        return places[column.places]  # NOT_KNOWN is the last
    bounds = [each.below for each in characteristic.attributes if each.below is not None]
    places = np.searchsorted(np.array(bounds, dtype=np.float64), column, side="right").astype(np.int64)
    return np.where(np.isnan(column), missing, np.minimum(places, missing - 1))


def points_at(card: Scorecard, places: list[Whole], cases: int) -> Whole:
    """The points of ``cases`` customers for the attributes at ``places`` (an array for each characteristic)."""
    points = np.full(cases, card.base.points, dtype=np.int64)
    for each, at in zip(card.characteristics, places, strict=True):
        points += np.array([attribute.points for attribute in each.all], dtype=np.int64)[at]
    return points


def log_odds_of(scale: Scale, points: Whole | Floats) -> Floats:
    """The natural logarithm of the odds good to bad."""
    odds: Floats = log(scale.odds) + (points - scale.points) / scale.points_per_logit
    return odds


def default_at(log_odds: Floats) -> Floats:
    """Probability of default for logarithms of the odds good to bad."""
    probability: Floats = 1 / (1 + np.exp(np.clip(log_odds, -MOST_LOG_ODDS, MOST_LOG_ODDS)))
    return probability


def _variance(card: Scorecard, places: list[Whole], cases: int) -> Floats:
    """Of the log-odds (n)."""
    if not card.covariance:
        variance = np.full(cases, card.base.prior_sd**2)
        for each, at in zip(card.characteristics, places, strict=True):
            variance += np.array([attribute.prior_sd**2 for attribute in each.all])[at]
        return variance
    size = len(card.covariance)
    full = np.zeros((size, size))
    for row, line in enumerate(card.covariance):
        full[row, : row + 1] = full[: row + 1, row] = line
    starts = np.cumsum([1, *(len(each.all) for each in card.characteristics)])
    rows = [np.zeros(cases, dtype=np.int64), *(start + at for start, at in zip(starts[:-1], places, strict=True))]
    total = np.zeros(cases)
    for count, one in enumerate(rows):
        total += full[one, one]
        for other in rows[:count]:
            total += 2 * full[one, other]
    return total
