"""Each reason to refuse a restore has its own sentence; the live store stays byte for byte, nothing is left."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from bankcard_tui.backup.kit import Kit
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.errors import BankError
from bankcard_tui.services.restore_authority import Proof
from bankcard_tui.services.restores import restore_backup
from bankcard_tui.store import schema
from bankcard_tui.store.engine import sqlite
from tests.branch import OPENING, Town
from tests.faults.restore_kit import ADMIN, BOTH, backup_of, kit_of, lying_there


@dataclass
class Scene:
    """A branch that went on after its backup, and a restore that is about to be tried."""

    home: Home
    file: Path
    kit: Kit
    clock: SimulatedClock
    folder: Path
    key_file: Path
    admins: tuple[Proof, ...] = BOTH
    with_kit: bool = True

    def restore(self) -> None:
        kit = self.kit if self.with_kit else None
        restore_backup(self.home, self.key_file, self.file, kit=kit, admins=self.admins, clock=self.clock, cost=4)


@pytest.fixture
def scene(home: Home, clock: SimulatedClock, tmp_path: Path) -> Scene:
    bank = Bank.open(home, clock=clock, cost=4)
    kit = kit_of(bank)
    file = backup_of(bank, kit, tmp_path / "safe")
    clock.advance(timedelta(minutes=1))
    Town(bank).registers("late")
    bank.close()
    return Scene(home, file, kit, clock, tmp_path, home.key)


def strangers(scene: Scene) -> tuple[Path, Kit]:
    """A backup of another bank, and the kit that opens it."""
    town = Town.found(Home(scene.folder / "other"), SimulatedClock(OPENING))
    kit = kit_of(town.bank)
    file = backup_of(town.bank, kit, scene.folder / "others")
    town.bank.close()
    return file, kit


def wrong_kit(scene: Scene) -> None:
    bank = Bank.open(scene.home, cost=4)
    scene.kit = kit_of(bank)
    bank.close()


def others_kit(scene: Scene) -> None:
    scene.kit = strangers(scene)[1]


def others_file(scene: Scene) -> None:
    scene.file, scene.kit = strangers(scene)
    scene.key_file = scene.folder / "other" / "keys" / "root.key"


def others_file_without_kit(scene: Scene) -> None:
    scene.file, scene.with_kit = strangers(scene)[0], False


def others_key(scene: Scene) -> None:
    scene.key_file = scene.folder / "strange.key"
    scene.key_file.write_text("ab" * 32)
    scene.key_file.chmod(0o600)


def other_branch_in_kit(scene: Scene) -> None:
    scene.kit = replace(scene.kit, branch_id=uuid4())


def at(place: float) -> Callable[[Scene], None]:
    def spoil(scene: Scene) -> None:
        content = bytearray(scene.file.read_bytes())
        content[int(place * len(content)) if place < 1 else int(place)] ^= 1
        scene.file.write_bytes(content)

    return spoil


def cut(keep: float) -> Callable[[Scene], None]:
    return lambda scene: os.truncate(scene.file, int(scene.file.stat().st_size * keep))


def newer(scene: Scene) -> None:
    """The backup is of a schema that this program does not know."""
    raw = sqlite.connect(scene.home.store, isolation_level=None)
    raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    monkey = pytest.MonkeyPatch()
    monkey.setattr(schema, "HEAD", "9999")
    bank = Bank.open(scene.home, clock=scene.clock, cost=4)
    scene.file = backup_of(bank, scene.kit, scene.folder / "newer")
    bank.close()
    monkey.undo()


def one_admin(scene: Scene) -> None:
    scene.admins = (ADMIN,)


def symlinked(name: str) -> Callable[[Scene], None]:
    def put(scene: Scene) -> None:
        path = scene.home.folder / name
        path.rename(scene.folder / "really")
        path.symlink_to(scene.folder / "really")

    return put


def symlink_left(scene: Scene) -> None:
    (scene.home.store.with_suffix(".restore")).symlink_to(scene.folder)


def being_built(scene: Scene) -> None:
    handle = os.open(scene.home.folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)


def no_file(scene: Scene) -> None:
    scene.file = scene.folder / "none"


def folder_for_file(scene: Scene) -> None:
    scene.file = scene.folder


def key_gone(scene: Scene) -> None:
    scene.home.key.unlink()


REFUSED: dict[str, tuple[Callable[[Scene], None], str]] = {
    "the kit of another time": (wrong_kit, "backup.wrong_key"),
    "another bank's kit": (others_kit, "backup.signature"),
    "another bank's file with its kit and key": (others_file, "restore.other_branch"),
    "another bank's file with the own key": (others_file_without_kit, "backup.signature"),
    "another key in the way": (others_key, "restore.other_key"),
    "a kit that names another branch": (other_branch_in_kit, "restore.other_branch"),
    "damaged manifest": (at(900), "backup.signature"),
    "damaged header": (at(3), "backup.not_one"),
    "damaged middle": (at(0.5), "backup.damaged"),
    "damaged end": (at(0.97), "backup.damaged"),
    "cut short": (cut(0.9), "backup.cut"),
    "cut to its front": (cut(0.05), "backup.not_one"),
    "cut to nothing": (cut(0), "backup.not_one"),
    "a newer schema": (newer, "restore.newer"),
    "one admin for an older backup": (one_admin, "restore.second_person"),
    "the store is a symbolic link": (symlinked("data/bankcard.db"), "restore.symlink"),
    "the folder of the store is one": (symlinked("data"), "restore.symlink"),
    "the folder of backups is one": (symlinked("backups"), "restore.symlink"),
    "the key is one": (symlinked("keys/root.key"), "restore.symlink"),
    "the place to work is one": (symlink_left, "restore.symlink"),
    "a branch is being built": (being_built, "restore.busy"),
    "no such file": (no_file, "backup.unreadable"),
    "a folder for a file": (folder_for_file, "backup.unreadable"),
    "the key is gone": (key_gone, "key.missing"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_whatever_refuses_leaves_the_branch_byte_for_byte_as_it_was(scene: Scene, why: str) -> None:
    spoil, code = REFUSED[why]
    spoil(scene)
    before = lying_there(scene.home), sorted(path.name for path in scene.home.store.parent.iterdir())
    with pytest.raises(BankError) as error:
        scene.restore()
    assert error.value.code == code
    assert error.value.hint
    left = {"bankcard.door", "bankcard.queue", "bankcard.gate"}
    after = lying_there(scene.home), sorted(path.name for path in scene.home.store.parent.iterdir())
    assert after[0] == before[0]
    assert set(after[1]) <= {*before[1], *left}


@pytest.mark.parametrize("why", ["the kit of another time", "damaged middle", "cut short", "another bank's kit"])
def test_a_fresh_machine_stays_as_empty_as_it_was(scene: Scene, why: str) -> None:
    spoil, code = REFUSED[why]
    spoil(scene)
    scene.home = Home(scene.folder / "fresh")
    scene.key_file = scene.home.key
    with pytest.raises(BankError) as error:
        scene.restore()
    assert error.value.code == code
    assert not scene.home.folder.exists()


def test_a_terminal_that_was_killed_leaves_its_log_which_a_refusal_does_not_touch(scene: Scene, tmp_path: Path) -> None:
    bank = Bank.open(scene.home, clock=scene.clock, cost=4)
    Town(bank).registers("later")
    killed = tmp_path / "killed"
    shutil.copytree(scene.home.folder, killed)  # as the disk looks when the process dies now
    bank.close()
    scene.home = Home(killed)
    log = scene.home.store.with_name("bankcard.db-wal")
    assert log.stat().st_size > 0
    before = lying_there(scene.home), log.read_bytes()
    scene.admins = (ADMIN,)
    with pytest.raises(BankError):
        scene.restore()
    assert (lying_there(scene.home), log.read_bytes()) == before
    scene.admins = BOTH
    scene.restore()
    assert (log.exists() and log.stat().st_size) == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(disk)], capture_output=True)
    if made.returncode:
        pytest.skip("only root can mount a disk")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.parametrize(("free", "code"), [(20_000_000, "restore.disk_full"), (36_000_000, "")])
def test_a_disk_without_room_is_said_before_anything_is_written(
    scene: Scene, small_disk: Path, free: int, code: str
) -> None:
    shutil.copytree(scene.home.folder, small_disk / "home")
    scene.home = Home(small_disk / "home")
    scene.key_file = scene.home.key
    (small_disk / "filling").write_bytes(bytes(shutil.disk_usage(small_disk).free - free))
    before = lying_there(scene.home)
    if not code:
        scene.restore()
        return
    with pytest.raises(BankError) as error:
        scene.restore()
    assert error.value.code == code
    assert lying_there(scene.home) == before


def test_a_home_on_a_disk_that_can_only_be_read_is_refused(scene: Scene, small_disk: Path) -> None:
    shutil.copytree(scene.home.folder, small_disk / "home")
    scene.home = Home(small_disk / "home")
    scene.key_file = scene.home.key
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    before = lying_there(scene.home)
    with pytest.raises(BankError) as error:
        scene.restore()
    assert error.value.exit_code == 5
    assert "Read-only file system" in str(error.value)
    assert lying_there(scene.home) == before
