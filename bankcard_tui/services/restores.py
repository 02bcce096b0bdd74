"""Restoring a backup: everything is checked on a private copy, and only then does it take the place of the store.

Until that moment nothing is written to the live store, so that whatever refuses leaves it byte for byte as it was.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bankcard_tui.backup.container import front_digest, public_key_of
from bankcard_tui.backup.files import Report, explained
from bankcard_tui.backup.kit import Kit
from bankcard_tui.backup.manifest import Manifest
from bankcard_tui.backup.restore import (
    LogEnd,
    end_of,
    fork_of,
    place_to_restore,
    refuse_full_disk,
    refuse_what_is_in_the_way,
    write_key,
)
from bankcard_tui.backup.unpack import Opener, Unpacked, by_keys, by_kit, checked_manifest, unpacked
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import Clock, SystemClock
from bankcard_tui.desk.results import View
from bankcard_tui.errors import BankError, Refused, Unavailable
from bankcard_tui.locale import mark
from bankcard_tui.security.keys import load_root_key
from bankcard_tui.security.passwords import DEFAULT_COST
from bankcard_tui.services.restore_authority import (
    Proof,
    Proved,
    check_number,
    check_still,
    knows_admins,
    prove,
)
from bankcard_tui.services.restore_copy import Kept, checked_copy, make_ready
from bankcard_tui.store.door import Door
from bankcard_tui.store.engine import untouched
from bankcard_tui.store.schema import REVISIONS, revision_of
from bankcard_tui.store.swap import swap

CLOSING_SECONDS = 60.0
"""How long a restore waits for the terminals to finish what they are doing."""

_REPLACING = mark("Putting the backup into place")
_DAMAGE = frozenset({"store.damaged", "store.failed", "store.value", "store.unfinished", "store.constraint"})
"""What the errors of a store are called that can't be read any more, whoever asks."""


class LiveStore(StrEnum):
    """What lies where the backup is to come; DAMAGED is a store of which not even the admins can be read."""

    NONE = "none"
    DAMAGED = "damaged"
    SOUND = "sound"


class RestorePlan(View):
    """What a restore is about to do: which backup comes, and how many entries of the live log it does not have.
    ``made_at`` is in the zone of the branch.
    """

    bank: str
    branch: str
    sequence: int
    made_at: datetime
    live: LiveStore
    entries_since: int


class Restored(View):
    """What was restored: the backup, what became of newer entries of the log (``fork`` is their archive), and the
    folder in which the store from before lies (None where there was none). ``made_at`` is in the zone of the branch.
    """

    bank: str
    branch: str
    file: str
    digest: str
    sequence: int
    made_at: datetime
    live: LiveStore
    entries_since: int
    fork: str | None
    before: str | None
    by: tuple[str, ...]


def _agreed(plan: RestorePlan) -> None:
    pass


def _silent(label: str, done: int, total: int) -> None:
    pass


@dataclass
class _Restore:
    """One restore on its way."""

    home: Home
    key_file: Path
    file: Path
    kit: Kit | None
    proofs: Sequence[Proof]
    clock: Clock
    cost: int
    terminal: str
    report: Report
    keeps_key: bool
    proved: tuple[Proved, ...] = field(default=())
    live: LiveStore = LiveStore.NONE


def restore_backup(
    home: Home,
    key_file: Path,
    file: Path,
    *,
    kit: Kit | None = None,
    admins: Sequence[Proof] = (),
    confirm: Callable[[RestorePlan], None] = _agreed,
    report: Report = _silent,
    clock: Clock | None = None,
    cost: int = DEFAULT_COST,
    terminal: str = "restore",
    keeps_key: bool = True,
) -> Restored:
    """Put the backup ``file`` in place of the store of ``home``, with its key at ``key_file``.

    Where there is a sound store, two ``admins`` have to agree, or one where it holds nothing newer; elsewhere whoever
    has the ``kit`` may do it. ``confirm`` is told what is about to happen; what it raises stops the restore. A drill,
    whose home ends with it, writes no key: ``keeps_key``.
    Raises Refused for who may not, VerificationFailed for a backup that is not sound, Unavailable as disk and files
    do; the live store is as it was then.
    """
    task = _Restore(home, key_file, file, kit, admins, clock or SystemClock(), cost, terminal, report, keeps_key)
    with place_to_restore(home) as workshop:
        refuse_what_is_in_the_way(home, key_file)
        opener = by_kit(kit) if kit is not None else by_keys(load_root_key(key_file))
        manifest = checked_manifest(file, opener.public_key)
        _check_belongs(task, manifest, opener)
        _check_authority(task, manifest)
        migrates = manifest.schema != REVISIONS[-1]
        refuse_full_disk(workshop, manifest.store_size * (2 if migrates else 1))
        copied = unpacked(file, opener, workshop, report)
        copy = checked_copy(copied, workshop, clock=task.clock, cost=cost, report=report)
        with closing(copy) as bank:
            plan = _plan(task, bank, manifest)
        confirm(plan)
        with explained(file):
            digest = front_digest(file)
        report(_REPLACING, 0, 1)
        with Door(home.store).closed(CLOSING_SECONDS):
            done = _replace(task, copied, digest, Home(workshop / "home"), plan)
        report(_REPLACING, 1, 1)
        return done


