"""A customer's file as the decision aid reads it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Row

from bankcard_tui.models.customer import Customer
from bankcard_tui.models.person import Person, Standing
from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.identity import age_on
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.terms import CardKind
from bankcard_tui.services.history import UNSEEN, Behaviour


def on_file(
    record: Customer | Row[Any],
    person: Person | Row[Any],
    day: date,
    limits: Money = ZERO,
    shown: Behaviour = UNSEEN,
) -> Applicant:
    """What the file of a customer says on ``day``, of somebody who wants nothing; rows that hold the columns will do.

    ``limits`` are all those here, and ``shown`` is how the customer behaved; without them there is no card here.
    """
    return Applicant(
        age=age_on(person.birth_date, day),
        identity_verified=record.verified_at is not None and person.standing is Standing.KNOWN,
        missing_documents=(),
        monthly_income=record.monthly_income,
        income_source=record.income_source,
        income_checked=record.income_checked_at is not None,
        deposits=record.deposits,
        other_assets=record.other_assets,
        liabilities=record.liabilities,
        monthly_debt=record.monthly_debt,
        other_limits=record.other_limits,
        own_limits=limits,
        times_overdue=record.times_overdue,
        years_employed=record.years_employed,
        employer_kind=record.employer_kind,
        occupation=record.occupation,
        housing=record.housing,
        security=record.security,
        card_kind=CardKind.CONSUMER,
        wished_limit=ZERO,
        months_observed=shown.months_observed,
        own_days_past_due=shown.worst_days_past_due,
        own_use_percent=shown.use_percent,
    )
