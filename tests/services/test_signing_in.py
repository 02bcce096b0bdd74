"""Signing in, locking, and choosing the own password."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from bankcard_tui.desk.access import ACCOUNT
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import InvalidForm, InvalidInput, NotSignedIn, Refused
from bankcard_tui.rules.terms import Role
from bankcard_tui.security.passwords import cost_of
from bankcard_tui.services import overview, sign_in, staff
from bankcard_tui.services.passwords import change_password
from bankcard_tui.services.profile import Contact, Identity
from bankcard_tui.services.registration import register_self
from tests.branch import PASSWORD, Town, id_number

ONE_ANSWER = "The name and the password do not fit together, or the account rests."


def refused(bank: Bank, username: str, password: str = PASSWORD) -> str:
    with pytest.raises(Refused) as error:
        sign_in.sign_in(bank.lobby("counter"), username, password)
    assert type(error.value) is Refused
    return str(error.value)


def changes(desk: Desk, current: str, new: str, again: str | None = None) -> None:
    change_password(desk, Secret(current), Secret(new), Secret(again if again is not None else new))


def test_whatever_is_wrong_the_answer_is_the_same(town: Town) -> None:
    bank, admin = town.bank, town.desk("admin")
    person = Identity(name="New", id_number=id_number(77))
    staff.add_staff(admin, "not-activated", person, Role.TELLER)
    version = staff.open_staff(admin, town.staff("teller2")).row.version
    staff.disable_staff(admin, town.staff("teller2"), version)
    for _ in range(5):
        refused(bank, "manager2", "wrong wrong wrong")
    answers = {
        refused(bank, "nobody-has-this"),
        refused(bank, "teller", "not the password at all"),
        refused(bank, "manager2"),
        refused(bank, "teller2"),
        refused(bank, "not-activated"),
        refused(bank, "system"),
        refused(bank, ""),
    }
    assert len(answers) == 1
    assert answers.pop().startswith(ONE_ANSWER)


@pytest.mark.parametrize("username", ["teller", "nobody-has-this"])
def test_after_five_tries_a_name_rests_thirty_minutes_also_for_the_right_password(
    town: Town, clock: SimulatedClock, username: str
) -> None:
    for _ in range(5):
        refused(town.bank, username, "wrong wrong wrong wrong")
    refused(town.bank, username)
    clock.advance(timedelta(minutes=29, seconds=59))
    refused(town.bank, username)
    clock.advance(timedelta(seconds=1))
    if username == "teller":
        assert sign_in.sign_in(town.bank.lobby("x"), username, PASSWORD).who.username == "teller"
    else:
        refused(town.bank, username)


def test_four_wrong_tries_and_a_right_one_are_forgotten(town: Town) -> None:
    for _ in range(3):
        for _ in range(4):
            refused(town.bank, "teller", "wrong wrong wrong wrong")
        sign_in.sign_in(town.bank.lobby("x"), "teller", PASSWORD)


def test_a_try_counts_under_every_spelling_of_the_name(town: Town) -> None:
    for spelling in ("teller", "TELLER", " teller ", "ｔｅｌｌｅｒ", "Teller"):
        refused(town.bank, spelling, "wrong wrong wrong wrong")
    refused(town.bank, "teller")


def test_trying_in_parallel_gains_nothing(town: Town) -> None:
    """Of twenty guesses at once, of which the last are right, at most five are looked at."""
    guesses = [f"wrong guess number {each}" for each in range(16)] + [PASSWORD] * 4

    def guess(password: str) -> bool:
        try:
            sign_in.sign_in(town.bank.lobby("x"), "teller", password)
        except Refused:
            return False
        return True

    for password in guesses[:5]:
        assert not guess(password)
    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(guess, guesses[5:]))


def test_a_password_kept_at_a_lower_cost_is_kept_at_todays_cost_after_signing_in(town: Town) -> None:
    bank = replace(town.bank, cost=5)
    account = select(ACCOUNT.c.password).where(ACCOUNT.c.username == "teller")
    with bank.store.read() as connection:
        before = connection.execute(account).scalar_one()
    refused(bank, "teller", "wrong wrong wrong wrong")
    with bank.store.read() as connection:
        assert connection.execute(account).scalar_one() == before
    sign_in.sign_in(bank.lobby("x"), "teller", PASSWORD)
    with bank.store.read() as connection:
        after = connection.execute(account).scalar_one()
    assert (cost_of(before), cost_of(after)) == (4, 5)
    sign_in.sign_in(bank.lobby("x"), "teller", PASSWORD)


def test_a_password_is_the_same_in_every_form_of_unicode(town: Town) -> None:
    desk = town.desk("teller")
    composed, apart = "caf\u00e9 lanterns over Zürich canals", "cafe\u0301 lanterns over Zu\u0308rich canals"
    changes(desk, PASSWORD, composed, apart)
    assert sign_in.sign_in(town.bank.lobby("x"), "teller", apart).who.username == "teller"


CHOSEN: list[tuple[str, str]] = [
    ("short", "x" * 14),
    ("hidden", "violet\u202eharbour seven lanterns again"),
    ("hidden", "violet\x00harbour seven lanterns again"),
    ("long", "violet harbour seven lanterns " * 5),
    ("weak", "passwordpassword"),
    ("weak", "123456789012345"),
    ("weak", "aaaaaaaaaaaaaaaaaaaaaa"),
    ("weak", "qwertyuiopasdfgh"),
    ("weak", "tellertellerteller"),
    ("again", "amber lantern over quiet canals"),
]


@pytest.mark.parametrize(("why", "password"), CHOSEN)
def test_a_password_that_may_not_be_chosen_is_refused_with_a_hint(town: Town, why: str, password: str) -> None:
    desk = town.desk("teller")
    with pytest.raises(InvalidInput) as error:
        changes(desk, PASSWORD, password, "something else altogether" if why == "again" else None)
    assert error.value.field == ("again" if why == "again" else "password")
    assert error.value.hint
    assert password not in str(error.value)
    sign_in.sign_in(town.bank.lobby("x"), "teller", PASSWORD)


def test_weak_choices_do_not_use_up_the_tries_at_the_own_password(town: Town) -> None:
    desk = town.desk("teller")
    for _ in range(6):
        with pytest.raises(InvalidInput):
            changes(desk, PASSWORD, "passwordpassword")
    changes(desk, PASSWORD, "amber lantern over quiet canals")


@pytest.mark.parametrize("length", [15, 128])
def test_fifteen_and_a_hundred_and_twenty_eight_characters_are_taken(town: Town, length: int) -> None:
    long = "kV9 umber:Thrush/quilt-94 zephyr~Moat+ orbit;" * 3
    changes(town.desk("teller"), PASSWORD, long[:length])
    assert sign_in.sign_in(town.bank.lobby("x"), "teller", long[:length])
    refused(town.bank, "teller", long[: length - 1])


def test_the_last_four_passwords_do_not_come_back_and_the_one_before_may(town: Town, clock: SimulatedClock) -> None:
    desk = town.desk("teller")
    passwords = [PASSWORD, *(f"amber lantern {word} quiet canals" for word in ("over", "under", "beside", "behind"))]
    for before, after in pairwise(passwords):
        clock.advance(timedelta(minutes=1))
        changes(desk, before, after)
    for used in passwords[1:]:
        with pytest.raises(InvalidInput, match="used this password before"):
            changes(desk, passwords[-1], used)
        sign_in.unlock(desk, Secret(passwords[-1]))
    clock.advance(timedelta(minutes=1))
    changes(desk, passwords[-1], PASSWORD)


def test_changing_the_password_needs_the_old_one_and_ends_other_sessions(town: Town) -> None:
    here, there = town.desk("teller"), town.sign_in("teller", "elsewhere")
    with pytest.raises(Refused):
        changes(here, "not the one in use at all", "amber lantern over quiet canals")
    overview.overview(there)
    changes(here, PASSWORD, "amber lantern over quiet canals")
    overview.overview(here)
    with pytest.raises(NotSignedIn):
        overview.overview(there)
    refused(town.bank, "teller")


def test_a_password_close_to_the_person_is_refused_at_registration(town: Town) -> None:
    number = town.new_id_number()
    for near in (f"{number}", f"zhangwei{number[6:14]}"):
        with pytest.raises((InvalidInput, InvalidForm)):
            register_self(
                town.bank.lobby("x"),
                "zhangwei",
                Secret(near),
                Secret(near),
                Identity(name="Zhang Wei", id_number=number),
                Contact(phone="13800138000"),
            )
