"""What a customer may owe here in all, and owes: limits, what stands beside them, and the newest balance."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import bindparam, func, select

from bankcard_tui.desk.desk import Desk
from bankcard_tui.models.base import table
from bankcard_tui.models.limit import SpecialLimit
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.special_limits import monthly_payment
from bankcard_tui.rules.terms import LimitChangeKind
from bankcard_tui.services.history import HISTORY
from bankcard_tui.services.subjects import CARD_ACCOUNT, CUSTOMER, PERSON

SPECIAL = table(SpecialLimit)
RUNNING = (
    SPECIAL.c.starts_on <= bindparam("today"),
    SPECIAL.c.until >= bindparam("today"),
    SPECIAL.c.ended_on.is_(None),
)
"""The conditions of special limits that count on the day ``today``."""

_OF_PERSON = (
    select(CUSTOMER.c.id)
    .join_from(CUSTOMER, PERSON, CUSTOMER.c.person_id == PERSON.c.id)
    .where(PERSON.c.id_index == bindparam("index"))
)
_LIMITS = select(func.sum(CARD_ACCOUNT.c.credit_limit)).where(CARD_ACCOUNT.c.customer_id.in_(_OF_PERSON))
_SPECIALS = select(
    SPECIAL.c.card_account_id, SPECIAL.c.kind, SPECIAL.c.amount, SPECIAL.c.months, SPECIAL.c.until
).where(SPECIAL.c.customer_id.in_(_OF_PERSON), *RUNNING)
_OWED = (
    select(HISTORY.c.balance)
    .where(HISTORY.c.customer_id == bindparam("customer"))
    .order_by(HISTORY.c.month.desc())
    .limit(1)
)


class Held:
    """What the person with the fingerprint ``index`` may owe here today.

    ``total`` is everything; ``beside`` what runs beside the limit of one account; ``payments`` what personal plans take
    of the income each month.
    """

    def __init__(self, desk: Desk, index: bytes) -> None:
        limits = desk.sql.execute(_LIMITS, {"index": index}).scalar_one() or ZERO
        self._specials = desk.sql.execute(_SPECIALS, {"index": index, "today": desk.today}).fetchall()
        self.total = limits + _sum(row.amount for row in self._specials)

    def beside(self, account: UUID) -> Money:
        return _sum(row.amount for row in self._specials if row.card_account_id == account)

    def has_temporary(self, account: UUID) -> bool:
        return any(row.card_account_id == account and row.kind is LimitChangeKind.TEMPORARY for row in self._specials)

    @property
    def payments(self) -> Money:
        plans = (row for row in self._specials if row.kind is LimitChangeKind.PLAN)
        return _sum(monthly_payment(row.amount, row.months or 1) for row in plans)


def owed_by(desk: Desk, customer: UUID) -> Money:
    """The balance of the newest month of a customer; zero without history."""
    return desk.sql.execute(_OWED, {"customer": customer}).scalar_one_or_none() or ZERO


def _sum(amounts: Iterable[Money]) -> Money:
    return sum(amounts, start=ZERO)
