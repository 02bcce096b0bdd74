"""What the decision aid may know about a person: the whole of it, and nothing else.

Sex, ethnicity, religion, marital status and what gives them away (the ID number, the purpose of the card) have no
field here, so no rule can come to rest on them.
"""

from __future__ import annotations

from dataclasses import dataclass

from bankcard_tui.rules.columns import UNKNOWN, Flag, Whole, fen_or_unknown, most, or_unknown, where
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import (
    CardKind,
    DocumentKind,
    EmployerKind,
    Housing,
    IncomeSource,
    Occupation,
    Security,
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What is a number or a yes and no in an :class:`Applicant`, or a column of each of many applicants; amounts are in
    fen, and UNKNOWN stands for what is not known.
    """

    age: Whole
    identity_verified: Flag
    monthly_income: Whole
    income_checked: Flag
    deposits: Whole
    other_assets: Whole
    liabilities: Whole
    monthly_debt: Whole
    other_limits: Whole
    times_overdue: Whole
    years_employed: Whole
    own_days_past_due: Whole
    own_use_percent: Whole

    @property
    def assets(self) -> Whole:
        """Deposits and other assets together; UNKNOWN when neither is known."""
        known = (self.deposits != UNKNOWN) | (self.other_assets != UNKNOWN)
        return where(known, most(self.deposits, 0) + most(self.other_assets, 0), UNKNOWN)

    @property
    def debt(self) -> Whole:
        """What goes to debts each month; somebody known to owe nothing pays nothing."""
        return where((self.monthly_debt == UNKNOWN) & (self.liabilities == 0), 0, self.monthly_debt)


@dataclass(frozen=True, slots=True)
class Applicant:
    """One applicant at the moment of the opinion; None stands for "not known", which is never the same as zero.

    Incomes and debts are per month; ``other_limits`` are limits of cards at other banks, ``own_limits`` those granted
    here already; ``times_overdue`` counts the last twelve months; age and ``years_employed`` are completed years.
    ``months_observed`` counts the months in which a card here was used; of its last twelve, ``own_days_past_due`` are
    the worst and ``own_use_percent`` the mean use of the limit (None: no card here).
    """

    age: int
    identity_verified: bool
    missing_documents: tuple[DocumentKind, ...]
    monthly_income: Money | None
    income_source: IncomeSource | None
    income_checked: bool
    deposits: Money | None
    other_assets: Money | None
    liabilities: Money | None
    monthly_debt: Money | None
    other_limits: Money | None
    own_limits: Money
    times_overdue: int | None
    years_employed: int | None
    employer_kind: EmployerKind | None
    occupation: Occupation | None
    housing: Housing | None
    security: Security | None
    card_kind: CardKind
    wished_limit: Money
    months_observed: int = 0
    own_days_past_due: int | None = None
    own_use_percent: int | None = None

    @property
    def figures(self) -> Figures:
        """The numbers among it, as rules take them that are written for many applicants too."""
        return Figures(
            age=self.age,
            identity_verified=self.identity_verified,
            monthly_income=fen_or_unknown(self.monthly_income),
            income_checked=self.income_checked,
            deposits=fen_or_unknown(self.deposits),
            other_assets=fen_or_unknown(self.other_assets),
            liabilities=fen_or_unknown(self.liabilities),
            monthly_debt=fen_or_unknown(self.monthly_debt),
            other_limits=fen_or_unknown(self.other_limits),
            times_overdue=or_unknown(self.times_overdue),
            years_employed=or_unknown(self.years_employed),
            own_days_past_due=or_unknown(self.own_days_past_due),
            own_use_percent=or_unknown(self.own_use_percent),
        )

    @property
    def assets_fen(self) -> int | None:
        """Deposits and other assets together, in fen; None when neither is known."""
        assets: int = self.figures.assets
        return None if assets == UNKNOWN else assets

    @property
    def debt_payments(self) -> Money | None:
        """What goes to debts each month; somebody known to owe nothing pays nothing."""
        debt: int = self.figures.debt
        return None if debt == UNKNOWN else Money(debt)
