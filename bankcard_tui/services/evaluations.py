"""Re-evaluation of limits: every account again after so many months, as a job, and one account whenever it is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, func, select

from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.errors import Conflict, Phrase
from bankcard_tui.models.branch import Job
from bankcard_tui.models.card import CardAccount
from bankcard_tui.models.customer import Customer
from bankcard_tui.models.person import Person
from bankcard_tui.rules.columns import fen_or_unknown, or_unknown
from bankcard_tui.rules.hard_rules import rules_out_raise
from bankcard_tui.rules.limit_reasons import reasons
from bankcard_tui.rules.limits import (
    CLASSES,
    GRADES,
    RESULTS,
    Judged,
    Standing,
    judge,
    longest_overdue,
    millionths,
    overdue_since,
)
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.months import latest_day_due
from bankcard_tui.rules.terms import EvaluationResult, Grade, SpendingClass
from bankcard_tui.rules.tiers import debt_in_fen
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.evaluation_chunk import EvaluatedView, evaluate_chunk
from bankcard_tui.services.imports import JOB, JobView
from bankcard_tui.services.limit_rows import EVALUATION, show_evaluation
from bankcard_tui.services.limit_views import EvaluationView
from bankcard_tui.services.limits_held import held_by, owed_by
from bankcard_tui.services.opinions import Advice, advise_on, holders_of
from bankcard_tui.services.standings import used_in
from bankcard_tui.services.subjects import CARD_ACCOUNT, of_card_account
from bankcard_tui.store.types import new_id

EVALUATION_JOB = "limit.evaluation"
"""What a job of re-evaluation is called."""

_STOPPED = (
    select(Job)
    .where(JOB.c.branch_id == bindparam("branch"), JOB.c.name == EVALUATION_JOB, JOB.c.ended_at.is_(None))
    .order_by(JOB.c.started_at)
)
_WAITING = (
    select(func.count())
    .select_from(CARD_ACCOUNT)
    .where(CARD_ACCOUNT.c.branch_id == bindparam("branch"), CARD_ACCOUNT.c.evaluated_on <= bindparam("due"))
)
_OF_ACCOUNT = (
    select(EVALUATION)
    .where(EVALUATION.c.card_account_id == bindparam("account"))
    .order_by(EVALUATION.c.at.desc(), EVALUATION.c.id.desc())
)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A fresh evaluation of one account, with the opinion that it rests on. Nothing of it is written."""

    advice: Advice
    standing: Standing
    judged: Judged
    reasons: tuple[Phrase, ...]

    @property
    def result(self) -> EvaluationResult:
        return RESULTS[self.judged.result]

    @property
    def spending(self) -> SpendingClass:
        return CLASSES[self.judged.spending]

    @property
    def evaluated(self) -> Grade:
        """The grade that the customer has now."""
        return GRADES[self.judged.evaluated]

    @property
    def grade(self) -> Grade:
        """The grade that the limit afterwards rests on."""
        return GRADES[self.judged.grade]

    @property
    def after(self) -> Money:
        return Money(self.judged.after)


def evaluate_account(desk: Desk, account: UUID) -> Evaluated:
    """Evaluate one account as things stand now, in a running operation; the same as the job would come to."""
    record = desk.record(CardAccount, account)
    index = desk.record(Person, desk.record(Customer, record.customer_id).person_id).id_index
    held = held_by(desk, [index])[index]
    applicant = holders_of(desk, {record.customer_id: held})[record.customer_id]
    advice = advise_on(desk, record.customer_id, applicant)
    used = used_in(desk, record, applicant.own_limits)
    standing = Standing(
        limit=record.credit_limit.fen,
        own_limits=applicant.own_limits.fen,
        owed=owed_by(desk, record.customer_id).fen,
        income=fen_or_unknown(applicant.monthly_income),
        debt=debt_in_fen(applicant, held.payments),
        months_observed=applicant.months_observed,
        worst_days=or_unknown(applicant.own_days_past_due),
        months_overdue=longest_overdue(used.overdue, used.since),
        overdue_at_all=overdue_since(used.late, used.since),
        spent_percent=used.spent_percent,
        odds=millionths(advice.opinion.probability),
        odds_low=millionths(advice.opinion.high),
        grade=GRADES.index(record.grade),
        blocked=rules_out_raise(advice.opinion.broken),
    )
    judged = judge(standing, desk.policy)
    return Evaluated(advice, standing, judged, reasons(standing, judged, desk.policy))


