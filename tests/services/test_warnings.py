"""Early warnings: looked for in time, raised once, dealt with by one manager, never by the person they are about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.errors import Conflict, InvalidInput, Refused
from bankcard_tui.models.base import table
from bankcard_tui.models.limit import SpecialLimit
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.months import month_after, month_of
from bankcard_tui.rules.terms import LimitChangeKind, WarningKind, WarningMeasure, WarningState
from bankcard_tui.services import warnings
from bankcard_tui.services.logs import my_log
from bankcard_tui.services.subjects import CARD_ACCOUNT
from bankcard_tui.services.warning_work import (
    WarningView,
    deal_with_warning,
    give_warning_back,
    list_warnings,
    take_warning,
    warning_totals,
)
from bankcard_tui.services.warnings import WARNING, Checked, check_all_due, check_due
from bankcard_tui.services.watch_list import WATCHED, watch
from bankcard_tui.store.types import new_id
from tests.branch import Town
from tests.histories import month_row, taken
from tests.services.test_outcomes import holder, is_granted_a_card, moved
from tests.services.watching import account_of, gets_worse, is_watched, warning_of, warnings_of
from tests.services.world import World

USED, OVERDUE, ELSEWHERE, INCOME, CASH = (
    WarningKind.UTILISATION,
    WarningKind.OVERDUE_HERE,
    WarningKind.OVERDUE_ELSEWHERE,
    WarningKind.FALLING_INCOME,
    WarningKind.CASH_ADVANCES,
)


def last_month(town: Town) -> date:
    return month_after(month_of(town.bank.day_of(town.bank.clock.now())), -1)


def used(town: Town, customer: UUID, days: int = 0, **figures: str) -> None:
    """The month that was over last comes from the accounts."""
    taken(town.bank.system_desk("month end"), [month_row(customer, last_month(town), days, **figures)])


def checked(town: Town) -> Checked:
    return check_all_due(town.bank.system_desk("day end"))


def raised(town: Town) -> list[WarningView]:
    return list(list_warnings(town.desk("manager")).items)


def done(town: Town, customer: UUID, kind: WarningKind, by: str = "manager") -> None:
    deal_with_warning(town.desk(by), warning_of(town.bank, customer, kind), WarningMeasure.CALLED, "Pays from now on.")


def columns(town: Town, model: Any, *names: str) -> list[Any]:
    with town.bank.store.read() as connection:
        return list(connection.execute(select(*(model.c[name] for name in names))))


def test_a_limit_nearly_used_up_is_warned_of_with_its_figures(town: Town) -> None:
    customer = holder(town)
    used(town, customer, balance="9000.00")
    assert checked(town) == Checked(checked=1, raised=1)
    (found,) = raised(town)
    assert (found.kind, found.state, found.customer_id) == (USED, WarningState.OPEN, customer)
    assert found.rests_on == last_month(town)
    assert str(found.figures[0]) == "9,000.00 of 10,000.00 yuan are owed: 90 % of the limit."


def test_every_sign_of_a_month_is_a_warning_of_its_own(town: Town) -> None:
    customer = holder(town)
    used(town, customer, 12, balance="9900.00", cash="3000.00", spent="4000.00")
    assert checked(town).raised == 3
    assert set(warnings_of(town.bank, customer)) == {USED, OVERDUE, CASH}


def test_what_runs_beside_the_limit_may_be_owed_too(town: Town) -> None:
    customer = holder(town)
    special = {
        "branch_id": town.bank.branch.id,
        "card_account_id": account_of(town.bank, customer),
        "customer_id": customer,
        "kind": LimitChangeKind.TEMPORARY,
        "amount": Money.yuan(5_000),
        "starts_on": date(2026, 3, 1),
        "until": date(2026, 3, 31),
        "granted_at": town.bank.clock.now(),
        "granted_by": town.staff("manager"),
        "policy_version": 1,
    }
    with town.bank.store.write() as connection:
        connection.execute(insert(table(SpecialLimit)).values(id=new_id(), **special))
    used(town, customer, balance="9000.00")
    assert checked(town).raised == 0


def test_months_long_past_say_nothing_of_today(town: Town) -> None:
    customer = holder(town)
    used(town, customer, 40, balance="9900.00")
    moved(town, 100)
    assert checked(town) == Checked(checked=1, raised=0)


def test_looking_again_warns_of_nothing_twice(town: Town) -> None:
    customer = holder(town)
    used(town, customer, 12)
    assert checked(town).raised == 1
    assert checked(town) == Checked(), "nothing is due on the same day"
    moved(town, 30)
    assert checked(town) == Checked(checked=1, raised=0), "it is not dealt with yet"
    done(town, customer, OVERDUE)
    moved(town, 30)
    assert checked(town).raised == 0, "the month was warned of"
    used(town, customer, 20)
    moved(town, 1)
    with town.bank.store.write() as connection:
        connection.execute(update(CARD_ACCOUNT).values(checked_on=None))
    assert checked(town).raised == 1, "another month is another warning"


def test_another_month_adds_nothing_to_a_warning_that_nobody_has_dealt_with(town: Town) -> None:
    customer = holder(town)
    used(town, customer, 12)
    checked(town)
    moved(town, 31)
    used(town, customer, 40)
    assert checked(town) == Checked(checked=1, raised=0)


def test_two_cards_of_a_customer_are_warned_of_once(town: Town) -> None:
    customer = holder(town)
    is_granted_a_card(town, "zhang", customer)
    used(town, customer, 12)
    with town.bank.store.read() as connection:
        newer = connection.execute(select(CARD_ACCOUNT.c.id).order_by(CARD_ACCOUNT.c.id.desc())).scalars().all()[0]
    watch(town.desk("manager"), newer, 6, "Asked for more.")
    assert checked(town) == Checked(checked=2, raised=1)
    assert [(each.account, each.watched) for each in raised(town)] == [(newer, True)]


def test_watched_accounts_are_looked_at_more_often_and_more_strictly(town: Town) -> None:
    watched, other = holder(town), holder(town, "lina")
    is_watched(town, watched)
    assert checked(town).checked == 2
    moved(town, 7)
    for customer in (watched, other):
        used(town, customer, balance="8500.00", cash="1500.00")
    assert checked(town) == Checked(checked=1, raised=2)
    assert set(warnings_of(town.bank, watched)) == {USED, CASH}
    assert all(each.watched for each in raised(town))
    moved(town, 23)
    assert checked(town).checked == 2
    assert not warnings_of(town.bank, other)


def test_a_file_that_gets_worse_warns_at_once(town: Town) -> None:
    customer = holder(town)
    gets_worse(town, customer, income=14_400, times_overdue=1)
    assert set(warnings_of(town.bank, customer)) == {INCOME, ELSEWHERE}
    assert checked(town).raised == 0, "the job finds the same"


def test_a_small_fall_of_the_income_is_no_warning(town: Town) -> None:
    customer = holder(town)
    gets_worse(town, customer, income=14_401, times_overdue=0)
    assert not warnings_of(town.bank, customer)


def test_what_was_dealt_with_is_warned_of_again_only_when_it_gets_worse(town: Town) -> None:
    customer = holder(town)
    gets_worse(town, customer, income=14_000, times_overdue=0)
    done(town, customer, INCOME)
    moved(town, 31)
    gets_worse(town, customer, income=14_000, times_overdue=0)
    assert checked(town).raised == 0
    gets_worse(town, customer, income=9_000, times_overdue=0)
    assert [each.kind for each in raised(town)] == [INCOME]


def test_customers_find_nothing_of_warnings_and_watching_in_their_log(town: Town) -> None:
    customer = holder(town)
    gets_worse(town, customer)
    is_watched(town, customer)
    take_warning(town.desk("manager"), warning_of(town.bank, customer, INCOME))
    done(town, customer, INCOME)
    actions = {entry.action for entry in my_log(town.desk("zhang")).items}
    assert "customer.change_circumstances" in actions
    assert not {each for each in actions if each.startswith(("warning.", "watch."))}


class Killed(Exception):
    """The process is gone."""


@pytest.mark.parametrize("place", ["before anything", "between the chunks", "in the middle of a chunk"])
def test_a_job_that_was_killed_goes_on_without_a_second_warning(
    town: Town, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    customers = [holder(town, f"customer{number}") for number in range(3)]
    for customer in customers:
        used(town, customer, 12)
    monkeypatch.setattr(warnings, "MOST_ACCOUNTS", 1)
    monkeypatch.setattr(warnings, "_DUE", warnings._DUE.limit(1))
    night = town.bank.system_desk("day end")
    if place == "between the chunks":
        check_due(night)
    if place == "in the middle of a chunk":
        first = check_due(night).view
        with monkeypatch.context() as broken:
            broken.setattr(warnings, "_row", _dies)
            with pytest.raises(Killed):
                check_due(night, first.next)
    assert checked(town).raised == (3 if place == "before anything" else 2)
    assert [list(warnings_of(town.bank, customer)) for customer in customers] == [[OVERDUE]] * 3
    assert len(columns(town, WARNING, "id")) == 3


def _dies(*_: object) -> dict[str, object]:
    raise Killed


def test_a_warning_is_taken_by_one_manager_and_dealt_with_by_the_same(town: Town) -> None:
    customer = holder(town)
    gets_worse(town, customer, times_overdue=0)
    warning = warning_of(town.bank, customer, INCOME)
    assert take_warning(town.desk("manager"), warning).view.mine
    with pytest.raises(Conflict, match="has this warning"):
        take_warning(town.desk("manager2"), warning)
    with pytest.raises(Conflict, match="has this warning"):
        deal_with_warning(town.desk("manager2"), warning, WarningMeasure.CALLED, "x")
    give_warning_back(town.desk("manager2"), warning)
    view = deal_with_warning(town.desk("manager2"), warning, WarningMeasure.MET, "Has found a new job.").view
    assert (view.state, view.done_by, view.taken_by) == (WarningState.DONE, "Manager2", "Manager2")
    for again in (take_warning, give_warning_back):
        with pytest.raises(Conflict, match="dealt with this warning already"):
            again(town.desk("manager"), warning)
    assert not raised(town)
    (shown,) = list_warnings(town.desk("manager"), state=WarningState.DONE).items
    assert (shown.measure, shown.note) == (WarningMeasure.MET, "Has found a new job.")


def test_what_was_done_needs_words(town: Town) -> None:
    customer = holder(town)
    gets_worse(town, customer, times_overdue=0)
    with pytest.raises(InvalidInput):
        deal_with_warning(town.desk("manager"), warning_of(town.bank, customer, INCOME), WarningMeasure.NOTHING, " ")


def test_nobody_deals_with_a_warning_about_oneself(world: World) -> None:
    own = world.ids["self.manager.warning"]
    act: list[Callable[[], object]] = [
        lambda: take_warning(world.desk("manager"), own),
        lambda: deal_with_warning(world.desk("manager"), own, WarningMeasure.CALLED, "x"),
    ]
    for each in act:
        with pytest.raises(Refused, match="own application, card or account"):
            each()
    assert [each.own for each in list_warnings(world.desk("manager")).items if each.id == own] == [True]


def test_the_list_shows_free_ones_first_and_filters(world: World) -> None:
    manager = world.desk("manager")
    shown = list_warnings(manager).items
    assert [each.state for each in shown] == [WarningState.OPEN] * 3 + [WarningState.TAKEN]
    assert [each.raised_at for each in shown[:3]] == sorted(each.raised_at for each in shown[:3])
    assert {each.kind for each in list_warnings(manager, kind=INCOME).items} == {INCOME}
    assert [each.id for each in list_warnings(manager, mine=True).items] == [world.ids["taken.warning"]]
    assert not list_warnings(world.desk("director"), mine=True).items
    totals = warning_totals(manager)
    assert (totals.free, totals.taken, totals.mine) == (3, 1, 1)
    assert totals.kinds[ELSEWHERE] == totals.kinds[INCOME] == 2


def test_the_list_pages_by_key_from_free_to_taken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [each.id for each in list_warnings(world.desk("manager")).items]
    from bankcard_tui.services import warning_work
    from bankcard_tui.services.paging import fetch_page

    monkeypatch.setattr(warning_work, "fetch_page", lambda *args, **named: fetch_page(*args, **named, rows=1))
    seen, cursor = [], None
    while True:
        page = list_warnings(world.desk("manager"), cursor=cursor)
        seen += [each.id for each in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == whole


def test_a_held_reduction_is_a_warning(town: Town) -> None:
    """The rule would reduce the limit, and what is owed keeps it."""
    from bankcard_tui.services.evaluations import evaluate_all_due

    customer = holder(town)
    assert isinstance(town.bank.clock, SimulatedClock)
    moved(town, 220)
    newest = last_month(town)
    night = town.bank.system_desk("month end")
    taken(night, [month_row(customer, month_after(newest, place - 4), 40, balance="9800.00") for place in range(4)])
    taken(night, [month_row(customer, newest, 0, balance="9800.00")])
    evaluate_all_due(night)
    assert checked(town).checked == 1
    held = [each for each in raised(town) if each.kind is OVERDUE]
    assert len(held) == 1
    assert "months overdue in a row, and 9,800.00 yuan owed keep the limit" in str(held[0].figures[0])
    done(town, customer, OVERDUE)
    moved(town, 31)
    assert not [each for each in raised(town) if each.kind is OVERDUE]
    assert checked(town).raised == 0


def test_entries_of_the_watch_list_end_by_themselves(town: Town) -> None:
    is_watched(town, holder(town))
    moved(town, 184)
    checked(town)
    assert columns(town, WATCHED, "ended_at")[0].ended_at is None, "the last day counts"
    moved(town, 1)
    checked(town)
    assert columns(town, WATCHED, "ended_at")[0].ended_at is not None


def test_facts_that_somebody_altered_stop_no_job(town: Town) -> None:
    customer = holder(town)
    used(town, customer, 12)
    for facts in ("[1, 2", "[]", '{"monthly_income": "much", "times_overdue": {}}', '{"monthly_income": 1e400}'):
        with town.bank.store.write() as connection:
            connection.exec_driver_sql("UPDATE application_decision SET facts = ?", (facts,))
            connection.execute(update(CARD_ACCOUNT).values(checked_on=None))
        checked(town)
    assert set(warnings_of(town.bank, customer)) == {OVERDUE}
    assert timedelta(0) <= town.bank.clock.now() - raised(town)[0].raised_at
