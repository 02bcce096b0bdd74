"""Every operation of the registry as every kind of person: who may is written down, everybody else is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from bankcard_tui.desk.access import ACCOUNT, PERMISSION, SESSION, Lobby
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.log import ENTRY
from bankcard_tui.desk.operation import run
from bankcard_tui.desk.registry import REGISTRY, Mode, Spec
from bankcard_tui.errors import BankError, Conflict, NotSignedIn, Refused, SessionLocked
from bankcard_tui.rules.terms import Outcome
from bankcard_tui.services.everything import operations
from tests.services.permitted import CASES, KINDS, Case
from tests.services.world import World

NAMES = [spec.name for spec in operations()]
UNWATCHED = {"log_entry", "log_head", "session", "sign_in_tries"}
WITH_SESSION = ("teller", "manager", "manager2", "director", "admin", "owner", "other")


def desk_of(world: World, case: Case, kind: str) -> Desk:
    return world.desk(case.owner if kind == "owner" else kind)


def contents(world: World) -> dict[str, list[Any]]:
    """All that stands in the store, without the log and the sessions."""
    return world.contents(without=UNWATCHED)


def last_entry(world: World) -> Any:
    with world.bank.store.read() as connection:
        return connection.execute(select(ENTRY).order_by(ENTRY.c.seq.desc()).limit(1)).one()


def is_refused(
    world: World, spec: Spec, desk: Desk, arguments: dict[str, Any], error: type[BankError] = Refused
) -> None:
    """It is refused, the log says so, and nothing else in the store has changed."""
    before = contents(world)
    with pytest.raises(error):
        run(spec, desk, arguments)
    assert contents(world) == before
    entry = last_entry(world)
    assert (entry.action, entry.outcome) == (spec.name, Outcome.REFUSED if issubclass(error, Refused) else "failed")


def test_every_operation_is_in_the_table_and_nothing_else() -> None:
    assert set(CASES) == set(REGISTRY) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_who_is_allowed_does_it_and_everybody_else_is_refused(day: World, again: World, name: str) -> None:
    spec, case, world = REGISTRY[name], CASES[name], again
    for kind in KINDS:
        if kind not in case.allowed:
            error = Conflict if kind in case.state else Refused
            is_refused(world, spec, desk_of(world, case, kind), case.arguments(world, kind), error)
    for place, kind in enumerate(sorted(case.allowed)):
        if place and spec.mode is Mode.WRITE:
            world.again(day)
        run(spec, desk_of(world, case, kind), case.arguments(world, kind))


GUARDED = [name for name in NAMES if not isinstance(REGISTRY[name].allow, Lobby)]


@pytest.mark.parametrize("name", GUARDED)
def test_a_session_that_does_not_hold_any_more_allows_nothing(again: World, name: str) -> None:
    spec, case, world = REGISTRY[name], CASES[name], again
    kind = next((each for each in WITH_SESSION if each in case.allowed), None)
    if kind is None:
        pytest.skip("only jobs do this")
    desk = desk_of(world, case, kind)
    arguments = case.arguments(world, kind)
    now = world.bank.clock.now()

    def session(**values: Any) -> None:
        with world.bank.store.write() as connection:
            connection.execute(update(SESSION).where(SESSION.c.id == desk.session_id).values(**values))

    if not spec.while_locked:
        session(seen_at=now - timedelta(minutes=11))
        is_refused(world, spec, desk, arguments, SessionLocked)
        is_refused(world, spec, desk, arguments, SessionLocked)
        session(seen_at=now, locked=True)
        is_refused(world, spec, desk, arguments, SessionLocked)
    session(locked=False, ended_at=now)
    is_refused(world, spec, desk, arguments, NotSignedIn)
    session(ended_at=None, ends_at=now)
    is_refused(world, spec, desk, arguments, NotSignedIn)
    session(ends_at=now + timedelta(hours=1))
    is_refused(world, spec, replace(desk, session_id=world.ids["teller2"]), arguments, NotSignedIn)


@pytest.mark.parametrize("name", GUARDED)
def test_rights_that_were_taken_away_in_mid_session_are_gone(again: World, name: str) -> None:
    spec, case, world = REGISTRY[name], CASES[name], again
    kind = next((each for each in WITH_SESSION if each in case.allowed), None)
    if kind is None:
        pytest.skip("only jobs do this")
    desk = desk_of(world, case, kind)
    arguments = case.arguments(world, kind)
    me = desk.who.account_id
    lost = [{"account_id": me, "permission": each.value, "granted": False} for each in spec.permissions]
    with world.bank.store.write() as connection:
        connection.execute(delete(PERMISSION).where(PERMISSION.c.account_id == me))
        connection.execute(insert(PERMISSION), lost)
    is_refused(world, spec, desk, arguments)
    with world.bank.store.write() as connection:
        connection.execute(delete(PERMISSION).where(PERMISSION.c.account_id == me))
        connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == me).values(disabled_at=world.bank.clock.now()))
    is_refused(world, spec, desk, arguments, NotSignedIn)


@pytest.mark.parametrize("name", [name for name in NAMES if CASES[name].own])
def test_nobody_acts_on_themselves_as_staff(again: World, name: str) -> None:
    case, world = CASES[name], again
    assert case.own is not None
    kinds = [kind for kind in ("teller", "manager", "director", "admin") if kind in case.allowed]
    assert kinds
    tried = 0
    for kind in kinds:
        try:
            arguments = case.own(world, kind)
        except KeyError:
            continue  # this one has no such record
        is_refused(world, REGISTRY[name], world.desk(kind), arguments)
        tried += 1
    assert tried


@pytest.mark.parametrize("name", NAMES)
def test_a_customers_second_account_gives_no_rights_of_staff(again: World, name: str) -> None:
    """Somebody who works here signs in as the customer they are too."""
    case, world = CASES[name], again
    for kind in ("teller", "manager", "admin"):
        if kind not in case.allowed or "owner" in case.allowed or "nobody" in case.allowed:
            continue
        is_refused(world, REGISTRY[name], world.town.desk(f"c-{kind}"), case.arguments(world, kind))


def test_operations_that_touch_a_person_name_a_subject() -> None:
    about = {"customer", "application", "card", "document", "account", "request"}
    for spec in operations():
        if about & set(spec.signature.parameters) and spec.name != "review.next":
            assert spec.subject is not None, spec.name
            assert spec.mode is not Mode.READ, f"{spec.name} shows a record without a word in the log"
