"""Making a branch, interrupted at any moment: the next try makes it, and no key that was ever in use is touched."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from bankcard_tui.cli import building
from bankcard_tui.cli.building import BUILDING, new_branch
from bankcard_tui.config import Home, Settings
from bankcard_tui.desk.bank import Bank
from bankcard_tui.errors import Unavailable
from tests.branch import PASSWORD, id_number
from tests.cli.kit import bankcard, process

FORK = multiprocessing.get_context("fork")
INIT = ("init", "--bank=B", "--branch=Br", "--code=310-0042", "--admin-name=Zhang Wei", f"--admin-id={id_number(7)}",
        "--admin-user=zhang", "--password-stdin")  # fmt: skip
DEMO = ("demo", "--customers=1")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A branch whose key lies outside of its home."""
    return Settings(Home(tmp_path / "branch"), tmp_path / "safe" / "root.key", "en", "bankcard-dark")


def build(template: Path, settings: Settings) -> None:
    with new_branch(settings) as home:
        for part in ("data", "keys"):
            shutil.copytree(template / part, home.folder / part)


def clear(settings: Settings) -> None:
    for path in (settings.home.folder, settings.key_file.parent):
        shutil.rmtree(path, ignore_errors=True)


def opens(settings: Settings) -> bool:
    Bank.open(settings.home, key_file=settings.key_file, cost=4).close()
    return {path.name for path in settings.home.folder.iterdir()} == {"data", "backups"}


def at_line(number: int, act: Callable[[], object]) -> Callable[[FrameType, str, Any], Any]:
    """A tracer that acts before the ``number``-th line of building.py that is executed."""
    seen = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal seen
        if frame.f_code.co_filename != building.__file__:
            return None
        if event == "line":
            seen += 1
            if seen == number:
                act()
        return trace

    return trace


def interrupted(template: Path, settings: Settings, number: int, how: signal.Signals) -> int:
    """Build in a process that gets the signal before its ``number``-th line; returns its exit code."""

    def work() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.settrace(at_line(number, lambda: os.kill(os.getpid(), how)))
        try:
            build(template, settings)
        except KeyboardInterrupt:
            os._exit(130)
        os._exit(0)

    child = FORK.Process(target=work)
    child.start()
    child.join(30)
    assert child.exitcode is not None
    return child.exitcode


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=lambda how: how.name)
def test_whatever_line_it_is_interrupted_at_the_next_try_makes_the_branch_or_it_is_there(
    how: signal.Signals, template: Path, settings: Settings
) -> None:
    ended = {signal.SIGKILL: -signal.SIGKILL, signal.SIGINT: 130}[how]
    finished = 0
    for number in range(1, 500):
        code = interrupted(template, settings, number, how)
        if code == 0:
            break
        assert code == ended, number
        if settings.home.store.exists():
            finished += 1
            Bank.open(settings.home, key_file=settings.key_file, cost=4).close()
            with pytest.raises(Unavailable, match="There is a branch at"):
                build(template, settings)
        else:
            build(template, settings)
            assert opens(settings), number
        clear(settings)
    assert number > 60
    assert finished > 5


@pytest.mark.parametrize("written", [0, 1, 40, 64])
def test_a_key_of_which_a_killed_process_wrote_a_part_is_written_anew(
    written: int, template: Path, settings: Settings
) -> None:
    shutil.copytree(template, settings.home.folder / BUILDING)
    settings.key_file.parent.mkdir()
    settings.key_file.write_bytes((template / "keys" / "root.key").read_bytes()[:written])
    build(template, settings)
    assert opens(settings)


def test_a_strangers_key_stays_whatever_was_left_behind(template: Path, settings: Settings) -> None:
    shutil.copytree(template, settings.home.folder / BUILDING)
    settings.key_file.parent.mkdir()
    settings.key_file.write_text("ab" * 32)
    with pytest.raises(Unavailable, match="move the key away"):
        build(template, settings)
    assert settings.key_file.read_text() == "ab" * 32


