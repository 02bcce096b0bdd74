"""The next accounts of a re-evaluation: scored and judged as columns, written as rows.

A branch may have a million of them: what is written here goes to the driver as it lies in the store.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple, fields
from typing import Any

from sqlalchemy import Connection

from bankcard_tui.decision.opinion import facts_of
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.results import View
from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.characteristics import CATEGORY_WORDS, CHARACTERISTIC_LABELS
from bankcard_tui.rules.columns import UNKNOWN
from bankcard_tui.rules.hard_rules import broken_rules, rules_out_raise
from bankcard_tui.rules.limit_reasons import reasons
from bankcard_tui.rules.limits import CLASSES, GRADES, RESULTS, Judged, Standing, grade_at, judge, millionths
from bankcard_tui.rules.money import LARGEST_FEN
from bankcard_tui.rules.policy import Policy
from bankcard_tui.rules.scorecard import Scorecard
from bankcard_tui.rules.terms import EvaluationResult, LimitChangeKind, ProposalOrigin, ProposalState
from bankcard_tui.rules.tiers import fen_or_unknown
from bankcard_tui.services.phrases import to_json
from bankcard_tui.services.scorecards import card_in_force
from bankcard_tui.services.standings import AT_ONCE, Found, due_accounts
from bankcard_tui.store.types import micros_of, new_id

Row = tuple[Any, ...]

_EVALUATION = (
    "id branch_id card_account_id at policy_version card points odds odds_low blocked months_observed worst_days"
    " months_overdue overdue_at_all spent_percent use_percent credit_limit own_limits owed income debt assets"
    " liabilities times_overdue account_grade grade spending_class result after"
)
_PROPOSAL = (
    "id branch_id card_account_id customer_id evaluation_id origin kind state before amount grade reason said answer"
    " policy_version made_at version"
)
_MOVE = "UPDATE card_account SET evaluated_on = ?, evaluation_id = ? WHERE id = ?"
# The index of open proposals is found only where its condition stands in the same words.
_LAPSE = (
    "UPDATE limit_proposal SET state = 'lapsed', ended_at = ?, version = version + 1"
    " WHERE card_account_id = ? AND state = 'open' AND origin = 'evaluation'"
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
    found = due_accounts(desk)
    if not found:
        return EvaluatedView()
    card = card_in_force(desk).card
    points, standings = _standings(found, card, desk.policy)
    judged = [Judged(*each) for each in _rows(astuple(judge(_columns(standings), desk.policy)))]
    results = [RESULTS[each.result] for each in judged]
    _write(desk, card, found, points, standings, judged)
    return EvaluatedView(
        evaluated=len(found),
        raises=results.count(EvaluationResult.RAISE),
        reductions=results.count(EvaluationResult.REDUCTION),
        held=results.count(EvaluationResult.HELD),
        more=len(found) == AT_ONCE,
    )


def _standings(found: Sequence[Found], card: Scorecard, policy: Policy) -> tuple[list[int], list[Standing]]:
    """The points of each account and how it stands, scored together."""
    from bankcard_tui.decision.scoring import score_table
    from bankcard_tui.decision.table import Table

    facts = [facts_of(each.applicant) for each in found]
    columns = {code: [each.get(code) for each in facts] for code in CHARACTERISTIC_LABELS}
    scores = score_table(card, Table.from_columns(columns, [False] * len(found), categorical=CATEGORY_WORDS))
    odds, odds_low = ([millionths(each) for each in column.tolist()] for column in (scores.probability, scores.high))
    standings = [_standing(each, middle, low, policy) for each, middle, low in zip(found, odds, odds_low, strict=True)]
    return scores.points.tolist(), standings


def _standing(each: Found, odds: int, odds_low: int, policy: Policy) -> Standing:
    applicant, used = each.applicant, each.used
    return Standing(
        limit=each.limit,
        own_limits=applicant.own_limits.fen,
        owed=each.owed,
        income=fen_or_unknown(applicant.monthly_income),
        debt=fen_or_unknown(applicant.debt_payments),
        months_observed=used.months_observed,
        worst_days=used.worst_days,
        months_overdue=used.months_overdue,
        overdue_at_all=used.overdue_at_all,
        spent_percent=used.spent_percent,
        odds=odds,
        odds_low=odds_low,
        grade=GRADES.index(each.grade),
        blocked=rules_out_raise(broken_rules(applicant, GRADES[grade_at(odds, policy)], policy)),
    )


def _columns(standings: Sequence[Standing]) -> Standing:
    """One standing of columns from many of single numbers."""
    import numpy as np

    together = np.array([astuple(each) for each in standings], dtype=np.int64)
    return Standing(*(together[:, place] for place in range(len(fields(Standing)))))


def _rows(columns: Sequence[Any]) -> Iterator[tuple[int, ...]]:
    return zip(*(column.tolist() for column in columns), strict=True)


def _write(
    desk: Desk,
    card: Scorecard,
    found: Sequence[Found],
    points: Sequence[int],
    standings: Sequence[Standing],
    judged: Sequence[Judged],
) -> None:
    """Write the evaluations, move the accounts on, and put new proposals in the place of older ones."""
    now, branch = micros_of(desk.now), desk.branch_id.bytes
    evaluations, proposals = [], []
    for each, its_points, standing, after in zip(found, points, standings, judged, strict=True):
        id = new_id(desk.now).bytes
        its_own = (id, branch, each.account, now, desk.policy_version, card.name, its_points)
        evaluations.append((*its_own, *_figures(each.applicant, each.used.use_percent, standing, after)))
        kind = _PROPOSED.get(RESULTS[after.result])
        if kind is not None:
            proposals.append(
                (
                    new_id(desk.now).bytes,
                    branch,
                    each.account,
                    each.customer,
                    id,
                    ProposalOrigin.EVALUATION.value,
                    kind.value,
                    ProposalState.OPEN.value,
                    standing.limit,
                    after.after,
                    GRADES[after.grade].value,
                    to_json(reasons(standing, after, desk.policy)),
                    "",
                    "",
                    desk.policy_version,
                    now,
                    1,
                )
            )
    sql, today = desk.sql, desk.today.isoformat()
    _insert(sql, "evaluation", _EVALUATION, evaluations)
    sql.exec_driver_sql(_MOVE, [(today, row[0], row[2]) for row in evaluations])
    sql.exec_driver_sql(_LAPSE, [(now, each.account) for each in found])
    _insert(sql, "limit_proposal", _PROPOSAL, proposals)


def _figures(applicant: Applicant, use_percent: int, standing: Standing, judged: Judged) -> Row:
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
        _known(use_percent),
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


def _insert(sql: Connection, table: str, columns: str, rows: list[Row]) -> None:
    if rows:
        names = columns.split()
        sql.exec_driver_sql(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", rows)
