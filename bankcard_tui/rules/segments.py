"""Asset segments: how much a customer has with the bank. Works alike for one customer and for columns of many."""

from __future__ import annotations

from bankcard_tui.rules.columns import Whole, most
from bankcard_tui.rules.policy import Policy
from bankcard_tui.rules.terms import Segment

SEGMENTS = tuple(Segment)
"""What the places stand for."""


def segment_at(assets: Whole, liabilities: Whole, policy: Policy) -> Whole:
    """The place of the segment for assets and loans in fen; loans count at ``policy.segment_loan_percent``, and what is
    not known (UNKNOWN) counts nothing. At a bound the higher one.
    """
    wealth = most(assets, 0) + most(liabilities, 0) * policy.segment_loan_percent // 100
    return sum(wealth >= bound.fen for bound in policy.segment_bounds)
