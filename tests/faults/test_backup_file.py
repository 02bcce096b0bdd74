"""The file of a backup: it opens with the tools of the trade, and nobody changes a bit of it unnoticed."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import tarfile
from pathlib import Path

import pytest

from bankcard_tui.backup.container import manifest_unchecked, new_container
from bankcard_tui.backup.kit import Kit, write_kit
from bankcard_tui.backup.unpack import by_keys, by_kit, checked_manifest, unpacked
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.errors import Unavailable, VerificationFailed
from tests.faults.backup_kit import MadeBackup, made_backup

FRONT = 512 + 16 * 1024 + 512 + 512
QUICK, WHOLE, ENDS = 150, 2000, 4096


@pytest.fixture
def made(bank: Bank, home: Home) -> MadeBackup:
    return made_backup(bank, home)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def flips(made: MadeBackup, folder: Path, places: list[int]) -> int:
    """How many of the backups with one bit flipped, each at one of ``places``, are accepted."""
    accepted, dice = 0, random.Random(3)
    for place in places:
        content = bytearray(made.content)
        content[place] ^= 1 << dice.randrange(8)
        accepted += made.accepted(bytes(content), folder)
    return accepted


def cuts(made: MadeBackup, folder: Path, lengths: list[int]) -> int:
    return sum(made.accepted(made.content[:length], folder) for length in lengths)


def test_a_sound_backup_is_accepted(made: MadeBackup, folder: Path) -> None:
    """Else nothing below would show anything."""
    assert made.accepted(made.content, folder)


def test_no_flipped_bit_of_the_front_is_accepted(made: MadeBackup, folder: Path) -> None:
    places = sorted({*range(0, 512, 16), *random.Random(1).sample(range(FRONT), QUICK)})
    assert flips(made, folder, places) == 0


def test_no_flipped_bit_of_the_parts_is_accepted(made: MadeBackup, folder: Path) -> None:
    assert flips(made, folder, random.Random(2).sample(range(FRONT, len(made.content)), QUICK)) == 0


def test_no_backup_that_was_cut_is_accepted(made: MadeBackup, folder: Path) -> None:
    whole = len(made.content)
    assert cuts(made, folder, [*range(0, ENDS, 97), *range(whole - ENDS, whole, 97), whole - 1]) == 0


@pytest.mark.proof
def test_every_place_of_the_front_thousands_of_the_rest_and_every_cut(
    made: MadeBackup, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = len(made.content)
    fronts = flips(made, folder, list(range(FRONT)))
    parts = flips(made, folder, random.Random(4).sample(range(FRONT, whole), WHOLE))
    lengths = [*range(ENDS), *range(whole - ENDS, whole)]
    cut = cuts(made, folder, lengths)
    with capsys.disabled():
        print(f"\nflips of the front: {FRONT} tried, {fronts} accepted")
        print(f"flips of the parts: {WHOLE} tried, {parts} accepted; cuts: {len(lengths)} tried, {cut} accepted")
    assert (fronts, parts, cut) == (0, 0, 0)


@pytest.mark.parametrize("added", [b"\0", b"\0" * 512, b"x" * 10240])
def test_nothing_may_follow_the_end(made: MadeBackup, folder: Path, added: bytes) -> None:
    assert not made.accepted(made.content + added, folder)


def test_parts_of_two_backups_do_not_go_together(bank: Bank, home: Home, made: MadeBackup, folder: Path) -> None:
    """The front of one, signed, before the parts of the other."""
    made.path.unlink()
    other = made_backup(bank, home)
    assert not made.accepted(made.content[:FRONT] + other.content[FRONT:], folder)


def test_a_kit_of_another_branch_opens_nothing(bank: Bank, made: MadeBackup, folder: Path, tmp_path: Path) -> None:
    other = Bank.create(Home(tmp_path / "other"), bank="B", branch="Quay", code="T002", cost=4, durable=False)
    stranger = made_backup(other, Home(tmp_path / "other"))
    with pytest.raises(VerificationFailed, match="another bank made it"):
        unpacked(made.path, by_kit(stranger.kit), folder)
    with pytest.raises(VerificationFailed, match="another bank made it"):
        unpacked(stranger.path, by_keys(bank.keys), folder)
    other.close()
    assert list(folder.iterdir()) == []


def test_a_container_of_another_kind_is_no_backup(bank: Bank, made: MadeBackup, tmp_path: Path) -> None:
    path = tmp_path / "archive"
    with new_container(path) as packer:
        packer.seal({"kind": "log"}, bank.keys.signing)
    with pytest.raises(VerificationFailed) as error:
        checked_manifest(path, made.kit.public_key)
    assert error.value.code == "backup.kind"


@pytest.mark.parametrize("what", ["missing", "folder", "link", "empty", "text"])
def test_what_is_no_backup_is_refused_in_words(made: MadeBackup, folder: Path, tmp_path: Path, what: str) -> None:
    path = tmp_path / "what.backup"
    if what == "folder":
        path.mkdir()
    elif what == "link":
        path.symlink_to(made.path)
    elif what != "missing":
        path.write_bytes(b"" if what == "empty" else b"Dear colleague, " * 4000)
    with pytest.raises((VerificationFailed, Unavailable)):
        unpacked(path, by_kit(made.kit), folder)
    assert list(folder.iterdir()) == []
    assert manifest_unchecked(path) is None


@pytest.mark.skipif(not (shutil.which("age") and shutil.which("zstd")), reason="age or zstd is not installed")
def test_age_and_zstd_alone_open_a_backup_with_the_kit(made: MadeBackup, tmp_path: Path) -> None:
    kit: Kit = made.kit
    write_kit(tmp_path / "kit", kit, None)
    with tarfile.open(made.path) as tar:
        assert tar.getnames() == ["manifest.json", "manifest.sig", "keys.age", "store.zst.age"]
        tar.extractall(tmp_path, filter="data")
    decrypt = ["age", "--decrypt", "--identity", str(tmp_path / "kit")]
    packed = subprocess.run([*decrypt, str(tmp_path / "store.zst.age")], capture_output=True, check=True).stdout
    plain = subprocess.run(["zstd", "-d", "-c"], input=packed, capture_output=True, check=True).stdout
    (tmp_path / "store.db").write_bytes(plain)
    with sqlite3.connect(tmp_path / "store.db") as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert store.execute("SELECT code FROM branch").fetchall() == [("T001",)]
    root = subprocess.run([*decrypt, str(tmp_path / "keys.age")], capture_output=True, check=True).stdout
    assert len(bytes.fromhex(root.decode())) == 32
