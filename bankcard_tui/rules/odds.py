"""What points mean: odds, probability of default, grade.

600 points stand for odds of 20 good customers to one bad, and 20 points double the odds; all three figures are policy.
"Bad" is a customer who falls 60 days or more overdue within twelve months (``policy.bad_days_past_due``).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, log2

from bankcard_tui.rules.policy import Policy
from bankcard_tui.rules.terms import Grade

SURE = 1e-9
"""Probabilities are taken as at least this far from 0 and 1, so that their odds stay finite."""

MOST_LOG_ODDS = 700.0
"""Beyond this ``exp`` overflows."""

Z_80 = 1.2815515655446004
"""Standard deviations of a normal distribution on both sides of the middle within which 80 % lie."""


@dataclass(frozen=True, slots=True)
class Scale:
    """``points`` stand for ``odds`` good customers to one bad; ``to_double`` more double the odds."""

    points: int = 600
    odds: int = 20
    to_double: int = 20

    @property
    def points_per_logit(self) -> float:
        """Points for one unit of the natural logarithm of the odds."""
        return self.to_double / log(2)

    def log_odds(self, points: float) -> float:
        """Natural logarithm of the odds good to bad."""
        return log(self.odds) + (points - self.points) / self.points_per_logit

    def probability(self, points: float) -> float:
        """Fraction from 0 to 1 of such customers expected to turn bad."""
        return probability_of(self.log_odds(points))

    def points_of(self, log_odds: float) -> float:
        """Points that stand for a logarithm of the odds."""
        return self.points + (log_odds - log(self.odds)) * self.points_per_logit


DEFAULT_SCALE = Scale()


def scale_of(policy: Policy) -> Scale:
    """The scale of the policy's figures."""
    return Scale(policy.points_at_even_grade, policy.odds_at_even_grade, policy.points_to_double_odds)


def probability_of(log_odds: float) -> float:
    """Probability of default (fraction) for the natural logarithm of the odds good to bad."""
    return 1 / (1 + exp(min(max(log_odds, -MOST_LOG_ODDS), MOST_LOG_ODDS)))


def log_odds(probability: float) -> float:
    """Natural logarithm of the odds good to bad for a probability of default; finite for 0 and 1 too."""
    clamped = min(max(probability, SURE), 1 - SURE)
    return log((1 - clamped) / clamped)


def points_of_probability(probability: float, scale: Scale) -> int:
    """Points, to the nearest, that stand for a probability of default."""
    doublings = log_odds(probability) / log(2) - log2(scale.odds)
    return round(scale.points + scale.to_double * doublings)


def least_points(percent: int, scale: Scale) -> int:
    """The fewest whole points whose probability of default lies below ``percent``: where a better grade begins."""
    bound = percent / 100
    near = points_of_probability(bound, scale)
    return next(points for points in range(near - 1, near + 3) if scale.probability(points) < bound)


def grade_of(probability: float, policy: Policy) -> Grade:
    """The grade of a probability of default; at a bound the worse one."""
    bounds = zip((Grade.EXCELLENT, Grade.GOOD, Grade.MEDIUM), policy.grade_bounds_percent, strict=True)
    return next((grade for grade, percent in bounds if probability < percent / 100), Grade.POOR)
