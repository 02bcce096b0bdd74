"""Spending and overdue history: months are taken over from files, and opinions rest on them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from bankcard_tui.decision.opinion import Reason
from bankcard_tui.errors import Conflict
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.months import month_after
from bankcard_tui.services import history_import, imports, review
from bankcard_tui.services.customer_import import CUSTOMERS, import_customers
from tests.branch import Town
from tests.histories import a_year_passes, month_row, months_from, taken
from tests.services.world import World

LAST_YEAR = date(2025, 3, 1)
"""The first of the last twelve months."""


def stored(town: Town, question: str = "SELECT * FROM history_month") -> list[Any]:
    with town.bank.store.read() as connection:
        return list(connection.exec_driver_sql(question))


def reasons(town: Town, application: UUID) -> dict[str, Reason]:
    opinion = review.look(town.desk("manager"), application).advice.opinion
    return {each.code: each for each in opinion.weighed}


def test_a_month_is_taken_once_however_often_it_is_sent(town: Town) -> None:
    customer, _ = town.applicant()
    admin, row = town.desk("admin"), month_row(customer.customer_id, LAST_YEAR, 3)
    counts = [(job.done, job.skipped, job.rejected) for job, _ in (taken(admin, [row, row]), taken(admin, [row]))]
    assert counts == [(1, 1, 0), (0, 1, 0)]
    assert [each[1] for each in stored(town)] == ["2025-03-01"]


def test_a_known_month_with_other_figures_is_rejected_and_stays_as_it_was(town: Town) -> None:
    customer, _ = town.applicant()
    admin, row = town.desk("admin"), month_row(customer.customer_id, LAST_YEAR)
    taken(admin, [row])
    before = stored(town)
    for name, value in {"balance": "2000.01", "due": "0", "days_past_due": "1"}.items():
        _, rejects = taken(admin, [row | {name: value}])
        assert [each.code for each in rejects] == ["0206"]
    job, rejects = taken(admin, [month_row(customer.customer_id, date(2025, 4, 1), each) for each in (0, 9)])
    assert (job.done, [(each.line, each.code) for each in rejects]) == (1, [(1, "0206")])
    assert stored(town)[:1] == before


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"customer_external_id": "nobody"}, "0203"),
        ({"customer_external_id": str(uuid4())}, "0203"),
        ({"customer_external_id": ""}, "0207"),
        ({"month": "2026-03"}, "0207"),
        ({"month": "2031-01"}, "0207"),
        ({"month": "March"}, "0207"),
        ({"month": "0001-01"}, "0207"),
        ({"month": "1950-01"}, "0207"),
        ({"balance": ""}, "0207"),
        ({"balance": "-1.00"}, "0207"),
        ({"spent": "1e5"}, "0207"),
        ({"days_past_due": "-1"}, "0207"),
        ({"days_past_due": "3.5"}, "0207"),
        ({"days_past_due": "99999"}, "0207"),
    ],
)
def test_a_bad_row_is_rejected_with_its_code_and_never_stops_the_others(
    town: Town, changed: dict[str, str], code: str
) -> None:
    customer, _ = town.applicant()
    bad, good = month_row(customer.customer_id, LAST_YEAR) | changed, month_row(customer.customer_id, LAST_YEAR)
    job, rejects = taken(town.desk("admin"), [bad, good])
    assert [(each.line, each.code) for each in rejects] == [(0, code)]
    assert rejects[0].reason
    assert job.done == 1


def test_a_customer_who_was_taken_over_is_named_as_the_old_system_did(world: World) -> None:
    job, rejects = taken(world.desk("admin"), [month_row("E1", LAST_YEAR), month_row(" E1 ", date(2025, 4, 1))])
    assert (job.done, rejects) == (2, ())
    assert {each[0] for each in stored(world.town)} == {world.ids["imported.customer"].bytes}


def test_rows_of_one_kind_of_file_never_go_into_the_import_of_another(town: Town) -> None:
    admin = town.desk("admin")
    customers = imports.start_import(admin, CUSTOMERS, "file").view.id
    months = imports.start_import(admin, history_import.HISTORIES, "file").view.id
    with pytest.raises(Conflict, match="not the next part"):
        history_import.import_history(admin, customers, 0, ())
    with pytest.raises(Conflict, match="not the next part"):
        import_customers(admin, months, 0, ())


def test_somebody_without_history_has_none_in_the_opinion(town: Town) -> None:
    _, application = town.applicant()
    found = reasons(town, application.id)
    assert found["own_days_past_due"].template == "No card here so far"
    assert found["own_use_percent"].template == "No use of a card here so far"


def test_the_last_twelve_months_speak_in_the_opinion_and_no_others(town: Town) -> None:
    customer, application = town.applicant()
    earlier, recent = month_after(LAST_YEAR, -1), [45] + [0] * 11
    taken(town.desk("admin"), months_from(customer.customer_id, earlier, [95, *recent]))
    found = reasons(town, application.id)["own_days_past_due"]
    assert found.values == {"days": 45}
    assert reasons(town, application.id)["own_use_percent"].template == "No use of a card here so far"


def test_the_month_that_is_not_over_does_not_speak(town: Town) -> None:
    customer, application = town.applicant()
    taken(town.desk("admin"), months_from(customer.customer_id, LAST_YEAR, [0] * 12))
    with town.bank.store.write() as connection:
        connection.exec_driver_sql(
            "UPDATE history_month SET month = ?, days_past_due = 30 WHERE month = ?",
            (month_after(LAST_YEAR, 12).isoformat(), month_after(LAST_YEAR, 11).isoformat()),
        )
    assert reasons(town, application.id)["own_days_past_due"].template == "Never overdue here"


def test_a_returning_customer_shows_how_the_limit_is_used(town: Town) -> None:
    customer, application = town.applicant("zhang")
    review.claim(town.desk("manager"), application.id)
    review.approve(town.desk("manager"), application.id, Money.yuan(10_000))
    a_year_passes(town, {customer.customer_id: 12})
    again = town.applies("zhang", customer.customer_id)
    found = reasons(town, again.id)
    assert found["own_use_percent"].values == {"percent": 20}
    assert found["own_days_past_due"].values == {"days": 12}
    assert found["own_days_past_due"].points < 0


def test_half_a_year_of_history_opens_the_upper_half_of_the_tier(town: Town) -> None:
    customer, application = town.applicant("zhang", wish=100_000)

    def limit() -> Money:
        proposed = review.look(town.desk("manager"), application.id).advice.opinion.limit
        assert proposed is not None
        return proposed

    before = limit()
    taken(town.desk("admin"), months_from(customer.customer_id, date(2025, 9, 1), [0] * 5))
    lower = limit()
    taken(town.desk("admin"), months_from(customer.customer_id, date(2026, 2, 1), [0]))
    assert before <= Money.yuan(30_000)
    assert lower <= Money.yuan(30_000) < limit()


def test_cash_may_be_told_of_a_month_or_not(world: World) -> None:
    night, customer = world.desk("system"), world.ids["free.customer"]
    told, silent = month_row(customer, LAST_YEAR, cash="300.00"), month_row(customer, month_after(LAST_YEAR, 1))
    job, rejects = taken(night, [told, silent])
    assert (job.done, rejects) == (2, ())
    without = {name: cell for name, cell in told.items() if name != "cash"}
    again, rejects = taken(night, [told, silent, without, silent | {"cash": ""}])
    assert (again.done, again.skipped, rejects) == (0, 4, ())
    _, rejects = taken(night, [told | {"cash": "301.00"}, silent | {"cash": "1.00"}])
    assert [each.code for each in rejects] == ["0206", "0206"]
    _, (more,) = taken(night, [month_row(customer, month_after(LAST_YEAR, 2), cash="1500.01")])
    assert more.code == "0207"
