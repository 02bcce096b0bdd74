"""Archiving the log: what lies behind the last archive goes to a signed, encrypted file, which is read back first.

A job: an entry when it begins, the file outside of every transaction, and its row with an entry only when the file was
read back to its end. Killed on the way it leaves no row; what it leaves in its private folder the next one clears.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from bankcard_tui.backup.age import identity_from
from bankcard_tui.backup.container import public_key_of
from bankcard_tui.backup.create import own_recipient
from bankcard_tui.backup.files import Report, explained, workshop
from bankcard_tui.backup.segment import Raw, Segment, Whose, verify_segment, write_segment
from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.log import ENTRY, HEAD
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.desk.results import View
from bankcard_tui.errors import BankError, Conflict, InvalidInput
from bankcard_tui.locale import mark
from bankcard_tui.models.log import LogArchive
from bankcard_tui.rules.log_retention import may_be_pruned
from bankcard_tui.rules.terms import ArchiveKind
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.backup_recipients import recipients_of
from bankcard_tui.services.log_chain import ENTRIES
from bankcard_tui.services.log_shelf import Shelved, new_archive, read_shelf
from bankcard_tui.services.log_times import altered, spans, whole
from bankcard_tui.store.engine import any_text
from bankcard_tui.store.swap import sync
from bankcard_tui.store.types import micros_of, moment_of

WINDOW = 5000
_NAME = re.compile(r"log-[A-Za-z0-9_-]{1,60}-[0-9]+-[0-9]+\.archive")
_EXAMPLE = "log-A1-000000001-000004711.archive"
_WRITING = mark("Writing the archive")


class ArchivePlan(View):
    """What is to be archived: the entries ``first_seq`` to ``last_seq`` into ``file``, for whom, and how many of them
    are recovery kits. ``before_mark`` is hex.
    """

    first_seq: int
    last_seq: int
    before_mark: str
    file: str
    recipients: tuple[str, ...]
    kits: int


class ArchiveView(View):
    """One archive. ``prunable``: its entries are older than the bank keeps them; ``pruned``: they lie in it alone."""

    id: UUID
    kind: ArchiveKind
    first_seq: int
    last_seq: int
    last_at: datetime
    file: str
    size: int
    digest: str
    made_at: datetime
    prunable: bool = False
    pruned: bool = False
    kits: int | None = None
    """How many recovery kits can open it; None where nobody counted them."""


class ArchiveList(View):
    """The archives of the log, the oldest first.

    Entries behind ``archived_to`` lie in the store alone; up to ``prunable_to`` they may be pruned (None: none may);
    ``kits`` is how many recovery kits are registered, ``to_clear`` whether signed pruning has not been carried out.
    """

    items: tuple[ArchiveView, ...]
    archived_to: int
    last_seq: int
    prunable_to: int | None
    retention_months: int
    kits: int
    to_clear: bool


def the_log(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The log of the branch, which concerns no single person; pruning makes another version of it."""
    floor = read_shelf(desk.work.connection, desk.keys, desk.branch_id).floor[0]
    return Subject("log", desk.branch_id, None, b"", floor)


def archive_log(desk: Desk, *, until: datetime | None = None, report: Report | None = None) -> ArchiveView:
    """Archive the entries behind the last archive, those before ``until`` if it is given, up to now otherwise.

    ``report`` is told how far it is; a BankError that it raises stops the work. Raises Conflict where there is nothing
    to archive, Busy while another archive is written, VerificationFailed when an entry was altered, Unavailable as disk
    and store do.
    """
    home, keys, branch = desk.bank.home, desk.keys, desk.bank.branch
    with workshop(home.archiving) as folder, explained(home.archives):
        plan = begin_archive(desk, until).view
        entries = plan.last_seq - plan.first_seq + 1

        def told(done: int) -> None:
            if report is not None:
                report(_WRITING, done, entries)

        path, final = folder / plan.file, _free_name(home.archives / plan.file)
        write_segment(
            path,
            kind=ArchiveKind.SEGMENT,
            whose=Whose(branch.id, branch.bank, branch.code),
            signing=keys.signing,
            recipients=plan.recipients,
            rows=_live(desk, plan.first_seq, plan.last_seq),
            before_mark=bytes.fromhex(plan.before_mark),
            report=told,
        )
        home.archives.mkdir(exist_ok=True, mode=0o700)
        os.replace(path, final)
        sync(home.archives)
        try:
            return finish_archive(desk, final.name).view.model_copy(update={"kits": plan.kits})
        except BankError:
            final.unlink(missing_ok=True)
            raise


