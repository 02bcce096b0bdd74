"""The rules of limits: tiers, spending classes, increases and reductions, as a manager changes them."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.binding import BindingType

from bankcard_tui.locale import mark
from bankcard_tui.screens.common.policy_editor import PolicyEditor
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.policy_views import ValueView

TIERS: Final = mark("Limits by grade")
"""The section that this page opens with."""


class LimitRulesScreen(PolicyEditor):
    """Those figures of the policy that managers change."""

    PAGE = "limits"
    HEADING = mark("Rules of limits")
    HELP = mark(
        "What each grade may be granted, when limits rise and fall, and how many people sign for them.\n"
        "n p and PgDn PgUp turn to the next section and back, s goes to one, / finds a value by its words. Enter "
        "changes the value under the cursor, x leaves it as it is; c shows what you have changed alone.\n"
        "t tries the changes on all accounts: who would move, and what it costs. Ctrl+S proposes them from a day on; "
        "they take force when a colleague has signed. v shows what waits, what is scheduled, and every version there "
        "was."
    )
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self) -> None:
        super().__init__()
        self.section = TIERS

    def covers(self, value: ValueView) -> bool:
        return value.permission is Permission.MANAGE_LIMIT_RULES
