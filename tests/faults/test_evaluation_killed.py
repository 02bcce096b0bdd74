"""A re-evaluation is killed at random moments and started again: nothing is evaluated, proposed or told twice."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.rules.terms import ProposalState
from bankcard_tui.services.evaluations import count_due, evaluate_all_due
from bankcard_tui.services.logs import verify_log
from bankcard_tui.services.subjects import APPLICATION, CARD_ACCOUNT
from bankcard_tui.store.types import new_id
from tests.branch import Town
from tests.services.evaluating import EVALUATION, PROPOSAL, holder, lives, rows_of

ACCOUNTS = 60
HALF_A_YEAR = timedelta(days=184)
CHILD = """
import sys
from datetime import datetime
from pathlib import Path
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.services import evaluation_chunk, everything
from bankcard_tui.services.evaluations import evaluate_all_due
home, now = sys.argv[1:]
evaluation_chunk.AT_ONCE = 3
bank = Bank.open(Home(Path(home)), clock=SimulatedClock(datetime.fromisoformat(now)), cost=4)
print("ready", flush=True)
evaluate_all_due(bank.system_desk("night"))
print("done", flush=True)
"""


@pytest.fixture
def overdue(bank: Bank) -> Town:
    """Somebody with many accounts, three months overdue: each is to be reduced."""
    town = Town(bank)
    customer = holder(town)
    with bank.store.write() as connection:
        application = connection.execute(select(APPLICATION).where(APPLICATION.c.customer_id == customer)).one()
        account = connection.execute(select(CARD_ACCOUNT)).one()
        for number in range(1, ACCOUNTS):
            asked, id = new_id(), new_id()
            copy = {**application._asdict(), "id": asked, "number": f"COPY-{number}"}
            connection.execute(insert(APPLICATION).values(**copy))
            copy = {**account._asdict(), "id": id, "application_id": asked}
            connection.execute(insert(CARD_ACCOUNT).values(**copy))
    assert isinstance(bank.clock, SimulatedClock)
    bank.clock.advance(HALF_A_YEAR)
    lives(town, customer, [0, 0, 0, 10, 10, 10], balance="0.00")
    return town


def killed(bank: Bank, after: float) -> bool:
    """Run the job in a process of its own and kill it; whether it was still at work."""
    command = [sys.executable, "-c", CHILD, str(bank.home.folder), bank.clock.now().isoformat()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(after)
        child.send_signal(signal.SIGKILL)
        return "done" not in child.stdout.read()


def nothing_was_done_twice(town: Town) -> int:
    """Every account has one evaluation and one proposal, or none of both and still waits; returns how many have."""
    evaluated = Counter(row.card_account_id for row in rows_of(town, EVALUATION))
    proposed = Counter(row.card_account_id for row in rows_of(town, PROPOSAL))
    assert set(evaluated.values()) <= {1}
    assert evaluated == proposed
    assert {row.state for row in rows_of(town, PROPOSAL)} <= {ProposalState.OPEN}
    assert count_due(town.bank.system_desk("night")) == ACCOUNTS - len(evaluated)
    assert verify_log(town.bank.system_desk("night")).problems == ()
    return len(evaluated)


def is_killed_again_and_again(town: Town, times: int, seed: int) -> None:
    dice = random.Random(seed)
    stopped = 0
    for _ in range(times):
        stopped += killed(town.bank, dice.uniform(0, 0.6))
        nothing_was_done_twice(town)
    before = nothing_was_done_twice(town)
    assert evaluate_all_due(town.bank.system_desk("night")).evaluated == ACCOUNTS - before
    assert nothing_was_done_twice(town) == ACCOUNTS
    print(f"evaluation: killed {stopped} of {times} times, none of {ACCOUNTS} accounts evaluated twice")


def test_a_re_evaluation_that_was_killed_goes_on_without_doing_anything_twice(overdue: Town) -> None:
    is_killed_again_and_again(overdue, 2, 1)


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(5))
def test_a_re_evaluation_is_killed_at_many_moments(overdue: Town, seed: int) -> None:
    is_killed_again_and_again(overdue, 10, seed)
