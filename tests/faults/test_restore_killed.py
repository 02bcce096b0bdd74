"""A restore that is killed, or whose disk fails at any step: the branch is as it was or restored, never between."""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from bankcard_tui.backup import restore as restore_files
from bankcard_tui.backup.kit import Kit
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.errors import BankError
from bankcard_tui.services import logs, restore_copy, restores
from bankcard_tui.services.restores import restore_backup
from bankcard_tui.store import swap
from bankcard_tui.store.engine import sqlite
from tests.branch import OPENING, Town
from tests.faults.restore_kit import BOTH, backup_of, kit_of

FORK = multiprocessing.get_context("fork")
STEPS = {module.__file__ for module in (swap, restores, restore_copy, restore_files)}
ALL_STEPS = 5_000
FAILURES = (errno.EIO, errno.ENOSPC, errno.EROFS)
FAILING = ("open", "fsync", "rename", "unlink", "mkdir")


@dataclass
class Scene:
    """A branch that went on after its backup: ``early`` is in both, ``late`` in the live store alone."""

    template: Path
    file: Path
    kit: Kit
    now: Any
    folder: Path

    def fresh(self) -> Home:
        home = Home(self.folder / "home")
        shutil.rmtree(home.folder, ignore_errors=True)
        shutil.copytree(self.template, home.folder)
        return home

    def restore(self, home: Home) -> None:
        restore_backup(home, home.key, self.file, kit=self.kit, admins=BOTH, clock=SimulatedClock(self.now), cost=4)


