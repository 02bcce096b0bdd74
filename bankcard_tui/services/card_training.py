"""Training a points card on the branch's own customers: a job that learns outside any transaction."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict, Refused
from bankcard_tui.locale import mark
from bankcard_tui.models.scorecard import ScorecardVersion
from bankcard_tui.rules.scorecard import Scorecard, Value
from bankcard_tui.rules.scorecard_json import card_from_json, card_to_json, digest_of
from bankcard_tui.rules.terms import CardState
from bankcard_tui.security.keys import Keys
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.card_data import MOST_OUTCOMES, Facts, Fetch, decisions, outcomes
from bankcard_tui.services.outcomes import OUTCOME, record_all_due
from bankcard_tui.services.paging import Page
from bankcard_tui.services.people import ID_LABEL
from bankcard_tui.services.scorecards import (
    CARD_KIND,
    SCORECARD,
    CardRow,
    card_in_force,
    card_name,
    expert_in,
    mark_card,
    row_of_card,
)
from bankcard_tui.store.sealing import unseal
from bankcard_tui.store.types import new_id

Report = Callable[[str, int, int], None]
"""Told what is going on (an English label, to be translated), how far it is, and how far it goes. What it raises stops
the work.
"""

APPLICANTS_OF = timedelta(days=365)
"""The applicants of so long before a training are those whom later ones are compared with."""

MATURING = mark("Recording the outcomes that are due")
READING, KEEPING = mark("Reading the customers"), mark("Keeping the points card")
SEX = "sex"


class TrainingPlan(View):
    """A training that was begun: the number of the card to come, how many customers it can learn from, the expert's
    card that it starts from, the card in force, what counts as bad, and whether age may enter.
    """

    version: int
    source: str
    made_at: str
    outcomes: int
    expert: Scorecard
    champion: Scorecard
    bad_days: int
    months: int
    age_in_card: bool
    drift_least_cases: int


@operation("scorecard.train", allow=Permission.TRAIN_CARDS, idempotent=False)
def begin_training(desk: Desk) -> TrainingPlan:
    """Begin to train a points card; refused where no customer's outcome is known. Kept is what the job itself makes."""
    here = (OUTCOME.c.branch_id == desk.branch_id, OUTCOME.c.facts != "")
    # No more than can be learned from: whoever counts all of them holds up everybody else who writes.
    newest = select(OUTCOME.c.id).where(*here).limit(MOST_OUTCOMES).subquery()
    known = int(desk.sql.execute(select(func.count()).select_from(newest)).scalar_one())
    if not known:
        raise Conflict(
            "There is nothing to learn from: no customer's outcome is known yet.",
            hint="An outcome counts {months:month|months} after a card was granted. Or import histories.",
            code="card.no_outcomes",
            months=desk.policy.matured_months,
        )
    plan = TrainingPlan(
        version=_next_version(desk),
        source=desk.bank.branch.name,
        made_at=desk.now.isoformat(timespec="seconds"),
        outcomes=known,
        expert=expert_in(desk.policy).card,
        champion=card_in_force(desk).card,
        bad_days=desk.policy.bad_days_past_due,
        months=desk.policy.matured_months,
        age_in_card=desk.policy.age_in_card,
        drift_least_cases=desk.policy.drift_least_cases,
    )
    desk.note(card=card_name(plan.version), customers=plan.outcomes, champion=plan.champion.name)
    return plan


def _read_card(desk: Desk, made: str, proof: str) -> tuple[Scorecard, str]:
    read = card_from_json(made, "made")
    return read, digest_of(read)


