"""The points card: points for each attribute of each characteristic, how sure they are, and what they rest on.

One form serves the expert's card, cards trained on customers, and anything between; scoring is plain Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from bankcard_tui.rules.odds import DEFAULT_SCALE, Z_80, Scale
from bankcard_tui.rules.training import Training

LEAST_SEEN = 30
"""Where fewer known customers had any value of a characteristic, they do not say who is unlike them: it is still the
expert's word, as it was before the first outcome.
"""

Value = float | str | None
"""What is known of a characteristic: a number, a word, or nothing."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A range of numbers, some words, or "not known", with what it brings.

    ``below`` is the bound that numbers of this range stay under (None: no bound); ``words`` are those that it takes.
    ``prior_sd`` (log-odds) says how far the expert may be off where nothing was learned. ``cases`` and ``bad`` count
    the known customers who had it.
    """

    points: int
    prior_sd: float
    below: float | None = None
    words: tuple[str, ...] = ()
    cases: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True)
class Characteristic:
    """Something that is asked about an applicant.

    ``attributes`` are ranges in ascending order for a number (the last has no bound), or words for a category.
    ``missing`` is for what is not known, ``other`` for words that are rare or were never seen; where there is no
    ``other`` these count as not known. ``direction`` is 1 where more means more risk, -1 where it means less, 0 where
    the field knows neither.
    ``lowest`` and ``highest`` bound the numbers that were seen, None where nothing was learned from customers.
    """

    code: str
    numeric: bool
    attributes: tuple[Attribute, ...]
    missing: Attribute
    other: Attribute | None = None
    direction: int = 0
    lowest: float | None = None
    highest: float | None = None

    @property
    def all(self) -> tuple[Attribute, ...]:
        """Every attribute in the order of the covariance."""
        return (*self.attributes, self.missing, *((self.other,) if self.other else ()))

    @property
    def best(self) -> int:
        """The most points that can be had."""
        return max(each.points for each in self.all)

    def place(self, value: Value) -> int:
        """The position in :attr:`all` of the attribute that ``value`` has."""
        if value is None:
            return len(self.attributes)
        if not self.numeric:
            known = (place for place, each in enumerate(self.attributes) if value in each.words)
            return next(known, len(self.attributes) + (self.other is not None))
        number = float(value)
        within = (place for place, each in enumerate(self.attributes) if each.below is None or number < each.below)
        return next(within, len(self.attributes) - 1)

    def outside(self, value: Value) -> bool:
        """Whether no known customer was like this: a number beyond those seen, or an attribute that nobody had. Never
        where fewer than LEAST_SEEN had a known value.
        """
        if sum(each.cases for each in self.all) - self.missing.cases < LEAST_SEEN:
            return False
        if self.numeric and value is not None and self.lowest is not None and self.highest is not None:
            return not self.lowest <= float(value) <= self.highest
        return self.all[self.place(value)].cases == 0


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one characteristic adds: its points, the best it could have brought, and how customers alike turned out."""

    characteristic: str
    points: int
    best: int
    known: bool
    cases: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    """``points`` is ``base`` plus the points of all contributions, exactly.

    ``sd`` is the standard deviation of the log-odds; ``expert_share`` the part (fraction) of it all that is still the
    expert's word; ``outside`` names characteristics in which no known customer was like this one.
    """

    points: int
    base: int
    contributions: tuple[Contribution, ...]
    sd: float
    expert_share: float
    outside: tuple[str, ...]
    scale: Scale

    @property
    def probability(self) -> float:
        """Of default, as a fraction."""
        return self.scale.probability(self.points)

    @property
    def interval(self) -> tuple[float, float]:
        """The 80 % interval of the probability: the hopeful end and the pessimistic one."""
        middle, reach = self.scale.log_odds(self.points), Z_80 * self.sd
        low, high = (self.scale.probability(self.scale.points_of(middle + each)) for each in (reach, -reach))
        return low, high

    @property
    def unknown(self) -> tuple[str, ...]:
        """Codes of the characteristics that nothing is known about, in the order of the card."""
        return tuple(each.characteristic for each in self.contributions if not each.known)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A points card.

    ``covariance`` is the posterior of the log-odds as rows of a lower triangle: the base first, then all attributes in
    the order of the characteristics; empty while nothing was learned, when every attribute stands alone with its
    ``prior_sd``. ``training`` says what it was learned from; None for the expert's own card.
    """

    name: str
    base: Attribute
    characteristics: tuple[Characteristic, ...]
    scale: Scale = DEFAULT_SCALE
    covariance: tuple[tuple[float, ...], ...] = ()
    training: Training | None = None

    def score(self, values: Mapping[str, Value]) -> Score:
        """Points of an applicant with these ``values`` (by code; what is missing is not known), and how sure."""
        places, contributions, outside = [0], [], []
        first, prior = 1, self.base.prior_sd**2
        for each in self.characteristics:
            value = values.get(each.code)
            place = each.place(value)
            attribute = each.all[place]
            places.append(first + place)
            prior += attribute.prior_sd**2
            first += len(each.all)
            known = place != len(each.attributes)
            contributions.append(
                Contribution(each.code, attribute.points, each.best, known, attribute.cases, attribute.bad)
            )
            if self.training is not None and known and each.outside(value):
                outside.append(each.code)
        variance = self._variance(places) if self.covariance else prior
        return Score(
            points=self.base.points + sum(each.points for each in contributions),
            base=self.base.points,
            contributions=tuple(contributions),
            sd=sqrt(max(0.0, variance)),
            expert_share=min(1.0, max(0.0, variance / prior)) if prior else 1.0,
            outside=tuple(outside),
            scale=self.scale,
        )

    def _variance(self, places: list[int]) -> float:
        """Of the sum of what stands at ``places``, which ascend."""
        total = 0.0
        for count, row in enumerate(places):
            line = self.covariance[row]
            total += line[row] + 2 * sum(line[column] for column in places[:count])
        return total

    @property
    def outcomes(self) -> tuple[int, int]:
        """How many customers with a known outcome it was learned from, and how many of them turned bad."""
        return (self.base.cases, self.base.bad)
