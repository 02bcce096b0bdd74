"""The decision aid's opinion on an application, with its precedents."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select

from bankcard_tui.decision.opinion import Opinion, form_opinion
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.results import View
from bankcard_tui.models.application import Application
from bankcard_tui.models.base import table
from bankcard_tui.models.card import CardOutcome
from bankcard_tui.models.customer import Customer
from bankcard_tui.models.person import Person, Standing
from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.applications import missing_documents
from bankcard_tui.rules.identity import age_on
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.scorecard import band_of
from bankcard_tui.rules.terms import EmployerKind, Grade, Occupation
from bankcard_tui.services.subjects import CARD_ACCOUNT, CUSTOMER, DOCUMENT, PERSON

OUTCOME = table(CardOutcome)
PRECEDENTS = 5
_SEEN = select(DOCUMENT.c.kind).where(
    DOCUMENT.c.customer_id == bindparam("customer"), DOCUMENT.c.verified_at.is_not(None)
)
_GRANTED = (
    select(func.coalesce(func.sum(CARD_ACCOUNT.c.credit_limit), 0))
    .join_from(CARD_ACCOUNT, CUSTOMER, CARD_ACCOUNT.c.customer_id == CUSTOMER.c.id)
    .join(PERSON, CUSTOMER.c.person_id == PERSON.c.id)
    .where(PERSON.c.id_index == bindparam("index"))
)
_NEWEST_IN_BAND = (
    select(
        OUTCOME,
        CARD_ACCOUNT.c.credit_limit,
        CARD_ACCOUNT.c.grade,
        CARD_ACCOUNT.c.opened_at,
        CUSTOMER.c.occupation,
        CUSTOMER.c.employer_kind,
        CUSTOMER.c.monthly_income,
        PERSON.c.birth_date,
    )
    .join_from(OUTCOME, CARD_ACCOUNT, OUTCOME.c.card_account_id == CARD_ACCOUNT.c.id)
    .join(CUSTOMER, CARD_ACCOUNT.c.customer_id == CUSTOMER.c.id)
    .join(PERSON, CUSTOMER.c.person_id == PERSON.c.id)
    .where(
        OUTCOME.c.branch_id == bindparam("branch"),
        OUTCOME.c.band == bindparam("of_band"),
        CUSTOMER.c.id != bindparam("without"),
    )
    .order_by(OUTCOME.c.matured_at.desc(), OUTCOME.c.card_account_id.desc())
    .limit(PRECEDENTS)
)


class Precedent(View):
    """A known customer of the same band and how it turned out; nothing that says who it is."""

    age_band: str
    occupation: Occupation | None
    employer_kind: EmployerKind | None
    income_band: str
    limit: Money
    grade: Grade
    points: int
    months_observed: int
    worst_days_past_due: int
    bad: bool
    matured_at: datetime


class Advice(View):
    """An opinion with the five newest matured precedents of its band; fewer than needed means: not enough known."""

    opinion: Opinion
    precedents: tuple[Precedent, ...]
    enough_precedents: bool
    policy_version: int


def applicant_of(desk: Desk, application: Application) -> Applicant:
    """What the decision aid may know about the person who applied."""
    record = desk.record(Customer, application.customer_id)
    person = desk.record(Person, record.person_id)
    seen = desk.sql.execute(_SEEN, {"customer": record.id}).scalars()
    granted = desk.sql.execute(_GRANTED, {"index": person.id_index}).scalar_one()
    return Applicant(
        age=age_on(person.birth_date, desk.today),
        identity_verified=record.verified_at is not None and person.standing is Standing.KNOWN,
        missing_documents=missing_documents(application.kind, set(seen), desk.policy),
        monthly_income=record.monthly_income,
        income_source=record.income_source,
        income_checked=record.income_checked_at is not None,
        deposits=record.deposits,
        other_assets=record.other_assets,
        liabilities=record.liabilities,
        monthly_debt=record.monthly_debt,
        other_limits=record.other_limits,
        own_limits=granted if isinstance(granted, Money) else Money(int(granted)),
        times_overdue=record.times_overdue,
        years_employed=record.years_employed,
        employer_kind=record.employer_kind,
        occupation=record.occupation,
        housing=record.housing,
        security=record.security,
        card_kind=application.kind,
        wished_limit=application.wished_limit,
    )


def advise(desk: Desk, application: Application, applicant: Applicant | None = None) -> Advice:
    """The opinion on an application as things stand now, with its precedents.

    ``applicant`` is given by callers that have read it already.
    """
    opinion = form_opinion(applicant or applicant_of(desk, application), desk.policy)
    precedents = precedents_in(desk, band_of(opinion.points, desk.policy), without=application.customer_id)
    return Advice(
        opinion=opinion,
        precedents=precedents,
        enough_precedents=len(precedents) >= desk.policy.precedents_needed,
        policy_version=desk.policy_version,
    )


def precedents_in(desk: Desk, band: int, without: UUID) -> tuple[Precedent, ...]:
    """The newest matured customers of a band, without identity; never the applicant themselves."""
    rows = desk.sql.execute(_NEWEST_IN_BAND, {"branch": desk.branch_id, "of_band": band, "without": without})
    return tuple(
        Precedent(
            age_band=_age_band(age_on(row.birth_date, row.opened_at.date())),
            occupation=row.occupation,
            employer_kind=row.employer_kind,
            income_band=_income_band(row.monthly_income),
            limit=row.credit_limit,
            grade=row.grade,
            points=row.points,
            months_observed=row.months_observed,
            worst_days_past_due=row.worst_days_past_due,
            bad=row.bad,
            matured_at=row.matured_at,
        )
        for row in rows
    )


def _age_band(age: int) -> str:
    low = age // 10 * 10
    return f"{low}-{low + 9}"


def _income_band(income: Money | None) -> str:
    """A range of yuan a month, wide enough that it points at nobody."""
    if income is None:
        return ""
    steps = (0, 3_000, 5_000, 8_000, 15_000, 30_000)
    yuan = income.fen // 100
    low = max(step for step in steps if step <= yuan)
    above = [step for step in steps if step > yuan]
    return f"{low:,}-{above[0]:,}" if above else f">{low:,}"
