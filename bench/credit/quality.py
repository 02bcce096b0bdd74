"""Rank order and calibration on the four sets, beside the references and a logistic regression of the same run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bankcard_tui.decision.learning import learn
from bankcard_tui.decision.metrics import quality
from bankcard_tui.decision.scoring import probabilities
from bankcard_tui.decision.table import Floats, Table, Whole
from bench.credit.sets import ADDITIVE, LARGE, LOGISTIC, SETS, CreditSet, matrix

LEVEL = 0.003
"""AUCs that differ by less count as level."""

Forecast = Callable[[Whole, Whole], Floats]


@dataclass(frozen=True)
class Reached:
    """Means over the folds, and seconds a fit; Brier score, KS and calibration error pooled over those of a repeat."""

    auc: float
    spread: float
    brier: float
    ks: float
    calibration_error: float
    seconds: float

    def cells(self) -> str:
        return (
            f"{self.auc:.4f} ({self.spread:.3f})  {self.brier:.4f}  {self.ks:.3f}  {self.calibration_error:.4f}"
            f"  {self.seconds:8.2f} s"
        )


def measure(repeats: int | None) -> None:
    """Print what the points card reaches on every set, and whether the aims are met."""
    print("\n## Quality on real data\n")
    print(f"{'':36}{'AUC (sd)':16}{'Brier':8}{'KS':7}{'ECE':8}{'fit':>9}")
    verdicts: list[str] = []
    for each in SETS:
        table = each.table()
        rounds = min(each.repeats, repeats or each.repeats)
        card = _reached(each, table, rounds, _points_card(table, each.schema.monotone_towards_target))
        free = _reached(each, table, rounds, _points_card(table, {}))
        logistic = _reached(each, table, rounds, _logistic(table))
        print(f"{each.name:8}{'points card':28}{card.cells()}")
        print(f"{'':8}{'directions left free':28}{free.cells()}")
        print(f"{'':8}{'logistic regression, now':28}{logistic.cells()}")
        for model, auc in each.references.items():
            print(f"{'':8}{model:28}{auc:.3f}   (reference)")
        verdicts += _verdicts(each, card, free, logistic)
    print("\n" + "\n".join(verdicts))


def _verdicts(each: CreditSet, card: Reached, free: Reached, logistic: Reached) -> list[str]:
    def verdict(aim: str, reached: Reached, least: float) -> str:
        said = "ok  " if reached.auc >= least else "miss"
        return f"{said} {each.name}: {aim}: {reached.auc:.4f}, at least {least:.4f}"

    additive = each.references[ADDITIVE] - LEVEL
    found = [
        verdict("level with explainable boosting", card, additive),
        verdict("level with explainable boosting, directions left free as it does", free, additive),
    ]
    bar = max(logistic.auc, each.references[LOGISTIC])
    if each.name in LARGE:
        return [*found, verdict("ahead of logistic regression", card, bar)]
    return [*found, verdict("not behind logistic regression", card, bar - LEVEL)]


def _points_card(table: Table, directions: dict[str, int]) -> Forecast:
    def forecast(known: Whole, unseen: Whole) -> Floats:
        card = learn(table.rows(known).in_order(), None, directions).card
        return probabilities(card, table.rows(unseen))

    return forecast


def _logistic(table: Table) -> Forecast:
    everybody = matrix(table)

    def forecast(known: Whole, unseen: Whole) -> Floats:
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2_000))
        model.fit(everybody[known], table.bad[known])
        return np.asarray(model.predict_proba(everybody[unseen])[:, 1])

    return forecast


def _reached(each: CreditSet, table: Table, repeats: int, forecast: Forecast) -> Reached:
    aucs, seconds, pooled = [], [], []
    forecasts = np.zeros(len(table))
    for place, (known, unseen) in enumerate(each.splits(table.bad, repeats), start=1):
        start = time.perf_counter()
        forecasts[unseen] = forecast(known, unseen)
        seconds.append(time.perf_counter() - start)
        aucs.append(quality(forecasts[unseen], table.bad[unseen]).auc)
        if place % 5 == 0:
            found = quality(forecasts, table.bad)
            pooled.append((found.brier, found.ks, found.calibration_error))
    brier, ks, gap = np.mean(pooled, axis=0)
    return Reached(float(np.mean(aucs)), float(np.std(aucs)), brier, ks, gap, float(np.mean(seconds)))
