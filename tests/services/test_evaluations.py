"""Limits evaluated again: every account after so many months, with what follows from it."""

from __future__ import annotations

import random
from datetime import date
from uuid import UUID

import pytest

from bankcard_tui.errors import Conflict, VerificationFailed
from bankcard_tui.rules.columns import fen_or_unknown, or_unknown
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.terms import (
    EmployerKind,
    EvaluationResult,
    Grade,
    Housing,
    IncomeSource,
    LimitChangeKind,
    Occupation,
    PlanPurpose,
    ProposalState,
    Security,
    SpendingClass,
)
from bankcard_tui.services import evaluation_chunk
from bankcard_tui.services.evaluations import (
    count_due,
    evaluate_account,
    evaluate_all_due,
    evaluate_due,
    evaluations,
    finish_evaluation,
    start_evaluation,
)
from bankcard_tui.services.imports import JOB
from bankcard_tui.services.limits_held import SPECIAL
from bankcard_tui.services.opinions import holder_of
from bankcard_tui.services.phrases import from_json
from bankcard_tui.services.subjects import CARD_ACCOUNT, CUSTOMER
from bankcard_tui.store.types import new_id
from tests.branch import SOLID, Town
from tests.services.evaluating import (
    EVALUATION,
    PROPOSAL,
    account_of,
    holder,
    inside,
    is_granted,
    lives,
    months_pass,
    rows_of,
)

HALF_A_YEAR = 184
MUCH = {"spent": "6000.00", "balance": "2000.00"}


def evaluated(town: Town) -> None:
    evaluate_all_due(town.bank.system_desk("night"))


def test_an_account_is_evaluated_half_a_year_after_it_was_opened_and_not_a_day_before(town: Town) -> None:
    holder(town)
    months_pass(town, HALF_A_YEAR - 1)
    night = town.bank.system_desk("night")
    assert (count_due(night), evaluate_all_due(night).evaluated) == (0, 0)
    months_pass(town, 1)
    assert (count_due(night), evaluate_all_due(night).evaluated) == (1, 1)
    assert evaluate_all_due(night).evaluated == 0
    (row,) = rows_of(town, EVALUATION)
    (account,) = rows_of(town, CARD_ACCOUNT)
    assert (account.evaluation_id, account.evaluated_on) == (row.id, date(2026, 9, 2))


def test_who_spends_much_and_pays_on_time_is_proposed_an_increase_with_its_figures(town: Town) -> None:
    customer = holder(town)
    months_pass(town, HALF_A_YEAR)
    lives(town, customer, [0, 0, 3, 0, 0, 0], **MUCH)
    evaluated(town)
    (row,) = rows_of(town, EVALUATION)
    assert (row.spending_class, row.spent_percent, row.worst_days) == (SpendingClass.HIGH, 60, 3)
    assert (row.months_observed, row.owed, row.own_limits) == (6, Money.yuan(2_000), Money.yuan(10_000))
    (proposal,) = rows_of(town, PROPOSAL)
    assert (proposal.kind, proposal.before, proposal.amount) == (LimitChangeKind.RAISE, row.credit_limit, row.after)
    assert (proposal.evaluation_id, proposal.grade, proposal.policy_version) == (row.id, row.grade, 1)
    assert Money.yuan(13_000) <= proposal.amount <= Money.yuan(15_000)
    said = " ".join(str(each) for each in from_json(proposal.reason))
    assert "spent 60 % of your limits a month and paid on time for 6 months" in said


