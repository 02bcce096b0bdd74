"""Own channels, second factors and recovery codes; messages; archives and tombstones of the log; backups and drills."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bankcard_tui.store import types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _accounts()
    _log()
    _backups()


def _accounts() -> None:
    op.create_table(
        "channel",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("account_id", types.Id(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", types.Moment(), nullable=False),
        sa.Column("confirmed_at", types.Moment(), nullable=True),
        sa.Column("code_digest", sa.LargeBinary(), nullable=True),
        sa.Column("code_expires_at", types.Moment(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('email', 'sms')", name=op.f("ck_channel_kind_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_channel_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel")),
    )
    op.create_index(op.f("ix_channel_account_id"), "channel", ["account_id"], unique=False)
    op.create_table(
        "channel_code",
        sa.Column("account_id", types.Id(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", types.Moment(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_channel_code_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_channel_code")),
    )
    op.create_table(
        "second_factor",
        sa.Column("account_id", types.Id(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("offered", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", types.Moment(), nullable=False),
        sa.Column("confirmed_at", types.Moment(), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_second_factor_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("account_id", types.Id(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("made_at", types.Moment(), nullable=False),
        sa.Column("used_at", types.Moment(), nullable=True),
        sa.CheckConstraint("purpose IN ('password', 'second_factor')", name=op.f("ck_recovery_code_purpose_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id")),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "message",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("account_id", types.Id(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=60), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("subject", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", types.Moment(), nullable=False),
        sa.Column("expires_at", types.Moment(), nullable=False),
        sa.Column("next_try_at", types.Moment(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("delivered_at", types.Moment(), nullable=True),
        sa.Column("ended_at", types.Moment(), nullable=True),
        sa.Column("problem", sa.String(length=60), nullable=False),
        sa.CheckConstraint("kind IN ('email', 'sms')", name=op.f("ck_message_kind_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_message_account_id")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_message_branch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index(op.f("ix_message_account_id"), "message", ["account_id"], unique=False)
    op.create_index("ix_message_due", "message", ["branch_id", "ended_at", "next_try_at"], unique=False)


def _log() -> None:
    op.create_table(
        "log_archive",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("first_seq", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("before_mark", sa.LargeBinary(), nullable=False),
        sa.Column("last_mark", sa.LargeBinary(), nullable=False),
        sa.Column("last_at", types.Moment(), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", types.Moment(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=True),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('segment', 'fork')", name=op.f("ck_log_archive_kind_known")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_log_archive_branch_id")),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_log_archive_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_archive")),
    )
    op.create_index(op.f("ix_log_archive_branch_id"), "log_archive", ["branch_id"], unique=False)
    op.create_table(
        "log_tombstone",
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("first_seq", sa.Integer(), nullable=False),
        sa.Column("before_mark", sa.LargeBinary(), nullable=False),
        sa.Column("last_mark", sa.LargeBinary(), nullable=False),
        sa.Column("archives", sa.Text(), nullable=False),
        sa.Column("request_id", types.Id(), nullable=False),
        sa.Column("pruned_at", types.Moment(), nullable=False),
        sa.Column("pruned_by", types.Id(), nullable=False),
        sa.Column("cleared_at", types.Moment(), nullable=True),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_log_tombstone_branch_id")),
        sa.ForeignKeyConstraint(["pruned_by"], ["account.id"], name=op.f("fk_log_tombstone_pruned_by")),
        sa.PrimaryKeyConstraint("branch_id", "last_seq", name=op.f("pk_log_tombstone")),
    )


def _backups() -> None:
    op.create_table(
        "backup_recipient",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("recipient", sa.String(length=100), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("added_at", types.Moment(), nullable=False),
        sa.Column("added_by", types.Id(), nullable=False),
        sa.Column("removed_at", types.Moment(), nullable=True),
        sa.Column("removed_by", types.Id(), nullable=True),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["account.id"], name=op.f("fk_backup_recipient_added_by")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_backup_recipient_branch_id")),
        sa.ForeignKeyConstraint(["removed_by"], ["account.id"], name=op.f("fk_backup_recipient_removed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_recipient")),
    )
    op.create_table(
        "backup",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("schema_revision", sa.String(length=10), nullable=False),
        sa.Column("log_seq", sa.Integer(), nullable=False),
        sa.Column("log_mark", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", types.Moment(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=True),
        sa.Column("verified_at", types.Moment(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=60), nullable=False),
        sa.Column("removed_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_backup_branch_id")),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_backup_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup")),
    )
    op.create_index("ix_backup_made", "backup", ["branch_id", "made_at"], unique=False)
    op.create_table(
        "drill",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", types.Moment(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("done_by", types.Id(), nullable=True),
        sa.Column("problem", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_drill_branch_id")),
        sa.ForeignKeyConstraint(["done_by"], ["account.id"], name=op.f("fk_drill_done_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill")),
    )
    op.create_index("ix_drill_at", "drill", ["branch_id", "at"], unique=False)
