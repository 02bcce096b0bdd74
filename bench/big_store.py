"""A store as large as a branch's will ever be, built set-based into the real schema and kept for the next run.

Everything in it is real: ID and card numbers are sealed, fingerprints are keyed, and the log's chain is sound.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.rules.terms import RefusalReason
from bankcard_tui.security.keys import load_root_key
from bankcard_tui.services.review import claim, refuse
from bankcard_tui.store.engine import sqlite
from bench.branch import COST
from bench.filling import Filling
from tests.branch import Town

FOUNDED = datetime(2024, 3, 2, 1, 0, tzinfo=UTC)


class Size(NamedTuple):
    """How many customers and applications a store holds, and how many of the applications wait."""

    customers: int
    applications: int
    waiting: int


BIG = Size(1_000_000, 100_000, 5_000)
SMALL = Size(1_000, 1_000, 700)


def store_of(size: Size) -> Bank:
    """The branch of this size with enough waiting: the one kept from an earlier run, else a new one."""
    home = Home(_folder(size))
    if home.store.exists():
        bank = Bank.open(home, cost=COST)
        with bank.store.read() as connection:
            waiting = connection.exec_driver_sql(
                "SELECT count(*) FROM application WHERE status IN ('submitted', 'in_review')"
            ).scalar_one()
        if waiting >= size.waiting * 0.6:
            return bank
        bank.close()
    for outdated in home.folder.parent.glob(f"{size.customers}-*"):
        shutil.rmtree(outdated, ignore_errors=True)
    building = home.folder.with_name(f"{home.folder.name}-{os.getpid()}")
    build(Home(building), size)
    building.rename(home.folder)
    return Bank.open(home, cost=COST)


def _folder(size: Size) -> Path:
    """Where a store of this size is kept: another place for another schema or another way of building."""
    here = Path(__file__)
    schema = here.parents[1] / "bankcard_tui" / "store" / "migrations" / "versions"
    made_of = [*sorted(here.parent.glob("filling*.py")), here, *sorted(schema.glob("*.py"))]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in made_of)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"bankcard-bench-{os.getuid()}" / f"{size.customers}-{digest}"


def build(home: Home, size: Size) -> None:
    """Found a branch with its staff by operations, then fill it with statements over many rows."""
    clock = SimulatedClock(FOUNDED)
    town = Town.found(home, clock)
    _, application = town.applicant()
    manager = town.desk("manager")
    claim(manager, application.id)
    refuse(manager, application.id, (RefusalReason.OTHER,), message="as a model", against_reason="as a model")
    staff = {name: town.staff(name) for name in ("teller", "manager")}
    town.bank.close()
    connection = sqlite.connect(home.store, isolation_level=None)
    try:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        indexes = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type='index' AND sql NOT NULL"
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        Filling(connection, load_root_key(home.key), staff, FOUNDED).fill(
            size.customers, size.applications, size.waiting
        )
        for _, sql in indexes:
            connection.execute(sql)
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()
