"""One job of safe keeping in a process of its own, as the command line runs it: how long it took, and its peak memory.

``python -m bench.keeping_jobs NAME`` reads what the job needs as JSON from stdin and prints what came of it as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bankcard_tui.backup.kit import parse_kit
from bankcard_tui.backup.unpack import by_kit
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SystemClock
from bankcard_tui.services.backup_checks import LEVELS, check_backup
from bankcard_tui.services.backups import make_backup
from bankcard_tui.services.restore_copy import _CHECKING
from bankcard_tui.services.restores import restore_backup
from bankcard_tui.services.sign_in import sign_in
from bench.branch import COST
from tests.branch import PASSWORD


def create(home: str) -> dict[str, object]:
    """Make a backup without verifying it."""
    with closing(Bank.open(Home(Path(home)), cost=COST)) as bank:
        desk = sign_in(bank.lobby("desk-admin"), "admin", PASSWORD)
        start = time.perf_counter()
        made = make_backup(bank, desk, verify=False)
        return {"seconds": time.perf_counter() - start, "file": made.file}


def verify(file: str, kit: str, folder: str, level: int) -> dict[str, object]:
    """Verify a backup up to a level, with a kit; ``levels`` is when each level was passed, in seconds."""
    opener, levels = by_kit(parse_kit(kit.encode())), []
    start = time.perf_counter()

    def passed(label: str, *_: int) -> None:
        if label in LEVELS:
            levels.append(time.perf_counter() - start)

    checked = check_backup(Path(file), opener, Path(folder), clock=SystemClock(), cost=COST, level=level, report=passed)
    if checked.problem is not None:
        raise checked.problem
    return {"seconds": time.perf_counter() - start, "levels": levels}


def restore(file: str, kit: str, folder: str) -> dict[str, object]:
    """Restore to a machine on which there is nothing; ``checking`` is how long the copy was checked, in seconds."""
    home, checking = Home(Path(folder)), []

    def told(label: str, *_: int) -> None:
        if label == _CHECKING:
            checking.append(time.perf_counter())

    start = time.perf_counter()
    restore_backup(home, home.key, Path(file), kit=parse_kit(kit.encode()), report=told, cost=COST)
    return {"seconds": time.perf_counter() - start, "checking": checking[-1] - checking[0]}


def peak_bytes() -> int:
    """The most memory that this process has had at a time, bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux counts what the parent had before it became this program, except here
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


JOBS: dict[str, Callable[..., dict[str, object]]] = {"create": create, "verify": verify, "restore": restore}

if __name__ == "__main__":
    done = JOBS[sys.argv[1]](**json.load(sys.stdin))
    print(json.dumps({**done, "peak": peak_bytes()}))
