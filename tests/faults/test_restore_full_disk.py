"""A disk that is full at any write of a restore: the branch is as it was or restored, never between."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from bankcard_tui.backup import restore as restore_files
from bankcard_tui.config import Home
from bankcard_tui.errors import BankError
from tests.faults.test_restore_killed import Scene, outcome, scene
from tests.faults.test_restore_refusals import small_disk

__all__ = ["scene", "small_disk"]

PAGE = 4096


def restored_with(scene: Scene, disk: Path, free: int) -> str:
    """What came of a restore on a disk with ``free`` bytes left, although it was said to have room enough."""
    shutil.rmtree(disk / "home", ignore_errors=True)
    shutil.copytree(scene.template, disk / "home")
    home, filling = Home(disk / "home"), disk / "filling"
    filling.write_bytes(bytes(shutil.disk_usage(disk).free - free))
    try:
        scene.restore(home)
        said = ""
    except BankError as error:  # anything else would be a crash
        said = error.code
    finally:
        filling.unlink()
    found = outcome(replace(scene, folder=disk), home)
    assert said or found == "restored", (free, said)
    assert not said or found == "as it was" or said == "restore.unfinished", (free, said)
    return f"{found} {said}".strip()


@pytest.fixture(autouse=True)
def _nobody_asks_for_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restore_files, "SPARE_BYTES", -(10**12))


def test_a_disk_that_gets_full_on_the_way_loses_nothing(scene: Scene, small_disk: Path) -> None:
    size = 3 * (scene.template / "data" / "bankcard.db").stat().st_size
    sizes = random.Random(1).sample(range(0, size, PAGE), 8)
    found = Counter(restored_with(scene, small_disk, free) for free in sizes)
    print(f"\nrestored on a full disk {found.total()} times: {dict(found)}, lost 0")


@pytest.mark.proof
def test_a_disk_that_gets_full_at_any_page_loses_nothing(scene: Scene, small_disk: Path) -> None:
    size = 3 * (scene.template / "data" / "bankcard.db").stat().st_size
    found = Counter(restored_with(scene, small_disk, free) for free in range(0, size, PAGE))
    print(f"\nrestored on a full disk {found.total()} times: {dict(found)}, lost 0")
    assert {each.split()[0] for each in found} == {"as", "restored"}
