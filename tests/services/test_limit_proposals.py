"""Proposals for limits: carried out with the signatures that what may be owed asks for, by rules looked at again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.operation import run
from bankcard_tui.desk.registry import REGISTRY
from bankcard_tui.errors import BankError, Conflict, InvalidInput, NotFound, Phrase, Refused
from bankcard_tui.models.base import table
from bankcard_tui.models.outbox import Message
from bankcard_tui.models.outcome import HistoryMonth
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy import DEFAULT_POLICY
from bankcard_tui.rules.terms import (
    EvaluationResult,
    Grade,
    Housing,
    LimitChangeKind,
    Occupation,
    ProposalOrigin,
    ProposalState,
    RequestStatus,
)
from bankcard_tui.services import limit_asking, limit_proposals, limit_waiting, requests
from bankcard_tui.services.limit_rows import CHANGE
from bankcard_tui.services.limit_views import LimitView, ProposalView
from bankcard_tui.services.phrases import to_json
from bankcard_tui.services.subjects import CARD_ACCOUNT, CUSTOMER, PROPOSAL
from tests.services.limit_day import proposed
from tests.services.world import World

yuan = Money.yuan
MESSAGE, HISTORY = table(Message), table(HistoryMonth)


def shown(world: World, proposal: UUID, by: str = "manager") -> ProposalView:
    return limit_proposals.open_proposal(world.desk(by), proposal).proposal


def sign(world: World, by: str, proposal: UUID, amount: Money) -> Any:
    return limit_proposals.sign(world.desk(by), proposal, shown(world, proposal).version, amount)


def limit_of(world: World, name: str) -> LimitView:
    return limit_asking.limit_of_account(world.desk("manager"), world.ids[f"{name}.limit"])


def owes(world: World, name: str, amount: Money, days: int = 0) -> None:
    """The newest month of a customer's history."""
    with world.bank.store.write() as connection:
        connection.execute(
            insert(HISTORY).values(
                branch_id=world.bank.branch.id,
                customer_id=world.ids[f"{name}.customer"],
                month=date(2026, 2, 1),
                days_past_due=days,
                balance=amount,
                spent=Money(0),
                repaid=Money(0),
                due=Money(0),
                cash=Money(0),
            )
        )


def reduced(world: World, amount: int, **columns: Any) -> UUID:
    kind = {"kind": LimitChangeKind.REDUCTION, "grade": Grade.GOOD, **columns}
    return proposed(world.bank, world.ids["issued.limit"], yuan(amount), **kind)


def signed_by_two(world: World, proposal: UUID, amount: Money) -> None:
    pending = sign(world, "manager", proposal, amount).pending
    assert pending is not None
    assert requests.sign(world.desk("manager2"), pending.id).view.status is RequestStatus.DONE


def test_one_signature_is_not_enough_above_ten_thousand(again: World) -> None:
    pending = sign(again, "manager", again.ids["issued.proposal"], yuan(12_000)).pending
    assert pending is not None
    assert (pending.signed, pending.needed, pending.subject_kind) == (1, 2, "limit")
    assert limit_of(again, "issued").limit == yuan(10_000)
    assert requests.sign(again.desk("manager2"), pending.id).view.status is RequestStatus.DONE
    assert limit_of(again, "issued").limit == yuan(12_000)


def test_a_change_stands_in_the_history_with_its_reason_and_is_told(again: World) -> None:
    signed_by_two(again, again.ids["issued.proposal"], yuan(12_000))
    history = {each.kind: each for each in limit_of(again, "issued").history}
    assert history.keys() == {LimitChangeKind.GRANTED, LimitChangeKind.RAISE}
    change = history[LimitChangeKind.RAISE]
    assert (change.before, change.after) == (yuan(10_000), yuan(12_000))
    assert [str(each) for each in change.reason] == [
        "You asked for a limit of 12,000.00 yuan.",
        "All your limits here then come to 12,000.00 yuan, of at most 180,000.00 yuan.",
    ]
    with again.bank.store.read() as connection:
        told = connection.execute(select(MESSAGE.c.about).where(MESSAGE.c.change_id == change.id)).scalars().all()
        written = connection.execute(select(CHANGE).where(CHANGE.c.id == change.id)).one()
    assert told
    assert written.request_id is not None
    assert written.policy_version == 1
    assert shown(again, again.ids["issued.proposal"]).state is ProposalState.DONE


