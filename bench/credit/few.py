"""Few outcomes: what the expert's card is worth, and how soon the customers take over; and whether intervals hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bankcard_tui.decision.learning import learn
from bankcard_tui.decision.metrics import quality
from bankcard_tui.decision.scoring import default_at, probabilities, score_table
from bankcard_tui.decision.table import Table
from bankcard_tui.rules.scorecard import Attribute, Characteristic, Scorecard
from bankcard_tui.rules.scorecard_json import card_from_json
from bench.credit.sets import SEED, SETS

EXPERT = Path(__file__).with_name("taiwan_expert.json")
HELD_OUT = 10_000
WORSE = 0.01


def measure(draws: int) -> None:
    """Print the AUC on customers held out, by how many outcomes are known."""
    taiwan = next(each for each in SETS if each.name == "taiwan")
    table, directions = taiwan.table(with_sensitive=False), taiwan.schema.monotone_towards_target
    expert = card_from_json(EXPERT.read_text(encoding="utf-8"))
    chance = np.random.default_rng(SEED)
    order = chance.permutation(len(table))
    unseen, known = table.rows(order[:HELD_OUT]), table.rows(order[HELD_OUT:])
    alone = quality(probabilities(expert, unseen), unseen.bad).auc or 0.0
    print(f"\n## Few outcomes: AUC on {HELD_OUT:,} customers of taiwan\n")
    print(f"{'outcomes':>8}  {'expert alone':>12}  {'no prior':>8}  {'with prior':>10}  {'its worst draw':>14}")
    worst = 1.0
    for count in (50, 100, 200, 500, 1_000, 5_000, len(known)):
        rounds = draws if count <= 1_000 else 3 if count < len(known) else 1
        found = []
        for _ in range(rounds):
            some = known.rows(np.sort(chance.choice(len(known), count, replace=False)))
            cards = [learn(some, prior, directions).card for prior in (None, expert)]
            found.append([quality(probabilities(card, unseen), unseen.bad).auc or 0.0 for card in cards])
        without, with_prior = np.mean(found, axis=0)
        least = float(np.min(found, axis=0)[1])
        worst = min(worst, float(with_prior) - alone)
        print(f"{count:8,}  {alone:12.4f}  {without:8.4f}  {with_prior:10.4f}  {least:14.4f}")
    said = "ok  " if worst >= -WORSE else "miss"
    print(f"\n{said} never more than {WORSE} worse than the expert alone: at worst {worst:+.4f}")


def coverage(draws: int) -> None:
    """Print how often the 80 % interval holds the true probability of simulated customers, whose expert is off by 0.25
    (log-odds, standard deviation) in each attribute and by 0.5 in the base.
    """
    print("\n## 80 % intervals that hold the true probability of simulated customers\n")
    for count in (50, 100, 200, 500, 1_000, 5_000):
        held, widths = [], []
        for draw in range(draws):
            inside, width = _held(count, np.random.default_rng([SEED, count, draw]))
            held.append(inside)
            widths.append(width)
        print(f"{count:8,} outcomes: {np.mean(held):.1%}, {np.mean(widths):.3f} wide")


def _held(count: int, chance: np.random.Generator) -> tuple[float, float]:
    """The share of 500 new customers whose interval holds, after ``count`` outcomes, and its mean width."""
    expert = _simulated_expert(chance)
    truth = [chance.normal(0, 0.25, len(each.all)) for each in expert.characteristics]
    base = chance.normal(0, 0.5)
    values = {each.code: np.floor(chance.random(count + 500) * 30) for each in expert.characteristics}
    table = Table({code: column.astype(np.float64) for code, column in values.items()}, np.zeros(count + 500, bool))
    odds = np.full(count + 500, expert.scale.log_odds(expert.base.points) + base)
    for each, off in zip(expert.characteristics, truth, strict=True):
        at = (values[each.code] // 6).astype(np.int64)
        odds += np.array([one.points for one in each.all])[at] / expert.scale.points_per_logit + off[at]
    probability = default_at(odds)
    outcomes = Table(table.columns, chance.random(count + 500) < probability)
    card = learn(outcomes.rows(np.arange(count)), expert, {}).card
    scores = score_table(card, table.rows(np.arange(count, count + 500)))
    true = probability[count:]
    return float(np.mean((scores.low <= true) & (true <= scores.high))), float(np.mean(scores.high - scores.low))


def _simulated_expert(chance: np.random.Generator) -> Scorecard:
    """Six numbers from 0 to 29 in five ranges each."""
    bounds = (6.0, 12.0, 18.0, 24.0, None)
    return Scorecard(
        "simulated",
        Attribute(550, 0.5),
        tuple(
            Characteristic(
                f"x{each}",
                True,
                tuple(Attribute(int(points), 0.25, below=bound) for points, bound in zip(row, bounds, strict=True)),
                Attribute(0, 0.25),
            )
            for each, row in enumerate(chance.normal(0, 12, (6, 5)).astype(int))
        ),
    )