@pytest.fixture(scope="module")
def scene(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    folder = tmp_path_factory.mktemp("killed")
    shutil.copytree(template, folder / "template")
    clock = SimulatedClock(OPENING + timedelta(hours=2))
    bank = Bank.open(Home(folder / "template"), clock=clock, cost=4)
    kit = kit_of(bank)
    Town(bank).registers("early")
    file = backup_of(bank, kit, folder / "safe")
    clock.advance(timedelta(minutes=1))
    Town(bank).registers("late")
    bank.close()
    return Scene(folder / "template", file, kit, clock.now(), folder)


def customers(store: Path) -> list[str]:
    connection = sqlite.connect(store)
    found = connection.execute("SELECT username FROM account WHERE role = 'customer' ORDER BY username").fetchall()
    connection.close()
    return [name for (name,) in found]


def outcome(scene: Scene, home: Home) -> str:
    """What the next start finds, when everything is as it must be: ``as it was`` or ``restored``."""
    with closing(Bank.open(home, clock=SimulatedClock(scene.now), cost=4)) as bank:
        check = logs.verify_log(bank.system_desk("night"), deep=True)
        assert check.problems == ()
        with bank.store.read() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
            forks = connection.exec_driver_sql("SELECT count(*) FROM log_archive").scalar_one()
            told = connection.exec_driver_sql("SELECT count(*) FROM log_entry WHERE action = 'backup.restore'").scalar()
    found = customers(home.store)
    for left in (swap.journal_of(home.store), swap.workshop_of(home.store)):
        assert not os.path.lexists(left), left
    aside = list(home.store.parent.glob("before-restore-*"))
    if found == ["early", "late"]:
        assert (forks, told, aside) == (0, 0, [])
        return "as it was"
    assert (found, forks, told) == (["early"], 1, 1)
    assert [customers(each / "bankcard.db") for each in aside] == [["early", "late"]]
    return "restored"


# --- killed at each step ---------------------------------------------------------------------------------------------


def at_line(number: int) -> Callable[[FrameType, str, Any], Any]:
    """A tracer that kills the process before the ``number``-th line of a restore."""
    seen = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal seen
        if frame.f_code.co_filename not in STEPS:
            return None
        if event == "line":
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    return trace


def killed(scene: Scene, home: Home, number: int) -> bool:
    """Restore in a process that is killed before its ``number``-th line; False when it came to its end."""

    def work() -> None:
        sys.settrace(at_line(number))
        scene.restore(home)
        os._exit(0)

    child = FORK.Process(target=work)
    child.start()
    child.join(60)
    assert child.exitcode in (0, -signal.SIGKILL)
    return child.exitcode != 0


def lines_of(scene: Scene) -> int:
    """How many lines a whole restore runs through."""
    low, high = 1, ALL_STEPS
    while low < high:
        middle = (low + high) // 2
        if killed(scene, scene.fresh(), middle):
            low = middle + 1
        else:
            high = middle
    return low


def kill_at(scene: Scene, numbers: Iterator[int] | range | list[int]) -> Counter[str]:
    found: Counter[str] = Counter()
    for number in numbers:
        home = scene.fresh()
        assert killed(scene, home, number), number
        found[outcome(scene, home)] += 1
        if found.total() % 10 == 0:  # and what was broken off can be done again
            scene.restore(home)
    return found


def test_killed_at_any_step_it_is_as_it_was_or_restored(scene: Scene) -> None:
    whole = lines_of(scene)
    steps = random.Random(1).sample(range(1, whole - 90), 8) + list(range(whole - 89, whole, 7))
    found = kill_at(scene, steps)
    print(f"\nrestore killed at {found.total()} of {whole} steps: {dict(found)}, lost 0")
    assert set(found) == {"as it was", "restored"}


@pytest.mark.proof
def test_killed_at_every_step_it_is_as_it_was_or_restored(scene: Scene) -> None:
    found = kill_at(scene, range(1, lines_of(scene)))
    print(f"\nrestore killed at each of {found.total()} steps: {dict(found)}, lost 0")
    assert set(found) == {"as it was", "restored"}


def killed_at_random(scene: Scene, seed: int) -> str:
    home = scene.fresh()

    def work() -> None:
        scene.restore(home)
        os._exit(0)

    child = FORK.Process(target=work)
    child.start()
    time.sleep(random.Random(seed).uniform(0, 1.2))
    child.kill()
    child.join(30)
    return outcome(scene, home)


def test_killed_at_random_moments_it_is_as_it_was_or_restored(scene: Scene) -> None:
    found = Counter(killed_at_random(scene, seed) for seed in range(5))
    print(f"\nrestore killed at {found.total()} random moments: {dict(found)}, lost 0")


@pytest.mark.proof
def test_killed_at_many_random_moments_it_is_as_it_was_or_restored(scene: Scene) -> None:
    found = Counter(killed_at_random(scene, seed) for seed in range(1000, 1300))
    print(f"\nrestore killed at {found.total()} random moments: {dict(found)}, lost 0")
    assert set(found) == {"as it was", "restored"}


# --- the disk fails once ---------------------------------------------------------------------------------------------


@contextmanager
def failing(name: str, number: int, problem: int, home: Home) -> Iterator[list[int]]:
    """The ``number``-th call of ``os.NAME`` within the home fails; yields how many there were."""
    calls = [0]
    real = getattr(os, name)

    def call(target: Any, *arguments: Any, **options: Any) -> Any:
        path = os.readlink(f"/proc/self/fd/{target}") if isinstance(target, int) else os.fspath(target)
        if str(path).startswith(str(home.folder)):
            calls[0] += 1
            if calls[0] == number:
                raise OSError(problem, os.strerror(problem), str(path))
        return real(target, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, name, call)
        yield calls


def fail_at(scene: Scene, name: str, number: int, problem: int) -> str:
    """What came of a restore of which one call failed; ``whole`` where there are not that many calls."""
    home = scene.fresh()
    with failing(name, number, problem, home) as calls:
        said = ""
        try:
            scene.restore(home)
        except BankError as error:  # anything else would be a crash
            said = error.code
    if calls[0] < number:
        return "whole"
    found = outcome(scene, home)
    assert not said or found == "as it was" or said == "restore.unfinished", (name, number, said)
    return found


@pytest.mark.parametrize("name", FAILING)
def test_whatever_call_of_the_disk_fails_the_branch_is_as_it_was_or_restored(scene: Scene, name: str) -> None:
    chance, found = random.Random(name), Counter[str]()
    for number in chance.sample(range(1, 14), 4):
        found[fail_at(scene, name, number, chance.choice(FAILURES))] += 1
    print(f"\nos.{name} failed in {found.total()} restores: {dict(found)}, lost 0")


@pytest.mark.proof
@pytest.mark.parametrize("problem", FAILURES, ids=errno.errorcode.get)
@pytest.mark.parametrize("name", FAILING)
def test_every_call_of_the_disk_fails_once(scene: Scene, name: str, problem: int) -> None:
    found = Counter[str]()
    for number in range(1, 1000):
        ended = fail_at(scene, name, number, problem)
        if ended == "whole":
            break
        found[ended] += 1
    print(f"\nos.{name} failed once in {found.total()} restores: {dict(found)}, lost 0")
    assert found
