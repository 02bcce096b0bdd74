"""An applicant that every rule is content with, and a strategy of applicants of all kinds."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from bankcard_tui.decision.opinion import Opinion, facts_of, form_opinion
from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.expert import expert_card
from bankcard_tui.rules.hard_rules import BrokenRule, broken_rules
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.odds import grade_of
from bankcard_tui.rules.policy import DEFAULT_POLICY, Policy
from bankcard_tui.rules.scorecard import Score
from bankcard_tui.rules.terms import (
    CardKind,
    DocumentKind,
    EmployerKind,
    Housing,
    IncomeSource,
    Occupation,
    Security,
)

DECENT = Applicant(
    age=34,
    identity_verified=True,
    missing_documents=(),
    monthly_income=Money.yuan(9_000),
    income_source=IncomeSource.PAYROLL,
    income_checked=True,
    deposits=Money.yuan(30_000),
    other_assets=Money.yuan(10_000),
    liabilities=Money.yuan(60_000),
    monthly_debt=Money.yuan(1_800),
    other_limits=Money.yuan(20_000),
    own_limits=ZERO,
    times_overdue=0,
    years_employed=5,
    employer_kind=EmployerKind.PRIVATE,
    occupation=Occupation.OFFICE,
    housing=Housing.RENTED,
    security=Security.NONE,
    card_kind=CardKind.CONSUMER,
    wished_limit=Money.yuan(50_000),
)


def scored(applicant: Applicant, policy: Policy = DEFAULT_POLICY) -> Score:
    """The applicant on the expert's card."""
    return expert_card(policy).score(facts_of(applicant))


def opinion_on(applicant: Applicant, policy: Policy = DEFAULT_POLICY) -> Opinion:
    """What the expert's card says of the applicant."""
    return form_opinion(applicant, expert_card(policy), "expert", policy)


def broken_by(applicant: Applicant, policy: Policy = DEFAULT_POLICY) -> tuple[BrokenRule, ...]:
    """The hard rules that the applicant breaks in the grade of the expert's card."""
    return broken_rules(applicant, grade_of(scored(applicant, policy).probability, policy), policy)


YUAN = st.one_of(st.integers(0, 3_000_000), st.integers(0, 60_000)).map(lambda fen: Money(fen * 100 + fen % 7))


def applicants() -> SearchStrategy[Applicant]:
    """Applicants with anything that may be unknown unknown, complete papers or not, rich or poor."""
    return st.builds(
        Applicant,
        age=st.integers(0, 110),
        identity_verified=st.booleans(),
        missing_documents=st.lists(st.sampled_from(DocumentKind), unique=True, max_size=3).map(tuple),
        monthly_income=st.none() | YUAN,
        income_source=st.none() | st.sampled_from(IncomeSource),
        income_checked=st.booleans(),
        deposits=st.none() | YUAN,
        other_assets=st.none() | YUAN,
        liabilities=st.none() | YUAN,
        monthly_debt=st.none() | YUAN,
        other_limits=st.none() | YUAN,
        own_limits=YUAN,
        times_overdue=st.none() | st.integers(0, 12),
        years_employed=st.none() | st.integers(0, 50),
        employer_kind=st.none() | st.sampled_from(EmployerKind),
        occupation=st.none() | st.sampled_from(Occupation),
        housing=st.none() | st.sampled_from(Housing),
        security=st.none() | st.sampled_from(Security),
        card_kind=st.sampled_from(CardKind),
        wished_limit=YUAN,
        months_observed=st.integers(0, 60),
        own_days_past_due=st.none() | st.integers(0, 400),
        own_use_percent=st.none() | st.integers(0, 300),
    )
