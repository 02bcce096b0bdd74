"""How the people of the demo branch use and repay their cards, month by month.

Who gets into trouble depends on what the points card asks, but not with the weights of its expert: housing tells more
here, the employer hardly anything. A card that was trained on the branch finds that out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from bankcard_tui.cli.demo_people import DemoPerson
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import EmployerKind, Housing, Occupation
from bankcard_tui.services.history_import import AMOUNTS, CASH

_BASE = -2.4
_HOUSING = {
    Housing.OWNED: -1.3,
    Housing.MORTGAGED: -0.7,
    Housing.FAMILY: 0.0,
    Housing.EMPLOYER: 0.6,
    Housing.RENTED: 1.3,
}
_EMPLOYER = {EmployerKind.GOVERNMENT: 0.1, EmployerKind.NONE: 0.2}
_OCCUPATION = {
    Occupation.PROFESSIONAL: -0.3,
    Occupation.MANAGEMENT: 0.2,
    Occupation.SERVICE: 0.7,
    Occupation.STUDENT: 0.3,
    Occupation.RETIRED: -0.5,
}
_OVERDUE = (-0.2, 0.4, 0.8)
"""Never, once, and more often overdue elsewhere."""

_SLIPS = ((0, 3, 12, 25, 45), (88, 5, 4, 2, 1))
"""Days past due in a month without trouble, and how often."""

_CASH = (0, 0, 0, 0, 0, 0, 0.1, 0.3, 0.5, 0.9)
"""The part of their spending that people draw in cash; most draw none."""

_RESERVE = (0, 0.1, 0.2, 0.25, 0.3, 0.4)
"""The part of their limit that people leave for bad days."""

_TROUBLE_IN = 10
"""Months of the first twelve in which trouble can begin that reaches 60 days within them."""


@dataclass(frozen=True, slots=True)
class Month:
    """What a card did in a month; amounts in whole yuan."""

    balance: int
    spent: int
    repaid: int
    due: int
    days_past_due: int
    cash: int


def risk_of(person: DemoPerson) -> float:
    """The probability (fraction) that a person falls 60 days overdue within the first year of a card."""
    life = person.circumstances
    income = max(1_000, life.monthly_income.fen / 100 if life.monthly_income else 0)
    assets = sum(each.fen for each in (life.deposits, life.other_assets) if each is not None) / 100
    debt = life.monthly_debt.fen / 100 / income if life.monthly_debt else 0
    log_odds = (
        _BASE
        + _HOUSING.get(life.housing or Housing.FAMILY, 0)
        + _EMPLOYER.get(life.employer_kind or EmployerKind.PRIVATE, 0)
        + _OCCUPATION.get(life.occupation or Occupation.OTHER, 0)
        + _OVERDUE[min(life.times_overdue or 0, 2)]
        - 0.25 * math.log(income / 7_000)
        - 0.1 * math.log1p(assets / 20_000)
        + 2.5 * (debt - 0.15)
        - 0.3 * person.steadiness
    )
    return 1 / (1 + math.exp(-log_odds))


def months_of_use(random: Random, limit_now: Callable[[], int], risk: float) -> Iterator[Month]:
    """Month after month of a card, without end; ``limit_now`` gives its limit in yuan, ``risk`` is that of
    :func:`risk_of`.
    """
    hazard = 1 - (1 - risk) ** (1 / _TROUBLE_IN)
    appetite, pays_all = random.uniform(0.1, 0.75) + risk / 4, random.random() > risk + 0.3
    draws, reserve = random.choice(_CASH), random.choice(_RESERVE)
    owed = late = 0
    while True:
        due, limit = owed if late else -(-owed // 10), int(limit_now() * (1 - reserve))
        if late and not (late > 90 and random.random() < 0.15):
            late += random.choice((30, 31))
            spent = repaid = 0
        elif not late and random.random() < hazard:
            late = random.randint(5, 25)
            spent, repaid = min(max(0, limit - owed), int(limit * appetite)), 0
        else:
            late = 0
            repaid = owed if pays_all or due == owed else random.randint(due, max(due, owed // 2))
            spent = min(max(0, limit - owed + repaid), int(limit * appetite * random.uniform(0.2, 1.6)))
        slip = late or random.choices(*_SLIPS)[0] * (owed > 0)
        owed += spent - repaid
        yield Month(owed, spent, repaid, due, slip, int(spent * draws))


def steady_months(limit_now: Callable[[], int]) -> Iterator[Month]:
    """Month after month of somebody who spends much, and pays all of it in time."""
    owed = 0
    while True:
        spent = limit_now() * 3 // 5
        yield Month(spent, spent, owed, -(-owed // 10), 0, 0)
        owed = spent


def row_of(customer: str, month: date, use: Month) -> dict[str, str]:
    """A month as a row of a file of history."""
    figures = {name: Money.yuan(getattr(use, name)).plain for name in (*AMOUNTS, CASH)}
    return {
        "customer_external_id": customer,
        "month": f"{month:%Y-%m}",
        **figures,
        "days_past_due": str(use.days_past_due),
    }
