"""What a policy would do to the portfolio: tried on every account by what its last evaluation found, with the limit and
the grade of today, before it is in force.

Accounts come from the driver as whole numbers and are judged as columns, many at a time: a million of them neither fill
the memory nor become objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any
from uuid import UUID

from bankcard_tui.desk.desk import Desk
from bankcard_tui.rules.limits import GRADES, MILLION, RESULTS, Standing, judge
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy import Policy
from bankcard_tui.rules.segments import SEGMENTS, segment_at
from bankcard_tui.rules.terms import EvaluationResult
from bankcard_tui.services.limit_views import Mover, Moves, WhatIf

if TYPE_CHECKING:
    from bankcard_tui.decision.table import Floats, Whole

AT_ONCE = 4_000
MOST_MOVERS = 100

_RAISE, _REDUCTION = RESULTS.index(EvaluationResult.RAISE), RESULTS.index(EvaluationResult.REDUCTION)
_PLACES = " ".join(f"WHEN '{grade.value}' THEN {place}" for place, grade in enumerate(GRADES))
# In the order of the fields of a Standing; the account's own number in the store says who moves. Of a limit that was
# changed since the evaluation the same spending is another share, and months overdue that reduced it count no more.
_EVALUATED = f"""
    SELECT a.credit_limit, e.own_limits + a.credit_limit - e.credit_limit, e.owed, coalesce(e.income, -1),
        coalesce(e.debt, -1), e.months_observed, coalesce(e.worst_days, -1),
        CASE WHEN a.credit_limit >= e.credit_limit THEN e.months_overdue ELSE 0 END,
        CASE WHEN a.credit_limit >= e.credit_limit THEN e.overdue_at_all ELSE 0 END,
        CASE WHEN a.credit_limit = e.credit_limit THEN coalesce(e.spent_percent, -1)
            ELSE coalesce(e.spent_percent * e.own_limits / (e.own_limits + a.credit_limit - e.credit_limit), -1) END,
        e.odds, e.odds_low, CASE a.grade {_PLACES} END, e.blocked,
        coalesce(e.assets, -1), coalesce(e.liabilities, -1), a.rowid
    FROM card_account AS a JOIN evaluation AS e ON e.id = a.evaluation_id
    WHERE +a.branch_id = ?"""
_NEVER_EVALUATED = f"""
    SELECT a.credit_limit, CASE a.grade {_PLACES} END,
        coalesce(c.deposits + coalesce(c.other_assets, 0), c.other_assets, -1), coalesce(c.liabilities, -1)
    FROM card_account AS a JOIN customer AS c ON c.id = a.customer_id
    WHERE +a.branch_id = ? AND a.evaluation_id IS NULL"""
_MOVERS = """
    SELECT a.rowid, a.id, a.customer_id, c.name,
        (SELECT last4 FROM card WHERE card_account_id = a.id ORDER BY issued_at DESC, id DESC LIMIT 1)
    FROM card_account AS a JOIN customer AS c ON c.id = a.customer_id
    WHERE a.rowid IN"""

_AFTERWARDS = ("raises", "reductions", "after", "risk")
_COUNTED = ("accounts", "limits", *(f"{each}_{time}" for time in ("now", "then") for each in _AFTERWARDS))
_SUMS = ("limits", "after_now", "risk_now", "after_then", "risk_then")


def what_if(desk: Desk, policy: Policy, in_force: Policy | None = None) -> WhatIf:
    """What ``policy`` would make of the limits of all accounts, beside what ``in_force`` would (None: that of today).

    Both judge the limit of today by what the last evaluation of each account found: how late and how much in months is
    not counted anew. Accounts that were never evaluated stay as they are.
    """
    import numpy as np

    tried = _Tried(np.zeros((len(GRADES) * len(SEGMENTS), len(_COUNTED))), np.zeros((len(GRADES), len(GRADES)), int))
    for columns in _columns(desk, _EVALUATED):
        _judge(tried, columns, in_force or desk.policy, policy)
    for limit, grade, assets, liabilities in _columns(desk, _NEVER_EVALUATED):
        places = grade * len(SEGMENTS) + segment_at(assets, liabilities, desk.policy)
        nothing = np.zeros(len(limit))
        tried.add(places, [nothing + 1, limit, *[nothing, nothing, limit, nothing] * 2])
        tried.above += _above(limit, grade, policy)
    whole = tried.sums.reshape(len(GRADES), len(SEGMENTS), len(_COUNTED))
    accounts = int(tried.sums[:, 0].sum())
    return WhatIf(
        accounts=accounts,
        evaluated=int(tried.regraded.sum()),
        grades=dict(zip(GRADES, map(_moves, whole.sum(axis=1)), strict=True)),
        segments=dict(zip(SEGMENTS, map(_moves, whole.sum(axis=0)), strict=True)),
        regraded=tuple(
            (have, would, int(tried.regraded[here, there]))
            for here, have in enumerate(GRADES)
            for there, would in enumerate(GRADES)
            if tried.regraded[here, there]
        ),
        above=tried.above,
        moved=tried.moved,
        movers=_named(desk, tried.movers),
    )


@dataclass(slots=True)
class _Tried:
    """What was counted so far: ``sums`` by grade and segment, ``regraded`` by the grade that there is and the one that
    would be; of the ``movers`` their number in the store, grade and limit, and the limit after it under both policies.
    """

    sums: Floats
    regraded: Whole
    above: int = 0
    moved: int = 0
    movers: list[tuple[int, ...]] = field(default_factory=list)

    def add(self, places: Whole, columns: Iterable[Any]) -> None:
        """Count accounts at their ``places``. Sums of whole fen are exact up to 90 trillion yuan."""
        import numpy as np

        for at, column in enumerate(columns):
            self.sums[:, at] += np.bincount(places, weights=column, minlength=len(self.sums))


def _judge(tried: _Tried, columns: list[Whole], in_force: Policy, policy: Policy) -> None:
    """Judge accounts under both policies and count what comes of it."""
    import numpy as np

    *figures, assets, liabilities, rows = columns
    standing = Standing(*figures)
    now, then = judge(standing, in_force), judge(standing, policy)
    default = 1 / (1 + np.exp(standing.odds / MILLION))
    counted: list[Any] = [np.ones(len(rows)), standing.limit]
    for each in (now, then):
        counted += [each.result == _RAISE, each.result == _REDUCTION, each.after, each.after * default]
    tried.add(standing.grade * len(SEGMENTS) + segment_at(assets, liabilities, in_force), counted)
    np.add.at(tried.regraded, (standing.grade, then.evaluated), 1)
    tried.above += _above(standing.limit, standing.grade, policy)
    difference = np.abs(then.after - now.after)
    moving = np.flatnonzero(difference)
    tried.moved += len(moving)
    # The largest first, and among equals the oldest account.
    largest = moving[np.lexsort((rows[moving], -difference[moving]))][:MOST_MOVERS]
    said = (rows, standing.grade, standing.limit, now.after, then.after)
    found = zip(*(each[largest].tolist() for each in said), strict=True)
    tried.movers = sorted([*tried.movers, *found], key=lambda each: (-abs(each[4] - each[3]), each[0]))[:MOST_MOVERS]


def _above(limit: Whole, grade: Whole, policy: Policy) -> int:
    """How many limits stand above the highest of their tier."""
    import numpy as np

    highest = np.array([policy.tier(each).highest.fen for each in GRADES])
    return int((limit > highest[grade]).sum())


def _columns(desk: Desk, asked: str) -> Iterator[list[Whole]]:
    """The answer to ``asked``, so many rows at a time, as a column for each value."""
    import numpy as np

    cursor = desk.sql.exec_driver_sql(asked, (desk.branch_id.bytes,)).cursor
    if cursor is None:
        return
    while rows := cursor.fetchmany(AT_ONCE):
        width = len(rows[0])
        flat = np.fromiter(chain.from_iterable(rows), np.int64, len(rows) * width)
        yield list(flat.reshape(len(rows), width).T)


def _moves(sums: Floats) -> Moves:
    counted = {name: round(value) for name, value in zip(_COUNTED, sums.tolist(), strict=True)}
    return Moves.model_validate({name: Money(value) if name in _SUMS else value for name, value in counted.items()})


def _named(desk: Desk, movers: list[tuple[int, ...]]) -> tuple[Mover, ...]:
    """The accounts that move, with whose they are."""
    rows = [each[0] for each in movers]
    asked = f"{_MOVERS} ({', '.join('?' * len(rows))})"
    known = {row: who for row, *who in desk.sql.exec_driver_sql(asked, tuple(rows))}
    return tuple(_mover(known[row], *figures) for row, *figures in movers)


def _mover(who: list[Any], grade: int, limit: int, now: int, then: int) -> Mover:
    account, customer, name, last4 = who
    return Mover(
        account=UUID(bytes=account),
        customer_id=UUID(bytes=customer),
        customer=name,
        last4=last4 or "",
        grade=GRADES[grade],
        limit=Money(limit),
        after_now=Money(now),
        after_then=Money(then),
    )
