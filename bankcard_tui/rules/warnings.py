"""Early warnings: signs that a customer may come to owe more than can be repaid, and what to do about each.

The signs are looked for in whole numbers (fen, days, counts), in those of one account or in columns of many alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from bankcard_tui.errors import Phrase
from bankcard_tui.rules.columns import Flag, Whole
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy import Policy
from bankcard_tui.rules.terms import WarningKind


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known of an account: ``limit`` is all that the customer may owe here; ``owed``, ``cash`` and
    ``days_past_due`` are those of the newest month; ``income`` (a month's) and ``times_overdue`` stand in the file now,
    and stood there ``_before``, when the account was last evaluated or granted. ``watched`` is 1 or 0.
    """

    limit: Whole
    owed: Whole
    cash: Whole
    days_past_due: Whole
    income: Whole
    income_before: Whole
    times_overdue: Whole
    times_overdue_before: Whole
    watched: Whole


def use_bound(watched: Whole, policy: Policy) -> Whole:
    """From how much of the limit (percent) on a balance is warned of."""
    return policy.warning_use_percent + watched * (policy.warning_use_percent_watched - policy.warning_use_percent)


def cash_bound(watched: Whole, policy: Policy) -> Whole:
    """From how much of the limit (percent) on the cash drawn in a month is warned of."""
    return policy.warning_cash_percent + watched * (policy.warning_cash_percent_watched - policy.warning_cash_percent)


def warnings_of(signs: Signs, policy: Policy) -> dict[WarningKind, Flag]:
    """Whether each kind of warning is due. What is not known never warns, nor does a balance or an income of nothing
    that was nothing before.
    """
    left = 100 - policy.warning_income_fall_percent
    return {
        WarningKind.UTILISATION: (signs.owed > 0)
        & (signs.owed * 100 >= signs.limit * use_bound(signs.watched, policy)),
        WarningKind.OVERDUE_HERE: signs.days_past_due > policy.grace_days,
        WarningKind.OVERDUE_ELSEWHERE: (signs.times_overdue_before >= 0)
        & (signs.times_overdue > signs.times_overdue_before),
        WarningKind.FALLING_INCOME: (signs.income >= 0)
        & (signs.income_before > 0)
        & (signs.income * 100 <= signs.income_before * left),
        WarningKind.CASH_ADVANCES: (signs.cash > 0)
        & (signs.cash * 100 >= signs.limit * cash_bound(signs.watched, policy)),
    }


def figures_of(kind: WarningKind, signs: Signs, policy: Policy, month: str, before: date) -> tuple[Phrase, ...]:
    """What a warning of ``kind`` rests on, in sentences; ``month`` is the newest one, as 2026-10, and ``before`` the
    day of the last evaluation or of the grant.
    """
    day = before.isoformat()
    match kind:
        case WarningKind.UTILISATION:
            percent = _percent(signs.owed, signs.limit)
            said = Phrase(
                "{owed} of {limit} yuan are owed: {percent} % of the limit.",
                {"owed": _yuan(signs.owed), "limit": _yuan(signs.limit), "percent": percent},
            )
            return said, _bound(use_bound(signs.watched, policy), signs.watched)
        case WarningKind.CASH_ADVANCES:
            percent = _percent(signs.cash, signs.limit)
            said = Phrase(
                "{cash} yuan were drawn in cash in {month}: {percent} % of the limit.",
                {"cash": _yuan(signs.cash), "month": month, "percent": percent},
            )
            return said, _bound(cash_bound(signs.watched, policy), signs.watched)
        case WarningKind.OVERDUE_HERE:
            return (Phrase("{days:day|days} past due in {month}.", {"days": signs.days_past_due, "month": month}),)
        case WarningKind.OVERDUE_ELSEWHERE:
            said = Phrase(
                "Overdue {now:time|times} elsewhere in twelve months; on {day} it was {before}.",
                {"now": signs.times_overdue, "before": signs.times_overdue_before, "day": day},
            )
            return (said,)
        case WarningKind.FALLING_INCOME:
            fall = _percent(signs.income_before - signs.income, signs.income_before)
            said = Phrase(
                "The income fell by {percent} % since {day}, from {before} to {now} yuan a month.",
                {"before": _yuan(signs.income_before), "now": _yuan(signs.income), "percent": fall, "day": day},
            )
            return (said,)


def held_figures(months: int, owed: Money) -> tuple[Phrase, ...]:
    """What a warning rests on where the rule would reduce the limit, and what is owed keeps it."""
    if not months:
        return (Phrase("A payment was overdue, and {owed} yuan owed keep the limit as it is.", {"owed": str(owed)}),)
    said = Phrase(
        "{months:month|months} overdue in a row, and {owed} yuan owed keep the limit as it is.",
        {"months": months, "owed": str(owed)},
    )
    return (said,)


def advice_for(kind: WarningKind) -> Phrase:
    """What to do about a warning."""
    return _ADVICE[kind]


_ADVICE: Final[Mapping[WarningKind, Phrase]] = {
    WarningKind.UTILISATION: Phrase(
        "Call the customer: what is the money for, and can it be repaid? Offer instalments before the limit runs out."
    ),
    WarningKind.OVERDUE_HERE: Phrase(
        "Call the customer and agree on a day and an amount. If it goes on, propose a lower limit."
    ),
    WarningKind.OVERDUE_ELSEWHERE: Phrase(
        "Ask which debts those are and bring the file up to date. Propose a lower limit where the income no longer "
        "carries them."
    ),
    WarningKind.FALLING_INCOME: Phrase(
        "Have the income checked again, with new papers. Where the debts no longer fit it, agree on smaller payments "
        "or propose a lower limit."
    ),
    WarningKind.CASH_ADVANCES: Phrase(
        "Ask what the cash is needed for: often it pays other debts. Keep the account watched, and raise no limit for "
        "now."
    ),
}


def _bound(percent: int, watched: int) -> Phrase:
    if watched:
        return Phrase("Watched accounts are warned of from {percent} % on.", {"percent": percent})
    return Phrase("Accounts are warned of from {percent} % on.", {"percent": percent})


def _percent(part: int, whole: int) -> int:
    return part * 100 // whole if whole > 0 else 100


def _yuan(fen: int) -> str:
    return str(Money(fen))
