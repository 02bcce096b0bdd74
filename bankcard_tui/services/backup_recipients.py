"""Who can open the backups and archives besides the branch itself: the recovery kits that are registered."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, select

from bankcard_tui.errors import VerificationFailed
from bankcard_tui.models.backup import BackupRecipient
from bankcard_tui.models.base import table
from bankcard_tui.security.keys import Keys
from bankcard_tui.store.types import micros_of

RECIPIENT = table(BackupRecipient)


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
