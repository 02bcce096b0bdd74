"""Months of history as tests have them taken over, and customers whose cards mature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.desk import Desk
from bankcard_tui.rules.months import month_after, month_of
from bankcard_tui.services.history_import import HISTORIES, import_history
from bankcard_tui.services.imports import JobView, Rejected, finish_import, start_import
from bankcard_tui.services.outcomes import record_all_due
from tests.branch import Town

YEAR = 12


def month_row(customer: UUID | str, month: date, days: int = 0, **changed: str) -> dict[str, str]:
    figures = {"balance": "2000.00", "spent": "1500.00", "repaid": "1200.00", "due": "200.00"}
    named = {"customer_external_id": str(customer), "month": f"{month:%Y-%m}"}
    return {**named, **figures, "days_past_due": str(days)} | changed


def months_from(customer: UUID | str, first: date, days: Sequence[int], **changed: str) -> list[dict[str, str]]:
    """A row for each month from ``first`` on, with its days past due."""
    return [month_row(customer, month_after(first, place), each, **changed) for place, each in enumerate(days)]


def taken(desk: Desk, rows: Sequence[dict[str, str]]) -> tuple[JobView, tuple[Rejected, ...]]:
    """Import ``rows`` as a file of its own."""
    job = start_import(desk, HISTORIES, uuid4().hex).view
    rejects = import_history(desk, job.id, 0, tuple(rows)).view.rejects
    return finish_import(desk, job.id).view, rejects


def a_year_passes(town: Town, worst_days: Mapping[UUID, int]) -> None:
    """The cards of these customers mature, each with the worst days past due in the third month; all sign in anew."""
    clock = town.bank.clock
    assert isinstance(clock, SimulatedClock)
    first = month_after(month_of(town.bank.day_of(clock.now())), 1)
    clock.advance(timedelta(days=400))
    town._desks.clear()
    night = town.bank.system_desk("month end")
    for customer, worst in worst_days.items():
        taken(night, months_from(customer, first, [0, 0, worst, *[0] * (YEAR - 3)]))
    record_all_due(night)
