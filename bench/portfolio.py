"""A branch of many card accounts with twelve months of history each, all of them due to be evaluated again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from bankcard_tui.config import Home
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.rules.months import month_after
from bankcard_tui.store.types import micros_of
from bench.big_store import FOUNDED, kept, many_rows
from tests.branch import SOLID, Town

MONTHS, FIRST = 12, date(2024, 4, 1)
EVALUATED = FOUNDED + timedelta(days=400)
"""A year of months is over, and every account is due."""

CHUNK = 50_000
LIMITS, GRADES = (5_000, 10_000, 20_000, 40_000), ("medium", "good", "excellent", "excellent")
LATE = (0,) * 40 + (2, 5, 20, 40)
PERSON = "id branch_id name id_sealed id_index id_last4 birth_date standing created_at"
CUSTOMER = (
    "id branch_id person_id name name_key phone email address employer employer_kind occupation years_employed"
    " monthly_income income_source income_checked_by income_checked_at deposits other_assets liabilities monthly_debt"
    " other_limits times_overdue housing security security_note channels do_not_disturb registered_at verified_at"
    " version"
)
ACCOUNT = "id branch_id customer_id application_id credit_limit grade opened_at policy_version evaluated_on version"
HISTORY = "customer_id month branch_id balance spent repaid due days_past_due cash"


def portfolio_of(accounts: int) -> Home:
    """The home of a branch with so many accounts, kept from an earlier run or built."""
    return kept(f"portfolio-{accounts}", lambda home: _build(home, accounts), Path(__file__))


def _build(home: Home, accounts: int) -> None:
    town = Town.found(home, SimulatedClock(FOUNDED))
    branch, teller = town.bank.branch.id.bytes, town.staff("teller").bytes
    town.bank.close()
    with many_rows(home) as connection:
        for names, rows in (
            (f"person {PERSON}", _persons(branch, accounts)),
            (f"customer {CUSTOMER}", _customers(branch, teller, accounts)),
            (f"card_account {ACCOUNT}", _accounts(branch, accounts)),
            # Month by month, as histories come: what belongs to one customer lies far apart.
            (f"history_month {HISTORY}", _months(branch, accounts)),
        ):
            table, *columns = names.split()
            statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
            while chunk := list(islice(rows, CHUNK)):
                connection.execute("BEGIN")
                connection.executemany(statement, chunk)
                connection.execute("COMMIT")


def _id(number: int, kind: int) -> bytes:
    """An id that sorts by time, as those of the program do."""
    return (micros_of(FOUNDED) // 1000 + number // 1000).to_bytes(6) + (number << 4 | kind).to_bytes(10)


def _persons(branch: bytes, accounts: int) -> Iterator[tuple[Any, ...]]:
    for at in range(accounts):
        index = at.to_bytes(32)
        yield _id(at, 1), branch, "Zhang Wei", b"", index, "0000", "1980-05-17", "known", micros_of(FOUNDED)


def _customers(branch: bytes, teller: bytes, accounts: int) -> Iterator[tuple[Any, ...]]:
    chance, now = Random(7).randrange, micros_of(FOUNDED)
    for at in range(accounts):
        money = chance(3_000, 40_000) * 100, SOLID.income_source.value, teller, now, chance(900_000) * 100, 0, 0, 0, 0
        works = "Harbour Works", "state_owned", "professional", chance(30)
        who = _id(at, 2), branch, _id(at, 1), "Zhang Wei", "zhang wei", "+8613800138000", "", ""
        yield *who, *works, *money, int(chance(10) == 0), "owned", "none", "", "", 0, now, now, 1


def _accounts(branch: bytes, accounts: int) -> Iterator[tuple[Any, ...]]:
    day = FOUNDED.date().isoformat()
    for at in range(accounts):
        limit, grade = LIMITS[at % 4] * 100, GRADES[at % 4]
        id = _id(at, 3)
        yield id, branch, _id(at, 2), id, limit, grade, micros_of(FOUNDED), 1, day, 1


def _months(branch: bytes, accounts: int) -> Iterator[tuple[Any, ...]]:
    chance = Random(9)
    for place in range(MONTHS):
        month = month_after(FIRST, place).isoformat()
        for at in range(accounts):
            spent = chance.randrange(LIMITS[at % 4] * 60)
            yield _id(at, 2), month, branch, spent // 2, spent, spent, spent // 10, chance.choice(LATE), 0
