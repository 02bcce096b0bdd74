"""Numbers that identify somebody don't stand in notes and references."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankcard_tui.rules.card_numbers import card_number
from bankcard_tui.rules.free_text import free_line, free_text, hide_numbers
from bankcard_tui.rules.identity import make_id_number

NUMBER = make_id_number("310104", date(1992, 8, 15), 456)
CARD = card_number("622848", 123_456_789, 16)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (NUMBER, "*" * 14 + NUMBER[-4:]),
        (f"ID {NUMBER}, seen", f"ID {'*' * 14}{NUMBER[-4:]}, seen"),
        (f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}", "*" * 14 + NUMBER[-4:]),
        (CARD, "*" * 12 + CARD[-4:]),
        (f"{CARD[:4]} {CARD[4:8]} {CARD[8:12]} {CARD[12:]}", "*" * 12 + CARD[-4:]),
        (f"卡号{CARD}。", f"卡号{'*' * 12}{CARD[-4:]}。"),
        ("91310000MA1K4T7X2B", "91310000MA1K4T7X2B"),
        ("call 13800138000 after 18:00", "call 13800138000 after 18:00"),
        ("310104199208150000", "310104199208150000"),
        ("2026-03-02 2026-03-09", "2026-03-02 2026-03-09"),
    ],
)
def test_a_note_keeps_the_last_four_of_an_identifying_number(typed: str, kept: str) -> None:
    assert free_line("note", typed) == kept
    assert free_text("note", typed) == kept


@given(
    st.dates(date(1930, 1, 1), date(2010, 1, 1)),
    st.integers(0, 999),
    st.sampled_from(["", "no. ", "身份证 ", "(", "x: "]),
    st.sampled_from(["", ".", " seen", "，已核对", ")"]),
)
def test_an_id_number_never_stands_in_clear(birth: date, serial: int, before: str, behind: str) -> None:
    number = make_id_number("310104", birth, serial)
    hidden = hide_numbers(before + number + behind)
    assert number not in hidden
    assert hidden == before + "*" * 14 + number[-4:] + behind


@given(st.text(alphabet=st.characters(exclude_categories=("Nd", "Cs")), max_size=200))
def test_a_text_without_digits_stays_as_it_is(text: str) -> None:
    assert hide_numbers(text) == text
