"""The figures of the policy about bills and overdue accounts: words, unit, bounds."""

from __future__ import annotations

from typing import Final

from bankcard_tui.locale import mark
from bankcard_tui.rules.policy_figures import DAYS, MILLIONTHS, MONTHS, PERCENT, TIMES, YUAN, Figure, Section

ACCOUNT_RULES: Final[tuple[Section, ...]] = (
    Section(
        mark("Billing"),
        {
            "due_days": Figure(
                mark("Payment is due after"),
                DAYS,
                1,
                60,
                mark("A statement is to be paid so many days after its date."),
                used=False,
            ),
            "minimum_due_percent": Figure(
                mark("Minimum due of the balance"),
                PERCENT,
                1,
                100,
                mark("This share of the balance is the minimum; instalments, fees and anything overdue come on top."),
                used=False,
            ),
            "daily_interest_per_million": Figure(
                mark("Interest a day"),
                MILLIONTHS,
                0,
                500,
                mark("Interest a day in millionths of what is owed: 500 are 0.05 %."),
                used=False,
            ),
            "late_fee_percent": Figure(
                mark("Late fee of the unpaid minimum"),
                PERCENT,
                0,
                100,
                mark("This share of the unpaid minimum is charged when the due date has passed."),
                used=False,
            ),
            "grace_amount": Figure(
                mark("Paid in full up to so much missing"),
                YUAN,
                0,
                1000,
                mark("A statement counts as paid in full when no more than this is missing."),
                used=False,
            ),
            "principal_first_from_days": Figure(
                mark("Principal is repaid first from"),
                DAYS,
                1,
                720,
                mark("From so many days overdue on a repayment goes to the principal before fees and interest."),
                used=False,
            ),
        },
    ),
    Section(
        mark("Overdue"),
        {
            "overdue_m1_days": Figure(
                mark("Stage M1 lasts up to"),
                DAYS,
                1,
                720,
                mark("Up to so many days overdue an account is in stage M1."),
                used=False,
            ),
            "overdue_m2_days": Figure(
                mark("Stage M2 lasts up to"),
                DAYS,
                1,
                720,
                mark("Up to so many days overdue an account is in stage M2."),
                used=False,
            ),
            "overdue_m3_days": Figure(
                mark("Stage M3 lasts up to"),
                DAYS,
                1,
                720,
                mark("Up to so many days overdue an account is in stage M3; beyond it is M4."),
                used=False,
            ),
            "substandard_after_days": Figure(
                mark("Substandard after"),
                DAYS,
                1,
                1800,
                mark("More days overdue than this make an asset substandard."),
                used=False,
            ),
            "doubtful_after_days": Figure(
                mark("Doubtful after"),
                DAYS,
                1,
                1800,
                mark("More days overdue than this make an asset doubtful."),
                used=False,
            ),
            "loss_after_days": Figure(
                mark("Loss after"), DAYS, 1, 1800, mark("More days overdue than this make an asset a loss."), used=False
            ),
            "contact_attempts_a_day": Figure(
                mark("Unanswered attempts to reach somebody a day"),
                TIMES,
                1,
                20,
                mark("Collection tries at most so often a day to reach a debtor who does not answer."),
                used=False,
            ),
            "repayment_plan_months": Figure(
                mark("A repayment plan runs for at most"),
                MONTHS,
                1,
                60,
                mark("A personal repayment plan is agreed for at most so many months."),
                used=False,
            ),
        },
    ),
)
