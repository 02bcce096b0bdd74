"""How many people sign a limit."""

from __future__ import annotations

from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy import Policy


def signers_for_limit(limit: Money, policy: Policy) -> int:
    """The number of different people whose signature ``limit`` needs: 1, 2 or 3, by the two bounds of the policy."""
    return 1 + (limit > policy.first_signature_up_to) + (limit > policy.second_signature_up_to)
