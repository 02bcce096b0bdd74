"""The re-evaluation of a limit: how somebody spends and repays, and what that makes of the limit.

Everything is counted in whole numbers, and works alike for one account and for columns of many (rules/columns): amounts
in fen, logarithms of odds in millionths, grades, classes and results as places in the order of their lists.
"""

from __future__ import annotations

from dataclasses import dataclass

from bankcard_tui.rules.columns import UNKNOWN, Flag, Whole, chosen, least, most, where
from bankcard_tui.rules.odds import log_odds
from bankcard_tui.rules.policy import Policy, Tier
from bankcard_tui.rules.terms import EvaluationResult, Grade, ReductionTarget, SpendingClass

MONTHS_LOOKED_AT = 60
"""Overdue months are counted this far back: as many as there are bits for in a whole number of the store."""

MILLION = 1_000_000
PARTS = 10_000
"""A position within a grade is counted in ten-thousandths, so that money is only ever multiplied by whole numbers."""

GRADES, CLASSES, RESULTS = tuple(Grade), tuple(SpendingClass), tuple(EvaluationResult)
"""What the places stand for."""

_NEW, _LATE, _HIGH, _CAUTIOUS = (
    CLASSES.index(each) for each in (SpendingClass.NEW, SpendingClass.LATE, SpendingClass.HIGH, SpendingClass.CAUTIOUS)
)
_STABLE, _RAISE, _REDUCTION, _HELD = (
    RESULTS.index(each)
    for each in (
        EvaluationResult.STABLE,
        EvaluationResult.RAISE,
        EvaluationResult.REDUCTION,
        EvaluationResult.HELD,
    )
)


@dataclass(frozen=True, slots=True)
class Standing:
    """An account, or a column of each of these of many accounts, as a re-evaluation sees it.

    ``own_limits`` is all that the customer may owe here, special limits included; ``owed`` the newest balance;
    ``income`` and ``debt`` (with what personal plans here take) are a month's, UNKNOWN where not known. ``worst_days``
    are the worst days past due of twelve months and ``spent_percent`` the mean spending a month in percent of the
    limits, UNKNOWN without history.
    ``months_overdue`` is the longest row of months overdue since the last evaluation, ``overdue_at_all`` whether there
    was one day. ``odds`` and ``odds_low`` are the middle and the pessimistic end of the log-odds good to bad. ``grade``
    is the one that the limit rests on; ``blocked`` says that a hard rule rules out an increase.
    """

    limit: Whole
    own_limits: Whole
    owed: Whole
    income: Whole
    debt: Whole
    months_observed: Whole
    worst_days: Whole
    months_overdue: Whole
    overdue_at_all: Flag
    spent_percent: Whole
    odds: Whole
    odds_low: Whole
    grade: Whole
    blocked: Flag


@dataclass(frozen=True, slots=True)
class Judged:
    """What a re-evaluation comes to: the ``evaluated`` grade, how the customer spends, the result, the limit ``after``
    it, and the grade that this limit rests on.
    """

    evaluated: Whole
    spending: Whole
    result: Whole
    after: Whole
    grade: Whole


def judge(standing: Standing, policy: Policy) -> Judged:
    """The re-evaluation of ``standing`` under ``policy``.

    A reduction that the rule asks for goes before everything; where as much is owed as the limit is, it is held. An
    increase is for those who spend much and pay on time.
    """
    evaluated = grade_at(standing.odds, policy)
    spending = spending_of(standing, policy)
    asked = overdue_for_reduction(standing, policy)
    target, lower = reduction_target(standing.grade, policy)
    floor = most(target, rounded_up(standing.owed, policy.limit_step.fen))
    reduced = asked & (floor < standing.limit)
    held = asked & (target < standing.limit) & (floor >= standing.limit)
    higher = raised(
        standing.limit,
        standing.own_limits,
        standing.income,
        standing.debt,
        standing.odds_low,
        evaluated,
        policy,
    )
    rises = (asked == 0) & (spending == _HIGH) & (standing.blocked == 0) & (higher > standing.limit)
    result = where(reduced, _REDUCTION, where(held, _HELD, where(rises, _RAISE, _STABLE)))
    after = where(reduced, floor, where(rises, higher, standing.limit))
    grade = where(reduced, lower, where(rises, evaluated, standing.grade))
    return Judged(evaluated, spending, result, after, grade)


def spending_of(standing: Standing, policy: Policy) -> Whole:
    """The spending class: new until so many months were seen, late with more days past due than the grace, high from
    so many percent of the limits a month on, else cautious.
    """
    seen = standing.months_observed >= most(policy.months_before_upper_half, 1)
    late = standing.worst_days > policy.grace_days
    high = standing.spent_percent >= policy.high_spending_percent
    return where(seen == 0, _NEW, where(late, _LATE, where(high, _HIGH, _CAUTIOUS)))


def overdue_for_reduction(standing: Standing, policy: Policy) -> Flag:
    """Whether the tier of the account's own grade asks for a reduction: after so many months overdue in a row, or,
    where that is 0, after a single day.
    """
    months = chosen([tier.reduced_after_months_overdue for tier in _tiers(policy)], standing.grade)
    return where(months == 0, standing.overdue_at_all > 0, standing.months_overdue >= most(months, 1))


