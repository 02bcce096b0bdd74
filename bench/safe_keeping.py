"""Backups of a store of about 1 GB: made, verified and restored, against the plain tools and in bounded memory.

What is compared comes to the same on the same disk: a consistent copy that was flushed, and a plain store that was
decrypted, decompressed and flushed. Whatever ours does beside that (compressing, encrypting, digests) is the ratio.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from bankcard_tui.backup.manifest import STORE
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.services.backups import make_kit
from bankcard_tui.services.sign_in import sign_in
from bankcard_tui.store.engine import sqlite
from bankcard_tui.store.swap import sync
from bench.big_store import Size, branch_of
from bench.branch import COST
from bench.measure import Figure, in_turn, median, timed
from bench.terminal import ROOT, environment
from tests.branch import PASSWORD

ONE_GB = Size(500_000, 50_000, 2_500)
QUICK = Size(2_000, 400, 100)
MB = 1_000_000
MOST_MB = 200
TOOLS = shutil.which("age"), shutil.which("zstd")
SQLITE = shutil.which("sqlite3")


def measure(quick: bool) -> list[Figure]:
    """Create against a copy by SQLite, verification and restore against the command line tools, and their memory."""
    home = branch_of(QUICK if quick else ONE_GB)
    with tempfile.TemporaryDirectory(prefix="bankcard-bench-", dir=home.folder.parent) as name:
        folder = Path(name)
        figures, backup = _creating(home, folder, 1 if quick else 5)
        try:
            return figures + _opening(home, backup, folder, 1 if quick else 5, 1 if quick else 3)
        finally:
            backup.unlink()


def _creating(home: Home, folder: Path, rounds: int) -> tuple[list[Figure], Path]:
    kit = _kit(home)
    made: list[dict[str, Any]] = []
    files: list[Path] = []

    def create() -> float:
        for earlier in files:
            earlier.unlink()
        made.append(_job("create", home=str(home.folder)))
        files[:] = [home.backups / made[-1]["file"]]
        return float(made[-1]["seconds"])

    ours, plain = in_turn(rounds, _quiet(create), _quiet(lambda: _copied(home.store, folder / "plain.db")))
    size, packed = home.store.stat().st_size, files[0].stat().st_size
    by = "the sqlite3 command" if SQLITE else "the driver's backup API"
    note = f"{size / MB:,.0f} MB become {packed / MB:,.0f} MB, for the branch and one kit ({kit.name}); by {by}"
    figures = [
        Figure("backup create / sqlite3 .backup and fsync", median(ours), median(plain), 2.2, note=note),
        _memory("backup create", made),
    ]
    return figures, files[0]


def _opening(home: Home, backup: Path, folder: Path, rounds: int, whole_rounds: int) -> list[Figure]:
    """The aims count up to the plain store that lies on the disk; looking at what is in it takes ``whole_rounds``."""
    kit, place = _kit(home), folder / "restored"
    needed = {"file": str(backup), "kit": kit.read_text("utf-8")}
    checked: list[dict[str, Any]] = []
    restored: list[dict[str, Any]] = []

    def verify(level: int) -> float:
        (folder / "verify").mkdir()
        checked.append(_job("verify", **needed, folder=str(folder / "verify"), level=level))
        (folder / "verify").rmdir()
        return float(checked[-1]["levels"][-1])

    def restore() -> float:
        restored.append(_job("restore", **needed, folder=str(place)))
        shutil.rmtree(place)
        return float(restored[-1]["seconds"] - restored[-1]["checking"])

    actions = [_quiet(lambda: verify(2))]
    wholes = [_quiet(lambda: verify(5)), _quiet(restore)]
    if all(TOOLS):
        subprocess.run(["tar", "-xf", str(backup), "-C", str(folder), STORE], check=True)
        actions.append(_quiet(lambda: _decrypted(folder / STORE, kit, folder / "decrypted.db")))
    opened, *tools = in_turn(rounds, *actions)
    _, put = in_turn(whole_rounds, *wholes)
    bare, aim, note = (median(tools[0]), 1.5, "") if tools else (None, None, "age and zstd are not installed")
    levels = [median([each["levels"][at] for each in checked if len(each["levels"]) == 5]) for at in (2, 3, 4)]
    whole = median([each["seconds"] for each in restored])
    return [
        Figure("backup verify, levels 1 and 2 / age, zstd and fsync", median(opened), bare, aim, note=note),
        Figure("backup restore without its checks / the same", median(put), bare, aim),
        Figure("backup verify, with integrity_check (level 3) / the same", levels[0], bare),
        Figure("backup verify, with log and values (level 4) / the same", levels[1], bare),
        Figure("backup verify, all levels / the same", levels[2], bare),
        Figure("backup restore with its checks / the same", whole, bare),
        _memory("backup verify", checked),
        _memory("backup restore", restored),
    ]


def _memory(name: str, done: list[dict[str, Any]]) -> Figure:
    peak = max(each["peak"] for each in done) / MB
    return Figure(f"{name}, peak memory", peak, None, MOST_MB, absolute=True, unit="MB")


def _kit(home: Home) -> Path:
    """The recovery kit of this branch, which lies beside its store for the next run."""
    path = home.folder / "kit"
    if not path.exists():
        with closing(Bank.open(home, cost=COST)) as bank:
            make_kit(bank, sign_in(bank.lobby("desk-admin"), "admin", PASSWORD), path, "bench")
    return path


def _quiet(action: Callable[[], float]) -> Callable[[], float]:
    """``action`` when what was written before it no longer waits for the disk."""

    def act() -> float:
        os.sync()
        return action()

    return act


def _copied(store: Path, target: Path) -> float:
    """How long a plain consistent copy takes until it lies on the disk, seconds."""

    def copy() -> None:
        if SQLITE:
            subprocess.run([SQLITE, str(store), f".backup {target}"], check=True)
        else:
            with closing(sqlite.connect(store)) as source, closing(sqlite.connect(target)) as into:
                source.backup(into)
        sync(target)

    seconds = timed(copy)
    target.unlink()
    return seconds


def _decrypted(part: Path, kit: Path, target: Path) -> float:
    """How long the command line tools take until the plain store lies on the disk, seconds."""

    def decrypt() -> None:
        with subprocess.Popen(["age", "-d", "-i", str(kit), str(part)], stdout=subprocess.PIPE) as age:
            subprocess.run(["zstd", "-dqf", "-o", str(target)], stdin=age.stdout, check=True)
        if age.returncode:
            raise AssertionError("age did not open the backup")
        sync(target)

    seconds = timed(decrypt)
    target.unlink()
    return seconds


def _job(name: str, **needed: object) -> dict[str, Any]:
    """What a job of ``bench.keeping_jobs`` has said of itself."""
    arguments = [sys.executable, "-m", "bench.keeping_jobs", name]
    ran = subprocess.run(
        arguments,
        input=json.dumps(needed),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
        env=environment(),
    )
    done: dict[str, Any] = json.loads(ran.stdout)
    return done
