"""A policy tried on the real portfolio: who moves and what it costs, before it is in force."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from bankcard_tui.rules.limits import GRADES, Standing, judge, millionths
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.odds import probability_of
from bankcard_tui.rules.policy import DEFAULT_POLICY, Policy
from bankcard_tui.rules.terms import Grade, Segment
from bankcard_tui.services import limit_proposals, portfolio, requests
from bankcard_tui.services.evaluations import evaluate_all_due
from bankcard_tui.services.limit_views import WhatIf
from bankcard_tui.services.portfolio import what_if
from bankcard_tui.services.subjects import CARD_ACCOUNT
from tests.branch import Town
from tests.services.evaluating import EVALUATION, PROPOSAL, holder, inside, lives, months_pass, rows_of

HALF_A_YEAR = 184


def with_tier(grade: Grade, **changes: Any) -> Policy:
    tiers = tuple(replace(each, **changes) if each.grade is grade else each for each in DEFAULT_POLICY.tiers)
    return replace(DEFAULT_POLICY, tiers=tiers)


def tried(town: Town, policy: Policy) -> WhatIf:
    return inside(town, lambda desk: what_if(desk, policy))


@pytest.fixture
def portfolio_of_four(town: Town) -> Town:
    """Two who spend much, one who is overdue and one whose card is new; all have 270,000 yuan here."""
    people = {name: holder(town, name) for name in ("spender1", "spender2", "overdue")}
    months_pass(town, HALF_A_YEAR)
    for name, customer in people.items():
        if name == "overdue":
            lives(town, customer, [0, 0, 0, 10, 10, 10])
        else:
            lives(town, customer, [0] * 6, spent="6000.00")
    evaluate_all_due(town.bank.system_desk("night"))
    holder(town, "newcomer")
    return town


def test_the_policy_in_force_tried_again_moves_nobody(portfolio_of_four: Town) -> None:
    found = tried(portfolio_of_four, DEFAULT_POLICY)
    assert (found.accounts, found.evaluated, found.moved, found.movers) == (4, 3, 0, ())
    gold = found.segments[Segment.GOLD]
    assert (gold.accounts, gold.limits) == (4, Money.yuan(40_000))
    assert (gold.raises_now, gold.reductions_now) == (gold.raises_then, gold.reductions_then) == (2, 1)
    after = sum((row.after for row in rows_of(portfolio_of_four, EVALUATION)), Money.yuan(10_000))
    assert gold.after_now == gold.after_then == after
    assert gold.risk_now == gold.risk_then
    assert ZERO < gold.risk_now < gold.limits


def test_a_smaller_raise_says_who_moves_and_what_it_costs(portfolio_of_four: Town) -> None:
    found = tried(portfolio_of_four, with_tier(Grade.EXCELLENT, raise_low_percent=10, raise_high_percent=10))
    assert [(each.limit, each.after_then) for each in found.movers] == [(Money.yuan(10_000), Money.yuan(11_000))] * 2
    assert found.moved == 2
    mine = found.grades[Grade.EXCELLENT]
    assert mine.raises_then == 2
    assert mine.after_now - mine.after_then == sum((each.after_now - each.after_then for each in found.movers), ZERO)
    assert {each.customer for each in found.movers} == {"Zhang Wei"}
    assert all(len(each.last4) == 4 for each in found.movers)


def test_a_lower_top_counts_the_limits_above_it(portfolio_of_four: Town) -> None:
    lower = with_tier(Grade.EXCELLENT, highest=Money.yuan(9_500))
    found = tried(portfolio_of_four, lower)
    assert (found.above, tried(portfolio_of_four, DEFAULT_POLICY).above) == (4, 0)
    assert found.grades[Grade.EXCELLENT].raises_then == 0


def test_limits_that_were_changed_since_count_as_they_are_today(portfolio_of_four: Town) -> None:
    town = portfolio_of_four
    for proposal in rows_of(town, PROPOSAL):
        signed_by_all(town, proposal.id)
    accounts = rows_of(town, CARD_ACCOUNT)
    reduced = next(row for row in accounts if row.grade is not Grade.EXCELLENT)
    limits = sum((row.credit_limit for row in accounts), ZERO)
    assert limits != Money.yuan(40_000)
    found = tried(town, with_tier(reduced.grade, highest=reduced.credit_limit - Money.yuan(500)))
    grades = found.grades.values()
    assert sum((each.limits for each in grades), ZERO) == limits
    assert (found.grades[reduced.grade].accounts, found.above) == (1, 1)
    # What was carried out is not to come once more: nobody is reduced twice for the same months.
    assert sum(each.reductions_now for each in grades) == 0
    assert {each.raises_now for each in grades} <= {0, 2}


def test_the_share_that_is_spent_is_one_of_the_limit_of_today(portfolio_of_four: Town) -> None:
    town = portfolio_of_four
    with town.bank.store.write() as connection:
        connection.execute(update(CARD_ACCOUNT).values(credit_limit=Money.yuan(15_000)))
    at = replace(DEFAULT_POLICY, high_spending_percent=40)
    assert tried(town, at).grades[Grade.EXCELLENT].raises_then == 2
    assert tried(town, replace(at, high_spending_percent=41)).grades[Grade.EXCELLENT].raises_then == 0


def signed_by_all(town: Town, proposal: UUID) -> None:
    """A proposal is carried out with its amount, by as many as it needs."""
    seen = limit_proposals.open_proposal(town.desk("manager"), proposal).proposal
    pending = limit_proposals.sign(town.desk("manager"), proposal, seen.version, seen.amount).pending
    if pending is not None:
        requests.sign(town.desk("manager2"), pending.id)


def test_stricter_bounds_give_the_same_customers_a_worse_grade(portfolio_of_four: Town) -> None:
    (row, *_) = rows_of(portfolio_of_four, EVALUATION)
    stricter = replace(DEFAULT_POLICY, grade_bounds_percent=(1, 2, 3))
    counted = {(have, would): count for have, would, count in tried(portfolio_of_four, stricter).regraded}
    assert sum(counted.values()) == 3
    assert all(have is row.account_grade for have, _ in counted)
    assert (Grade.EXCELLENT, Grade.EXCELLENT) not in counted or probability_of(row.odds / 1e6) < 0.01


def test_what_is_counted_in_parts_is_what_one_by_one_comes_to(
    portfolio_of_four: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portfolio, "AT_ONCE", 2)
    town, chance = portfolio_of_four, random.Random(6)
    with town.bank.store.write() as connection:
        for row in rows_of(town, EVALUATION):
            changes = {
                "assets": chance.choice([None, ZERO, Money.yuan(600_000), Money.yuan(6_000_000)]),
                "odds": millionths(chance.choice([0.05, 0.15, 0.3, 0.6])),
            }
            connection.execute(update(EVALUATION).where(EVALUATION.c.id == row.id).values(**changes))
            today = {"grade": chance.choice(list(Grade)), "credit_limit": Money.yuan(chance.choice([6_000, 10_000]))}
            connection.execute(update(CARD_ACCOUNT).where(CARD_ACCOUNT.c.evaluation_id == row.id).values(**today))
    policy = replace(with_tier(Grade.GOOD, raise_high_percent=90, lowest=Money.yuan(1_000)), grace_days=0)
    found = tried(town, policy)
    accounts = {row.evaluation_id: row for row in rows_of(town, CARD_ACCOUNT)}
    after = Money.yuan(10_000)
    moved = {}
    for row in rows_of(town, EVALUATION):
        account = accounts[row.id]
        standing = standing_of(row, account)
        now, then = (Money(judge(standing, each).after) for each in (DEFAULT_POLICY, policy))
        after += then
        if now != then:
            moved[account.id] = (account.grade, account.credit_limit, now, then)
    for each in (found.grades, found.segments):
        assert sum((moves.after_then for moves in each.values()), ZERO) == after
        assert sum(moves.accounts for moves in each.values()) == found.accounts == 4
    assert {grade for grade, moves in found.grades.items() if moves.accounts} == {
        row.grade for row in accounts.values()
    }
    assert {each.account: (each.grade, each.limit, each.after_now, each.after_then) for each in found.movers} == moved
    assert moved
    assert sum((moves.limits for moves in found.grades.values()), ZERO) == sum(
        (row.credit_limit for row in accounts.values()), ZERO
    )


def test_an_increase_that_was_made_since_leaves_less_room_in_the_total(portfolio_of_four: Town) -> None:
    town = portfolio_of_four
    ten = Money.yuan(10_000)
    poor = {"income": Money(ten.fen * 12 // 10 // DEFAULT_POLICY.total_limit_months_of_income), "debt": ZERO}
    with town.bank.store.write() as connection:
        connection.execute(update(EVALUATION).values(**poor, own_limits=ten))
    excellent = tried(town, DEFAULT_POLICY).grades[Grade.EXCELLENT]
    with town.bank.store.write() as connection:
        connection.execute(update(CARD_ACCOUNT).values(credit_limit=Money.yuan(11_000)))
    later = tried(town, DEFAULT_POLICY).grades[Grade.EXCELLENT]
    assert (excellent.limits, later.limits) == (Money.yuan(40_000), Money.yuan(44_000))
    # The total of 12,000 yuan bounds two increases; one is reduced to 5,000, and one was never evaluated.
    assert excellent.after_now == Money.yuan(12_000 + 12_000 + 5_000 + 10_000)
    assert later.after_now == Money.yuan(12_000 + 12_000 + 5_000 + 11_000)


def standing_of(row: Any, account: Any) -> Standing:
    """An evaluation of the store on the limit and grade of today, as the rules take it: the same spending is another
    share of another limit, and months overdue that have reduced it count no more.
    """
    plain = {name: getattr(row, name) for name in Standing.__slots__ if hasattr(row, name)}
    plain = {name: value.fen if isinstance(value, Money) else value for name, value in plain.items()}
    plain |= {"limit": account.credit_limit.fen, "grade": GRADES.index(account.grade)}
    plain["own_limits"] += account.credit_limit.fen - row.credit_limit.fen
    if account.credit_limit != row.credit_limit and row.spent_percent is not None:
        plain["spent_percent"] = row.spent_percent * row.own_limits.fen // plain["own_limits"]
    if account.credit_limit < row.credit_limit:
        plain |= {"months_overdue": 0, "overdue_at_all": False}
    return Standing(**{name: -1 if value is None else value for name, value in plain.items()})


def test_an_empty_branch_can_be_asked_too(town: Town) -> None:
    found = tried(town, DEFAULT_POLICY)
    assert (found.accounts, found.moved, found.regraded) == (0, 0, ())
    assert set(found.grades) == set(Grade)
    assert set(found.segments) == set(Segment)
