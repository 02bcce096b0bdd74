"""A batch of proposals that was looked through is signed as a whole, or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from bankcard_tui.desk.results import Result
from bankcard_tui.errors import BankError, Conflict, InvalidInput, NotFound, Refused
from bankcard_tui.rules.money import LARGEST_FEN, Money
from bankcard_tui.rules.terms import Grade, LimitChangeKind, ProposalState, RequestStatus
from bankcard_tui.services import limit_asking, limit_batches, limit_proposals, limit_waiting, logs, requests
from bankcard_tui.services.limit_rows import CHANGE
from bankcard_tui.services.limit_views import ProposalTotals, Seen
from bankcard_tui.services.subjects import CUSTOMER, PROPOSAL
from tests.services.limit_day import proposed
from tests.services.world import World

yuan = Money.yuan
UNWATCHED = ("log_entry", "log_head", "session")


def raise_and_reduction(world: World) -> tuple[UUID, UUID]:
    """An increase for one customer, and a reduction for another."""
    low = {"kind": LimitChangeKind.REDUCTION, "grade": Grade.GOOD}
    return (
        proposed(world.bank, world.ids["issued.limit"], yuan(13_000)),
        proposed(world.bank, world.ids["self.teller.limit"], yuan(5_000), **low),
    )


def seen(world: World, *ids: UUID, by: str = "manager") -> tuple[Seen, ...]:
    """Proposals as somebody sees them in the list."""
    listed = {each.id: each for each in limit_proposals.proposals(world.desk(by)).items}
    return tuple(Seen(proposal=id, version=listed[id].version, amount=listed[id].amount) for id in ids)


def sign(world: World, *ids: UUID, by: str = "manager", raised: int = 3_000) -> Result[ProposalTotals]:
    return limit_batches.sign_batch(world.desk(by), seen(world, *ids), yuan(raised), yuan(5_000))


def limits(world: World) -> list[Money]:
    manager = world.desk("manager")
    return [
        limit_asking.limit_of_account(manager, world.ids[name]).limit for name in ("issued.limit", "self.teller.limit")
    ]


def test_a_batch_is_signed_by_as_many_as_its_largest_needs(again: World) -> None:
    pending = sign(again, *raise_and_reduction(again)).pending
    assert pending is not None
    assert (pending.signed, pending.needed, pending.subject_kind) == (1, 2, "limit_batch")
    assert limits(again) == [yuan(10_000), yuan(10_000)]
    assert requests.sign(again.desk("manager2"), pending.id).view.status is RequestStatus.DONE
    assert limits(again) == [yuan(13_000), yuan(5_000)]
    assert {
        each.state for each in limit_proposals.proposals(again.desk("manager"), state=ProposalState.DONE).items
    } == {ProposalState.DONE}


def test_each_customer_of_a_batch_finds_it_in_the_own_log(again: World) -> None:
    pending = sign(again, *raise_and_reduction(again)).pending
    assert pending is not None

    def own(name: str) -> list[tuple[str, Any]]:
        rows = logs.my_log(again.town.desk(name)).items
        return [(row.outcome, row.detail["limit"]) for row in rows if row.action == "limit.sign_batch"]

    assert own("issued") == []
    requests.sign(again.desk("manager2"), pending.id)
    assert own("issued") == [("done", "13,000.00")]
    assert logs.verify_log(again.bank.system_desk("night")).sound


def test_reductions_alone_need_one_signature(again: World) -> None:
    _, low = raise_and_reduction(again)
    done = limit_batches.sign_batch(again.desk("manager"), seen(again, low), Money(0), yuan(5_000))
    assert (done.view.count, done.view.reductions, done.view.reduced) == (1, 1, yuan(5_000))
    assert limits(again) == [yuan(10_000), yuan(5_000)]


@pytest.mark.parametrize(("raised", "reduced"), [(3_001, 5_000), (3_000, 4_999), (0, 0), (8_000, 0)])
def test_totals_that_do_not_fit_stop_it(again: World, raised: int, reduced: int) -> None:
    contents = seen(again, *raise_and_reduction(again))
    with pytest.raises(Conflict, match="totals that you saw"):
        limit_batches.sign_batch(again.desk("manager"), contents, yuan(raised), yuan(reduced))


def test_one_that_was_changed_stops_all_and_is_named(again: World) -> None:
    high, low = raise_and_reduction(again)
    contents = seen(again, high, low)
    limit_proposals.refuse(again.desk("manager2"), low, contents[1].version)
    before = again.contents(without=UNWATCHED)
    with pytest.raises(Conflict, match=r"because of Teller, limit 10,000\.00 yuan: .*not open any more"):
        limit_batches.sign_batch(again.desk("manager"), contents, yuan(3_000), yuan(5_000))
    assert again.contents(without=UNWATCHED) == before


def test_a_rule_that_one_breaks_stops_all_and_is_named(again: World) -> None:
    high, low = raise_and_reduction(again)
    with again.bank.store.write() as connection:
        worse = update(CUSTOMER).where(CUSTOMER.c.id == again.ids["issued.customer"])
        connection.execute(worse.values(times_overdue=9))
    with pytest.raises(Conflict, match=r"because of Zhang Wei, .*Overdue 9 times"):
        sign(again, low, high)
    assert limits(again) == [yuan(10_000), yuan(10_000)]


def test_one_changed_while_the_batch_waits_makes_it_fail(again: World) -> None:
    high, low = raise_and_reduction(again)
    pending = sign(again, high, low).pending
    assert pending is not None
    with again.bank.store.write() as connection:
        connection.execute(update(PROPOSAL).where(PROPOSAL.c.id == low).values(version=7))
    ended = requests.sign(again.desk("manager2"), pending.id).view
    assert ended.status is RequestStatus.FAILED
    assert "Teller" in str(ended.problem[0])
    assert limits(again) == [yuan(10_000), yuan(10_000)]


def test_what_waits_in_a_batch_is_decided_in_no_other_way(again: World) -> None:
    high, low = raise_and_reduction(again)
    assert sign(again, high, low).pending is not None
    shown = {each.id: each for each in limit_proposals.proposals(again.desk("manager2")).items}
    assert shown[low].waiting is not None
    assert shown[low].waiting == shown[high].waiting
    one = seen(again, low)
    for attempt in (
        lambda: limit_proposals.sign(again.desk("manager2"), low, one[0].version, one[0].amount),
        lambda: limit_proposals.refuse(again.desk("manager2"), low, one[0].version),
        lambda: limit_batches.sign_batch(again.desk("manager2"), one, Money(0), yuan(5_000)),
        lambda: sign(again, low, high, by="manager2"),
    ):
        with pytest.raises(Conflict, match="waits for a"):
            attempt()


def test_nobody_signs_a_batch_in_which_they_are_themselves(again: World) -> None:
    high, _ = raise_and_reduction(again)
    own = seen(again, high, again.ids["self.manager.proposal"], by="manager2")
    with pytest.raises(Refused, match="Nobody acts on their own"):
        limit_batches.sign_batch(again.desk("manager"), own, yuan(6_000), Money(0))


def test_nobody_gives_a_further_signature_for_themselves(again: World) -> None:
    high, _ = raise_and_reduction(again)
    own = seen(again, high, again.ids["self.manager.proposal"], by="manager2")
    pending = limit_batches.sign_batch(again.desk("manager2"), own, yuan(6_000), Money(0), "Known here.").pending
    assert pending is not None
    for attempt in (
        lambda: requests.sign(again.desk("manager"), pending.id),
        lambda: requests.refuse(again.desk("manager"), pending.id, "No."),
    ):
        with pytest.raises(Refused, match="Nobody acts on their own"):
            attempt()
    assert requests.sign(again.desk("director"), pending.id).view.status is RequestStatus.DONE


def test_what_a_batch_would_do_is_looked_through_before_it_is_signed(again: World) -> None:
    high, low = raise_and_reduction(again)
    pending = sign(again, high, low).pending
    assert pending is not None
    rows = [each for each in limit_waiting.waiting(again.desk("manager2")).items if not each.altered]
    row = next(each for each in rows if each.request.id == pending.id)
    assert (row.proposal, row.totals.count, row.totals.raised, row.totals.reduced) == (
        None,
        2,
        yuan(3_000),
        yuan(5_000),
    )
    file = limit_waiting.open_batch(again.desk("manager2"), pending.id)
    assert {each.proposal.id: each.amount for each in file.contents} == {high: yuan(13_000), low: yuan(5_000)}
    assert file.totals == row.totals


def test_an_altered_batch_is_not_signed(again: World) -> None:
    pending = sign(again, *raise_and_reduction(again)).pending
    assert pending is not None
    for payload in ('{"seen": [{"proposal": 7}]}', "[[[", '{"seen": 1}', "x"):
        with again.bank.store.write() as connection:
            connection.execute(
                update(requests.REQUEST).where(requests.REQUEST.c.id == pending.id).values(payload=payload)
            )
        assert {each.altered for each in limit_waiting.waiting(again.desk("manager2")).items} == {True, False}
        assert limit_proposals.proposals(again.desk("manager2")).items
        with pytest.raises(BankError, match="altered"):
            requests.sign(again.desk("manager2"), pending.id)


def test_the_same_account_does_not_stand_twice_in_a_batch(again: World) -> None:
    high, _ = raise_and_reduction(again)
    both = seen(again, high, again.ids["issued.proposal"])
    with pytest.raises(InvalidInput, match="stands twice"):
        limit_batches.sign_batch(again.desk("manager"), both, yuan(5_000), Money(0))
    with pytest.raises(InvalidInput, match="stands twice"):
        limit_batches.sign_batch(again.desk("manager"), seen(again, high, high), yuan(6_000), Money(0))


def test_a_batch_is_neither_empty_nor_endless_nor_about_nothing(again: World) -> None:
    nothing = Seen(proposal=UUID(int=7), version=1, amount=yuan(1_000))
    for contents in ((), (nothing,) * 501):
        with pytest.raises(InvalidInput, match="at most 500 proposals"):
            limit_batches.sign_batch(again.desk("manager"), contents, Money(0), Money(0))
    with pytest.raises(NotFound):
        limit_batches.sign_batch(again.desk("manager"), (nothing,), Money(0), Money(0))


@pytest.mark.parametrize("amount", [Money(LARGEST_FEN), Money(-LARGEST_FEN)])
def test_absurd_amounts_are_refused_in_words(again: World, amount: Money) -> None:
    contents = tuple(each.model_copy(update={"amount": amount}) for each in seen(again, *raise_and_reduction(again)))
    with pytest.raises(Conflict, match="must lie between"):
        limit_batches.sign_batch(again.desk("manager"), contents, Money(0), Money(0))
    for each in contents:
        with pytest.raises(InvalidInput, match="must lie between"):
            limit_proposals.sign(again.desk("manager"), each.proposal, each.version, amount)
    for kind in limit_asking.ASKABLE:
        with pytest.raises(BankError):
            limit_asking.propose(again.desk("manager"), again.ids["issued.limit"], kind, amount, months=2)


def test_two_managers_with_overlapping_batches_at_once_make_one_request(again: World) -> None:
    high, low = raise_and_reduction(again)

    def attempt(by: str) -> str:
        try:
            return "done" if sign(again, high, low, by=by).pending else ""
        except Conflict:
            return "late"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, ("manager", "manager2"))) == ["done", "late"]


def test_the_total_of_a_person_holds_within_a_batch(again: World) -> None:
    """Two accounts of one customer, each of whose increases fits alone: together they do not."""
    with again.bank.store.write() as connection:
        poorer = update(CUSTOMER).where(CUSTOMER.c.id == again.ids["issued.customer"])
        connection.execute(poorer.values(monthly_income=yuan(3_000)))
        moved = update(limit_proposals.CARD_ACCOUNT).where(
            limit_proposals.CARD_ACCOUNT.c.id == again.ids["self.teller.limit"]
        )
        connection.execute(moved.values(customer_id=again.ids["issued.customer"]))
    first = proposed(again.bank, again.ids["issued.limit"], yuan(17_000))
    second = proposed(again.bank, again.ids["self.teller.limit"], yuan(17_000))
    contents = seen(again, first, second)
    for each in contents:
        limit_proposals.sign(again.desk("manager"), each.proposal, each.version, each.amount)
    for row in limit_waiting.waiting(again.desk("manager")).items:
        if not row.altered and row.proposal is not None and row.proposal.id in (first, second):
            requests.withdraw(again.desk("manager"), row.request.id)
    with pytest.raises(Conflict, match=r"between 10,500\.00 and 13,000\.00"):
        limit_batches.sign_batch(again.desk("manager"), contents, yuan(14_000), Money(0))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(10_500, 60_000), st.integers(500, 10_000), st.integers(-1, 1), st.integers(-1, 1))
def test_a_batch_moves_limits_by_its_totals_and_by_nothing_else(
    day: World, again: World, high: int, low: int, wrong_raise: int, wrong_cut: int
) -> None:
    again.again(day)
    first, second = raise_and_reduction(again)
    to_high, to_low = yuan(high).rounded_down(yuan(500)), yuan(low).rounded_down(yuan(500))
    amounts = {first: to_high, second: to_low}
    contents = tuple(each.model_copy(update={"amount": amounts[each.proposal]}) for each in seen(again, first, second))
    raised, cut = to_high - yuan(10_000), yuan(10_000) - to_low
    before = sum(limits(again), start=Money(0))
    try:
        pending = limit_batches.sign_batch(
            again.desk("manager"), contents, raised + yuan(wrong_raise), cut + yuan(wrong_cut)
        ).pending
    except Conflict:
        assert sum(limits(again), start=Money(0)) == before
        with again.bank.store.read() as connection:
            kinds = set(connection.execute(select(CHANGE.c.kind)).scalars())
        assert kinds <= {LimitChangeKind.GRANTED}
        return
    assert (wrong_raise, wrong_cut) == (0, 0)
    assert pending is not None
    assert requests.sign(again.desk("manager2"), pending.id).view.status is RequestStatus.DONE
    assert sum(limits(again), start=Money(0)) == before + raised - cut


def test_a_batch_of_any_length_is_refused_before_the_store_is_asked(again: World) -> None:
    many = tuple(Seen(proposal=UUID(int=each), version=1, amount=yuan(1_000)) for each in range(260_000))
    with pytest.raises(InvalidInput, match="500 proposals"):
        limit_batches.sign_batch(again.desk("manager"), many, yuan(0), yuan(0))
