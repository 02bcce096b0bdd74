"""The next accounts of a re-evaluation: scored and judged as columns, written as rows.

A branch may have a million of them: what is written here goes to the driver as it lies in the store.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from enum import StrEnum
from itertools import repeat
from typing import Any

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.results import View
from bankcard_tui.rules.characteristics import numbers_of
from bankcard_tui.rules.columns import UNKNOWN, Whole, where
from bankcard_tui.rules.hard_rules import raise_ruled_out
from bankcard_tui.rules.limit_reasons import reasons
from bankcard_tui.rules.limits import (
    CLASSES,
    GRADES,
    RESULTS,
    Judged,
    Standing,
    judge,
    longest_overdue,
    millionths,
    overdue_since,
)
from bankcard_tui.rules.money import LARGEST_FEN
from bankcard_tui.rules.policy import Policy
from bankcard_tui.rules.scorecard import Scorecard
from bankcard_tui.rules.terms import EvaluationResult, LimitChangeKind
from bankcard_tui.services.phrases import to_json
from bankcard_tui.services.scorecards import card_in_force
from bankcard_tui.services.standings import Found, due_accounts
from bankcard_tui.store.types import micros_of, new_ids

Row = tuple[Any, ...]

AT_ONCE = 1_000
"""Accounts in a chunk: a transaction of a few tenths of a second."""

_EVALUATION = (
    "id branch_id card_account_id at policy_version card points odds odds_low blocked months_observed worst_days"
    " months_overdue overdue_at_all spent_percent use_percent credit_limit own_limits owed income debt assets"
    " liabilities times_overdue account_grade grade spending_class result after"
)
_EVALUATE = f"INSERT INTO evaluation ({_EVALUATION.replace(' ', ', ')}) VALUES ({'?' + ', ?' * _EVALUATION.count(' ')})"
_MOVE = "UPDATE card_account SET evaluated_on = ?, evaluation_id = ? WHERE id = ?"
# The index of open proposals is found only where its condition stands in the same words.
_LAPSE = (
    "UPDATE limit_proposal SET state = 'lapsed', ended_at = ?, version = version + 1"
    " WHERE card_account_id = ? AND state = 'open' AND origin = 'evaluation'"
)
_PROPOSE = (
    "INSERT INTO limit_proposal (id, branch_id, card_account_id, customer_id, evaluation_id, origin, kind, state,"
    " before, amount, grade, reason, said, answer, policy_version, made_at, version)"
    " VALUES (?, ?, ?, ?, ?, 'evaluation', ?, 'open', ?, ?, ?, ?, '', '', ?, ?, 1)"
)
_PROPOSED = {EvaluationResult.RAISE: LimitChangeKind.RAISE, EvaluationResult.REDUCTION: LimitChangeKind.REDUCTION}


class EvaluatedView(View):
    """How many accounts were evaluated, and what that came to; ``more``: others wait."""

    evaluated: int = 0
    raises: int = 0
    reductions: int = 0
    held: int = 0
    more: bool = False


def evaluate_chunk(desk: Desk) -> EvaluatedView:
    """Evaluate the next accounts that are due, and write what that came to."""
    found = due_accounts(desk, AT_ONCE)
    if found is None:
        return EvaluatedView()
    card = card_in_force(desk).card
    points, standings = _standings(found, card, desk.policy)
    judged = judge(standings, desk.policy)
    _write(desk, card, found, points, standings, judged)
    results = [RESULTS[each] for each in judged.result.tolist()]
    return EvaluatedView(
        evaluated=len(found),
        raises=results.count(EvaluationResult.RAISE),
        reductions=results.count(EvaluationResult.REDUCTION),
        held=results.count(EvaluationResult.HELD),
        more=len(found) == AT_ONCE,
    )


def _standings(found: Found, card: Scorecard, policy: Policy) -> tuple[Whole, Standing]:
    """The points of each account, and how all of them stand, in columns."""
    import numpy as np

    from bankcard_tui.decision.scoring import score_table
    from bankcard_tui.decision.table import Table, Words

    figures, used = found.figures, found.used
    numbers = {code: np.where(column == UNKNOWN, np.nan, column) for code, column in numbers_of(figures).items()}
    words = {code: Words.of(column) for code, column in found.words.items()}
    scores = score_table(card, Table({**numbers, **words}, np.zeros(len(found), np.bool_)))
    odds, odds_low = (
        np.array([millionths(each) for each in column.tolist()], np.int64)
        for column in (scores.probability, scores.high)
    )
    return scores.points, Standing(
        limit=found.limit,
        own_limits=found.own_limits,
        owed=found.owed,
        income=figures.monthly_income,
        debt=where(figures.debt == UNKNOWN, UNKNOWN, figures.debt + found.paid),
        months_observed=used.months_observed,
        worst_days=used.worst_days,
        months_overdue=longest_overdue(used.overdue, used.since),
        overdue_at_all=overdue_since(used.late, used.since),
        spent_percent=used.spent_percent,
        odds=odds,
        odds_low=odds_low,
        grade=found.grade,
        blocked=raise_ruled_out(figures, policy),
    )


def _write(desk: Desk, card: Scorecard, found: Found, points: Whole, standings: Standing, judged: Judged) -> None:
    """Write the evaluations, move the accounts on, and put new proposals in the place of older ones."""
    now, today = micros_of(desk.now), desk.today.isoformat()
    branch, version = desk.branch_id.bytes, desk.policy_version
    ids = new_ids(len(found), desk.now)
    columns = [each.tolist() for each in _figures(found, points, standings, judged)]
    evaluations = zip(
        ids, repeat(branch), found.account, repeat(now), repeat(version), repeat(card.name), *columns, strict=False
    )
    sql = desk.sql
    sql.exec_driver_sql(_EVALUATE, list(evaluations))
    sql.exec_driver_sql(_MOVE, list(zip(repeat(today), ids, found.account, strict=False)))
    sql.exec_driver_sql(_LAPSE, list(zip(repeat(now), found.account, strict=False)))
    proposals = [
        (id, branch, found.account[at], found.customer[at], ids[at], *what, version, now)
        for id, (at, *what) in _proposed(desk, standings, judged)
    ]
    if proposals:
        sql.exec_driver_sql(_PROPOSE, proposals)


def _figures(found: Found, points: Whole, standings: Standing, judged: Judged) -> Iterator[Any]:
    """The columns of evaluations from ``points`` on, as they lie in the store."""
    import numpy as np

    figures = found.figures
    yield points
    yield standings.odds
    yield standings.odds_low
    yield standings.blocked
    yield standings.months_observed
    yield _or_null(standings.worst_days)
    yield standings.months_overdue
    yield standings.overdue_at_all
    yield _or_null(standings.spent_percent)
    yield _or_null(found.used.use_percent)
    yield standings.limit
    yield standings.own_limits
    yield standings.owed
    yield _or_null(standings.income)
    yield _or_null(standings.debt)
    yield _or_null(np.minimum(figures.assets, LARGEST_FEN))
    yield _or_null(figures.liabilities)
    yield _or_null(figures.times_overdue)
    yield _words(GRADES, standings.grade)
    yield _words(GRADES, judged.evaluated)
    yield _words(CLASSES, judged.spending)
    yield _words(RESULTS, judged.result)
    yield judged.after


def _or_null(column: Whole) -> Any:
    """``column`` with None for what is not known."""
    import numpy as np

    unknown = column == UNKNOWN
    return np.where(unknown, None, column) if unknown.any() else column


def _words(words: Sequence[StrEnum], places: Whole) -> Any:
    import numpy as np

    return np.array([each.value for each in words], dtype=object)[places]


def _proposed(desk: Desk, standings: Standing, judged: Judged) -> Iterator[tuple[bytes, Row]]:
    """For each account for which something is proposed an id, its place, and kind, limits, grade and reason."""
    import numpy as np

    places = np.flatnonzero(np.isin(judged.result, [RESULTS.index(each) for each in _PROPOSED]))
    both = (
        zip(*(getattr(each, name.name)[places].tolist() for name in fields(each)), strict=True)
        for each in (standings, judged)
    )
    for id, at, figures, came_to in zip(new_ids(len(places), desk.now), places.tolist(), *both, strict=True):
        standing, after = Standing(*figures), Judged(*came_to)
        kind = _PROPOSED[RESULTS[after.result]].value
        reason = to_json(reasons(standing, after, desk.policy))
        yield id, (at, kind, standing.limit, after.after, GRADES[after.grade].value, reason)
