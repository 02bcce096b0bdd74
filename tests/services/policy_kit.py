"""Changes of the policy by two people."""

from __future__ import annotations

from datetime import date

from bankcard_tui.desk.results import RequestView
from bankcard_tui.rules.policy_values import values_of
from bankcard_tui.rules.terms import RequestStatus
from bankcard_tui.services.policy_changes import change_policy
from bankcard_tui.services.requests import sign
from tests.branch import Town

MANAGERS = ("manager", "director")
ADMINS = ("admin", "admin2")


def proposed(town: Town, changes: dict[str, str], from_day: date | None = None, by: str = "manager") -> RequestView:
    """What waits for a signature."""
    request = change_policy(town.sign_in(by), changes, "Decided by the committee.", from_day).pending
    assert request is not None
    return request


def changed_by_two(
    town: Town, changes: dict[str, str], from_day: date | None = None, by: tuple[str, str] = MANAGERS
) -> RequestView:
    """A change that two people have signed."""
    signed = sign(town.sign_in(by[1]), proposed(town, changes, from_day, by[0]).id).view
    assert signed.status is RequestStatus.DONE, signed.problem
    return signed


def figure(town: Town, name: str) -> str:
    """A figure of the policy that is in force now."""
    with town.bank.store.read() as connection:
        return values_of(town.bank.policy_in_force(connection, town.bank.clock.now()))[name]