@operation("log.archive", allow=Permission.ARCHIVE_LOGS, subject=the_log, idempotent=False)
def begin_archive(desk: Desk, until: datetime | None = None) -> ArchivePlan:
    """Say which entries the next archive holds; the file is written by the job that asks."""
    shelf = read_shelf(desk.sql, desk.keys, desk.branch_id).sound()
    last_archived, before_mark = shelf.end_of_archives()
    last = _last_before(desk, until)
    if last <= last_archived:
        raise Conflict(
            "There is nothing to archive: every entry lies in an archive.",
            hint="Try again later, or with a later day.",
            code="archive.nothing",
        )
    if mark_at(desk, last_archived) not in (None, before_mark):
        raise altered(last_archived)
    own = own_recipient(desk.keys)
    kits = tuple(each for each in recipients_of(desk.sql, desk.keys, desk.branch_id) if each != own)
    code = re.sub(r"[^A-Za-z0-9_-]", "_", desk.bank.branch.code)[:40] or "_"
    desk.note(first=last_archived + 1, last=last, kits=len(kits))
    return ArchivePlan(
        first_seq=last_archived + 1,
        last_seq=last,
        before_mark=before_mark.hex(),
        file=f"log-{code}-{last_archived + 1:09}-{last:09}.archive",
        recipients=(own, *kits),
        kits=len(kits),
    )


def _free_name(path: Path) -> Path:
    """This name or one beside it: after a restore an archive of entries with the same numbers may have it."""
    name, count = path, 1
    while os.path.lexists(name):
        count += 1
        name = path.with_stem(f"{path.stem}-{count}")
    return name


def _verified(desk: Desk, file: str) -> Segment:
    if not _NAME.fullmatch(file):
        raise InvalidInput(
            "file", "This is not the name of an archive.", hint="It looks like {example}.", example=_EXAMPLE
        )
    path = desk.bank.home.archives / file
    try:
        return verify_segment(
            path, public_key_of(desk.keys.signing), [identity_from(desk.keys.backup)], desk.keys.chain
        )
    except BankError as problem:
        if problem.code == "archive.entry":  # it was written as it lies in the store
            raise altered(problem.values["number"]) from None
        raise


@operation(
    "log.archive_done",
    allow=Permission.ARCHIVE_LOGS,
    subject=the_log,
    prepare=_verified,
    idempotent=False,
    while_locked=True,
)
def finish_archive(desk: Desk, file: str) -> ArchiveView:
    """Take an archive into the list, after its file was read back to the end and every entry in it verified."""
    segment: Segment = desk.prepared
    shelf = read_shelf(desk.sql, desk.keys, desk.branch_id).sound()
    goes_on = (segment.first_seq - 1, segment.before_mark) == shelf.end_of_archives()
    if segment.branch_id != desk.branch_id or segment.kind is not ArchiveKind.SEGMENT or not goes_on:
        raise Conflict(
            "This archive does not go on where the last one ends.", hint="Archive again.", code="archive.order"
        )
    if mark_at(desk, segment.last_seq) != segment.last_mark:
        raise altered(segment.last_seq)
    row = new_archive(desk.keys, segment, file, desk.now, desk.account_id)
    desk.db.add(row)
    desk.note(file=file, digest=segment.digest, first=segment.first_seq, last=segment.last_seq, entries=segment.entries)
    return _view(row)


