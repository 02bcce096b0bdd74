"""Signatures and sessions carry a keyed mark; the history that the customer reads holds no internal notes; the log
knows the stretches in which its clock was not set back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bankcard_tui.store import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SETBACK = 60_000_000
"""Microseconds by which the clock may step back within a stretch."""


def upgrade() -> None:
    # A migration has no keys and can't mark what is there: what is under way ends, and is begun anew.
    op.execute("UPDATE session SET ended_at = seen_at WHERE ended_at IS NULL")
    op.execute("UPDATE request SET status = 'expired', ended_at = made_at WHERE status = 'pending'")
    op.execute("DELETE FROM sent")
    # The decision keeps its note.
    op.execute("UPDATE application_move SET note = '' WHERE status IN ('approved', 'refused')")
    for name in ("signature", "session"):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("mark", sa.LargeBinary(), nullable=False, server_default=sa.text("x''")))
        with op.batch_alter_table(name) as table:
            table.alter_column("mark", server_default=None)
    _stretches()


def _stretches() -> None:
    op.drop_index("ix_log_at", "log_entry")
    stretch = op.create_table(
        "log_stretch",
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("first_seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_log_stretch_branch_id")),
        sa.PrimaryKeyConstraint("branch_id", "first_seq", name=op.f("pk_log_stretch")),
    )
    with op.batch_alter_table("log_head") as table:
        table.add_column(sa.Column("latest", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    with op.batch_alter_table("log_head") as table:
        table.alter_column("latest", server_default=None)
    store = op.get_bind()
    head = sa.table("log_head", sa.column("branch_id", types.Id()), sa.column("latest"))
    entry = sa.table("log_entry", sa.column("branch_id", types.Id()), sa.column("seq"), sa.column("at"))
    for branch in store.execute(sa.select(head.c.branch_id)).scalars().all():
        latest, firsts = 0, [1]
        entries = sa.select(entry.c.seq, entry.c.at).where(entry.c.branch_id == branch).order_by(entry.c.seq)
        for seq, at in store.execute(entries):
            if type(at) is not int:
                continue  # somebody has altered it: for the verifier to say
            if at < latest - SETBACK:
                firsts.append(seq)
                latest = at
            latest = max(latest, at)
        store.execute(sa.insert(stretch), [{"branch_id": branch, "first_seq": first} for first in firsts])
        store.execute(sa.update(head).where(head.c.branch_id == branch).values(latest=latest))
