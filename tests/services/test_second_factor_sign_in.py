"""Signing in with a second factor: what counts, what counts once, and what a wrong answer gives away."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bankcard_tui.desk.access import ACCOUNT, SECOND_FACTOR
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.log import ENTRY
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import InvalidInput, Refused, SecondFactorNeeded, VerificationFailed
from bankcard_tui.rules.terms import Role
from bankcard_tui.security.passwords import cost_of
from bankcard_tui.services import overview, second_factor, sign_in
from bankcard_tui.services.passwords import change_password
from tests.branch import PASSWORD, Town
from tests.services.phone import Phone, begun, enrol

WRONG = "not the password of anybody"
STEP = timedelta(seconds=30)


@pytest.fixture
def phone(town: Town) -> Phone:
    """The teller's phone."""
    return enrol(town.desk("teller"))


def enters(town: Town, code: str = "", password: str = PASSWORD, username: str = "teller") -> str:
    return sign_in.sign_in(town.bank.lobby("counter"), username, password, code).who.username


def refused(town: Town, code: str = "", password: str = PASSWORD, username: str = "teller") -> str:
    with pytest.raises(Refused) as error:
        enters(town, code, password, username)
    assert type(error.value) is Refused
    return str(error.value)


def is_asked_for_the_code(town: Town) -> None:
    with pytest.raises(SecondFactorNeeded):
        enters(town)


def test_the_password_is_not_enough_and_with_the_code_it_is(town: Town, phone: Phone) -> None:
    is_asked_for_the_code(town)
    assert enters(town, phone.shows()) == "teller"


def test_a_code_is_taken_as_people_type_it(town: Town, phone: Phone, clock: SimulatedClock) -> None:
    for spelling in ("{0} {1}", " {0}{1} ", "{0}-{1}", "\u3000{0}\u00a0{1}"):
        clock.advance(STEP)
        code = phone.shows()
        assert enters(town, spelling.format(code[:3], code[3:]))
    clock.advance(STEP)
    assert enters(town, phone.shows().translate({ord(str(each)): 0xFF10 + each for each in range(10)}))


def test_a_code_counts_only_once(town: Town, phone: Phone, clock: SimulatedClock) -> None:
    code = phone.shows()
    assert enters(town, code)
    refused(town, code)
    clock.advance(STEP)
    refused(town, code)
    assert enters(town, phone.shows())


def test_a_code_sent_twice_at_once_opens_one_session(town: Town, phone: Phone) -> None:
    code = phone.shows()

    def enter(place: int) -> bool:
        try:
            sign_in.sign_in(town.bank.lobby(f"counter {place}"), "teller", PASSWORD, code)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(enter, range(4))) == 1


def test_the_code_that_confirmed_the_phone_does_not_sign_in(town: Town) -> None:
    phone = begun(town.desk("teller"))
    code = phone.shows()
    second_factor.confirm(town.desk("teller"), Secret(code))
    refused(town, code)


@pytest.mark.parametrize(("off", "fits"), [(-3, False), (-2, False), (1, True), (2, False), (120, False)])
def test_a_phone_whose_clock_is_off_by_more_than_a_step_shows_nothing_that_fits(
    town: Town, phone: Phone, clock: SimulatedClock, off: int, fits: bool
) -> None:
    clock.advance(10 * STEP)
    if fits:
        assert enters(town, phone.shows(off))
    else:
        refused(town, phone.shows(off))


def test_a_code_of_somebody_elses_phone_does_not_fit(town: Town, phone: Phone) -> None:
    other = enrol(town.desk("manager"))
    refused(town, other.shows())
    refused(town, other.paper[0])
    assert enters(town, other.paper[0], username="manager")