def test_a_reduction_needs_one_manager(again: World) -> None:
    done = sign(again, "manager", reduced(again, 5_000), yuan(5_000))
    assert done.pending is None
    now = limit_of(again, "issued")
    assert (now.limit, now.grade) == (yuan(5_000), Grade.GOOD)


def test_signatures_go_by_all_that_may_be_owed_afterwards(again: World) -> None:
    """A limit of 10,000 with 5,000 beside it is signed by two, whatever the single amount."""
    temporary = limit_asking.propose(
        again.desk("manager"),
        again.ids["issued.limit"],
        LimitChangeKind.TEMPORARY,
        yuan(5_000),
        until=again.bank.day_of(again.bank.clock.now()) + timedelta(days=30),
    ).view
    assert temporary.signatures == 2
    pending = sign(again, "manager2", temporary.id, yuan(500)).pending
    assert pending is not None
    large = proposed(again.bank, again.ids["issued.limit"], yuan(31_000))
    assert shown(again, large).signatures == 3


def test_nobody_signs_for_themselves_nor_what_they_proposed(again: World) -> None:
    with pytest.raises(Refused, match="Nobody acts on their own"):
        limit_proposals.open_proposal(again.desk("manager"), again.ids["self.manager.proposal"])
    mine = limit_asking.propose(
        again.desk("manager"), again.ids["issued.limit"], LimitChangeKind.REDUCTION, yuan(8_000)
    ).view
    assert mine.mine
    with pytest.raises(Refused, match="somebody else decides"):
        limit_proposals.sign(again.desk("manager"), mine.id, mine.version, yuan(8_000))
    assert limit_proposals.sign(again.desk("manager2"), mine.id, mine.version, yuan(8_000)).pending is None


def test_whoever_proposed_gives_no_further_signature(again: World) -> None:
    mine = limit_asking.propose(
        again.desk("manager"), again.ids["issued.limit"], LimitChangeKind.RAISE, yuan(11_000)
    ).view
    pending = sign(again, "manager2", mine.id, yuan(11_000)).pending
    assert pending is not None
    with pytest.raises(Refused, match="somebody else decides"):
        requests.sign(again.desk("manager"), pending.id)
    with pytest.raises(Refused, match="signed this already"):
        requests.sign(again.desk("manager2"), pending.id)
    assert requests.sign(again.desk("director"), pending.id).view.status is RequestStatus.DONE


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (yuan(13_500), "between 10,500.00 and 13,000.00"),
        (yuan(10_000), "between"),
        (Money(1_250_001), "a multiple of"),
        (Money(-100_000), "between"),
    ],
)
def test_an_evaluations_amount_may_be_lowered_and_never_raised(again: World, amount: Money, words: str) -> None:
    proposal = proposed(again.bank, again.ids["issued.limit"], yuan(13_000))
    with pytest.raises(InvalidInput, match=words):
        sign(again, "manager", proposal, amount)
    signed_by_two(again, proposal, yuan(12_500))


def test_the_total_limit_of_the_person_holds_at_the_signature(again: World) -> None:
    with again.bank.store.write() as connection:
        poorer = update(CUSTOMER).where(CUSTOMER.c.id == again.ids["issued.customer"])
        connection.execute(poorer.values(monthly_income=yuan(1_600)))
    proposal = proposed(again.bank, again.ids["issued.limit"], yuan(20_000))
    with pytest.raises(InvalidInput, match=r"between 10,500\.00 and 16,000\.00"):
        sign(again, "manager", proposal, yuan(20_000))


def test_what_the_income_carries_is_asked_again_at_the_signature(again: World) -> None:
    # Of 9,000 yuan that half the income leaves, new debts take all but 250: a tenth of 2,500 more.
    proposal = proposed(again.bank, again.ids["issued.limit"], yuan(15_000))
    with again.bank.store.write() as connection:
        of_holder = update(CUSTOMER).where(CUSTOMER.c.id == again.ids["issued.customer"])
        connection.execute(of_holder.values(monthly_debt=yuan(8_750)))
    file = limit_proposals.open_proposal(again.desk("manager"), proposal)
    assert (file.lowest, file.highest) == (yuan(10_500), yuan(12_500))
    with pytest.raises(InvalidInput, match=r"between 10,500\.00 and 12,500\.00"):
        sign(again, "manager", proposal, yuan(13_000))
    with again.bank.store.write() as connection:
        connection.execute(of_holder.values(monthly_debt=None, liabilities=yuan(50_000)))
    with pytest.raises(Refused, match="income or the debts are not known"):
        sign(again, "manager", proposal, yuan(10_500))


