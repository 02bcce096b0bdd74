"""What needs a second admin: asked for by one, listed for all, signed by another, or refused when there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation, run
from bankcard_tui.desk.pending import REQUEST
from bankcard_tui.desk.registry import REGISTRY
from bankcard_tui.errors import BankError, Conflict, Refused
from bankcard_tui.rules.terms import RequestStatus, Role
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services import overview, requests
from bankcard_tui.services.admin_requests import AdminRow, waiting_for_admins
from bankcard_tui.services.everything import operations
from bankcard_tui.services.four_eyes import SIGNED_WITH
from bankcard_tui.store.engine import sqlite
from tests.services.admins import asked, asks_to_disable, asks_to_take_away, file_of, further_admin, signed
from tests.services.permitted import CASES
from tests.services.world import World


def listed(world: World, username: str = "admin2") -> list[AdminRow]:
    rows = []
    for row in waiting_for_admins(world.desk(username)).items:
        assert row.altered is False
        rows.append(row)
    return rows


def number_of_requests(world: World) -> int:
    with world.bank.store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(REQUEST)).scalar_one())


def test_a_request_of_an_admin_is_listed_with_what_it_would_change(world: World) -> None:
    third = further_admin(world.town)
    asks_to_take_away(world.town, "admin", third, Permission.PRUNE_LOGS)
    (mine,), (theirs,) = listed(world, "admin"), listed(world, "admin2")
    assert (theirs.username, theirs.asked.role, theirs.request.operation) == (
        "admin3",
        Role.ADMIN,
        "staff.set_permissions",
    )
    assert (theirs.asked.gained, theirs.asked.lost) == (frozenset(), {Permission.PRUNE_LOGS})
    assert (mine.mine, mine.mine_to_sign) == (True, False)
    assert (theirs.mine, theirs.mine_to_sign) == (False, True)
    (own,) = listed(world, "admin3")
    assert own.mine_to_sign is False, "nobody signs what concerns themselves"


def test_the_list_of_admins_and_that_of_managers_are_apart(world: World) -> None:
    third = further_admin(world.town)
    request = asks_to_disable(world.town, "admin", third)
    managers = {row.request.id for row in requests.waiting(world.desk("director")).items if not row.altered}
    assert request.id not in managers
    assert world.ids["waiting.request"] in managers
    assert [row.request.id for row in listed(world)] == [request.id]
    assert overview.overview(world.desk("admin2")).admins_to_sign == 1
    assert overview.overview(world.desk("admin")).admins_to_sign == 0
    assert overview.overview(world.desk("manager2")).to_sign == len(managers)


@pytest.mark.parametrize("act", [requests.sign, requests.refuse, requests.withdraw])
def test_managers_and_admins_do_not_end_the_requests_of_the_others(world: World, act: Any) -> None:
    third = further_admin(world.town)
    of_admins = asks_to_disable(world.town, "admin", third).id
    more = ("no",) if act is requests.refuse else ()
    for username, request in (("director", of_admins), ("admin2", world.ids["waiting.request"])):
        with pytest.raises(Refused):
            act(world.desk(username), request, *more)
    assert listed(world)[0].request.status is RequestStatus.PENDING


def test_an_admin_withdraws_the_own_request_and_a_colleague_refuses_it(world: World) -> None:
    third = further_admin(world.town)
    first = asks_to_disable(world.town, "admin", third)
    with pytest.raises(Refused, match="Only its maker"):
        requests.withdraw(world.desk("admin2"), first.id)
    assert requests.withdraw(world.desk("admin"), first.id).view.status is RequestStatus.WITHDRAWN
    second = asks_to_disable(world.town, "admin", third)
    assert requests.refuse(world.desk("admin2"), second.id, "She works here.").view.status is RequestStatus.REFUSED
    assert file_of(world.town, third).row.disabled_at is None
    with pytest.raises(Conflict):
        signed(world.town, "admin2", second)


def test_nobody_signs_the_own_request_or_one_about_themselves(world: World) -> None:
    third = further_admin(world.town)
    request = asks_to_disable(world.town, "admin", third)
    with pytest.raises(Refused, match="signed this already"):
        signed(world.town, "admin", request)
    with pytest.raises(Refused, match="Nobody acts on their own"):
        signed(world.town, "admin3", request)
    with pytest.raises(Refused, match="Nobody acts on their own"):
        requests.refuse(world.desk("admin3"), request.id, "I would rather stay")
    assert signed(world.town, "admin2", request).status is RequestStatus.DONE
    assert file_of(world.town, third).row.disabled_at is not None


def test_an_account_waits_for_one_request_at_a_time(world: World) -> None:
    third = further_admin(world.town)
    asks_to_disable(world.town, "admin", third)
    with pytest.raises(Conflict, match="waits for a signature already"):
        asks_to_take_away(world.town, "admin2", third, Permission.PRUNE_LOGS)


def test_without_anybody_who_could_sign_it_is_refused_at_once(world: World) -> None:
    """Of two admins, one would have to sign about themselves."""
    before = number_of_requests(world)
    with pytest.raises(Refused, match="there is none who could sign") as refusal:
        asks_to_disable(world.town, "admin", world.ids["admin2"])
    assert refusal.value.code == "refused.second_admin"
    assert number_of_requests(world) == before
    assert listed(world) == []


@pytest.mark.parametrize("lacks", ["the permission", "a password"])
def test_a_second_admin_who_could_not_sign_is_none(world: World, lacks: str) -> None:
    third = further_admin(world.town)
    if lacks == "the permission":
        signed(world.town, "admin2", asks_to_take_away(world.town, "admin", third, Permission.MANAGE_STAFF))
    else:
        with world.bank.store.write() as connection:
            connection.exec_driver_sql("UPDATE account SET password = NULL WHERE username = 'admin3'")
    with pytest.raises(Refused, match="there is none who could sign"):
        asks_to_disable(world.town, "admin", world.ids["admin2"])


def write(world: World, statement: str, *values: object) -> None:
    connection = sqlite.connect(world.bank.store.path, isolation_level=None)
    connection.execute(statement, values)
    connection.close()


@pytest.mark.parametrize(
    "change", ["needed = 'sign_second'", "payload = '{}'", "subject_kind = 'policy'", "operation = 'staff.enable'"]
)
def test_an_altered_request_is_listed_as_such_and_not_signed(world: World, change: str) -> None:
    third = further_admin(world.town)
    request = asks_to_disable(world.town, "admin", third)
    write(world, f"UPDATE request SET {change} WHERE id = ?", request.id.bytes)
    (row,) = waiting_for_admins(world.desk("admin2")).items
    assert row.altered is True
    assert (row.id, row.username, str(row.problem[0])) == (
        request.id,
        "admin3",
        "This request was altered in the store.",
    )
    with pytest.raises(BankError, match=r"altered|not yours"):
        signed(world.town, "admin2", request)
    assert file_of(world.town, third).row.disabled_at is None


def test_a_request_turned_into_one_about_an_application_shows_as_altered_to_managers(world: World) -> None:
    request = asks_to_disable(world.town, "admin", further_admin(world.town))
    write(world, "UPDATE request SET subject_kind = 'application' WHERE id = ?", request.id.bytes)
    altered = [row for row in requests.waiting(world.desk("director")).items if row.altered]
    assert [(row.id, row.application) for row in altered] == [(request.id, None)]


def test_what_concerns_nobody_in_person_waits_for_a_second_admin_too(world: World) -> None:
    ran: list[int] = []

    def of_the_log(desk: Desk, arguments: dict[str, Any]) -> Subject:
        return Subject("log", desk.branch_id)

    def cut(desk: Desk, until_seq: int) -> None:
        ran.append(until_seq)

    known = dict(REGISTRY)
    try:
        prune = operation(
            "log.trial",
            allow=Permission.PRUNE_LOGS,
            subject=of_the_log,
            signatures=lambda desk, arguments: SIGNED_WITH["log"],
        )(cut)
        request = asked(prune(world.desk("admin"), 41))
        ran.clear()
        (row,) = listed(world)
        assert (row.username, row.asked.until_seq, row.request.subject_kind) == ("", 41, "log")
        with pytest.raises(Refused, match="signed this already"):
            signed(world.town, "admin", request)
        assert signed(world.town, "admin2", request).status is RequestStatus.DONE
        assert ran == [41]
    finally:
        REGISTRY.clear()
        REGISTRY.update(known)


@pytest.mark.parametrize("name", [spec.name for spec in operations() if spec.signatures])
def test_whatever_signature_can_be_needed_can_be_given(again: World, name: str) -> None:
    """Each request is about something that the table of signatures knows, and needs nothing that is not in it."""
    spec, case = REGISTRY[name], CASES[name]
    assert spec.subject is not None, f"{name} is about nothing"
    assert spec.signatures is not None
    found: list[tuple[Permission, ...]] = []

    def noted(desk: Desk, arguments: dict[str, Any]) -> tuple[Permission, ...]:
        found.append(wanted(desk, arguments))
        assert set(found[-1]) <= set(SIGNED_WITH[desk.subject.kind])
        return found[-1]

    wanted, kind = spec.signatures, min(case.allowed)
    run(replace(spec, signatures=noted), again.desk(kind), case.arguments(again, kind))
    assert found


def test_signing_is_open_to_everybody_whose_signature_can_be_needed() -> None:
    needed = {each for permissions in SIGNED_WITH.values() for each in permissions}
    for name in ("request.sign", "request.refuse"):
        assert set(REGISTRY[name].permissions) == needed
    assert needed <= set(REGISTRY["request.withdraw"].permissions)


def test_a_request_whose_account_was_changed_since_fails(world: World) -> None:
    third = further_admin(world.town)
    request = asks_to_take_away(world.town, "admin", third, Permission.PRUNE_LOGS)
    with world.bank.store.write() as connection:
        connection.exec_driver_sql("UPDATE account SET version = version + 1 WHERE username = 'admin3'")
    failed = signed(world.town, "admin2", request)
    assert failed.status is RequestStatus.FAILED
    assert "changed" in str(failed.problem[0])
    assert file_of(world.town, third).removed == frozenset()
