"""Limits: the tier of the grade, what a customer can carry, and the one total limit."""

from __future__ import annotations

from bankcard_tui.errors import InvalidInput
from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.columns import UNKNOWN, fen_or_unknown
from bankcard_tui.rules.limits import GRADES, PARTS, carried, millionths, position, raised, total_of
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.policy import Policy
from bankcard_tui.rules.terms import Grade


def total_limit(applicant: Applicant, policy: Policy) -> Money:
    """The one total limit of a customer across all cards here: so many months of income, up to the highest.

    An income that is not known leaves the highest alone; the rule about income speaks for itself.
    """
    return Money(total_of(fen_or_unknown(applicant.monthly_income), policy))


def room_in_total(applicant: Applicant, policy: Policy) -> Money:
    """What may still be granted within the total limit; never negative."""
    return max(total_limit(applicant, policy) - applicant.own_limits, ZERO)


def affordable(applicant: Applicant, policy: Policy) -> Money | None:
    """The largest limit whose monthly service keeps debt payments within the ceiling, up to the highest total.

    A limit is taken to cost ``policy.new_debt_service_percent_of_limit`` of itself a month when it is used in full.
    None when the income or the debt payments are not known.
    """
    debt, income = applicant.debt_payments, applicant.monthly_income
    if debt is None or income is None:
        return None
    return Money(carried(income.fen, debt.fen, policy))


def lowest_limit(grade: Grade, applicant: Applicant, policy: Policy) -> Money:
    """The least that may be granted: the tier's lowest, or a smaller wish down to the smallest limit of any tier.

    Nobody is given more credit than they asked for because their grade is good.
    """
    wish = applicant.wished_limit.rounded_down(policy.limit_step)
    return min(policy.tier(grade).lowest, max(wish, smallest_limit(policy)))


def smallest_limit(policy: Policy) -> Money:
    """The lowest limit of any tier: the least for whoever wishes for nothing, with whatever grade."""
    return min(tier.lowest for tier in policy.tiers)


def proposed_limit(applicant: Applicant, grade: Grade, pessimistic: float, policy: Policy) -> Money | None:
    """The limit to propose for a ``grade``; ``pessimistic`` is the worse end of the interval of the probability of
    default (fraction).

    low + u x (top - low), with u the position of the pessimistic end within the grade on log-odds. The top is the
    middle of the tier until so many months have been observed (policy), then its highest. Never above the wish,
    what is affordable and the room in the total; rounded down to ``policy.limit_step``. None when that falls below
    :func:`lowest_limit`, or when it can't be known what is affordable.
    """
    bearable = affordable(applicant, policy)
    if bearable is None:
        return None
    tier = policy.tier(grade)
    span = tier.highest - tier.lowest
    if applicant.months_observed < policy.months_before_upper_half:
        span = span.times(1, 2)
    by_risk = tier.lowest + span.times(position(millionths(pessimistic), GRADES.index(grade), policy), PARTS)
    limit = min(by_risk, applicant.wished_limit, bearable, room_in_total(applicant, policy))
    rounded = limit.rounded_down(policy.limit_step)
    return rounded if rounded >= lowest_limit(grade, applicant, policy) else None


def proposed_raise(
    limit: Money, applicant: Applicant, grade: Grade, pessimistic: float, policy: Policy
) -> Money | None:
    """What to raise ``limit`` to: by low + u x (high - low) percent of the grade's raise, with u as for a new limit.

    Only after ``policy.months_before_upper_half`` months with nothing overdue here; never past the top of the tier,
    what is affordable, or the room in the total; rounded down to ``policy.limit_step``. None when nothing is left.
    """
    observed = applicant.months_observed >= policy.months_before_upper_half and applicant.own_days_past_due == 0
    if not observed:
        return None
    proposed = raised(
        limit.fen,
        applicant.own_limits.fen,
        fen_or_unknown(applicant.monthly_income),
        fen_or_unknown(applicant.debt_payments),
        millionths(pessimistic),
        GRADES.index(grade),
        policy,
    )
    return Money(proposed) if proposed > limit.fen else None


def debt_in_fen(applicant: Applicant, paid_already: Money) -> int:
    """What goes to debts each month with the personal plans that run here, which take ``paid_already``; UNKNOWN where
    the debts are not known.
    """
    debt = applicant.debt_payments
    return UNKNOWN if debt is None else (debt + paid_already).fen


def check_limit(field: str, limit: Money, grade: Grade, applicant: Applicant, policy: Policy) -> None:
    """Take a manager's limit, or raise InvalidInput for ``field`` with the bounds that it breaks."""
    tier, step = policy.tier(grade), policy.limit_step
    lowest, room = lowest_limit(grade, applicant, policy), room_in_total(applicant, policy)
    if limit.rounded_down(step) != limit:
        raise InvalidInput(
            field, "A limit is a multiple of {step} yuan.", hint="Round it down to the step.", step=str(step)
        )
    if not lowest <= limit <= tier.highest:
        raise InvalidInput(
            field,
            "The limit must lie between {lowest} and {highest} yuan for this grade.",
            hint="Choose a limit inside the tier.",
            lowest=str(lowest),
            highest=str(tier.highest),
        )
    if limit > room:
        raise InvalidInput(
            field,
            "Only {room} yuan are left in the customer's total limit of {total} yuan.",
            hint="Choose a smaller limit.",
            room=str(room),
            total=str(total_limit(applicant, policy)),
        )
