"""What a policy would do to the portfolio: tried on every account by what its last evaluation found, with the limit and
the grade of today, before it is in force.

Accounts come from the driver as whole numbers and are judged as columns, a page at a time: a million of them neither
fill the memory nor become objects. What the driver hands over costs more than to judge it: small figures share a
number, and ids are asked for where accounts move alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
"""Accounts on a page."""
FETCHED = 500
MOST_MOVERS = 100

_RAISE, _REDUCTION = RESULTS.index(EvaluationResult.RAISE), RESULTS.index(EvaluationResult.REDUCTION)
_PLACES = " ".join(f"WHEN '{grade.value}' THEN {place}" for place, grade in enumerate(GRADES))
# Of a limit that was changed since the evaluation the same spending is another share, and months overdue that reduced
# it count no more.
_EVALUATED = f"""
    SELECT a.credit_limit, e.own_limits + a.credit_limit - e.credit_limit, e.owed, coalesce(e.income, -1),
        coalesce(e.debt, -1),
        CASE WHEN a.credit_limit = e.credit_limit THEN coalesce(e.spent_percent, -1)
            ELSE coalesce(e.spent_percent * e.own_limits / (e.own_limits + a.credit_limit - e.credit_limit), -1) END,
        coalesce(e.assets, -1), coalesce(e.liabilities, -1), e.odds_low,
        (e.months_observed << 24) + coalesce(e.worst_days, -1) + 1,
        ((((e.odds << 8) + CASE WHEN a.credit_limit >= e.credit_limit THEN e.months_overdue ELSE 0 END) * 2
            + CASE WHEN a.credit_limit >= e.credit_limit THEN e.overdue_at_all ELSE 0 END) * 2 + e.blocked) * 4
            + CASE a.grade {_PLACES} END"""
_NEVER_EVALUATED = f"""
    SELECT a.credit_limit, CASE a.grade {_PLACES} END,
        coalesce(c.deposits + coalesce(c.other_assets, 0), c.other_assets, -1), coalesce(c.liabilities, -1)
    FROM card_account AS a JOIN customer AS c ON c.id = a.customer_id
    WHERE +a.branch_id = ? AND a.evaluation_id IS NULL AND a.id > ? AND a.id <= ?"""
_ON_PAGE = """
    FROM card_account AS a JOIN evaluation AS e ON e.id = a.evaluation_id
    WHERE +a.branch_id = ? AND a.id > ? AND a.id <= ? ORDER BY a.id"""
_LAST_ON_PAGE = "SELECT id FROM card_account WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?"
_MOVERS = """
    SELECT a.id, a.customer_id, c.name,
        (SELECT last4 FROM card WHERE card_account_id = a.id ORDER BY issued_at DESC, id DESC LIMIT 1)
    FROM card_account AS a JOIN customer AS c ON c.id = a.customer_id
    WHERE a.id IN"""
_FIRST, _LAST = bytes(16), b"\xff" * 16

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
    pages = list(_pages(desk))
    for number, page in enumerate(pages):
        for columns in _columns(desk, _EVALUATED + _ON_PAGE, page):
            _judge(tried, number * AT_ONCE, columns, in_force or desk.policy, policy)
        for limit, grade, assets, liabilities in _columns(desk, _NEVER_EVALUATED, page):
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
        movers=_named(desk, pages, tried.movers),
    )


@dataclass(slots=True)
class _Tried:
    """What was counted so far: ``sums`` by grade and segment, ``regraded`` by the grade that there is and the one that
    would be; of the ``movers`` how much they move, their place, grade and limit, and the limit after it under both
    policies. The place counts AT_ONCE for each page before.
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


def _judge(tried: _Tried, first: int, columns: list[Whole], in_force: Policy, policy: Policy) -> None:
    """Judge accounts, which stand at the places from ``first`` on, under both policies; count what comes of it."""
    import numpy as np

    standing, assets, liabilities = _standing(columns)
    now, then = judge(standing, in_force), judge(standing, policy)
    default = 1 / (1 + np.exp(standing.odds / MILLION))
    counted: list[Any] = [np.ones(len(standing.limit)), standing.limit]
    for each in (now, then):
        counted += [each.result == _RAISE, each.result == _REDUCTION, each.after, each.after * default]
    tried.add(standing.grade * len(SEGMENTS) + segment_at(assets, liabilities, in_force), counted)
    pairs = np.bincount(standing.grade * len(GRADES) + then.evaluated, minlength=tried.regraded.size)
    tried.regraded += pairs.reshape(tried.regraded.shape)
    tried.above += _above(standing.limit, standing.grade, policy)
    difference = np.abs(then.after - now.after)
    moving = np.flatnonzero(difference)
    tried.moved += len(moving)
    # The largest first, and among equals the oldest account.
    largest = moving[np.argsort(-difference[moving], kind="stable")][:MOST_MOVERS]
    said = (
        -difference,
        np.arange(first, first + len(difference)),
        standing.grade,
        standing.limit,
        now.after,
        then.after,
    )
    found = zip(*(each[largest].tolist() for each in said), strict=True)
    tried.movers = sorted([*tried.movers, *found])[:MOST_MOVERS]


