"""Which points card gives opinions: two people decide it, and an altered one gives none."""

from __future__ import annotations

import pytest

from bankcard_tui.desk.desk import Desk
from bankcard_tui.errors import Conflict, NotFound, Refused, VerificationFailed
from bankcard_tui.rules.terms import CardState, RequestStatus
from bankcard_tui.services import admin_requests, overview, requests, review
from bankcard_tui.services.card_approval import approve_card, retire_card
from bankcard_tui.services.scorecards import CardRow, list_cards, show_card_version
from bankcard_tui.store.types import new_id
from tests.services.points_cards import alter, card_at_hand, change_policy, put_in_force
from tests.services.world import World


@pytest.fixture
def card(world: World) -> CardRow:
    return list_cards(world.desk("manager"))[0]


def states(desk: Desk) -> dict[str, CardState]:
    return {row.name: row.state for row in list_cards(desk)}


def opinion_rests_on(world: World) -> str:
    return review.look(world.desk("manager2"), world.ids["zhang.application"]).advice.opinion.card


def test_the_experts_card_gives_opinions_until_two_people_have_approved_another(world: World, card: CardRow) -> None:
    assert card.id is not None
    manager, second = world.desk("manager"), world.desk("manager2")
    assert states(manager) == {"branch-1": CardState.TRAINED, "expert-2": CardState.IN_FORCE}
    pending = approve_card(manager, card.id, "Better on later customers.").pending
    assert pending is not None
    assert (pending.signed, pending.needed) == (1, 2)
    assert opinion_rests_on(world) == "expert-2"
    assert requests.sign(second, pending.id).view.status is RequestStatus.DONE
    assert opinion_rests_on(world) == "branch-1"
    assert states(manager) == {"branch-1": CardState.IN_FORCE, "expert-2": CardState.RETIRED}
    assert show_card_version(manager).row.in_force_from == world.bank.clock.now()


def test_the_maker_does_not_sign_and_the_list_says_whose_turn_it_is(world: World, card: CardRow) -> None:
    assert card.id is not None
    manager, second = world.desk("manager"), world.desk("manager2")
    pending = approve_card(manager, card.id).pending
    assert pending is not None
    with pytest.raises(Refused, match="four eyes"):
        requests.sign(manager, pending.id)
    asked, asked_second = list_cards(manager)[0], list_cards(second)[0]
    assert (asked.mine, asked.mine_to_sign) == (True, False)
    assert (asked_second.mine, asked_second.mine_to_sign) == (False, True)
    assert asked_second.request == pending
    with pytest.raises(Refused):
        requests.sign(world.desk("teller"), pending.id)
    with pytest.raises(Conflict, match="waits for a signature already"):
        approve_card(second, card.id)


def test_an_approval_can_be_refused_or_taken_back(world: World, card: CardRow) -> None:
    assert card.id is not None
    manager, second = world.desk("manager"), world.desk("manager2")
    pending = approve_card(manager, card.id).pending
    assert pending is not None
    requests.refuse(second, pending.id, "Too few customers.")
    again = approve_card(second, card.id).pending
    assert again is not None
    requests.withdraw(second, again.id)
    assert states(manager)["branch-1"] is CardState.TRAINED


def test_a_request_about_a_card_stands_with_the_cards_alone(world: World, card: CardRow) -> None:
    assert card.id is not None
    manager = world.desk("manager")
    before = overview.overview(world.desk("manager2")).to_sign
    listed = requests.waiting(world.desk("manager2")).items
    approve_card(manager, card.id)
    assert requests.waiting(world.desk("manager2")).items == listed
    assert admin_requests.waiting_for_admins(world.desk("admin")).items == ()
    assert overview.overview(world.desk("manager2")).to_sign == before
    assert not overview.overview(world.desk("admin")).admins_to_sign


def test_the_card_before_is_retired_with_the_same_signature_and_may_come_back(world: World, card: CardRow) -> None:
    manager, second = world.desk("manager"), world.desk("manager2")
    newer = card_at_hand(second)
    put_in_force(manager, second, card)
    put_in_force(second, manager, newer)
    expected = {"branch-2": CardState.IN_FORCE, "branch-1": CardState.RETIRED, "expert-2": CardState.RETIRED}
    assert states(manager) == expected
    put_in_force(manager, second, card)
    assert opinion_rests_on(world) == "branch-1"
    assert show_card_version(manager, card.id).row.retired_at is None


def test_retiring_by_two_gives_the_word_back_to_the_expert(world: World, card: CardRow) -> None:
    manager, second = world.desk("manager"), world.desk("manager2")
    with pytest.raises(Conflict, match="No trained points card"):
        retire_card(manager)
    put_in_force(manager, second, card)
    pending = retire_card(second, "Drift.").pending
    assert pending is not None
    assert opinion_rests_on(world) == "branch-1"
    requests.sign(manager, pending.id)
    assert opinion_rests_on(world) == "expert-2"
    assert states(manager) == {"branch-1": CardState.RETIRED, "expert-2": CardState.IN_FORCE}


def test_an_approval_asked_for_under_another_card_in_force_has_to_be_asked_for_anew(
    world: World, card: CardRow
) -> None:
    manager, second = world.desk("manager"), world.desk("manager2")
    newer = card_at_hand(second)
    assert newer.id is not None
    pending = approve_card(manager, newer.id).pending
    assert pending is not None
    put_in_force(manager, second, card)
    signed = requests.sign(second, pending.id).view
    assert signed.status is RequestStatus.FAILED
    assert opinion_rests_on(world) == "branch-1"


