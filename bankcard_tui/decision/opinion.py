"""The opinion of the decision aid on one application: what it proposes, and why. It advises; a manager decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.characteristics import UNKNOWN_WORDS, Reading, readings, values_of
from bankcard_tui.rules.hard_rules import DOCUMENTS, IDENTITY, BrokenRule, broken_rules
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.odds import grade_of
from bankcard_tui.rules.policy import Policy
from bankcard_tui.rules.scorecard import Contribution, Score, Scorecard, Value
from bankcard_tui.rules.terms import Decision, Grade
from bankcard_tui.rules.tiers import affordable, proposed_limit

MOST_UNKNOWN = 3
"""With more characteristics unknown than this, the aid says that it does not know enough."""

OF_HISTORY = frozenset({"own_days_past_due", "own_use_percent"})
"""Characteristics that a new customer can't have: not knowing them is no gap."""

REASONS_AGAINST = 4
REASONS_FOR = 2


@dataclass(frozen=True, slots=True)
class Reason:
    """One characteristic in plain words, with the points it received, the best it could have brought, and the evidence:
    of ``cases`` known customers alike, ``bad`` turned bad. An opinion of an early form counts none and has no ``code``.
    """

    template: str
    values: dict[str, str | int]
    points: int
    best: int
    code: str = ""
    cases: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True)
class Opinion:
    """``probability`` of default is a fraction, ``low`` and ``high`` the ends of its 80 % interval; ``limit`` is set
    only with a proposal to approve.

    ``card`` names the points card, ``card_hash`` is the digest of what it says; it rests on ``customers`` with a known
    outcome, of whom ``bad`` turned bad, and ``expert_share`` (fraction) of it is still the expert's word.
    ``borderline``: the interval crosses the edge of a grade. ``unknown`` and ``outside`` hold codes of characteristics
    (labels: CHARACTERISTIC_LABELS): those that nothing is known about, and those in which no known customer was alike.
    ``weighed`` holds every characteristic in the order of the card: with ``base`` their points add up to ``points``.
    An opinion of an early form has no interval (``low`` is ``high``) and weighs its reasons alone.
    """

    card: str
    points: int
    probability: float
    grade: Grade
    proposal: Decision
    limit: Money | None
    reasons_against: tuple[Reason, ...]
    reasons_for: tuple[Reason, ...]
    broken: tuple[BrokenRule, ...]
    enough_known: bool
    unknown: tuple[str, ...]
    low: float
    high: float
    borderline: bool = False
    outside: tuple[str, ...] = ()
    card_hash: str = ""
    customers: int = 0
    bad: int = 0
    expert_share: float = 1.0
    base: int = 0
    weighed: tuple[Reason, ...] = ()

    @property
    def blocked(self) -> bool:
        """Nothing may be approved while this is true."""
        return any(rule.blocking for rule in self.broken)


def facts_of(applicant: Applicant) -> dict[str, Value]:
    """What a points card can ask about an applicant, by code; what is not known is left out."""
    return {**values_of(applicant)}


def form_opinion(applicant: Applicant, card: Scorecard, card_hash: str, policy: Policy) -> Opinion:
    """The opinion on ``applicant`` by ``card`` under ``policy``; the same for the same values, always."""
    said = readings(applicant)
    result = card.score({code: reading.value for code, reading in said.items() if reading is not None})
    probability, (low, high) = result.probability, result.interval
    grade = grade_of(probability, policy)
    broken = broken_rules(applicant, grade, policy)
    limit = proposed_limit(applicant, grade, high, policy)
    proposal = _proposal(grade, broken, limit, debts_known=affordable(applicant, policy) is not None)
    unknown = tuple(code for code in result.unknown if code not in OF_HISTORY)
    customers, bad = card.outcomes
    return Opinion(
        card=card.name,
        points=result.points,
        probability=probability,
        grade=grade,
        proposal=proposal,
        limit=limit if proposal is Decision.APPROVE else None,
        reasons_against=_in_words(_against(result), said),
        reasons_for=_in_words(_helping(result), said),
        broken=broken,
        enough_known=applicant.monthly_income is not None and len(unknown) <= MOST_UNKNOWN and not result.outside,
        unknown=unknown,
        low=low,
        high=high,
        borderline=grade_of(low, policy) is not grade_of(high, policy),
        outside=result.outside,
        card_hash=card_hash,
        customers=customers,
        bad=bad,
        expert_share=result.expert_share,
        base=result.base,
        weighed=_in_words(result.contributions, said),
    )


