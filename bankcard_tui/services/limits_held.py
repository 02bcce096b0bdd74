"""What people may owe here in all, and owe: limits, what stands beside them, and the newest balance."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
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

_THEIRS = PERSON.c.id_index.in_(bindparam("indexes", expanding=True))
_LIMITS = (
    select(PERSON.c.id_index, func.sum(CARD_ACCOUNT.c.credit_limit))
    .join_from(PERSON, CUSTOMER, CUSTOMER.c.person_id == PERSON.c.id)
    .join(CARD_ACCOUNT, CARD_ACCOUNT.c.customer_id == CUSTOMER.c.id)
    .where(_THEIRS)
    .group_by(PERSON.c.id_index)
)
_SPECIALS = (
    select(PERSON.c.id_index, SPECIAL.c.card_account_id, SPECIAL.c.kind, SPECIAL.c.amount, SPECIAL.c.months)
    .join_from(PERSON, CUSTOMER, CUSTOMER.c.person_id == PERSON.c.id)
    .join(SPECIAL, SPECIAL.c.customer_id == CUSTOMER.c.id)
    .where(_THEIRS, *RUNNING)
)
_NEWEST = (
    select(HISTORY.c.balance)
    .where(HISTORY.c.customer_id == CUSTOMER.c.id)
    .order_by(HISTORY.c.month.desc())
    .limit(1)
    .correlate(CUSTOMER)
    .scalar_subquery()
)
_OWED = select(CUSTOMER.c.id, _NEWEST.label("owed")).where(CUSTOMER.c.id.in_(bindparam("customers", expanding=True)))


@dataclass(frozen=True, slots=True)
class Special:
    """What runs beside the limit of an account; ``months`` is the term of a personal plan."""

    account: UUID
    kind: LimitChangeKind
    amount: Money
    months: int | None


@dataclass(slots=True)
class Held:
    """What a person may owe here: the sum of all ``limits``, and the ``specials`` that run beside them."""

    limits: Money = ZERO
    specials: list[Special] = field(default_factory=list)

    @property
    def total(self) -> Money:
        """Everything together."""
        return self.limits + _sum(each.amount for each in self.specials)

    @property
    def payments(self) -> Money:
        """What personal plans take of the income each month."""
        plans = (each for each in self.specials if each.kind is LimitChangeKind.PLAN)
        return _sum(monthly_payment(each.amount, each.months or 1) for each in plans)

    def beside(self, account: UUID) -> Money:
        """What may be owed beside the limit of an account."""
        return _sum(each.amount for each in self.specials if each.account == account)

    def has_temporary(self, account: UUID) -> bool:
        """Whether a temporary increase of an account runs."""
        return any(each.account == account and each.kind is LimitChangeKind.TEMPORARY for each in self.specials)


def held_by(desk: Desk, indexes: Collection[bytes]) -> dict[bytes, Held]:
    """What the people with these fingerprints hold today."""
    held = {index: Held() for index in indexes}
    for index, limits in desk.sql.execute(_LIMITS, {"indexes": list(held)}):
        held[index].limits = limits
    for index, *special in desk.sql.execute(_SPECIALS, {"indexes": list(held), "today": desk.today}):
        held[index].specials.append(Special(*special))
    return held


def owed_by(desk: Desk, customer: UUID) -> Money:
    """The balance of the newest month of a customer; zero without history."""
    return balances_of(desk, [customer])[customer]


def balances_of(desk: Desk, customers: Iterable[UUID]) -> dict[UUID, Money]:
    """The balance of the newest month of each customer; zero without history."""
    found = desk.sql.execute(_OWED, {"customers": list(customers)})
    return {row.id: row.owed or ZERO for row in found}


def _sum(amounts: Iterable[Money]) -> Money:
    return sum(amounts, start=ZERO)
