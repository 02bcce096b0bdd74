"""What roles may do, and what may be added to one account."""

from __future__ import annotations

from itertools import product

import pytest

from bankcard_tui.rules.terms import Role
from bankcard_tui.security.permissions import ADDABLE, ROLE_PERMISSIONS, Permission, effective
from bankcard_tui.services.everything import operations

COUNTER = {
    Permission.REGISTER_CUSTOMERS,
    Permission.EDIT_CUSTOMERS,
    Permission.VERIFY_IDENTITY,
    Permission.ENTER_APPLICATIONS,
    Permission.HAND_OVER_CARDS,
}
REVIEW = {Permission.REVIEW_APPLICATIONS, Permission.SIGN_SECOND, Permission.SIGN_THIRD}
ADMINISTRATION = {Permission.MANAGE_STAFF, Permission.SEE_ALL_LOGS}


@pytest.mark.parametrize("role", Role)
def test_nobody_can_be_given_two_of_counter_review_and_administration(role: Role) -> None:
    most = effective(role, frozenset(Permission), frozenset())
    assert sum(bool(most & part) for part in (COUNTER, REVIEW, ADMINISTRATION)) <= 1


@pytest.mark.parametrize(("role", "permission"), list(product(Role, Permission)))
def test_only_what_may_be_added_can_be_added_and_everything_can_be_taken(role: Role, permission: Permission) -> None:
    added = effective(role, frozenset({permission}), frozenset())
    assert (permission in added) == (permission in ROLE_PERMISSIONS[role] | ADDABLE[role])
    assert permission not in effective(role, frozenset({permission}), frozenset({permission}))
    assert effective(role, frozenset(), frozenset(Permission)) == frozenset()


def test_customers_hold_nothing_that_concerns_others() -> None:
    assert all(each.value.startswith("own_") for each in ROLE_PERMISSIONS[Role.CUSTOMER])
    assert ADDABLE[Role.CUSTOMER] == frozenset()


def test_nobody_sees_whole_card_numbers_without_being_given_that() -> None:
    assert all(Permission.REVEAL_NUMBERS not in granted for granted in ROLE_PERMISSIONS.values())
    assert all(Permission.SIGN_THIRD not in granted for granted in ROLE_PERMISSIONS.values())


def test_every_permission_is_asked_for_somewhere_and_held_or_addable_by_somebody() -> None:
    asked = {permission for spec in operations() for permission in spec.permissions}
    # A look at the own log and the third signature are asked for inside operations as well.
    assert set(Permission) == asked
    held = frozenset().union(*ROLE_PERMISSIONS.values(), *ADDABLE.values())
    assert held == frozenset(Permission)