def _check_belongs(task: _Restore, manifest: Manifest, opener: Opener) -> None:
    """Raise unless the backup can be one of this branch, for this program, under the key that lies here."""
    if manifest.schema not in REVISIONS:
        raise Unavailable(
            "The backup was made by a newer program (schema {revision}).",
            hint="Install the newer program, then restore again.",
            code="restore.newer",
            revision=manifest.schema,
        )
    if task.kit is not None and str(task.kit.branch_id) != manifest.branch_id:
        raise _of_another_branch(manifest)
    if os.path.lexists(task.key_file):
        keys = load_root_key(task.key_file)
        if public_key_of(keys.signing) != opener.public_key:
            raise Refused(
                "The key at {path} is not the one of this backup.",
                hint="A key is never overwritten. Restore to another --home, or move key and store away first.",
                code="restore.other_key",
                path=task.key_file,
            )


def _check_authority(task: _Restore, manifest: Manifest) -> None:
    """Raise Refused unless those who ask may do this, and find out what lies in the place of the store."""
    end = _live_end(task, manifest)
    if end is None:
        if task.kit is None:
            raise Refused(
                "Without a sound store here a restore needs the recovery kit.",
                hint="Name it: --kit FILE, or give the passphrase of the backup.",
                code="restore.kit",
            )
        return
    alike = end == LogEnd(manifest.log_seq, bytes.fromhex(manifest.log_mark))
    check_number(task.proofs, alike=alike)
    keys = load_root_key(task.key_file) if os.path.lexists(task.key_file) else None
    if keys is None:
        raise Unavailable(
            "The key {path} is missing.",
            hint="Put the key file back, or move the store away: the backup brings its key along.",
            code="key.missing",
            path=task.key_file,
        )
    task.proved = prove(task.home, keys, task.proofs, clock=task.clock, cost=task.cost, terminal=task.terminal)


def _live_end(task: _Restore, manifest: Manifest) -> LogEnd | None:
    """Where the log of the live store ends; None where there is no sound one. Raises where it is another bank's."""
    store = task.home.store
    if not store.exists():
        task.live = LiveStore.NONE
        return None
    try:
        with untouched(store) as live:
            revision = revision_of(live)
            if revision is not None and revision not in REVISIONS:
                raise Unavailable(
                    "The store was made by a newer program (schema {revision}).",
                    hint="Install the newer program on this terminal.",
                    code="store.newer",
                    revision=revision,
                )
            branches = {row[0] for row in live.exec_driver_sql("SELECT id FROM branch")}
            # Whoever can be asked is asked, whatever else was altered.
            end = end_of(live) if knows_admins(live) else None
    except BankError as problem:
        if problem.code not in _DAMAGE:
            raise
        branches, end = set(), None
    if branches and UUID(manifest.branch_id).bytes not in branches:
        raise _of_another_branch(manifest)
    task.live = LiveStore.SOUND if end is not None else LiveStore.DAMAGED
    return end


def _plan(task: _Restore, copy: Bank, manifest: Manifest) -> RestorePlan:
    since = 0
    if task.live is LiveStore.SOUND:
        with untouched(task.home.store) as live, copy.store.read() as backup:
            since = fork_of(live, backup).entries
    return RestorePlan(
        bank=manifest.bank,
        branch=manifest.branch,
        sequence=manifest.sequence,
        made_at=datetime.fromisoformat(manifest.made_at).astimezone(ZoneInfo(copy.branch.zone)),
        live=task.live,
        entries_since=since,
    )


def _replace(task: _Restore, copied: Unpacked, digest: str, copy: Home, plan: RestorePlan) -> Restored:
    """With the door closed: keep what is newer, make the copy ready, and put it into place."""
    store, manifest = task.home.store, copied.manifest
    kept = Kept(task.file.name, digest, manifest, task.proved, task.terminal, task.kit)
    with ExitStack() as undo:
        undo.callback(kept.drop)
        if task.live is LiveStore.SOUND:
            with untouched(store) as live:
                _check_again(task, live, manifest)
                make_ready(copy, copied.keys, kept, task.home, task.clock, live)
        else:
            make_ready(copy, copied.keys, kept, task.home, task.clock, None)
        if task.keeps_key and not os.path.lexists(task.key_file):
            with explained(task.key_file):
                write_key(task.key_file, copied.keys)
            undo.callback(task.key_file.unlink, missing_ok=True)
        # Interrupted from here on the next start completes it or takes it back: nothing that it may need is removed.
        undone = undo.pop_all()
    try:
        aside = swap(store, copy.store, f"{task.clock.now():%Y%m%dT%H%M%S}")
    except Unavailable as problem:
        if problem.code == "restore.swap":
            undone.close()
        raise
    return Restored(
        bank=manifest.bank,
        branch=manifest.branch,
        file=task.file.name,
        digest=digest,
        sequence=manifest.sequence,
        made_at=plan.made_at,
        live=task.live,
        entries_since=kept.entries,
        fork=str(kept.path) if kept.path else None,
        before=str(aside) if aside else None,
        by=tuple(each.actor.username for each in kept.by),
    )


def _check_again(task: _Restore, live: Connection, manifest: Manifest) -> None:
    """What was asked before the door was closed, now that nobody writes any more."""
    check_still(live, task.proved, task.clock.now())
    check_number(task.proofs, alike=end_of(live) == LogEnd(manifest.log_seq, bytes.fromhex(manifest.log_mark)))


def _of_another_branch(manifest: Manifest) -> Refused:
    return Refused(
        "This is a backup of another branch: {name}.",
        hint="Choose a backup of this branch, or restore it to another --home.",
        code="restore.other_branch",
        name=f"{manifest.bank}, {manifest.branch} ({manifest.code})",
    )
