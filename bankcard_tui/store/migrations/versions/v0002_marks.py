"""Signatures and sessions carry a keyed mark; the history that the customer reads holds no internal notes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A migration has no keys and can't mark what is there: what is under way ends, and is begun anew.
    op.execute("UPDATE session SET ended_at = seen_at WHERE ended_at IS NULL")
    op.execute("UPDATE request SET status = 'expired', ended_at = made_at WHERE status = 'pending'")
    op.execute("DELETE FROM sent")
    op.execute("DELETE FROM activation")
    # The decision keeps its note.
    op.execute("UPDATE application_move SET note = '' WHERE status IN ('approved', 'refused')")
    for name in ("signature", "session"):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("mark", sa.LargeBinary(), nullable=False, server_default=sa.text("x''")))
        with op.batch_alter_table(name) as table:
            table.alter_column("mark", server_default=None)