def test_whatever_is_wrong_the_answer_is_the_same(town: Town, phone: Phone) -> None:
    right = phone.shows()
    answers = {
        refused(town, "", WRONG),
        refused(town, right, WRONG),
        refused(town, "000000", WRONG),
        refused(town, phone.paper[0], WRONG),
        refused(town, "000000", WRONG, "manager"),
        refused(town, "000000", PASSWORD, "manager"),
        refused(town, "000000", WRONG, "nobody-has-this"),
    }
    assert enters(town, right)
    answers |= {refused(town, right), refused(town, "000000"), refused(town, "ABCD-EFGH-JKLM-NPQR"), refused(town, "x")}
    answers |= {refused(town, "1" * 200), refused(town, phone.shows(1))}  # the sixth: the account rests by now
    assert len(answers) == 1


def test_five_wrong_codes_and_the_name_rests(town: Town, phone: Phone, clock: SimulatedClock) -> None:
    for _ in range(5):
        refused(town, "000000")
    refused(town, phone.shows())
    refused(town)
    clock.advance(timedelta(minutes=30))
    assert enters(town, phone.shows())


def test_the_right_password_alone_counts_as_no_try_and_makes_up_for_none(town: Town, phone: Phone) -> None:
    for _ in range(8):
        is_asked_for_the_code(town)
    for _ in range(4):
        refused(town, "000000")
        for _ in range(3):
            is_asked_for_the_code(town)
    refused(town, "000000")
    refused(town, phone.shows())


def test_no_step_that_asks_for_the_password_alone_makes_up_for_wrong_codes(town: Town, phone: Phone) -> None:
    """Else somebody at an open session could try codes without end."""
    desk = town.desk("teller")
    for _ in range(4):
        refused(town, "000000")
    sign_in.lock(desk)
    sign_in.unlock(desk, Secret(PASSWORD))
    with pytest.raises(SecondFactorNeeded):
        second_factor.begin(desk, Secret(PASSWORD))
    with pytest.raises(InvalidInput, match="used this password before"):
        change_password(desk, Secret(PASSWORD), Secret(PASSWORD), Secret(PASSWORD))
    other = "amber lantern over quiet canals"
    change_password(desk, Secret(PASSWORD), Secret(other), Secret(other))
    refused(town, "000000", other)
    refused(town, phone.shows(), other)


def test_codes_tried_at_the_own_desk_count_as_tries_at_signing_in(town: Town, phone: Phone) -> None:
    desk = town.desk("teller")
    steps = (second_factor.drop, second_factor.new_codes, second_factor.begin)
    for place in range(5):
        with pytest.raises(Refused):
            steps[place % 3](desk, Secret(PASSWORD), Secret("000000"))
    with pytest.raises(Refused):
        second_factor.new_codes(desk, Secret(PASSWORD), Secret(phone.shows()))
    refused(town, phone.shows())


def test_a_full_sign_in_forgets_the_tries(town: Town, phone: Phone, clock: SimulatedClock) -> None:
    for _ in range(3):
        for _ in range(4):
            refused(town, "000000")
        assert enters(town, phone.shows())
        clock.advance(STEP)


def test_codes_tried_in_parallel_gain_nothing(town: Town, phone: Phone) -> None:
    """Of many guesses at once, the right one among the last, at most five are looked at."""
    guesses = [f"{each:06}" for each in range(12)] + [phone.shows()] * 4

    def guess(code: str) -> bool:
        try:
            enters(town, code)
        except Refused:
            return False
        return True

    for code in guesses[:5]:
        assert not guess(code)
    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(guess, guesses[5:]))


def test_a_recovery_code_counts_in_place_of_the_digits_once_and_the_log_says_so(town: Town, phone: Phone) -> None:
    assert enters(town, phone.paper[3].lower().replace("-", " "))
    refused(town, phone.paper[3])
    assert enters(town, phone.paper[0])
    assert second_factor.mine(town.desk("teller")).codes_left == 8
    with town.bank.store.read() as connection:
        entries = connection.execute(
            select(ENTRY.c.outcome, ENTRY.c.detail).where(ENTRY.c.action == "session.sign_in").order_by(ENTRY.c.seq)
        ).fetchall()[-3:]
    assert ['"recovery_code":true' in entry.detail for entry in entries] == [True, False, True]


