"""From a prior card and customers with known outcomes to the points card that both together say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bankcard_tui.decision.binning import prior_card
from bankcard_tui.decision.fitting import Block, Design, Fit, Strength, fit
from bankcard_tui.decision.scoring import log_odds_of, places_of
from bankcard_tui.decision.table import Flags, Floats, Table, Whole
from bankcard_tui.rules.expert import BASE_SD
from bankcard_tui.rules.scorecard import Attribute, Characteristic, Scorecard
from bankcard_tui.rules.scorecard_json import rounded


@dataclass(frozen=True, slots=True)
class Learned:
    """A card without its :class:`Training`, the strength of the prior behind it, and the logarithm of its evidence."""

    card: Scorecard
    strength: Strength
    evidence: float


def learn(
    table: Table,
    expert: Scorecard | None,
    directions: Mapping[str, int],
    strength: Strength | None = None,
    report: Callable[[int], None] = lambda step: None,
) -> Learned:
    """The card of ``table``, with ``expert`` as its prior; without a ``strength`` that of the largest evidence.

    ``table`` has at least one customer. Raises InvalidInput as :func:`prior_card` does.
    """
    prior = prior_card(table, expert, directions)
    places = [places_of(each, table) for each in prior.characteristics]
    design = _design(prior, table, places)
    fitted = fit(design, strength, report)
    return Learned(_card(prior, table, places, design, fitted), fitted.strength, fitted.evidence)


def _design(prior: Scorecard, table: Table, places: list[Whole]) -> Design:
    """What is fitted. Characteristics that the table lacks keep the expert's word. Nobody's value in them is known, so
    that the customers speak about the base and their points for "not known" together.
    """
    scale = prior.scale
    blocks, mean = [], [float(log_odds_of(scale, np.array([prior.base.points]))[0])]
    start = 1
    for each in prior.characteristics:
        stop = start + len(each.all)
        if each.code in table.columns:
            blocks.append(Block(start, stop, len(each.attributes) if each.numeric else 0, -each.direction))
        else:
            blocks.append(Block(start, stop, 0, fixed=np.array([one.prior_sd for one in each.all])))
        mean += [attribute.points / scale.points_per_logit for attribute in each.all]
        start = stop
    return Design(tuple(blocks), tuple(places), np.array(mean), prior.base.prior_sd or BASE_SD, ~table.bad)


def _card(prior: Scorecard, table: Table, places: list[Whole], design: Design, fitted: Fit) -> Scorecard:
    """The posterior in whole points; the base is rounded last, so that the mean over the table stays right.

    It takes what was learned about the points for "not known" where the table knows nothing of a characteristic.
    """
    exact = fitted.weights * prior.scale.points_per_logit
    points = np.rint(exact).astype(np.int64)
    for each, block in zip(prior.characteristics, design.blocks, strict=True):
        if block.fixed is not None:
            points[block.start : block.stop] = [attribute.points for attribute in each.all]
    lost = 0.0
    kept = [0]
    characteristics = []
    for each, at, block in zip(prior.characteristics, places, design.blocks, strict=True):
        lost += float(np.mean((exact - points)[block.start : block.stop][at]))
        here = _characteristic(each, at, block, points, fitted, table.bad)
        characteristics.append(here[0])
        kept += here[1]
    middle = prior.scale.points_of(float(fitted.weights[0])) + lost
    spread = fitted.covariance[np.ix_(kept, kept)]
    return replace(
        prior,
        base=Attribute(round(middle), design.base_sd, cases=len(table), bad=int(table.bad.sum())),
        characteristics=tuple(characteristics),
        covariance=_triangle(spread),
        training=None,
    )


def _characteristic(
    prior: Characteristic, at: Whole, block: Block, points: Whole, fitted: Fit, bad: Flags
) -> tuple[Characteristic, list[int]]:
    """A characteristic with what was learned, and the positions of its weights in the order of its attributes.

    Ranges that the direction ties together, and about which the expert says the same, become one.
    """
    if block.fixed is not None:
        return prior, list(range(block.start, block.stop))
    cases, turned = np.bincount(at, minlength=len(prior.all)), np.bincount(at[bad], minlength=len(prior.all))
    made: list[Attribute] = []
    kept: list[int] = []
    before: int | None = None
    for place, each in enumerate(prior.all):
        weight = block.start + place
        new: dict[str, Any] = {
            "points": int(points[weight]),
            "prior_sd": fitted.strength[0],
            "cases": int(cases[place]),
            "bad": int(turned[place]),
        }
        if fitted.tied[weight] and before == each.points:
            new["cases"] += made[-1].cases
            new["bad"] += made[-1].bad
            made[-1] = replace(each, **new)
        else:
            made.append(replace(each, **new))
            kept.append(weight)
        before = each.points
    last = len(made) - len(prior.all) + len(prior.attributes)
    other = made[last + 1] if prior.other is not None else None
    return replace(prior, attributes=tuple(made[:last]), missing=made[last], other=other), kept


def _triangle(spread: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(rounded(value) for value in row[: place + 1]) for place, row in enumerate(spread.tolist()))
