"""Life goes on after a restore: what the newer history knew of backups and archives does not stand against it."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from bankcard_tui.backup.kit import Kit, kit_content, parse_kit
from bankcard_tui.backup.unpack import by_kit
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import VerificationFailed
from bankcard_tui.services import logs
from bankcard_tui.services.backup_records import BackupView
from bankcard_tui.services.backups import make_backup, make_kit, verify_backup
from bankcard_tui.services.drills import run_drill
from bankcard_tui.services.log_verify import ChainCheck
from bankcard_tui.services.restores import restore_backup
from tests.branch import PASSWORD
from tests.faults.restore_kit import BOTH
from tests.services.test_restores import Branch, advance


@pytest.fixture
def branch(home: Home, bank: Bank, tmp_path: Path) -> Branch:
    return Branch(home, bank, tmp_path / "safe")


@pytest.fixture
def kit(branch: Branch, tmp_path: Path) -> Kit:
    """A kit that the branch has registered, in a safe."""
    make_kit(branch.bank, branch.town.desk("admin"), tmp_path / "safe.kit", "safe")
    return parse_kit(kit_content(tmp_path / "safe.kit"))


def backs_up(branch: Branch) -> BackupView:
    advance(branch.bank, minutes=1)
    return make_backup(branch.bank, branch.bank.system_desk("night"))


def goes_back_to(branch: Branch, backup: BackupView) -> None:
    branch.file = branch.home.backups / backup.file
    branch.restores(*BOTH)
    advance(branch.bank, minutes=1)
    branch.town._desks.clear()


def log_at(home: Home, branch: Branch) -> ChainCheck:
    with closing(Bank.open(home, clock=branch.clock, cost=4)) as bank:
        return logs.verify_log(bank.system_desk("night"), deep=True)


def on_a_fresh_machine(branch: Branch, backup: BackupView, kit: Kit, folder: Path) -> Home:
    home = Home(folder)
    file = branch.home.backups / backup.file
    restore_backup(home, home.key, file, kit=kit, clock=branch.clock, cost=4)
    return home


def test_after_going_back_to_an_older_backup_the_next_ones_are_sound(branch: Branch, kit: Kit, tmp_path: Path) -> None:
    first = backs_up(branch)
    branch.town.registers("late")
    newer = backs_up(branch)
    branch.town.registers("later")
    goes_back_to(branch, first)
    for n in range(12):  # past the end of the newer backup's log
        branch.town.registers(f"more{n}")
    after = backs_up(branch)
    assert (after.level, after.problem) == (5, "")
    assert after.log_seq > newer.log_seq
    night, file = branch.bank.system_desk("night"), branch.home.backups / after.file
    assert verify_backup(branch.bank, night, file, opener=by_kit(kit)).problem is None
    assert run_drill(branch.town.desk("admin"), file, kit, Secret(PASSWORD)).problem == ""
    on_a_fresh_machine(branch, after, kit, tmp_path / "fresh")


def test_after_going_back_twice_the_next_backup_is_sound(branch: Branch, kit: Kit, tmp_path: Path) -> None:
    first = backs_up(branch)
    for name in ("late", "later"):
        branch.town.registers(name)
        backs_up(branch)
        branch.town.registers(f"{name}2")
        goes_back_to(branch, first)
    after = backs_up(branch)
    assert (after.level, after.problem) == (5, "")
    on_a_fresh_machine(branch, after, kit, tmp_path / "fresh")


@pytest.mark.parametrize(
    "attack",
    ["DELETE FROM log_archive", "UPDATE log_archive SET last_seq = 900", "UPDATE backup SET log_seq = 900"],
    ids=["no fork", "a fork that was made longer", "an entry behind every fork"],
)
def test_a_backup_whose_entry_lies_in_no_fork_shows_that_the_log_was_altered(
    branch: Branch, kit: Kit, attack: str
) -> None:
    first = backs_up(branch)
    branch.town.registers("late")
    backs_up(branch)
    goes_back_to(branch, first)
    with branch.bank.store.write() as connection:
        connection.exec_driver_sql(attack)
    with pytest.raises(VerificationFailed) as error:
        backs_up(branch)
    assert error.value.code == "backup.log"


def test_without_the_archives_a_fresh_machine_says_that_they_are_missing_and_nothing_else(
    branch: Branch, kit: Kit, tmp_path: Path
) -> None:
    first = backs_up(branch)
    branch.town.registers("late")
    backs_up(branch)
    branch.town.registers("later")
    goes_back_to(branch, first)
    home = on_a_fresh_machine(branch, backs_up(branch), kit, tmp_path / "fresh")
    check = log_at(home, branch)
    (problem,) = check.problems
    assert "is missing in backups/log" in problem
    assert not check.sound
    assert not check.altered
    shutil.copytree(branch.home.archives, home.archives)
    assert log_at(home, branch).problems == ()


def test_a_backup_that_can_not_be_read_is_named_as_no_witness(branch: Branch, kit: Kit) -> None:
    file = branch.home.backups / backs_up(branch).file
    spoilt = bytearray(file.read_bytes())
    spoilt[700] ^= 1
    file.write_bytes(spoilt)
    file.with_name("of another bank.backup").write_bytes(spoilt)
    check = logs.verify_log(branch.bank.system_desk("night"))
    (problem,) = check.problems
    assert problem.startswith(f"the backup {file.name} can't be read")
    assert not check.altered
