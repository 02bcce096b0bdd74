"""How customers turned out is recorded once their history has matured, and not before."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from bankcard_tui.decision.opinion import OF_HISTORY
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.rules.money import Money
from bankcard_tui.services import outcomes, review
from bankcard_tui.services.application_views import DECISION
from bankcard_tui.services.outcomes import OUTCOME, record_all_due, record_due
from tests.branch import Town
from tests.histories import a_year_passes, months_from, taken
from tests.services.world import World

LONG_AGO, APRIL = date(2024, 1, 1), date(2026, 4, 1)


def recorded(town: Town) -> list[Any]:
    """All outcomes, the earliest start first."""
    with town.bank.store.read() as connection:
        return list(connection.execute(select(OUTCOME).order_by(OUTCOME.c.started_on, OUTCOME.c.id)))


def is_granted_a_card(town: Town, username: str, customer: UUID) -> None:
    application = town.applies(username, customer).id
    review.claim(town.desk("manager"), application)
    review.approve(town.desk("manager"), application, Money.yuan(10_000))


def holder(town: Town, username: str = "zhang") -> UUID:
    """A customer who is granted a card on 2 March 2026."""
    customer = town.registers(username).customer_id
    town.verified(customer)
    is_granted_a_card(town, username, customer)
    return customer


def moved(town: Town, days: int) -> None:
    assert isinstance(town.bank.clock, SimulatedClock)
    town.bank.clock.advance(timedelta(days=days))
    town._desks.clear()


def live(town: Town, customer: UUID, first: date, days: list[int]) -> None:
    taken(town.bank.system_desk("month end"), months_from(customer, first, days))


def test_a_card_has_an_outcome_after_twelve_whole_months_and_not_before(town: Town) -> None:
    customer, night = holder(town), town.bank.system_desk("month end")
    moved(town, 390)
    live(town, customer, APRIL, [0, 0, 75, *[0] * 8])
    assert record_all_due(night) == 0
    moved(town, 10)
    live(town, customer, date(2027, 3, 1), [30])
    assert record_all_due(night) == 1
    (found,) = recorded(town)
    assert (found.customer_id, found.started_on, found.bad) == (customer, date(2026, 3, 2), True)
    assert (found.months_observed, found.worst_days_past_due) == (12, 75)


@pytest.mark.parametrize(("worst", "bad"), [(0, False), (59, False), (60, True), (365, True)])
def test_sixty_days_are_bad(town: Town, worst: int, bad: bool) -> None:
    a_year_passes(town, {holder(town): worst})
    assert [(each.worst_days_past_due, each.bad) for each in recorded(town)] == [(worst, bad)]


def test_what_comes_after_the_first_twelve_months_changes_nothing(town: Town) -> None:
    customer = holder(town)
    moved(town, 430)
    live(town, customer, APRIL, [0] * 12 + [95])
    record_all_due(town.bank.system_desk("month end"))
    assert [each.worst_days_past_due for each in recorded(town)] == [0]


def test_a_card_keeps_what_was_known_when_it_was_granted(town: Town) -> None:
    customer = holder(town)
    a_year_passes(town, {customer: 0})
    (found,) = recorded(town)
    with town.bank.store.read() as connection:
        decided = connection.execute(select(DECISION.c.facts, DECISION.c.points)).one()
    assert (found.facts, found.points) == tuple(decided)
    assert json.loads(found.facts)["monthly_income"] == 18_000


def test_a_month_that_is_missing_leaves_the_outcome_unknown(town: Town) -> None:
    customer = holder(town)
    moved(town, 430)
    live(town, customer, APRIL, [0] * 5)
    live(town, customer, date(2026, 10, 1), [0] * 7)
    assert record_all_due(town.bank.system_desk("month end")) == 0
    live(town, customer, date(2026, 9, 1), [61])
    assert record_all_due(town.bank.system_desk("month end")) == 1


def test_recording_again_changes_nothing(town: Town) -> None:
    a_year_passes(town, {holder(town): 0})
    before = recorded(town)
    assert record_all_due(town.bank.system_desk("month end")) == 0
    assert recorded(town) == before


def test_two_cards_of_a_customer_have_an_outcome_each_even_from_the_same_day(town: Town) -> None:
    customer = holder(town)
    is_granted_a_card(town, "zhang", customer)
    a_year_passes(town, {customer: 5})
    assert [each.customer_id for each in recorded(town)] == [customer, customer]
    assert len({each.card_account_id for each in recorded(town)}) == 2


def test_a_card_that_matures_later_is_recorded_beside_the_first(town: Town) -> None:
    customer = holder(town)
    moved(town, 100)
    is_granted_a_card(town, "zhang", customer)
    moved(town, 330)
    live(town, customer, APRIL, [0] * 12)
    assert record_all_due(town.bank.system_desk("month end")) == 1
    moved(town, 100)
    live(town, customer, date(2027, 4, 1), [70] * 3)
    assert record_all_due(town.bank.system_desk("month end")) == 1
    assert [each.bad for each in recorded(town)] == [False, True]


def test_history_from_another_system_is_an_outcome_without_a_card_here(world: World) -> None:
    town, customer = world.town, world.ids["imported.customer"]
    live(town, customer, LONG_AGO, [0, 62, *[0] * 10])
    assert record_all_due(world.desk("system")) == 1
    (found,) = (each for each in recorded(town) if each.customer_id == customer)
    assert (found.card_account_id, found.started_on) == (None, LONG_AGO)
    assert (found.worst_days_past_due, found.bad) == (62, True)
    facts = json.loads(found.facts)
    assert facts["age"] == 35
    assert not OF_HISTORY & set(facts)


def test_a_card_here_in_those_months_leaves_one_outcome_alone(town: Town) -> None:
    """The months belong to the card that was granted here."""
    customer = holder(town)
    live(town, customer, date(2026, 1, 1), [0] * 2)
    moved(town, 430)
    live(town, customer, date(2026, 3, 1), [0] * 13)
    record_all_due(town.bank.system_desk("month end"))
    assert [each.card_account_id is None for each in recorded(town)] == [False]


def test_a_customer_taken_over_who_is_granted_a_card_later_has_two_outcomes(town: Town) -> None:
    customer = holder(town)
    live(town, customer, date(2024, 12, 1), [95] + [0] * 14)
    assert record_all_due(town.bank.system_desk("month end")) == 1
    moved(town, 430)
    live(town, customer, date(2026, 3, 1), [0] * 13)
    record_all_due(town.bank.system_desk("month end"))
    assert [(each.card_account_id is None, each.bad) for each in recorded(town)] == [(True, True), (False, False)]


def test_many_customers_are_recorded_part_by_part(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    customers = {holder(town, f"holder{each}"): each for each in range(5)}
    moved(town, 430)
    for customer, days in customers.items():
        live(town, customer, APRIL, [days] * 12)
    monkeypatch.setattr(outcomes, "MOST_CUSTOMERS", 2)
    night = town.bank.system_desk("month end")
    first = record_due(night).view
    assert (first.recorded, first.next) == (2, sorted(customers)[1])
    assert record_all_due(night) == 3
    assert {each.customer_id: each.worst_days_past_due for each in recorded(town)} == customers
