"""Making and verifying backups: the jobs that the command line and the screens start.

Each is a start entry in the log, work on files outside every transaction, and an end entry, which is also made while
the session rests.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bankcard_tui.backup.container import front_digest, unreadable
from bankcard_tui.backup.create import create_backup, name_of
from bankcard_tui.backup.files import Report, explained, workshop
from bankcard_tui.backup.kit import new_kit, write_kit
from bankcard_tui.backup.manifest import Origin
from bankcard_tui.backup.unpack import Opener, by_keys
from bankcard_tui.backup.verify import TRIAL
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.desk import Desk
from bankcard_tui.errors import BankError, SessionLocked
from bankcard_tui.security.passwords import check_new_password
from bankcard_tui.services.backup_checks import CheckedBackup, check_backup
from bankcard_tui.services.backup_recipients import KitView, add_recipient, list_recipients
from bankcard_tui.services.backup_records import (
    BackupView,
    abandon_backup,
    begin_backup,
    begin_check,
    clear_backups,
    home_of,
    proof_of,
    record_backup,
    record_check,
)
from bankcard_tui.store.swap import sync

LEAST_PASSPHRASE = 15

Stop = Callable[[], bool]
"""Asked again and again whether the person wants no more."""


class Stopped(BankError):
    """The person stopped the job."""

    code = "stopped"


def check_passphrase(bank: Bank, passphrase: str, again: str | None = None) -> None:
    """Raise InvalidInput unless ``passphrase`` may be the passphrase of a kit or a backup. Slow: zxcvbn."""
    about = (bank.branch.bank, bank.branch.name)
    check_new_password("passphrase", passphrase, least=LEAST_PASSPHRASE, about=about, again=again)


def make_backup(
    bank: Bank,
    desk: Desk,
    *,
    passphrase: str | None = None,
    verify: bool = True,
    report: Report | None = None,
    stop: Stop | None = None,
) -> BackupView:
    """Make a backup, verify it in full, and clear away what the policy keeps no more.

    Raises VerificationFailed for one that does not hold (it stays in the list as such), Refused without a recovery kit
    and passphrase, Busy while another one is made or checked, Unavailable as the disk does, and Stopped.
    """
    if passphrase is not None:
        check_passphrase(bank, passphrase)
    home, tell = home_of(bank), _told(report, stop)
    with workshop(home.making) as folder:
        plan = begin_backup(desk, passphrase is not None).view
        origin = Origin(bank.branch.bank, bank.branch.name, bank.branch.code, str(bank.branch.id))
        target = home.backups / name_of(origin, plan.sequence, plan.made_at)
        problem = "interrupted"
        try:
            create_backup(
                bank.store,
                bank.keys,
                origin,
                folder,
                target,
                sequence=plan.sequence,
                made_at=plan.made_at,
                recipients=plan.recipients,
                passphrase=passphrase,
                report=tell,
            )
            made = record_backup(desk, target.name).view
            problem = ""
        except BankError as error:
            problem = error.code
            raise
        finally:
            if problem:  # what went wrong is said anyhow
                with suppress(OSError):
                    target.unlink(missing_ok=True)
                with suppress(BankError):
                    abandon_backup(desk, plan.sequence, problem)
        if not verify:
            return made
        checked, view = _checked(bank, desk, target, by_keys(bank.keys), TRIAL, folder, tell)
    if checked.problem is not None:
        raise checked.problem
    with suppress(SessionLocked):  # what is kept no more goes after the next backup
        remove_old(bank, desk)
    return view or made


def verify_backup(
    bank: Bank,
    desk: Desk,
    file: Path,
    *,
    opener: Opener | None = None,
    level: int = TRIAL,
    report: Report | None = None,
    stop: Stop | None = None,
) -> CheckedBackup:
    """Verify a backup up to ``level`` with the keys of the branch, or with a kit as ``opener``, and keep the result.

    Raises Busy, Unavailable and Stopped as :func:`make_backup`; what is wrong with the backup stands in the result.
    """
    with workshop(home_of(bank).making) as folder:
        begin_check(desk, file.name, level)
        return _checked(bank, desk, file, opener or by_keys(bank.keys), level, folder, _told(report, stop))[0]


def remove_old(bank: Bank, desk: Desk) -> tuple[str, ...]:
    """Clear away the backups that the policy keeps no more; returns the names of the files that went."""
    files, folder = clear_backups(desk).view, home_of(bank).backups
    with explained(folder):
        for file in files:
            (folder / file).unlink(missing_ok=True)
        if files:
            sync(folder)
    return files


def make_kit(bank: Bank, desk: Desk, path: Path, label: str, passphrase: str | None = None) -> KitView:
    """Write a new recovery kit to ``path`` and register it: backups made from now on can be opened with it.

    Raises InvalidInput for a weak passphrase, Unavailable where the file can't be made or is there already; nothing is
    left then.
    """
    if passphrase is not None:
        check_passphrase(bank, passphrase)
    branch = bank.branch
    kit = new_kit(bank.keys, branch.bank, branch.name, branch.id, bank.clock.now())
    list_recipients(desk)  # who may not register it need not write it
    write_kit(path, kit, passphrase)
    registered = False
    try:
        made = add_recipient(desk, kit.recipient, label).view
        registered = True
    finally:
        if not registered:
            path.unlink(missing_ok=True)
    return made


def _checked(
    bank: Bank, desk: Desk, file: Path, opener: Opener, level: int, folder: Path, tell: Report
) -> tuple[CheckedBackup, BackupView | None]:
    checked = check_backup(file, opener, folder, clock=bank.clock, cost=bank.cost, level=level, report=tell)
    try:
        digest = front_digest(file)
    except OSError as error:
        raise unreadable(file, error) from None
    problem = checked.problem.code if checked.problem else ""
    # A file elsewhere is a copy: it is known by its content, not by its name.
    name = file.name if file.resolve().parent == home_of(bank).backups.resolve() else ""
    proof = proof_of(bank.keys, name, digest, checked.level, problem)
    return checked, record_check(desk, name, digest, checked.level, problem, proof).view


def _told(report: Report | None, stop: Stop | None) -> Report:
    def tell(label: str, done: int, total: int) -> None:
        if stop is not None and stop():
            raise Stopped("This was stopped.", hint="Nothing was changed. Begin again whenever you like.")
        if report is not None:
            report(label, done, total)

    return tell
