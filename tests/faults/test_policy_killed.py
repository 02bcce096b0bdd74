"""The last signature under a change of the policy is killed anywhere in between: all of it is in force, or nothing."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from uuid import UUID

import pytest

from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.rules.terms import RequestStatus
from bankcard_tui.services import logs
from bankcard_tui.services.policy_versions import list_versions
from bankcard_tui.services.policy_views import VersionState
from bankcard_tui.services.requests import sign
from tests.branch import Town
from tests.services.policy_kit import changed_by_two, figure, proposed

CHILD = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from uuid import UUID
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.services import policy_versions
from bankcard_tui.services.everything import operations
from bankcard_tui.services.requests import sign
from tests.branch import Town
home, now, request, last = sys.argv[1:]
written, write = 0, policy_versions._write
def counted(*given):
    global written
    write(*given)
    written += 1
    if written == int(last):
        os.kill(os.getpid(), signal.SIGKILL)
policy_versions._write = counted
operations()
bank = Bank.open(Home(Path(home)), clock=SimulatedClock(datetime.fromisoformat(now)), cost=4)
sign(Town(bank).sign_in("director", "other"), UUID(request))
"""


def signed_and_killed(bank: Bank, request: UUID, last: int) -> int:
    """The second signature in a process that dies behind the ``last`` version that it writes."""
    given = [str(bank.home.folder), bank.clock.now().isoformat(), str(request), str(last)]
    return subprocess.run([sys.executable, "-c", CHILD, *given], check=False).returncode


@pytest.mark.parametrize("last", [1, 2, 3])
def test_a_change_whose_last_signature_is_killed_is_not_half_in_force(
    town: Town, bank: Bank, clock: SimulatedClock, last: int
) -> None:
    today = bank.day_of(clock.now())
    changed_by_two(town, {"tiers.good.highest": "25000"}, today + timedelta(days=10))
    changed_by_two(town, {"watch_check_days": "5"}, today + timedelta(days=20))
    request = proposed(town, {"watch_months": "9"})
    before = list_versions(town.sign_in("teller")).items
    assert signed_and_killed(bank, request.id, last) == -9
    assert list_versions(town.sign_in("teller")).items == before
    assert figure(town, "watch_months") == "6"
    assert logs.verify_log(bank.system_desk("night")).sound
    assert sign(town.sign_in("director"), request.id).view.status is RequestStatus.DONE
    after = list_versions(town.sign_in("teller")).items
    assert len(after) == len(before) + 3
    assert sum(each.state is VersionState.SCHEDULED for each in after) == 2
    clock.advance(timedelta(days=21))
    names = ("tiers.good.highest", "watch_check_days", "watch_months")
    assert [figure(town, name) for name in names] == ["25000.00", "5", "9"]