@question("log.archives", allow=(Permission.ARCHIVE_LOGS, Permission.PRUNE_LOGS))
def list_archives(desk: Desk) -> ArchiveList:
    """The archives of the log: their files, up to where they reach, and what may be pruned."""
    shelf = read_shelf(desk.work.connection, desk.keys, desk.branch_id).sound()
    floor = shelf.floor[0]
    months = desk.policy.log_retention_months
    items = tuple(
        _view(each).model_copy(
            update={
                "pruned": each.kind is ArchiveKind.SEGMENT and each.last_seq <= floor,
                "prunable": each.kind is ArchiveKind.SEGMENT and each.last_seq > floor and is_old(desk, each),
            }
        )
        for each in shelf.archives
    )
    prunable_to = None
    for each in items:
        if each.kind is ArchiveKind.SEGMENT and not each.pruned:
            if not each.prunable:
                break
            prunable_to = each.last_seq
    return ArchiveList(
        items=items,
        archived_to=shelf.end_of_archives()[0],
        last_seq=_last_before(desk, None),
        prunable_to=prunable_to,
        retention_months=months,
        kits=len(recipients_of(desk.sql, desk.keys, desk.branch_id)),
        to_clear=any(not each.cleared for each in shelf.buried),
    )


def is_old(desk: Desk, archive: Shelved) -> bool:
    """Whether every entry of an archive is older than the bank keeps them."""
    last = desk.bank.day_of(moment_of(archive.last_at))
    return may_be_pruned(last, desk.today, desk.policy.log_retention_months)


def _view(row: LogArchive | Shelved) -> ArchiveView:
    def moment(value: datetime | int) -> datetime:
        return value if isinstance(value, datetime) else moment_of(value)

    return ArchiveView(
        id=row.id,
        kind=row.kind,
        first_seq=row.first_seq,
        last_seq=row.last_seq,
        last_at=moment(row.last_at),
        file=row.file,
        size=row.size,
        digest=row.digest,
        made_at=moment(row.made_at),
    )


def _last_before(desk: Desk, until: datetime | None) -> int:
    """The number of the last entry in front of which no entry is of ``until`` or later."""
    head = whole(desk.sql.execute(select(HEAD.c.seq).where(HEAD.c.branch_id == desk.branch_id)).scalar_one())
    if until is None:
        return head
    if until.tzinfo is None:
        raise InvalidInput("until", "A time needs its zone.", hint="As 2026-11-21T08:00:00+08:00.")
    for low, _ in spans(desk.sql, desk.branch_id, micros_of(until), None, newest_first=False):
        later = (
            select(ENTRY.c.seq)
            .where(ENTRY.c.branch_id == desk.branch_id, ENTRY.c.seq >= low, ENTRY.c.at >= micros_of(until))
            .order_by(ENTRY.c.seq)
            .limit(1)
        )
        found = desk.sql.execute(later).scalar_one_or_none()
        if found is not None:
            return whole(found) - 1
    return head


def mark_at(desk: Desk, seq: int) -> bytes | None:
    """The mark of an entry as it lies in the store; None where there is no such entry, b"" where it is no mark."""
    with any_text(desk.work.connection):
        found = desk.work.connection.exec_driver_sql(
            "SELECT mark FROM log_entry WHERE branch_id = ? AND seq = ?", (desk.branch_id.bytes, seq)
        ).fetchall()
    return None if not found else found[0][0] if isinstance(found[0][0], bytes) else b""


def _live(desk: Desk, first: int, last: int) -> Iterator[Raw]:
    """The entries as they lie in the store; each window of them in a transaction of its own, so that none is long."""
    for low in range(first, last + 1, WINDOW):
        with desk.bank.store.read() as connection, any_text(connection):
            bounds = (desk.branch_id.bytes, low, min(low + WINDOW - 1, last))
            window = [tuple(row) for row in connection.exec_driver_sql(ENTRIES, bounds)]
        yield from window