@pytest.mark.parametrize(
    ("days", "figures", "spending"),
    [
        ([0] * 6, {"spent": "3999.00"}, SpendingClass.CAUTIOUS),
        ([0, 4, 0, 0, 0, 0], {"spent": "6000.00"}, SpendingClass.LATE),
        ([0] * 5, {"spent": "6000.00"}, SpendingClass.NEW),
    ],
)
def test_a_limit_stays_for_who_is_cautious_late_or_new(
    town: Town, days: list[int], figures: dict[str, str], spending: SpendingClass
) -> None:
    customer = holder(town)
    months_pass(town, HALF_A_YEAR)
    lives(town, customer, days, **figures)
    evaluated(town)
    (row,) = rows_of(town, EVALUATION)
    assert (row.spending_class, row.result, row.after) == (spending, EvaluationResult.STABLE, row.credit_limit)
    assert rows_of(town, PROPOSAL) == []


@pytest.mark.parametrize(
    ("owed", "result", "after"),
    [
        ("2000.00", EvaluationResult.REDUCTION, 5_000),
        ("7200.00", EvaluationResult.REDUCTION, 7_500),
        ("9800.00", EvaluationResult.HELD, 10_000),
    ],
)
def test_three_months_overdue_reduce_an_excellent_limit_but_never_below_what_is_owed(
    town: Town, owed: str, result: EvaluationResult, after: int
) -> None:
    customer = holder(town)
    months_pass(town, HALF_A_YEAR)
    lives(town, customer, [0, 0, 0, 10, 20, 30], balance=owed)
    evaluated(town)
    (row,) = rows_of(town, EVALUATION)
    assert (row.account_grade, row.months_overdue, row.result) == (Grade.EXCELLENT, 3, result)
    assert row.after == Money.yuan(after)
    assert [each.grade for each in rows_of(town, PROPOSAL)] == (
        [Grade.GOOD] if result is EvaluationResult.REDUCTION else []
    )


def test_months_overdue_before_the_last_evaluation_do_not_count_again(town: Town) -> None:
    customer = holder(town)
    months_pass(town, HALF_A_YEAR)
    lives(town, customer, [0, 9, 9, 9, 0, 0])
    evaluated(town)
    months_pass(town, HALF_A_YEAR)
    lives(town, customer, [0] * 6, date(2026, 9, 1))
    evaluated(town)
    first, second = rows_of(town, EVALUATION)
    assert (first.result, first.months_overdue) == (EvaluationResult.REDUCTION, 3)
    assert (second.result, second.months_overdue, second.worst_days) == (EvaluationResult.STABLE, 0, 9)


def test_a_newer_evaluation_takes_the_place_of_an_open_proposal(town: Town) -> None:
    customer = holder(town)
    months_pass(town, HALF_A_YEAR)
    lives(town, customer, [0] * 6, **MUCH)
    evaluated(town)
    months_pass(town, HALF_A_YEAR)
    lives(town, customer, [0] * 6, date(2026, 9, 1), **MUCH)
    evaluated(town)
    old, new = rows_of(town, PROPOSAL)
    assert (old.state, new.state) == (ProposalState.LAPSED, ProposalState.OPEN)
    assert (old.ended_at, old.version) == (new.made_at, 2)


def test_a_limit_counts_with_all_others_of_the_person(town: Town) -> None:
    poor = SOLID.model_copy(update={"monthly_income": Money.yuan(2_000)})
    customer = holder(town, circumstances=poor)
    is_granted(town, "zhang", customer, 9_500)
    months_pass(town, HALF_A_YEAR)
    lives(town, customer, [0] * 6, spent="9000.00", balance="100.00")
    evaluated(town)
    rows = rows_of(town, EVALUATION)
    assert [each.own_limits for each in rows] == [Money.yuan(19_500)] * 2
    assert [each.spent_percent for each in rows] == [46, 46]
    assert all(each.after.fen - each.credit_limit.fen <= Money.yuan(500).fen for each in rows)


