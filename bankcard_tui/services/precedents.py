"""Precedents: the known customers who were most like an applicant, and how they turned out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.results import View
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.scorecard import Scorecard, Value
from bankcard_tui.rules.terms import EmployerKind, Grade, Occupation
from bankcard_tui.services.outcomes import OUTCOME
from bankcard_tui.services.subjects import CARD_ACCOUNT

PRECEDENTS = 5
LOOKED_AT = 250
"""Known customers that are compared, on either side of the applicant's points."""


class Precedent(View):
    """A known customer who was much like the applicant, and how that turned out; nothing that says who it is.

    ``limit`` and ``grade`` are None where the card was another system's. ``alike`` counts the characteristics, of
    ``asked``, in which the card sees no difference.
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


def _beside(*, above: bool) -> Select[Any]:
    """Known customers from some points on upwards, or from below them downwards, the newest first among equals."""
    points = OUTCOME.c.points
    return (
        select(OUTCOME, CARD_ACCOUNT.c.credit_limit, CARD_ACCOUNT.c.grade)
        .join_from(OUTCOME, CARD_ACCOUNT, OUTCOME.c.card_account_id == CARD_ACCOUNT.c.id, isouter=True)
        .where(
            OUTCOME.c.branch_id == bindparam("branch"),
            points >= bindparam("from_points") if above else points < bindparam("from_points"),
            OUTCOME.c.customer_id != bindparam("without"),
            OUTCOME.c.facts != "",
        )
        .order_by(points.asc() if above else points.desc(), OUTCOME.c.matured_at.desc(), OUTCOME.c.id.desc())
        .limit(LOOKED_AT)
    )


_ABOVE, _BELOW = _beside(above=True), _beside(above=False)


def nearest(
    desk: Desk, card: Scorecard, facts: Mapping[str, Value], points: int, without: UUID
) -> tuple[Precedent, ...]:
    """The known customers nearest to ``facts``, without identity; never the applicant (``without``) themselves.

    The distance is what the card sees: the difference in points, summed over the characteristics. Looked at are those
    whose points in total are nearest, since no total differs by more than the distance.
    """
    own = _profile(card, facts)
    found = []
    for statement in (_ABOVE, _BELOW):
        names = {"branch": desk.branch_id, "from_points": points, "without": without}
        for row in desk.sql.execute(statement, names):
            theirs = json.loads(row.facts)
            profile = _profile(card, theirs)
            distance = sum(abs(one - other) for one, other in zip(own, profile, strict=True))
            found.append((distance, -row.matured_at.timestamp(), row.id.bytes, row, theirs, profile))
    found.sort(key=lambda each: each[:3])
    return tuple(
        _precedent(row, theirs, sum(one == other for one, other in zip(own, profile, strict=True)), len(own))
        for _, _, _, row, theirs, profile in found[:PRECEDENTS]
    )


def _profile(card: Scorecard, facts: Mapping[str, Value]) -> tuple[int, ...]:
    """The points in each characteristic."""
    return tuple(each.all[each.place(facts.get(each.code))].points for each in card.characteristics)


def _precedent(row: Any, facts: Mapping[str, Any], alike: int, asked: int) -> Precedent:
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
