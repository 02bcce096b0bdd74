"""Limits that live: re-evaluations, proposals, changes and special limits, the watch list and early warnings; in what
language and by what means customers are told; cash in the months of history; what a policy version changed.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from bankcard_tui.store import types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _columns("card_account", {"version": (sa.Integer(), "1")}, {"evaluation_id": types.Id(), "checked_on": types.Day()})
    _evaluated_on()
    op.create_index("ix_card_account_due", "card_account", ["branch_id", "evaluated_on", "id"], unique=False)
    _columns("customer", {"do_not_disturb": (sa.Boolean(), "0")}, {"language": sa.String(length=40)})
    with op.batch_alter_table("customer") as table:
        table.create_check_constraint(op.f("ck_customer_language_known"), "language IN ('zh_CN', 'en')")
    _columns("history_month", {"cash": (types.Fen(), "0")}, {})
    with op.batch_alter_table("history_month") as table:
        table.create_check_constraint(op.f("ck_history_month_cash_range"), "cash >= 0 AND cash <= 100000000000000")
    _columns("policy_version", {"changes": (sa.Text(), "'{}'")}, {"request_id": types.Id()})
    with op.batch_alter_table("policy_version") as table:
        table.create_foreign_key(op.f("fk_policy_version_request_id"), "request", ["request_id"], ["id"])
    _evaluation()
    _limit_proposal()
    _special_limit()
    _limit_change()
    _grants()
    _watched()
    _early_warning()
    _messages()


def _columns(name: str, filled: dict[str, tuple[sa.types.TypeEngine[Any], str]], empty: dict[str, Any]) -> None:
    """Add columns: ``filled`` ones that are never NULL, with what stands in the rows that there are."""
    with op.batch_alter_table(name) as table:
        for column, (kind, value) in filled.items():
            table.add_column(sa.Column(column, kind, nullable=False, server_default=sa.text(value)))
        for column, kind in empty.items():
            table.add_column(sa.Column(column, kind, nullable=True))
    with op.batch_alter_table(name) as table:
        for column in filled:
            table.alter_column(column, server_default=None)


def _evaluated_on() -> None:
    """An account that was never evaluated counts from the day on which it was opened."""
    with op.batch_alter_table("card_account") as table:
        table.add_column(sa.Column("evaluated_on", types.Day(), nullable=True))
    account = sa.table(
        "card_account", sa.column("id"), sa.column("opened_at", types.Moment()), sa.column("evaluated_on", types.Day())
    )
    store = op.get_bind()
    opened = store.execute(sa.select(account.c.id, account.c.opened_at)).all()
    days = [{"account": row.id, "day": row.opened_at.date()} for row in opened]
    if days:
        store.execute(
            sa.update(account).where(account.c.id == sa.bindparam("account")).values(evaluated_on=sa.bindparam("day")),
            days,
        )
    with op.batch_alter_table("card_account") as table:
        table.alter_column("evaluated_on", nullable=False)


def _grants() -> None:
    """The history of every limit begins with its grant, which has the id of the account."""
    account = sa.table(
        "card_account",
        *(sa.column(n) for n in ("id", "branch_id", "customer_id", "credit_limit", "grade", "policy_version")),
        sa.column("opened_at"),
    )
    change = sa.table(
        "limit_change",
        *(
            sa.column(n)
            for n in (
                "id",
                "branch_id",
                "card_account_id",
                "customer_id",
                "kind",
                "before",
                "after",
                "grade",
                "reason",
                "policy_version",
                "at",
            )
        ),
    )
    granted = sa.select(
        account.c.id,
        account.c.branch_id,
        account.c.id,
        account.c.customer_id,
        sa.literal("granted"),
        sa.literal(0),
        account.c.credit_limit,
        account.c.grade,
        sa.literal("[]"),
        account.c.policy_version,
        account.c.opened_at,
    )
    op.get_bind().execute(sa.insert(change).from_select([each.name for each in change.c], granted))


def _messages() -> None:
    """Messages to customers too, by the app too; each once where that matters more than that it arrives."""
    with op.batch_alter_table("message") as table:
        table.drop_constraint(op.f("ck_message_kind_known"), type_="check")
        table.alter_column("account_id", existing_type=types.Id(), nullable=True)
        table.alter_column("kind", existing_type=sa.String(length=40), nullable=True)
        table.create_check_constraint(op.f("ck_message_kind_known"), "kind IN ('sms', 'email', 'app', 'phone', 'post')")
    _columns(
        "message",
        {"once": (sa.Boolean(), "0"), "policy_version": (sa.Integer(), "0")},
        {"customer_id": types.Id(), "change_id": types.Id(), "handed_over_at": types.Moment()},
    )
    with op.batch_alter_table("message") as table:
        table.create_foreign_key(op.f("fk_message_customer_id"), "customer", ["customer_id"], ["id"])
        table.create_foreign_key(op.f("fk_message_change_id"), "limit_change", ["change_id"], ["id"])
    op.create_index(op.f("ix_message_customer_id"), "message", ["customer_id"], unique=False)
    op.create_index(op.f("ix_message_change_id"), "message", ["change_id"], unique=False)


def _evaluation() -> None:
    op.create_table(
        "evaluation",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("card_account_id", types.Id(), nullable=False),
        sa.Column("at", types.Moment(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("card", sa.String(length=60), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("odds", sa.BigInteger(), nullable=False),
        sa.Column("odds_low", sa.BigInteger(), nullable=False),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.Column("months_observed", sa.Integer(), nullable=False),
        sa.Column("worst_days", sa.Integer(), nullable=True),
        sa.Column("months_overdue", sa.Integer(), nullable=False),
        sa.Column("overdue_at_all", sa.Boolean(), nullable=False),
        sa.Column("spent_percent", sa.Integer(), nullable=True),
        sa.Column("use_percent", sa.Integer(), nullable=True),
        sa.Column("credit_limit", types.Fen(), nullable=False),
        sa.Column("own_limits", types.Fen(), nullable=False),
        sa.Column("owed", types.Fen(), nullable=False),
        sa.Column("income", types.Fen(), nullable=True),
        sa.Column("debt", types.Fen(), nullable=True),
        sa.Column("assets", types.Fen(), nullable=True),
        sa.Column("liabilities", types.Fen(), nullable=True),
        sa.Column("times_overdue", sa.Integer(), nullable=True),
        sa.Column("account_grade", sa.String(length=40), nullable=False),
        sa.Column("grade", sa.String(length=40), nullable=False),
        sa.Column("spending_class", sa.String(length=40), nullable=False),
        sa.Column("result", sa.String(length=40), nullable=False),
        sa.Column("after", types.Fen(), nullable=False),
        sa.CheckConstraint(
            "account_grade IN ('excellent', 'good', 'medium', 'poor')", name=op.f("ck_evaluation_account_grade_known")
        ),
        sa.CheckConstraint("grade IN ('excellent', 'good', 'medium', 'poor')", name=op.f("ck_evaluation_grade_known")),
        sa.CheckConstraint(
            "result IN ('stable', 'raise', 'reduction', 'held')", name=op.f("ck_evaluation_result_known")
        ),
        sa.CheckConstraint(
            "spending_class IN ('high', 'cautious', 'late', 'new')", name=op.f("ck_evaluation_spending_class_known")
        ),
        sa.CheckConstraint("after >= 0 AND after <= 100000000000000", name=op.f("ck_evaluation_after_range")),
        sa.CheckConstraint("assets >= 0 AND assets <= 100000000000000", name=op.f("ck_evaluation_assets_range")),
        sa.CheckConstraint(
            "credit_limit >= 0 AND credit_limit <= 100000000000000", name=op.f("ck_evaluation_credit_limit_range")
        ),
        sa.CheckConstraint("debt >= 0 AND debt <= 100000000000000", name=op.f("ck_evaluation_debt_range")),
        sa.CheckConstraint("income >= 0 AND income <= 100000000000000", name=op.f("ck_evaluation_income_range")),
        sa.CheckConstraint(
            "liabilities >= 0 AND liabilities <= 100000000000000", name=op.f("ck_evaluation_liabilities_range")
        ),
        sa.CheckConstraint("owed >= 0 AND owed <= 100000000000000", name=op.f("ck_evaluation_owed_range")),
        sa.CheckConstraint(
            "own_limits >= 0 AND own_limits <= 100000000000000", name=op.f("ck_evaluation_own_limits_range")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_evaluation_branch_id")),
        sa.ForeignKeyConstraint(["card_account_id"], ["card_account.id"], name=op.f("fk_evaluation_card_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
    )
    op.create_index("ix_evaluation_account", "evaluation", ["card_account_id", "at"], unique=False)


def _limit_proposal() -> None:
    op.create_table(
        "limit_proposal",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("card_account_id", types.Id(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("evaluation_id", types.Id(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("before", types.Fen(), nullable=False),
        sa.Column("amount", types.Fen(), nullable=False),
        sa.Column("grade", sa.String(length=40), nullable=False),
        sa.Column("until", types.Day(), nullable=True),
        sa.Column("months", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("said", sa.String(length=500), nullable=False),
        sa.Column("answer", sa.String(length=500), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("made_at", types.Moment(), nullable=False),
        sa.Column("made_by", types.Id(), nullable=True),
        sa.Column("ended_at", types.Moment(), nullable=True),
        sa.Column("ended_by", types.Id(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "grade IN ('excellent', 'good', 'medium', 'poor')", name=op.f("ck_limit_proposal_grade_known")
        ),
        sa.CheckConstraint(
            "kind IN ('granted', 'raise', 'reduction', 'temporary', 'temporary_end', 'plan', 'plan_end')",
            name=op.f("ck_limit_proposal_kind_known"),
        ),
        sa.CheckConstraint(
            "origin IN ('evaluation', 'customer', 'manager')", name=op.f("ck_limit_proposal_origin_known")
        ),
        sa.CheckConstraint(
            "purpose IN ('home', 'car', 'education', 'other')", name=op.f("ck_limit_proposal_purpose_known")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'refused', 'lapsed', 'withdrawn')", name=op.f("ck_limit_proposal_state_known")
        ),
        sa.CheckConstraint("amount >= 0 AND amount <= 100000000000000", name=op.f("ck_limit_proposal_amount_range")),
        sa.CheckConstraint("before >= 0 AND before <= 100000000000000", name=op.f("ck_limit_proposal_before_range")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_limit_proposal_branch_id")),
        sa.ForeignKeyConstraint(
            ["card_account_id"], ["card_account.id"], name=op.f("fk_limit_proposal_card_account_id")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_limit_proposal_customer_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["account.id"], name=op.f("fk_limit_proposal_ended_by")),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluation.id"], name=op.f("fk_limit_proposal_evaluation_id")),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_limit_proposal_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limit_proposal")),
    )
    op.create_index("ix_limit_proposal_account", "limit_proposal", ["card_account_id", "made_at"], unique=False)
    op.create_index(op.f("ix_limit_proposal_customer_id"), "limit_proposal", ["customer_id"], unique=False)
    op.create_index(
        "ix_limit_proposal_open",
        "limit_proposal",
        ["card_account_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open' AND origin = 'evaluation'"),
    )
    op.create_index("ix_limit_proposal_state", "limit_proposal", ["branch_id", "state", "made_at", "id"], unique=False)


def _special_limit() -> None:
    op.create_table(
        "special_limit",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("card_account_id", types.Id(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("proposal_id", types.Id(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("amount", types.Fen(), nullable=False),
        sa.Column("starts_on", types.Day(), nullable=False),
        sa.Column("until", types.Day(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=True),
        sa.Column("months", sa.Integer(), nullable=True),
        sa.Column("granted_at", types.Moment(), nullable=False),
        sa.Column("granted_by", types.Id(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("ended_on", types.Day(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('granted', 'raise', 'reduction', 'temporary', 'temporary_end', 'plan', 'plan_end')",
            name=op.f("ck_special_limit_kind_known"),
        ),
        sa.CheckConstraint(
            "purpose IN ('home', 'car', 'education', 'other')", name=op.f("ck_special_limit_purpose_known")
        ),
        sa.CheckConstraint("amount >= 0 AND amount <= 100000000000000", name=op.f("ck_special_limit_amount_range")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_special_limit_branch_id")),
        sa.ForeignKeyConstraint(
            ["card_account_id"], ["card_account.id"], name=op.f("fk_special_limit_card_account_id")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_special_limit_customer_id")),
        sa.ForeignKeyConstraint(["granted_by"], ["account.id"], name=op.f("fk_special_limit_granted_by")),
        sa.ForeignKeyConstraint(["proposal_id"], ["limit_proposal.id"], name=op.f("fk_special_limit_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_special_limit")),
    )
    op.create_index("ix_special_limit_account", "special_limit", ["card_account_id", "until"], unique=False)
    op.create_index(op.f("ix_special_limit_customer_id"), "special_limit", ["customer_id"], unique=False)
    op.create_index("ix_special_limit_end", "special_limit", ["branch_id", "ended_on", "until"], unique=False)


def _limit_change() -> None:
    op.create_table(
        "limit_change",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("card_account_id", types.Id(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("before", types.Fen(), nullable=False),
        sa.Column("after", types.Fen(), nullable=False),
        sa.Column("grade", sa.String(length=40), nullable=False),
        sa.Column("until", types.Day(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposal_id", types.Id(), nullable=True),
        sa.Column("special_id", types.Id(), nullable=True),
        sa.Column("request_id", types.Id(), nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("at", types.Moment(), nullable=False),
        sa.Column("account_id", types.Id(), nullable=True),
        sa.CheckConstraint(
            "grade IN ('excellent', 'good', 'medium', 'poor')", name=op.f("ck_limit_change_grade_known")
        ),
        sa.CheckConstraint(
            "kind IN ('granted', 'raise', 'reduction', 'temporary', 'temporary_end', 'plan', 'plan_end')",
            name=op.f("ck_limit_change_kind_known"),
        ),
        sa.CheckConstraint("after >= 0 AND after <= 100000000000000", name=op.f("ck_limit_change_after_range")),
        sa.CheckConstraint("before >= 0 AND before <= 100000000000000", name=op.f("ck_limit_change_before_range")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_limit_change_account_id")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_limit_change_branch_id")),
        sa.ForeignKeyConstraint(["card_account_id"], ["card_account.id"], name=op.f("fk_limit_change_card_account_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_limit_change_customer_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["limit_proposal.id"], name=op.f("fk_limit_change_proposal_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_limit_change_request_id")),
        sa.ForeignKeyConstraint(["special_id"], ["special_limit.id"], name=op.f("fk_limit_change_special_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limit_change")),
    )
    op.create_index("ix_limit_change_account", "limit_change", ["card_account_id", "at", "id"], unique=False)
    op.create_index(op.f("ix_limit_change_customer_id"), "limit_change", ["customer_id"], unique=False)


def _watched() -> None:
    op.create_table(
        "watched",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("card_account_id", types.Id(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("change_id", types.Id(), nullable=True),
        sa.Column("since", types.Day(), nullable=False),
        sa.Column("until", types.Day(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("started_by", types.Id(), nullable=True),
        sa.Column("ended_at", types.Moment(), nullable=True),
        sa.Column("ended_by", types.Id(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_watched_branch_id")),
        sa.ForeignKeyConstraint(["card_account_id"], ["card_account.id"], name=op.f("fk_watched_card_account_id")),
        sa.ForeignKeyConstraint(["change_id"], ["limit_change.id"], name=op.f("fk_watched_change_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_watched_customer_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["account.id"], name=op.f("fk_watched_ended_by")),
        sa.ForeignKeyConstraint(["started_by"], ["account.id"], name=op.f("fk_watched_started_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watched")),
    )
    op.create_index(
        "ix_watched_account", "watched", ["card_account_id"], unique=True, sqlite_where=sa.text("ended_at IS NULL")
    )
    op.create_index(op.f("ix_watched_customer_id"), "watched", ["customer_id"], unique=False)
    op.create_index("ix_watched_until", "watched", ["branch_id", "ended_at", "until"], unique=False)


def _early_warning() -> None:
    op.create_table(
        "early_warning",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("card_account_id", types.Id(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("watched", sa.Boolean(), nullable=False),
        sa.Column("rests_on", types.Day(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("raised_at", types.Moment(), nullable=False),
        sa.Column("taken_by", types.Id(), nullable=True),
        sa.Column("taken_at", types.Moment(), nullable=True),
        sa.Column("done_by", types.Id(), nullable=True),
        sa.Column("done_at", types.Moment(), nullable=True),
        sa.Column("measure", sa.String(length=40), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('utilisation', 'overdue_here', 'overdue_elsewhere', 'falling_income', 'cash_advances')",
            name=op.f("ck_early_warning_kind_known"),
        ),
        sa.CheckConstraint(
            "measure IN ('called', 'met', 'income_checked', 'limit_changed', 'repayment_agreed', 'watched_on', 'nothing')",
            name=op.f("ck_early_warning_measure_known"),
        ),
        sa.CheckConstraint("state IN ('open', 'taken', 'done')", name=op.f("ck_early_warning_state_known")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_early_warning_branch_id")),
        sa.ForeignKeyConstraint(
            ["card_account_id"], ["card_account.id"], name=op.f("fk_early_warning_card_account_id")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_early_warning_customer_id")),
        sa.ForeignKeyConstraint(["done_by"], ["account.id"], name=op.f("fk_early_warning_done_by")),
        sa.ForeignKeyConstraint(["taken_by"], ["account.id"], name=op.f("fk_early_warning_taken_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_early_warning")),
    )
    op.create_index("ix_early_warning_account", "early_warning", ["card_account_id", "kind", "rests_on"], unique=False)
    op.create_index(op.f("ix_early_warning_customer_id"), "early_warning", ["customer_id"], unique=False)
    op.create_index(
        "ix_early_warning_open",
        "early_warning",
        ["card_account_id", "kind"],
        unique=True,
        sqlite_where=sa.text("state <> 'done'"),
    )
    op.create_index("ix_early_warning_state", "early_warning", ["branch_id", "state", "raised_at", "id"], unique=False)
