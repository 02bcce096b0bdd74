"""The private copy that a backup is restored to: whether it is sound, and what it is told before it comes into use."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain as chained
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bankcard_tui.backup import age
from bankcard_tui.backup.age import damaged
from bankcard_tui.backup.container import public_key_of
from bankcard_tui.backup.files import Report, explained
from bankcard_tui.backup.kit import Kit
from bankcard_tui.backup.manifest import Manifest
from bankcard_tui.backup.restore import Fork, LogEnd, entries_behind, fork_of
from bankcard_tui.backup.segment import Segment, Whose, verify_segment, write_segment
from bankcard_tui.backup.unpack import Unpacked
from bankcard_tui.backup.verify import check_store
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import Clock
from bankcard_tui.desk.desk import Actor, Desk, Subject
from bankcard_tui.desk.log import write_entry
from bankcard_tui.errors import Unavailable, VerificationFailed
from bankcard_tui.locale import mark
from bankcard_tui.rules.terms import ArchiveKind, Outcome, Role
from bankcard_tui.security import chain
from bankcard_tui.security.keys import Keys
from bankcard_tui.services.backup_checks import check_invariants
from bankcard_tui.services.backup_recipients import recipients_of
from bankcard_tui.services.log_shelf import read_shelf
from bankcard_tui.services.restore_authority import Proved
from bankcard_tui.services.restore_settle import (
    Taken,
    add_archive,
    desk_in,
    end_what_was_open,
    keep_somebody_able,
    keep_what_was_decided,
    use_up_codes,
)
from bankcard_tui.store.engine import open_store
from bankcard_tui.store.schema import HEAD, upgrade_schema
from bankcard_tui.store.swap import sync

_CHECKING = mark("Checking the restored copy")
_SYSTEM = Actor(None, None, None, "system", "System", Role.SYSTEM, frozenset())


@dataclass
class Kept:
    """What a restore tells about itself in the log: the backup, who agreed, and the archive of newer entries."""

    file: str
    digest: str
    manifest: Manifest
    by: tuple[Proved, ...]
    terminal: str
    kit: Kit | None
    path: Path | None = None
    entries: int = 0

    def drop(self) -> None:
        """Remove the archive: the restore did not come about."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)
            self.path = None


