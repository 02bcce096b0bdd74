"""Stand-in until the watch list is there."""

from __future__ import annotations

from uuid import UUID

from bankcard_tui.desk.desk import Desk
from bankcard_tui.rules.money import Money


def watch_after(desk: Desk, account: UUID, customer: UUID, change_id: UUID, before: Money, after: Money) -> bool:
    """Put an account on the watch list after a large increase."""
    return False