def _standing(columns: list[Whole]) -> tuple[Standing, Whole, Whole]:
    """How accounts stand, and their assets and liabilities, from what _EVALUATED asks for."""
    limit, own_limits, owed, income, debt, spent_percent, assets, liabilities, odds_low, observed, shared = columns
    standing = Standing(
        limit=limit,
        own_limits=own_limits,
        owed=owed,
        income=income,
        debt=debt,
        months_observed=observed >> 24,
        worst_days=(observed & (1 << 24) - 1) - 1,
        months_overdue=shared >> 4 & 255,
        overdue_at_all=shared >> 3 & 1,
        spent_percent=spent_percent,
        odds=shared >> 12,
        odds_low=odds_low,
        grade=shared & 3,
        blocked=shared >> 2 & 1,
    )
    return standing, assets, liabilities


def _above(limit: Whole, grade: Whole, policy: Policy) -> int:
    """How many limits stand above the highest of their tier."""
    import numpy as np

    highest = np.array([policy.tier(each).highest.fen for each in GRADES])
    return int((limit > highest[grade]).sum())


def _pages(desk: Desk) -> Iterator[tuple[bytes, bytes]]:
    """Ranges of ids, the first one not included, with at most AT_ONCE accounts in each."""
    after, last = _FIRST, desk.sql.exec_driver_sql(_LAST_ON_PAGE, (_FIRST, AT_ONCE - 1)).scalar()
    while last is not None:
        yield after, last
        after, last = last, desk.sql.exec_driver_sql(_LAST_ON_PAGE, (last, AT_ONCE - 1)).scalar()
    yield after, _LAST


def _columns(desk: Desk, asked: str, page: tuple[bytes, bytes]) -> Iterator[list[Whole]]:
    """The answer to ``asked`` for the accounts of a page as a column for each value; nothing where there are none."""
    import numpy as np

    cursor = desk.sql.exec_driver_sql(asked, (desk.branch_id.bytes, *page)).cursor
    parts = []
    # The driver is quicker with a few rows at a time, and the rules with many.
    while rows := cursor.fetchmany(FETCHED) if cursor else ():
        width = len(rows[0])
        parts.append(np.fromiter(chain.from_iterable(rows), np.int64, len(rows) * width).reshape(len(rows), width))
    if parts:
        yield list(np.ascontiguousarray(np.concatenate(parts).T))


def _moves(sums: Floats) -> Moves:
    counted = {name: round(value) for name, value in zip(_COUNTED, sums.tolist(), strict=True)}
    return Moves.model_validate({name: Money(value) if name in _SUMS else value for name, value in counted.items()})


def _named(desk: Desk, pages: Sequence[tuple[bytes, bytes]], movers: list[tuple[int, ...]]) -> tuple[Mover, ...]:
    """The accounts that move, with whose they are."""
    wanted: dict[int, list[int]] = {}
    for _, place, *_ in movers:
        wanted.setdefault(place // AT_ONCE, []).append(place)
    ids: dict[int, bytes] = {}
    for number, places in wanted.items():
        first = number * AT_ONCE
        page = (desk.branch_id.bytes, *pages[number], max(places) + 1 - first)
        cursor = desk.sql.exec_driver_sql(f"SELECT a.id {_ON_PAGE} LIMIT ?", page).cursor
        on_page = cursor.fetchall() if cursor else []
        ids |= {place: on_page[place - first][0] for place in places}
    account = [ids[place] for _, place, *_ in movers]
    rows = desk.sql.exec_driver_sql(f"{_MOVERS} ({', '.join('?' * len(account))})", tuple(account))
    known = {who[0]: who for who in rows}
    return tuple(_mover(known[id], *figures) for id, (_, _, *figures) in zip(account, movers, strict=True))


def _mover(who: Sequence[Any], grade: int, limit: int, now: int, then: int) -> Mover:
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
