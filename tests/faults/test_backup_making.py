"""Making a backup while the power fails, the disk is full, or somebody looks for what should stay secret."""

from __future__ import annotations

import errno
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from bankcard_tui.backup.files import is_left_over
from bankcard_tui.backup.unpack import by_keys, unpacked
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SystemClock
from bankcard_tui.errors import BankError, Unavailable
from bankcard_tui.services.backup_records import list_backups
from bankcard_tui.services.backups import make_backup, make_kit
from bankcard_tui.store import engine
from tests.branch import PASSWORD, Town, id_number
from tests.faults.backup_kit import made_backup

PASSPHRASE = "nineteen copper herons asleep"
MAKING = """
import sys
from pathlib import Path
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.services.backups import make_backup
bank = Bank.open(Home(Path(sys.argv[1])), cost=4)
print("ready", flush=True)
for _ in range(int(sys.argv[2])):
    make_backup(bank, bank.system_desk("night"))
print("done", flush=True)
"""
QUICK, WHOLE = 4, 200


@pytest.fixture
def ready(home: Home, tmp_path: Path) -> Home:
    """A branch with a recovery kit."""
    bank = Bank.open(home, clock=SystemClock(), cost=4)
    make_kit(bank, Town(bank).desk("admin"), tmp_path / "kit", "safe")
    bank.close()
    return home


def killed_backups(home: Home, tries: int, seed: int) -> int:
    """Kill ``tries`` processes while they make backups; returns how many files under final names were not whole."""
    dice, broken = random.Random(seed), 0
    for _ in range(tries):
        command = [sys.executable, "-c", MAKING, str(home.folder), "50"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as making:
            assert making.stdout is not None
            assert making.stdout.readline() == "ready\n"
            time.sleep(dice.uniform(0, 0.5))
            making.send_signal(signal.SIGKILL)
        broken += broken_backups(home)
    return broken


def broken_backups(home: Home) -> int:
    """How many backups under final names are not whole. The clearing away itself may be cut in two as well: what the
    list gave up may still lie there, and is whole all the same.
    """
    bank = Bank.open(home, clock=SystemClock(), cost=4)
    broken = 0
    for path in home.backups.glob("*.backup"):
        try:
            unpacked(path, by_keys(bank.keys), home.folder).store.unlink()
        except BankError:
            broken += 1
    listed = {row.file for row in list_backups(bank.system_desk("look")).items if row.removed_at is None}
    bank.close()
    assert listed <= {path.name for path in home.backups.glob("*.backup")}
    return broken


def test_a_killed_backup_leaves_no_part_under_a_final_name(ready: Home) -> None:
    assert killed_backups(ready, QUICK, seed=1) == 0
    ready.making.mkdir(exist_ok=True)  # as most of the killed have left it
    assert is_left_over(ready.making)
    bank = Bank.open(ready, clock=SystemClock(), cost=4)
    assert make_backup(bank, bank.system_desk("night")).verified
    bank.close()
    assert not is_left_over(ready.making)
    assert not ready.making.exists()


@pytest.mark.proof
def test_hundreds_of_killed_backups(ready: Home, capsys: pytest.CaptureFixture[str]) -> None:
    broken = killed_backups(ready, WHOLE, seed=2)
    with capsys.disabled():
        print(f"\nbackups killed: {WHOLE}, broken files under final names: {broken}")
    assert broken == 0


@contextmanager
def no_file_grows_beyond(most: int) -> Iterator[None]:
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, limit[1]))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.parametrize(
    ("stage", "most"),
    [
        ("Copying the store", 1),
        ("Copying the store", 300_000),
        ("Compressing and encrypting", 1),
        ("Compressing and encrypting", 20_000),
    ],
)
def test_a_full_disk_is_said_and_leaves_nothing(ready: Home, stage: str, most: int) -> None:
    bank = Bank.open(ready, clock=SystemClock(), cost=4)
    before = set(os.listdir(ready.backups)) | {".making.lock"}
    reached: list[str] = []
    with ExitStack() as full:
        if stage == "Copying the store":
            full.enter_context(no_file_grows_beyond(most))

        def report(label: str, done: int, total: int) -> None:
            if label == stage and not reached:
                full.enter_context(no_file_grows_beyond(most))
                reached.append(label)

        with pytest.raises(Unavailable):
            made_backup(bank, ready, report=report)
    assert set(os.listdir(ready.backups)) == before
    bank.close()


