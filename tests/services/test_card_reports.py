"""How points cards do: challenger beside champion, and the one in force with the applicants of today."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from bankcard_tui.errors import Conflict, VerificationFailed
from bankcard_tui.rules.terms import CardState, Decision
from bankcard_tui.services.card_reports import Agreement, compare_cards, monitor
from bankcard_tui.services.card_training import train_card
from bankcard_tui.services.scorecards import CardRow
from tests.branch import Town
from tests.services.points_cards import CARD, alter, decided, put_in_force, turned_out

KNOWN = 150


@pytest.fixture
def card(town: Town) -> CardRow:
    turned_out(town.bank, KNOWN)
    return train_card(town.desk("manager"))


@pytest.fixture
def application(town: Town) -> UUID:
    return town.applicant()[1].id


def account(town: Town, username: str) -> UUID:
    found = town.desk(username).who.account_id
    assert found is not None
    return found


def test_a_new_card_stands_beside_the_experts(town: Town, card: CardRow) -> None:
    assert card.id is not None
    compared = compare_cards(town.desk("manager2"), card.id)
    assert (compared.champion, compared.challenger) == (CARD.name, "branch-1")
    assert compared.held_out == card.held_out
    assert compared.held_out is not None
    assert not compared.seen_by_champion
    assert compared.since is None
    assert compared.moves == ()
    assert 0 < len(compared.differences) <= 12
    sizes = [abs(each.champion - each.challenger) for each in compared.differences]
    assert sizes == sorted(sizes, reverse=True)


def test_customers_who_mature_after_the_training_are_new_to_both(town: Town, card: CardRow) -> None:
    assert card.id is not None
    town.bank.clock.advance(timedelta(days=30))
    turned_out(town.bank, 40, first=500, seed=9)
    since = compare_cards(town.desk("manager2"), card.id).since
    assert since is not None
    assert (since.champion, since.champion_quality.cases, since.challenger_quality.cases) == (CARD.name, 40, 40)


def test_nor_has_a_champion_trained_after_the_challenger_seen_them(town: Town, card: CardRow) -> None:
    assert card.id is not None
    town.bank.clock.advance(timedelta(minutes=1))
    turned_out(town.bank, 40, first=500, seed=9)
    put_in_force(town.desk("manager"), town.desk("manager2"), train_card(town.desk("manager")))
    town.bank.clock.advance(timedelta(minutes=1))
    turned_out(town.bank, 25, first=600, seed=10)
    since = compare_cards(town.desk("manager2"), card.id).since
    assert since is not None
    assert (since.champion, since.champion_quality.cases) == ("branch-2", 25)


def test_a_champion_that_has_seen_the_held_out_customers_is_told_of(town: Town, card: CardRow) -> None:
    put_in_force(town.desk("manager"), town.desk("manager2"), card)
    newer = train_card(town.desk("manager"))
    assert newer.id is not None
    compared = compare_cards(town.desk("manager"), newer.id)
    assert compared.seen_by_champion
    assert compared.held_out is not None
    assert compared.held_out.champion == "branch-1"


def test_figures_against_a_card_that_is_not_in_force_any_more_are_not_shown(town: Town, card: CardRow) -> None:
    newer = train_card(town.desk("manager"))
    put_in_force(town.desk("manager"), town.desk("manager2"), card)
    assert newer.id is not None
    compared = compare_cards(town.desk("manager"), newer.id)
    assert compared.champion == "branch-1"
    assert (compared.held_out, compared.later, compared.other_then) == (None, None, "expert-2")


def test_the_card_in_force_is_not_compared_with_itself(town: Town, card: CardRow) -> None:
    assert card.id is not None
    put_in_force(town.desk("manager"), town.desk("manager2"), card)
    with pytest.raises(Conflict, match="nothing to compare"):
        compare_cards(town.desk("manager"), card.id)


def test_decisions_of_a_year_show_who_would_change_grade(town: Town, card: CardRow, application: UUID) -> None:
    assert card.id is not None
    decided(town.bank, application, account(town, "manager"), 50)
    decided(town.bank, application, account(town, "manager"), 7, decision=Decision.RETURN, days_ago=20)
    decided(town.bank, application, account(town, "manager"), 9, days_ago=400)
    moves = compare_cards(town.desk("manager"), card.id).moves
    assert sum(each.count for each in moves) == 50
    assert len({(each.before, each.after) for each in moves}) == len(moves)
    assert any(each.before is not each.after for each in moves)


def test_an_altered_card_is_neither_compared_nor_watched(town: Town, card: CardRow) -> None:
    assert card.id is not None
    alter(town.bank, card.id, digest="0" * 64)
    for ask in (compare_cards, monitor):
        with pytest.raises(VerificationFailed):
            ask(town.desk("manager"), card.id)


def test_the_experts_card_is_calibrated_on_all_who_turned_out(town: Town, card: CardRow) -> None:
    seen = monitor(town.desk("manager"))
    assert (seen.row.id, seen.row.state) == (None, CardState.IN_FORCE)
    assert seen.calibration.cases == KNOWN
    assert sum(each.cases for each in seen.calibration.reliability) == KNOWN
    assert {each.psi for each in seen.drift} == {None}


def test_a_card_is_calibrated_on_those_who_matured_since_it_came_in_force(town: Town, card: CardRow) -> None:
    put_in_force(town.desk("manager"), town.desk("manager2"), card)
    assert monitor(town.desk("manager")).calibration.cases == 0
    town.bank.clock.advance(timedelta(days=90))
    turned_out(town.bank, 25, first=500, seed=9)
    assert monitor(town.sign_in("manager")).calibration.cases == 25


def test_drift_is_told_from_enough_applicants_on(town: Town, card: CardRow, application: UUID) -> None:
    decided(town.bank, application, account(town, "manager"), 320, days_ago=5)
    newer = train_card(town.desk("manager"))
    town.bank.clock.advance(timedelta(days=20))
    decided(town.bank, application, account(town, "manager"), 299, days_ago=3, seed=8)
    manager = town.sign_in("manager")
    few = {each.code: each for each in monitor(manager, newer.id).drift}
    assert (few["points"].psi, few["points"].cases) == (None, 299)
    decided(town.bank, application, account(town, "manager"), 1, days_ago=2, seed=8)
    many = {each.code: each for each in monitor(manager, newer.id).drift}
    assert many["points"].cases == 300
    for code in ("points", "housing", "times_overdue"):
        psi = many[code].psi
        assert psi is not None
        assert 0 <= psi < 0.1


def test_agreement_and_overrides_are_counted_without_returns(town: Town, application: UUID) -> None:
    manager, second = account(town, "manager"), account(town, "manager2")
    decided(town.bank, application, manager, 6)
    decided(town.bank, application, manager, 2, against=True, days_ago=11)
    decided(town.bank, application, second, 3, decision=Decision.REFUSE, against=True, days_ago=12)
    decided(town.bank, application, second, 4, decision=Decision.REFUSE, days_ago=45)
    decided(town.bank, application, second, 5, decision=Decision.RETURN, days_ago=13)
    decided(town.bank, application, second, 8, days_ago=380)
    seen = monitor(town.desk("director"))
    assert seen.agreement == Agreement(decided=15, agreed=10, approved_against=2, refused_against=3)
    assert (seen.granted, seen.refused) == (8, 7)
    rows = {row.name: (row.decided, row.against, row.approved_against) for row in seen.managers}
    assert rows == {"Manager": (8, 2, 2), "Manager2": (7, 3, 0)}
    assert [(row.month, row.decided, row.agreed) for row in seen.months] == [("2026-01", 4, 4), ("2026-02", 11, 6)]
    assert all(400 < row.points < 700 for row in seen.months)


def test_an_applicant_who_asked_for_another_look_is_counted_once(town: Town, application: UUID) -> None:
    first, second = account(town, "manager"), account(town, "manager2")
    decided(town.bank, application, first, 1, decision=Decision.REFUSE, days_ago=20, own=False)
    assert (monitor(town.desk("director")).granted, monitor(town.desk("director")).refused) == (0, 1)
    decided(town.bank, application, second, 1, days_ago=10, own=False)
    seen = monitor(town.desk("director"))
    assert (seen.granted, seen.refused) == (1, 0)
    assert seen.agreement.decided == 2


def test_decisions_under_another_card_are_not_held_against_this_one(
    town: Town, card: CardRow, application: UUID
) -> None:
    decided(town.bank, application, account(town, "manager"), 6, card="branch-1")
    decided(town.bank, application, account(town, "manager"), 2, days_ago=11)
    decided(town.bank, application, account(town, "manager"), 1, card="", days_ago=12)
    assert monitor(town.desk("manager"), card.id).agreement.decided == 6
    assert monitor(town.desk("manager")).agreement.decided == 3


def test_customers_whom_the_champion_has_seen_are_not_new_to_an_older_challenger(town: Town, card: CardRow) -> None:
    town.bank.clock.advance(timedelta(days=30))
    turned_out(town.bank, 20, first=500, seed=9)
    manager, second = town.sign_in("manager"), town.sign_in("manager2")
    put_in_force(manager, second, train_card(manager))
    assert card.id is not None
    assert compare_cards(manager, card.id).since is None
