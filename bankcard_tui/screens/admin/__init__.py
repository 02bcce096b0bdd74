"""The admin's pages: the state of the branch, staff, what waits for a second admin, sign-ins, log, policy, backups."""

from __future__ import annotations

from typing import Final

from bankcard_tui.locale import mark
from bankcard_tui.screens.admin.backups import BackupsScreen
from bankcard_tui.screens.admin.home import BranchScreen
from bankcard_tui.screens.admin.log import LogScreen
from bankcard_tui.screens.admin.policy import PolicyScreen
from bankcard_tui.screens.admin.sign_ins import SignInsScreen
from bankcard_tui.screens.admin.signatures import AdminSignaturePage
from bankcard_tui.screens.admin.staff import StaffScreen
from bankcard_tui.screens.common.base import Page
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.four_eyes import ADMINS_SIGNING

PAGES: Final[tuple[Page, ...]] = (
    Page(
        "home",
        mark("Branch"),
        (Permission.MANAGE_STAFF, Permission.SEE_ALL_LOGS, Permission.SEE_SIGN_INS),
        BranchScreen,
    ),
    Page("staff", mark("Staff"), (Permission.MANAGE_STAFF,), StaffScreen),
    Page("to_sign", mark("To sign"), ADMINS_SIGNING, AdminSignaturePage),
    Page("sign_ins", mark("Logins"), (Permission.SEE_SIGN_INS,), SignInsScreen),
    Page("whole_log", mark("Log"), (Permission.SEE_ALL_LOGS,), LogScreen),
    Page("policy", mark("Policy"), (Permission.MANAGE_STAFF,), PolicyScreen),
    Page("backups", mark("Backup"), (Permission.MANAGE_BACKUPS,), BackupsScreen),
)