def differs(opinion: Opinion, decision: Decision) -> bool:
    """Whether ``decision`` goes against the opinion, and so needs a reason.

    Returning an application puts the decision off and needs none.
    """
    return decision not in (Decision.RETURN, opinion.proposal)


def opinion_to_plain(opinion: Opinion) -> dict[str, Any]:
    """The opinion as JSON-ready data, to be stored with the application and shown again as it was."""
    return {**asdict(opinion), "limit": opinion.limit.plain if opinion.limit is not None else None}


def opinion_from_plain(plain: dict[str, Any]) -> Opinion:
    """Read what :func:`opinion_to_plain` wrote, in this form or an early one. Raises KeyError, TypeError or ValueError
    where it is no opinion.
    """
    reasons = {name: tuple(Reason(**each) for each in plain.get(name, ())) for name in _REASONS}
    changed = {
        "grade": Grade(plain["grade"]),
        "proposal": Decision(plain["proposal"]),
        "limit": Money.parse(plain["limit"]) if plain["limit"] is not None else None,
        "broken": tuple(BrokenRule(**each) for each in plain["broken"]),
        "unknown": tuple(plain["unknown"]),
        "outside": tuple(plain.get("outside", ())),
        "low": plain.get("low", plain["probability"]),
        "high": plain.get("high", plain["probability"]),
    }
    return Opinion(**{**plain, **reasons, **changed})


_REASONS = ("reasons_against", "reasons_for", "weighed")


def _proposal(grade: Grade, broken: tuple[BrokenRule, ...], limit: Money | None, debts_known: bool) -> Decision:
    """What a careful reviewer would do, in this order: refuse what can't be mended, ask for what is missing, judge."""
    blocking = {rule.rule for rule in broken if rule.blocking}
    if blocking - {DOCUMENTS, IDENTITY}:
        return Decision.REFUSE
    if blocking:
        return Decision.RETURN
    if broken or grade is Grade.POOR:
        return Decision.REFUSE
    if not debts_known:
        return Decision.RETURN
    return Decision.REFUSE if limit is None else Decision.APPROVE


def _in_words(contributions: tuple[Contribution, ...], said: Mapping[str, Reading | None]) -> tuple[Reason, ...]:
    reasons = []
    for each in contributions:
        reading = said.get(each.characteristic)
        template = reading.template if reading else UNKNOWN_WORDS[each.characteristic]
        values = reading.values if reading else {}
        reasons.append(Reason(template, values, each.points, each.best, each.characteristic, each.cases, each.bad))
    return tuple(reasons)


def _against(result: Score) -> tuple[Contribution, ...]:
    """The characteristics that lost most against the best attainable, largest loss first, card order among equals.

    What speaks for the applicant is not named against them as well; nor is it that somebody is new here.
    """
    helping = _helping(result)
    lost = [each for each in result.contributions if each.best > each.points and each not in helping]
    lost = [each for each in lost if each.known or each.characteristic not in OF_HISTORY]
    lost.sort(key=lambda each: each.points - each.best)
    return tuple(lost[:REASONS_AGAINST])


def _helping(result: Score) -> tuple[Contribution, ...]:
    """The characteristics that brought most points, card order among equals."""
    won = [each for each in result.contributions if each.points > 0]
    won.sort(key=lambda each: -each.points)
    return tuple(won[:REASONS_FOR])
