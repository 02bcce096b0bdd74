"""The rights of staff: who changes whose, when it holds, and what always stays with somebody."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.log import ENTRY
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import BankError, Conflict, InvalidInput, NotSignedIn, Refused
from bankcard_tui.rules.terms import RequestStatus, Role
from bankcard_tui.security.permissions import ADMINS_ALONE, Permission
from bankcard_tui.services import cards, logs, requests, resets, sign_in, staff
from bankcard_tui.services.activation import show_half
from bankcard_tui.services.opening import first_admin
from bankcard_tui.services.passwords import FORMER
from bankcard_tui.services.profile import Identity
from tests.branch import OPENING, PASSWORD, Town, id_number
from tests.services.admins import (
    added,
    asks_to_disable,
    asks_to_enable,
    asks_to_take_away,
    file_of,
    further_admin,
    signed,
)
from tests.services.permitted import NEW
from tests.services.world import World


@pytest.fixture
def opening(tmp_path: Path) -> Town:
    """A branch on its first day, with its first admin alone."""
    bank = Bank.create(
        Home(tmp_path), bank="B", branch="H", code="N1", clock=SimulatedClock(OPENING), cost=4, durable=False
    )
    secret = Secret(PASSWORD)
    first_admin(bank.lobby("x"), "admin", Identity(name="One", id_number=id_number(1)), secret, secret)
    return Town(bank)


def lose(town: Town, username: str, *removed: Permission) -> None:
    account = town.staff(username)
    version = file_of(town, account).row.version
    staff.set_permissions(town.desk("admin"), account, version, frozenset(), frozenset(removed))


# One admin, two, three


def test_the_first_admin_adds_the_second_alone(opening: Town) -> None:
    second = added(opening, "admin2", 2)
    assert (second.disabled_at, second.waits_for_second_admin) == (None, False)
    opening.activate(second.id, "admin2", ("admin", "admin"))
    assert opening.sign_in("admin2").who.role is Role.ADMIN


def test_while_there_is_one_admin_what_needs_two_is_refused(opening: Town) -> None:
    second = added(opening, "admin2", 2)
    with pytest.raises(Refused, match="there is none who could sign"):
        staff.disable_staff(opening.desk("admin"), second.id, second.version)


def test_a_third_admin_works_only_when_a_second_one_has_signed(world: World) -> None:
    third = added(world.town, "admin3", 320)
    assert third.waits_for_second_admin
    assert third.disabled_at is not None
    with pytest.raises(Conflict):
        show_half(world.desk("teller"), third.id)
    request = asks_to_enable(world.town, "admin", third.id)
    assert file_of(world.town, third.id).row.waits_for_second_admin
    assert signed(world.town, "admin2", request).status is RequestStatus.DONE
    row = file_of(world.town, third.id).row
    assert (row.waits_for_second_admin, row.waits_for_activation) == (False, True)
    world.town.activate(third.id, "admin3")
    assert staff.list_staff(world.desk("admin3")).items


def test_that_the_second_admin_is_disabled_does_not_let_the_first_add_one_alone(world: World) -> None:
    further_admin(world.town)
    signed(world.town, "admin3", asks_to_disable(world.town, "admin", world.ids["admin2"]))
    assert added(world.town, "admin4", 321).waits_for_second_admin


def test_an_admin_left_alone_puts_the_next_one_in_force_only_after_a_week(world: World) -> None:
    clock, town = world.bank.clock, world.town
    assert isinstance(clock, SimulatedClock)
    resets.start_reset(town.desk("admin"), world.ids["admin2"])
    third = added(town, "admin3", 320)
    assert third.waits_for_second_admin
    clock.advance(timedelta(days=6))
    with pytest.raises(Refused, match="there is none who could sign"):
        staff.enable_staff(town.sign_in("admin"), third.id, third.version)
    clock.advance(timedelta(days=1, minutes=1))
    alone = town.sign_in("admin")
    assert staff.enable_staff(alone, third.id, third.version).view.waits_for_activation
    fourth = Identity(name="Wu Fan", id_number=id_number(321))
    assert not staff.add_staff(alone, "admin4", fourth, Role.ADMIN).view.waits_for_second_admin


def test_changes_of_tellers_and_managers_take_one_admin(world: World) -> None:
    teller = world.ids["teller2"]
    admin = world.desk("admin")
    assert staff.disable_staff(admin, teller, file_of(world.town, teller).row.version).pending is None
    assert staff.enable_staff(admin, teller, file_of(world.town, teller).row.version).pending is None
    lose(world.town, "manager", Permission.SIGN_SECOND)
    assert file_of(world.town, world.ids["manager"]).removed == {Permission.SIGN_SECOND}


def test_nobody_changes_the_own_rights(world: World) -> None:
    own, version = world.ids["admin"], file_of(world.town, world.ids["admin"], "admin2").row.version
    more = frozenset({Permission.REVEAL_NUMBERS})
    for attempt in (
        lambda: staff.set_permissions(world.desk("admin"), own, version, more, frozenset()),
        lambda: staff.enable_staff(world.desk("admin"), own, version),
        lambda: staff.disable_staff(world.desk("admin"), own, version),
    ):
        with pytest.raises(Refused, match="Nobody acts on their own"):
            attempt()


def test_a_request_of_an_admin_who_was_disabled_in_between_fails(world: World) -> None:
    """Two admins want to disable each other, and a third signs both."""
    further_admin(world.town)
    first = asks_to_disable(world.town, "admin", world.ids["admin2"])
    second = asks_to_disable(world.town, "admin2", world.ids["admin"])
    assert signed(world.town, "admin3", first).status is RequestStatus.DONE
    ended = signed(world.town, "admin3", second)
    assert ended.status is RequestStatus.FAILED
    assert "disabled" in str(ended.problem[0])
    assert file_of(world.town, world.ids["admin"], "admin3").row.disabled_at is None


# Disabled and back


def test_a_disabled_account_keeps_its_history_and_its_name(world: World) -> None:
    account, admin = world.ids["manager"], world.desk("admin")
    did = [entry.seq for entry in logs.list_log(admin, username="manager").items]
    staff.disable_staff(admin, account, file_of(world.town, account).row.version)
    assert account in [row.id for row in staff.list_staff(admin).items]
    assert [entry.seq for entry in logs.list_log(admin, username="manager").items] == did
    with pytest.raises(BankError, match="user name is taken"):
        staff.add_staff(admin, "manager", Identity(name="Wu", id_number=id_number(330)), Role.MANAGER)


def test_who_comes_back_activates_anew_and_the_former_password_is_kept_against_reuse(world: World) -> None:
    account, admin = world.ids["teller2"], world.desk("admin")
    staff.disable_staff(admin, account, file_of(world.town, account).row.version)
    row = staff.enable_staff(admin, account, file_of(world.town, account).row.version).view
    assert (row.disabled_at, row.waits_for_activation) == (None, True)
    with pytest.raises(Refused):
        sign_in.sign_in(world.bank.lobby("counter"), "teller2", PASSWORD)
    with pytest.raises(NotSignedIn):
        cards.to_hand_over(world.desk("teller2"))
    with world.bank.store.read() as connection:
        former = connection.execute(select(FORMER.c.until).where(FORMER.c.account_id == account)).fetchall()
    assert len(former) == 1
    with pytest.raises(InvalidInput, match="used this password before"):
        world.town.activate(account, "teller2", ("teller", "manager"))
    world.town.activate(account, "teller2", ("teller", "manager"), NEW)
    desk = sign_in.sign_in(world.bank.lobby("counter"), "teller2", NEW)
    assert cards.to_hand_over(desk).items


def test_an_account_in_force_is_not_enabled_again(world: World) -> None:
    with pytest.raises(Conflict, match="not disabled"):
        staff.enable_staff(
            world.desk("admin"), world.ids["teller"], file_of(world.town, world.ids["teller"]).row.version
        )


def test_who_works_here_under_another_account_by_now_does_not_come_back_under_the_first(world: World) -> None:
    admin, account = world.desk("admin"), world.ids["teller2"]
    staff.disable_staff(admin, account, file_of(world.town, account).row.version)
    staff.add_staff(admin, "promoted", Identity(name="Teller2", id_number=id_number(4)), Role.MANAGER)
    with pytest.raises(Conflict, match="works here already as promoted"):
        staff.enable_staff(admin, account, file_of(world.town, account).row.version)


# What always stays with somebody


@pytest.mark.parametrize("permission", sorted(ADMINS_ALONE - {Permission.MANAGE_STAFF}))
def test_nothing_that_only_admins_do_is_left_without_an_admin(world: World, permission: Permission) -> None:
    """Three admins; the second and the third lose it, the first does not."""
    town, third = world.town, further_admin(world.town)
    signed(town, "admin3", asks_to_take_away(town, "admin", world.ids["admin2"], permission))
    signed(town, "admin2", asks_to_take_away(town, "admin", third, permission))
    for attempt in (
        lambda: asks_to_take_away(town, "admin2", world.ids["admin"], permission),
        lambda: asks_to_disable(town, "admin2", world.ids["admin"]),
    ):
        with pytest.raises(Refused, match="The last admin stays") as refusal:
            attempt()
        assert refusal.value.code == "refused.last_admin"


def test_the_last_signature_asks_again_whether_somebody_is_left(world: World) -> None:
    town, third = world.town, further_admin(world.town)
    rights = (Permission.PRUNE_LOGS,)
    waiting = [
        asks_to_take_away(town, maker, account, *rights)
        for maker, account in (("admin2", world.ids["admin"]), ("admin", world.ids["admin2"]), ("admin", third))
    ]
    ended = [signed(town, by, each) for by, each in zip(("admin3", "admin3", "admin2"), waiting, strict=True)]
    assert [each.status for each in ended] == [RequestStatus.DONE, RequestStatus.DONE, RequestStatus.FAILED]
    assert "The last admin stays" in str(ended[-1].problem[0])
    assert Permission.PRUNE_LOGS in file_of(town, third).permissions


def test_signatures_at_the_same_time_leave_somebody_as_well(world: World) -> None:
    town, third = world.town, further_admin(world.town)
    pairs = (("admin2", world.ids["admin"]), ("admin", world.ids["admin2"]), ("admin", third))
    waiting = [asks_to_take_away(town, maker, account, Permission.ARCHIVE_LOGS) for maker, account in pairs]
    desks = [town.desk(by) for by in ("admin3", "admin3", "admin2")]
    with ThreadPoolExecutor(3) as pool:
        ended = list(pool.map(lambda desk, each: requests.sign(desk, each.id).view.status, desks, waiting))
    assert sorted(ended) == [RequestStatus.DONE, RequestStatus.DONE, RequestStatus.FAILED]


def test_two_admins_who_disable_each_other_at_the_same_time_are_not_both_gone(world: World) -> None:
    town = world.town
    further_admin(town)
    first = asks_to_disable(town, "admin", world.ids["admin2"])
    second = asks_to_disable(town, "admin2", world.ids["admin"])
    desk = town.desk("admin3")
    with ThreadPoolExecutor(2) as pool:
        ended = sorted(pool.map(lambda each: requests.sign(desk, each.id).view.status, (first, second)))
    assert ended == [RequestStatus.DONE, RequestStatus.FAILED]


def test_whoever_can_not_sign_in_counts_for_nobody(world: World) -> None:
    """The third admin was enabled, and has no password yet."""
    town = world.town
    account = added(town, "admin3", 320).id
    signed(town, "admin2", asks_to_enable(town, "admin", account))
    with pytest.raises(Refused):
        asks_to_disable(town, "admin", world.ids["admin2"])


# When it holds, and what the log says


def test_rights_hold_from_the_next_step_of_an_open_session(world: World) -> None:
    town, director, account = world.town, world.desk("director"), world.ids["director"]
    request = world.ids["waiting.request"]
    lose(town, "director", Permission.SIGN_SECOND, Permission.REVIEW_APPLICATIONS)
    with pytest.raises(Refused):
        requests.sign(director, request)
    version = file_of(town, account).row.version
    staff.set_permissions(town.desk("admin"), account, version, frozenset({Permission.SIGN_THIRD}), frozenset())
    assert requests.sign(director, request).view.status is RequestStatus.DONE
    staff.disable_staff(town.desk("admin"), account, file_of(town, account).row.version)
    with pytest.raises(NotSignedIn):
        requests.waiting(director)


def test_a_right_that_was_added_is_there_at_the_next_step(world: World) -> None:
    teller, town = world.desk("teller2"), world.town
    with pytest.raises(Refused):
        cards.reveal(teller, world.ids["issued.card"])
    version = file_of(town, world.ids["teller2"]).row.version
    added = frozenset({Permission.REVEAL_NUMBERS})
    staff.set_permissions(town.desk("admin"), world.ids["teller2"], version, added, frozenset())
    assert cards.reveal(teller, world.ids["issued.card"])


def test_the_log_says_what_an_account_might_do_before_and_after(world: World) -> None:
    third = further_admin(world.town)
    signed(world.town, "admin2", asks_to_take_away(world.town, "admin", third, Permission.IMPORT))
    with world.bank.store.read() as connection:
        entry = connection.execute(
            select(ENTRY.c.detail, ENTRY.c.username)
            .where(ENTRY.c.action == "staff.set_permissions", ENTRY.c.outcome == "done")
            .order_by(ENTRY.c.seq.desc())
        ).first()
    assert entry is not None
    detail = json.loads(entry.detail)
    assert (detail["before"], detail["after"]) == ([], ["-import"])
    assert entry.username == "admin", "done in the name of whoever asked"
    assert "request" in detail
