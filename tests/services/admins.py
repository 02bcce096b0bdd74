"""Admins beside the first two, each put in force by two of those before."""

from __future__ import annotations

from uuid import UUID

from bankcard_tui.desk.results import RequestView, Result
from bankcard_tui.rules.terms import RequestStatus, Role
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services import requests
from bankcard_tui.services.profile import Identity
from bankcard_tui.services.staff import (
    StaffFile,
    StaffRow,
    add_staff,
    disable_staff,
    enable_staff,
    open_staff,
    set_permissions,
)
from tests.branch import Town, id_number


def asked(result: Result[object]) -> RequestView:
    """The request that an operation became."""
    assert result.pending is not None
    return result.pending


def file_of(town: Town, account: UUID, by: str = "admin") -> StaffFile:
    return open_staff(town.desk(by), account)


def asks_to_disable(town: Town, maker: str, account: UUID) -> RequestView:
    return asked(disable_staff(town.desk(maker), account, file_of(town, account, maker).row.version))


def asks_to_enable(town: Town, maker: str, account: UUID) -> RequestView:
    return asked(enable_staff(town.desk(maker), account, file_of(town, account, maker).row.version))


def asks_to_take_away(town: Town, maker: str, account: UUID, *removed: Permission) -> RequestView:
    version = file_of(town, account, maker).row.version
    return asked(set_permissions(town.desk(maker), account, version, frozenset(), frozenset(removed)))


def signed(town: Town, by: str, request: RequestView) -> RequestView:
    return requests.sign(town.desk(by), request.id).view


def added(town: Town, username: str, serial: int) -> StaffRow:
    """Another admin, still disabled."""
    person = Identity(name=username.title(), id_number=id_number(serial))
    return add_staff(town.desk("admin"), username, person, Role.ADMIN).view


def further_admin(town: Town, username: str = "admin3", serial: int = 320) -> UUID:
    """A further admin: added by the first, signed by the second, activated."""
    account = added(town, username, serial).id
    assert signed(town, "admin2", asks_to_enable(town, "admin", account)).status is RequestStatus.DONE
    town.activate(account, username)
    return account
