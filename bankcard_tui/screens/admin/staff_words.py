"""How a staff or customer account stands, in symbol, word and colour."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content

from bankcard_tui.locale import tr
from bankcard_tui.widgets.safe import Tone, status


def account_status(
    waits_for_activation: bool, disabled_at: datetime | None, waits_for_second_admin: bool = False
) -> Content:
    """Disabled, to be confirmed by a second admin, to be activated, or in use."""
    if waits_for_second_admin:
        return status("!", tr("To confirm"), Tone.WARNING)
    if disabled_at is not None:
        return status("x", tr("Disabled"), Tone.MUTED)
    if waits_for_activation:
        return status("!", tr("To activate"), Tone.WARNING)
    return status("+", tr("In use"), Tone.GOOD)
