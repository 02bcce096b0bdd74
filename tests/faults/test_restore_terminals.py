"""Terminals at work in other processes while a backup is restored: they are told, and come back; nothing is lost."""

from __future__ import annotations

import multiprocessing
import os
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bankcard_tui.backup.kit import Kit
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.errors import Busy, NotSignedIn, Refused, Unavailable
from bankcard_tui.services import drafts, logs
from bankcard_tui.services.restores import restore_backup
from bankcard_tui.services.sign_in import me, sign_in
from bankcard_tui.store.door import Door
from bankcard_tui.store.engine import open_store, sqlite
from bankcard_tui.store.swap import journal_of, swap, workshop_of
from tests.branch import OPENING, PASSWORD, Town
from tests.faults.restore_kit import BOTH, backup_of, kit_of

FORK = multiprocessing.get_context("fork")
USERS = ("teller", "teller2", "manager", "manager2")


@pytest.fixture
def branch(home: Home, tmp_path: Path) -> tuple[Home, Path, Kit]:
    bank = Bank.open(home, clock=SimulatedClock(OPENING + timedelta(hours=1)), cost=4)
    kit = kit_of(bank)
    file = backup_of(bank, kit, tmp_path / "safe")
    bank.close()
    return home, file, kit


def works(home: Home, username: str, seconds: float, done: Any) -> None:
    """A terminal: saves drafts again and again, and signs in again when it is told that a backup was restored."""
    clock = SimulatedClock(OPENING + timedelta(hours=2))
    bank = Bank.open(home, clock=clock, cost=4)
    desk = sign_in(bank.lobby(f"desk-{username}"), username, PASSWORD)
    until, saved, told = time.monotonic() + seconds, [0, 0], 0
    while time.monotonic() < until:
        try:
            drafts.save_draft(desk, "note", {"text": "x" * 500})
            saved[min(told, 1)] += 1
        except NotSignedIn as problem:
            told += 1 if problem.code == "session.restored" else 100
            clock.advance(timedelta(minutes=1))
            desk = sign_in(bank.lobby(f"desk-{username}"), username, PASSWORD)
    done.put((username, saved, told))
    done.close()
    done.join_thread()
    bank.close()
    os._exit(0)


def test_four_terminals_at_work_are_told_sign_in_again_and_nothing_goes_to_the_old_store(
    branch: tuple[Home, Path, Kit],
) -> None:
    home, file, _ = branch
    done = FORK.Queue()
    terminals = [FORK.Process(target=works, args=(home, username, 6.0, done)) for username in USERS]
    for each in terminals:
        each.start()
    time.sleep(1.5)
    clock = SimulatedClock(OPENING + timedelta(hours=2))
    result = restore_backup(home, home.key, file, admins=BOTH, clock=clock, cost=4)
    assert result.before is not None
    old = Path(result.before) / "bankcard.db"
    logs_of_old = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(old.parent.iterdir())]
    heads = head_of(home)
    ended = [done.get(timeout=60) for _ in terminals]
    for each in terminals:
        each.join(30)
    assert [each.exitcode for each in terminals] == [0] * len(USERS)
    assert {told for _, _, told in ended} == {1}
    assert all(before > 0 and after > 0 for _, (before, after), _ in ended), ended
    # The old store was written to by nobody, not even by those who closed their connections to it.
    now = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(old.parent.iterdir())]
    assert [each for each in now if not each[0].endswith("-shm")] == [
        each for each in logs_of_old if not each[0].endswith("-shm")
    ]
    with closing(Bank.open(home, clock=clock, cost=4)) as bank:
        check = logs.verify_log(bank.system_desk("night"), deep=True)
        assert check.problems == ()
        assert check.last > heads
        with bank.store.read() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    connection = sqlite.connect(old)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    (last,) = connection.execute("SELECT seq FROM log_head").fetchone()
    connection.close()
    assert last == 30 + result.entries_since


def head_of(home: Home) -> int:
    connection = sqlite.connect(home.store)
    (seq,) = connection.execute("SELECT seq FROM log_head").fetchone()
    connection.close()
    return int(seq)


