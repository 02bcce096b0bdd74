"""Precedents: the known customers who were most like an applicant, and how they turned out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import product
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, LargeBinary, bindparam, select, type_coerce

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.results import View
from bankcard_tui.rules.characteristics import facts_in
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.scorecard import Characteristic, Scorecard, Value
from bankcard_tui.rules.terms import EmployerKind, Grade, Occupation
from bankcard_tui.services.outcomes import OUTCOME
from bankcard_tui.services.subjects import CARD_ACCOUNT, CUSTOMER, PERSON

PRECEDENTS = 5

RINGS = ((0, 5), (6, 15), (16, 40))
"""How far the points of known customers may lie away, nearest first. Whoever lies further away is no precedent: their
odds were four times better or worse.
"""

ENOUGH = 150
"""Customers to choose from; the next ring is only looked at where there are fewer."""

HARDLY = 3
"""Points by which two numbers may differ and count as alike: the odds are within about a tenth."""

EACH_POINTS = 20
"""At most so many of one number of points are looked at, the newest, so that both sides of it are heard too."""


_LEVEL = select(bindparam("low", type_=Integer).label("points")).cte("level", recursive=True)
_LEVELS = _LEVEL.union_all(select(_LEVEL.c.points + 1).where(_LEVEL.c.points < bindparam("high")))
_NEWEST = OUTCOME.alias("newest")
# Ids, days and moments stay as they lie in the store: most of what is compared is not shown.
_BETWEEN = (
    select(
        type_coerce(OUTCOME.c.id, LargeBinary).label("id"),
        type_coerce(OUTCOME.c.customer_id, LargeBinary).label("customer"),
        type_coerce(OUTCOME.c.matured_at, Integer).label("matured"),
        OUTCOME.c.facts,
    )
    .select_from(_LEVELS)
    .join(
        OUTCOME,
        OUTCOME.c.id.in_(
            select(_NEWEST.c.id)
            .where(
                _NEWEST.c.branch_id == bindparam("branch"),
                _NEWEST.c.points == _LEVELS.c.points,
                _NEWEST.c.facts != "",
            )
            .order_by(_NEWEST.c.matured_at.desc(), _NEWEST.c.id.desc())
            .limit(EACH_POINTS)
            .correlate(_LEVELS)
        ),
    )
)
_TURNED_OUT = (
    select(OUTCOME, CARD_ACCOUNT.c.credit_limit, CARD_ACCOUNT.c.grade)
    .join_from(OUTCOME, CARD_ACCOUNT, OUTCOME.c.card_account_id == CARD_ACCOUNT.c.id, isouter=True)
    .where(OUTCOME.c.id.in_(bindparam("ids", expanding=True)))
)
_OWN = (
    select(type_coerce(CUSTOMER.c.id, LargeBinary))
    .join_from(CUSTOMER, PERSON, CUSTOMER.c.person_id == PERSON.c.id)
    .where(PERSON.c.id_index == bindparam("index"))
)


class Precedent(View):
    """A known customer who was much like the applicant, and how that turned out; nothing that says who it is.

    ``limit`` and ``grade`` are None where the card was another system's. Of the ``asked`` characteristics that are
    known of the applicant, the card sees no difference in ``alike``, or hardly one between numbers.
    """

    age_band: str
    occupation: Occupation | None
    employer_kind: EmployerKind | None
    income_band: str
    limit: Money | None
    grade: Grade | None
    points: int
    months_observed: int
    worst_days_past_due: int
    bad: bool
    matured_at: datetime
    alike: int
    asked: int


def nearest(
    desk: Desk, card: Scorecard, facts: Mapping[str, Value], points: Iterable[int], person: bytes
) -> tuple[Precedent, ...]:
    """The known customers nearest to ``facts``, the nearest first; never the applicant, in whatever customer record.

    ``person`` is the keyed fingerprint of the applicant's ID number (``person.id_index``). The distance is what the
    card sees: the difference in points, summed over the characteristics; among equals those alike in more of them,
    then the newest. Looked at are those whose points in total, as they were at the start, are nearest to any of
    ``points``: the applicant's on each card by which those may have been given.
    """
    measures = [(each.code, _Measure(each, facts.get(each.code))) for each in card.characteristics]
    found = []
    for row in _around(desk, points, person):
        theirs = facts_in(row.facts)
        seen = [measure[theirs.get(code)] for code, measure in measures]
        found.append((sum(away for away, _ in seen), -sum(same for _, same in seen), -row.matured, row.id))
    if not found:
        return ()
    found.sort()
    chosen = found[:PRECEDENTS]
    asked = sum(facts.get(code) is not None for code, _ in measures)
    rows = {row.id: row for row in desk.sql.execute(_TURNED_OUT, {"ids": [UUID(bytes=id) for *_, id in chosen]})}
    return tuple(_precedent(rows[UUID(bytes=id)], -alike, asked) for _, alike, _, id in chosen)


class _Measure(dict[Value, tuple[int, bool]]):
    """How far a value of a characteristic lies from the applicant's, in points, and whether the two are alike (never
    where the applicant's is not known); worked out once for each value.
    """

    def __init__(self, characteristic: Characteristic, value: Value) -> None:
        super().__init__()
        self._characteristic = characteristic
        self._own = characteristic.place(value)
        self._known = value is not None

    def __missing__(self, value: Value) -> tuple[int, bool]:
        attributes, place = self._characteristic.all, self._characteristic.place(value)
        away = abs(attributes[place].points - attributes[self._own].points)
        alike = place == self._own or (self._characteristic.numeric and value is not None and away <= HARDLY)
        self[value] = measured = (away, self._known and alike)
        return measured


def _around(desk: Desk, points: Iterable[int], person: bytes) -> list[Any]:
    """Known customers around these points, none of them the applicant."""
    own = set(desk.sql.execute(_OWN, {"index": person}).scalars())
    found: dict[bytes, Any] = {}
    for near, far in RINGS:
        sides = ((-far, -near), (near, far)) if near else ((-far, far),)
        for middle, (low, high) in product(points, sides):
            names = {"branch": desk.branch_id, "low": middle + low, "high": middle + high}
            found.update((row.id, row) for row in desk.sql.execute(_BETWEEN, names) if row.customer not in own)
        if len(found) >= ENOUGH:
            break
    return list(found.values())


def _precedent(row: Any, alike: int, asked: int) -> Precedent:
    facts: Mapping[str, Any] = facts_in(row.facts)
    return Precedent(
        age_band=_age_band(facts.get("age")),
        occupation=facts.get("occupation"),
        employer_kind=facts.get("employer_kind"),
        income_band=_income_band(facts.get("monthly_income")),
        limit=row.credit_limit,
        grade=row.grade,
        points=row.points,
        months_observed=row.months_observed,
        worst_days_past_due=row.worst_days_past_due,
        bad=row.bad,
        matured_at=row.matured_at,
        alike=alike,
        asked=asked,
    )


def _age_band(age: float | None) -> str:
    if age is None:
        return ""
    low = int(age) // 10 * 10
    return f"{low}-{low + 9}"


def _income_band(income: float | None) -> str:
    """A range of yuan a month, wide enough that it points at nobody."""
    if income is None:
        return ""
    steps = (0, 3_000, 5_000, 8_000, 15_000, 30_000)
    low = max(step for step in steps if step <= income)
    above = [step for step in steps if step > income]
    return f"{low:,}-{above[0]:,}" if above else f">{low:,}"