def test_what_personal_plans_take_of_the_income_counts_as_debt(town: Town) -> None:
    customer = holder(town)
    months_pass(town, HALF_A_YEAR)
    lives(town, customer, [0] * 6, spent="60000.00")
    runs_a_plan(town, customer, Money.yuan(12 * 8_900).fen - 5, months=12)
    alone = inside(town, lambda desk: evaluate_account(desk, account_of(town, customer)))
    evaluated(town)
    (row,) = rows_of(town, EVALUATION)
    # Of half of 18,000 yuan the plan takes 8,900: 100 yuan carry 1,000 yuan more.
    assert (row.debt, row.result, row.after) == (Money.yuan(8_900), EvaluationResult.RAISE, Money.yuan(11_000))
    assert (alone.standing.debt, alone.after) == (row.debt.fen, row.after)


def runs_a_plan(town: Town, customer: UUID, fen: int, months: int) -> None:
    """A personal plan of so many months runs beside the limit of a customer."""
    now = town.bank.clock.now()
    plan = {"kind": LimitChangeKind.PLAN, "amount": Money(fen), "months": months, "purpose": PlanPurpose.HOME}
    whose = {"branch_id": town.bank.branch.id, "card_account_id": account_of(town, customer), "customer_id": customer}
    days = {"starts_on": town.bank.day_of(now), "until": date(2027, 12, 1), "granted_at": now, "policy_version": 1}
    by = {"id": new_id(now), "granted_by": town.staff("manager")}
    with town.bank.store.write() as connection:
        connection.execute(SPECIAL.insert().values(**plan, **whose, **days, **by))


def somebody(random: random.Random) -> tuple[int, dict[str, object], list[int], dict[str, str]]:
    """Limit, circumstances, days past due and figures of somebody, anything that may be unknown unknown."""
    pick = random.choice
    changes = {
        "monthly_income": pick([None, Money.yuan(1_000), Money.yuan(4_000), Money.yuan(9_000), Money.yuan(40_000)]),
        "monthly_debt": pick([None, ZERO, Money.yuan(1_500)]),
        "liabilities": pick([None, ZERO, Money.yuan(100_000)]),
        "deposits": pick([None, ZERO, Money.yuan(80_000)]),
        "other_assets": pick([None, Money.yuan(900_000)]),
        "times_overdue": pick([None, 0, 1, 3, 9]),
        "employer_kind": pick([None, *EmployerKind]),
        "income_source": pick([None, *IncomeSource]),
        "years_employed": pick([None, 0, 4, 20]),
        "other_limits": pick([None, ZERO, Money.yuan(30_000)]),
        "occupation": pick([None, *Occupation]),
        "housing": pick([None, *Housing]),
        "security": pick([None, *Security]),
    }
    changes |= {name: None for name in ("verified_at", "income_checked_at") if random.random() < 0.2}
    days = [pick([0, 0, 0, 0, 2, 4, 35, 70]) for _ in range(random.randrange(13))]
    figures = {"spent": pick(["0.00", "2500.00", "7000.00"]), "balance": pick(["0.00", "3300.00", "12000.00"])}
    return random.choice([500, 2_000, 10_000]), changes, days, figures


