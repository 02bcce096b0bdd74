"""What the branch keeps about its backups: which were begun, made, checked and cleared away."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, update

from bankcard_tui.backup.container import front_digest
from bankcard_tui.backup.manifest import Manifest
from bankcard_tui.backup.unpack import by_keys, checked_manifest
from bankcard_tui.backup.verify import TRIAL
from bankcard_tui.config import Home
from bankcard_tui.desk.access import ACCOUNT
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict, InvalidInput, Refused
from bankcard_tui.models.backup import Backup, Drill
from bankcard_tui.models.base import table
from bankcard_tui.rules.retention import KnownBackup, to_remove
from bankcard_tui.rules.text import clean_line
from bankcard_tui.security.keys import Keys
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.backup_recipients import recipients_of
from bankcard_tui.services.paging import Page, fetch_page
from bankcard_tui.store.types import new_id

BACKUP, DRILL = table(Backup), table(Drill)
ENDING = ".backup"
_VERIFIED = (BACKUP.c.removed_at.is_(None), BACKUP.c.level == TRIAL, BACKUP.c.problem == "")


class BackupView(View):
    """A backup that was made here. ``file`` is its name in the folder of backups; ``level`` the highest level up to
    which it was verified (0: not yet) and ``problem`` the code of what was found wrong; ``log_seq`` the last entry of
    the log in it, and ``log_mark`` its mark (hex).
    """

    id: UUID
    sequence: int
    file: str
    size: int
    digest: str
    schema_revision: str
    log_seq: int
    log_mark: str
    made_at: datetime
    made_by: str
    verified_at: datetime | None
    level: int
    problem: str
    removed_at: datetime | None

    @property
    def head(self) -> str:
        """The end of the log in it, as ``bankcard log verify --head`` takes it."""
        return f"{self.log_seq}:{self.log_mark}"

    @property
    def verified(self) -> bool:
        """Whether it was verified in full, and nothing was wrong."""
        return self.level == TRIAL and not self.problem


class BackupState(View):
    """How safe the branch is: when the last verified backup was made and the last drill went well, whether each is too
    long ago by the policy, and how many recovery kits are registered.
    """

    last_verified: datetime | None
    backup_due: bool
    last_drill: datetime | None
    drill_due: bool
    kits: int


class BackupPlan(View):
    """A backup that was begun: its number, and the recovery kits that will open it."""

    sequence: int
    made_at: datetime
    recipients: tuple[str, ...]


def home_of(bank: Bank) -> Home:
    """The home in which the bank's store lies."""
    return Home(bank.store.path.parent.parent)


def proof_of(keys: Keys, file: str, digest: str, level: int, problem: str) -> str:
    """What shows that a check was really made, and came out like this: nobody reports one by hand."""
    return keys.row_mark("backup check", (file, digest, level, problem)).hex()


@question("backup.list", allow=Permission.MANAGE_BACKUPS)
def list_backups(desk: Desk, cursor: str | None = None) -> Page[BackupView]:
    """The backups of the branch, the newest first; those that were cleared away as well."""
    statement = (
        select(BACKUP, ACCOUNT.c.username)
        .outerjoin_from(BACKUP, ACCOUNT, ACCOUNT.c.id == BACKUP.c.made_by)
        .where(BACKUP.c.branch_id == desk.branch_id)
    )
    return fetch_page(desk.sql, statement, (BACKUP.c.made_at, BACKUP.c.id), cursor, _show, newest_first=True)


@question("backup.state", allow=Permission.MANAGE_BACKUPS)
def backup_state(desk: Desk) -> BackupState:
    """How old the last verified backup and the last drill are, and whether that is too old."""

    def last(of: Any, *conditions: Any) -> datetime | None:
        found: datetime | None = desk.sql.execute(select(func.max(of)).where(*conditions)).scalar_one()
        return found

    def is_due(moment: datetime | None, days: int) -> bool:
        return moment is None or desk.now - moment > timedelta(days=days)

    verified = last(BACKUP.c.made_at, BACKUP.c.branch_id == desk.branch_id, *_VERIFIED)
    drill = last(DRILL.c.at, DRILL.c.branch_id == desk.branch_id, DRILL.c.problem == "")
    return BackupState(
        last_verified=verified,
        backup_due=is_due(verified, desk.policy.backup_warn_days),
        last_drill=drill,
        drill_due=is_due(drill, desk.policy.drill_warn_days),
        kits=len(recipients_of(desk.sql, desk.keys, desk.branch_id)),
    )


@operation("backup.begin", allow=Permission.MANAGE_BACKUPS, idempotent=False)
def begin_backup(desk: Desk, under_passphrase: bool = False) -> BackupPlan:
    """Begin a backup; refused where nobody but this machine could open it."""
    kits = recipients_of(desk.sql, desk.keys, desk.branch_id)
    if not kits and not under_passphrase:
        raise Refused(
            "There is no recovery kit: without this machine nobody could open the backup.",
            hint="Make one first: bankcard backup keygen. Or make this backup under a passphrase.",
            code="refused.no_kit",
        )
    highest = select(func.max(BACKUP.c.sequence)).where(BACKUP.c.branch_id == desk.branch_id)
    last = desk.sql.execute(highest).scalar_one()
    plan = BackupPlan(sequence=(last or 0) + 1, made_at=desk.now, recipients=kits)
    desk.note(sequence=plan.sequence, kits=len(kits), under_passphrase=under_passphrase)
    return plan


def _read_made(desk: Desk, file: str) -> tuple[Manifest, int, str]:
    """What a file in the folder of backups says of itself, its size and its digest; its signature fits."""
    path = _in_folder(desk.bank, file)
    manifest = checked_manifest(path, by_keys(desk.bank.keys).public_key)
    return manifest, path.stat().st_size, front_digest(path)


