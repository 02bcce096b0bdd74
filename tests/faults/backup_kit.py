"""A backup of a branch, and what is done to its file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bankcard_tui.backup.create import create_backup
from bankcard_tui.backup.files import Report, workshop
from bankcard_tui.backup.kit import Kit, new_kit
from bankcard_tui.backup.manifest import Origin
from bankcard_tui.backup.unpack import by_kit, unpacked
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.errors import VerificationFailed


@dataclass(frozen=True)
class MadeBackup:
    path: Path
    kit: Kit
    content: bytes

    def accepted(self, content: bytes, folder: Path) -> bool:
        """Whether a file with this content opens; nothing may be left in ``folder`` when it does not."""
        file = folder / "tried.backup"
        file.write_bytes(content)
        try:
            unpacked(file, by_kit(self.kit), folder)
        except VerificationFailed:
            left = [each.name for each in folder.iterdir()]
            assert left == ["tried.backup"], left
            return False
        return True


def made_backup(bank: Bank, home: Home, *, report: Report = lambda *_: None) -> MadeBackup:
    branch = bank.branch
    kit = new_kit(bank.keys, branch.bank, branch.name, branch.id, bank.clock.now())
    target = home.backups / "made.backup"
    with workshop(home.making) as folder:
        create_backup(
            bank.store,
            bank.keys,
            Origin(branch.bank, branch.name, branch.code, str(branch.id)),
            folder,
            target,
            sequence=1,
            made_at=bank.clock.now(),
            recipients=[kit.recipient],
            passphrase=None,
            report=report,
        )
    return MadeBackup(target, kit, target.read_bytes())