def test_who_closes_an_old_connection_leaves_the_log_of_the_new_store_alone(
    branch: tuple[Home, Path, Kit],
) -> None:
    home, file, _ = branch
    clock = SimulatedClock(OPENING + timedelta(hours=2))
    idle = Bank.open(home, clock=clock, cost=4)
    Town(idle).registers("late")  # its connections stay open
    restore_backup(home, home.key, file, admins=BOTH, clock=clock, cost=4)
    busy = Bank.open(home, clock=clock, cost=4)
    Town(busy).registers("new")
    log = home.store.with_name("bankcard.db-wal")
    size = log.stat().st_size
    assert size > 0
    idle.close()
    assert log.stat().st_size == size
    busy.close()
    connection = sqlite.connect(home.store)
    names = connection.execute("SELECT username FROM account WHERE role = 'customer'").fetchall()
    connection.close()
    assert names == [("new",)]


def test_while_a_backup_is_restored_others_wait_and_then_hear_why(home: Home) -> None:
    store = open_store(home.store, home.queue)
    with Door(home.store).closed(), pytest.raises(Busy) as error, Door(home.store).held_open(0.1):
        pass
    assert error.value.code == "store.restoring"
    assert error.value.hint
    with store.read() as connection:
        connection.exec_driver_sql("SELECT 1")
        with pytest.raises(Busy), Door(home.store).closed(0.1):
            pass
    with store.read() as connection:  # a bell that nobody rings any more keeps nobody waiting
        connection.exec_driver_sql("SELECT 1")
    home.store.with_suffix(".bell").touch()
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    store.close()


def reads(home: Home, stop: Any) -> None:
    """A terminal that never pauses."""
    store = open_store(home.store, home.queue)
    while not stop.is_set():
        with store.read() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM account").scalar()
    os._exit(0)


def test_a_branch_that_never_pauses_does_not_keep_its_restore_waiting(home: Home) -> None:
    stop = FORK.Event()
    terminals = [FORK.Process(target=reads, args=(home, stop)) for _ in range(4)]
    for each in terminals:
        each.start()
    time.sleep(0.5)
    waited = []
    for _ in range(5):
        start = time.monotonic()
        with Door(home.store).closed():
            waited.append(time.monotonic() - start)
    stop.set()
    for each in terminals:
        each.join(30)
    assert [each.exitcode for each in terminals] == [0] * 4
    assert max(waited) < 5, waited


def dies_when(home: Home, moved: Path) -> None:
    """A process begins to put a copy of the store in its place, and dies when it is about to move ``moved`` there."""

    def dies() -> None:
        workshop = workshop_of(home.store)
        workshop.mkdir()
        new = workshop / "bankcard.db"
        new.write_bytes(home.store.read_bytes())
        real = os.rename

        def rename(source: Any, target: Any) -> None:
            if moved in (Path(source), Path(target)):
                os._exit(9)
            real(source, target)

        os.rename = rename
        with Door(home.store).closed():
            swap(home.store, new, "now")

    child = FORK.Process(target=dies)
    child.start()
    child.join(30)
    assert child.exitcode == 9


def test_a_terminal_finishes_the_swap_of_a_process_that_died(home: Home) -> None:
    store = open_store(home.store, home.queue)
    with store.read() as connection:
        connection.exec_driver_sql("SELECT 1")
    dies_when(home, workshop_of(home.store) / "bankcard.db")
    assert not home.store.exists()
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM branch").scalar() == 1
    assert store.restored == 1
    assert home.store.exists()
    store.close()


def test_what_a_terminal_wrote_after_a_restore_died_stays_when_that_is_taken_back(home: Home) -> None:
    bank = Bank.open(home, cost=4)
    town = Town(bank)
    town.desk("teller")
    dies_when(home, home.store)
    assert journal_of(home.store).exists()
    town.registers("late")
    bank.close()
    with closing(Bank.open(home, cost=4)) as again, again.store.read() as connection:
        found = connection.exec_driver_sql("SELECT username FROM account WHERE role = 'customer'").fetchall()
    assert [row[0] for row in found] == ["late"]
    assert not journal_of(home.store).exists()
    assert not workshop_of(home.store).exists()


def test_a_store_that_was_taken_away_is_missing_for_those_who_had_it_open(home: Home) -> None:
    bank = Bank.open(home, cost=4)
    desk = Town(bank).desk("teller")
    home.store.rename(home.folder / "away.db")
    with pytest.raises(Unavailable) as error:
        me(desk)
    assert error.value.code == "store.missing"
    (home.folder / "away.db").rename(home.store)
    assert me(desk).username == "teller"
    with pytest.raises(Refused):
        sign_in(bank.lobby("x"), "teller", "wrong " * 4)
    bank.close()
