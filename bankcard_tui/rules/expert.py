"""The expert's points card of the policy, in the form in which cards are scored and learned."""

from __future__ import annotations

from bankcard_tui.rules.odds import scale_of
from bankcard_tui.rules.policy import Band, Policy
from bankcard_tui.rules.scorecard import Attribute, Characteristic, Scorecard

PRIOR_SD = 0.25
"""How far (log-odds, standard deviation) the expert is taken to be off in each attribute."""

BASE_SD = 0.5
"""The same for the base: how much this bank's customers as a whole may differ from those whom the expert knew."""

DIRECTIONS = {
    "monthly_income": -1,
    "assets": -1,
    "debt_service_percent": 1,
    "other_limits_percent_of_annual_income": 1,
    "times_overdue": 1,
    "years_employed": -1,
    "own_days_past_due": 1,
    "own_use_percent": 1,
}
"""Where the field knows whether more means more risk (1) or less (-1)."""

_NUMBERS = (
    "age",
    "monthly_income",
    "assets",
    "debt_service_percent",
    "other_limits_percent_of_annual_income",
    "times_overdue",
    "years_employed",
)
_WORDS = ("employer_kind", "occupation", "housing", "income_source", "security")
_HISTORY = ("own_days_past_due", "own_use_percent")


def expert_card(policy: Policy) -> Scorecard:
    """The card of ``policy``. A characteristic without bands is not asked."""
    card = policy.points_card
    numbers = [_banded(code, getattr(card, code), card.unknown) for code in _NUMBERS if policy.asks(code)]
    words = [_listed(code, getattr(card, code), card.unknown) for code in _WORDS]
    # Nobody is worse for not having been a customer before.
    history = [_banded(code, getattr(card, code), 0) for code in _HISTORY if getattr(card, code)]
    return Scorecard(
        name=card.name,
        base=Attribute(card.base_points, BASE_SD),
        characteristics=(*numbers, *words, *history),
        scale=scale_of(policy),
    )


def _banded(code: str, bands: tuple[Band, ...], unknown: int) -> Characteristic:
    attributes = tuple(Attribute(band.points, PRIOR_SD, below=band.below) for band in bands)
    return Characteristic(code, True, attributes, Attribute(unknown, PRIOR_SD), direction=DIRECTIONS.get(code, 0))


def _listed(code: str, table: dict[str, int], unknown: int) -> Characteristic:
    attributes = tuple(Attribute(points, PRIOR_SD, words=(word,)) for word, points in table.items())
    return Characteristic(code, False, attributes, Attribute(unknown, PRIOR_SD))