@operation("scorecard.keep", allow=Permission.TRAIN_CARDS, prepare=_read_card, idempotent=False, while_locked=True)
def keep_card(desk: Desk, made: str, proof: str) -> CardRow:
    """Keep the points card that a training has made; it gives opinions once two people have approved it."""
    read, digest = desk.prepared
    if not hmac.compare_digest(proof.encode(), proof_of(desk.keys, desk.account_id, digest).encode()):
        raise Refused(
            "Nobody puts a points card in by hand.", hint="Train one: bankcard card train", code="refused.proof"
        )
    version = _next_version(desk)
    if read.name != card_name(version):
        raise Conflict(
            "Another points card was trained meanwhile.", hint="Look at it, or train anew.", code="conflict.trained"
        )
    record = ScorecardVersion(
        id=new_id(desk.now),
        branch_id=desk.branch_id,
        version=version,
        state=CardState.TRAINED,
        card=made,
        digest=digest,
        trained_at=desk.now,
        trained_by=desk.account_id,
        mark=b"",
    )
    mark_card(desk, record)
    desk.db.add(record)
    desk.db.flush()
    customers, bad = read.outcomes
    desk.work.subject = Subject(CARD_KIND, record.id)
    desk.note(card=read.name, digest=digest, customers=customers, bad=bad)
    return row_of_card(desk, record)


def proof_of(keys: Keys, account: UUID, digest: str) -> str:
    """What shows that the training job of ``account`` made the card with this ``digest``."""
    return keys.row_mark("trained card", (account.bytes, digest)).hex()


def train_card(desk: Desk, report: Report = lambda label, done, total: None) -> CardRow:
    """Train a points card on the branch's customers with a known outcome, and keep it.

    ``report`` is told how far it is; what it raises stops the work, of which nothing stays. Raises Conflict where no
    outcome is known, Refused for whoever may not, VerificationFailed where the card in force was altered.
    """
    report(MATURING, 0, 1)
    record_all_due(desk)
    plan = begin_training(desk).view
    card = _learn(desk, plan, report)
    report(KEEPING, 0, 1)
    account = desk.who.account_id
    assert account is not None  # begin_training lets nobody else through
    kept = keep_card(desk, card_to_json(card), proof_of(desk.keys, account, digest_of(card))).view
    report(KEEPING, 1, 1)
    return kept


def _learn(desk: Desk, plan: TrainingPlan, report: Report) -> Scorecard:
    from bankcard_tui.decision.training import train

    facts, bad, days, sex = Facts(), [], [], []
    for done, row in enumerate(outcomes(_each_alone(desk), desk.branch_id)):
        if not done % 1000:
            report(READING, done, max(done, plan.outcomes))
        facts.add(row.facts)
        bad.append(row.worst_days_past_due >= plan.bad_days)
        days.append(row.started_on.isoformat())
        sex.append(_sex(desk.keys, row.person, row.id_sealed))
    card = train(
        facts.table(bad, days, never=() if plan.age_in_card else ("age",), audited={SEX: sex}),
        name=card_name(plan.version),
        source=plan.source,
        made_at=plan.made_at,
        expert=plan.expert,
        champion=plan.champion,
        bad_days=plan.bad_days,
        months=plan.months,
        report=report,
    )
    return _with_applicants(desk, plan, card)


def _sex(keys: Keys, person: UUID, sealed: bytes) -> Value:
    """By the 17th digit of the ID number, for the audit of fairness: it is counted in groups, and kept nowhere."""
    return "male" if int(unseal(keys, ID_LABEL, person, sealed)[16]) % 2 else "female"


def _with_applicants(desk: Desk, plan: TrainingPlan, card: Scorecard) -> Scorecard:
    """``card`` with the attributes and points of the applicants of its time, those who were refused included, in place
    of those of the customers that it was learned from; where there were enough of them.
    """
    from bankcard_tui.decision.population import population

    applicants = Facts()
    for row in decisions(_each_alone(desk), desk.branch_id, desk.bank.clock.now() - APPLICANTS_OF):
        if row.last and row.facts:
            applicants.add(row.facts)
    if card.training is None or applicants.count < plan.drift_least_cases:
        return card
    return replace(card, training=replace(card.training, population=population(card, applicants.table())))


def _each_alone(desk: Desk) -> Fetch:
    """Each page in a transaction of its own: other terminals go on meanwhile."""

    def fetch(page: Callable[[Connection], Page[Any]]) -> Page[Any]:
        with desk.bank.store.read() as connection:
            return page(connection)

    return fetch


def _next_version(desk: Desk) -> int:
    newest = select(func.max(SCORECARD.c.version)).where(SCORECARD.c.branch_id == desk.branch_id)
    return int(desk.sql.execute(newest).scalar_one() or 0) + 1
