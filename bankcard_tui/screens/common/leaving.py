"""What is asked before somebody signs out: whether what would be lost may be lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bankcard_tui.locale import tr
from bankcard_tui.screens.common.codes import CodesDialog
from bankcard_tui.widgets.dialogs import Confirm

if TYPE_CHECKING:
    from textual.screen import Screen

    from bankcard_tui.screens.common.typed import Typed


def question_before_leaving(screens: Sequence[Screen[Any]], typed: Typed) -> Confirm | None:
    """The question for whoever leaves ``screens``; None where nothing would be lost."""
    codes = next((screen for screen in screens if isinstance(screen, CodesDialog)), None)
    if codes is not None:
        return codes.are_they_written_down()
    if not typed.unsent(screens):
        return None
    return Confirm(
        lambda: tr("Sign out?"),
        lambda: tr("Something that you typed has not been sent."),
        lambda: tr("Sign out"),
        destructive=False,
    )
