"""Why a re-evaluation came to its result, in sentences with figures that the customer can read, and staff too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bankcard_tui.errors import Phrase
from bankcard_tui.locale import mark
from bankcard_tui.rules.limits import (
    CLASSES,
    GRADES,
    RESULTS,
    Judged,
    Standing,
    carried,
    overdue_for_reduction,
    reduction_target,
    total_of,
)
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy import Policy, Tier
from bankcard_tui.rules.terms import EvaluationResult, Grade, SpendingClass

YEAR = 12

GRADE_WORDS: Mapping[Grade, str] = {
    Grade.EXCELLENT: mark("Excellent"),
    Grade.GOOD: mark("Good"),
    Grade.MEDIUM: mark("Medium"),
    Grade.POOR: mark("Poor"),
}


def reasons(standing: Standing, judged: Judged, policy: Policy) -> tuple[Phrase, ...]:
    """What one account's re-evaluation rests on; never empty."""
    result = RESULTS[judged.result]
    if result is EvaluationResult.REDUCTION:
        return (_overdue(standing, policy), *_lowered(standing, judged, policy))
    if result is EvaluationResult.HELD:
        return (_overdue(standing, policy), _held(standing))
    if result is EvaluationResult.RAISE:
        return (_spent_and_paid(standing), _grade_allows(judged, policy), *_bounds(standing, judged, policy))
    if overdue_for_reduction(standing, policy):
        lowest = Phrase("Your limit of {limit} yuan is as low as it goes.", {"limit": str(Money(standing.limit))})
        return (_overdue(standing, policy), lowest)
    return tuple(_stable(standing, judged, policy))


def grade_phrase(place: int) -> Phrase:
    """The grade at ``place``, to stand in a sentence."""
    return Phrase(GRADE_WORDS[GRADES[place]])


def _overdue(standing: Standing, policy: Policy) -> Phrase:
    tier = _tier(standing.grade, policy)
    grade = grade_phrase(standing.grade)
    if tier.reduced_after_months_overdue == 0:
        return Phrase(
            "You paid late since the last evaluation; with the credit grade {grade} that alone lowers a limit.",
            {"grade": grade},
        )
    return Phrase(
        "Your payments were overdue for {months:month|months} in a row; with the credit grade {grade} a limit is "
        "lowered after {after:month|months}.",
        {"months": standing.months_overdue, "grade": grade, "after": tier.reduced_after_months_overdue},
    )


def _lowered(standing: Standing, judged: Judged, policy: Policy) -> Iterator[Phrase]:
    target, lower = reduction_target(standing.grade, policy)
    yield Phrase(
        "A limit is then lowered to {target} yuan, the lowest of the credit grade {grade}.",
        {"target": str(Money(target)), "grade": grade_phrase(lower)},
    )
    if judged.after > target:
        yield Phrase(
            "Since you owe {owed} yuan, yours goes to {after} yuan.",
            {"owed": str(Money(standing.owed)), "after": str(Money(judged.after))},
        )


def _held(standing: Standing) -> Phrase:
    return Phrase(
        "Since you owe {owed} yuan, your limit of {limit} yuan stays for now.",
        {"owed": str(Money(standing.owed)), "limit": str(Money(standing.limit))},
    )


def _spent_and_paid(standing: Standing) -> Phrase:
    return Phrase(
        "You spent {spent} % of your limits a month and paid on time for {months:month|months}.",
        {"spent": standing.spent_percent, "months": min(standing.months_observed, YEAR)},
    )


def _grade_allows(judged: Judged, policy: Policy) -> Phrase:
    tier = _tier(judged.evaluated, policy)
    return Phrase(
        "Your credit grade is {grade}, with which a limit rises by {low} to {high} %.",
        {
            "grade": grade_phrase(judged.evaluated),
            "low": tier.raise_low_percent,
            "high": tier.raise_high_percent,
        },
    )


def _bounds(standing: Standing, judged: Judged, policy: Policy) -> Iterator[Phrase]:
    """What keeps the limit from rising further than to ``judged.after``, where something does."""
    step, after = policy.limit_step.fen, judged.after
    highest = _tier(judged.evaluated, policy).highest.fen
    total = total_of(standing.income, policy)
    bearable = carried(standing.income, standing.debt, policy)
    if highest - after < step:
        yield Phrase(
            "The highest limit of this credit grade is {highest} yuan.",
            {"highest": str(Money(highest))},
        )
    if total - standing.own_limits - (after - standing.limit) < step:
        yield Phrase(
            "All your limits here together may come to {total} yuan at most.",
            {"total": str(Money(total))},
        )
    if bearable - (after - standing.limit) < step:
        yield Phrase("Your income, less what goes to debts, carries no more.")


def _stable(standing: Standing, judged: Judged, policy: Policy) -> Iterator[Phrase]:
    spending = CLASSES[judged.spending]
    if spending is SpendingClass.NEW:
        yield Phrase(
            "Your card has been in use for {months:month|months}; a limit can rise after {least:month|months}.",
            {"months": standing.months_observed, "least": policy.months_before_upper_half},
        )
    elif spending is SpendingClass.LATE:
        yield Phrase(
            "Within twelve months a payment was {days:day|days} late; a limit rises only for payments on time.",
            {"days": standing.worst_days},
        )
    elif spending is SpendingClass.CAUTIOUS:
        yield Phrase(
            "You spent {spent} % of your limits a month; a limit rises from {high} % on.",
            {"spent": max(standing.spent_percent, 0), "high": policy.high_spending_percent},
        )
    else:
        yield _spent_and_paid(standing)
        yield from _no_raise(standing, judged, policy)


def _no_raise(standing: Standing, judged: Judged, policy: Policy) -> Iterator[Phrase]:
    """Why a limit does not rise though much was spent and paid on time."""
    if not _tier(judged.evaluated, policy).raise_high_percent:
        yield Phrase(
            "Your credit grade is {grade}, with which a limit does not rise.",
            {"grade": grade_phrase(judged.evaluated)},
        )
    elif standing.blocked:
        yield Phrase("What is on file about you rules out an increase now; ask at the counter what is missing.")
    else:
        found = tuple(_bounds(standing, judged, policy))
        yield from found or (Phrase("Your limit would rise by less than a step."),)


def _tier(place: int, policy: Policy) -> Tier:
    return policy.tier(GRADES[place])