def checked_copy(copied: Unpacked, workshop: Path, *, clock: Clock, cost: int, report: Report) -> Bank:
    """The unpacked store as a bank in a home of its own in ``workshop``, with today's schema, when it is sound in every
    way. Raises VerificationFailed otherwise.
    """
    home = Home(workshop / "home")
    report(_CHECKING, 0, 2)
    check_store(copied)
    with explained(home.store):
        home.store.parent.mkdir(parents=True, mode=0o700)
        copied.store.rename(home.store)
    if copied.manifest.schema != HEAD:
        with closing(open_store(home.store, home.queue)) as store:
            upgrade_schema(store, home.backups, clock.now())
    report(_CHECKING, 1, 2)
    bank = Bank.open(home, keys=copied.keys, clock=clock, cost=cost, durable=False)
    sound = False
    try:
        check_invariants(bank, copied.manifest)
        sound = True
    except (SQLAlchemyError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise VerificationFailed(
            "The store in the backup was altered: {what} can't be read.",
            hint=mark("Take an earlier backup."),
            code="backup.altered",
            what=type(error).__name__,
        ) from error
    finally:
        if not sound:
            bank.close()
    report(_CHECKING, 2, 2)
    return bank


def make_ready(copy: Home, keys: Keys, kept: Kept, home: Home, clock: Clock, live: Connection | None) -> None:
    """Bring the copy to where it can take the place of the ``live`` store (None where that can't be read), in one
    transaction, and close it to a single file. What is newer in the live log goes to an archive of ``home``.
    """
    with closing(Bank.open(copy, keys=keys, clock=clock, durable=False)) as bank, bank.store.write() as connection:
        desk = desk_in(bank, connection, kept.terminal)
        fork = fork_of(live, connection) if live is not None else None
        taken_out: list[Taken] = []
        if live is not None and fork is not None:
            taken_out = keep_what_was_decided(desk, live, fork.common.seq)
            keep_somebody_able(desk)
            use_up_codes(desk, kept.by)
        end_what_was_open(desk)
        segment = None
        if live is not None and fork is not None and fork.entries:
            kept.entries = fork.entries
            segment = _archive(desk, kept, fork, live, home.archives)
        _tell(desk, kept, fork, segment, taken_out)
        desk.work.close()
    for suffix in ("-wal", "-journal"):
        left = copy.store.with_name(copy.store.name + suffix)
        if left.exists() and left.stat().st_size:
            raise Unavailable("The restored copy was not closed well: {path}.", hint="Nothing was changed. Try again.",
                              code="restore.not_closed", path=left)  # fmt: skip


def _archive(desk: Desk, kept: Kept, fork: Fork, live: Connection, folder: Path) -> Segment | None:
    """The entries behind the fork in a signed file that was read back, known to the copy; None where none is left.
    Those that were pruned since the backup lie in their archives.
    """
    try:
        floor = LogEnd(*read_shelf(live, desk.keys, desk.branch_id).floor)
    except DBAPIError:
        floor = LogEnd(0, chain.START)
    before = floor if floor.seq > fork.common.seq else fork.common
    rows = entries_behind(live, before.seq)
    first = next(rows, None)
    if first is None:
        return None
    keys = desk.keys
    own = age.identity_from(keys.backup)
    kits = {str(own.to_public()), *_kits(desk), *([kept.kit.recipient] if kept.kit else [])}
    with explained(folder):
        folder.mkdir(exist_ok=True, mode=0o700)
        kept.path = _free_name(folder, desk, fork)
        written = write_segment(
            kept.path,
            kind=ArchiveKind.FORK,
            whose=Whose(desk.branch_id, desk.bank.branch.bank, desk.bank.branch.code),
            signing=keys.signing,
            recipients=sorted(kits),
            rows=chained([first], rows),
            before_mark=before.mark,
        )
        sync(folder)
        read = verify_segment(kept.path, public_key_of(keys.signing), [own], None)
    if read != written:
        raise damaged()
    by = kept.by[0].actor.account_id if kept.by else None
    add_archive(desk, written, kept.path.name, by)
    return written


def _kits(desk: Desk) -> tuple[str, ...]:
    """The kits in force; where one was altered in the store, none: the branch itself can open the archive."""
    try:
        return recipients_of(desk.sql, desk.keys, desk.branch_id)
    except VerificationFailed:
        return ()


def _free_name(folder: Path, desk: Desk, fork: Fork) -> Path:
    code, moment = desk.bank.branch.code, f"{desk.now:%Y%m%dT%H%M%SZ}"
    name = f"fork-{code}-{fork.common.seq + 1}-{fork.live.seq}-{moment}"
    path, count = folder / f"{name}.archive", 1
    while os.path.lexists(path):
        count += 1
        path = folder / f"{name}-{count}.archive"
    return path


def _tell(desk: Desk, kept: Kept, fork: Fork | None, segment: Segment | None, taken_out: Sequence[Taken]) -> None:
    """The entry of the restore, in the copy's own chain."""
    manifest = kept.manifest
    detail: dict[str, object] = {
        "file": kept.file,
        "digest": kept.digest,
        "sequence": manifest.sequence,
        "made_at": manifest.made_at,
        "by": [each.actor.username for each in kept.by],
        "kit": kept.kit is not None,
    }
    if fork is not None:
        detail |= {"live_seq": fork.live.seq, "live_mark": fork.live.mark.hex()}
    if segment is not None and kept.path is not None:
        detail |= {
            "fork": segment.digest,
            "fork_file": kept.path.name,
            "first_seq": segment.first_seq,
            "last_seq": segment.last_seq,
        }
    if taken_out:
        detail["taken_out"] = [list(each) for each in taken_out]
    desk.work.flush()
    write_entry(
        desk.work.connection,
        desk.keys.chain,
        desk.branch_id,
        desk.now,
        kept.by[0].actor if kept.by else _SYSTEM,
        kept.terminal,
        "backup.restore",
        Outcome.DONE,
        Subject("branch", desk.branch_id),
        detail,
    )
