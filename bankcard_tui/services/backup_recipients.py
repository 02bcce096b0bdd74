"""Who can open the backups and archives besides the branch itself: the recovery kits that are registered."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from bankcard_tui.backup.age import recipient_from
from bankcard_tui.desk.access import ACCOUNT
from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict, NotFound, VerificationFailed
from bankcard_tui.models.backup import BackupRecipient
from bankcard_tui.models.base import table
from bankcard_tui.rules.text import clean_line
from bankcard_tui.security.keys import Keys
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.paging import Page, fetch_page
from bankcard_tui.store.types import micros_of, new_id

RECIPIENT = table(BackupRecipient)
MOST_KITS = 20
"""Each can open everything; and they stand in the manifest, which is of a fixed size."""


def recipients_of(connection: Connection, keys: Keys, branch_id: UUID) -> tuple[str, ...]:
    """The recipients (``age1…``) of the kits in force, the oldest first.

    Raises VerificationFailed when somebody has put one there past the program: whoever did could read every backup.
    """
    kits = connection.execute(
        select(RECIPIENT)
        .where(RECIPIENT.c.branch_id == branch_id, RECIPIENT.c.removed_at.is_(None))
        .order_by(RECIPIENT.c.added_at, RECIPIENT.c.id)
    ).all()
    for kit in kits:
        covered = (
            kit.id.bytes,
            kit.branch_id.bytes,
            kit.recipient,
            kit.label,
            micros_of(kit.added_at),
            kit.added_by.bytes,
        )
        if not keys.row_fits(kit.mark, "recipient", covered):
            raise VerificationFailed(
                "A recovery kit was altered or added in the store, past the program.",
                hint="Do not make backups. Tell your security officer.",
                code="recipient.altered",
            )
    return tuple(kit.recipient for kit in kits)


class KitView(View):
    """A recovery kit that opens the backups, or did: its recipient, what it is called, and who registered it."""

    id: UUID
    recipient: str
    label: str
    added_at: datetime
    added_by: str
    removed_at: datetime | None


@question("backup.recipients", allow=Permission.MANAGE_BACKUPS)
def list_recipients(desk: Desk, cursor: str | None = None) -> Page[KitView]:
    """The recovery kits of the branch, the newest first; those that were taken out as well."""
    statement = (
        select(RECIPIENT, ACCOUNT.c.username)
        .join_from(RECIPIENT, ACCOUNT, ACCOUNT.c.id == RECIPIENT.c.added_by)
        .where(RECIPIENT.c.branch_id == desk.branch_id)
    )
    return fetch_page(desk.sql, statement, (RECIPIENT.c.added_at, RECIPIENT.c.id), cursor, _show, newest_first=True)


@operation("backup.add_recipient", allow=Permission.MANAGE_BACKUPS)
def add_recipient(desk: Desk, recipient: str, label: str) -> KitView:
    """Register a recovery kit by its recipient: the backups made from now on can be opened with it."""
    recipient, label = str(recipient_from(recipient)), clean_line("label", label, most=60)
    kits = recipients_of(desk.sql, desk.keys, desk.branch_id)
    if recipient in kits:
        raise Conflict("This recovery kit is registered already.", hint="Nothing needs to be done.")
    if len(kits) >= MOST_KITS:
        raise Conflict("There are {count} recovery kits already.", hint="Take one out first.", count=len(kits))
    id, by = new_id(desk.now), desk.account_id
    covered = (id.bytes, desk.branch_id.bytes, recipient, label, micros_of(desk.now), by.bytes)
    desk.add(
        BackupRecipient,
        id=id,
        branch_id=desk.branch_id,
        recipient=recipient,
        label=label,
        added_at=desk.now,
        added_by=by,
        mark=desk.keys.row_mark("recipient", covered),
    )
    desk.work.subject = Subject("recipient", id)
    desk.note(recipient=recipient, label=label)
    return KitView(
        id=id, recipient=recipient, label=label, added_at=desk.now, added_by=desk.actor.username, removed_at=None
    )


@operation("backup.remove_recipient", allow=Permission.MANAGE_BACKUPS)
def remove_recipient(desk: Desk, recipient_id: UUID) -> None:
    """Take a recovery kit out: the backups made from now on can't be opened with it, the earlier ones still can."""
    kit = desk.db.get(BackupRecipient, recipient_id)
    if kit is None or kit.removed_at is not None:
        raise NotFound("There is no such recovery kit in use.", hint="Look at the list.")
    kit.removed_at, kit.removed_by = desk.now, desk.account_id
    kit.mark = b""  # so that nobody puts it in force again in the store, who may have stolen it
    desk.work.subject = Subject("recipient", recipient_id)
    desk.note(recipient=kit.recipient, label=kit.label)


def _show(row: Row[Any]) -> KitView:
    return KitView(
        id=row.id,
        recipient=row.recipient,
        label=row.label,
        added_at=row.added_at,
        added_by=row.username,
        removed_at=row.removed_at,
    )
