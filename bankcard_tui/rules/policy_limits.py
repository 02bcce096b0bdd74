"""The figures of the policy that are rules of limits: what each is called, its unit, its bounds, what it does."""

from __future__ import annotations

from typing import Final

from bankcard_tui.locale import mark
from bankcard_tui.rules.policy_figures import DAYS, MONTHS, PERCENT, PLAIN, YUAN, Figure, Kind, Section
from bankcard_tui.rules.terms import ReductionTarget

LIMIT_RULES: Final[tuple[Section, ...]] = (
    Section(
        mark("Signatures"),
        {
            "first_signature_up_to": Figure(
                mark("One signature up to"),
                YUAN,
                0,
                10000000,
                mark("A limit up to this amount is signed by one manager; above it a second person signs."),
            ),
            "second_signature_up_to": Figure(
                mark("Two up to, three above"),
                YUAN,
                0,
                10000000,
                mark("A limit up to this amount is signed by two people; above it a third person signs."),
            ),
        },
    ),
    Section(
        mark("Limits by grade"),
        {
            "grade_bounds_percent.*": Figure(
                mark("{of}: default below"),
                PERCENT,
                1,
                99,
                mark("The grade is given to customers whose probability of default lies below this."),
            ),
            "tiers.*.lowest": Figure(
                mark("{of}: lowest limit"),
                YUAN,
                0,
                1000000,
                mark(
                    "The least that a customer of this grade is granted; reductions of the next better grade go to it."
                ),
            ),
            "tiers.*.highest": Figure(
                mark("{of}: highest limit"),
                YUAN,
                0,
                10000000,
                mark("The most that a customer of this grade is granted."),
            ),
            "tiers.*.raise_low_percent": Figure(
                mark("{of}: smallest increase"),
                PERCENT,
                0,
                200,
                mark(
                    "An increase adds at least so much of the limit, for the customers at the worse end of the grade."
                ),
            ),
            "tiers.*.raise_high_percent": Figure(
                mark("{of}: largest increase"),
                PERCENT,
                0,
                200,
                mark(
                    "An increase adds at most so much of the limit, for the customers at the better end; 0 means none."
                ),
            ),
            "tiers.*.reduced_after_months_overdue": Figure(
                mark("{of}: reduced after months overdue"),
                MONTHS,
                0,
                24,
                mark("So many months overdue in a row reduce the limit; 0 means that any day overdue does."),
            ),
        },
    ),
    Section(
        mark("Total limit"),
        {
            "total_limit_months_of_income": Figure(
                mark("Total limit in incomes at most"),
                MONTHS,
                1,
                60,
                mark("All limits of a customer together stay within so many months of income."),
            ),
            "total_limit_highest": Figure(
                mark("Total limit at most"),
                YUAN,
                1000,
                100000000,
                mark("All limits of a customer together stay within this amount, whatever the income."),
            ),
            "limit_step": Figure(
                mark("Limits are multiples of"),
                YUAN,
                1,
                10000,
                mark("Every limit is a multiple of this amount; proposals are rounded down to it."),
            ),
            "debt_service_ceiling_percent": Figure(
                mark("Debt payments of income at most"),
                PERCENT,
                1,
                100,
                mark("So much of the monthly income at most may go to debt payments once the limit is used in full."),
            ),
            "new_debt_service_percent_of_limit": Figure(
                mark("A new limit adds debt payments of"),
                PERCENT,
                0,
                100,
                mark("So much of a limit is taken as its monthly payment when it is used in full."),
            ),
        },
    ),
    Section(
        mark("Re-evaluation of limits"),
        {
            "reevaluation_months": Figure(
                mark("A limit is evaluated again after"),
                MONTHS,
                1,
                24,
                mark("Each account is evaluated again when so many months have passed since the last time."),
            ),
            "months_before_upper_half": Figure(
                mark("The upper half of a tier opens after"),
                MONTHS,
                0,
                24,
                mark("So many months have to be known of a customer before an increase or the upper half of a tier."),
            ),
            "grace_days": Figure(
                mark("Paid on time up to so many days late"),
                DAYS,
                0,
                30,
                mark("A payment that comes at most so many days late counts as paid on time."),
            ),
            "spending_months": Figure(
                mark("Spending is looked at over"),
                MONTHS,
                1,
                12,
                mark("The mean spending of a month is taken over the last so many months."),
            ),
            "high_spending_percent": Figure(
                mark("High spending from so much of the limit a month on"),
                PERCENT,
                1,
                200,
                mark("Who spends this share of the limit a month and pays on time is proposed for an increase."),
            ),
            "reduction_to": Figure(
                mark("A reduction goes to"),
                PLAIN,
                0,
                0,
                mark("What a limit goes down to when the rule about overdue months reduces it."),
                kind=Kind.CHOICE,
                choices=tuple(ReductionTarget),
            ),
            "temporary_most_percent": Figure(
                mark("A temporary increase adds at most"),
                PERCENT,
                1,
                200,
                mark("A temporary increase adds at most this share of the limit."),
            ),
            "temporary_most_days": Figure(
                mark("A temporary increase lasts at most"),
                DAYS,
                1,
                366,
                mark("A temporary increase ends by itself after at most so many days."),
            ),
        },
    ),
    Section(
        mark("Personal plans"),
        {
            "plans.*.highest": Figure(
                mark("{of}: highest amount"),
                YUAN,
                0,
                10000000,
                mark("A personal plan for this purpose is for at most this amount."),
            ),
            "plans.*.longest_months": Figure(
                mark("{of}: longest term"),
                MONTHS,
                1,
                120,
                mark("A personal plan for this purpose runs for at most so many months."),
            ),
        },
    ),
    Section(
        mark("Watch list and warnings"),
        {
            "watch_raise_percent": Figure(
                mark("Watched after an increase of so much or more"),
                PERCENT,
                1,
                200,
                mark("An account whose limit rises by this share or more goes on the watch list."),
            ),
            "watch_months": Figure(
                mark("Watched for"),
                MONTHS,
                1,
                36,
                mark("An account stays on the watch list for so many months after the increase."),
            ),
            "watch_check_days": Figure(
                mark("Watched accounts are checked every"),
                DAYS,
                1,
                90,
                mark("Repayment and spending of watched accounts are checked at this interval."),
            ),
            "warning_check_days": Figure(
                mark("All other accounts are checked every"),
                DAYS,
                1,
                366,
                mark("Repayment and spending of all other accounts are checked at this interval."),
            ),
            "warning_use_percent": Figure(
                mark("Warning when so much of the limit is used"),
                PERCENT,
                1,
                200,
                mark("A warning is raised when this share of the limit is in use."),
            ),
            "warning_use_percent_watched": Figure(
                mark("The same on the watch list"),
                PERCENT,
                1,
                200,
                mark("For watched accounts a warning is raised at this share already."),
            ),
            "warning_cash_percent": Figure(
                mark("Warning when cash takes so much of the limit in a month"),
                PERCENT,
                1,
                200,
                mark("A warning is raised when the cash advances of a month take this share of the limit."),
            ),
            "warning_cash_percent_watched": Figure(
                mark("That share on the watch list"),
                PERCENT,
                1,
                200,
                mark("For watched accounts cash advances raise a warning at this share already."),
            ),
            "warning_income_fall_percent": Figure(
                mark("Warning when the income falls by"),
                PERCENT,
                1,
                100,
                mark("A warning is raised when the checked income falls by this share or more."),
            ),
        },
    ),
)
