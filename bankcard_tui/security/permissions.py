"""What a person may do: permissions, and the set that each role starts with."""

from __future__ import annotations

from enum import StrEnum

from bankcard_tui.rules.terms import Role


class Permission(StrEnum):
    """One thing that an account may be allowed to do. Those that begin with ``own_`` concern the person alone."""

    OWN_ACCOUNT = "own_account"
    OWN_PROFILE = "own_profile"
    OWN_APPLICATIONS = "own_applications"
    OWN_CARDS = "own_cards"
    OWN_LOG = "own_log"
    FIND_CUSTOMERS = "find_customers"
    SEE_CUSTOMERS = "see_customers"
    REGISTER_CUSTOMERS = "register_customers"
    EDIT_CUSTOMERS = "edit_customers"
    VERIFY_IDENTITY = "verify_identity"
    SHOW_ACTIVATION_CODES = "show_activation_codes"
    ENTER_APPLICATIONS = "enter_applications"
    HAND_OVER_CARDS = "hand_over_cards"
    REVEAL_NUMBERS = "reveal_numbers"
    SEE_APPLICATIONS = "see_applications"
    REVIEW_APPLICATIONS = "review_applications"
    SIGN_SECOND = "sign_second"
    SIGN_THIRD = "sign_third"
    DECIDE_LIMITS = "decide_limits"
    EVALUATE_LIMITS = "evaluate_limits"
    MANAGE_LIMIT_RULES = "manage_limit_rules"
    RECORD_OUTCOMES = "record_outcomes"
    SEE_POLICY = "see_policy"
    MANAGE_STAFF = "manage_staff"
    SEE_ALL_LOGS = "see_all_logs"
    SEE_SIGN_INS = "see_sign_ins"
    IMPORT = "import"
    RESET_CUSTOMERS = "reset_customers"
    MANAGE_POLICY = "manage_policy"
    MANAGE_BACKUPS = "manage_backups"
    ARCHIVE_LOGS = "archive_logs"
    PRUNE_LOGS = "prune_logs"
    TRAIN_CARDS = "train_cards"
    APPROVE_CARDS = "approve_cards"


EVERYBODYS = frozenset({Permission.OWN_ACCOUNT, Permission.OWN_LOG})
_STAFF = EVERYBODYS | {Permission.SEE_POLICY}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CUSTOMER: EVERYBODYS | {Permission.OWN_PROFILE, Permission.OWN_APPLICATIONS, Permission.OWN_CARDS},
    Role.TELLER: _STAFF
    | {
        Permission.FIND_CUSTOMERS,
        Permission.SEE_CUSTOMERS,
        Permission.REGISTER_CUSTOMERS,
        Permission.EDIT_CUSTOMERS,
        Permission.VERIFY_IDENTITY,
        Permission.SHOW_ACTIVATION_CODES,
        Permission.RESET_CUSTOMERS,
        Permission.ENTER_APPLICATIONS,
        Permission.HAND_OVER_CARDS,
        Permission.SEE_APPLICATIONS,
    },
    Role.MANAGER: _STAFF
    | {
        Permission.FIND_CUSTOMERS,
        Permission.SEE_CUSTOMERS,
        Permission.SHOW_ACTIVATION_CODES,
        Permission.SEE_APPLICATIONS,
        Permission.REVIEW_APPLICATIONS,
        Permission.SIGN_SECOND,
        Permission.DECIDE_LIMITS,
        Permission.EVALUATE_LIMITS,
        Permission.MANAGE_LIMIT_RULES,
        Permission.TRAIN_CARDS,
        Permission.APPROVE_CARDS,
    },
    Role.ADMIN: _STAFF
    | {
        Permission.SHOW_ACTIVATION_CODES,
        Permission.MANAGE_STAFF,
        Permission.SEE_ALL_LOGS,
        Permission.SEE_SIGN_INS,
        Permission.IMPORT,
        Permission.MANAGE_POLICY,
        Permission.MANAGE_BACKUPS,
        Permission.ARCHIVE_LOGS,
        Permission.PRUNE_LOGS,
    },
    Role.SYSTEM: frozenset(
        {
            Permission.RECORD_OUTCOMES,
            Permission.EVALUATE_LIMITS,
            Permission.IMPORT,
            Permission.MANAGE_BACKUPS,
            Permission.ARCHIVE_LOGS,
        }
    ),
}

ADDABLE: dict[Role, frozenset[Permission]] = {
    Role.CUSTOMER: frozenset(),
    Role.TELLER: frozenset({Permission.REVEAL_NUMBERS}),
    Role.MANAGER: frozenset({Permission.SIGN_THIRD, Permission.REVEAL_NUMBERS, Permission.RECORD_OUTCOMES}),
    Role.ADMIN: frozenset({Permission.REVEAL_NUMBERS}),
    Role.SYSTEM: frozenset(),
}
"""What may be added to a single account beyond its role: nobody can be given both the counter and the review."""

ADMINS_ALONE = ROLE_PERMISSIONS[Role.ADMIN] - frozenset().union(
    *(ROLE_PERMISSIONS[role] for role in (Role.CUSTOMER, Role.TELLER, Role.MANAGER))
)
"""What no person but an admin may do: somebody must always be able to."""


def effective(role: Role, added: frozenset[Permission], removed: frozenset[Permission]) -> frozenset[Permission]:
    """The permissions of one account."""
    return (ROLE_PERMISSIONS[role] | (added & ADDABLE[role])) - removed
