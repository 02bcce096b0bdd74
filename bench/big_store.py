"""A store as large as a branch's will ever be, built set-based into the real schema and kept for the next run.

Everything in it is real: ID and card numbers are sealed, fingerprints are keyed, and the log's chain is sound.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

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
    home = branch_of(size)
    bank = Bank.open(home, cost=COST)
    with bank.store.read() as connection:
        waiting = connection.exec_driver_sql(
            "SELECT count(*) FROM application WHERE status IN ('submitted', 'in_review')"
        ).scalar_one()
    if waiting >= size.waiting * 0.6:
        return bank
    bank.close()
    shutil.rmtree(home.folder)
    return Bank.open(branch_of(size), cost=COST)


def branch_of(size: Size) -> Home:
    """The home of a branch of this size, kept from an earlier run or built."""
    return kept(str(size.customers), lambda home: build(home, size), *sorted(Path(__file__).parent.glob("filling*.py")))


def kept(name: str, build: Callable[[Home], None], *sources: Path) -> Home:
    """The home called ``name`` that an earlier run has kept, else a new one: as well for another schema, or where one
    of the ``sources`` that build it has changed.
    """
    here = Path(__file__)
    schema = here.parents[1] / "bankcard_tui" / "store" / "migrations" / "versions"
    made_of = [*sources, here, *sorted(schema.glob("*.py"))]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in made_of)).hexdigest()[:12]
    home = Home(Path(tempfile.gettempdir()) / f"bankcard-bench-{os.getuid()}" / f"{name}-{digest}")
    if not home.store.exists():
        for outdated in home.folder.parent.glob(f"{name}-*"):
            shutil.rmtree(outdated, ignore_errors=True)
        building = home.folder.with_name(f"{home.folder.name}-{os.getpid()}")
        build(Home(building))
        building.rename(home.folder)
    return home


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
    with many_rows(home) as connection:
        filling = Filling(connection, load_root_key(home.key), staff, FOUNDED)
        filling.fill(size.customers, size.applications, size.waiting)


@contextmanager
def many_rows(home: Home) -> Iterator[Any]:
    """The driver's connection to a store that nobody has open, quick to fill: indexes are built at the end."""
    connection = sqlite.connect(home.store, isolation_level=None)
    try:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        indexes = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type='index' AND sql NOT NULL"
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        yield connection
        for _, sql in indexes:
            connection.execute(sql)
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()