@pytest.mark.parametrize("seed", range(3))
def test_the_job_comes_to_the_same_as_an_evaluation_of_each_account_alone(town: Town, seed: int) -> None:
    chance = random.Random(seed)
    customers = [holder(town, f"holder{number}") for number in range(8)]
    months_pass(town, 2 * HALF_A_YEAR)
    for customer in customers:
        limit, changes, days, figures = somebody(chance)
        with town.bank.store.write() as connection:
            connection.execute(
                CARD_ACCOUNT.update()
                .where(CARD_ACCOUNT.c.customer_id == customer)
                .values(credit_limit=Money.yuan(limit), grade=chance.choice(list(Grade)))
            )
            columns = CUSTOMER.c
            connection.execute(CUSTOMER.update().where(columns.id == customer).values(**changes))
        lives(town, customer, days, **figures)
    alone = {
        account: inside(town, lambda desk, account=account: evaluate_account(desk, account))
        for account in (account_of(town, customer) for customer in customers)
    }
    customer_of = {account_of(town, customer): customer for customer in customers}
    evaluated(town)
    reasons = {each.card_account_id: each.reason for each in rows_of(town, PROPOSAL)}
    for row in rows_of(town, EVALUATION):
        one = alone[row.card_account_id]
        assert (row.result, row.spending_class, row.grade, row.after) == (
            one.result,
            one.spending,
            one.evaluated,
            one.after,
        )
        assert (row.points, row.card) == (one.advice.opinion.points, one.advice.opinion.card)
        standing = one.standing
        assert (row.odds, row.odds_low, row.blocked) == (standing.odds, standing.odds_low, standing.blocked)
        assert (row.months_overdue, row.overdue_at_all) == (standing.months_overdue, standing.overdue_at_all)
        amounts = (row.credit_limit, row.own_limits, row.owed, row.income, row.debt)
        assert [fen_or_unknown(each) for each in amounts] == [
            *(standing.limit, standing.own_limits, standing.owed),
            *(standing.income, standing.debt),
        ]
        days, spent = or_unknown(row.worst_days), or_unknown(row.spent_percent)
        assert (row.months_observed, days, spent) == (
            *(standing.months_observed, standing.worst_days),
            standing.spent_percent,
        )
        file = inside(town, lambda desk, row=row: holder_of(desk, customer_of[row.card_account_id]))
        assert (row.use_percent, row.times_overdue, row.liabilities) == (
            *(file.own_use_percent, file.times_overdue),
            file.liabilities,
        )
        assert fen_or_unknown(row.assets) == or_unknown(file.assets_fen)
        if row.card_account_id in reasons:
            assert from_json(reasons[row.card_account_id]) == one.reasons


@pytest.mark.parametrize(("column", "word"), [("housing", "castle"), ("occupation", "spy")])
def test_a_word_that_nobody_wrote_is_not_taken_for_unknown(town: Town, column: str, word: str) -> None:
    customer = holder(town)
    months_pass(town, HALF_A_YEAR)
    with town.bank.store.write() as connection:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        connection.exec_driver_sql(f"UPDATE customer SET {column} = ? WHERE id = ?", (word, customer.bytes))
    with pytest.raises(VerificationFailed, match="altered"):
        evaluated(town)


def test_a_job_that_was_stopped_goes_on_with_the_accounts_that_are_left(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation_chunk, "AT_ONCE", 2)
    customers = [holder(town, f"holder{number}") for number in range(5)]
    months_pass(town, HALF_A_YEAR)
    for customer in customers:
        lives(town, customer, [0] * 6, **MUCH)
    night, told = town.bank.system_desk("night"), []

    def stop(done: int, of: int) -> None:
        told.append((done, of))
        if len(told) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate_all_due(night, stop)
    assert told == [(2, 5), (4, 5)]
    assert evaluate_all_due(night).evaluated == 1
    assert len(rows_of(town, EVALUATION)) == len(rows_of(town, PROPOSAL)) == 5
    (job,) = rows_of(town, JOB)[-1:]
    assert (job.done, job.ended_at) == (5, town.bank.clock.now())


def test_what_was_ended_does_not_go_on(town: Town) -> None:
    night = town.bank.system_desk("night")
    job = start_evaluation(night).view.id
    finish_evaluation(night, job)
    for step in (evaluate_due, finish_evaluation):
        with pytest.raises(Conflict, match="does not run"):
            step(night, job)
    with pytest.raises(Conflict, match="does not run"):
        evaluate_due(night, UUID(int=7))


def test_the_evaluations_of_an_account_are_shown_the_newest_first(town: Town) -> None:
    customer = holder(town)
    for first in (date(2026, 3, 1), date(2026, 9, 1)):
        months_pass(town, HALF_A_YEAR)
        lives(town, customer, [0] * 6, first, **MUCH)
        evaluated(town)
    shown = evaluations(town.desk("manager"), account_of(town, customer))
    assert [each.months_observed for each in shown] == [12, 6]
    assert all(0 < each.probability < each.high < 1 for each in shown)
    assert shown[0].at > shown[1].at
