"""What tests of restores need: backups of a branch, a recovery kit, and the store as it lies on the disk."""

from __future__ import annotations

import hashlib
from pathlib import Path

from bankcard_tui.backup.create import create_backup, name_of
from bankcard_tui.backup.files import workshop
from bankcard_tui.backup.kit import Kit, new_kit
from bankcard_tui.backup.manifest import Origin
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.registry import Secret
from bankcard_tui.services.restore_authority import Proof
from tests.branch import PASSWORD

ADMIN, ADMIN2 = (Proof(name, Secret(PASSWORD)) for name in ("admin", "admin2"))
BOTH = (ADMIN, ADMIN2)


def kit_of(bank: Bank) -> Kit:
    """A new recovery kit of the branch."""
    return new_kit(bank.keys, bank.branch.bank, bank.branch.name, bank.branch.id, bank.clock.now())


def backup_of(bank: Bank, kit: Kit, folder: Path, sequence: int = 1) -> Path:
    """A backup of the branch as it is now, which ``kit`` opens."""
    origin = Origin(bank.branch.bank, bank.branch.name, bank.branch.code, str(bank.branch.id))
    now = bank.clock.now()
    target = folder / name_of(origin, sequence, now)
    folder.mkdir(exist_ok=True)
    with workshop(folder / ".making") as place:
        create_backup(bank.store, bank.keys, origin, place, target, sequence=sequence, made_at=now,
                      recipients=[kit.recipient], passphrase=None, report=lambda *_: None)  # fmt: skip
    return target


def lying_there(home: Home) -> dict[str, str]:
    """Every file of the home with the digest of its bytes, without the locks and what SQLite makes anew."""
    found = {}
    for path in sorted(home.folder.rglob("*")):
        if path.is_file() and path.suffix not in (".door", ".queue", ".gate", ".bell", ".lock"):
            if path.name.endswith(("-shm", "-wal")) and (path.name.endswith("-shm") or not path.stat().st_size):
                continue
            found[str(path.relative_to(home.folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found
