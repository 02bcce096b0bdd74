from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn

from bankcard_tui.errors import Conflict, InvalidInput
from bankcard_tui.rules.card_numbers import (
    card_number,
    check_card_number,
    expiry,
    group_card,
    is_card_number,
    luhn_digit,
    mask_card,
)

modest = settings(max_examples=100, deadline=None)

# Published test numbers of the card schemes.
KNOWN = ["4111111111111111", "5555555555554444", "378282246310005", "6011111111111117", "6200000000000005"]


@pytest.mark.parametrize("number", KNOWN)
def test_a_known_card_number_is_recognised(number: str) -> None:
    assert is_card_number(number)
    assert check_card_number("card", number) == number


@modest
@given(st.text("0123456789", min_size=1, max_size=18))
def test_the_check_digit_agrees_with_an_independent_implementation(digits: str) -> None:
    assert luhn_digit(digits) == luhn.calc_check_digit(digits)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4111111111111112",
        "41111111111",
        "4111 1111 1111 1111",
        "４１１１１１１１１１１１１１１１",
        "0" * 20,
        "411111111111111x",
        "4111111111111111\n",
    ],
)
def test_anything_else_is_not_a_card_number(text: str) -> None:
    assert not is_card_number(text)


@modest
@given(st.integers(0, 10**9 - 1), st.integers(0, 15), st.integers(1, 9))
def test_an_issued_number_is_valid_and_one_wrong_digit_is_always_found(serial: int, place: int, by: int) -> None:
    number = card_number("623500", serial)
    assert len(number) == 16
    assert number[:15] == f"623500{serial:09d}"
    assert is_card_number(number)
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert not is_card_number(wrong)


@pytest.mark.parametrize(("bin", "length", "last"), [("623500", 16, 10**9 - 1), ("62350012", 19, 10**10 - 1)])
def test_a_bin_runs_out_of_numbers_rather_than_growing_them(bin: str, length: int, last: int) -> None:
    assert len(card_number(bin, last, length)) == length
    with pytest.raises(Conflict, match=bin):
        card_number(bin, last + 1, length)


def test_a_bin_that_fills_the_whole_number_leaves_none() -> None:
    with pytest.raises(Conflict):
        card_number("623500123456789", 0)


@pytest.mark.parametrize(("bin", "serial"), [("62a500", 1), ("", 1), ("623500", -1)])
def test_a_bin_or_serial_that_is_no_number_is_a_mistake(bin: str, serial: int) -> None:
    with pytest.raises(ValueError, match="not a BIN"):
        card_number(bin, serial)


@pytest.mark.parametrize("typed", ["4111 1111 1111 1111", " 4111-1111-1111-1111 ", "４１１１１１１１１１１１１１１１"])
def test_a_card_number_is_read_however_it_is_typed(typed: str) -> None:
    assert check_card_number("card", typed) == "4111111111111111"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "12 to 19 digits"),
        ("41111111111", "12 to 19 digits"),
        ("4" * 20, "12 to 19 digits"),
        ("4111 1111 1111 111x", "12 to 19 digits"),
        ("4111111111111112", "does not fit"),
    ],
)
def test_a_wrong_card_number_is_refused_with_the_reason(typed: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason) as caught:
        check_card_number("card", typed)
    assert caught.value.field == "card"
    assert caught.value.hint


def test_a_masked_card_shows_the_last_four_alone() -> None:
    assert mask_card("1234") == "**** **** **** 1234"


@pytest.mark.parametrize(
    ("number", "grouped"),
    [("6235001234567890", "6235 0012 3456 7890"), ("6235001234567890123", "6235 0012 3456 7890 123")],
)
def test_a_number_is_grouped_as_on_the_card(number: str, grouped: str) -> None:
    assert group_card(number) == grouped


@pytest.mark.parametrize(
    ("issued", "years", "last_day"),
    [
        (date(2026, 7, 1), 5, date(2031, 7, 31)),
        (date(2026, 12, 31), 5, date(2031, 12, 31)),
        (date(2024, 2, 29), 5, date(2029, 2, 28)),
        (date(2023, 2, 10), 5, date(2028, 2, 29)),
    ],
)
def test_a_card_is_good_until_the_end_of_its_month(issued: date, years: int, last_day: date) -> None:
    assert expiry(issued, years) == last_day
