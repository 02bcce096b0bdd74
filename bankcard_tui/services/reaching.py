"""Where customers want to be reached by notices, as their file says now."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Row, select

from bankcard_tui.desk.desk import Desk
from bankcard_tui.rules.terms import Channel
from bankcard_tui.services.subjects import CUSTOMER

NO_CHANNEL, DO_NOT_DISTURB = "no_channel", "do_not_disturb"
"""Why a notice is not sent."""

Reached: TypeAlias = Row[*tuple[Any, ...]]
"""A row of what has to be known of a customer to reach one."""

_AT_ONCE = 500
"""How many customers are looked up in one question."""

_REACHED = select(
    CUSTOMER.c.id,
    CUSTOMER.c.phone,
    CUSTOMER.c.email,
    CUSTOMER.c.channels,
    CUSTOMER.c.language,
    CUSTOMER.c.do_not_disturb,
)


def reached(desk: Desk, ids: Collection[UUID]) -> Iterator[Reached]:
    """What has to be known of these customers to reach them."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), _AT_ONCE):
        found = _REACHED.where(CUSTOMER.c.id.in_(ordered[start : start + _AT_ONCE]))
        yield from desk.sql.execute(found).all()


def addresses_of(customer: Reached) -> dict[Channel, str]:
    """The addresses by which a customer accepts notices, by channel."""
    accepted = customer.channels.split()
    addresses = {Channel.SMS: customer.phone, Channel.EMAIL: customer.email, Channel.APP: str(customer.id)}
    return {kind: address for kind, address in addresses.items() if address and kind in accepted}


def is_left_alone(desk: Desk, customer: Reached) -> bool:
    """Whether a customer wants no notices, and the policy keeps to that."""
    return customer.do_not_disturb and not desk.policy.notices_despite_do_not_disturb


def why_not(desk: Desk, customer: UUID, kind: Channel, address: str) -> str:
    """Why a notice that was written for this address is not to go there any more; empty where it is."""
    for found in reached(desk, (customer,)):
        if is_left_alone(desk, found):
            return DO_NOT_DISTURB
        return "" if addresses_of(found).get(kind) == address else NO_CHANNEL
    return NO_CHANNEL
