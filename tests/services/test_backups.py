"""Backups as the branch makes them: who may open them, what verifying finds, what stays in the list."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bankcard_tui.backup.container import manifest_unchecked
from bankcard_tui.backup.create import create_backup
from bankcard_tui.backup.files import workshop
from bankcard_tui.backup.kit import Kit, kit_content, parse_kit
from bankcard_tui.backup.manifest import Origin
from bankcard_tui.backup.unpack import by_keys, by_kit, kit_inside, unpacked
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.log import ENTRY
from bankcard_tui.errors import BankError, Busy, Conflict, InvalidInput, Refused, VerificationFailed
from bankcard_tui.models.backup import Drill
from bankcard_tui.models.base import table
from bankcard_tui.services import backup_records
from bankcard_tui.services.backup_checks import CheckedBackup
from bankcard_tui.services.backup_recipients import RECIPIENT, add_recipient, list_recipients, remove_recipient
from bankcard_tui.services.backup_records import BACKUP, BackupView, backup_state, list_backups, record_check
from bankcard_tui.services.backups import Stopped, make_backup, make_kit, verify_backup
from bankcard_tui.store.types import new_id
from tests.branch import Town
from tests.services.points_cards import card_at_hand

PASSPHRASE = "nineteen copper herons asleep"


@pytest.fixture
def night(bank: Bank) -> Desk:
    return bank.system_desk("night")


@pytest.fixture
def kit(town: Town, bank: Bank, tmp_path: Path) -> Kit:
    """A recovery kit that the admin has registered."""
    make_kit(bank, town.desk("admin"), tmp_path / "kit", "safe")
    return parse_kit(kit_content(tmp_path / "kit"))


def path_of(home: Home, made: BackupView) -> Path:
    return home.backups / made.file


def actions(bank: Bank) -> list[tuple[str, str]]:
    with bank.store.read() as connection:
        rows = connection.execute(
            select(ENTRY.c.action, ENTRY.c.outcome).where(ENTRY.c.action.like("backup.%")).order_by(ENTRY.c.seq)
        )
        return [(row.action, row.outcome) for row in rows]


def remade(bank: Bank, home: Home, sequence: int = 7) -> Path:
    """A backup of the store as it is, past the operations: whatever somebody has put into it."""
    branch = bank.branch
    origin = Origin(branch.bank, branch.name, branch.code, str(branch.id))
    target = home.backups / f"remade-{sequence}.backup"
    with workshop(home.making) as folder:
        create_backup(
            bank.store,
            bank.keys,
            origin,
            folder,
            target,
            sequence=sequence,
            made_at=bank.clock.now(),
            recipients=(),
            passphrase=None,
            report=lambda label, done, total: None,
        )
    return target


def test_a_backup_is_made_verified_and_listed(bank: Bank, night: Desk, kit: Kit, home: Home) -> None:
    made = make_backup(bank, night)
    assert made.verified
    assert list_backups(night).items == (made,)
    path = path_of(home, made)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(os.listdir(home.backups)) == [".making.lock", made.file]
    names = ("begin", "record", "record_check", "clear")
    assert actions(bank)[1:] == [(f"backup.{name}", "done") for name in names]


def test_without_a_kit_and_a_passphrase_no_backup_is_made(bank: Bank, night: Desk, home: Home) -> None:
    with pytest.raises(Refused, match="nobody could open") as refused:
        make_backup(bank, night)
    assert "keygen" in refused.value.hint
    assert os.listdir(home.backups) == [".making.lock"]


def test_the_branch_and_each_kit_open_a_backup_and_nobody_else(
    bank: Bank, night: Desk, town: Town, kit: Kit, home: Home, tmp_path: Path
) -> None:
    path = path_of(home, make_backup(bank, night))
    make_kit(bank, town.desk("admin"), tmp_path / "later", "made later")
    later = parse_kit(kit_content(tmp_path / "later"))
    for opener in (by_keys(bank.keys), by_kit(kit)):
        opened = unpacked(path, opener, tmp_path)
        assert opened.keys.root == bank.keys.root
        assert stat.S_IMODE(opened.store.stat().st_mode) == 0o600
        with sqlite3.connect(opened.store) as store:
            assert store.execute("SELECT code FROM branch").fetchall() == [("T001",)]
    before = set(os.listdir(tmp_path))
    with pytest.raises(VerificationFailed) as wrong:
        unpacked(path, by_kit(later), tmp_path)
    assert wrong.value.code == "backup.wrong_key"
    assert set(os.listdir(tmp_path)) == before


def test_a_passphrase_opens_its_own_backup_alone(bank: Bank, night: Desk, home: Home, tmp_path: Path) -> None:
    path = path_of(home, make_backup(bank, night, passphrase=PASSPHRASE))
    assert unpacked(path, by_kit(kit_inside(path, PASSPHRASE)), tmp_path).keys.root == bank.keys.root
    with pytest.raises(VerificationFailed, match="passphrase does not fit"):
        kit_inside(path, "eighteen copper herons asleep")


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaaaaaaaaaa", "Harbour Test Bank Harbour"])
def test_a_weak_passphrase_is_refused_before_anything_happens(bank: Bank, night: Desk, weak: str) -> None:
    with pytest.raises(InvalidInput):
        make_backup(bank, night, passphrase=weak)
    assert actions(bank) == []


def test_a_kit_that_was_taken_out_opens_no_later_backup(
    bank: Bank, night: Desk, town: Town, kit: Kit, home: Home, tmp_path: Path
) -> None:
    make_kit(bank, town.desk("admin"), tmp_path / "second", "second")
    (first,) = (each for each in list_recipients(night).items if each.recipient == kit.recipient)
    remove_recipient(town.desk("admin"), first.id)
    path = path_of(home, make_backup(bank, night))
    with pytest.raises(VerificationFailed):
        unpacked(path, by_kit(kit), tmp_path)
    assert unpacked(path, by_kit(parse_kit(kit_content(tmp_path / "second"))), tmp_path)


def test_a_kit_put_into_the_store_past_the_program_stops_every_backup(bank: Bank, night: Desk, kit: Kit) -> None:
    with bank.store.write() as connection:
        connection.execute(update(RECIPIENT).values(recipient=str(replace(kit).identity.to_public()), label="mine"))
    with pytest.raises(VerificationFailed, match="past the program"):
        make_backup(bank, night)


def test_the_same_kit_is_registered_once(town: Town, kit: Kit) -> None:
    with pytest.raises(Conflict):
        add_recipient(town.desk("admin"), kit.recipient, "again")


def test_a_kit_that_can_not_be_registered_leaves_no_file(bank: Bank, town: Town, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        make_kit(bank, town.desk("teller"), tmp_path / "kit", "mine")
    with pytest.raises(InvalidInput):
        make_kit(bank, town.desk("admin"), tmp_path / "kit", "")
    assert not (tmp_path / "kit").exists()


def test_the_manifest_says_what_is_in_the_store(bank: Bank, night: Desk, kit: Kit, home: Home, tmp_path: Path) -> None:
    path = path_of(home, make_backup(bank, night))
    said = manifest_unchecked(path)
    opened = unpacked(path, by_keys(bank.keys), tmp_path)
    assert said is not None
    with sqlite3.connect(opened.store) as store:
        for name, count in opened.manifest.tables.items():
            assert store.execute(f"SELECT count(*) FROM {name}").fetchone() == (count,)
        seq, mark = store.execute("SELECT seq, mark FROM log_head").fetchone()
    assert (said["log_seq"], said["log_mark"]) == (seq, mark.hex())
    assert said["recipients"][1:] == [kit.recipient]


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5])
def test_a_check_goes_as_far_as_was_asked(bank: Bank, night: Desk, kit: Kit, home: Home, level: int) -> None:
    made = make_backup(bank, night, verify=False)
    assert made.level == 0
    told: list[str] = []
    checked = verify_backup(
        bank, night, path_of(home, made), level=level, report=lambda label, done, total: told.append(label)
    )
    assert (checked.level, checked.problem) == (level, None)
    assert list_backups(night).items[0].level == level
    assert ("Trial restore" in told) == (level == 5)


def found(bank: Bank, night: Desk, path: Path) -> CheckedBackup:
    checked = verify_backup(bank, night, path)
    assert not [name for name in os.listdir(path.parent) if name == ".making"]
    return checked


@pytest.mark.parametrize(
    ("spoil", "level", "code"),
    [
        ("UPDATE log_entry SET username = 'somebody' WHERE seq = 5", 3, "backup.log"),
        ("DELETE FROM log_entry WHERE seq = 5", 3, "backup.log"),
        ("UPDATE account SET created_at = 'yesterday' WHERE username = 'teller'", 3, "backup.values"),
        ("UPDATE scorecard SET digest = '00'", 3, "backup.card"),
        ("UPDATE account SET person_id = x'00' WHERE username = 'teller'", 2, "backup.references"),
        ("UPDATE alembic_version SET version_num = '9999'", 2, "backup.newer"),
        ("UPDATE branch SET key_check = 'other'", 3, "key.wrong"),
    ],
)
def test_each_level_names_what_is_wrong_in_the_store(
    bank: Bank, night: Desk, town: Town, home: Home, spoil: str, level: int, code: str
) -> None:
    card_at_hand(town.desk("manager"))
    with sqlite3.connect(bank.store.path) as store:
        store.execute(spoil)
    path = remade(bank, home)
    with sqlite3.connect(bank.store.path) as store:
        store.execute("UPDATE alembic_version SET version_num = '0003'")
    from bankcard_tui.services.backup_checks import check_backup

    with workshop(home.making) as folder:
        checked = check_backup(path, by_keys(bank.keys), folder, clock=bank.clock, cost=4)
        assert os.listdir(folder) == []
    assert checked.problem is not None
    assert (checked.level, checked.problem.code) == (level, code)


def test_a_damaged_backup_is_known_as_such_in_the_list(bank: Bank, night: Desk, kit: Kit, home: Home) -> None:
    made = make_backup(bank, night)
    path = path_of(home, made)
    content = bytearray(path.read_bytes())
    content[-5000] ^= 1
    path.write_bytes(content)
    checked = verify_backup(bank, night, path)
    assert checked.problem is not None
    (row,) = list_backups(night).items
    assert (row.level, row.problem, row.verified) == (1, checked.problem.code, False)
    assert backup_state(night).last_verified is None


def test_another_backup_under_the_name_of_one_is_noticed(
    bank: Bank, night: Desk, kit: Kit, home: Home, clock: SimulatedClock
) -> None:
    first = make_backup(bank, night)
    clock.advance(timedelta(days=1))
    second = make_backup(bank, night)
    path_of(home, second).write_bytes(path_of(home, first).read_bytes())
    verify_backup(bank, night, path_of(home, second))
    rows = {row.file: row for row in list_backups(night).items}
    assert rows[second.file].problem == "backup.exchanged"
    assert rows[first.file].verified


def test_a_copy_elsewhere_is_verified_like_the_file_itself(
    bank: Bank, night: Desk, kit: Kit, home: Home, tmp_path: Path
) -> None:
    made = make_backup(bank, night, verify=False)
    copy = tmp_path / "copy.backup"
    copy.write_bytes(path_of(home, made).read_bytes())
    assert verify_backup(bank, night, copy, opener=by_kit(kit)).level == 5
    assert list_backups(night).items[0].verified


def test_a_short_check_says_nothing_against_a_longer_one(bank: Bank, night: Desk, kit: Kit, home: Home) -> None:
    made = make_backup(bank, night)
    verify_backup(bank, night, path_of(home, made), level=1)
    assert list_backups(night).items[0].verified


def test_nobody_reports_a_check_that_was_not_made(bank: Bank, town: Town, night: Desk, kit: Kit) -> None:
    made = make_backup(bank, night, verify=False)
    with pytest.raises(Refused, match="by hand"):
        record_check(town.desk("admin"), made.file, made.digest, 5, "", "00" * 32)
    assert list_backups(night).items[0].level == 0


def test_a_file_of_another_branch_is_not_taken_into_the_list(
    bank: Bank, night: Desk, kit: Kit, home: Home, tmp_path: Path
) -> None:
    other = Bank.create(Home(tmp_path / "other"), bank="B", branch="Quay", code="T002", cost=4, durable=False)
    stranger = remade(other, Home(tmp_path / "other"))
    other.close()
    (home.backups / "stranger.backup").write_bytes(stranger.read_bytes())
    with pytest.raises(VerificationFailed, match="another bank made it"):
        backup_records.record_backup(night, "stranger.backup")
    for name in ("../data/bankcard.db", "x", "a/b.backup"):
        with pytest.raises(InvalidInput):
            backup_records.record_backup(night, name)


def test_old_backups_go_and_the_last_verified_one_never(
    bank: Bank, night: Desk, kit: Kit, home: Home, clock: SimulatedClock
) -> None:
    first = make_backup(bank, night)
    for _ in range(10):
        clock.advance(timedelta(days=1))
        make_backup(bank, night)
    rows = list_backups(night).items
    assert len(rows) == 11
    there = {row.file for row in rows if row.removed_at is None}
    assert there == {name for name in os.listdir(home.backups) if name.endswith(".backup")}
    assert 7 <= len(there) < 11
    assert rows[-1].id == first.id
    assert rows[0].verified
    assert rows[0].file in there


def test_a_backup_given_up_by_a_killed_process_goes_next_time(bank: Bank, night: Desk, kit: Kit, home: Home) -> None:
    """The list says that it is gone before the file goes, so that nothing counts on it."""
    made = make_backup(bank, night)
    with bank.store.write() as connection:
        connection.execute(update(BACKUP).values(removed_at=bank.clock.now()))
    make_backup(bank, night)
    assert not path_of(home, made).exists()


def test_what_is_missing_in_the_folder_protects_nothing_and_is_not_given_up(
    bank: Bank, night: Desk, kit: Kit, home: Home, clock: SimulatedClock
) -> None:
    made = make_backup(bank, night)
    path_of(home, made).rename(home.folder / "elsewhere")
    clock.advance(timedelta(days=400))
    make_backup(bank, night)
    assert [row.removed_at for row in list_backups(night).items] == [None, None]


def test_the_state_warns_by_the_policy(bank: Bank, night: Desk, kit: Kit, clock: SimulatedClock) -> None:
    state = backup_state(night)
    assert (state.last_verified, state.backup_due, state.last_drill, state.drill_due) == (None, True, None, True)
    assert state.kits == 1
    made = make_backup(bank, night)
    with bank.store.write() as connection:
        connection.execute(
            table(Drill)
            .insert()
            .values(
                id=new_id(),
                branch_id=bank.branch.id,
                file=made.file,
                digest="",
                at=clock.now(),
                milliseconds=1,
                problem="",
            )
        )
    state = backup_state(night)
    assert (state.last_verified, state.backup_due, state.drill_due) == (made.made_at, False, False)
    clock.advance(timedelta(days=3))
    assert backup_state(night).backup_due
    assert not backup_state(night).drill_due


def test_one_backup_at_a_time(bank: Bank, night: Desk, kit: Kit, home: Home) -> None:
    with workshop(home.making), pytest.raises(Busy, match="just now"):
        make_backup(bank, night)
    assert make_backup(bank, night).verified


@pytest.mark.parametrize("label", ["Copying the store", "Compressing and encrypting"])
def test_a_backup_that_is_stopped_leaves_an_entry_and_nothing_else(
    bank: Bank, night: Desk, kit: Kit, home: Home, label: str
) -> None:
    now: list[str] = []
    with pytest.raises(Stopped):
        make_backup(
            bank,
            night,
            report=lambda said, done, total: now.append(said),
            stop=lambda: bool(now) and now[-1] == label,
        )
    assert os.listdir(home.backups) == [".making.lock"]
    assert list_backups(night).items == ()
    assert actions(bank)[-1] == ("backup.abandon", "done")


def test_ctrl_c_leaves_an_entry_and_nothing_else(bank: Bank, night: Desk, kit: Kit, home: Home) -> None:
    def interrupted(label: str, done: int, total: int) -> None:
        if label == "Compressing and encrypting":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_backup(bank, night, report=interrupted)
    assert os.listdir(home.backups) == [".making.lock"]
    assert actions(bank)[-1] == ("backup.abandon", "done")


def test_ctrl_c_while_unpacking_leaves_no_plaintext(
    bank: Bank, night: Desk, kit: Kit, home: Home, tmp_path: Path
) -> None:
    path = path_of(home, make_backup(bank, night))
    (tmp_path / "out").mkdir()

    def interrupted(label: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        unpacked(path, by_keys(bank.keys), tmp_path / "out", interrupted)
    assert os.listdir(tmp_path / "out") == []


def test_a_backup_is_consistent_while_others_write(bank: Bank, night: Desk, town: Town, kit: Kit, home: Home) -> None:
    """Eight terminals write entries; in each backup the chain holds and ends where its manifest says."""
    done = threading.Event()

    def work(number: int) -> None:
        lobby = bank.lobby(f"terminal {number}")
        while not done.is_set():
            try:
                town.registers(f"w{number}-{new_id().hex[:8]}", number="")
            except BankError:
                backup_records.begin_check(replace(night, terminal=lobby.terminal), "x", 1)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    try:
        made = [make_backup(bank, night) for _ in range(3)]
    finally:
        done.set()
        for each in threads:
            each.join()
    assert all(each.verified for each in made)
    assert made[0].log_seq < made[1].log_seq < made[2].log_seq