def test_a_broken_rule_stops_an_increase_and_says_which(again: World) -> None:
    with again.bank.store.write() as connection:
        unchecked = update(CUSTOMER).where(CUSTOMER.c.id == again.ids["issued.customer"])
        connection.execute(unchecked.values(times_overdue=9))
    with pytest.raises(Refused, match="More can't be granted: Overdue 9 times"):
        sign(again, "manager", proposed(again.bank, again.ids["issued.limit"], yuan(13_000)), yuan(13_000))


def test_beside_what_is_asked_stands_what_an_evaluation_of_today_would_come_to(again: World) -> None:
    proposal = again.ids["issued.proposal"]
    file = limit_proposals.open_proposal(again.desk("manager"), proposal)
    assert (file.today, file.after) == (EvaluationResult.STABLE, file.limit.limit)
    owes(again, "issued", yuan(500), days=40)
    with again.bank.store.write() as connection:
        poor = update(CARD_ACCOUNT).where(CARD_ACCOUNT.c.id == again.ids["issued.limit"])
        connection.execute(poor.values(grade=Grade.POOR, evaluated_on=date(2025, 12, 1)))
    file = limit_proposals.open_proposal(again.desk("manager"), proposal)
    assert (file.today, file.after) == (EvaluationResult.REDUCTION, yuan(500))


def test_to_grant_more_against_the_opinion_needs_a_reason(again: World) -> None:
    proposal = again.ids["issued.proposal"]
    with again.bank.store.write() as connection:
        unchecked = update(CUSTOMER).where(CUSTOMER.c.id == again.ids["issued.customer"])
        connection.execute(unchecked.values(times_overdue=9))
    manager = again.desk("manager")
    file = limit_proposals.open_proposal(manager, proposal).proposal
    with pytest.raises(InvalidInput, match="This goes against the opinion") as error:
        limit_proposals.sign(manager, proposal, file.version, file.amount)
    assert error.value.field == "note"
    limit_proposals.sign(manager, proposal, file.version, file.amount, "Her employer vouches for her.")


def test_who_was_overdue_since_the_evaluation_gets_no_increase(again: World) -> None:
    owes(again, "issued", yuan(500), days=4)
    with pytest.raises(Refused, match="has been overdue since the evaluation, for 4 days"):
        sign(again, "manager", proposed(again.bank, again.ids["issued.limit"], yuan(13_000)), yuan(13_000))


def test_a_reduction_never_goes_silently_below_what_is_owed(again: World) -> None:
    owes(again, "issued", Money(620_001))
    proposal = reduced(again, 5_000)
    file = limit_proposals.open_proposal(again.desk("manager"), proposal)
    assert (file.lowest, file.highest, file.owed) == (yuan(6_500), yuan(6_500), Money(620_001))
    with pytest.raises(InvalidInput, match=r"between 6,500\.00 and 6,500\.00"):
        sign(again, "manager", proposal, yuan(5_000))
    sign(again, "manager", proposal, yuan(6_500))
    assert limit_of(again, "issued").limit == yuan(6_500)


def test_where_as_much_is_owed_as_the_limit_nothing_is_reduced(again: World) -> None:
    owes(again, "issued", yuan(9_800))
    proposal = reduced(again, 5_000)
    file = limit_proposals.open_proposal(again.desk("manager"), proposal)
    assert "owes 9,800.00 yuan" in str(file.problem[0])
    with pytest.raises(Refused, match="can't be reduced"):
        sign(again, "manager", proposal, yuan(5_000))


def test_the_file_of_a_proposal_holds_the_opinion_and_the_bounds(again: World) -> None:
    file = limit_proposals.open_proposal(again.desk("manager"), again.ids["issued.proposal"])
    assert file.advice.opinion.grade is file.proposal.grade
    assert file.lowest == yuan(10_500)
    assert yuan(12_000) <= file.highest
    assert file.own_limits == yuan(10_000)
    assert file.total_limit == yuan(180_000)
    assert file.proposal.said == "A journey."
    assert not file.problem