def reduction_target(grade: Whole, policy: Policy) -> tuple[Whole, Whole]:
    """What a limit of ``grade`` is reduced to, and the grade that it then rests on: the lowest of the next lower tier,
    or of the own one where the policy says so or there is no lower.
    """
    down = 1 if policy.reduction_to is ReductionTarget.LOWER_TIER_LOWEST else 0
    lower = least(grade + down, len(GRADES) - 1)
    return chosen([tier.lowest.fen for tier in _tiers(policy)], lower), lower


def raised(
    limit: Whole, own_limits: Whole, income: Whole, debt: Whole, odds_low: Whole, grade: Whole, policy: Policy
) -> Whole:
    """What ``limit`` could be raised to by ``grade``; not above it where there is nothing to raise.

    By low + u x (high - low) percent of the raise of the grade's tier, with u the position of the pessimistic end of
    the odds within the grade. Never past the top of the tier, what is affordable and the room in the total; rounded
    down to the step of limits.
    """
    tiers = _tiers(policy)
    low = chosen([tier.raise_low_percent for tier in tiers], grade)
    high = chosen([tier.raise_high_percent for tier in tiers], grade)
    top = chosen([tier.highest.fen for tier in tiers], grade)
    parts = low * PARTS + position(odds_low, grade, policy) * (high - low)
    within = least(limit, top)  # above the top nothing is raised, and no product outgrows 64 bits
    wanted = within + (2 * within * parts + 100 * PARTS) // (200 * PARTS)
    room = most(total_of(income, policy) - own_limits, 0)
    # What the limit itself takes of the total is there for it already.
    bounded = least(wanted, top, limit + carried(income, debt, policy), limit + room)
    return where(high > 0, bounded - bounded % policy.limit_step.fen, 0)


def total_of(income: Whole, policy: Policy) -> Whole:
    """The one total limit of a customer: so many months of income, up to the highest, which is left alone where the
    income is not known.
    """
    highest = policy.total_limit_highest.fen
    return where(income == UNKNOWN, highest, least(income * policy.total_limit_months_of_income, highest))


def carried(income: Whole, debt: Whole, policy: Policy) -> Whole:
    """What more could be owed and served within the ceiling of debt payments, up to the highest total; 0 where income
    or debt is not known.
    """
    spare = income * policy.debt_service_ceiling_percent - debt * 100
    highest, share = policy.total_limit_highest.fen, policy.new_debt_service_percent_of_limit
    bearable = least(spare // share, highest) if share else highest
    known = (income != UNKNOWN) & (debt != UNKNOWN)
    return where(known & (spare >= 0), bearable, 0)


def rounded_up(amount: Whole, step: int) -> Whole:
    """The smallest multiple of ``step`` that is not below ``amount``."""
    return -(-amount // step) * step


def longest_overdue(overdue: Whole, since: Whole) -> Whole:
    """The longest row of months overdue that reaches into the last ``since`` months; one that began earlier counts
    whole. Bit k of ``overdue`` says that the month k + 1 months ago was overdue.
    """
    longest = row = overdue * 0
    for place in reversed(range(MONTHS_LOOKED_AT)):
        row = (row + 1) * (overdue >> place & 1)
        longest = where(place < since, most(longest, row), longest)
    return longest


def overdue_since(days_late: Whole, since: Whole) -> Flag:
    """Whether any of the last ``since`` months has its bit in ``days_late``, where bit k is the month k + 1 ago."""
    return (days_late & ((1 << most(least(since, MONTHS_LOOKED_AT), 0)) - 1)) > 0


def millionths(probability: float) -> int:
    """The natural logarithm of the odds good to bad of a probability of default, in millionths."""
    return round(log_odds(probability) * MILLION)


def grade_at(odds: Whole, policy: Policy) -> Whole:
    """The grade of ``odds`` in millionths; at a bound the worse one."""
    return sum(odds <= bound for bound in _bounds(policy))


def position(odds: Whole, grade: Whole, policy: Policy) -> Whole:
    """Where ``odds`` stand within ``grade`` on log-odds: 0 at the worse end, 10,000 at the better, rounded down.

    The best and the worst grade have one open end; each is taken to be as wide as the closed grades together.
    """
    ends = _bounds(policy)
    width = ends[0] - ends[-1]
    edges = [ends[0] + width, *ends, ends[-1] - width]
    better, worse = chosen(edges[:-1], grade), chosen(edges[1:], grade)
    return most(least((odds - worse) * PARTS // (better - worse), PARTS), 0)


def _bounds(policy: Policy) -> list[int]:
    """The odds at which a better grade ends, from the best grade to the worst."""
    return [millionths(percent / 100) for percent in policy.grade_bounds_percent]


def _tiers(policy: Policy) -> list[Tier]:
    """The tiers in the order of the grades."""
    return [policy.tier(grade) for grade in GRADES]