def test_a_card_that_rests_on_age_gives_no_opinion_where_the_policy_leaves_age_out(world: World, card: CardRow) -> None:
    assert card.id is not None
    manager, second = world.desk("manager"), world.desk("manager2")
    newer = card_at_hand(manager)
    assert newer.id is not None
    put_in_force(manager, second, card)
    waiting = approve_card(manager, newer.id).pending
    assert waiting is not None
    change_policy(world.bank, age_in_card=False)
    opinion = review.look(second, world.ids["zhang.application"]).advice.opinion
    assert opinion.card == "expert-2"
    assert "age" not in {each.code for each in opinion.weighed}
    assert requests.sign(second, waiting.id).view.status is RequestStatus.FAILED
    assert states(manager)["branch-2"] is CardState.TRAINED


def test_what_is_in_force_is_not_approved_again(world: World, card: CardRow) -> None:
    assert card.id is not None
    put_in_force(world.desk("manager"), world.desk("manager2"), card)
    with pytest.raises(Conflict, match="gives opinions already"):
        approve_card(world.desk("manager"), card.id)


def test_a_card_that_does_not_exist_is_not_found(world: World) -> None:
    with pytest.raises(NotFound, match="points card"):
        show_card_version(world.desk("manager"), new_id(world.bank.clock.now()))


@pytest.mark.parametrize("changed", [{"digest": "0" * 64}, {"version": 9}, {"card": "{}"}, {"mark": b""}])
def test_an_altered_card_gives_no_opinion_and_everybody_is_told(
    world: World, card: CardRow, changed: dict[str, object]
) -> None:
    manager = world.desk("manager")
    put_in_force(manager, world.desk("manager2"), card)
    alter(world.bank, card.id, **changed)
    for tried in (opinion_rests_on, lambda world: show_card_version(world.desk("manager"))):
        with pytest.raises(VerificationFailed, match="was altered in the store"):
            tried(world)
    row = list_cards(manager)[0]
    assert row.altered
    assert row.customers == 0


def test_an_altered_card_is_not_approved_and_can_be_retired_without_being_made_good(
    world: World, card: CardRow
) -> None:
    assert card.id is not None
    manager, second = world.desk("manager"), world.desk("manager2")
    put_in_force(manager, second, card)
    alter(world.bank, card.id, digest="0" * 64)
    pending = retire_card(manager).pending
    assert pending is not None
    requests.sign(second, pending.id)
    assert opinion_rests_on(world) == "expert-2"
    assert list_cards(manager)[0].altered
    with pytest.raises(VerificationFailed):
        approve_card(manager, card.id)


def test_a_card_put_in_force_past_the_program_gives_no_opinion(world: World, card: CardRow) -> None:
    alter(world.bank, card.id, state="in_force")
    with pytest.raises(VerificationFailed, match="points card 1 was altered"):
        opinion_rests_on(world)


def test_of_two_cards_in_force_the_one_that_was_put_there_is_named(world: World, card: CardRow) -> None:
    newer = card_at_hand(world.desk("manager2"))
    put_in_force(world.desk("manager"), world.desk("manager2"), card)
    alter(world.bank, newer.id, state="in_force")
    with pytest.raises(VerificationFailed, match="points card 2 was altered"):
        opinion_rests_on(world)


def test_of_two_cards_in_force_both_are_retired_by_two_people(world: World, card: CardRow) -> None:
    manager, second = world.desk("manager"), world.desk("manager2")
    newer = card_at_hand(second)
    put_in_force(manager, second, card)
    alter(world.bank, newer.id, state="in_force")
    pending = retire_card(manager).pending
    assert pending is not None
    assert requests.sign(second, pending.id).view.status is RequestStatus.DONE
    assert opinion_rests_on(world) == "expert-2"
    assert set(states(manager).values()) == {CardState.RETIRED, CardState.IN_FORCE}
    assert states(manager)["expert-2"] is CardState.IN_FORCE


@pytest.mark.parametrize(
    "changed",
    [{"state": "retired"}, {"state": "trained"}, {"state": "trained", "in_force_from": None, "request_id": None}],
)
def test_nobody_gets_back_to_the_experts_card_by_altering_the_one_in_force(
    world: World, card: CardRow, changed: dict[str, object]
) -> None:
    manager, second = world.desk("manager"), world.desk("manager2")
    newer = card_at_hand(second)
    put_in_force(manager, second, card)
    alter(world.bank, card.id, **changed)
    with pytest.raises(VerificationFailed, match="points card 1 was altered"):
        opinion_rests_on(world)
    row = next(row for row in list_cards(manager) if row.id == card.id)
    assert row.altered
    assert row.state is CardState.IN_FORCE
    assert states(manager)["expert-2"] is CardState.RETIRED
    with pytest.raises(VerificationFailed):
        approve_card(manager, newer.id or new_id(world.bank.clock.now()))
    pending = retire_card(manager).pending
    assert pending is not None
    assert requests.sign(second, pending.id).view.status is RequestStatus.DONE
    assert opinion_rests_on(world) == "expert-2"
    put_in_force(manager, second, newer)
    assert opinion_rests_on(world) == "branch-2"


def test_a_card_altered_while_its_approval_waits_does_not_come_in_force(world: World, card: CardRow) -> None:
    assert card.id is not None
    pending = approve_card(world.desk("manager"), card.id).pending
    assert pending is not None
    alter(world.bank, card.id, digest="0" * 64)
    signed = requests.sign(world.desk("manager2"), pending.id).view
    assert signed.status is RequestStatus.FAILED
    assert signed.problem[0].template == "The points card {number} was altered in the store."
    assert opinion_rests_on(world) == "expert-2"
