"""The figures of the policy about who gets a card, how applicants are graded, and segments: words, unit, bounds."""

from __future__ import annotations

from typing import Final

from bankcard_tui.locale import mark
from bankcard_tui.rules.policy_figures import (
    AGE,
    DAYS,
    MONTHS,
    ODDS,
    PERCENT,
    PLAIN,
    POINTS,
    TIMES,
    YEARS,
    YUAN,
    Figure,
    Kind,
    Section,
)
from bankcard_tui.rules.terms import DocumentKind

CREDIT_RULES: Final[tuple[Section, ...]] = (
    Section(
        mark("Who gets a card"),
        {
            "lowest_age": Figure(mark("Lowest age"), AGE, 18, 100, mark("Who is younger gets no card.")),
            "highest_age": Figure(mark("Highest age"), AGE, 18, 120, mark("Who is older gets no card.")),
            "lowest_monthly_income": Figure(
                mark("Lowest monthly income"), YUAN, 0, 1000000, mark("Who earns less gets no card.")
            ),
            "most_times_overdue": Figure(
                mark("Overdue in twelve months at most"),
                TIMES,
                0,
                100,
                mark("Who was overdue more often in the last twelve months gets no card."),
            ),
            "reconsider_days": Figure(
                mark("Another look can be asked for within"),
                DAYS,
                1,
                366,
                mark("So long after a refusal the customer can ask that somebody else looks at it again."),
            ),
        },
    ),
    Section(
        mark("Documents"),
        {
            "required_documents.*": Figure(
                mark("{of}: documents needed"),
                PLAIN,
                1,
                10,
                mark("An application for this kind of card is approved only when all of these documents are there."),
                kind=Kind.LIST,
                choices=tuple(DocumentKind),
            ),
        },
    ),
    Section(
        mark("Grades and points"),
        {
            "points_at_even_grade": Figure(
                mark("Points at the reference odds"),
                POINTS,
                100,
                2000,
                mark("So many points stand for the reference odds."),
            ),
            "odds_at_even_grade": Figure(
                mark("Reference odds, good to bad"),
                ODDS,
                1,
                1000,
                mark("So many good customers to one bad one at the reference points."),
            ),
            "points_to_double_odds": Figure(
                mark("Points that double the odds"),
                POINTS,
                5,
                200,
                mark("So many points more stand for twice the odds."),
            ),
            "precedents_needed": Figure(
                mark("Precedents needed"),
                PLAIN,
                1,
                1000,
                mark("So many similar customers have to be known before they are shown as precedents."),
            ),
            "matured_months": Figure(
                mark("A card has matured after"),
                MONTHS,
                1,
                36,
                mark("So many months after it was opened it is known how an account turned out."),
            ),
            "bad_days_past_due": Figure(
                mark("It counts as bad when overdue for"),
                DAYS,
                1,
                360,
                mark("An account that was overdue for so many days in that time turned out bad."),
            ),
            "age_in_card": Figure(
                mark("Points cards may rest on age"),
                PLAIN,
                0,
                0,
                mark("Whether points cards may ask for the age at all."),
                kind=Kind.YES_NO,
            ),
            "drift_least_cases": Figure(
                mark("Drift is shown from so many cases on"),
                PLAIN,
                1,
                100000,
                mark("With fewer cases nothing is said about how applicants have changed."),
            ),
        },
    ),
    Section(
        mark("Points card"),
        {
            "points_card.name": Figure(
                mark("Name of the points card"),
                PLAIN,
                1,
                40,
                mark("What the expert's points card is called where opinions name it."),
                kind=Kind.TEXT,
            ),
            "points_card.base_points": Figure(
                mark("Everybody starts with"),
                POINTS,
                0,
                2000,
                mark("The points to which those of each characteristic are added."),
            ),
            "points_card.unknown": Figure(
                mark("Anything not known"), POINTS, -500, 500, mark("What a characteristic adds when it is not known.")
            ),
            "points_card.*.below": Figure(
                mark("{of}, row {place}: below"),
                PLAIN,
                0,
                100000000,
                mark("The row is for values below this and not below the row before."),
            ),
            "points_card.*.points": Figure(
                mark("{of}, row {place}: points"),
                POINTS,
                -500,
                500,
                mark("What a value in this row adds to the points or takes from them."),
            ),
            "points_card.*.*": Figure(
                "{of}", POINTS, -500, 500, mark("What this adds to the points or takes from them.")
            ),
        },
    ),
    Section(
        mark("Cards"),
        {
            "card_years": Figure(
                mark("A card is valid for"), YEARS, 1, 10, mark("A new card expires after so many years.")
            ),
            "card_bin": Figure(
                mark("First digits of card numbers"),
                PLAIN,
                6,
                8,
                mark("The issuer number (BIN) with which new card numbers begin."),
                kind=Kind.DIGITS,
            ),
            "replacement_fee": Figure(
                mark("Fee for a replacement card"),
                YUAN,
                0,
                1000,
                mark("What a new card in the place of a lost one costs."),
                used=False,
            ),
        },
    ),
    Section(
        mark("Asset segments"),
        {
            "segment_bounds.*": Figure(
                mark("{of}: from"),
                YUAN,
                1,
                1000000000,
                mark("Customers with at least this much at the bank belong to the segment."),
            ),
            "segment_loan_percent": Figure(
                mark("Loans count as assets at"),
                PERCENT,
                0,
                100,
                mark("So much of a customer's loans is counted among the assets."),
            ),
            "group_customers_least": Figure(
                mark("Gold customers of one manager at least"),
                PLAIN,
                1,
                1000,
                mark("One shared manager looks after a group of at least so many gold customers."),
                used=False,
            ),
            "group_customers_most": Figure(
                mark("Gold customers of one manager at most"),
                PLAIN,
                1,
                5000,
                mark("One shared manager looks after a group of at most so many gold customers."),
                used=False,
            ),
            "abc_a_percent": Figure(
                mark("Grade A: contribution up to"),
                PERCENT,
                1,
                99,
                mark("Customers who together bring the first so many percent of the contribution are grade A."),
                used=False,
            ),
            "abc_b_percent": Figure(
                mark("Grade B: contribution up to"),
                PERCENT,
                1,
                99,
                mark("Those up to this percentage are grade B, the others grade C."),
                used=False,
            ),
        },
    ),
)
