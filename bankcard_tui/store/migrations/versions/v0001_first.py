"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bankcard_tui.store import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "branch",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("bank", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("key_check", sa.String(length=32), nullable=False),
        sa.Column("opened_at", types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branch")),
        sa.UniqueConstraint("code", name=op.f("uq_branch_code")),
    )
    op.create_table(
        "sign_in_tries",
        sa.Column("name_digest", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_at", types.Moment(), nullable=False),
        sa.Column("rests_until", types.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("name_digest", name=op.f("pk_sign_in_tries")),
    )
    op.create_index(op.f("ix_sign_in_tries_last_at"), "sign_in_tries", ["last_at"], unique=False)
    op.create_table(
        "log_entry",
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("account_id", types.Id(), nullable=True),
        sa.Column("actor_id", types.Id(), nullable=True),
        sa.Column("username", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("terminal", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("subject_kind", sa.String(length=30), nullable=False),
        sa.Column("subject_id", types.Id(), nullable=True),
        sa.Column("subject_person", types.Id(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_log_entry_branch_id")),
        sa.PrimaryKeyConstraint("branch_id", "seq", name=op.f("pk_log_entry")),
    )
    op.create_index("ix_log_action", "log_entry", ["branch_id", "action", "seq"], unique=False)
    op.create_index("ix_log_account", "log_entry", ["branch_id", "account_id", "seq"], unique=False)
    op.create_index("ix_log_at", "log_entry", ["branch_id", "at", "seq"], unique=False)
    op.create_index("ix_log_outcome", "log_entry", ["branch_id", "outcome", "seq"], unique=False)
    op.create_index("ix_log_subject", "log_entry", ["branch_id", "subject_person", "seq"], unique=False)
    op.create_index("ix_log_subject_id", "log_entry", ["branch_id", "subject_id", "seq"], unique=False)
    op.create_index("ix_log_username", "log_entry", ["branch_id", "username", "seq"], unique=False)
    op.create_table(
        "log_head",
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_log_head_branch_id")),
        sa.PrimaryKeyConstraint("branch_id", name=op.f("pk_log_head")),
    )
    op.create_table(
        "person",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("id_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id_index", sa.LargeBinary(), nullable=False),
        sa.Column("id_last4", sa.String(length=4), nullable=False),
        sa.Column("birth_date", types.Day(), nullable=False),
        sa.Column("standing", sa.String(length=40), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.CheckConstraint("standing IN ('known', 'claim', 'settled')", name=op.f("ck_person_standing_known")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_person_branch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_index(
        "ix_person_claims",
        "person",
        ["branch_id", "created_at", "id"],
        unique=False,
        sqlite_where=sa.text("standing = 'claim'"),
    )
    op.create_index("ix_person_id_index", "person", ["id_index"], unique=False)
    op.create_index("ix_person_last4", "person", ["id_last4"], unique=False)
    op.create_index("uq_person_known", "person", ["id_index"], unique=True, sqlite_where=sa.text("standing = 'known'"))
    op.create_table(
        "account",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=True),
        sa.Column("username", sa.String(length=32), nullable=False),
        sa.Column("display_name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("password", sa.String(length=100), nullable=True),
        sa.Column("password_since", types.Moment(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("created_by", types.Id(), nullable=True),
        sa.Column("disabled_at", types.Moment(), nullable=True),
        sa.Column("disabled_by", types.Id(), nullable=True),
        sa.Column("last_sign_in_at", types.Moment(), nullable=True),
        sa.Column("previous_sign_in_at", types.Moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "role IN ('customer', 'teller', 'manager', 'admin', 'system')", name=op.f("ck_account_role_known")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_account_branch_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_account_created_by")),
        sa.ForeignKeyConstraint(["disabled_by"], ["account.id"], name=op.f("fk_account_disabled_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_index(op.f("ix_account_person_id"), "account", ["person_id"], unique=False)
    op.create_index("ix_account_role", "account", ["role", "username"], unique=False)
    op.create_table(
        "account_permission",
        sa.Column("account_id", types.Id(), nullable=False),
        sa.Column("permission", sa.String(length=40), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_permission_account_id")),
        sa.PrimaryKeyConstraint("account_id", "permission", name=op.f("pk_account_permission")),
    )
    op.create_table(
        "activation",
        sa.Column("account_id", types.Id(), nullable=False),
        sa.Column("first_digest", sa.LargeBinary(), nullable=False),
        sa.Column("first_shown_to", types.Id(), nullable=False),
        sa.Column("second_digest", sa.LargeBinary(), nullable=True),
        sa.Column("second_shown_to", types.Id(), nullable=True),
        sa.Column("expires_at", types.Moment(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_activation_account_id")),
        sa.ForeignKeyConstraint(["first_shown_to"], ["account.id"], name=op.f("fk_activation_first_shown_to")),
        sa.ForeignKeyConstraint(["second_shown_to"], ["account.id"], name=op.f("fk_activation_second_shown_to")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_activation")),
    )
    op.create_table(
        "customer",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("person_id", types.Id(), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("employer", sa.String(length=100), nullable=False),
        sa.Column("employer_kind", sa.String(length=40), nullable=True),
        sa.Column("occupation", sa.String(length=40), nullable=True),
        sa.Column("years_employed", sa.Integer(), nullable=True),
        sa.Column("monthly_income", types.Fen(), nullable=True),
        sa.Column("income_source", sa.String(length=40), nullable=True),
        sa.Column("income_checked_by", types.Id(), nullable=True),
        sa.Column("income_checked_at", types.Moment(), nullable=True),
        sa.Column("deposits", types.Fen(), nullable=True),
        sa.Column("other_assets", types.Fen(), nullable=True),
        sa.Column("liabilities", types.Fen(), nullable=True),
        sa.Column("monthly_debt", types.Fen(), nullable=True),
        sa.Column("other_limits", types.Fen(), nullable=True),
        sa.Column("times_overdue", sa.Integer(), nullable=True),
        sa.Column("housing", sa.String(length=40), nullable=True),
        sa.Column("security", sa.String(length=40), nullable=True),
        sa.Column("security_note", sa.String(length=200), nullable=False),
        sa.Column("channels", sa.String(length=60), nullable=False),
        sa.Column("registered_at", types.Moment(), nullable=False),
        sa.Column("registered_by", types.Id(), nullable=True),
        sa.Column("verified_at", types.Moment(), nullable=True),
        sa.Column("verified_by", types.Id(), nullable=True),
        sa.Column("closed_at", types.Moment(), nullable=True),
        sa.Column("merged_into", types.Id(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "employer_kind IN ('government', 'state_owned', 'private', 'foreign', 'self_employed', 'none')",
            name=op.f("ck_customer_employer_kind_known"),
        ),
        sa.CheckConstraint(
            "housing IN ('owned', 'mortgaged', 'rented', 'family', 'employer')", name=op.f("ck_customer_housing_known")
        ),
        sa.CheckConstraint(
            "income_source IN ('payroll', 'business', 'tax_record', 'pension', 'investment', 'declared')",
            name=op.f("ck_customer_income_source_known"),
        ),
        sa.CheckConstraint(
            "occupation IN ('professional', 'management', 'office', 'service', 'worker', 'farmer', 'student', 'retired', 'other')",
            name=op.f("ck_customer_occupation_known"),
        ),
        sa.CheckConstraint("security IN ('none', 'collateral', 'guarantor')", name=op.f("ck_customer_security_known")),
        sa.CheckConstraint("deposits >= 0 AND deposits <= 100000000000000", name=op.f("ck_customer_deposits_range")),
        sa.CheckConstraint(
            "liabilities >= 0 AND liabilities <= 100000000000000", name=op.f("ck_customer_liabilities_range")
        ),
        sa.CheckConstraint(
            "monthly_debt >= 0 AND monthly_debt <= 100000000000000", name=op.f("ck_customer_monthly_debt_range")
        ),
        sa.CheckConstraint(
            "monthly_income >= 0 AND monthly_income <= 100000000000000", name=op.f("ck_customer_monthly_income_range")
        ),
        sa.CheckConstraint(
            "other_assets >= 0 AND other_assets <= 100000000000000", name=op.f("ck_customer_other_assets_range")
        ),
        sa.CheckConstraint(
            "other_limits >= 0 AND other_limits <= 100000000000000", name=op.f("ck_customer_other_limits_range")
        ),
        sa.CheckConstraint("times_overdue >= 0 AND times_overdue <= 99", name=op.f("ck_customer_times_overdue_range")),
        sa.CheckConstraint(
            "years_employed >= 0 AND years_employed <= 80", name=op.f("ck_customer_years_employed_range")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_customer_branch_id")),
        sa.ForeignKeyConstraint(["income_checked_by"], ["account.id"], name=op.f("fk_customer_income_checked_by")),
        sa.ForeignKeyConstraint(["merged_into"], ["customer.id"], name=op.f("fk_customer_merged_into")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_customer_person_id")),
        sa.ForeignKeyConstraint(["registered_by"], ["account.id"], name=op.f("fk_customer_registered_by")),
        sa.ForeignKeyConstraint(["verified_by"], ["account.id"], name=op.f("fk_customer_verified_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
    )
    op.create_index("ix_customer_name_key", "customer", ["branch_id", "name_key", "id"], unique=False)
    op.create_index(op.f("ix_customer_person_id"), "customer", ["person_id"], unique=False)
    op.create_index("ix_customer_phone", "customer", ["branch_id", "phone", "id"], unique=False)
    op.create_index("ix_customer_registered", "customer", ["branch_id", "registered_at", "id"], unique=False)
    op.create_index("uq_customer_external_id", "customer", ["branch_id", "external_id"], unique=True)
    op.create_table(
        "draft",
        sa.Column("account_id", types.Id(), nullable=False),
        sa.Column("form", sa.String(length=80), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_draft_account_id")),
        sa.PrimaryKeyConstraint("account_id", "form", name=op.f("pk_draft")),
    )
    op.create_table(
        "former_password",
        sa.Column("account_id", types.Id(), nullable=False),
        sa.Column("until", types.Moment(), nullable=False),
        sa.Column("password", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_former_password_account_id")),
        sa.PrimaryKeyConstraint("account_id", "until", name=op.f("pk_former_password")),
    )
    op.create_table(
        "job",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=128), nullable=False),
        sa.Column("cursor", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("started_by", types.Id(), nullable=False),
        sa.Column("started_at", types.Moment(), nullable=False),
        sa.Column("ended_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_job_branch_id")),
        sa.ForeignKeyConstraint(["started_by"], ["account.id"], name=op.f("fk_job_started_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_table(
        "policy_version",
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("in_force_from", types.Moment(), nullable=False),
        sa.Column("proposed_by", types.Id(), nullable=True),
        sa.Column("approved_by", types.Id(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["approved_by"], ["account.id"], name=op.f("fk_policy_version_approved_by")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_policy_version_branch_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"], name=op.f("fk_policy_version_proposed_by")),
        sa.PrimaryKeyConstraint("branch_id", "version", name=op.f("pk_policy_version")),
    )
    op.create_table(
        "request",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("operation", sa.String(length=60), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("payload_digest", sa.String(length=64), nullable=False),
        sa.Column("needed", sa.String(length=200), nullable=False),
        sa.Column("subject_kind", sa.String(length=30), nullable=False),
        sa.Column("subject_id", types.Id(), nullable=False),
        sa.Column("subject_index", sa.LargeBinary(), nullable=False),
        sa.Column("subject_version", sa.Integer(), nullable=False),
        sa.Column("maker_id", types.Id(), nullable=False),
        sa.Column("maker_index", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", types.Moment(), nullable=False),
        sa.Column("expires_at", types.Moment(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("ended_at", types.Moment(), nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'done', 'refused', 'withdrawn', 'expired', 'failed')",
            name=op.f("ck_request_status_known"),
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_request_branch_id")),
        sa.ForeignKeyConstraint(["maker_id"], ["account.id"], name=op.f("fk_request_maker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
    )
    op.create_index("ix_request_status", "request", ["branch_id", "status", "made_at", "id"], unique=False)
    op.create_index("ix_request_subject", "request", ["subject_id", "status"], unique=False)
    op.create_table(
        "sent",
        sa.Column("account_id", types.Id(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("operation", sa.String(length=60), nullable=False),
        sa.Column("payload_digest", sa.String(length=64), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("at", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sent_account_id")),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_sent")),
    )
    op.create_index("ix_sent_at", "sent", ["at"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("account_id", types.Id(), nullable=False),
        sa.Column("terminal", sa.String(length=60), nullable=False),
        sa.Column("started_at", types.Moment(), nullable=False),
        sa.Column("seen_at", types.Moment(), nullable=False),
        sa.Column("ends_at", types.Moment(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("ended_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
    )
    op.create_index("ix_session_account", "session", ["account_id", "ended_at"], unique=False)
    op.create_index(
        "ix_session_terminal", "session", ["terminal"], unique=False, sqlite_where=sa.text("ended_at IS NULL")
    )
    op.create_table(
        "application",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("wished_limit", types.Fen(), nullable=False),
        sa.Column("embossed_name", sa.String(length=26), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("submitted_at", types.Moment(), nullable=False),
        sa.Column("entered_by", types.Id(), nullable=True),
        sa.Column("earlier_id", types.Id(), nullable=True),
        sa.Column("claimed_by", types.Id(), nullable=True),
        sa.Column("claimed_until", types.Moment(), nullable=True),
        sa.Column("claimed_session", types.Id(), nullable=True),
        sa.Column("reviewer_id", types.Id(), nullable=True),
        sa.Column("decided_at", types.Moment(), nullable=True),
        sa.Column("approved_limit", types.Fen(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('consumer', 'business', 'debit_linked')", name=op.f("ck_application_kind_known")),
        sa.CheckConstraint(
            "purpose IN ('everyday', 'travel', 'business', 'couple', 'airline', 'lifestyle', 'charity')",
            name=op.f("ck_application_purpose_known"),
        ),
        sa.CheckConstraint(
            "status IN ('submitted', 'in_review', 'returned', 'approved', 'refused', 'withdrawn')",
            name=op.f("ck_application_status_known"),
        ),
        sa.CheckConstraint(
            "approved_limit >= 0 AND approved_limit <= 100000000000000",
            name=op.f("ck_application_approved_limit_range"),
        ),
        sa.CheckConstraint(
            "wished_limit >= 0 AND wished_limit <= 100000000000000", name=op.f("ck_application_wished_limit_range")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_application_branch_id")),
        sa.ForeignKeyConstraint(["claimed_by"], ["account.id"], name=op.f("fk_application_claimed_by")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_application_customer_id")),
        sa.ForeignKeyConstraint(["earlier_id"], ["application.id"], name=op.f("fk_application_earlier_id")),
        sa.ForeignKeyConstraint(["entered_by"], ["account.id"], name=op.f("fk_application_entered_by")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["account.id"], name=op.f("fk_application_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("number", name=op.f("uq_application_number")),
    )
    op.create_index("ix_application_customer", "application", ["customer_id", "submitted_at"], unique=False)
    op.create_index("ix_application_status", "application", ["branch_id", "status", "submitted_at", "id"], unique=False)
    op.create_index("ix_application_submitted", "application", ["branch_id", "submitted_at", "id"], unique=False)
    # After the other index on these columns: of two that cost the same SQLite takes the later one, and only this one
    # leaves out what is decided.
    op.create_index(
        "ix_application_queue",
        "application",
        ["branch_id", "submitted_at", "id"],
        unique=False,
        sqlite_where=sa.text("status IN ('submitted', 'in_review')"),
    )
    op.create_table(
        "document",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("issued_on", types.Day(), nullable=True),
        sa.Column("added_by", types.Id(), nullable=True),
        sa.Column("added_at", types.Moment(), nullable=False),
        sa.Column("verified_by", types.Id(), nullable=True),
        sa.Column("verified_at", types.Moment(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('id_card', 'income_proof', 'employment_proof', 'address_proof', 'business_licence', 'tax_return', 'debit_card', 'asset_proof', 'collateral', 'guarantee')",
            name=op.f("ck_document_kind_known"),
        ),
        sa.ForeignKeyConstraint(["added_by"], ["account.id"], name=op.f("fk_document_added_by")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_document_customer_id")),
        sa.ForeignKeyConstraint(["verified_by"], ["account.id"], name=op.f("fk_document_verified_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index(op.f("ix_document_customer_id"), "document", ["customer_id"], unique=False)
    op.create_table(
        "identity_check",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("saw_person", sa.Boolean(), nullable=False),
        sa.Column("saw_documents", sa.Boolean(), nullable=False),
        sa.Column("saw_signature", sa.Boolean(), nullable=False),
        sa.Column("checked_by", types.Id(), nullable=False),
        sa.Column("checked_at", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["checked_by"], ["account.id"], name=op.f("fk_identity_check_checked_by")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_identity_check_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_check")),
    )
    op.create_index(op.f("ix_identity_check_customer_id"), "identity_check", ["customer_id"], unique=False)
    op.create_table(
        "signature",
        sa.Column("request_id", types.Id(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("account_id", types.Id(), nullable=False),
        sa.Column("signer_index", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", types.Moment(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_signature_account_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_signature_request_id")),
        sa.PrimaryKeyConstraint("request_id", "place", name=op.f("pk_signature")),
    )
    op.create_table(
        "application_decision",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("application_id", types.Id(), nullable=False),
        sa.Column("at", types.Moment(), nullable=False),
        sa.Column("account_id", types.Id(), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("grade", sa.String(length=40), nullable=False),
        sa.Column("limit_granted", types.Fen(), nullable=True),
        sa.Column("reasons", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("against", sa.Boolean(), nullable=False),
        sa.Column("against_reason", sa.String(length=500), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("request_id", types.Id(), nullable=True),
        sa.CheckConstraint(
            "decision IN ('approve', 'refuse', 'return')", name=op.f("ck_application_decision_decision_known")
        ),
        sa.CheckConstraint(
            "grade IN ('excellent', 'good', 'medium', 'poor')", name=op.f("ck_application_decision_grade_known")
        ),
        sa.CheckConstraint(
            "limit_granted >= 0 AND limit_granted <= 100000000000000",
            name=op.f("ck_application_decision_limit_granted_range"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_application_decision_account_id")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_decision_application_id")
        ),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_application_decision_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_decision")),
    )
    op.create_index("ix_application_decision", "application_decision", ["application_id", "at"], unique=False)
    op.create_table(
        "application_move",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("application_id", types.Id(), nullable=False),
        sa.Column("at", types.Moment(), nullable=False),
        sa.Column("account_id", types.Id(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_application_move_account_id")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_move_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_move")),
    )
    op.create_index("ix_application_move", "application_move", ["application_id", "at", "id"], unique=False)
    op.create_table(
        "card_account",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("customer_id", types.Id(), nullable=False),
        sa.Column("application_id", types.Id(), nullable=False),
        sa.Column("credit_limit", types.Fen(), nullable=False),
        sa.Column("grade", sa.String(length=40), nullable=False),
        sa.Column("opened_at", types.Moment(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "grade IN ('excellent', 'good', 'medium', 'poor')", name=op.f("ck_card_account_grade_known")
        ),
        sa.CheckConstraint(
            "credit_limit >= 0 AND credit_limit <= 100000000000000", name=op.f("ck_card_account_credit_limit_range")
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_card_account_application_id")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_card_account_branch_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_card_account_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_account")),
        sa.UniqueConstraint("application_id", name=op.f("uq_card_account_application_id")),
    )
    op.create_index(op.f("ix_card_account_customer_id"), "card_account", ["customer_id"], unique=False)
    op.create_table(
        "card",
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("card_account_id", types.Id(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("embossed_name", sa.String(length=26), nullable=False),
        sa.Column("expires_on", types.Day(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("issued_at", types.Moment(), nullable=False),
        sa.Column("handed_over_at", types.Moment(), nullable=True),
        sa.Column("handed_over_by", types.Id(), nullable=True),
        sa.Column("activated_at", types.Moment(), nullable=True),
        sa.Column("activated_by", types.Id(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('consumer', 'business', 'debit_linked')", name=op.f("ck_card_kind_known")),
        sa.CheckConstraint("status IN ('issued', 'handed_over', 'active')", name=op.f("ck_card_status_known")),
        sa.ForeignKeyConstraint(["activated_by"], ["account.id"], name=op.f("fk_card_activated_by")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_card_branch_id")),
        sa.ForeignKeyConstraint(["card_account_id"], ["card_account.id"], name=op.f("fk_card_card_account_id")),
        sa.ForeignKeyConstraint(["handed_over_by"], ["account.id"], name=op.f("fk_card_handed_over_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card")),
        sa.UniqueConstraint("number_index", name=op.f("uq_card_number_index")),
    )
    op.create_index("ix_card_account", "card", ["card_account_id"], unique=False)
    op.create_index("ix_card_last4", "card", ["last4"], unique=False)
    op.create_index("ix_card_to_hand_over", "card", ["branch_id", "status", "issued_at", "id"], unique=False)
    op.create_table(
        "card_outcome",
        sa.Column("card_account_id", types.Id(), nullable=False),
        sa.Column("branch_id", types.Id(), nullable=False),
        sa.Column("band", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("months_observed", sa.Integer(), nullable=False),
        sa.Column("worst_days_past_due", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Boolean(), nullable=False),
        sa.Column("matured_at", types.Moment(), nullable=False),
        sa.CheckConstraint("months_observed > 0", name=op.f("ck_card_outcome_months_positive")),
        sa.CheckConstraint("worst_days_past_due >= 0", name=op.f("ck_card_outcome_days_not_negative")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_card_outcome_branch_id")),
        sa.ForeignKeyConstraint(["card_account_id"], ["card_account.id"], name=op.f("fk_card_outcome_card_account_id")),
        sa.PrimaryKeyConstraint("card_account_id", name=op.f("pk_card_outcome")),
    )
    op.create_index(
        "ix_card_outcome_band", "card_outcome", ["branch_id", "band", "matured_at", "card_account_id"], unique=False
    )
