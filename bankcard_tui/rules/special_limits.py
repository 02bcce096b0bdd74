"""What a limit may be changed to, and what may stand beside it: temporary increases and personal plans.

Bounds are pairs (lowest, highest); nothing fits where the first is above the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.columns import UNKNOWN, fen_or_unknown
from bankcard_tui.rules.limits import carried
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.policy import Policy
from bankcard_tui.rules.terms import Grade, PlanPurpose
from bankcard_tui.rules.tiers import debt_in_fen, room_in_total


@dataclass(frozen=True, slots=True)
class Bounds:
    """An amount from ``lowest`` to ``highest``, in steps of the policy."""

    lowest: Money
    highest: Money

    def __contains__(self, amount: Money) -> bool:
        return self.lowest <= amount <= self.highest


def rounded_up(amount: Money, step: Money) -> Money:
    """The smallest multiple of ``step`` that is not below ``amount``."""
    return -(-amount).rounded_down(step)


def raise_bounds(limit: Money, applicant: Applicant, grade: Grade | None, policy: Policy) -> Bounds:
    """What ``limit`` can be raised to: within the tier of ``grade`` (None: not looked at) and the total limit, which
    ``applicant.own_limits`` has used up so far.
    """
    highest = limit + room_in_total(applicant, policy)
    if grade is not None:
        highest = min(highest, policy.tier(grade).highest)
    return Bounds((limit + policy.limit_step).rounded_down(policy.limit_step), highest.rounded_down(policy.limit_step))


def raise_carried(applicant: Applicant, paid_already: Money, policy: Policy) -> Money | None:
    """By how much a limit may rise within the ceiling of debt service; ``paid_already`` is what running plans take a
    month. None when the income or the debts are not known.
    """
    income, debt = fen_or_unknown(applicant.monthly_income), debt_in_fen(applicant, paid_already)
    if UNKNOWN in (income, debt):
        return None
    return Money(carried(income, debt, policy)).rounded_down(policy.limit_step)


def reduction_bounds(limit: Money, owed: Money, policy: Policy) -> Bounds:
    """What ``limit`` can be reduced to: not below the smallest of all tiers, nor below what is owed."""
    step = policy.limit_step
    smallest = min(tier.lowest for tier in policy.tiers)
    return Bounds(rounded_up(max(smallest, owed), step), rounded_up(limit, step) - step)


def temporary_bounds(limit: Money, applicant: Applicant, policy: Policy) -> Bounds:
    """What a temporary increase may add to ``limit``."""
    most = Money(limit.fen * policy.temporary_most_percent // 100)
    return Bounds(policy.limit_step, min(most, room_in_total(applicant, policy)).rounded_down(policy.limit_step))


def last_temporary_day(today: date, policy: Policy) -> date:
    """The last day up to which a temporary increase can be granted ``today``."""
    return today + timedelta(days=policy.temporary_most_days)


def plan_bounds(
    purpose: PlanPurpose, months: int, applicant: Applicant, paid_already: Money, policy: Policy
) -> Bounds | None:
    """What a personal plan of so many ``months`` may come to; ``paid_already`` is what running plans take a month.

    Not above the highest for its purpose, the room in the total limit, and what the income carries within the ceiling
    of debt service. None when the income or the debts are not known.
    """
    spare = spare_income(applicant, paid_already, policy)
    if spare is None:
        return None
    carried = min(spare.fen * months, policy.plan(purpose).highest.fen)
    return Bounds(
        policy.limit_step, min(Money(carried), room_in_total(applicant, policy)).rounded_down(policy.limit_step)
    )


def spare_income(applicant: Applicant, paid_already: Money, policy: Policy) -> Money | None:
    """What more may go to debts each month within the ceiling; None when the income or the debts are not known."""
    debt, income = applicant.debt_payments, applicant.monthly_income
    if debt is None or income is None:
        return None
    ceiling = Money(income.fen * policy.debt_service_ceiling_percent // 100)
    return max(ceiling - debt - paid_already, ZERO)


def monthly_payment(amount: Money, months: int) -> Money:
    """What a plan takes of the income each month: equal parts, rounded up to a whole fen."""
    return Money(-(-amount.fen // months))
