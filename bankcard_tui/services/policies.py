"""The policy in force, for reading."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from bankcard_tui.desk.access import POLICY
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import question
from bankcard_tui.desk.results import View
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy import to_plain
from bankcard_tui.rules.terms import Grade
from bankcard_tui.security.permissions import Permission


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


@question("policy.show", allow=(Permission.SEE_POLICY, Permission.RECORD_OUTCOMES))
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
