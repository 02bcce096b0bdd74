"""Words for permissions: what an account may do, as an administrator reads it."""

from __future__ import annotations

from typing import Final

from bankcard_tui.locale import mark, tr
from bankcard_tui.security.permissions import Permission

_LABELS: Final[dict[Permission, str]] = {
    Permission.OWN_ACCOUNT: mark("Own account"),
    Permission.OWN_PROFILE: mark("Own profile"),
    Permission.OWN_APPLICATIONS: mark("Own applications"),
    Permission.OWN_CARDS: mark("Own cards"),
    Permission.OWN_LOG: mark("Own log entries"),
    Permission.FIND_CUSTOMERS: mark("Find customers"),
    Permission.SEE_CUSTOMERS: mark("Open customer files"),
    Permission.REGISTER_CUSTOMERS: mark("Register customers"),
    Permission.EDIT_CUSTOMERS: mark("Change customer files"),
    Permission.VERIFY_IDENTITY: mark("Verify identities and documents"),
    Permission.SHOW_ACTIVATION_CODES: mark("Show halves of activation codes"),
    Permission.ENTER_APPLICATIONS: mark("Enter applications"),
    Permission.HAND_OVER_CARDS: mark("Hand over and activate cards"),
    Permission.REVEAL_NUMBERS: mark("See card numbers in full"),
    Permission.SEE_APPLICATIONS: mark("See applications"),
    Permission.REVIEW_APPLICATIONS: mark("Review applications"),
    Permission.SIGN_SECOND: mark("Sign as the second person"),
    Permission.SIGN_THIRD: mark("Sign as the third person"),
    Permission.DECIDE_LIMITS: mark("Decide on limits"),
    Permission.EVALUATE_LIMITS: mark("Evaluate limits again"),
    Permission.MANAGE_LIMIT_RULES: mark("Change the rules of limits"),
    Permission.RECORD_OUTCOMES: mark("Record how cards turned out"),
    Permission.SEE_POLICY: mark("See the policy"),
    Permission.MANAGE_STAFF: mark("Manage staff accounts"),
    Permission.SEE_ALL_LOGS: mark("See the whole log"),
    Permission.SEE_SIGN_INS: mark("See sign-ins of customers"),
    Permission.IMPORT: mark("Import files"),
    Permission.RESET_CUSTOMERS: mark("Start resets for customers"),
    Permission.MANAGE_POLICY: mark("Change the policy"),
    Permission.MANAGE_BACKUPS: mark("Make and check backups"),
    Permission.ARCHIVE_LOGS: mark("Archive the log"),
    Permission.PRUNE_LOGS: mark("Prune the archived log"),
    Permission.TRAIN_CARDS: mark("Train points cards"),
    Permission.APPROVE_CARDS: mark("Approve points cards"),
}


def permission_label(permission: Permission) -> str:
    """What ``permission`` allows, in the language in use; at most 32 cells."""
    return tr(_LABELS[permission])
