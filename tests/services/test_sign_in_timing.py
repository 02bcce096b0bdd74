"""How long a refused sign-in takes tells nothing about the name: not whether anybody has it, nor how things stand."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from statistics import median

import pytest
from sqlalchemy import delete, update

from bankcard_tui.config import Home
from bankcard_tui.desk.access import ACCOUNT
from bankcard_tui.desk.bank import Bank
from bankcard_tui.errors import Refused
from bankcard_tui.rules.terms import Role
from bankcard_tui.security.passwords import DEFAULT_COST, hash_password
from bankcard_tui.services import sign_in, staff
from bankcard_tui.services.profile import Identity
from bankcard_tui.services.sign_in import TRIES
from tests.branch import PASSWORD, Town, id_number
from tests.services.phone import enrol

pytestmark = pytest.mark.proof

SECONDS = 60
LEAST_ROUNDS = 9
WITHIN = 0.05
WRONG = "not the password of anybody"
TRIED = {
    "wrong password": ("teller", WRONG, ""),
    "unknown name": ("nobody-has-this", WRONG, ""),
    "resting, right password": ("manager2", PASSWORD, ""),
    "disabled, right password": ("teller2", PASSWORD, ""),
    "not activated": ("not-activated", WRONG, ""),
    "kept at cost 10": ("manager", WRONG, ""),
    "kept at cost 4": ("admin2", WRONG, ""),
    "enrolled, wrong password": ("director", WRONG, ""),
    "enrolled, wrong password and a code": ("director", WRONG, "123456"),
    "enrolled, wrong code": ("director", PASSWORD, "000000"),
}


@pytest.fixture
def real(home: Home) -> Iterator[Bank]:
    """The branch at the real cost of a password and with a disk that is waited for."""
    quick = Bank.open(home, cost=4, durable=False)
    town = Town(quick)
    admin = town.desk("admin")
    staff.add_staff(admin, "not-activated", Identity(name="New", id_number=id_number(77)), Role.TELLER)
    staff.disable_staff(admin, town.staff("teller2"), staff.open_staff(admin, town.staff("teller2")).row.version)
    enrol(town.desk("director"))
    with quick.store.write() as connection:
        for username, cost in (("teller", 12), ("manager2", 12), ("director", 12), ("teller2", 12), ("manager", 10)):
            kept = hash_password(quick.keys, PASSWORD, cost)
            connection.execute(update(ACCOUNT).where(ACCOUNT.c.username == username).values(password=kept))
    quick.close()
    bank = Bank.open(home)
    yield bank
    bank.close()


def refused(bank: Bank, username: str, password: str, code: str) -> float:
    """Seconds until the refusal."""
    lobby = bank.lobby("counter")
    before = time.perf_counter()
    with pytest.raises(Refused):
        sign_in.sign_in(lobby, username, password, code)
    return time.perf_counter() - before


def test_whatever_is_wrong_the_answer_takes_as_long(real: Bank) -> None:
    """Each against the others of its round, so that a busy machine slows all alike; the median over all rounds."""
    assert real.cost == DEFAULT_COST == 12
    for _ in range(5):
        refused(real, "manager2", WRONG, "")
    resting = real.keys.code_digest("tries", "manager2")
    order = random.Random(20260302)
    took: dict[str, list[float]] = {name: [] for name in TRIED}
    against: dict[str, list[float]] = {name: [] for name in TRIED}
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends or len(took["unknown name"]) < LEAST_ROUNDS:
        with real.store.write() as connection:
            connection.execute(delete(TRIES).where(TRIES.c.name_digest != resting))
        seconds = {name: refused(real, *TRIED[name]) for name in order.sample(list(TRIED), len(TRIED))}
        usual = median(seconds.values())
        for name, each in seconds.items():
            took[name].append(each)
            against[name].append(each / usual)
    ratios = {name: median(each) for name, each in against.items()}
    for name, ratio in ratios.items():
        print(f"{name:36} median {median(took[name]) * 1000:6.1f} ms  x{ratio:.3f}  of {len(took[name])}")
    assert max(ratios.values()) - min(ratios.values()) <= WITHIN, ratios


def test_the_first_unknown_name_of_a_process_takes_no_longer_than_the_next(real: Bank) -> None:
    """Nothing is made ready at the first: a command on the shell is a process of its own each time."""
    first, second, third = (refused(real, f"nobody-{place}", WRONG, "") for place in range(3))
    print(f"first {first * 1000:.1f} ms, then {second * 1000:.1f} and {third * 1000:.1f} ms")
    assert first < 1.5 * max(second, third)
