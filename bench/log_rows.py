"""A log of any length: that of a real branch, continued with statements; its chain is sound."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bankcard_tui.config import Home
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.models.log import COLUMNS
from bankcard_tui.security import chain
from bankcard_tui.security.keys import load_root_key
from bench.big_store import FOUNDED, kept, many_rows
from bench.filling_ids import new_id
from tests.branch import Town

YEARS = timedelta(days=730)
"""How long the branch has been at work when its log has as many entries as it is to have."""
CUSTOMER = "zhang"
"""The one who can sign in, with as many entries as each of the others."""
PER_CUSTOMER = 500
"""Entries about each customer, in a log of whatever length: full pages are compared with full pages."""
KINDS = (
    ("customer.register", "teller", '{"phone":"•••• 8000"}'),
    ("review.claim", "manager", '{"number":"260302-K7QM2X"}'),
    ("customer.open", "teller", "{}"),
    ("application.submit", "teller", '{"kind":"consumer","wish":1000000}'),
    ("review.approve", "manager2", '{"limit":1000000,"note":"solid"}'),
    ("customer.contact", "teller2", '{"fields":["phone"]}'),
    ("card.hand_over", "teller", '{"last4":"4242"}'),
)
"""Action, who does it, and its detail; one after the other, so that each customer meets all of them."""


def log_of(entries: int) -> Home:
    """The home of a branch whose log has so many entries, kept from an earlier run or built."""
    return kept(f"log-{entries}", partial(_build, entries=entries), Path(__file__))


def _build(home: Home, entries: int) -> None:
    """Found a branch with one customer by operations, then continue its log with statements."""
    town = Town.found(home, SimulatedClock(FOUNDED))
    town.registers(CUSTOMER)
    town.bank.close()
    key = load_root_key(home.key).chain
    with many_rows(home) as connection:
        connection.execute("BEGIN")
        names = f"{', '.join(COLUMNS)}, mark"
        places = ", ".join("?" * (len(COLUMNS) + 1))
        connection.executemany(f"INSERT INTO log_entry ({names}) VALUES ({places})", _rows(connection, key, entries))
        connection.execute(
            "UPDATE log_head SET (seq, mark, latest) = (SELECT seq, mark, at FROM log_entry ORDER BY seq DESC LIMIT 1)"
        )
        connection.execute("COMMIT")


def _rows(connection: Any, key: bytes, entries: int) -> Iterator[tuple[Any, ...]]:
    """What has to follow until there are so many entries, each with its mark."""
    branch, first, before, at = connection.execute("SELECT branch_id, seq, mark, latest FROM log_head").fetchone()
    accounts = connection.execute("SELECT username, id, person_id FROM account")
    people = {username: (id, person) for username, id, person in accounts}
    zhang = connection.execute("SELECT id, person_id FROM customer").fetchone()
    others = max(1, entries // PER_CUSTOMER) - 1
    customers = [zhang, *((new_id(at + number), new_id(at + number)) for number in range(others))]
    step = YEARS // timedelta(microseconds=entries)
    for number, seq in enumerate(range(first + 1, entries + 1)):
        action, username, detail = KINDS[number % len(KINDS)]
        customer, subject = customers[number % len(customers)]
        columns = (
            branch,
            seq,
            at + number * step,
            *people[username],
            username,
            username.rstrip("2"),
            f"desk-{username}",
            action,
            "refused" if number % 1000 == 7 else "done",
            "customer",
            customer,
            subject,
            detail,
        )
        before = chain.mark(key, before, columns)
        yield (*columns, before)
