"""Simulated customers of a small bank, and the card of its expert."""

from __future__ import annotations

import numpy as np

from bankcard_tui.decision.table import Table
from bankcard_tui.rules.scorecard import Attribute, Characteristic, Scorecard, Value

DIRECTIONS = {"income": -1, "overdue": 1}


def _ranges(*pairs: tuple[float | None, int]) -> tuple[Attribute, ...]:
    return tuple(Attribute(points, 0.25, below=bound) for bound, points in pairs)


EXPERT = Scorecard(
    name="expert",
    base=Attribute(560, 0.5),
    characteristics=(
        Characteristic("income", True, _ranges((3000, -20), (8000, 0), (None, 15)), Attribute(-6, 0.25), direction=-1),
        Characteristic(
            "housing",
            False,
            (Attribute(10, 0.25, words=("owned", "mortgaged")), Attribute(-4, 0.25, words=("rented",))),
            Attribute(-6, 0.25),
            Attribute(-2, 0.25),
        ),
        Characteristic("overdue", True, _ranges((1, 18), (3, -16), (None, -40)), Attribute(-6, 0.25), direction=1),
    ),
)


def customers(count: int, seed: int = 1, **more: list[Value]) -> dict[str, list[Value]]:
    """Columns by code; a tenth of each is not known."""
    chance = np.random.default_rng(seed)

    def some(values: list[Value]) -> list[Value]:
        return [None if lost else value for value, lost in zip(values, chance.random(count) < 0.1, strict=True)]

    return {
        "income": some(np.round(chance.lognormal(8.6, 0.7, count), -2).tolist()),
        "housing": some(chance.choice(["owned", "mortgaged", "rented", "family", "boat"], count).tolist()),
        "overdue": some(chance.poisson(0.7, count).astype(float).tolist()),
        "years": some(chance.integers(0, 30, count).astype(float).tolist()),
        **more,
    }


def outcomes(columns: dict[str, list[Value]], seed: int = 2) -> list[bool]:
    """Who turns bad: mostly as the expert thinks, though overdue history matters twice as much and years do as well."""
    chance = np.random.default_rng(seed)
    turned = []
    for place in range(len(columns["income"])):
        values = {code: column[place] for code, column in columns.items()}
        score = EXPERT.score(values)
        known = values["years"] if isinstance(values["years"], float) else 15.0
        logit = EXPERT.scale.log_odds(score.points + score.contributions[2].points) + (known - 15) / 15
        turned.append(bool(chance.random() < 1 / (1 + np.exp(logit))))
    return turned


def table(count: int, seed: int = 1, **more: list[Value]) -> Table:
    """``count`` customers with their outcomes."""
    columns = customers(count, seed, **more)
    return Table.from_columns(columns, outcomes(columns, seed + 1), categorical={"housing", *more}, never=more)
