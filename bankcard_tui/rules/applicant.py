"""What the decision aid may know about a person: the whole of it, and nothing else.

Sex, ethnicity, religion, marital status and what gives them away (the ID number, the purpose of the card) have no
field here, so no rule can come to rest on them.
"""

from __future__ import annotations

from dataclasses import dataclass

from bankcard_tui.rules.money import ZERO, Money
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
    def assets_fen(self) -> int | None:
        """Deposits and other assets together, in fen; None when neither is known."""
        known = [amount.fen for amount in (self.deposits, self.other_assets) if amount is not None]
        return sum(known) if known else None

    @property
    def debt_payments(self) -> Money | None:
        """What goes to debts each month; somebody known to owe nothing pays nothing."""
        if self.monthly_debt is None and self.liabilities == ZERO:
            return ZERO
        return self.monthly_debt
