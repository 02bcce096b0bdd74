"""An opinion with its precedents at 1,000,000 known customers, and one score with its reasons.

The large store holds outcomes with facts of every sort, of customers who are copies of one.
What is measured is a look at an application as the review desk takes it: the file, the score under the card in force,
the reasons in words, the nearest known customers, and the log entry that is written before anything is shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import cycle
from pathlib import Path
from random import Random
from typing import NamedTuple
from uuid import UUID

from bankcard_tui.config import Home
from bankcard_tui.decision.opinion import form_opinion
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.rules.expert import expert_card
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy import DEFAULT_POLICY
from bankcard_tui.rules.scorecard import Value
from bankcard_tui.rules.terms import EmployerKind, Housing, IncomeSource, Occupation, Security
from bankcard_tui.services.review import look, queue
from bankcard_tui.services.subjects import CUSTOMER
from bench.big_store import FOUNDED, kept, many_rows
from bench.branch import COST
from bench.filling_ids import new_id
from bench.measure import Figure, in_turn, percentile, timed
from tests.branch import SOLID, Town
from tests.rules.decent_applicant import DECENT

LARGE, SMALL, QUICK = 1_000_000, 10_000, 2_000
APPLICANTS = 40
PEOPLE = 50_000
"""Different sets of facts; more customers share them."""
CHUNK = 50_000
SLOW = 0.05
SLOW_SCORE = 0.005
YEARS = timedelta(days=1_500)
NAMES = "id branch_id customer_id started_on facts points months_observed worst_days_past_due bad matured_at"


class Known(NamedTuple):
    """Somebody at the start: facts in JSON, the points for them, and the probability of turning bad (fraction)."""

    facts: str
    points: int
    risk: float


def measure(quick: bool) -> list[Figure]:
    """The opinion on the large store against a small one, and the score alone."""
    large, small = (QUICK, QUICK // 2) if quick else (LARGE, SMALL)
    towns = [Town(Bank.open(store_of(size), cost=COST)) for size in (large, small)]
    try:
        rounds = 20 if quick else 1_000
        taken, baseline, score = in_turn(rounds, *(_looking(town) for town in towns), _scoring())
        sizes = f"{large:,} known customers"
        return [
            Figure(
                f"opinion with precedents, {sizes}",
                percentile(taken, 0.99),
                None,
                SLOW,
                absolute=True,
                half=percentile(taken, 0.5),
            ),
            Figure(
                f"opinion with precedents, 99% of {sizes} / {small:,}",
                percentile(taken, 0.99),
                percentile(baseline, 0.99),
                2,
            ),
            Figure(
                "one score with reasons",
                percentile(score, 0.99),
                None,
                SLOW_SCORE,
                absolute=True,
                half=percentile(score, 0.5),
            ),
        ]
    finally:
        for town in towns:
            town.bank.close()


def store_of(outcomes: int) -> Home:
    """A home whose branch knows how so many customers turned out, kept from an earlier run or built."""
    return kept(f"outcomes-{outcomes}", partial(_build, outcomes=outcomes), Path(__file__))


def _build(home: Home, outcomes: int) -> None:
    town = Town.found(home, SimulatedClock(FOUNDED))
    model = town.registers("known").customer_id
    for number in range(APPLICANTS):
        customer = town.registers(f"applicant{number}").customer_id
        income = Money.yuan(3_000 + 1_000 * number)
        changes = {"monthly_income": income, "times_overdue": number % 3, "years_employed": number, "deposits": income}
        town.verified(customer, SOLID.model_copy(update=changes))
        town.applies(f"applicant{number}", customer)
    branch = town.bank.branch.id
    town.bank.close()
    people = _people(min(outcomes, PEOPLE))
    statement = f"INSERT INTO outcome ({', '.join(NAMES.split())}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    copied = ", ".join(column.name for column in CUSTOMER.columns if column.name != "id")
    with many_rows(home) as connection:
        for start in range(0, outcomes, CHUNK):
            numbers = range(start, min(start + CHUNK, outcomes))
            connection.execute("BEGIN")
            rows = list(_rows(numbers, branch, people))
            copy = f"INSERT INTO customer (id, {copied}) SELECT ?, {copied} FROM customer WHERE id = ?"
            connection.executemany(copy, ((customer, model.bytes) for _, _, customer, *_ in rows))
            connection.executemany(statement, rows)
            connection.execute("COMMIT")


def _rows(numbers: range, branch: UUID, people: list[Known]) -> Iterator[tuple[object, ...]]:
    random = Random(numbers.start)
    base = int(FOUNDED.timestamp() * 1_000_000)
    for _ in numbers:
        known = random.choice(people)
        bad = random.random() < known.risk
        matured = base - random.randrange(YEARS // timedelta(microseconds=1))
        yield (
            new_id(matured),
            branch.bytes,
            new_id(matured),
            "2020-01-01",
            known.facts,
            known.points,
            12,
            95 if bad else 0,
            bad,
            matured,
        )


def _people(count: int) -> list[Known]:
    card, random = expert_card(DEFAULT_POLICY), Random(count)
    drawn = [_facts(random) for _ in range(count)]
    scores = [card.score(facts) for facts in drawn]
    return [Known(json.dumps(facts), each.points, each.probability) for facts, each in zip(drawn, scores, strict=True)]


def _facts(random: Random) -> dict[str, Value]:
    """Somebody, with one fact in twenty not known."""
    income = round(random.lognormvariate(9.1, 0.6))
    known: dict[str, Value] = {
        "age": random.randint(19, 68),
        "monthly_income": income,
        "assets": round(random.lognormvariate(10.5, 1.6)),
        "debt_service_percent": round(random.betavariate(1.3, 4) * 100),
        "other_limits_percent_of_annual_income": round(random.betavariate(1, 3) * 200),
        "times_overdue": random.choices((0, 1, 2, 3, 5), weights=(80, 10, 5, 3, 2))[0],
        "years_employed": random.randint(0, 30),
        "employer_kind": str(random.choice(list(EmployerKind))),
        "occupation": str(random.choice(list(Occupation))),
        "housing": str(random.choice(list(Housing))),
        "income_source": str(random.choice(list(IncomeSource))),
        "security": str(random.choices(list(Security), weights=(90, 5, 5))[0]),
    }
    return {code: value for code, value in known.items() if random.random() > 0.05}


def _looking(town: Town) -> Callable[[], float]:
    """Look at one application after the other, each with the opinion of the day and its precedents."""
    manager = town.desk("manager")
    waiting = cycle([row.id for row in queue(manager).items])
    return lambda: timed(partial(look, manager, next(waiting)))


def _scoring() -> Callable[[], float]:
    """Score somebody else each time, with the reasons in words."""
    card = expert_card(DEFAULT_POLICY)
    people = cycle([replace(DECENT, age=19 + each, years_employed=each, times_overdue=each % 4) for each in range(40)])
    return lambda: timed(partial(form_opinion, next(people), card, "", DEFAULT_POLICY))
