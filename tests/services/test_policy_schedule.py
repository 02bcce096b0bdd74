"""Whatever is scheduled in whatever order: each day the policy is all changes in the order in which they took force."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from bankcard_tui.config import Home
from bankcard_tui.desk.access import POLICY
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.desk import Work
from bankcard_tui.desk.pending import REQUEST
from bankcard_tui.rules.policy import DEFAULT_POLICY, Policy
from bankcard_tui.rules.policy_values import changed, values_of
from bankcard_tui.rules.terms import RequestStatus
from bankcard_tui.services.policy_versions import beginning, put_in_force
from tests.branch import OPENING, Town
from tests.services.policy_kit import proposed

FIGURES = ("grace_days", "watch_months", "notice_days")
DAYS = 6
Change = tuple[int, int, dict[str, str]]
"""Made on this day, in force so many days later, with these values."""
CHANGES = st.lists(
    st.tuples(
        st.integers(0, DAYS - 1),
        st.integers(0, DAYS),
        st.dictionaries(st.sampled_from(FIGURES), st.integers(1, 20).map(str), min_size=1),
    ),
    max_size=6,
)


@pytest.fixture(scope="module")
def branch(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A branch with many signed requests that changes can belong to."""
    home = Home(tmp_path_factory.mktemp("schedule") / "home")
    shutil.copytree(template, home.folder)
    clock = SimulatedClock(OPENING + timedelta(hours=2))
    bank = Bank.open(home, clock=clock, cost=4, durable=False)
    town = Town(bank)
    proposed(town, {"grace_days": "9"})
    with bank.store.read() as connection:
        request = dict(connection.execute(select(REQUEST)).mappings().one())
    with bank.store.write() as connection:
        requests = [request["id"], *(UUID(int=place) for place in range(1, 10))]
        for each in requests[1:]:
            connection.execute(insert(REQUEST).values(**request | {"id": each, "status": RequestStatus.DONE}))
    desk = town.desk("manager")
    yield SimpleNamespace(bank=bank, desk=desk, clock=clock, requests=requests, start=clock.now())
    bank.close()


def put(branch: SimpleNamespace, request: int, ahead: int, values: dict[str, str]) -> None:
    """A change is put in force as with its last signature."""
    bank, now = branch.bank, branch.clock.now()
    with bank.store.write() as connection:
        version = bank.version_in_force(connection, now)
        work = Work(connection, branch.desk.who, bank.policy(connection, version), version, now)
        work.request = branch.requests[request]
        desk = replace(branch.desk, _work=work)
        day = desk.today + timedelta(days=ahead) if ahead else None
        put_in_force(desk, values, beginning(desk, day), "x")
        work.close()


def policies_by_day(branch: SimpleNamespace) -> list[Policy]:
    bank = branch.bank
    with bank.store.read() as connection:
        return [
            bank.policy_in_force(connection, branch.start + timedelta(days=day, hours=10))
            for day in range(2 * DAYS + 1)
        ]


@given(changes=CHANGES)
@example(changes=[(0, 3, {"grace_days": "7"}), (0, 3, {"watch_months": "7"}), (0, 1, {"grace_days": "8"})])
@example(changes=[(0, 5, {"grace_days": "7"}), (1, 2, {"grace_days": "8"}), (1, 0, {"watch_months": "2"})])
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_on_each_day_the_policy_is_all_changes_in_the_order_of_their_days(
    branch: SimpleNamespace, changes: list[Change]
) -> None:
    bank, made = branch.bank, sorted(changes, key=lambda change: change[0])
    with bank.store.write() as connection:
        connection.execute(delete(POLICY).where(POLICY.c.version > 1))
    bank._policies.clear()
    for place, (day, ahead, values) in enumerate(made):
        branch.clock.advance(branch.start + timedelta(days=day, minutes=place) - branch.clock.now())
        put(branch, place, ahead, values)
    branch.clock.advance(branch.start - branch.clock.now())
    found = policies_by_day(branch)
    for day, policy in enumerate(found):
        expected = DEFAULT_POLICY
        # Of changes for one day those of today come after those that were scheduled for its beginning.
        in_order = sorted(enumerate(made), key=lambda each: (each[1][0] + each[1][1], each[1][1] == 0, each[0]))
        for _, (begun, ahead, values) in in_order:
            if begun + ahead <= day:
                expected = changed(expected, values)
        assert policy == expected, (day, values_of(policy))
