from __future__ import annotations

from dataclasses import replace

import pytest

from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy import DEFAULT_POLICY
from bankcard_tui.rules.signatures import signers_for_limit


@pytest.mark.parametrize(
    ("limit", "signers"),
    [
        (Money.yuan(500), 1),
        (Money.yuan(10_000), 1),
        (Money(1_000_001), 2),
        (Money.yuan(30_000), 2),
        (Money(3_000_001), 3),
        (Money.yuan(50_000), 3),
    ],
)
def test_a_larger_limit_needs_more_signatures(limit: Money, signers: int) -> None:
    assert signers_for_limit(limit, DEFAULT_POLICY) == signers


def test_the_bounds_come_from_the_policy() -> None:
    strict = replace(DEFAULT_POLICY, first_signature_up_to=Money(0), second_signature_up_to=Money.yuan(1_000))
    assert signers_for_limit(Money.yuan(500), strict) == 2
    assert signers_for_limit(Money.yuan(2_000), strict) == 3
