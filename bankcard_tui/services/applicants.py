"""A customer's file as the decision aid reads it: of one customer, or a column of each figure of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Row, case, func, type_coerce

from bankcard_tui.models.customer import Customer
from bankcard_tui.models.person import Person, Standing
from bankcard_tui.rules.applicant import Applicant, Figures
from bankcard_tui.rules.columns import UNKNOWN, Whole
from bankcard_tui.rules.identity import age_on
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.terms import CardKind, EmployerKind, Housing, IncomeSource, Occupation, Security
from bankcard_tui.services.history import UNSEEN, Behaviour
from bankcard_tui.services.subjects import CUSTOMER, PERSON
from bankcard_tui.store.types import sound

_WORDS: Mapping[str, type[StrEnum]] = {
    "employer_kind": EmployerKind,
    "occupation": Occupation,
    "housing": Housing,
    "income_source": IncomeSource,
    "security": Security,
}
_NUMBERS = (
    "monthly_income",
    "deposits",
    "other_assets",
    "liabilities",
    "monthly_debt",
    "other_limits",
    "times_overdue",
    "years_employed",
)
_VERIFIED = CUSTOMER.c.verified_at.is_not(None) & (PERSON.c.standing == Standing.KNOWN)
FILE = (
    PERSON.c.birth_date,
    *(CUSTOMER.c[name] for name in _WORDS),
    case((_VERIFIED, 1), else_=0),
    case((CUSTOMER.c.income_checked_at.is_not(None), 1), else_=0),
    *(func.coalesce(type_coerce(CUSTOMER.c[name], BigInteger), UNKNOWN) for name in _NUMBERS),
)
"""What :func:`files_of` reads of customers and their persons."""


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


def files_of(
    columns: Sequence[Sequence[Any]], day: date, worst_days: Whole, use_percent: Whole
) -> tuple[Figures, dict[str, Sequence[str | None]]]:
    """What :func:`on_file` says of many customers, from the ``columns`` of FILE as they lie in the store: the numbers,
    and the words by their names. Raises VerificationFailed for what this program never wrote.
    """
    import numpy as np

    births, *rest = columns
    words = dict(zip(_WORDS, rest, strict=False))
    for name, kind in _WORDS.items():
        for word in set(words[name]) - {None}:
            sound(kind, word)
    verified, checked, *numbers = (np.array(each, np.int64) for each in rest[len(_WORDS) :])
    figures = Figures(
        age=np.array([age_on(sound(date.fromisoformat, each), day) for each in births], np.int64),
        identity_verified=verified,
        income_checked=checked,
        own_days_past_due=worst_days,
        own_use_percent=use_percent,
        **dict(zip(_NUMBERS, numbers, strict=True)),
    )
    return figures, words
