"""Pruning the log: whole archives of old entries, by two people, and only what can be read back at that moment.

The last signature puts a tombstone in place of the entries. Deleting them is a job: it reads each archive to its end
again, deletes in small steps, and goes on where it was stopped.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update

from bankcard_tui.backup.age import identity_from
from bankcard_tui.backup.container import public_key_of
from bankcard_tui.backup.files import Report
from bankcard_tui.backup.segment import verify_segment
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.log import ENTRY, STRETCH
from bankcard_tui.desk.operation import operation
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict, InvalidInput, Refused, VerificationFailed
from bankcard_tui.locale import mark
from bankcard_tui.models.log import LogTombstone
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.log_archive import is_old, mark_at, the_log
from bankcard_tui.services.log_files import covers
from bankcard_tui.services.log_shelf import TOMBSTONE, Shelf, Shelved, marked, read_shelf
from bankcard_tui.services.log_times import altered

STEP_ROWS = 5000
_CARRY_OUT = (Permission.ARCHIVE_LOGS, Permission.PRUNE_LOGS)
_READING, _DELETING = mark("Reading the archives"), mark("Deleting entries")


class PruneView(View):
    """Which entries are pruned, and the files that hold them from then on."""

    first_seq: int
    last_seq: int
    files: tuple[str, ...]


class ClearPlan(View):
    """What was signed and has not been carried out: tombstone by tombstone."""

    items: tuple[PruneView, ...]


class ClearView(View):
    """How many entries were deleted; those up to ``cleared_to`` lie in archives alone."""

    deleted: int
    cleared_to: int


def _two_people(desk: Desk, arguments: dict[str, Any]) -> tuple[Permission, ...]:
    return (Permission.PRUNE_LOGS,)


@operation("log.prune", allow=Permission.PRUNE_LOGS, subject=the_log, signatures=_two_people)
def prune_log(desk: Desk, until_seq: int) -> PruneView:
    """Give up the entries up to ``until_seq``, the end of an archive, in the store; they stay in their archives."""
    shelf = read_shelf(desk.sql, desk.keys, desk.branch_id).sound()
    floor, before_mark = shelf.floor
    archives = _archives_to(shelf, until_seq)
    young = next((each for each in archives if not is_old(desk, each)), None)
    if young is not None:
        raise Refused(
            "These entries are not old enough: the bank keeps {months:month|months}.",
            hint="Choose an earlier archive.",
            code="refused.retention",
            months=desk.policy.log_retention_months,
        )
    last = archives[-1]
    if mark_at(desk, until_seq) != last.last_mark:
        raise altered(until_seq)
    tombstone = LogTombstone(
        branch_id=desk.branch_id,
        first_seq=floor + 1,
        last_seq=until_seq,
        before_mark=before_mark,
        last_mark=last.last_mark,
        archives=" ".join(str(each.id) for each in archives),
        # Until it is signed this is a rehearsal, which leaves nothing.
        request_id=desk.work.request or UUID(int=0),
        pruned_at=desk.now,
        pruned_by=desk.account_id,
        mark=b"",
    )
    desk.db.add(marked(desk.keys, tombstone))
    files = tuple(each.file for each in archives)
    desk.note(first=floor + 1, last=until_seq, files=files, mark=last.last_mark.hex())
    return PruneView(first_seq=floor + 1, last_seq=until_seq, files=files)


def _archives_to(shelf: Shelf, until_seq: int) -> list[Shelved]:
    """The archives that hold the entries left up to ``until_seq``, one after the other."""
    seq, mark = shelf.floor
    found: list[Shelved] = []
    for each in shelf.segments:
        if (each.first_seq, each.before_mark) == (seq + 1, mark) and each.last_seq <= until_seq:
            found.append(each)
            seq, mark = each.last_seq, each.last_mark
    if not found or seq != until_seq:
        raise InvalidInput(
            "until_seq",
            "No archive ends with entry {number}.",
            hint="Whole archives are pruned, the oldest first: bankcard log archives",
            code="archive.none",
            number=until_seq,
        )
    return found


def clear_pruned(desk: Desk, *, report: Report | None = None) -> ClearView:
    """Carry out what was signed: read each archive to its end, then delete what it holds.

    ``report`` is told how far it is; a BankError that it raises stops the work, which goes on at the next call. Raises
    Conflict where nothing was signed, VerificationFailed for an archive that is not sound: its entries stay.
    """
    plan = begin_clearing(desk).view
    deleted = 0
    for each in plan.items:
        for file in each.files:
            deleted += _clear(desk, each.last_seq, file, report)
        finish_clearing(desk, each.last_seq)
    return ClearView(deleted=deleted, cleared_to=plan.items[-1].last_seq)


def _clear(desk: Desk, last_seq: int, file: str, report: Report | None) -> int:
    keys = desk.keys
    with desk.bank.store.read() as connection:
        shelf = read_shelf(connection, keys, desk.branch_id).sound()
    archive = next(each for each in shelf.segments if each.file == file)
    entries = archive.last_seq - archive.first_seq + 1

    def told(done: int) -> None:
        if report is not None:
            report(_READING, done, entries)

    path = archive.path(desk.bank.home.archives)
    found = verify_segment(path, public_key_of(keys.signing), [identity_from(keys.backup)], keys.chain, told)
    if not archive.is_of(found):
        raise VerificationFailed(
            "The archive {file} is not the one that was written.",
            hint="Put back the right file. Nothing is deleted that can't be read there.",
            code="archive.other",
            file=file,
        )
    deleted = 0
    while step := clear_step(desk, last_seq, archive.id).view:
        deleted += step
        if report is not None:
            report(_DELETING, deleted, entries)
    return deleted


@operation("log.clear", allow=_CARRY_OUT, subject=the_log, idempotent=False)
def begin_clearing(desk: Desk) -> ClearPlan:
    """Say which entries are to be deleted because two people have signed it."""
    shelf = read_shelf(desk.sql, desk.keys, desk.branch_id).sound()
    items = []
    for each in shelf.buried:
        if each.cleared:
            continue
        archives = [archive for archive in shelf.named(each) if archive is not None]
        if not covers(shelf.named(each), each):
            raise altered(each.last_seq)
        items.append(PruneView(first_seq=each.first_seq, last_seq=each.last_seq, files=tuple(a.file for a in archives)))
    if not items:
        raise Conflict(
            "Nothing that was signed waits for being deleted.",
            hint="Ask for it first, and have a second administrator sign.",
            code="prune.nothing",
        )
    desk.note(last=[each.last_seq for each in items])
    return ClearPlan(items=tuple(items))


@operation("log.clear_step", allow=_CARRY_OUT, idempotent=False, internal=True, while_locked=True)
def clear_step(desk: Desk, last_seq: int, archive: UUID) -> int:
    """Delete the next entries of an archive that was read back; the number of those that were left to delete."""
    shelf = read_shelf(desk.sql, desk.keys, desk.branch_id).sound()
    named = (held for each in shelf.buried if each.last_seq == last_seq for held in shelf.named(each))
    held = next((each for each in named if each is not None and each.id == archive), None)
    if held is None:
        raise Conflict(
            "Nothing that was signed waits for being deleted.",
            hint="Ask for it first, and have a second administrator sign.",
            code="prune.nothing",
        )
    here = (ENTRY.c.branch_id == desk.branch_id, ENTRY.c.seq.between(held.first_seq, held.last_seq))
    next_ones = select(ENTRY.c.seq).where(*here).order_by(ENTRY.c.seq).limit(STEP_ROWS)
    return desk.sql.execute(delete(ENTRY).where(*here, ENTRY.c.seq.in_(next_ones))).rowcount


@operation("log.clear_done", allow=_CARRY_OUT, subject=the_log, idempotent=False, while_locked=True)
def finish_clearing(desk: Desk, last_seq: int) -> PruneView:
    """Note that what a tombstone stands for is gone from the store."""
    shelf = read_shelf(desk.sql, desk.keys, desk.branch_id).sound()
    tombstone = next((each for each in shelf.buried if each.last_seq == last_seq), None)
    left = select(func.count()).where(ENTRY.c.branch_id == desk.branch_id, ENTRY.c.seq.between(1, last_seq))
    if tombstone is None or desk.sql.execute(left).scalar_one():
        raise Conflict(
            "Not all of these entries are deleted.", hint="Run: bankcard log prune --carry-out", code="prune.unfinished"
        )
    here = (TOMBSTONE.c.branch_id == desk.branch_id, TOMBSTONE.c.last_seq == last_seq)
    desk.sql.execute(update(TOMBSTONE).where(*here, TOMBSTONE.c.cleared_at.is_(None)).values(cleared_at=desk.now))
    # Of the stretches only the one stays in which the first entry that is left lies.
    begun = select(func.max(STRETCH.c.first_seq)).where(
        STRETCH.c.branch_id == desk.branch_id, STRETCH.c.first_seq <= last_seq + 1
    )
    desk.sql.execute(
        delete(STRETCH).where(STRETCH.c.branch_id == desk.branch_id, STRETCH.c.first_seq < begun.scalar_subquery())
    )
    files = tuple(each.file for each in shelf.named(tombstone) if each is not None)
    desk.note(first=tombstone.first_seq, last=last_seq)
    return PruneView(first_seq=tombstone.first_seq, last_seq=last_seq, files=files)
