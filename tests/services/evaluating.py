"""Card holders whose limits are evaluated again, with months of history behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.desk import Desk, Work
from bankcard_tui.models.base import table
from bankcard_tui.models.limit import Evaluation, LimitProposal
from bankcard_tui.rules.money import Money
from bankcard_tui.services import review
from bankcard_tui.services.profile import Circumstances
from bankcard_tui.services.subjects import CARD_ACCOUNT
from tests.branch import SOLID, Town
from tests.histories import months_from, taken

EVALUATION, PROPOSAL = table(Evaluation), table(LimitProposal)
MARCH = date(2026, 3, 1)
T = TypeVar("T")


def holder(town: Town, username: str = "zhang", limit: int = 10_000, circumstances: Circumstances = SOLID) -> UUID:
    """A customer who is granted a card on 2 March 2026; returns the customer."""
    customer = town.registers(username).customer_id
    town.verified(customer, circumstances)
    is_granted(town, username, customer, limit)
    return customer


def is_granted(town: Town, username: str, customer: UUID, limit: int) -> None:
    """The manager grants the customer a card with this limit, whatever the decision aid says."""
    application = town.applies(username, customer, limit).id
    review.claim(town.desk("manager"), application)
    review.approve(town.desk("manager"), application, Money.yuan(limit), "", "Known to us.")


def account_of(town: Town, customer: UUID) -> UUID:
    with town.bank.store.read() as connection:
        asked = select(CARD_ACCOUNT.c.id).where(CARD_ACCOUNT.c.customer_id == customer)
        return connection.execute(asked.order_by(CARD_ACCOUNT.c.opened_at)).scalars().first() or UUID(int=0)


def months_pass(town: Town, days: int) -> None:
    assert isinstance(town.bank.clock, SimulatedClock)
    town.bank.clock.advance(timedelta(days=days))
    town._desks.clear()


def lives(town: Town, customer: UUID, days: Sequence[int], first: date = MARCH, **figures: str) -> None:
    """Months of history from ``first`` on, each with its days past due."""
    _, rejects = taken(town.bank.system_desk("month end"), months_from(customer, first, days, **figures))
    assert rejects == ()


def rows_of(town: Town, model: Any) -> list[Any]:
    with town.bank.store.read() as connection:
        return list(connection.execute(select(model).order_by(model.c.id)))


def inside(town: Town, ask: Callable[[Desk], T]) -> T:
    """What a function gives that is called while an operation runs."""
    bank, now = town.bank, town.bank.clock.now()
    manager = town.desk("manager")
    with bank.store.read() as connection:
        version = bank.version_in_force(connection, now)
        work = Work(connection, manager.who, bank.policy(connection, version), version, now)
        try:
            return ask(replace(manager, _work=work))
        finally:
            work.close()
