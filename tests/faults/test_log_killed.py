"""Archiving, pruning and clearing are killed at random moments: nothing is lost, and the next run goes on."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bankcard_tui.backup.age import identity_from
from bankcard_tui.backup.container import public_key_of
from bankcard_tui.backup.segment import read_segment
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.services import log_prune, logs, requests
from bankcard_tui.services.log_archive import archive_log, list_archives
from tests.branch import OPENING, Town
from tests.faults.test_log_attacks import ENTRIES, long_log

__all__ = ["long_log"]

CHILD = """
import sys
from datetime import datetime
from pathlib import Path
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.services import log_archive, log_prune
home, work, now = sys.argv[1:]
log_archive.WINDOW, log_prune.STEP_ROWS = 50, 20
bank = Bank.open(Home(Path(home)), clock=SimulatedClock(datetime.fromisoformat(now)), cost=4)
print("ready", flush=True)
desk = bank.system_desk("job")
log_archive.archive_log(desk) if work == "archive" else log_prune.clear_pruned(desk)
print("done", flush=True)
"""


def killed(bank: Bank, work: str, after: float) -> bool:
    """Run a job in a process of its own and kill it; whether it was still at work."""
    command = [sys.executable, "-c", CHILD, str(bank.home.folder), work, bank.clock.now().isoformat()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(after)
        child.send_signal(signal.SIGKILL)
        return "done" not in child.stdout.read()


def everything(bank: Bank) -> Iterator[int]:
    """The number of each entry that lies in the store or in an archive of the list."""
    keys, desk = bank.keys, bank.system_desk("night")
    for each in list_archives(desk).items:
        path = bank.home.archives / each.file
        yield from (row[1] for row in read_segment(path, public_key_of(keys.signing), [identity_from(keys.backup)]))
    with bank.store.read() as connection:
        yield from (row[0] for row in connection.exec_driver_sql("SELECT seq FROM log_entry"))


def nothing_is_lost(bank: Bank) -> None:
    check = logs.verify_log(bank.system_desk("night"), deep=True)
    assert check.problems == ()
    assert set(everything(bank)) == set(range(1, check.last + 1))


def archive_is_killed(bank: Bank, times: int, seed: int) -> None:
    dice = random.Random(seed)
    stopped = sum(killed(bank, "archive", dice.uniform(0, 0.25)) for _ in range(times))
    nothing_is_lost(bank)
    archive_log(bank.system_desk("night"))
    nothing_is_lost(bank)
    assert not bank.home.archiving.exists()
    print(f"archive: killed {stopped} of {times} times, 0 entries lost")


def clearing_is_killed(home: Home, bank: Bank, times: int, seed: int) -> None:
    dice = random.Random(seed)
    last = archive_log(bank.system_desk("night")).last_seq
    assert isinstance(bank.clock, SimulatedClock)
    bank.clock.advance(timedelta(days=400))
    town = Town(bank)
    request = log_prune.prune_log(town.desk("admin"), last).pending
    assert request is not None
    requests.sign(town.desk("admin2"), request.id)
    stopped = 0
    for _ in range(times):
        if not list_archives(bank.system_desk("night")).to_clear:
            break
        stopped += killed(bank, "clear", dice.uniform(0, 0.4))
        nothing_is_lost(bank)
    if list_archives(bank.system_desk("night")).to_clear:
        log_prune.clear_pruned(bank.system_desk("night"))
    nothing_is_lost(bank)
    assert logs.verify_log(bank.system_desk("night")).pruned == last >= ENTRIES
    print(f"clear: killed {stopped} of {times} times, 0 entries lost")


def test_an_archive_that_was_killed_is_written_by_the_next_run(long_log: Any) -> None:
    archive_is_killed(long_log[0], 3, 1)


def test_clearing_that_was_killed_goes_on(long_log: Any, home: Home) -> None:
    clearing_is_killed(home, long_log[0], 2, 1)


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(5))
def test_jobs_are_killed_at_many_moments(long_log: Any, home: Home, seed: int) -> None:
    archive_is_killed(long_log[0], 12, seed)
    long_log[0].clock.move_to(max(long_log[0].clock.now(), OPENING))
    logs.list_log(Town(long_log[0]).desk("admin"))
    clearing_is_killed(home, long_log[0], 12, seed)
