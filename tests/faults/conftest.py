"""Here the disk, the power and the other processes fail: the bank is opened as the branch opens it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock


@pytest.fixture
def bank(home: Home, clock: SimulatedClock) -> Iterator[Bank]:
    bank = Bank.open(home, clock=clock, cost=4)
    yield bank
    bank.close()
