"""Verifying a backup through all its levels, up to a trial restore that nobody sees.

What is checked is the file, opened with a kit or the keys of the branch, in a private folder; the branch itself is
neither read nor written.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bankcard_tui.backup.files import Report, explained
from bankcard_tui.backup.manifest import Manifest
from bankcard_tui.backup.unpack import Opener, Unpacked, checked_manifest, unpacked
from bankcard_tui.backup.verify import TRIAL, check_schema_known, check_store
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import Clock
from bankcard_tui.errors import Phrase, Refused, Unavailable, VerificationFailed
from bankcard_tui.locale import mark
from bankcard_tui.services.logs import verify_log
from bankcard_tui.services.scorecards import altered_cards
from bankcard_tui.services.sign_in import sign_in
from bankcard_tui.services.store_values import strange_values
from bankcard_tui.store.engine import open_store
from bankcard_tui.store.schema import HEAD, upgrade_schema

LEVELS = (mark("Signature"), mark("Decryption"), mark("Store"), mark("Log and values"), mark("Trial restore"))
"""What each level looks at, from level 1 on."""

MOST_SHOWN = 5
_EARLIER = mark("Take an earlier backup.")
_OF_THE_DISK = frozenset({"backup.unwritable", "backup.unreadable", "store.disk_full", "store.read_only", "store.busy"})
_OF_ALTERED_STORES = (SQLAlchemyError, ValueError, LookupError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class CheckedBackup:
    """How far a backup was found sound, and what was wrong at the next level; the manifest once its signature fits."""

    level: int
    problem: VerificationFailed | None
    manifest: Manifest | None


def check_backup(
    path: Path,
    opener: Opener,
    folder: Path,
    *,
    clock: Clock,
    cost: int,
    level: int = TRIAL,
    report: Report | None = None,
) -> CheckedBackup:
    """Verify the backup at ``path`` up to ``level``, in the private ``folder``, which is as empty afterwards as before.

    ``report`` is also told each level that was passed. Raises Unavailable where this machine is the problem.
    """
    passed, manifest = 0, None

    def reached(reached: int) -> None:
        nonlocal passed
        passed = reached
        if report is not None:
            report(LEVELS[reached - 1], reached, level)

    try:
        with _of_machine_or_backup():
            manifest = checked_manifest(path, opener.public_key)
            reached(1)
            if level > 1:
                _look_inside(path, opener, folder, clock, cost, level, report, reached)
    except _Wrong as wrong:
        return CheckedBackup(passed, wrong.problem, manifest)
    return CheckedBackup(passed, None, manifest)


def _look_inside(
    path: Path,
    opener: Opener,
    folder: Path,
    clock: Clock,
    cost: int,
    level: int,
    report: Report | None,
    reached: Callable[[int], None],
) -> None:
    opened = unpacked(path, opener, folder, report)
    home = Home(folder / "trial")
    try:
        reached(2)
        if level > 2:
            check_store(opened)
            reached(3)
        if level > 3:
            with _trial_bank(opened, home, clock, cost) as bank:
                check_invariants(bank, opened.manifest)
                reached(4)
                if level > 4:
                    _try_lobby(bank)
                    reached(5)
    finally:
        _remove(opened.store, home)


@contextmanager
def _trial_bank(opened: Unpacked, home: Home, clock: Clock, cost: int) -> Iterator[Bank]:
    """The branch in the backup, opened in a home of its own. Its key stays in memory: who is killed here leaves a store
    that says no more than the live one.
    """
    with explained(home.folder):
        for part in (home.folder, home.store.parent):
            part.mkdir(mode=0o700)
        opened.store.rename(home.store)
    if opened.manifest.schema != HEAD:
        store = open_store(home.store, home.queue, durable=False)
        try:
            upgrade_schema(store, home.backups, clock.now())
        finally:
            store.close()
    bank = Bank.open(home, keys=opened.keys, clock=clock, cost=cost, durable=False)
    try:
        yield bank
    finally:
        bank.close()


def check_invariants(bank: Bank, manifest: Manifest) -> None:
    """Level 4, on the opened branch of a backup. Raises VerificationFailed."""
    check_schema_known(manifest)
    if str(bank.branch.id) != manifest.branch_id:
        raise VerificationFailed("The backup holds another branch.", hint=_EARLIER, code="backup.branch")
    log = verify_log(bank.system_desk("verification"), files=False)
    if not log.sound:
        said = tuple(Phrase(each.template, dict(each.values)) for each in log.findings[:MOST_SHOWN])
        raise VerificationFailed(
            "The log in the backup was altered: {problems}",
            hint=_EARLIER,
            code="backup.log",
            problems=said,
        )
    if log.head != manifest.log_mark:
        raise VerificationFailed(
            "The log in the backup does not end where it did when it was made.", hint=_EARLIER, code="backup.log_end"
        )
    _, strange = strange_values(bank.store)
    if strange:
        raise VerificationFailed(
            "Somebody has altered the store in the backup: {count:value|values} in the column {column} of the table "
            "{table} can't be read.",
            hint=_EARLIER,
            code="backup.values",
            count=strange[0].count,
            column=strange[0].column,
            table=strange[0].table,
        )
    _, altered = altered_cards(bank.store, bank.keys)
    if altered:
        raise VerificationFailed(
            "Somebody has altered points cards in the backup: {numbers}",
            hint=_EARLIER,
            code="backup.card",
            numbers=", ".join(altered[:MOST_SHOWN]),
        )


def _try_lobby(bank: Bank) -> None:
    """Level 5: the branch can be worked with, down to the log entry of somebody whom nobody knows."""
    try:
        sign_in(bank.lobby("verification"), "nobody.of.that.name", "nobody's password")
    except Refused as refused:
        if refused.code != "refused.sign_in":
            raise


class _Wrong(Exception):
    def __init__(self, problem: VerificationFailed) -> None:
        self.problem = problem


@contextmanager
def _of_machine_or_backup() -> Iterator[None]:
    """Tells what is wrong with the backup (_Wrong) from what is wrong with this machine or the person's wish."""
    try:
        yield
    except VerificationFailed as error:
        raise _Wrong(error) from error
    except (Unavailable, Refused) as error:
        if error.code in _OF_THE_DISK:
            raise
        raise _Wrong(VerificationFailed(error.template, hint=_EARLIER, code=error.code, **error.values)) from error
    except _OF_ALTERED_STORES as error:
        altered = VerificationFailed(
            "The store in the backup was altered: {what} can't be read.",
            hint=_EARLIER,
            code="backup.altered",
            what=type(error).__name__,
        )
        raise _Wrong(altered) from error


def _remove(store: Path, home: Home) -> None:
    store.unlink(missing_ok=True)
    if home.folder.exists():
        shutil.rmtree(home.folder)
