"""A branch with its staff in a temporary folder, whose commits wait for the disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from tests.branch import Town

COST = 4
"""bcrypt's cost here: signing in is not what these benches measure."""


@contextmanager
def small_branch() -> Iterator[tuple[Town, Home]]:
    """A new branch, opened as terminals open it, with the machine's clock."""
    with tempfile.TemporaryDirectory(prefix="bankcard-bench-") as folder:
        home = Home(Path(folder) / "home")
        Town.found(home, SimulatedClock(datetime.now(UTC))).bank.close()
        bank = Bank.open(home, cost=COST)
        try:
            yield Town(bank), home
        finally:
            bank.close()
