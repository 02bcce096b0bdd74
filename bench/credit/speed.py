"""Training on 100,000 customers in a process of its own, and one score with its reasons."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time

import numpy as np
from sklearn.linear_model import LogisticRegression

from bankcard_tui.decision.scoring import places_of
from bankcard_tui.decision.table import Floats, Table
from bankcard_tui.decision.training import train
from bankcard_tui.rules.scorecard import Scorecard, Value
from bench.credit.sets import SETS
from bench.measure import Figure, percentile, timed

CHILD = "--child"


def measure() -> list[Figure]:
    """The figures, measured in a child so that its peak memory is its own."""
    ran = subprocess.run([sys.executable, "-m", "bench.credit", CHILD], capture_output=True, text=True, check=True)
    found = json.loads(ran.stdout)
    return [
        Figure("training on 100,000 customers / one logistic regression", found["train"], found["logistic"], 30),
        Figure("its peak memory", found["peak"], aim=1_000, absolute=True, unit="MB"),
        Figure("one score with its reasons", found["score"], aim=0.005, absolute=True, half=found["half"]),
    ]


def child() -> None:
    """Measure in this process and print JSON. The training is whole: the card, its check by folds, the audit."""
    gmsc = next(each for each in SETS if each.name == "gmsc")
    table = gmsc.table()
    start = time.perf_counter()
    card = train(table, name="bench", source="gmsc", made_at="", directions=gmsc.schema.monotone_towards_target)
    taken = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    model = LogisticRegression(max_iter=1_000)
    logistic = timed(lambda: model.fit(_one_hot(card, table), table.bad))
    scored = [timed(lambda row=row: reasons(card, row)) for row in _rows(table, 1_000)]
    figures = {"train": taken, "logistic": logistic, "peak": peak}
    print(json.dumps({**figures, "score": percentile(scored, 0.99), "half": percentile(scored, 0.5)}))


def reasons(card: Scorecard, row: dict[str, Value]) -> list[str]:
    """A score with its interval and the characteristics that lost most."""
    score = card.score(row)
    lost = sorted(score.contributions, key=lambda each: each.points - each.best)
    return [each.characteristic for each in lost[:4]] if score.interval else []


def _one_hot(card: Scorecard, table: Table) -> Floats:
    return np.hstack(
        [(places_of(each, table)[:, None] == np.arange(len(each.all))) for each in card.characteristics]
    ).astype(np.float64)


def _rows(table: Table, count: int) -> list[dict[str, Value]]:
    """The first customers, all of whose columns are numbers, one by one."""
    return [
        {code: None if np.isnan(column[place]) else float(column[place]) for code, column in table.columns.items()}
        for place in range(count)
    ]