def _in_folder(bank: Bank, file: str) -> Path:
    if Path(file).name != file or not file.endswith(ENDING):
        raise InvalidInput("file", "This is not the name of a backup.", hint="Look at: bankcard backup list")
    return home_of(bank).backups / file


@operation("backup.record", allow=Permission.MANAGE_BACKUPS, prepare=_read_made, while_locked=True)
def record_backup(desk: Desk, file: str) -> BackupView:
    """Keep that a backup was made; what it holds is read from the file itself."""
    manifest, size, digest = desk.prepared
    if manifest.branch_id != str(desk.branch_id):
        raise Conflict("This is a backup of another branch.", hint="Choose another file.", code="conflict.branch")
    known = select(BACKUP.c.id).where(BACKUP.c.branch_id == desk.branch_id, BACKUP.c.digest == digest)
    if desk.sql.execute(known).first() is not None:
        raise Conflict("This backup is in the list already.", hint="Nothing needs to be done.")
    id = new_id(desk.now)
    desk.add(
        Backup,
        id=id,
        branch_id=desk.branch_id,
        sequence=manifest.sequence,
        file=file,
        size=size,
        digest=digest,
        schema_revision=manifest.schema,
        log_seq=manifest.log_seq,
        log_mark=bytes.fromhex(manifest.log_mark),
        made_at=datetime.fromisoformat(manifest.made_at),
        made_by=desk.account_id,
    )
    desk.work.subject = Subject("backup", id)
    desk.note(file=file, sequence=manifest.sequence, size=size, digest=digest, log_seq=manifest.log_seq)
    return _view(desk, id)


@operation("backup.abandon", allow=Permission.MANAGE_BACKUPS, idempotent=False)
def abandon_backup(desk: Desk, sequence: int, problem: str) -> None:
    """Note that a backup which was begun came to nothing."""
    desk.note(sequence=sequence, problem=clean_line("problem", problem, most=60))


@operation("backup.begin_check", allow=Permission.MANAGE_BACKUPS, idempotent=False)
def begin_check(desk: Desk, file: str, level: int) -> None:
    """Begin the check of a backup up to a level."""
    desk.note(file=clean_line("file", file, most=200), level=level)


@operation("backup.record_check", allow=Permission.MANAGE_BACKUPS, while_locked=True)
def record_check(desk: Desk, file: str, digest: str, level: int, problem: str, proof: str) -> BackupView | None:
    """Keep what the check of a backup has shown; None for a file that was not made here."""
    if proof != proof_of(desk.keys, file, digest, level, problem):
        raise Refused(
            "Nobody reports a check by hand.", hint="Check it with: bankcard backup verify", code="refused.proof"
        )
    by_name = BACKUP.c.file == file
    found = desk.db.scalars(
        select(Backup)
        .where(BACKUP.c.branch_id == desk.branch_id, (BACKUP.c.digest == digest) | by_name)
        .order_by(by_name.desc())
    ).first()
    desk.note(file=file, digest=digest, level=level)
    if found is None:
        desk.note(**({"problem": problem} if problem else {}))
        return None
    if found.digest != digest and not problem:
        level, problem = 0, "backup.exchanged"
    if problem:
        desk.note(problem=problem)
    # A check that did not go as far as an earlier one says nothing against what that has shown.
    if problem or level > found.level:
        found.level, found.problem = level, problem
    found.verified_at = desk.now
    desk.work.subject = Subject("backup", found.id)
    return _view(desk, found.id)


def _present(desk: Desk) -> frozenset[str]:
    """The names in the folder of backups."""
    folder = home_of(desk.bank).backups
    return frozenset(os.listdir(folder)) if folder.is_dir() else frozenset()


@operation("backup.clear", allow=Permission.MANAGE_BACKUPS, prepare=_present, idempotent=False)
def clear_backups(desk: Desk) -> tuple[str, ...]:
    """Give up the backups that the policy keeps no more; returns the files that may go, those of an earlier time too.

    What is missing in the folder stands for nothing, and stays in the list.
    """
    rows = desk.sql.execute(select(BACKUP).where(BACKUP.c.branch_id == desk.branch_id)).all()
    present = [row for row in rows if row.file in desk.prepared]
    kept = [row for row in present if row.removed_at is None]
    known = [
        KnownBackup(row.id, row.made_at, desk.bank.day_of(row.made_at), row.level == TRIAL and not row.problem)
        for row in kept
    ]
    gone = to_remove(known, desk.policy)
    if gone:
        desk.sql.execute(update(BACKUP).where(BACKUP.c.id.in_(gone)).values(removed_at=desk.now))
    desk.note(files=[row.file for row in kept if row.id in gone])
    staying = {row.file for row in kept if row.id not in gone}
    return tuple(row.file for row in present if row.file not in staying)


def _view(desk: Desk, id: UUID) -> BackupView:
    joined = BACKUP.outerjoin(ACCOUNT, ACCOUNT.c.id == BACKUP.c.made_by)
    row = desk.sql.execute(select(BACKUP, ACCOUNT.c.username).select_from(joined).where(BACKUP.c.id == id)).one()
    return _show(row)


def _show(row: Row[Any]) -> BackupView:
    return BackupView(
        id=row.id,
        sequence=row.sequence,
        file=row.file,
        size=row.size,
        digest=row.digest,
        schema_revision=row.schema_revision,
        log_seq=row.log_seq,
        log_mark=row.log_mark.hex(),
        made_at=row.made_at,
        made_by=row.username or "",
        verified_at=row.verified_at,
        level=row.level,
        problem=row.problem,
        removed_at=row.removed_at,
    )
