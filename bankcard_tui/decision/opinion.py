"""The opinion of the decision aid on one application: what it proposes, and why. It advises; a manager decides."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.hard_rules import DOCUMENTS, IDENTITY, BrokenRule, broken_rules
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy import Policy
from bankcard_tui.rules.scorecard import Contribution, Score, grade_of, probability_of_default, score
from bankcard_tui.rules.terms import Decision, Grade
from bankcard_tui.rules.tiers import affordable, proposed_limit

MOST_UNKNOWN = 3
"""With more characteristics unknown than this, the aid says that it does not know enough."""

REASONS_AGAINST = 4
REASONS_FOR = 2


@dataclass(frozen=True, slots=True)
class Reason:
    """One characteristic in plain words, with the points it received and the best it could have brought."""

    template: str
    values: dict[str, str | int]
    points: int
    best: int


@dataclass(frozen=True, slots=True)
class Opinion:
    """``probability`` of default is a fraction; ``limit`` is set only with a proposal to approve.

    ``card`` names the points card; ``unknown`` holds codes of characteristics (labels: CHARACTERISTIC_LABELS).
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

    @property
    def blocked(self) -> bool:
        """Nothing may be approved while this is true."""
        return any(rule.blocking for rule in self.broken)


def form_opinion(applicant: Applicant, policy: Policy) -> Opinion:
    """The opinion on ``applicant`` under ``policy``; the same for the same two values, always."""
    result = score(applicant, policy)
    probability = probability_of_default(result.points, policy)
    grade = grade_of(probability, policy)
    broken = broken_rules(applicant, policy)
    limit = proposed_limit(applicant, probability, policy)
    proposal = _proposal(grade, broken, limit, debts_known=affordable(applicant, policy) is not None)
    return Opinion(
        card=policy.points_card.name,
        points=result.points,
        probability=probability,
        grade=grade,
        proposal=proposal,
        limit=limit if proposal is Decision.APPROVE else None,
        reasons_against=_reasons_against(result),
        reasons_for=_reasons_for(result),
        broken=broken,
        enough_known=applicant.monthly_income is not None and len(result.unknown) <= MOST_UNKNOWN,
        unknown=result.unknown,
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
    """Read what :func:`opinion_to_plain` wrote. Raises KeyError, TypeError or ValueError where it is no opinion."""
    return Opinion(
        card=plain["card"],
        points=plain["points"],
        probability=plain["probability"],
        grade=Grade(plain["grade"]),
        proposal=Decision(plain["proposal"]),
        limit=Money.parse(plain["limit"]) if plain["limit"] is not None else None,
        reasons_against=tuple(Reason(**each) for each in plain["reasons_against"]),
        reasons_for=tuple(Reason(**each) for each in plain["reasons_for"]),
        broken=tuple(BrokenRule(**each) for each in plain["broken"]),
        enough_known=plain["enough_known"],
        unknown=tuple(plain["unknown"]),
    )


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


def _reasons_against(result: Score) -> tuple[Reason, ...]:
    """The characteristics that lost most against the best attainable, largest loss first, card order among equals.

    What speaks for the applicant is not named against them as well.
    """
    helping = _helping(result)
    lost = [each for each in result.contributions if each.best > each.points and each not in helping]
    lost.sort(key=lambda each: each.points - each.best)
    return tuple(Reason(each.template, each.values, each.points, each.best) for each in lost[:REASONS_AGAINST])


def _reasons_for(result: Score) -> tuple[Reason, ...]:
    """The characteristics that brought most points, card order among equals."""
    return tuple(Reason(each.template, each.values, each.points, each.best) for each in _helping(result))


def _helping(result: Score) -> list[Contribution]:
    won = [each for each in result.contributions if each.points > 0]
    won.sort(key=lambda each: -each.points)
    return won[:REASONS_FOR]
