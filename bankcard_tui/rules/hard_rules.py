"""Hard rules: what no number of points makes good.

A blocking rule stands above everybody: nothing is approved while it is broken. The others advise refusal, and a
manager may decide otherwise with a reason. Codes that are also values of RefusalReason name the same thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from bankcard_tui.errors import Phrase
from bankcard_tui.locale import mark
from bankcard_tui.rules.applicant import Applicant, Figures
from bankcard_tui.rules.columns import UNKNOWN, Flag, Whole
from bankcard_tui.rules.limits import carried
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy import Policy
from bankcard_tui.rules.terms import DocumentKind, Grade
from bankcard_tui.rules.tiers import lowest_limit, room_in_total, smallest_limit, total_limit

AGE = "age"
IDENTITY = "identity"
DOCUMENTS = "documents"
INCOME = "income"
INCOME_UNCHECKED = "income_unchecked"
DEBT_SERVICE = "debt_service"
OVERDUE_HISTORY = "overdue_history"
TOTAL_LIMIT = "total_limit"

MISSING_DOCUMENT: Mapping[DocumentKind, str] = {
    DocumentKind.ID_CARD: mark("The ID card is missing."),
    DocumentKind.INCOME_PROOF: mark("The proof of income is missing."),
    DocumentKind.EMPLOYMENT_PROOF: mark("The proof of employment is missing."),
    DocumentKind.ADDRESS_PROOF: mark("The proof of address is missing."),
    DocumentKind.BUSINESS_LICENCE: mark("The business licence is missing."),
    DocumentKind.TAX_RETURN: mark("The tax return is missing."),
    DocumentKind.DEBIT_CARD: mark("The debit card of this bank is missing."),
    DocumentKind.ASSET_PROOF: mark("The proof of assets is missing."),
    DocumentKind.COLLATERAL: mark("The papers of the collateral are missing."),
    DocumentKind.GUARANTEE: mark("The guarantee is missing."),
}


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule that the application breaks: stable code, the sentence, and whether it blocks every approval."""

    rule: str
    blocking: bool
    template: str
    values: dict[str, str | int] = field(default_factory=dict)

    @property
    def said(self) -> Phrase:
        """The sentence, to be said in the language of whoever reads it."""
        return Phrase(self.template, dict(self.values))


def broken_rules(applicant: Applicant, grade: Grade, policy: Policy) -> tuple[BrokenRule, ...]:
    """Every rule that an application of this ``grade`` breaks, blocking ones first; one entry for each missing
    document.
    """
    least = lowest_limit(grade, applicant, policy)
    against = _against(applicant.figures, least.fen, policy)
    return (*_blocking(applicant, least, against, policy), *_advising(applicant, least, against, policy))


def rules_out_raise(broken: Iterable[BrokenRule]) -> bool:
    """Whether a rule is broken that stands against raising a limit: papers for a new card and room for it do not."""
    return bool({rule.rule for rule in broken} - {DOCUMENTS, TOTAL_LIMIT})


def raise_ruled_out(figures: Figures, policy: Policy) -> Flag:
    """What :func:`rules_out_raise` says of holders of a card who wish for no other, without the sentences."""
    return reduce(or_, _against(figures, smallest_limit(policy).fen, policy).values())


def _against(figures: Figures, least: Whole, policy: Policy) -> dict[str, Flag]:
    """Whether each rule is broken that asks for neither papers nor room; ``least`` is the least limit in fen."""
    income, debt = figures.monthly_income, figures.debt
    known = income != UNKNOWN
    carries_less = carried(income, debt, policy) < least
    return {
        AGE: (figures.age < policy.lowest_age) | (figures.age > policy.highest_age),
        IDENTITY: figures.identity_verified == 0,
        INCOME: income < policy.lowest_monthly_income.fen,  # what is not known is below anything
        INCOME_UNCHECKED: known & (figures.income_checked == 0),
        DEBT_SERVICE: known & (debt != UNKNOWN) & carries_less,
        OVERDUE_HISTORY: figures.times_overdue > policy.most_times_overdue,
    }


def _blocking(applicant: Applicant, least: Money, against: Mapping[str, Flag], policy: Policy) -> Iterator[BrokenRule]:
    if against[AGE] and applicant.age < policy.lowest_age:
        yield BrokenRule(
            AGE,
            True,
            mark("Age {age} is below the lowest age of {lowest}."),
            {"age": applicant.age, "lowest": policy.lowest_age},
        )
    elif against[AGE]:
        yield BrokenRule(
            AGE,
            True,
            mark("Age {age} is above the highest age of {highest}."),
            {"age": applicant.age, "highest": policy.highest_age},
        )
    if against[IDENTITY]:
        yield BrokenRule(IDENTITY, True, mark("The identity is not verified by the three witnesses."))
    for kind in applicant.missing_documents:
        yield BrokenRule(DOCUMENTS, True, MISSING_DOCUMENT[kind])
    room = room_in_total(applicant, policy)
    if room < least:
        yield BrokenRule(
            TOTAL_LIMIT,
            True,
            mark("Only {room} yuan are left in the total limit of {total} yuan; the least limit is {least} yuan."),
            {"room": str(room), "total": str(total_limit(applicant, policy)), "least": str(least)},
        )


def _advising(applicant: Applicant, least: Money, against: Mapping[str, Flag], policy: Policy) -> Iterator[BrokenRule]:
    income = applicant.monthly_income
    if income is None:
        yield BrokenRule(INCOME, False, mark("The income is not known."))
    elif against[INCOME]:
        yield BrokenRule(
            INCOME,
            False,
            mark("Income of {income} yuan a month is below the lowest of {lowest} yuan."),
            {"income": str(income), "lowest": str(policy.lowest_monthly_income)},
        )
    if against[INCOME_UNCHECKED]:
        yield BrokenRule(INCOME_UNCHECKED, False, mark("No member of staff has checked the income."))
    if against[DEBT_SERVICE]:
        yield BrokenRule(
            DEBT_SERVICE,
            False,
            mark("With a limit of {limit} yuan, debt payments would take more than {ceiling} % of income."),
            {"limit": str(least), "ceiling": policy.debt_service_ceiling_percent},
        )
    if against[OVERDUE_HISTORY]:
        yield BrokenRule(
            OVERDUE_HISTORY,
            False,
            mark("Overdue {times:time|times} in twelve months; at most {most:is|are} accepted."),
            {"times": applicant.times_overdue or 0, "most": policy.most_times_overdue},
        )
