"""Several terminals at once, and terminals that die."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.errors import Busy
from bankcard_tui.rules.terms import DocumentKind
from bankcard_tui.services import applications, identity, logs, review
from bankcard_tui.store.engine import sqlite
from bankcard_tui.store.queue import turn
from tests.branch import Town
from tests.services.world import World, build

FORK = multiprocessing.get_context("fork")


@pytest.fixture(scope="module")
def day(template: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    world = build(template, tmp_path_factory.mktemp("processes") / "home")
    world.bank.store.close()
    return world


@pytest.fixture
def folder(day: World, tmp_path: Path) -> Path:
    day.copied(tmp_path).bank.close()
    return tmp_path / "home"


def opened(day: World, folder: Path) -> World:
    bank = Bank.open(Home(folder), clock=SimulatedClock(day.bank.clock.now()), cost=4)
    return World(Town(bank, dict(day.town._desks)), day.ids, day.codes)


def works(day: World, folder: Path, name: str, seconds: float, done: Any) -> None:
    """A terminal: documents come in, an application is claimed and given back, again and again."""
    world = opened(day, folder)
    chance = random.Random(name)
    until, count = time.monotonic() + seconds, 0
    application = world.ids["zhang.application"]
    while time.monotonic() < until:
        identity.add_document(
            world.desk("teller"), world.ids["zhang.customer"], DocumentKind.TAX_RETURN, f"{name} {count}"
        )
        count += 1
        if name == "0" and chance.random() < 0.5:
            review.claim(world.desk("manager2"), application)
            review.release(world.desk("manager2"), application)
    done.put((name, count))
    done.close()
    done.join_thread()
    os._exit(0)


def counted(folder: Path, statement: str) -> int:
    connection = sqlite.connect(folder / "data" / "bankcard.db")
    found: int = connection.execute(statement).fetchone()[0]
    connection.close()
    return found


def is_whole(day: World, folder: Path) -> None:
    """The file is sound, the chain holds, and every effect has its entry and every entry its effect."""
    world = opened(day, folder)
    check = logs.verify_log(world.bank.system_desk("night"))
    assert check.sound, check.problems
    with world.bank.store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
    documents = counted(folder, "SELECT count(*) FROM document")
    entries = counted(folder, "SELECT count(*) FROM log_entry WHERE action = 'document.add' AND outcome = 'done'")
    assert documents == entries
    claims = "SELECT count(*) FROM log_entry WHERE action IN ('review.claim', 'review.release') AND outcome = 'done'"
    file = applications.open_application(world.desk("director"), world.ids["zhang.application"])
    assert file.version - 1 == len(file.moves) - 1 <= counted(folder, claims)
    world.bank.close()


def test_eight_terminals_write_at_once_and_nobody_starves(day: World, folder: Path) -> None:
    done = FORK.Queue()
    before = counted(folder, "SELECT count(*) FROM document")
    terminals = [FORK.Process(target=works, args=(day, folder, str(each), 1.5, done)) for each in range(8)]
    for each in terminals:
        each.start()
    counts = dict(done.get(timeout=60) for _ in terminals)
    for each in terminals:
        each.join(30)
    assert [each.exitcode for each in terminals] == [0] * 8
    assert len(counts) == 8
    assert min(counts.values()) > 0, counts
    assert counted(folder, "SELECT count(*) FROM document") == before + sum(counts.values())
    is_whole(day, folder)


@pytest.mark.parametrize("seed", range(6))
def test_a_terminal_that_is_killed_in_the_middle_of_its_work_leaves_nothing_half_done(
    day: World, folder: Path, seed: int
) -> None:
    done = FORK.Queue()
    before = counted(folder, "SELECT count(*) FROM document")
    terminal = FORK.Process(target=works, args=(day, folder, "0", 30, done))
    terminal.start()
    until = time.monotonic() + 30
    while counted(folder, "SELECT count(*) FROM document") < before + 3 + seed and time.monotonic() < until:
        time.sleep(0.005)
    time.sleep(random.Random(seed).uniform(0, 0.03))
    assert terminal.pid is not None
    os.kill(terminal.pid, signal.SIGKILL)
    terminal.join(30)
    assert terminal.exitcode == -signal.SIGKILL
    assert counted(folder, "SELECT count(*) FROM document") >= before + 3
    is_whole(day, folder)
    world = opened(day, folder)
    identity.add_document(world.desk("teller"), world.ids["zhang.customer"], DocumentKind.TAX_RETURN, "after")
    world.bank.close()


def test_who_waits_too_long_for_a_turn_is_told_that_the_store_is_busy(tmp_path: Path) -> None:
    queue = tmp_path / "store.queue"
    with turn(queue), pytest.raises(Busy) as error, turn(queue, patience=0.05):
        pass
    assert error.value.hint
    assert error.value.exit_code == 5
    with turn(queue, patience=0.05):
        pass


def test_a_writer_outside_of_the_queue_makes_the_store_busy_not_broken(
    day: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tool that somebody left open on the store."""
    from bankcard_tui.store import engine

    monkeypatch.setattr(engine, "BUSY_MILLISECONDS", 50)
    monkeypatch.setattr(engine, "_ALWAYS", ("busy_timeout=50", *engine._ALWAYS[1:]))
    world = opened(day, folder)
    tool = sqlite.connect(folder / "data" / "bankcard.db", isolation_level=None)
    tool.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy):
        identity.add_document(world.desk("teller"), world.ids["zhang.customer"], DocumentKind.TAX_RETURN, "x")
    assert logs.verify_log(world.bank.system_desk("night")).sound
    tool.execute("ROLLBACK")
    identity.add_document(world.desk("teller"), world.ids["zhang.customer"], DocumentKind.TAX_RETURN, "x")
    tool.close()
    world.bank.close()