@operation("limit.start_evaluation", allow=Permission.EVALUATE_LIMITS, idempotent=False)
def start_evaluation(desk: Desk) -> JobView:
    """Begin to evaluate accounts again, or go on where that was stopped."""
    job = desk.db.scalars(_STOPPED, {"branch": desk.branch_id}).first()
    if job is None:
        job = Job(
            id=new_id(desk.now),
            branch_id=desk.branch_id,
            name=EVALUATION_JOB,
            source=desk.today.isoformat(),
            started_by=desk.account_id,
            started_at=desk.now,
        )
        desk.db.add(job)
    desk.work.subject = Subject("job", job.id)
    desk.note(name=EVALUATION_JOB, done=job.done)
    return _view(job)


@operation("limit.evaluate_due", allow=Permission.EVALUATE_LIMITS, idempotent=False)
def evaluate_due(desk: Desk, job: UUID) -> EvaluatedView:
    """Evaluate the next 1,000 accounts whose last evaluation is so many months back, and propose what follows."""
    record = _running(desk, job)
    done = evaluate_chunk(desk)
    record.done += done.evaluated
    desk.work.subject = Subject("job", job)
    desk.note(evaluated=done.evaluated, raises=done.raises, reductions=done.reductions, held=done.held)
    return done


@operation("limit.finish_evaluation", allow=Permission.EVALUATE_LIMITS, idempotent=False)
def finish_evaluation(desk: Desk, job: UUID) -> JobView:
    """End a re-evaluation in which every account that was due had its turn."""
    record = _running(desk, job)
    record.ended_at = desk.now
    desk.work.subject = Subject("job", job)
    desk.note(done=record.done)
    return _view(record)


@question(
    "limit.evaluations",
    allow=(Permission.SEE_CUSTOMERS, Permission.DECIDE_LIMITS),
    subject=of_card_account,
    opens=True,
)
def evaluations(desk: Desk, account: UUID) -> tuple[EvaluationView, ...]:
    """The evaluations of a card account, the newest first."""
    return tuple(show_evaluation(row) for row in desk.sql.execute(_OF_ACCOUNT, {"account": account}).mappings())


def evaluate_all_due(desk: Desk, progress: Callable[[int, int], None] = lambda done, of: None) -> EvaluatedView:
    """Evaluate every account that is due; ``progress`` is told how many were, and of how many. It can be stopped
    between two chunks, by what ``progress`` raises too, and started again.
    """
    job, waiting = start_evaluation(desk).view, count_due(desk)
    counts = EvaluatedView(more=True)
    while counts.more:
        done = evaluate_due(desk, job.id).view
        counts = EvaluatedView(
            evaluated=counts.evaluated + done.evaluated,
            raises=counts.raises + done.raises,
            reductions=counts.reductions + done.reductions,
            held=counts.held + done.held,
            more=done.more,
        )
        progress(counts.evaluated, max(waiting, counts.evaluated))
    finish_evaluation(desk, job.id)
    return counts


def count_due(desk: Desk) -> int:
    """How many accounts are to be evaluated again."""
    bank, now = desk.bank, desk.bank.clock.now()
    with bank.store.read() as connection:
        months = bank.policy_in_force(connection, now).reevaluation_months
        names = {"branch": bank.branch.id, "due": latest_day_due(bank.day_of(now), months)}
        return int(connection.execute(_WAITING, names).scalar_one())


def _running(desk: Desk, job: UUID) -> Job:
    record = desk.db.get(Job, job)
    if record is None or record.name != EVALUATION_JOB or record.ended_at is not None:
        raise Conflict(
            "This re-evaluation does not run.", hint="Start it again: bankcard limits run", code="conflict.job"
        )
    return record


def _view(job: Job) -> JobView:
    return JobView(id=job.id, cursor=job.cursor, done=job.done, skipped=job.skipped, rejected=job.rejected)
