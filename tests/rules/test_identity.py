from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankcard_tui.errors import InvalidInput
from bankcard_tui.rules.identity import (
    PROVINCES,
    age_on,
    birth_date_of,
    check_birth_date,
    check_id_number,
    make_id_number,
    mask_id,
)

modest = settings(max_examples=100, deadline=None)

TODAY = date(2026, 7, 1)

# The example in GB 11643-1999, and one that ends in X.
STANDARD_EXAMPLE = "11010519491231002X"
OTHER = "440524188001010014"

regions = st.builds(
    lambda province, rest: f"{province}{rest:04d}", st.sampled_from(sorted(PROVINCES)), st.integers(0, 9999)
)
births = st.dates(date(1900, 1, 1), TODAY)
serials = st.integers(0, 999)


def refusal(text: str, today: date = TODAY) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        check_id_number("id_number", text, today)
    return caught.value


@pytest.mark.parametrize(
    "typed",
    [
        STANDARD_EXAMPLE,
        "11010519491231002x",
        " 110105 19491231 002X ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "11010519491231002ｘ",
    ],
)
def test_an_id_number_is_read_however_it_is_typed(typed: str) -> None:
    assert check_id_number("id_number", typed, TODAY) == STANDARD_EXAMPLE


@pytest.mark.parametrize("region", ["810000", "820000", "830000", "710000"])
def test_residents_from_hong_kong_macao_and_taiwan_have_id_numbers_too(region: str) -> None:
    number = make_id_number(region, date(1990, 3, 7), 12)
    assert check_id_number("id_number", number, TODAY) == number


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "this has 0"),
        ("11010519491231002", "this has 17"),
        ("11010519491231002X1", "this has 19"),
        ("110105491231002", "this has 15"),
        ("1101051949123100X2", "17 digits and then"),
        ("11010519491231002Y", "17 digits and then"),
        ("1101051949123100২X", "17 digits and then"),
        ("11010519491231002\u202e", "17 digits and then"),
        ("00010519491231002X", "code 00"),
        ("99010519491231002X", "code 99"),
        ("16010519491231002X", "code 16"),
        ("11010519490229002X", "does not exist"),
        ("11010519491331002X", "does not exist"),
        ("11010500001231002X", "does not exist"),
        ("110105194912310020", "does not fit"),
        ("110105194912310200", "does not fit"),
    ],
)
def test_a_wrong_id_number_is_refused_with_the_reason(typed: str, reason: str) -> None:
    error = refusal(typed)
    assert error.field == "id_number"
    assert reason in error.message
    assert error.hint


def test_a_birth_date_in_the_future_is_refused() -> None:
    number = make_id_number("110105", date(2026, 7, 2), 1)
    assert "future" in refusal(number).message
    assert check_id_number("id_number", number, date(2026, 7, 2)) == number


def test_a_birth_date_over_130_years_ago_is_refused() -> None:
    assert "more than 130 years" in refusal(OTHER).message
    assert check_id_number("id_number", OTHER, date(2010, 12, 31)) == OTHER
    assert refusal(OTHER, date(2011, 1, 1))


@modest
@given(regions, births, serials)
def test_a_number_that_is_made_is_accepted_and_holds_its_birth_date(region: str, birth: date, serial: int) -> None:
    number = make_id_number(region, birth, serial)
    assert len(number) == 18
    assert number.startswith(region)
    assert check_id_number("id_number", number, TODAY) == number
    assert birth_date_of(number) == birth


@modest
@given(regions, births, serials, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(region: str, birth: date, serial: int, place: int, by: int) -> None:
    number = make_id_number(region, birth, serial)
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert refusal(wrong)


@modest
@given(regions, births, serials, st.integers(0, 15))
def test_two_swapped_digits_are_always_found(region: str, birth: date, serial: int, place: int) -> None:
    number = make_id_number(region, birth, serial)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        assert refusal(swapped)


@pytest.mark.parametrize(("region", "serial"), [("11010", 1), ("1101055", 1), ("990000", 1), ("11010a", 1)])
def test_no_number_is_made_for_an_unknown_region(region: str, serial: int) -> None:
    with pytest.raises(ValueError, match="not a region"):
        make_id_number(region, date(1990, 1, 1), serial)


@pytest.mark.parametrize("serial", [-1, 1000])
def test_no_number_is_made_for_a_serial_out_of_range(serial: int) -> None:
    with pytest.raises(ValueError, match="not a serial"):
        make_id_number("110105", date(1990, 1, 1), serial)


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2000, 7, 2), date(2026, 7, 1), 25),
        (date(2000, 7, 1), date(2026, 7, 1), 26),
        (date(2000, 6, 30), date(2026, 7, 1), 26),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
        (date(2026, 7, 1), date(2026, 7, 1), 0),
    ],
)
def test_age_counts_full_years(birth: date, day: date, age: int) -> None:
    assert age_on(birth, day) == age


def test_a_believable_birth_date_is_kept() -> None:
    assert check_birth_date("birth_date", date(1896, 7, 1), TODAY) == date(1896, 7, 1)
    assert check_birth_date("birth_date", TODAY, TODAY) == TODAY


@pytest.mark.parametrize(("day", "reason"), [(date(2026, 7, 2), "future"), (date(1895, 7, 1), "130 years")])
def test_an_unbelievable_birth_date_is_refused(day: date, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason) as caught:
        check_birth_date("birth_date", day, TODAY)
    assert caught.value.field == "birth_date"


def test_a_masked_id_number_shows_the_last_four_alone() -> None:
    assert mask_id("002X") == "**************002X"
