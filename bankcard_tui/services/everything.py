"""Registers every operation."""

from __future__ import annotations

from bankcard_tui.desk.registry import REGISTRY, Spec
from bankcard_tui.services import (  # noqa: F401 (imported for their registration)
    activation,
    admin_requests,
    applications,
    backup_recipients,
    backup_records,
    backups,
    card_approval,
    card_reports,
    card_training,
    cards,
    channels,
    customer_import,
    customer_sign_ins,
    customers,
    drafts,
    drills,
    evaluations,
    explanations,
    history_import,
    identity,
    imports,
    limit_asking,
    limit_batches,
    limit_changes,
    limit_proposals,
    limit_waiting,
    log_archive,
    log_export,
    log_prune,
    logs,
    messages,
    opening,
    outbox,
    outcomes,
    overview,
    own_account,
    passwords,
    policies,
    policy_changes,
    policy_versions,
    recovery,
    registration,
    requests,
    resets,
    review,
    scorecards,
    second_factor,
    sign_in,
    staff,
    warning_work,
    warnings,
    watch_list,
)


def operations() -> list[Spec]:
    """Every operation by name; the internal steps too."""
    return [REGISTRY[name] for name in sorted(REGISTRY)]
