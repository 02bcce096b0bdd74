"""What a trained points card says of its own making: data, settings, how good it was, and on whom."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reliability:
    """Customers of one range of forecasts: how many, how many turned bad, and how many were expected to (a number that
    need not be whole).
    """

    cases: int
    bad: int
    expected: float


@dataclass(frozen=True, slots=True)
class Quality:
    """How well forecasts met what happened to ``cases`` customers of whom ``bad`` turned bad.

    ``auc``: the chance that a bad customer stood worse than a good one (0.5 is a coin). ``brier``: mean squared error
    of the probability. ``ks``: largest gap between the shares of good and of bad customers below any points (Kolmogorov
    and Smirnov). ``calibration_error``: mean gap between forecast and share of bad ones over ten groups of equal size.
    The four are None where customers of either kind are missing.
    """

    cases: int
    bad: int
    auc: float | None
    brier: float | None
    ks: float | None
    calibration_error: float | None
    reliability: tuple[Reliability, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two cards on the same customers: the one in force (champion) and the new one (challenger)."""

    champion: str
    champion_quality: Quality
    challenger_quality: Quality


@dataclass(frozen=True, slots=True)
class GroupQuality:
    """An audit of fairness: people of one ``value`` of a ``column`` that never enters the card."""

    column: str
    value: str
    quality: Quality


@dataclass(frozen=True, slots=True)
class Training:
    """How a card came to be.

    ``first_day`` to ``last_day`` (ISO) is when the customers learned from began; None for a table without days.
    ``bad_days`` past due within ``months`` counts as bad; both None for a table that says itself who turned bad.
    ``excluded`` are the columns that never enter. ``ridge_sd`` and ``step_sd`` (log-odds) are the strength of the prior
    with the largest ``evidence`` (logarithm). ``held_out`` customers were forecast by cards that had not seen them;
    ``later`` ones by a card made from the earlier ones alone. ``population`` counts, by characteristic, the attributes
    of the applicants of that time, for the drift since.
    """

    source: str
    made_at: str
    first_day: str | None = None
    last_day: str | None = None
    bad_days: int | None = None
    months: int | None = None
    excluded: tuple[str, ...] = ()
    expert: str = ""
    ridge_sd: float = 0.25
    step_sd: float = 0.1
    evidence: float = 0.0
    held_out: Comparison | None = None
    later: Comparison | None = None
    fairness: tuple[GroupQuality, ...] = ()
    population: dict[str, tuple[int, ...]] = field(default_factory=dict)
