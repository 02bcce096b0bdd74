"""The watch list: large increases come there by themselves, managers add and end, and use is seen before and since."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from bankcard_tui.errors import Conflict, InvalidInput, Refused
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.months import month_after
from bankcard_tui.rules.terms import LimitChangeKind
from bankcard_tui.services.limit_asking import propose
from bankcard_tui.services.limit_proposals import sign
from bankcard_tui.services.warnings import check_all_due
from bankcard_tui.services.watch_list import WATCHED, WatchedView, end_watching, watch, watch_list
from tests.branch import Town
from tests.histories import month_row, taken
from tests.services.test_outcomes import holder, moved
from tests.services.watching import account_of, gets_worse, is_watched
from tests.services.world import World

MARCH = date(2026, 3, 1)


def listed(town: Town) -> list[WatchedView]:
    return list(watch_list(town.desk("manager")).items)


def gets_more(town: Town, customer: UUID, yuan: int, until: date) -> None:
    """One manager proposes a temporary increase, another signs it, and a third where the amount asks for it."""
    from bankcard_tui.services.requests import sign as sign_request

    account = account_of(town.bank, customer)
    kind, amount = LimitChangeKind.TEMPORARY, Money.yuan(yuan)
    made = propose(town.desk("manager"), account, kind, amount, until=until, note="A wedding.").view
    done = sign(town.desk("manager2"), made.id, made.version, amount)
    if done.pending is not None:
        sign_request(town.desk("director"), done.pending.id)


@pytest.mark.parametrize(("yuan", "watched"), [(2_500, False), (3_000, True)])
def test_an_increase_of_thirty_percent_is_watched(town: Town, yuan: int, watched: bool) -> None:
    customer = holder(town)
    gets_more(town, customer, yuan, date(2026, 4, 1))
    assert bool(listed(town)) is watched
    if watched:
        (found,) = listed(town)
        assert (found.kind, found.before, found.after) == (
            LimitChangeKind.TEMPORARY,
            Money.yuan(10_000),
            Money.yuan(13_000),
        )
        assert (found.since, found.until) == (date(2026, 3, 2), date(2026, 9, 2))


def test_another_increase_begins_the_watch_anew(town: Town) -> None:
    customer = holder(town)
    is_watched(town, customer, by="manager")
    moved(town, 40)
    gets_more(town, customer, 5_000, date(2026, 5, 1))
    (found,) = listed(town)
    assert (found.since, found.until) == (date(2026, 4, 11), date(2026, 10, 11))
    assert (found.note, found.kind) == ("Asked for more twice.", LimitChangeKind.TEMPORARY)


def test_use_and_spending_are_seen_before_and_since(town: Town) -> None:
    customer, night = holder(town), town.bank.system_desk("month end")
    before = [month_row(customer, month_after(MARCH, -place), balance=f"{place}000.00") for place in (2, 1)]
    taken(night, before)
    is_watched(town, customer)
    gets_worse(town, customer, times_overdue=0)
    (found,) = listed(town)
    assert (found.use_percent, found.use_percent_before, found.days_past_due) == (None, 10, None)
    moved(town, 70)
    since = [
        month_row(customer, MARCH, 12, balance="4000.00", spent="3000.00"),
        month_row(customer, month_after(MARCH, 1), 0, balance="8000.00", spent="5000.00"),
    ]
    taken(night, since)
    check_all_due(night)
    (found,) = listed(town)
    assert (found.use_percent, found.use_percent_before, found.days_past_due) == (80, 10, 12)
    assert (found.spent, found.spent_before) == (Money.yuan(4_000), Money.yuan(1_500))
    assert found.warnings == 2, "a fallen income, and a watched limit used up"


def test_an_entry_that_has_run_out_is_no_more_listed_and_a_new_one_can_begin(town: Town) -> None:
    customer = holder(town)
    is_watched(town, customer)
    moved(town, 200)
    assert not listed(town)
    assert watch(town.desk("manager"), account_of(town.bank, customer), 1, "Once more.").view == date(2026, 10, 18)
    (found,) = listed(town)
    assert (found.since, found.note) == (date(2026, 9, 18), "Once more.")
    with town.bank.store.read() as connection:
        assert len(connection.execute(select(WATCHED.c.id)).all()) == 2


def test_a_shorter_time_shortens_nothing(town: Town) -> None:
    customer = holder(town)
    is_watched(town, customer)
    assert watch(town.desk("manager"), account_of(town.bank, customer), 1, "x").view == date(2026, 9, 2)


@pytest.mark.parametrize("months", [0, 25, -1])
def test_the_time_has_bounds(town: Town, months: int) -> None:
    account = account_of(town.bank, holder(town))
    with pytest.raises(InvalidInput):
        watch(town.desk("manager"), account, months, "x")


def test_an_account_is_taken_off_the_list_once(town: Town) -> None:
    entry = is_watched(town, holder(town))
    end_watching(town.desk("manager"), entry, "All is well.")
    assert not listed(town)
    with pytest.raises(Conflict):
        end_watching(town.desk("manager"), entry, "All is well.")


def test_nobody_ends_being_watched(world: World) -> None:
    with pytest.raises(Refused, match="own application, card or account"):
        end_watching(world.desk("manager"), world.ids["self.manager.watched"], "All is well.")
    assert {each.mine for each in watch_list(world.desk("manager")).items} == {True, False}
