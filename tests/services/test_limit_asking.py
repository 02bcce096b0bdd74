"""What people see of their limits and ask for; temporary increases and plans, granted and ended."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.desk import Desk
from bankcard_tui.errors import Conflict, InvalidInput, Refused
from bankcard_tui.models.base import table
from bankcard_tui.models.outbox import Message
from bankcard_tui.rules.card_numbers import card_number
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import LimitChangeKind, PlanPurpose, ProposalOrigin, ProposalState, RequestStatus
from bankcard_tui.services import limit_asking, limit_changes, limit_proposals, logs, requests
from bankcard_tui.services.limit_views import LimitView, ProposalView
from bankcard_tui.services.subjects import CUSTOMER
from tests.services.limit_day import proposed
from tests.services.world import World

yuan = Money.yuan
TODAY = date(2026, 3, 2)
MESSAGE = table(Message)
RAISE, REDUCTION, TEMPORARY, PLAN = limit_asking.ASKABLE


def holder(world: World) -> Desk:
    return world.town.desk("issued")


def mine(world: World) -> LimitView:
    (limit,) = limit_asking.my_limits(holder(world))
    return limit


def asks(world: World, kind: LimitChangeKind, amount: Money, **more: Any) -> ProposalView:
    """The holder takes back what was asked before, and asks for this."""
    for each in limit_asking.my_asks(holder(world)):
        if each.state is ProposalState.OPEN:
            limit_asking.take_back(holder(world), each.id)
    return limit_asking.ask(holder(world), world.ids["issued.limit"], kind, amount, **more).view


def granted(world: World, ask: ProposalView, amount: Money) -> None:
    """A manager signs it, and a colleague where two have to."""
    seen = limit_proposals.open_proposal(world.desk("manager"), ask.id).proposal
    pending = limit_proposals.sign(world.desk("manager"), seen.id, seen.version, amount).pending
    if pending is not None:
        assert requests.sign(world.desk("manager2"), pending.id).view.status in (
            RequestStatus.DONE,
            RequestStatus.PENDING,
        )
        if pending.needed > 2:
            assert requests.sign(world.desk("director"), pending.id).view.status is RequestStatus.DONE


def temporary(world: World, amount: int = 4_000, days: int = 30) -> None:
    until = TODAY + timedelta(days=days)
    granted(world, asks(world, TEMPORARY, yuan(amount), until=until), yuan(amount))


def later(world: World, days: int) -> None:
    clock = world.bank.clock
    assert isinstance(clock, SimulatedClock)
    clock.advance(timedelta(days=days))


def test_a_new_limit_begins_its_history_with_the_grant(again: World) -> None:
    limit = mine(again)
    assert (limit.limit, limit.total, limit.specials) == (yuan(10_000), yuan(10_000), ())
    (grant,) = limit.history
    assert (grant.kind, grant.before, grant.after) == (LimitChangeKind.GRANTED, Money(0), yuan(10_000))
    assert (limit.evaluated_on, limit.evaluated_again_on) == (TODAY, date(2026, 9, 2))


def test_one_wish_at_a_time_waits_for_its_answer(again: World) -> None:
    (before,) = limit_asking.my_asks(holder(again))
    assert (before.state, before.said, before.evaluation) == (ProposalState.OPEN, "A journey.", None)
    with pytest.raises(Conflict, match="asked for already"):
        limit_asking.ask(holder(again), again.ids["issued.limit"], REDUCTION, yuan(5_000))
    limit_asking.take_back(holder(again), before.id)
    asked = limit_asking.ask(holder(again), again.ids["issued.limit"], REDUCTION, yuan(5_000)).view
    assert {each.id: each.state for each in limit_asking.my_asks(holder(again))} == {
        asked.id: ProposalState.OPEN,
        before.id: ProposalState.WITHDRAWN,
    }
    with pytest.raises(Conflict, match="not open any more"):
        limit_asking.take_back(holder(again), before.id)


WRONG: dict[str, tuple[LimitChangeKind, int, dict[str, Any], str]] = {
    "an increase that is none": (RAISE, 10_000, {}, "between 10,500.00 and 180,000.00"),
    "an increase above the total": (RAISE, 180_500, {}, "between 10,500.00 and 180,000.00"),
    "an odd amount": (RAISE, 10_700, {}, "a multiple of 500.00"),
    "a reduction that is none": (REDUCTION, 10_000, {}, "between 500.00 and 9,500.00"),
    "a reduction to nothing": (REDUCTION, 0, {}, "between 500.00 and 9,500.00"),
    "more than half": (TEMPORARY, 5_500, {"until": TODAY}, "between 500.00 and 5,000.00"),
    "nothing": (TEMPORARY, 0, {"until": TODAY}, "between 500.00 and 5,000.00"),
    "without an end": (TEMPORARY, 1_000, {}, "ends between 2026-03-02 and 2026-05-31"),
    "a past end": (TEMPORARY, 1_000, {"until": date(2026, 3, 1)}, "ends between"),
    "too long": (TEMPORARY, 1_000, {"until": date(2026, 6, 1)}, "ends between"),
    "a plan for nothing": (PLAN, 10_000, {"months": 12}, "has a purpose"),
    "a plan without a term": (PLAN, 10_000, {"purpose": PlanPurpose.CAR}, "at most 60 months"),
    "a plan too long": (PLAN, 10_000, {"purpose": PlanPurpose.CAR, "months": 61}, "at most 60 months"),
    "a plan of no months": (PLAN, 10_000, {"purpose": PlanPurpose.CAR, "months": 0}, "at most 60 months"),
    "a plan too dear": (PLAN, 150_500, {"purpose": PlanPurpose.CAR, "months": 60}, "and 150,000.00"),
    "a plan above the income": (PLAN, 50_000, {"purpose": PlanPurpose.CAR, "months": 5}, "and 45,000.00"),
    "what is no wish": (LimitChangeKind.GRANTED, 10_000, {}, "can't be asked for"),
    "the end of a plan": (LimitChangeKind.PLAN_END, 10_000, {}, "can't be asked for"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_can_not_be_is_not_asked_for(again: World, case: str) -> None:
    kind, amount, more, words = WRONG[case]
    with pytest.raises(InvalidInput, match=words):
        asks(again, kind, yuan(amount), **more)


def test_the_bounds_that_are_shown_are_those_that_hold(again: World) -> None:
    bounds = limit_asking.bounds_of(holder(again), again.ids["issued.limit"])
    assert bounds.raised == (yuan(10_500), yuan(180_000))
    assert bounds.reduced == (yuan(500), yuan(9_500))
    assert bounds.temporary == (yuan(500), yuan(5_000))
    assert bounds.temporary_until == date(2026, 5, 31)
    car = next(each for each in bounds.plans if each.purpose is PlanPurpose.CAR)
    assert (car.highest, car.longest_months, car.monthly) == (yuan(150_000), 60, yuan(9_000))
    assert limit_asking.bounds_of(again.desk("manager"), again.ids["issued.limit"]).raised[1] == yuan(50_000)


def test_a_tellers_entry_is_the_customers_wish(again: World) -> None:
    asked = limit_asking.ask(again.desk("teller"), again.ids["handed.limit"], REDUCTION, yuan(5_000), said="Too much.")
    seen = limit_proposals.open_proposal(again.desk("manager"), asked.view.id).proposal
    assert (seen.origin, seen.made_by, seen.said) == (ProposalOrigin.CUSTOMER, "Teller", "Too much.")


def test_others_neither_see_nor_take_back_a_wish(again: World) -> None:
    for attempt in (
        lambda: limit_asking.take_back(again.town.desk("other"), again.ids["issued.proposal"]),
        lambda: limit_asking.bounds_of(again.town.desk("other"), again.ids["issued.limit"]),
        lambda: limit_asking.ask(again.town.desk("other"), again.ids["issued.limit"], REDUCTION, yuan(5_000)),
        lambda: limit_asking.take_back(again.desk("manager"), again.ids["issued.proposal"]),
    ):
        with pytest.raises(Refused):
            attempt()


def test_a_wish_that_was_taken_back_ends_its_request(again: World) -> None:
    seen = limit_proposals.open_proposal(again.desk("manager"), again.ids["issued.proposal"]).proposal
    pending = limit_proposals.sign(again.desk("manager"), seen.id, seen.version, seen.amount).pending
    assert pending is not None
    limit_asking.take_back(holder(again), seen.id)
    with pytest.raises(Conflict, match="not wait any more"):
        requests.sign(again.desk("manager2"), pending.id)


def test_customers_see_nothing_that_is_for_staff_alone(again: World) -> None:
    seen = limit_proposals.open_proposal(again.desk("manager"), again.ids["issued.proposal"]).proposal
    limit_proposals.sign(again.desk("manager"), seen.id, seen.version, seen.amount, "Knows somebody on the board.")
    (asked,) = limit_asking.my_asks(holder(again))
    assert asked.waiting is None
    assert "board" not in str(asked)


def test_what_a_manager_proposed_and_a_colleague_refused_is_not_in_the_customers_log(again: World) -> None:
    account = again.ids["issued.limit"]
    proposal = limit_asking.propose(again.desk("manager"), account, REDUCTION, yuan(6_000)).view
    limit_proposals.refuse(again.desk("manager2"), proposal.id, proposal.version)
    wish = asks(again, RAISE, yuan(12_000))
    limit_proposals.refuse(again.desk("manager"), wish.id, wish.version, "Not yet.")
    of_limits = [row for row in logs.my_log(holder(again)).items if row.action.startswith("limit.")]
    assert "6,000.00" not in str(of_limits)
    assert [row.subject_id for row in of_limits if row.action == "limit.refuse"] == [wish.id]


def test_a_temporary_increase_counts_until_its_last_day_and_ends_by_itself(world: World) -> None:
    temporary(world, days=30)
    now = mine(world)
    assert (now.limit, now.total) == (yuan(10_000), yuan(14_000))
    (special,) = now.specials
    assert (special.running, special.until) == (True, TODAY + timedelta(days=30))
    assert {each.kind for each in now.history} == {TEMPORARY, LimitChangeKind.GRANTED}
    night = world.bank.system_desk("night")
    later(world, 30)
    assert limit_changes.end_due_specials(night) == 0
    later(world, 1)
    assert limit_changes.end_due_specials(night) == 1
    assert limit_changes.end_due_specials(night) == 0
    ended = limit_asking.limit_of_account(world.town.sign_in("manager", "later"), world.ids["issued.limit"])
    assert (ended.total, ended.specials[0].running) == (yuan(10_000), False)
    change = ended.history[0]
    assert (change.kind, change.before, change.after) == (
        LimitChangeKind.TEMPORARY_END,
        yuan(14_000),
        yuan(10_000),
    )
    assert change.by == ""
    assert str(change.reason[0]) == "The temporary increase of 4,000.00 yuan ended on 2026-04-01, as agreed."
    with world.bank.store.read() as connection:
        told = connection.execute(select(MESSAGE.c.id).where(MESSAGE.c.change_id == change.id)).all()
    assert told


def test_one_temporary_increase_runs_at_a_time(again: World) -> None:
    temporary(again, 1_000)
    ask = asks(again, TEMPORARY, yuan(500), until=TODAY)
    with pytest.raises(Refused, match="runs already"):
        granted(again, ask, yuan(500))


def test_an_answer_that_comes_after_the_last_day_grants_nothing(world: World) -> None:
    ask = asks(world, TEMPORARY, yuan(500), until=TODAY)
    later(world, 1)
    manager = world.town.sign_in("manager", "later")
    file = limit_proposals.open_proposal(manager, ask.id)
    assert "ends between" in str(file.problem[0])
    with pytest.raises(InvalidInput, match="ends between"):
        limit_proposals.sign(manager, ask.id, file.proposal.version, yuan(500))


def test_a_plan_takes_of_the_income_what_other_debts_leave(again: World) -> None:
    ask = asks(again, PLAN, yuan(72_000), purpose=PlanPurpose.CAR, months=12)
    assert (ask.monthly, ask.signatures) == (yuan(6_000), 3)
    granted(again, ask, yuan(72_000))
    assert mine(again).total == yuan(82_000)
    assert mine(again).specials[0].until == date(2027, 3, 2)
    # 9,000 a month are half of the income; 3,000 are left for another plan.
    with pytest.raises(InvalidInput, match=r"and 36,000\.00"):
        asks(again, PLAN, yuan(36_500), purpose=PlanPurpose.HOME, months=12)
    with again.bank.store.write() as connection:
        of_holder = update(CUSTOMER).where(CUSTOMER.c.id == again.ids["issued.customer"])
        connection.execute(of_holder.values(monthly_income=None))
    with pytest.raises(Refused, match="income or the debts are not known"):
        asks(again, PLAN, yuan(500), purpose=PlanPurpose.HOME, months=12)


def test_what_a_plan_takes_of_the_income_carries_no_increase(again: World) -> None:
    proposal = proposed(again.bank, again.ids["issued.limit"], yuan(13_000))
    granted(again, asks(again, PLAN, yuan(108_000), purpose=PlanPurpose.CAR, months=12), yuan(108_000))
    assert mine(again).specials[0].amount == yuan(108_000)
    version = limit_proposals.open_proposal(again.desk("manager"), proposal).proposal.version
    with pytest.raises(Refused, match="carries no more"):
        limit_proposals.sign(again.desk("manager"), proposal, version, yuan(10_500))


def test_what_stands_beside_the_limit_counts_in_the_total_and_for_the_opinion(again: World) -> None:
    granted(again, asks(again, PLAN, yuan(72_000), purpose=PlanPurpose.CAR, months=12), yuan(72_000))
    file = limit_proposals.open_proposal(again.desk("manager"), asks(again, RAISE, yuan(12_000)).id)
    assert file.own_limits == yuan(82_000)
    with pytest.raises(InvalidInput, match=r"and 108,000\.00"):
        asks(again, RAISE, yuan(108_500))


def test_several_that_end_together_go_down_step_by_step(world: World) -> None:
    temporary(world, 4_000, days=10)
    granted(world, asks(world, PLAN, yuan(6_000), purpose=PlanPurpose.OTHER, months=1), yuan(6_000))
    later(world, 60)
    assert limit_changes.end_due_specials(world.bank.system_desk("night")) == 2
    manager = world.town.sign_in("manager", "later")
    second, first = limit_asking.limit_of_account(manager, world.ids["issued.limit"]).history[:2]
    assert (first.kind, first.before, first.after) == (LimitChangeKind.TEMPORARY_END, yuan(20_000), yuan(16_000))
    assert (second.kind, second.before, second.after) == (LimitChangeKind.PLAN_END, yuan(16_000), yuan(10_000))


def test_a_manager_proposes_within_what_could_be_signed(again: World) -> None:
    with pytest.raises(InvalidInput, match=r"and 50,000\.00"):
        limit_asking.propose(again.desk("manager"), again.ids["issued.limit"], RAISE, yuan(50_500))
    made = limit_asking.propose(again.desk("manager"), again.ids["issued.limit"], RAISE, yuan(20_000), note="Loyal.")
    assert (made.view.origin, made.view.made_by, made.view.said) == (ProposalOrigin.MANAGER, "Manager", "Loyal.")
    with pytest.raises(Refused, match="Only whoever has proposed"):
        limit_asking.take_back(again.desk("manager2"), made.view.id)
    assert limit_asking.take_back(again.desk("manager"), made.view.id).view.state is ProposalState.WITHDRAWN


def test_no_number_in_a_customers_words_stays_readable(again: World) -> None:
    number = card_number("623500", 12_345, 16)
    ask = asks(again, REDUCTION, yuan(5_000), said=f"My card {number} is lost")
    assert ask.said == f"My card {'*' * 12}{number[-4:]} is lost"
