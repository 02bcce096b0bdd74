"""An upgrade that is killed: the store is of the old schema or of the new one, whole, and the next try finishes it."""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.services import logs
from bankcard_tui.store.engine import lone_file, sqlite
from bankcard_tui.store.schema import HEAD
from tests.branch import OPENING, Town
from tests.cli.kit import bankcard, process
from tests.faults.test_store_schema import taken_back

OLD = "0002"
CUSTOMERS = 60


@pytest.fixture(scope="module")
def older(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A branch of the schema before this one, large enough that upgrading it takes a while."""
    folder = tmp_path_factory.mktemp("older") / "home"
    shutil.copytree(template, folder)
    with closing(Bank.open(Home(folder), clock=SimulatedClock(OPENING), cost=4, durable=False)) as bank:
        town = Town(bank)
        for count in range(CUSTOMERS):
            town.registers(f"customer{count}")
    taken_back(Home(folder).store, OLD)
    for left in ("now.db", "queue"):
        Home(folder).store.with_name(left).unlink(missing_ok=True)
    return folder


def state(home: Home) -> tuple[str, int, list[object]]:
    """Schema, number of accounts and whether the file is sound, as whoever opens it next finds it."""
    connection = sqlite.connect(home.store)
    try:
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        (accounts,) = connection.execute("SELECT count(*) FROM account").fetchone()
        broken = (
            connection.execute("PRAGMA integrity_check").fetchall()
            + connection.execute("PRAGMA foreign_key_check").fetchall()
        )
    finally:
        connection.close()
    return revision, accounts, broken


def copies_are_whole(home: Home, accounts: int) -> int:
    """How many copies there are under final names; each of them is the whole store from before."""
    found = list(home.backups.glob("before-*.db"))
    for copy in found:
        with lone_file(copy) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (OLD,)
            assert connection.execute("SELECT count(*) FROM account").fetchone() == (accounts,)
    return len(found)


def killed_upgrades(older: Path, folder: Path, tries: int, seed: int) -> Counter[str]:
    """Kill ``tries`` upgrades, each at another moment of it, and finish each of them."""
    dice, ended = random.Random(seed), Counter[str]()
    home = Home(folder / "home")
    _, accounts, _ = state(Home(older))
    began = time.monotonic()
    shutil.copytree(older, home.folder)
    process(home.folder, "migrate").communicate()
    whole = time.monotonic() - began
    for _ in range(tries):
        shutil.rmtree(home.folder)
        shutil.copytree(older, home.folder)
        child = process(home.folder, "migrate")
        # Most of the time goes by before anything is written.
        time.sleep(dice.uniform(0.3, 1.0) * whole)
        child.kill()
        child.communicate()
        revision, kept, broken = state(home)
        assert (kept, broken) == (accounts, [("ok",)])
        assert revision in (OLD, HEAD)
        ended[revision] += 1
        made = copies_are_whole(home, accounts)
        assert made or revision == OLD, "the copy is there before anything changes"
        answer = bankcard(home, "migrate")
        assert answer.code == 0, answer.err
        assert state(home)[0] == HEAD
        assert copies_are_whole(home, accounts) >= 1
        assert not list(home.backups.glob("*.part*"))
    with closing(Bank.open(home, cost=4)) as bank:
        assert logs.verify_log(bank.system_desk("night")).problems == ()
    return ended


def test_a_killed_upgrade_is_finished_by_the_next(older: Path, tmp_path: Path) -> None:
    found = killed_upgrades(older, tmp_path, 3, seed=1)
    print(f"\nupgrades killed: {dict(found)}, lost 0")


@pytest.mark.proof
def test_many_killed_upgrades_are_finished_by_the_next(
    older: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = killed_upgrades(older, tmp_path, 100, seed=2)
    with capsys.disabled():
        print(f"\nupgrades killed: {dict(found)}, lost 0")
    assert set(found) == {OLD, HEAD}


def test_a_copy_that_a_killed_process_left_half_written_is_never_taken_for_one(older: Path, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    shutil.copytree(older, home.folder)
    half = home.backups / "before-0003-20260101T000000.db.part"
    half.parent.mkdir(exist_ok=True)
    half.write_bytes(home.store.read_bytes()[:10_000])
    assert bankcard(home, "migrate").code == 0
    assert copies_are_whole(home, state(home)[1]) == 1
    assert not half.exists()
