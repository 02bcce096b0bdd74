"""The nightly work on limits from the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.services.subjects import CARD_ACCOUNT
from tests.branch import Town
from tests.cli.kit import bankcard
from tests.services.evaluating import EVALUATION, holder, rows_of


@pytest.fixture
def with_a_card_of_last_year(home: Home) -> Home:
    bank = Bank.open(home, cost=4)
    town = Town(bank)
    holder(town)
    last_year = (datetime.now(UTC) - timedelta(days=370)).date()
    with bank.store.write() as connection:
        connection.execute(update(CARD_ACCOUNT).values(evaluated_on=last_year))
    bank.close()
    return home


def test_what_is_due_is_evaluated_once_and_counted(with_a_card_of_last_year: Home) -> None:
    home = with_a_card_of_last_year
    first = bankcard(home, "limits", "run", "--json")
    nothing = {"ended": 0, "raises": 0, "reductions": 0, "held": 0, "warned": 0}
    assert (first.code, first.data) == (0, {**nothing, "evaluated": 1, "checked": 1})
    again = bankcard(home, "limits", "run")
    assert "0 accounts were evaluated" in again.out
    assert "0 early warnings raised" in again.out
    bank = Bank.open(home, cost=4)
    assert len(rows_of(Town(bank), EVALUATION)) == 1
    bank.close()
