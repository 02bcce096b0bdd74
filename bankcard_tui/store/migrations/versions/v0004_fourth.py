"""Points cards that learn: months of history, outcomes with what was known at the start, trained cards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bankcard_tui.store import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, kind in (("facts", sa.Text()), ("card", sa.String(length=60))):
        with op.batch_alter_table("application_decision") as table:
            table.add_column(sa.Column(name, kind, nullable=False, server_default=sa.text("''")))
        with op.batch_alter_table("application_decision") as table:
            table.alter_column(name, server_default=None)
    op.create_index("ix_application_decision_at", "application_decision", ["at"], unique=False)
    _tables()
    _keep_outcomes()
    op.drop_table("card_outcome")


def _tables() -> None:
    op.create_table(
        "history_month",
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("month", types.Day(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("balance", types.Fen(), nullable=False),
        sa.Column("spent", types.Fen(), nullable=False),
        sa.Column("repaid", types.Fen(), nullable=False),
        sa.Column("due", types.Fen(), nullable=False),
        sa.Column("days_past_due", sa.Integer(), nullable=False),
        *(
            sa.CheckConstraint(
                f"{name} >= 0 AND {name} <= 100000000000000", name=op.f(f"ck_history_month_{name}_range")
            )
            for name in ("balance", "spent", "repaid", "due")
        ),
        sa.CheckConstraint("days_past_due >= 0", name=op.f("ck_history_month_days_not_negative")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_history_month_branch_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_history_month_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "month", name=op.f("pk_history_month")),
    )
    op.create_table(
        "outcome",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("card_account_id", types.Id(), nullable=True),
        sa.Column("started_on", types.Day(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("months_observed", sa.Integer(), nullable=False),
        sa.Column("worst_days_past_due", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Boolean(), nullable=False),
        sa.Column("matured_at", types.Moment(), nullable=False),
        sa.CheckConstraint("months_observed > 0", name=op.f("ck_outcome_months_positive")),
        sa.CheckConstraint("worst_days_past_due >= 0", name=op.f("ck_outcome_days_not_negative")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_outcome_branch_id")),
        sa.ForeignKeyConstraint(["card_account_id"], ["card_account.id"], name=op.f("fk_outcome_card_account_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_outcome_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome")),
        sa.UniqueConstraint("card_account_id", name=op.f("uq_outcome_card_account_id")),
    )
    op.create_index("ix_outcome_points", "outcome", ["branch_id", "points", "matured_at", "id"], unique=False)
    op.create_index(
        "ix_outcome_taken_over",
        "outcome",
        ["customer_id"],
        unique=True,
        sqlite_where=sa.text("card_account_id IS NULL"),
    )
    op.create_table(
        "scorecard",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("trained_at", types.Moment(), nullable=False),
        sa.Column("trained_by", types.Id(), nullable=False),
        sa.Column("in_force_from", types.Moment(), nullable=True),
        sa.Column("retired_at", types.Moment(), nullable=True),
        sa.Column("request_id", types.Id(), nullable=True),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("state IN ('trained', 'in_force', 'retired')", name=op.f("ck_scorecard_state_known")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_scorecard_branch_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_scorecard_request_id")),
        sa.ForeignKeyConstraint(["trained_by"], ["account.id"], name=op.f("fk_scorecard_trained_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorecard")),
    )
    op.create_index("ix_scorecard_version", "scorecard", ["branch_id", "version"], unique=True)
    op.create_index("ix_scorecard_state", "scorecard", ["branch_id", "state"], unique=False)


def _keep_outcomes() -> None:
    """What was known of these customers when their card was granted was not kept: the facts stay empty."""
    store = op.get_bind()
    names = ("branch_id", "points", "months_observed", "worst_days_past_due", "bad", "matured_at", "card_account_id")
    old = sa.table("card_outcome", *(sa.column(name) for name in names))
    account = sa.table(
        "card_account", sa.column("id"), sa.column("customer_id"), sa.column("opened_at", types.Moment())
    )
    new = sa.table(
        "outcome",
        sa.column("id"),
        sa.column("customer_id"),
        sa.column("started_on", types.Day()),
        sa.column("facts"),
        *(sa.column(name) for name in names),
    )
    rows = store.execute(
        sa.select(*old.c, account.c.customer_id, account.c.opened_at).join_from(
            old, account, old.c.card_account_id == account.c.id
        )
    )
    kept = [
        {name: row[name] for name in (*names, "customer_id")}
        | {"id": row["card_account_id"], "started_on": row["opened_at"].date(), "facts": ""}
        for row in rows.mappings()
    ]
    if kept:
        store.execute(sa.insert(new), kept)
