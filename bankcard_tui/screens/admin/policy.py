"""Policy: every figure that the branch decides by; an admin changes those that are no rules of limits."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from bankcard_tui.locale import mark
from bankcard_tui.screens.common.policy_editor import PolicyEditor


class PolicyScreen(PolicyEditor):
    """The whole policy, section by section."""

    PAGE = "policy"
    HELP = mark(
        "The figures that the branch decides by, and since when. Each decision names the version it was made under.\n"
        "n p and PgDn PgUp turn to the next section and back, s goes to one, / finds a value by its words. Enter "
        "changes the value under the cursor, x leaves it as it is; c shows what you have changed alone.\n"
        "t tries the changes, Ctrl+S proposes them from a day on. They take force when a second person has signed; v "
        "shows what waits, what is scheduled, and every version there was. Rules of limits are changed by managers."
    )
    BINDINGS: ClassVar[list[BindingType]] = []
