"""The points card: points per characteristic, and what points mean.

600 points stand for odds of 20 good customers to one bad, and 20 points double the odds; all three figures are policy.
"Bad" is a customer who falls 60 days or more overdue within twelve months (``policy.bad_days_past_due``).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import log, log2

from bankcard_tui.rules import characteristics
from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.characteristics import CATEGORY_WORDS, UNKNOWN_WORDS, Reading
from bankcard_tui.rules.policy import Band, PointsCard, Policy
from bankcard_tui.rules.terms import Grade

BAND_WIDTH = 20
HIGHEST_BAND = 1000
"""Bands for precedents: points in steps of BAND_WIDTH from 0 to HIGHEST_BAND."""

SURE = 1e-9
"""Probabilities are taken as at least this far from 0 and 1, so that their odds stay finite."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one characteristic adds: its points, the best it could have brought, and a sentence that says why."""

    characteristic: str
    points: int
    best: int
    known: bool
    template: str
    values: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Score:
    """``points`` is ``base`` plus the points of all contributions, exactly."""

    points: int
    base: int
    contributions: tuple[Contribution, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Codes of the characteristics that nothing is known about, in the order of the card."""
        return tuple(each.characteristic for each in self.contributions if not each.known)


def score(applicant: Applicant, policy: Policy) -> Score:
    """The applicant on the policy's points card."""
    card = policy.points_card
    contributions = (
        _banded("age", card.age, characteristics.age(applicant), card),
        _banded("monthly_income", card.monthly_income, characteristics.monthly_income(applicant), card),
        _banded("assets", card.assets, characteristics.assets(applicant), card),
        _banded(
            "debt_service_percent", card.debt_service_percent, characteristics.debt_service_percent(applicant), card
        ),
        _banded(
            "other_limits_percent_of_annual_income",
            card.other_limits_percent_of_annual_income,
            characteristics.other_limits_percent(applicant),
            card,
        ),
        _banded("times_overdue", card.times_overdue, characteristics.times_overdue(applicant), card),
        _banded("years_employed", card.years_employed, characteristics.years_employed(applicant), card),
        _listed("employer_kind", card.employer_kind, applicant.employer_kind, card),
        _listed("occupation", card.occupation, applicant.occupation, card),
        _listed("housing", card.housing, applicant.housing, card),
        _listed("income_source", card.income_source, applicant.income_source, card),
        _listed("security", card.security, applicant.security, card),
    )
    return Score(card.base_points + sum(each.points for each in contributions), card.base_points, contributions)


def odds(points: int, policy: Policy) -> float:
    """Good customers for each bad one."""
    doublings = (points - policy.points_at_even_grade) / policy.points_to_double_odds
    return float(policy.odds_at_even_grade * 2.0**doublings)


def probability_of_default(points: int, policy: Policy) -> float:
    """Fraction from 0 to 1 of such customers expected to turn bad."""
    return 1 / (1 + odds(points, policy))


def log_odds(probability: float) -> float:
    """Natural logarithm of the odds good to bad for a probability of default; finite for 0 and 1 too."""
    clamped = min(max(probability, SURE), 1 - SURE)
    return log((1 - clamped) / clamped)


def points_of_probability(probability: float, policy: Policy) -> int:
    """Points, to the nearest, that stand for a probability of default."""
    doublings = log_odds(probability) / log(2) - log2(policy.odds_at_even_grade)
    return round(policy.points_at_even_grade + policy.points_to_double_odds * doublings)


def least_points(percent: int, policy: Policy) -> int:
    """The fewest whole points whose probability of default lies below ``percent``: where a better grade begins."""
    bound = percent / 100
    near = points_of_probability(bound, policy)
    return next(points for points in range(near - 1, near + 3) if probability_of_default(points, policy) < bound)


def grade_of(probability: float, policy: Policy) -> Grade:
    """The grade of a probability of default; at a bound the worse one."""
    bounds = zip((Grade.EXCELLENT, Grade.GOOD, Grade.MEDIUM), policy.grade_bounds_percent, strict=True)
    return next((grade for grade, percent in bounds if probability < percent / 100), Grade.POOR)


def band_of(points: int, policy: Policy) -> int:
    """The lowest points of the band that customers are compared within: a multiple of 20 from 0 to 1000."""
    return min(max(points, 0), HIGHEST_BAND) // BAND_WIDTH * BAND_WIDTH


def _banded(name: str, bands: tuple[Band, ...], reading: Reading | None, card: PointsCard) -> Contribution:
    best = max(band.points for band in bands)
    if reading is None:
        return _unknown(name, best, card)
    return Contribution(name, _points(bands, reading), best, True, reading.template, reading.values)


def _points(bands: tuple[Band, ...], reading: Reading) -> int:
    """Points of the first band whose bound lies above the reading, compared as whole numbers; else of the last."""
    within = (band for band in bands if band.below is None or reading.numerator < band.below * reading.denominator)
    return next(within, bands[-1]).points


def _listed(name: str, table: dict[str, int], value: StrEnum | None, card: PointsCard) -> Contribution:
    """A value that the card has no points for counts as not known."""
    best = max(table.values())
    if value is None or value not in table:
        return _unknown(name, best, card)
    return Contribution(name, table[value], best, True, CATEGORY_WORDS[name][value], {})


def _unknown(name: str, best: int, card: PointsCard) -> Contribution:
    return Contribution(name, card.unknown, best, False, UNKNOWN_WORDS[name], {})
