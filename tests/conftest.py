"""A real branch in a temporary folder, its people, and the steps that tests need again and again."""

from __future__ import annotations

import gc
import shutil
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bankcard_tui import locale
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from tests.branch import OPENING, Town


def pytest_configure() -> None:
    """What a shell starts in the background ignores Ctrl+C, and so would every program that a test starts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Modules and tests stay to the end: the garbage collector need not walk through them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A branch with one of each kind of staff, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("template") / "home"
    town = Town.found(Home(folder), SimulatedClock(OPENING))
    town.bank.close()
    return folder


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Home:
    shutil.copytree(template, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))


@pytest.fixture
def bank(home: Home, clock: SimulatedClock) -> Iterator[Bank]:
    bank = Bank.open(home, clock=clock, cost=4, durable=False)
    yield bank
    bank.close()


@pytest.fixture
def town(bank: Bank) -> Town:
    return Town(bank)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    locale.use("en")
    yield
    locale.use("en")
