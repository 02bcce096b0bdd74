"""Telling customers of a changed limit, and the hours at which it is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.desk import Desk, Work
from bankcard_tui.errors import Phrase
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy import Policy
from bankcard_tui.rules.terms import Channel, Language, LimitChangeKind
from bankcard_tui.services.customers import change_contact, open_file
from bankcard_tui.services.notices import notice_of_change, tell_all
from bankcard_tui.services.outbox import MESSAGE
from bankcard_tui.services.profile import Contact
from tests.services.world import World

REASON = (Phrase("Your credit limit"), Phrase("before: {before} yuan", {"before": "1.00"}))
BY_ALL = (Channel.SMS, Channel.EMAIL, Channel.APP)


def reached(world: World, **more: Any) -> None:
    contact: dict[str, Any] = {"phone": "13800138000", "email": "zhang@example.com", "channels": BY_ALL}
    desk, customer = world.desk("teller"), world.ids["zhang.customer"]
    spoken = {"language": Language.CHINESE} | contact | more
    change_contact(desk, customer, open_file(desk, customer).version, Contact(**spoken))


@contextmanager
def at_work(world: World) -> Iterator[Desk]:
    """A desk in the middle of an operation of the system."""
    desk, now = world.bank.system_desk("night"), world.bank.clock.now()
    with world.bank.store.write() as connection:
        version = world.bank.version_in_force(connection, now)
        yield replace(desk, _work=Work(connection, desk.who, world.bank.policy(connection, version), version, now))


def told(world: World, kind: LimitChangeKind = LimitChangeKind.RAISE, until: date | None = None) -> None:
    with at_work(world) as desk:
        customer = world.ids["zhang.customer"]
        amounts = Money.yuan(10_000), Money.yuan(13_000)
        tell_all(desk, (notice_of_change(desk, world.ids["change"], customer, kind, *amounts, until, REASON),))


def rows(world: World) -> list[Any]:
    with world.bank.store.read() as connection:
        return list(connection.execute(select(MESSAGE).order_by(MESSAGE.c.id)))


def under(world: World, **figures: Any) -> None:
    """The policy in force with other figures."""
    with world.bank.store.read() as connection:
        version = world.bank.version_in_force(connection, world.bank.clock.now())
        policy: Policy = world.bank.policy(connection, version)
    world.bank._policies[version] = replace(policy, **figures)


def clock_of(world: World) -> SimulatedClock:
    assert isinstance(world.bank.clock, SimulatedClock)
    return world.bank.clock


def advance(world: World, **by: float) -> None:
    clock_of(world).advance(timedelta(**by))


def at_hour(world: World, hour: int) -> None:
    """Later that day or night, at this hour in Shanghai."""
    now = world.bank.clock.now()
    advance(world, hours=(hour - (now.hour + 8)) % 24)
