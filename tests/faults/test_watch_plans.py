"""Lists of warnings and of watched accounts use an index, however many rows the store holds, and so does the look for
warnings.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.models.base import table
from bankcard_tui.models.watch import EarlyWarning, Watched
from bankcard_tui.rules.terms import WarningKind, WarningState
from bankcard_tui.services.subjects import CARD_ACCOUNT
from bankcard_tui.services.warning_work import list_warnings, warning_totals
from bankcard_tui.services.warnings import check_due
from bankcard_tui.services.watch_list import watch_list
from bankcard_tui.store.types import new_id
from tests.branch import OPENING, Town
from tests.faults.test_store_plans import START, _fill, plans_of

DONE_IN_FULL = 3
"""Of four warnings so many are dealt with."""


@pytest.fixture(scope="module")
def branch(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A branch with thousands of accounts, each of which is watched and was warned of."""
    folder = tmp_path_factory.mktemp("watched") / "home"
    shutil.copytree(template, folder)
    bank = Bank.open(Home(folder), clock=SimulatedClock(OPENING + timedelta(hours=2)), cost=4, durable=False)
    _fill(bank)
    with bank.store.write() as connection:
        accounts = connection.execute(select(CARD_ACCOUNT.c.id, CARD_ACCOUNT.c.customer_id)).all()
        warnings, watched = [], []
        for at, (account, customer) in enumerate(accounts):
            moment = START + timedelta(minutes=at)
            of = {"branch_id": bank.branch.id, "card_account_id": account, "customer_id": customer, "policy_version": 1}
            state = WarningState.DONE if at % 4 < DONE_IN_FULL else WarningState.OPEN
            warnings.append(
                of
                | {
                    "id": new_id(moment),
                    "kind": list(WarningKind)[at % 5],
                    "state": state,
                    "watched": at % 10 == 0,
                    "rests_on": moment.date(),
                    "figures": "[]",
                    "raised_at": moment,
                    "note": "",
                    "version": 1,
                }
            )
            ended = moment if at % 4 else None
            entry = {"since": moment.date(), "until": OPENING.date(), "note": "", "ended_at": ended}
            watched.append(of | entry | {"id": new_id(moment)})
        connection.execute(insert(table(EarlyWarning)), warnings)
        connection.execute(insert(table(Watched)), watched)
    town = Town(bank)
    yield town
    bank.close()


INDEXED: dict[str, tuple[str, Callable[[Town], Any]]] = {
    "what is to be dealt with": ("ix_early_warning_state", lambda town: list_warnings(town.desk("manager"))),
    "warnings of a kind": (
        "ix_early_warning_state",
        lambda town: list_warnings(town.desk("manager"), kind=WarningKind.CASH_ADVANCES),
    ),
    "what was dealt with": (
        "ix_early_warning_state",
        lambda town: list_warnings(town.desk("manager"), state=WarningState.DONE),
    ),
    "how many are to be dealt with": ("ix_early_warning_state", lambda town: warning_totals(town.desk("manager"))),
    "the watch list": ("ix_watched_until", lambda town: watch_list(town.desk("manager"))),
    "the warnings of a watched account": ("ix_early_warning_", lambda town: watch_list(town.desk("manager"))),
    "accounts to look at": ("card_account_1 (id>?)", lambda town: check_due(town.bank.system_desk("day end"))),
    "months of many": ("history_month_1 (customer_id=?", lambda town: check_due(town.bank.system_desk("day end"))),
}


@pytest.mark.parametrize("what", INDEXED)
def test_nothing_is_walked_through_and_no_page_is_sorted(branch: Town, what: str) -> None:
    index, ask = INDEXED[what]
    branch.desk("manager")
    steps = plans_of(branch, lambda: ask(branch))
    assert any(index in step for step, _ in steps), steps
    assert [(step, said) for step, said in steps if step.startswith("SCAN ") and "CONSTANT" not in step] == []
    assert list(sorted_pages(steps)) == []


def sorted_pages(steps: list[tuple[str, str]]) -> Iterator[str]:
    """Statements whose own rows are sorted; the few cards of an account may be."""
    inside = ""
    for step, said in steps:
        if step.startswith("CORRELATED"):
            inside = said
        if step == "USE TEMP B-TREE FOR ORDER BY" and "LIMIT" in said and said != inside:
            yield said


def test_all_pages_of_what_is_to_be_dealt_with_hold_each_warning_once(branch: Town) -> None:
    seen, cursor = [], None
    while True:
        page = list_warnings(branch.desk("manager"), cursor=cursor)
        seen += [each.id for each in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == warning_totals(branch.desk("manager")).free