def test_what_was_changed_since_it_was_seen_is_not_signed(again: World) -> None:
    seen = shown(again, again.ids["issued.proposal"])
    sign(again, "manager2", reduced(again, 5_000), yuan(5_000))
    with pytest.raises(Conflict, match="was changed since you saw it"):
        limit_proposals.sign(again.desk("manager"), seen.id, seen.version, seen.amount)


def test_a_limit_changed_while_a_request_waits_makes_it_fail(again: World) -> None:
    pending = sign(again, "manager", again.ids["issued.proposal"], yuan(12_000)).pending
    sign(again, "manager2", reduced(again, 5_000), yuan(5_000))
    signed = requests.sign(again.desk("manager2"), pending.id).view
    assert signed.status is RequestStatus.FAILED
    assert limit_of(again, "issued").limit == yuan(5_000)
    assert shown(again, again.ids["issued.proposal"]).waiting is None


def test_what_waits_for_a_signature_is_neither_signed_nor_refused_again(again: World) -> None:
    proposal = again.ids["handed.proposal"]
    seen = shown(again, proposal, "manager2")
    assert seen.waiting is not None
    for attempt in (
        lambda: limit_proposals.sign(again.desk("manager2"), proposal, seen.version, seen.amount),
        lambda: limit_proposals.refuse(again.desk("manager2"), proposal, seen.version),
    ):
        with pytest.raises(Conflict, match="waits for a further signature"):
            attempt()


def test_an_expired_request_frees_the_proposal(world: World) -> None:
    proposal, clock = world.ids["issued.proposal"], world.bank.clock
    assert sign(world, "manager", proposal, yuan(12_000)).pending is not None
    assert isinstance(clock, SimulatedClock)
    clock.advance(timedelta(days=7, seconds=1))
    manager = world.town.sign_in("manager2", "later")
    seen = limit_proposals.open_proposal(manager, proposal).proposal
    assert seen.waiting is None
    assert limit_proposals.sign(manager, seen.id, seen.version, seen.amount).pending is not None


@pytest.mark.parametrize("how", ["refused", "withdrawn"])
def test_a_refused_or_withdrawn_request_frees_the_proposal(again: World, how: str) -> None:
    request = again.ids["limit.request"]
    if how == "refused":
        requests.refuse(again.desk("manager2"), request, "Not now.")
    else:
        requests.withdraw(again.desk("manager"), request)
    assert shown(again, again.ids["handed.proposal"]).waiting is None


def test_two_managers_at_once_refuse_once(again: World) -> None:
    seen = shown(again, again.ids["issued.proposal"])

    def refuse(by: str) -> str:
        try:
            limit_proposals.refuse(again.desk(by), seen.id, seen.version, f"No, says {by}.")
        except Conflict:
            return "late"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(refuse, ("manager", "manager2"))) == ["done", "late"]


def test_a_customer_who_asked_reads_why_not(again: World) -> None:
    seen = shown(again, again.ids["issued.proposal"])
    manager = again.desk("manager")
    with pytest.raises(InvalidInput, match="Say why"):
        limit_proposals.refuse(manager, seen.id, seen.version)
    limit_proposals.refuse(manager, seen.id, seen.version, "Please ask again in summer.", "Seems short of money.")
    mine = limit_asking.my_asks(again.town.desk("issued"))
    assert [(each.state, each.answer) for each in mine] == [(ProposalState.REFUSED, "Please ask again in summer.")]
    assert "short of money" not in str(mine)
    with again.bank.store.read() as connection:
        told = connection.execute(
            select(MESSAGE.c.id).where(MESSAGE.c.customer_id == again.ids["issued.customer"])
        ).all()
    assert told


def test_the_list_is_filtered_and_its_totals_fit_it(again: World) -> None:
    low = reduced(again, 5_000)
    manager = again.desk("manager2")
    everything = limit_proposals.proposals(manager).items
    totals = limit_proposals.proposal_totals(manager)
    raised = sum((each.amount - each.before for each in everything if each.id != low), start=Money(0))
    assert (totals.count, totals.raises, totals.reductions) == (len(everything), len(everything) - 1, 1)
    assert (totals.raised, totals.reduced) == (raised, yuan(5_000))
    only = limit_proposals.proposals(manager, kind=LimitChangeKind.REDUCTION).items
    assert [each.id for each in only] == [low]
    asked = limit_proposals.proposals(manager, origin=ProposalOrigin.CUSTOMER).items
    assert [each.id for each in asked] == [again.ids["issued.proposal"]]
    assert limit_proposals.proposal_totals(manager, origin=ProposalOrigin.CUSTOMER).raised == yuan(2_000)
    assert not limit_proposals.proposals(manager, state=ProposalState.DONE).items


