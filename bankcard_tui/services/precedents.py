"""Precedents: the known customers who were most like an applicant, and how they turned out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import bindparam, select

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.results import View
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.scorecard import Scorecard, Value
from bankcard_tui.rules.terms import EmployerKind, Grade, Occupation
from bankcard_tui.services.outcomes import OUTCOME
from bankcard_tui.services.subjects import CARD_ACCOUNT, CUSTOMER, PERSON

PRECEDENTS = 5

REACH = 40
"""Known customers whose points lie further away are no precedents: their odds were four times better or worse."""

LOOKED_AT = 400
"""So many customers are compared; where more lie within reach, those nearest in points, then the newest."""

EACH_POINTS = 40
"""At most so many of one number of points are compared, so that the neighbours on both sides are heard too."""

_AT = (
    select(
        OUTCOME.c.id,
        OUTCOME.c.customer_id,
        OUTCOME.c.card_account_id,
        OUTCOME.c.facts,
        OUTCOME.c.points,
        OUTCOME.c.months_observed,
        OUTCOME.c.worst_days_past_due,
        OUTCOME.c.bad,
        OUTCOME.c.matured_at,
    )
    .where(OUTCOME.c.branch_id == bindparam("branch"), OUTCOME.c.points == bindparam("points"), OUTCOME.c.facts != "")
    .order_by(OUTCOME.c.matured_at.desc(), OUTCOME.c.id.desc())
    .limit(EACH_POINTS)
)
_OWN = (
    select(CUSTOMER.c.id)
    .join_from(CUSTOMER, PERSON, CUSTOMER.c.person_id == PERSON.c.id)
    .where(PERSON.c.id_index == bindparam("index"))
)
_GRANTED = select(CARD_ACCOUNT.c.credit_limit, CARD_ACCOUNT.c.grade).where(CARD_ACCOUNT.c.id == bindparam("account"))


class Precedent(View):
    """A known customer who was much like the applicant, and how that turned out; nothing that says who it is.

    ``limit`` and ``grade`` are None where the card was another system's. Of the ``asked`` characteristics that are
    known of the applicant, the card sees no difference in ``alike``.
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
    desk: Desk, card: Scorecard, facts: Mapping[str, Value], points: int, person: bytes
) -> tuple[Precedent, ...]:
    """The known customers nearest to ``facts``, the nearest first; never the applicant, in whatever customer record.

    ``person`` is the keyed fingerprint of the applicant's ID number (``person.id_index``). The distance is what the
    card sees: the difference in points, summed over the characteristics; among equals those alike in more of them,
    then the newest. Looked at are those whose points in total, as they were at the start, are nearest to ``points``.
    """
    own = _places(card, facts)
    received = _points(card, own)
    known = [place != len(each.attributes) for each, place in zip(card.characteristics, own, strict=True)]
    found = []
    for row in _around(desk, points, person):
        theirs = json.loads(row.facts)
        places = _places(card, theirs)
        distance = sum(abs(one - other) for one, other in zip(received, _points(card, places), strict=True))
        alike = sum(asked and one == other for asked, one, other in zip(known, own, places, strict=True))
        found.append(((distance, -alike, -row.matured_at.timestamp(), row.id.bytes), row, theirs))
    found.sort(key=itemgetter(0))
    return tuple(_precedent(desk, row, theirs, -rank[1], sum(known)) for rank, row, theirs in found[:PRECEDENTS])


def _around(desk: Desk, points: int, person: bytes) -> Iterator[Any]:
    """Known customers from these points outwards, at most :data:`LOOKED_AT`."""
    own = set(desk.sql.execute(_OWN, {"index": person}).scalars())
    left = LOOKED_AT
    for away in sorted(range(-REACH, REACH + 1), key=abs):
        if left <= 0:
            return
        for row in desk.sql.execute(_AT, {"branch": desk.branch_id, "points": points + away}).all()[:left]:
            if row.customer_id not in own:
                left -= 1
                yield row


def _places(card: Scorecard, facts: Mapping[str, Value]) -> list[int]:
    """The attribute that each characteristic of the card finds in ``facts``."""
    return [each.place(facts.get(each.code)) for each in card.characteristics]


def _points(card: Scorecard, places: list[int]) -> list[int]:
    return [each.all[place].points for each, place in zip(card.characteristics, places, strict=True)]


def _precedent(desk: Desk, row: Any, facts: Mapping[str, Any], alike: int, asked: int) -> Precedent:
    granted = desk.sql.execute(_GRANTED, {"account": row.card_account_id}).one_or_none()
    return Precedent(
        age_band=_age_band(facts.get("age")),
        occupation=facts.get("occupation"),
        employer_kind=facts.get("employer_kind"),
        income_band=_income_band(facts.get("monthly_income")),
        limit=granted.credit_limit if granted else None,
        grade=granted.grade if granted else None,
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
