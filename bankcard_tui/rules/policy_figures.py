"""What can be said of a figure of the policy: its words, unit, kind and bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bankcard_tui.locale import mark

YUAN = mark("{value} yuan")
PERCENT = mark("{value} %")
MILLIONTHS = mark("{value:millionth|millionths}")
AGE = mark("{value:year|years} of age")
YEARS = mark("{value:year|years}")
MONTHS = mark("{value:month|months}")
DAYS = mark("{value:day|days}")
HOURS = mark("{value:hour|hours}")
MINUTES = mark("{value:minute|minutes}")
TIMES = mark("{value:time|times}")
POINTS = mark("{value:point|points}")
ODDS = mark("{value} to 1")
PLAIN = "{value}"

BAND_UNITS: Final[Mapping[str, str]] = {
    "age": AGE,
    "monthly_income": YUAN,
    "assets": YUAN,
    "debt_service_percent": PERCENT,
    "other_limits_percent_of_annual_income": mark("{value} % of a year's income"),
    "times_overdue": TIMES,
    "years_employed": YEARS,
    "own_days_past_due": DAYS,
    "own_use_percent": PERCENT,
}
"""In what the bounds of a characteristic's rows are counted, always whole numbers."""


class Kind(StrEnum):
    """What is typed for a figure, and what its bounds count."""

    NUMBER = "number"
    """A whole number."""
    AMOUNT = "amount"
    """Yuan with at most two decimals; the bounds are whole yuan."""
    YES_NO = "yes_no"
    CHOICE = "choice"
    """One word of a closed list."""
    LIST = "list"
    """Words of a closed list, with commas between them; the bounds count words."""
    TEXT = "text"
    """Text of one line; the bounds count characters."""
    DIGITS = "digits"
    """A row of digits; the bounds count digits."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in words; ``used`` is false while nothing in the program rests on it.

    ``words`` may name what the figure is about, ``of``, and its ``place`` among its like.
    """

    words: str
    unit: str
    lowest: int
    highest: int
    description: str
    kind: Kind | None = None
    choices: tuple[str, ...] = ()
    used: bool = True

    @property
    def typed_as(self) -> Kind:
        """The kind; where none is named, the unit says whether it is an amount."""
        return self.kind or (Kind.AMOUNT if self.unit == YUAN else Kind.NUMBER)


@dataclass(frozen=True, slots=True)
class Section:
    """Figures that belong together, by their dotted names; an asterisk stands for any part of a name."""

    title: str
    figures: Mapping[str, Figure]
