"""The policy in force, and what an admin changes in it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select

from bankcard_tui.desk.access import POLICY
from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.desk.results import View
from bankcard_tui.errors import InvalidInput
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy import Policy, to_plain
from bankcard_tui.rules.terms import STAFF_ROLES, Grade, Role
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


def the_policy(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The policy in force. It is nobody's own."""
    return Subject("policy", desk.branch_id, None, b"", desk.policy_version)


def _second_admin(desk: Desk, arguments: dict[str, Any]) -> tuple[Permission, ...]:
    return (Permission.MANAGE_POLICY,)


@operation("policy.demand_second_factor", allow=Permission.MANAGE_POLICY, subject=the_policy, signatures=_second_admin)
def demand_second_factor(desk: Desk, roles: frozenset[Role]) -> int:
    """Demand a second factor of everybody in these roles, and of nobody else. Gives the new version of the policy.

    Who must have one and has none keeps the own account and the own log until it is there.
    """
    if not roles <= frozenset(STAFF_ROLES):
        raise InvalidInput("roles", "Only staff have a second factor.", hint="Choose among tellers, managers, admins.")
    demanded = tuple(role for role in STAFF_ROLES if role in roles)
    desk.note(demanded=demanded, before=desk.policy.second_factor_roles)
    return _put_in_force(desk, replace(desk.policy, second_factor_roles=demanded), "second factor")


def _put_in_force(desk: Desk, policy: Policy, note: str) -> int:
    """Write ``policy`` as the newest version, in force from now on, and return its number."""
    newest = select(func.max(POLICY.c.version)).where(POLICY.c.branch_id == desk.branch_id)
    version = int(desk.sql.execute(newest).scalar_one()) + 1
    desk.sql.execute(
        insert(POLICY).values(
            branch_id=desk.branch_id,
            version=version,
            policy=json.dumps(to_plain(policy)),
            in_force_from=desk.now,
            proposed_by=desk.account_id,
            note=note,
        )
    )
    return version