def test_a_disk_that_is_full_while_unpacking_is_said_and_leaves_nothing(ready: Home, tmp_path: Path) -> None:
    bank = Bank.open(ready, clock=SystemClock(), cost=4)
    made, out = made_backup(bank, ready), tmp_path / "out"
    out.mkdir()
    with no_file_grows_beyond(100_000), pytest.raises(Unavailable, match="can't be written"):
        unpacked(made.path, by_keys(bank.keys), out)
    bank.close()
    assert os.listdir(out) == []


def test_a_folder_that_is_a_file_is_said(ready: Home) -> None:
    bank = Bank.open(ready, clock=SystemClock(), cost=4)
    ready.backups.rmdir()
    ready.backups.write_text("")
    with pytest.raises(Unavailable, match="can't be written"):
        make_backup(bank, bank.system_desk("night"))
    bank.close()


def test_a_link_in_place_of_the_workshop_leads_nowhere(ready: Home, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "mine").write_text("stays")
    ready.making.symlink_to(tmp_path / "elsewhere")
    bank = Bank.open(ready, clock=SystemClock(), cost=4)
    assert make_backup(bank, bank.system_desk("night")).verified
    bank.close()
    assert os.listdir(tmp_path / "elsewhere") == ["mine"]


def test_no_secret_stands_in_a_backup_or_beside_it(ready: Home, tmp_path: Path) -> None:
    """Neither ID numbers nor passwords, keys and passphrases, in any form in which they are kept or typed."""
    bank = Bank.open(ready, clock=SystemClock(), cost=4)
    town = Town(bank)
    number = id_number(77)
    town.registers("canary", number=number)
    keys = bank.keys
    secrets = [number, PASSWORD, PASSPHRASE, keys.root.hex(), keys.pepper.hex(), keys.backup.hex(), keys.signing.hex()]
    needles = [each.encode() for each in secrets] + [keys.root, keys.pepper, keys.backup, keys.signing]
    seen: list[bytes] = []

    def look(label: str, done: int, total: int) -> None:
        """In the middle of the work too; the copy of the store holds what the store itself holds, sealed."""
        seen.extend(path.read_bytes() for path in ready.folder.rglob("*") if path.is_file() and path != ready.key)
        seen.append(Path("/proc/self/cmdline").read_bytes())

    made = make_backup(bank, bank.system_desk("night"), passphrase=PASSPHRASE, report=look)
    path = ready.backups / made.file
    look("", 0, 0)
    opened = unpacked(path, by_keys(keys), tmp_path)
    seen.append(opened.store.read_bytes())
    bank.close()
    for needle in needles:
        found = [content for content in seen if needle in content]
        assert not found, (needle, len(found))
    assert b"canary" not in path.read_bytes()


def test_what_others_commit_while_a_store_is_copied_neither_shows_nor_starts_it_anew(
    ready: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "COPIED_AT_ONCE", 10)  # a small store in many steps, as a large one
    bank = Bank.open(ready, clock=SystemClock(), cost=4)
    town, steps = Town(bank), []

    def report(done: int, total: int) -> None:
        steps.append(done)
        if len(steps) in (2, 5, 7):
            town.registers(f"meanwhile{len(steps)}")

    with bank.store.read() as connection:
        before = connection.exec_driver_sql("SELECT seq, mark FROM log_head").one()
    engine.copy_store(bank.store, tmp_path / "copy.db", report=report)
    bank.close()
    with engine.lone_file(tmp_path / "copy.db") as copy:
        assert copy.execute("SELECT seq, mark FROM log_head").fetchone() == tuple(before)
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert len(steps) > 7
    assert steps == sorted(steps)


@pytest.mark.parametrize("failing", [1, 2])
def test_a_disk_that_fails_to_flush_is_said(
    ready: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    """The file itself, and then the folder in which it has got its name."""
    bank = Bank.open(ready, clock=SystemClock(), cost=4)
    calls: list[int] = []
    flush = os.fsync

    def fsync(handle: int) -> None:
        calls.append(handle)
        if len(calls) == failing:
            raise OSError(errno.EIO, "broken")
        flush(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(Unavailable, match="Input/output error"):
        make_backup(bank, bank.system_desk("night"))
    assert list_backups(bank.system_desk("look")).items == ()
    bank.close()
    assert os.listdir(ready.backups) == [".making.lock"]
