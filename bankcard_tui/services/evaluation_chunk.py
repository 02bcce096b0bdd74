"""The next accounts of a re-evaluation: scored and judged as columns, written as rows.

A branch may have a million of them: what is written here goes to the driver as it lies in the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from bankcard_tui.decision.opinion import facts_of
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.results import View
from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.characteristics import CATEGORY_WORDS, CHARACTERISTIC_LABELS
from bankcard_tui.rules.columns import UNKNOWN, Whole, most
from bankcard_tui.rules.hard_rules import broken_rules, rules_out_raise
from bankcard_tui.rules.limit_reasons import reasons
from bankcard_tui.rules.limits import (
    CLASSES,
    GRADES,
    RESULTS,
    Judged,
    Standing,
    grade_at,
    judge,
    longest_overdue,
    millionths,
    overdue_since,
)
from bankcard_tui.rules.money import LARGEST_FEN
from bankcard_tui.rules.policy import Policy
from bankcard_tui.rules.scorecard import Scorecard
from bankcard_tui.rules.terms import EvaluationResult, LimitChangeKind
from bankcard_tui.rules.tiers import debt_in_fen, fen_or_unknown
from bankcard_tui.services.phrases import to_json
from bankcard_tui.services.scorecards import card_in_force
from bankcard_tui.services.standings import Found, due_accounts
from bankcard_tui.store.types import micros_of, new_id

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
    if not found:
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


def _standings(found: Sequence[Found], card: Scorecard, policy: Policy) -> tuple[list[int], Standing]:
    """The points of each account, and how all of them stand, in columns."""
    from bankcard_tui.decision.scoring import score_table
    from bankcard_tui.decision.table import Table

    people = [each.applicant for each in found]
    facts = [facts_of(each) for each in people]
    columns = {code: [each.get(code) for each in facts] for code in CHARACTERISTIC_LABELS}
    scores = score_table(card, Table.from_columns(columns, [False] * len(found), categorical=CATEGORY_WORDS))
    odds, odds_low = (
        _column(millionths(each) for each in column.tolist()) for column in (scores.probability, scores.high)
    )
    since = _column(each.used.since for each in found)
    broken = (
        broken_rules(each, GRADES[grade], policy)
        for each, grade in zip(people, grade_at(odds, policy).tolist(), strict=True)
    )
    standings = Standing(
        limit=_column(each.limit for each in found),
        own_limits=_column(each.own_limits.fen for each in people),
        owed=_column(each.owed for each in found),
        income=_column(fen_or_unknown(each.monthly_income) for each in people),
        debt=_column(debt_in_fen(each.applicant, each.paid) for each in found),
        months_observed=_column(each.months_observed for each in people),
        worst_days=_column(UNKNOWN if each.own_days_past_due is None else each.own_days_past_due for each in people),
        months_overdue=most(
            longest_overdue(_column(each.used.overdue for each in found), since),
            _column(each.used.held_months for each in found),
        ),
        overdue_at_all=overdue_since(_column(each.used.late for each in found), since)
        | (_column(each.used.held_late for each in found) > 0),
        spent_percent=_column(each.used.spent_percent for each in found),
        odds=odds,
        odds_low=odds_low,
        grade=_column(GRADES.index(each.grade) for each in found),
        blocked=_column(rules_out_raise(each) for each in broken),
    )
    return scores.points.tolist(), standings


def _column(numbers: Iterable[int]) -> Whole:
    import numpy as np

    return np.fromiter(numbers, np.int64)


def _one_by_one(columns: Standing | Judged) -> Iterator[tuple[int, ...]]:
    """Each account's own numbers from ``columns``."""
    return zip(*(getattr(columns, each.name).tolist() for each in fields(columns)), strict=True)


def _write(
    desk: Desk, card: Scorecard, found: Sequence[Found], points: Sequence[int], standings: Standing, judged: Judged
) -> None:
    """Write the evaluations, move the accounts on, and put new proposals in the place of older ones."""
    now, today, branch, version = micros_of(desk.now), desk.today.isoformat(), desk.branch_id.bytes, desk.policy_version
    evaluations, proposals = [], []
    rows = zip(found, points, _one_by_one(standings), _one_by_one(judged), strict=True)
    for each, its_points, figures, came_to in rows:
        id = new_id(desk.now).bytes
        its_own = (id, branch, each.account, now, version, card.name, its_points)
        standing, after = Standing(*figures), Judged(*came_to)
        evaluations.append((*its_own, *_figures(each.applicant, standing, after)))
        kind = _PROPOSED.get(RESULTS[after.result])
        if kind is not None:
            whose = (new_id(desk.now).bytes, branch, each.account, each.customer, id)
            what = (kind.value, standing.limit, after.after, GRADES[after.grade].value)
            reason = to_json(reasons(standing, after, desk.policy))
            proposals.append((*whose, *what, reason, version, now))
    sql = desk.sql
    sql.exec_driver_sql(_EVALUATE, evaluations)
    sql.exec_driver_sql(_MOVE, [(today, row[0], row[2]) for row in evaluations])
    sql.exec_driver_sql(_LAPSE, [(now, each.account) for each in found])
    if proposals:
        sql.exec_driver_sql(_PROPOSE, proposals)


def _figures(applicant: Applicant, standing: Standing, judged: Judged) -> Row:
    """The columns of an evaluation from ``odds`` on."""
    assets, liabilities = applicant.assets_fen, applicant.liabilities
    return (
        standing.odds,
        standing.odds_low,
        standing.blocked,
        standing.months_observed,
        _known(standing.worst_days),
        standing.months_overdue,
        standing.overdue_at_all,
        _known(standing.spent_percent),
        applicant.own_use_percent,
        standing.limit,
        standing.own_limits,
        standing.owed,
        _known(standing.income),
        _known(standing.debt),
        None if assets is None else min(assets, LARGEST_FEN),
        None if liabilities is None else liabilities.fen,
        applicant.times_overdue,
        GRADES[standing.grade].value,
        GRADES[judged.evaluated].value,
        CLASSES[judged.spending].value,
        RESULTS[judged.result].value,
        judged.after,
    )


def _known(figure: int) -> int | None:
    return None if figure == UNKNOWN else figure
