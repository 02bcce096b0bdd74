"""Reading the policy: the one in force, any version with every figure, and what a change of it would do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from bankcard_tui.desk.access import POLICY
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import question
from bankcard_tui.desk.results import View
from bankcard_tui.errors import NotFound, Phrase
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy import to_plain
from bankcard_tui.rules.policy_values import changed, differences, of_limits
from bankcard_tui.rules.terms import Grade
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.policy_versions import SEE_POLICY, beginning, last_moment, policy_at
from bankcard_tui.services.policy_views import DifferenceView, PolicyValues, Tried, difference_views, value_views
from bankcard_tui.services.portfolio import what_if

OF_MONTHS = frozenset({"grace_days", "spending_months"})
"""Figures that say how months of history are counted, which is done by an evaluation and not in a trial."""

TRY_OUT = (Permission.MANAGE_LIMIT_RULES, Permission.MANAGE_POLICY, Permission.EVALUATE_LIMITS)


class TierView(View):
    """One row of the tier table."""

    grade: Grade
    lowest: Money
    highest: Money
    raise_low_percent: int
    raise_high_percent: int
    reduced_after_months_overdue: int


class PolicyView(View):
    """The policy in force: its version, the tier table, and every figure by name."""

    version: int
    in_force_from: datetime
    note: str
    grade_bounds_percent: tuple[int, int, int]
    tiers: tuple[TierView, ...]
    figures: dict[str, Any]


@question("policy.show", allow=SEE_POLICY)
def show_policy(desk: Desk) -> PolicyView:
    """Show the policy in force with its version."""
    row = desk.sql.execute(
        select(POLICY.c.in_force_from, POLICY.c.note).where(
            POLICY.c.branch_id == desk.branch_id, POLICY.c.version == desk.policy_version
        )
    ).one()
    return PolicyView(
        version=desk.policy_version,
        in_force_from=row.in_force_from,
        note=row.note,
        grade_bounds_percent=desk.policy.grade_bounds_percent,
        tiers=tuple(
            TierView(
                grade=tier.grade,
                lowest=tier.lowest,
                highest=tier.highest,
                raise_low_percent=tier.raise_low_percent,
                raise_high_percent=tier.raise_high_percent,
                reduced_after_months_overdue=tier.reduced_after_months_overdue,
            )
            for tier in desk.policy.tiers
        ),
        figures=to_plain(desk.policy),
    )


@question("policy.values", allow=SEE_POLICY)
def policy_values(desk: Desk) -> PolicyValues:
    """Show every figure of the policy in force, with its unit, its bounds, and who may change it."""
    return _values(desk, desk.policy_version)


@question("policy.at", allow=SEE_POLICY)
def policy_then(desk: Desk, version: int | None = None, day: date | None = None) -> PolicyValues:
    """Show every figure of one version of the policy, or of the one in force at the end of a day.

    Raises NotFound for a version that there is not.
    """
    if version is None:
        moment = desk.now if day is None or day == desk.today else last_moment(desk, day)
        version = desk.bank.version_in_force(desk.sql, moment)
    return _values(desk, version)


@question("policy.try_out", allow=TRY_OUT)
def try_out(desk: Desk, changes: dict[str, str], from_day: date | None = None) -> Tried:
    """Try a change of the policy without making it: the figures before and after, and where a rule of limits is among
    them, what it would do to the portfolio; whose limits would move is said to those alone who may see customers.

    Raises InvalidForm for values that can't be.
    """
    before = policy_at(desk, beginning(desk, from_day))
    policy = changed(before, changes)
    found = differences(before, policy)
    moves = what_if(desk, policy, before) if any(of_limits(each.name) for each in found) else None
    if moves is not None and not desk.actor.may(Permission.SEE_CUSTOMERS):
        moves = moves.model_copy(update={"movers": ()})
    shown = difference_views(policy, found)
    return Tried(differences=shown, what_if=moves, unseen=tuple(_unseen(shown)))


def _unseen(differences: tuple[DifferenceView, ...]) -> Iterator[Phrase]:
    for each in differences:
        if each.name in OF_MONTHS:
            yield Phrase(
                "{figure}: only an evaluation counts the months anew, so that this is not the whole effect.",
                {"figure": each.words},
            )


def _values(desk: Desk, version: int) -> PolicyValues:
    row = desk.sql.execute(
        select(POLICY.c.in_force_from, POLICY.c.note).where(
            POLICY.c.branch_id == desk.branch_id, POLICY.c.version == version
        )
    ).one_or_none()
    if row is None:
        raise NotFound(
            "There is no version {version} of the policy.", hint="bankcard policy list shows them.", version=version
        )
    policy = desk.bank.policy(desk.sql, version)
    return PolicyValues(version=version, in_force_from=row.in_force_from, note=row.note, values=value_views(policy))
