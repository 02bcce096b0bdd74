"""Customers whose circumstances get worse, and whose accounts are watched for it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from bankcard_tui.desk.bank import Bank
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import WarningKind, WarningState
from bankcard_tui.services.customers import change_circumstances, open_file
from bankcard_tui.services.subjects import CARD_ACCOUNT
from bankcard_tui.services.warnings import WARNING
from bankcard_tui.services.watch_list import WATCHED, watch
from tests.branch import SOLID, Town


def account_of(bank: Bank, customer: UUID) -> UUID:
    """The first card account of a customer."""
    with bank.store.read() as connection:
        found = select(CARD_ACCOUNT.c.id).where(CARD_ACCOUNT.c.customer_id == customer).order_by(CARD_ACCOUNT.c.id)
        return connection.execute(found).scalars().first() or UUID(int=0)


def gets_worse(town: Town, customer: UUID, income: int = 12_000, times_overdue: int = 2, by: str = "teller") -> None:
    """A teller enters what a customer has to say: less income (yuan a month), and overdue elsewhere."""
    version = open_file(town.desk(by), customer).version
    worse = SOLID.model_copy(update={"monthly_income": Money.yuan(income), "times_overdue": times_overdue})
    change_circumstances(town.desk(by), customer, version, worse)


def warnings_of(bank: Bank, customer: UUID) -> dict[WarningKind, WarningState]:
    """How the newest warnings of a customer stand, by their kind."""
    with bank.store.read() as connection:
        found = select(WARNING.c.kind, WARNING.c.state).where(WARNING.c.customer_id == customer)
        return {row.kind: row.state for row in connection.execute(found.order_by(WARNING.c.raised_at, WARNING.c.id))}


def warning_of(bank: Bank, customer: UUID, kind: WarningKind) -> UUID:
    with bank.store.read() as connection:
        found = select(WARNING.c.id).where(WARNING.c.customer_id == customer, WARNING.c.kind == kind)
        return UUID(str(connection.execute(found).scalar_one()))


def is_watched(town: Town, customer: UUID, by: str = "manager2") -> UUID:
    """A manager puts the account of a customer on the watch list; returns the entry."""
    account = account_of(town.bank, customer)
    watch(town.desk(by), account, 6, "Asked for more twice.")
    with town.bank.store.read() as connection:
        found = select(WATCHED.c.id).where(WATCHED.c.card_account_id == account, WATCHED.c.ended_at.is_(None))
        return UUID(str(connection.execute(found).scalar_one()))
