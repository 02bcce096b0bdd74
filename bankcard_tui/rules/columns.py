"""Arithmetic in the same lines for one whole number and for a column of them, so that a rule is written once.

A column is a numpy array of whole numbers; numpy is imported where one comes. UNKNOWN stands for what is not known:
amounts, days, months and percentages are never negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any, TypeAlias

from bankcard_tui.rules.money import Money

Whole: TypeAlias = Any
"""A whole number, or a column of them: the types of numpy have no one name for both."""

Flag: TypeAlias = Any
"""True or False (or 1 and 0), or a column of them. The opposite is ``flag == 0``: ``~True`` is true."""

UNKNOWN = -1


def fen_or_unknown(amount: Money | None) -> int:
    """An amount in fen, as rules that count in whole numbers take it."""
    return UNKNOWN if amount is None else amount.fen


def or_unknown(figure: int | None) -> int:
    """A figure as rules that count in whole numbers take it."""
    return UNKNOWN if figure is None else figure


def where(condition: Flag, yes: Whole, no: Whole) -> Whole:
    """``yes`` where the condition holds, else ``no``."""
    if isinstance(condition, int):
        return yes if condition else no
    import numpy as np

    return np.where(condition, yes, no)


def least(*values: Whole) -> Whole:
    """The smallest of several."""
    return reduce(lambda one, other: where(one <= other, one, other), values)


def most(*values: Whole) -> Whole:
    """The largest of several."""
    return reduce(lambda one, other: where(one >= other, one, other), values)


def chosen(figures: Sequence[int], place: Whole) -> Whole:
    """The figure that stands at ``place``."""
    if isinstance(place, int):
        return figures[place]
    import numpy as np

    return np.array(figures, dtype=np.int64)[place]
