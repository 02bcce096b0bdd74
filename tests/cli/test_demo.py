"""The demo branch: believable, made through the operations, and the same for the same seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bankcard_tui.cli.demo import build_demo
from bankcard_tui.cli.demo_staff import DEMO_PASSWORD, STAFF
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.errors import Refused, Unavailable
from bankcard_tui.rules.terms import LimitChangeKind
from bankcard_tui.services import customers, logs, review
from bankcard_tui.services.limit_asking import my_limits
from bankcard_tui.services.sign_in import sign_in

SIZE = 40
PEOPLE = """
    SELECT c.name, c.phone, c.email, c.address, c.employer, c.monthly_income, c.deposits, c.times_overdue, p.birth_date
    FROM customer c JOIN person p ON p.id = c.person_id ORDER BY c.email
"""
APPLICATIONS = """
    SELECT c.email, a.kind, a.purpose, a.wished_limit, a.status, a.approved_limit, a.embossed_name
    FROM application a JOIN customer c ON c.id = a.customer_id ORDER BY c.email, a.submitted_at
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("demo") / "home")
    build_demo(home, customers=SIZE, seed=5, cost=4)
    return home


def contents(home: Home, question: str) -> list[Any]:
    bank = Bank.open(home)
    with bank.store.read() as connection:
        found = connection.execute(text(question)).fetchall()
    bank.close()
    return [tuple(row) for row in found]


def test_the_same_seed_makes_the_same_branch(demo: Home, tmp_path: Path) -> None:
    again, other = Home(tmp_path / "again"), Home(tmp_path / "other")
    build_demo(again, customers=SIZE, seed=5, cost=4)
    build_demo(other, customers=4, seed=6, cost=4)
    assert contents(demo, PEOPLE) == contents(again, PEOPLE)
    assert contents(demo, APPLICATIONS) == contents(again, APPLICATIONS)
    # Only the documented customer is the same whatever the seed.
    assert len({*contents(demo, PEOPLE)} & {*contents(other, PEOPLE)}) == 1


def test_the_documented_accounts_sign_in_and_nobody_else_has_a_password(demo: Home) -> None:
    with_password = {row[0] for row in contents(demo, "SELECT username FROM account WHERE password IS NOT NULL")}
    assert with_password == {"admin", "customer", *STAFF}
    bank = Bank.open(demo, cost=4)
    for username in ("admin", "customer", "director"):
        assert sign_in(bank.lobby("test"), username, DEMO_PASSWORD).who.username == username
    with pytest.raises(Refused):
        sign_in(bank.lobby("test"), "manager", "amber lantern over quiet harbor")
    bank.close()


def test_the_branch_has_work_in_every_state_and_a_sound_log(demo: Home) -> None:
    states = dict(contents(demo, "SELECT status, count(*) FROM application GROUP BY status"))
    assert states["approved"] > states["refused"] > 0
    assert contents(demo, "SELECT count(*) FROM customer") == [(SIZE + 1,)]
    bank = Bank.open(demo, cost=4)
    assert logs.verify_log(bank.system_desk("test")).sound
    mine_at = sign_in(bank.lobby("test"), "customer", DEMO_PASSWORD)
    mine = customers.my_file(mine_at)
    # The documented customer was refused at first, has a card now, and its limit was raised since.
    assert [row.status.value for row in mine.applications] == ["approved", "refused"]
    (limit,) = my_limits(mine_at)
    raised = [each for each in limit.history if each.kind is LimitChangeKind.RAISE]
    assert raised
    assert all(each.reason for each in raised)
    assert review.queue(sign_in(bank.lobby("test"), "manager", DEMO_PASSWORD)) is not None
    bank.close()


def test_history_and_outcomes_are_there_to_learn_from(demo: Home) -> None:
    taken_over = dict(contents(demo, "SELECT card_account_id IS NULL, count(*) FROM outcome GROUP BY 1"))
    assert set(taken_over) == {0, 1}
    ((outcomes, bad),) = contents(demo, "SELECT count(*), sum(bad) FROM outcome WHERE facts LIKE '%housing%'")
    assert outcomes > SIZE / 4
    assert 0.04 < bad / outcomes < 0.35
    turned_out = contents(demo, "SELECT worst_days_past_due, bad FROM outcome")
    assert all(is_bad == (worst >= 60) for worst, is_bad in turned_out)
    # Every card that is older than a month has its months, whatever became of it.
    without = """
        SELECT count(*) FROM card_account a
        WHERE opened_at < (SELECT max(opened_at) FROM card_account) - 62 * 86400000000
        AND NOT EXISTS (SELECT 1 FROM history_month h WHERE h.customer_id = a.customer_id)
    """
    assert contents(demo, without) == [(0,)]


def test_who_comes_back_is_known_by_the_own_history(demo: Home) -> None:
    known = "SELECT count(*) FROM application_decision WHERE facts LIKE '%own_days_past_due%'"
    assert contents(demo, known) > [(3,)]


def test_a_demo_is_not_built_over_a_store(demo: Home) -> None:
    with pytest.raises(Unavailable, match="already"):
        build_demo(demo, customers=5)


def test_limits_were_evaluated_and_accounts_warned_of(demo: Home) -> None:
    assert contents(demo, "SELECT count(*) > 0 FROM evaluation") == [(1,)]
    assert contents(demo, "SELECT count(*) > 0 FROM early_warning WHERE state = 'open'") == [(1,)]
    assert contents(demo, "SELECT count(*) > 0 FROM history_month WHERE cash > 0 AND cash <= spent") == [(1,)]
    assert contents(demo, "SELECT count(*) FROM log_entry WHERE outcome = 'failed'") == [(0,)]