@pytest.fixture
def lost(template: Path, settings: Settings) -> Settings:
    """A branch that was killed on its last step, came into use, and whose store is gone."""
    remains = Home(settings.home.folder / BUILDING)
    for number in range(1, 500):
        assert interrupted(template, settings, number, signal.SIGKILL) == -signal.SIGKILL
        if settings.home.store.exists() and remains.key.exists():
            break
        clear(settings)
    settings.home.store.unlink()
    return settings


def test_the_key_of_a_lost_store_stays_even_where_the_making_of_that_store_was_killed(
    template: Path, lost: Settings
) -> None:
    key = lost.key_file.read_bytes()
    for _ in range(2):
        with pytest.raises(Unavailable, match="move the key away"):
            build(template, lost)
        assert lost.key_file.read_bytes() == key
    lost.key_file.rename(lost.key_file.with_name("old.key"))
    build(template, lost)
    assert opens(lost)


def test_the_last_copy_of_a_key_is_not_cleared_away(template: Path, lost: Settings) -> None:
    lost.key_file.unlink()
    last = Home(lost.home.folder / BUILDING).key
    key = last.read_bytes()
    for _ in range(2):
        with pytest.raises(Unavailable) as error:
            build(template, lost)
        assert error.value.values["path"] == last
        assert last.read_bytes() == key
    last.rename(lost.home.folder / "old.key")
    build(template, lost)
    Bank.open(lost.home, key_file=lost.key_file, cost=4).close()


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk on which a file can be made, but nothing be written."""
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(disk)], capture_output=True)
    if made.returncode:
        pytest.skip("only root can mount a disk")
    try:
        (disk / "filling").write_bytes(b"x" * 16 * 1024)
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_disk_that_is_full_when_the_key_is_written_leaves_nothing_behind(full_disk: Path, tmp_path: Path) -> None:
    branch, key = tmp_path / "branch", full_disk / "root.key"
    answer = bankcard(branch, *INIT, typed=f"{PASSWORD}\n", BANKCARD_KEY_FILE=str(key))
    assert answer.code == 5
    assert "No space left on device" in answer.err
    assert "the space on the disk" in answer.err
    assert not key.exists()
    assert not branch.exists()
    (full_disk / "filling").unlink()
    assert bankcard(branch, *INIT, typed=f"{PASSWORD}\n", BANKCARD_KEY_FILE=str(key)).code == 0
    Bank.open(Home(branch), key_file=key, cost=4).close()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=lambda how: how.name)
@pytest.mark.parametrize("command", [INIT, DEMO], ids=lambda command: command[0])
@pytest.mark.parametrize("seed", range(2))
def test_the_command_itself_is_interrupted_and_given_again(
    seed: int, command: tuple[str, ...], how: signal.Signals, tmp_path: Path
) -> None:
    home = Home(tmp_path / "branch")
    running = process(home.folder, *command)
    assert running.stdin is not None
    running.stdin.write(f"{PASSWORD}\n".encode())
    running.stdin.flush()
    until = time.monotonic() + 30
    while not (home.folder / BUILDING).exists() and time.monotonic() < until:
        time.sleep(0.005)
    time.sleep(random.Random(f"{seed} {command[0]} {how}").uniform(0, 0.5 if command is INIT else 2.0))
    running.send_signal(how)
    _, said = running.communicate(timeout=60)
    # Python itself may already be at its end.
    assert running.returncode in (-how, 130, 0), said
    assert b"Traceback" not in said
    if b"Interrupted." in said:
        assert (b"Nothing was made." in said) == (not home.store.exists())
        assert home.store.exists() or not home.folder.exists()
    if not home.store.exists():
        assert bankcard(home, *command, typed=f"{PASSWORD}\n").code == 0
    Bank.open(home, cost=4).close()
    assert bankcard(home, "log", "verify").code == 0