def test_a_locked_session_opens_with_the_password_alone(town: Town, phone: Phone) -> None:
    desk = town.desk("teller")
    sign_in.lock(desk)
    sign_in.unlock(desk, Secret(PASSWORD))
    overview.overview(desk)


def test_a_wrong_code_does_not_renew_the_kept_password(town: Town, phone: Phone) -> None:
    bank = replace(town.bank, cost=5)
    kept = select(ACCOUNT.c.password).where(ACCOUNT.c.username == "teller")

    def cost() -> int:
        with bank.store.read() as connection:
            return cost_of(connection.execute(kept).scalar_one())

    for code in ("", "000000"):
        with pytest.raises(Refused):
            sign_in.sign_in(bank.lobby("x"), "teller", PASSWORD, code)
        assert cost() == 4
    sign_in.sign_in(bank.lobby("x"), "teller", PASSWORD, phone.shows())
    assert cost() == 5


ALTERED = {"changed": b"\x01" + b"x" * 60, "emptied": b"", "cut": b"\x01", "a word": "secret", "a number": 7}


@pytest.mark.parametrize("what", ALTERED)
def test_a_secret_that_was_altered_in_the_store_signs_nobody_in(town: Town, phone: Phone, what: str) -> None:
    with town.bank.store.write() as connection:
        connection.exec_driver_sql("UPDATE second_factor SET secret = ?", (ALTERED[what],))
    with pytest.raises(VerificationFailed, match="does not open"):
        enters(town, phone.shows())
    assert refused(town, phone.shows(), WRONG)
    assert enters(town, phone.paper[0])


def test_a_secret_moved_from_another_account_signs_nobody_in(town: Town, phone: Phone) -> None:
    """Nor one that was only offered, which its thief knows."""
    own = enrol(town.desk("manager"))
    teller, manager = (town.desk(each).who.account_id for each in ("teller", "manager"))
    offered = begun(town.desk("teller"), code=phone.shows())

    def row(account: object) -> tuple[bytes, bytes]:
        with town.bank.store.read() as connection:
            one = connection.execute(select(SECOND_FACTOR).where(SECOND_FACTOR.c.account_id == account)).one()
        return one.secret, one.offered

    for stolen, thief in ((row(manager)[0], own), (row(teller)[1], offered)):
        with town.bank.store.write() as connection:
            connection.execute(
                update(SECOND_FACTOR).where(SECOND_FACTOR.c.account_id == teller).values(secret=stolen, last_step=0)
            )
        with pytest.raises(VerificationFailed):
            enters(town, thief.shows())


def test_nothing_of_secret_and_codes_stands_in_the_store_or_the_log(town: Town, clock: SimulatedClock) -> None:
    phone = enrol(town.desk("teller"))
    used = [phone.shows(), phone.paper[0], phone.shows(1)]
    for code in used:
        assert enters(town, code)
        clock.advance(STEP)
    refused(town, "271828")
    begun(town.desk("teller"), code=phone.paper[1])
    with town.bank.store.read() as connection:
        details = "".join(connection.execute(select(ENTRY.c.detail)).scalars())
    store = town.bank.store.path
    kept = b"".join(path.read_bytes() for path in store.parent.iterdir() if path.is_file())
    secret = phone.secret.get_secret_value()
    for text in (secret, secret[:8], *phone.paper, *(each.replace("-", "") for each in phone.paper), "271828"):
        assert text not in details
        assert text.encode() not in kept
    assert not any(code in details for code in used)


def test_customers_have_no_second_factor(town: Town) -> None:
    town.registers("zhang")
    for step in (
        lambda desk: second_factor.begin(desk, Secret(PASSWORD)),
        lambda desk: second_factor.confirm(desk, Secret("123456")),
        lambda desk: second_factor.new_codes(desk, Secret(PASSWORD), Secret("123456")),
        lambda desk: second_factor.drop(desk, Secret(PASSWORD), Secret("123456")),
    ):
        for _ in range(2):
            with pytest.raises(Refused, match="for staff"):
                step(town.desk("zhang"))
    assert town.sign_in("zhang", "again").who.role is Role.CUSTOMER
