"""What the person concerned is owed: the reasons of a decision, and a second look at it by somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from bankcard_tui.decision.opinion import Opinion, Reason
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Phrase
from bankcard_tui.models.application import Application
from bankcard_tui.rules.characteristics import UNKNOWN_WORDS
from bankcard_tui.rules.free_text import free_text
from bankcard_tui.rules.hard_rules import DOCUMENTS, IDENTITY, INCOME, INCOME_UNCHECKED, BrokenRule
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import ApplicationStatus, Decision, Grade, RefusalReason
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.application_views import (
    ApplicationRow,
    DecisionView,
    MoveView,
    ask_again_until,
    check_ask_again,
    decisions_of,
    moves_of,
)
from bankcard_tui.services.applications import change_status, row_of
from bankcard_tui.services.subjects import of_application

FEWEST_ALIKE = 30
"""Customers alike of whom the customer is told how many turned bad: fewer show little, and could point at somebody."""

MENDABLE = frozenset({IDENTITY, DOCUMENTS, INCOME_UNCHECKED})
"""Broken rules that the customer can mend by coming to the counter."""


class Weighed(View):
    """A fact that weighed; of ``cases`` customers alike ``bad`` turned bad (both 0 where too few are known)."""

    fact: Phrase
    cases: int
    bad: int


class DecisionExplained(View):
    """A decision in words for the customer.

    ``message`` is what the reviewer wrote to the customer. The aid had given ``points``, a ``grade`` and a ``proposal``
    by the points card ``card``, which rests on ``customers`` with a known outcome (0: on experience alone). Of what it
    weighed, ``against`` and ``in_favour`` hold what weighed most, first; ``rules`` are the bank's rules that stood in
    the way, and ``to_bring`` says what was not known or not checked.
    """

    at: datetime
    by: str
    decision: Decision
    limit: Money | None
    reasons: tuple[RefusalReason, ...]
    message: str
    points: int
    grade: Grade
    proposal: Decision
    against: tuple[Weighed, ...]
    in_favour: tuple[Weighed, ...]
    rules: tuple[Phrase, ...]
    to_bring: tuple[Phrase, ...]
    card: str
    customers: int
    policy_version: int


class Explanation(View):
    """How it stands with an application, and the last approval or refusal (None before there is one).

    ``reviewer`` has it in review now, empty where nobody has. Until the end of ``ask_again_until`` the customer can ask
    for another look; None where they can't.
    """

    number: str
    status: ApplicationStatus
    reviewer: str
    asked_again: bool
    ask_again_until: date | None
    decided: DecisionExplained | None


@question(
    "application.explain",
    allow=Permission.SEE_APPLICATIONS,
    own=Permission.OWN_APPLICATIONS,
    subject=of_application,
    opens=True,
)
def explain_application(desk: Desk, application: UUID) -> Explanation:
    """Explain to the person concerned who decided on an application, why, and what the aid had said. What staff noted
    for one another and how other customers fared is not told. The look is logged.
    """
    record, row = desk.record(Application, application), row_of(desk, application)
    moves = moves_of(desk, record, ())
    decisive = (Decision.APPROVE, Decision.REFUSE)
    last = next((each for each in decisions_of(desk, application) if each.decision in decisive), None)
    return Explanation(
        number=row.number,
        status=row.status,
        reviewer=row.reviewer if row.status is ApplicationStatus.IN_REVIEW else "",
        asked_again=row.asked_again,
        ask_again_until=ask_again_until(desk, record, moves),
        decided=_explained(last, moves) if last is not None else None,
    )


@operation(
    "application.ask_again",
    allow=Permission.ENTER_APPLICATIONS,
    own=Permission.OWN_APPLICATIONS,
    subject=of_application,
)
def ask_again(desk: Desk, application: UUID, words: str) -> ApplicationRow:
    """Ask that somebody else looks at a refused application again, in the customer's own words: once, and within the
    days of the policy. It goes back to the queue.
    """
    record = desk.record(Application, application)
    said = free_text("words", words, required=True)
    check_ask_again(desk, record, moves_of(desk, record, ()))
    # Whoever refused it is not responsible for it any more, and nothing is decided.
    record.reviewer_id = record.decided_at = None
    record.submitted_at = desk.now
    change_status(desk, record, ApplicationStatus.SUBMITTED, note=said)
    desk.note(number=record.number)
    return row_of(desk, application)


def _explained(decision: DecisionView, moves: Sequence[MoveView]) -> DecisionExplained:
    opinion = decision.opinion
    return DecisionExplained(
        at=decision.at,
        by=decision.by,
        decision=decision.decision,
        limit=decision.limit,
        reasons=decision.reasons,
        message=next((each.note for each in moves if each.at == decision.at and each.reasons), ""),
        points=opinion.points,
        grade=opinion.grade,
        proposal=opinion.proposal,
        against=tuple(_weighed(each) for each in opinion.reasons_against if each.code not in opinion.unknown),
        in_favour=tuple(_weighed(each) for each in opinion.reasons_for),
        rules=tuple(_sentence(each) for each in opinion.broken if not _can_be_brought(each, opinion)),
        to_bring=_to_bring(opinion),
        card=opinion.card,
        customers=opinion.customers,
        policy_version=decision.policy_version,
    )


def _weighed(reason: Reason) -> Weighed:
    told = reason.cases >= FEWEST_ALIKE
    return Weighed(
        fact=Phrase(reason.template, dict(reason.values)),
        cases=reason.cases if told else 0,
        bad=reason.bad if told else 0,
    )


def _to_bring(opinion: Opinion) -> tuple[Phrase, ...]:
    unknown = tuple(Phrase(UNKNOWN_WORDS[code]) for code in opinion.unknown)
    return (*(_sentence(each) for each in opinion.broken if each.rule in MENDABLE), *unknown)


def _can_be_brought(rule: BrokenRule, opinion: Opinion) -> bool:
    """Whether what a rule misses is named among what can be brought: an unknown income stands there already."""
    return rule.rule in MENDABLE or (rule.rule == INCOME and "monthly_income" in opinion.unknown)


def _sentence(rule: BrokenRule) -> Phrase:
    return Phrase(rule.template, dict(rule.values))
