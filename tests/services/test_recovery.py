"""Ten codes on paper bring an admin back when nobody else could."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from bankcard_tui.desk.access import ACCOUNT
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import InvalidInput, NotSignedIn, Refused
from bankcard_tui.rules.terms import ChannelKind, Role
from bankcard_tui.services import channels, logs, recovery, resets, sign_in
from tests.branch import PASSWORD
from tests.services.phone import enrol
from tests.services.post import code_sent_to, letters_to
from tests.services.world import World

NEW, OTHER = "amber lantern over quiet canals", "nine copper kettles sing softly"
SECRET = Secret(PASSWORD)


def recovers(world: World, code: Secret, username: str = "admin", password: str = NEW) -> None:
    recovery.recover(world.bank.lobby("lobby"), username, code, Secret(password), Secret(password))


def signs_in(world: World, username: str, password: str) -> None:
    sign_in.sign_in(world.bank.lobby("x"), username, password)


def test_a_forgotten_password_is_replaced_and_open_sessions_end(again: World) -> None:
    desk, code = again.desk("admin"), again.codes["admin.recovery"]
    recovers(again, Secret(code.get_secret_value().lower().replace("-", " ")))
    with pytest.raises(NotSignedIn):
        sign_in.me(desk)
    with pytest.raises(Refused):
        signs_in(again, "admin", PASSWORD)
    signs_in(again, "admin", NEW)


def test_each_code_counts_once_and_the_others_go_on(world: World) -> None:
    codes = [Secret(each) for each in recovery.renew(world.desk("admin"), SECRET).view.codes]
    assert len({each.get_secret_value() for each in codes}) == 10
    recovers(world, codes[0])
    assert isinstance(world.bank.clock, SimulatedClock)
    world.bank.clock.advance(timedelta(seconds=1))
    with pytest.raises(Refused, match="do not fit together"):
        recovers(world, codes[0], password=OTHER)
    recovers(world, codes[9], password=OTHER)


def test_new_codes_end_the_earlier_ones(again: World) -> None:
    recovery.renew(again.desk("admin"), SECRET)
    with pytest.raises(Refused, match="do not fit together"):
        recovers(again, again.codes["admin.recovery"])


def test_a_code_opens_no_other_account(again: World) -> None:
    theirs = Secret(recovery.renew(again.desk("admin2"), SECRET).view.codes[0])
    with pytest.raises(Refused, match="do not fit together"):
        recovers(again, theirs)
    signs_in(again, "admin", PASSWORD)


def test_codes_are_for_admins_who_type_their_password(again: World) -> None:
    with pytest.raises(Refused, match="are for admins"):
        recovery.renew(again.desk("manager"), SECRET)
    with pytest.raises(Refused):
        recovery.renew(again.desk("admin"), Secret("not the password at all"))
    recovers(again, again.codes["admin.recovery"])


def test_somebody_who_is_no_admin_any_more_or_disabled_does_not_come_back(again: World) -> None:
    code = again.codes["admin.recovery"]
    with again.bank.store.write() as connection:
        connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == again.ids["admin"]).values(role=Role.MANAGER))
    with pytest.raises(Refused, match="do not fit together"):
        recovers(again, code)
    with again.bank.store.write() as connection:
        # Two other admins would have to sign that; what they would do is put here by hand.
        back = {"role": Role.ADMIN, "disabled_at": again.bank.clock.now()}
        connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == again.ids["admin"]).values(**back))
    with pytest.raises(Refused, match="do not fit together"):
        recovers(again, code)


def test_nobody_closes_this_way_back_by_guessing(world: World) -> None:
    """80 bits are guessed by nobody; a name that rested after five tries could be kept resting by anybody."""
    for _ in range(6):
        with pytest.raises(Refused):
            recovers(world, Secret("2222-2222-2222-2222"))
        with pytest.raises(Refused):
            sign_in.sign_in(world.bank.lobby("counter"), "admin", "some guess or other")
    recovers(world, world.codes["admin.recovery"])
    signs_in(world, "admin", NEW)


def test_a_recovery_code_lifts_the_second_factor_of_the_last_admin_alone(again: World) -> None:
    phone, code = enrol(again.desk("admin")), again.codes["admin.recovery"]

    def comes_back() -> None:
        lobby, new = again.bank.lobby("counter"), Secret(NEW)
        recovery.recover(lobby, "admin", code, new, new, second_factor_lost=True)

    assert phone.paper
    with pytest.raises(Refused, match="Another admin can help"):
        comes_back()
    resets.start_reset(again.desk("admin"), again.ids["admin2"])
    comes_back()
    signs_in(again, "admin", NEW)


def test_a_code_that_came_with_a_password_nobody_may_choose_is_not_used_up(again: World) -> None:
    code = again.codes["admin.recovery"]
    for password in ("passwordpassword", PASSWORD):
        with pytest.raises(InvalidInput):
            recovers(again, code, password=password)
    recovers(again, code)


def test_the_answer_is_the_same_whatever_is_wrong(again: World) -> None:
    said = set()
    for username in ("admin", "nobody", "manager", "system"):
        with pytest.raises(Refused) as problem:
            recovers(again, Secret("2222-2222-2222-2222"), username)
        said.add((problem.value.code, str(problem.value)))
    assert len(said) == 1


def test_other_admins_see_it_in_the_log_and_on_their_channel(again: World) -> None:
    channels.propose(again.desk("admin2"), ChannelKind.EMAIL, "two@example.com", SECRET)
    channels.confirm(again.desk("admin2"), code_sent_to(again.bank, "two@example.com"))
    recovers(again, again.codes["admin.recovery"])
    assert "Admin One has chosen a new password with a recovery code" in letters_to(again.bank, "two@example.com")[-1]
    entries = logs.list_log(again.desk("admin2"), action="activation.recover").items
    assert [each.outcome for each in entries] == ["done"]
    assert not any(again.codes["admin.recovery"].get_secret_value() in str(each) for each in entries)


def test_the_only_admin_comes_back_alone_after_a_reset(again: World) -> None:
    resets.start_reset(again.desk("admin2"), again.ids["admin"])
    admin2 = again.ids["admin2"]
    with again.bank.store.write() as connection:
        connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == admin2).values(disabled_at=again.bank.clock.now()))
    recovers(again, again.codes["admin.recovery"])
    signs_in(again, "admin", NEW)


def test_codes_lie_nowhere_in_clear(again: World) -> None:
    codes = recovery.renew(again.desk("admin"), SECRET).view.codes
    whole = str(again.contents())
    assert not any(code in whole or code.replace("-", "") in whole for code in codes)
