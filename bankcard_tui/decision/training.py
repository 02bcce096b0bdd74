"""Training a points card: the card itself, and what it says of its own making and quality."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from bankcard_tui.decision.fitting import MOST_CHOICES, Strength
from bankcard_tui.decision.learning import learn
from bankcard_tui.decision.metrics import quality
from bankcard_tui.decision.population import population
from bankcard_tui.decision.scoring import probabilities
from bankcard_tui.decision.table import Column, Flags, Floats, Table, Words
from bankcard_tui.errors import InvalidInput
from bankcard_tui.locale import mark
from bankcard_tui.rules.scorecard import Scorecard
from bankcard_tui.rules.training import Comparison, GroupQuality, Training

FOLDS = 5
SEED = 20240901
"""Of the folds: the same customers always give the same card, figures included."""

EARLIER_SHARE = 0.8
LEAST_LATER, LEAST_LATER_BAD = 50, 5
"""Fewer later customers, or fewer of them bad, say nothing about a card."""

LEAST_OF_A_GROUP = 30
AUDITED_RANGES = 4

LEARNING = mark("Learning the points")
CHECKING = mark("Checking the card on customers it has not seen")

Report = Callable[[str, int, int], None]
"""Told what is going on (an English label, to be translated), how far it is, and how far it goes. What it raises stops
the work.
"""


def train(
    table: Table,
    *,
    name: str,
    source: str,
    made_at: str,
    expert: Scorecard | None = None,
    champion: Scorecard | None = None,
    directions: Mapping[str, int] | None = None,
    bad_days: int | None = None,
    months: int | None = None,
    report: Report = lambda label, done, total: None,
) -> Scorecard:
    """The points card of the customers in ``table``, with ``expert`` as its prior and its :class:`Training` filled in.

    ``directions`` say by code whether more means more risk (1) or less (-1); the expert's hold where they are silent.
    ``champion`` (the expert where nobody is named) is compared with it on the same customers; where there is neither,
    the comparison is with the same probability for everybody, under an empty name. With no customers the card is the
    expert's. Raises InvalidInput with neither customers nor an expert, where expert and table disagree about what is a
    number, or where the expert asks about what may not enter.
    """
    directions = directions or {}
    _check_expert(expert, table)
    table = table.in_order()
    made = Training(
        source=source,
        made_at=made_at,
        first_day=str(table.days[0]) if table.days is not None and len(table) else None,
        last_day=str(table.days[-1]) if table.days is not None and len(table) else None,
        bad_days=bad_days,
        months=months,
        excluded=tuple(sorted(table.audited)),
        expert=expert.name if expert else "",
    )
    if not len(table):
        if expert is None:
            raise InvalidInput(
                "table",
                "There are no customers to learn from, and no expert's card.",
                hint="Give a table with rows, or an expert's card.",
                code="card.nothing",
            )
        return replace(expert, name=name, training=made)
    report(LEARNING, 0, MOST_CHOICES + 1)
    learned = learn(table, expert, directions, report=lambda step: report(LEARNING, step, MOST_CHOICES + 1))
    report(CHECKING, 0, FOLDS + 1)
    forecast = np.zeros(len(table))
    for done, unseen in enumerate(folds(table.bad), start=1):
        if unseen.any():
            forecast[unseen] = _unseen(table, unseen, expert, directions, learned.strength)
        report(CHECKING, done, FOLDS + 1)
    rival = champion or expert
    made = replace(
        made,
        ridge_sd=learned.strength[0],
        step_sd=learned.strength[1],
        evidence=learned.evidence,
        held_out=compared(rival, table, forecast),
        later=_later(table, expert, rival, directions),
        fairness=tuple(_audit(table, forecast)),
        population=population(learned.card, table),
    )
    report(CHECKING, FOLDS + 1, FOLDS + 1)
    return replace(learned.card, name=name, training=made)


def _check_expert(expert: Scorecard | None, table: Table) -> None:
    never = {code.casefold() for code in table.audited}
    found = [each.code for each in expert.characteristics if each.code.casefold() in never] if expert else []
    if found:
        raise InvalidInput(
            "expert",
            "The expert's card asks about what may not enter a card: {columns}",
            hint="Take these characteristics out of the expert's card.",
            code="card.sensitive",
            columns=", ".join(found),
        )


def folds(bad: Flags) -> Iterator[Flags]:
    """Marks (n) of the customers of each of FOLDS parts that are alike in size and in the share of bad ones."""
    chance = np.random.default_rng(SEED)
    fold = np.empty(len(bad), dtype=np.int64)
    dealt = np.concatenate([chance.permutation(np.flatnonzero(bad)), chance.permutation(np.flatnonzero(~bad))])
    fold[dealt] = np.arange(len(bad)) % FOLDS
    for each in range(FOLDS):
        yield fold == each


def compared(champion: Scorecard | None, table: Table, forecast: Floats) -> Comparison:
    """The forecasts (n) of a new card beside those of ``champion``, or of the same probability for everybody."""
    if champion is None:
        theirs, rival = "", np.full(len(table), table.bad.mean())
    else:
        theirs, rival = champion.name, probabilities(champion, table)
    return Comparison(theirs, quality(rival, table.bad), quality(forecast, table.bad))


def _unseen(
    table: Table, unseen: Flags, expert: Scorecard | None, directions: Mapping[str, int], strength: Strength | None
) -> Floats:
    """Forecasts for the customers marked ``unseen``, by a card learned from the others."""
    others = table.rows(~unseen)
    if len(others):
        return probabilities(learn(others, expert, directions, strength).card, table.rows(unseen))
    return np.full(int(unseen.sum()), 0.5) if expert is None else probabilities(expert, table.rows(unseen))


def _later(
    table: Table, expert: Scorecard | None, champion: Scorecard | None, directions: Mapping[str, int]
) -> Comparison | None:
    """A card made from the earlier customers alone, on the later ones, whom ``champion`` has not seen either; None
    where too few came later.

    A table in order ascends by day. All customers of one day stand on one side.
    """
    if table.days is None:
        return None
    last = str(table.days[int(EARLIER_SHARE * len(table))])
    if champion is not None and champion.training is not None and champion.training.last_day is not None:
        last = max(last, champion.training.last_day)
    later = table.days > last
    if later.sum() < LEAST_LATER or table.bad[later].sum() < LEAST_LATER_BAD:
        return None
    return compared(champion, table.rows(later), _unseen(table, later, expert, directions, None))


def _audit(table: Table, forecast: Floats) -> Iterator[GroupQuality]:
    """The quality of ``forecast`` (n) for each group of the columns that never enter."""
    for code, column in sorted(table.audited.items()):
        for value, inside in _groups(column):
            if inside.sum() >= LEAST_OF_A_GROUP:
                yield GroupQuality(code, value, quality(forecast[inside], table.bad[inside]))


def _groups(column: Column) -> Iterator[tuple[str, Flags]]:
    """Each word, or each quarter of the numbers by its limits, with the customers in it."""
    if isinstance(column, Words):
        for place, word in enumerate(column.words):
            yield word, column.places == place
        return
    known = column[~np.isnan(column)]
    if not len(known):
        return
    limits = np.unique(np.quantile(known, np.linspace(0, 1, AUDITED_RANGES + 1)[1:-1], method="higher"))
    for low, high in zip([-np.inf, *limits], [*limits, np.inf], strict=True):
        inside = (column >= low) & (column < high)
        if inside.any():
            yield f"{column[inside].min():.6g} - {column[inside].max():.6g}", inside