def test_what_was_altered_in_the_store_is_shown_as_such(again: World) -> None:
    hostile = '[{"template": "{x.__class__}", "values": {"x": 1}}]'
    with again.bank.store.write() as connection:
        this = update(PROPOSAL).where(PROPOSAL.c.id == again.ids["issued.proposal"])
        connection.execute(this.values(reason=hostile))
    assert "altered" in str(shown(again, again.ids["issued.proposal"]).reason[0])


def test_an_altered_request_is_not_signed_and_shown_as_altered(again: World) -> None:
    request = again.ids["limit.request"]
    with again.bank.store.write() as connection:
        this = update(requests.REQUEST).where(requests.REQUEST.c.id == request)
        old = connection.execute(
            select(requests.REQUEST.c.payload).where(requests.REQUEST.c.id == request)
        ).scalar_one()
        connection.execute(this.values(payload=old.replace("13000.00", "49000.00")))
    (row,) = limit_waiting.waiting(again.desk("manager2")).items
    assert row.altered
    with pytest.raises(BankError, match="altered"):
        requests.sign(again.desk("manager2"), request)
    with pytest.raises(BankError, match="altered"):
        limit_waiting.open_batch(again.desk("manager2"), request)


def test_what_waits_is_listed_with_the_limit_and_who_may_sign(again: World) -> None:
    (row,) = limit_waiting.waiting(again.desk("manager2")).items
    assert isinstance(row, limit_waiting.WaitingLimits)
    assert row.proposal is not None
    assert (row.proposal.id, row.amount, row.totals.raised) == (again.ids["handed.proposal"], yuan(13_000), yuan(3_000))
    assert row.mine_to_sign
    assert not row.mine
    (own,) = limit_waiting.waiting(again.desk("manager")).items
    assert isinstance(own, limit_waiting.WaitingLimits)
    assert own.mine
    assert not own.mine_to_sign
    assert again.ids["limit.request"] not in {
        each.request.id for each in requests.waiting(again.desk("manager2")).items if not each.altered
    }


def test_an_unknown_proposal_is_not_found(again: World) -> None:
    with pytest.raises(NotFound):
        limit_proposals.open_proposal(again.desk("manager"), UUID(int=7))


def test_a_signature_sent_twice_changes_the_limit_once(again: World) -> None:
    proposal = reduced(again, 5_000, reason=to_json((Phrase("Paid late."),)))
    desk = again.desk("manager").once("form")
    arguments = {"proposal": proposal, "version": shown(again, proposal).version, "amount": yuan(5_000)}
    spec = REGISTRY["limit.sign"]
    first = run(spec, desk, spec.bind((), arguments))
    assert run(spec, desk, spec.bind((), arguments)) == first
    assert len(limit_of(again, "issued").history) == 2


def test_the_grade_of_today_bounds_an_increase_that_was_evaluated_higher(again: World) -> None:
    with again.bank.store.write() as connection:
        connection.execute(
            update(CARD_ACCOUNT).where(CARD_ACCOUNT.c.id == again.ids["issued.limit"]).values(credit_limit=yuan(19_500))
        )
        worse = update(CUSTOMER).where(CUSTOMER.c.id == again.ids["issued.customer"])
        poor = {"deposits": Money(0), "other_assets": Money(0), "years_employed": 0, "times_overdue": 2}
        modest = {"monthly_income": yuan(3_000), "housing": Housing.RENTED, "occupation": Occupation.STUDENT}
        connection.execute(worse.values(**poor, **modest))
    file = limit_proposals.open_proposal(
        again.desk("manager"), proposed(again.bank, again.ids["issued.limit"], yuan(25_000))
    )
    grade = file.advice.opinion.grade
    assert grade is not Grade.EXCELLENT
    assert file.highest <= DEFAULT_POLICY.tier(grade).highest
