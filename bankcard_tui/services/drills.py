"""The drill: a backup is restored from file and kit alone into an empty home, and somebody signs in there.

It runs in a process of its own that is told nothing of this branch: neither its home nor its key. What came of it is
kept, a drill that failed as well.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import bankcard_tui
from bankcard_tui.backup.container import front_digest, manifest_unchecked
from bankcard_tui.backup.files import Report, workshop
from bankcard_tui.backup.kit import Kit, kit_text
from bankcard_tui.desk.access import not_allowed
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import operation
from bankcard_tui.desk.registry import Secret
from bankcard_tui.desk.results import View
from bankcard_tui.errors import NotFound, Refused
from bankcard_tui.models.backup import Drill
from bankcard_tui.security.keys import Keys
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.backup_records import home_of
from bankcard_tui.store.types import new_id

_PROBLEM = re.compile(r"[a-z0-9_.]{0,60}")
CRASHED, UNREADABLE = "drill.crashed", "backup.unreadable"


class DrillView(View):
    """One drill: which backup, how long it took, and what was wrong (a code, empty where all went well)."""

    id: UUID
    file: str
    digest: str
    at: datetime
    milliseconds: int
    problem: str


def newest_backup(desk: Desk) -> Path:
    """The newest file in the folder of backups. Raises NotFound where there is none."""
    found = [(_sequence(path), path) for path in home_of(desk.bank).backups.glob("*.backup")]
    if not found:
        raise NotFound("There is no backup to try.", hint="Make one: bankcard backup create", code="backup.none")
    return max(found)[1]


def run_drill(desk: Desk, file: Path, kit: Kit, password: Secret, *, report: Report | None = None) -> DrillView:
    """Restore ``file`` with ``kit`` into an empty home and sign in there as the person at the desk, whose ``password``
    it is. What came of it is kept, whatever it was. Raises Refused for who may not, Busy while another drill runs.
    """
    if not desk.who.may(Permission.MANAGE_BACKUPS):
        raise not_allowed(desk.who)
    start = time.monotonic()
    try:
        digest = front_digest(file)
    except OSError:
        digest, problem = "", UNREADABLE
    else:
        with workshop(home_of(desk.bank).drilling) as room:
            problem = _restored_elsewhere(desk, file, kit, password, room, report)
    milliseconds = int((time.monotonic() - start) * 1000)
    proof = proof_of(desk.keys, file.name, digest, milliseconds, problem)
    return record_drill(desk, file.name, digest, milliseconds, problem, proof).view


def proof_of(keys: Keys, file: str, digest: str, milliseconds: int, problem: str) -> str:
    """What shows that a drill was really run, and came out like this: nobody reports one by hand."""
    return keys.row_mark("drill", (file, digest, milliseconds, problem)).hex()


@operation("backup.drill", allow=Permission.MANAGE_BACKUPS, while_locked=True)
def record_drill(desk: Desk, file: str, digest: str, milliseconds: int, problem: str, proof: str) -> DrillView:
    """Keep what a drill has shown."""
    if proof != proof_of(desk.keys, file, digest, milliseconds, problem):
        raise Refused("Nobody reports a drill by hand.", hint="Run one: bankcard backup drill", code="refused.proof")
    row: dict[str, Any] = {"file": file[:200], "digest": digest, "milliseconds": milliseconds, "problem": problem}
    id = new_id(desk.now)
    desk.add(Drill, id=id, branch_id=desk.branch_id, at=desk.now, done_by=desk.account_id, **row)
    desk.note(**row)
    return DrillView(id=id, at=desk.now, **row)


def _sequence(path: Path) -> tuple[int, str]:
    said = (manifest_unchecked(path) or {}).get("sequence")
    return (said if isinstance(said, int) else 0), path.name


def _restored_elsewhere(desk: Desk, file: Path, kit: Kit, password: Secret, room: Path, report: Report | None) -> str:
    """The code of what went wrong in the other process; empty where nothing did."""
    asked = {
        "file": str(file.absolute()),
        "kit": kit_text(kit),
        "home": str(room / "home"),
        "username": desk.who.username,
        "password": password.get_secret_value(),
        "now": desk.bank.clock.now().isoformat(),
        "cost": desk.bank.cost,
    }
    environment = {
        "PATH": os.defpath,
        "HOME": str(room),
        "TMPDIR": str(room),
        "BANKCARD_HOME": str(room / "home"),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(Path(bankcard_tui.__file__).parent.parent),
    }
    command = [sys.executable, "-m", "bankcard_tui.services.drill_room"]
    problem = CRASHED
    with subprocess.Popen(
        command,
        cwd=room,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(json.dumps(asked))
            child.stdin.close()
            for line in child.stdout:
                said = json.loads(line)
                if "problem" in said:
                    problem = str(said["problem"])
                elif report is not None:
                    report(str(said["label"]), int(said["done"]), int(said["total"]))
        finally:
            child.kill()  # without effect where it has ended
    return problem if _PROBLEM.fullmatch(problem) else CRASHED
