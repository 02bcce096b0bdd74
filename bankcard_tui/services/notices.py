"""Stand-in until the notices are there."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from bankcard_tui.desk.desk import Desk
from bankcard_tui.errors import Phrase
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import LimitChangeKind


def tell_of_change(
    desk: Desk,
    change_id: UUID,
    customer_id: UUID,
    kind: LimitChangeKind,
    before: Money,
    after: Money,
    until: date | None,
    reason: tuple[Phrase, ...],
) -> None:
    """Tell a customer of a changed limit, with all that may be owed before and after, and why."""


def tell_of_refusal(desk: Desk, customer_id: UUID, proposal_kind: LimitChangeKind, amount: Money, answer: str) -> None:
    """Tell a customer who asked for a limit that it is not granted; ``answer`` is the manager's own word."""
