from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bankcard_tui.errors import InvalidInput
from bankcard_tui.rules.text import (
    clean_line,
    clean_text,
    fold_width,
    prefix_end,
    search_key,
    spreadsheet_safe,
    unspelt,
    visible,
    visible_block,
    without_blanks,
)

modest = settings(max_examples=100, deadline=None)

any_text = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)
near_the_edges = st.text("ab张弡\ud7ff\ue000\uffff\U00010000\U0010fffe\U0010ffff", max_size=4)

REAL_NAMES = [
    "张三",
    "欧阳娜娜",
    "阿依古丽·买买提",
    "䶮",
    "\U00020087",  # CJK extension B
    "\U00031350",  # extension H, Unicode 15.0
    "\U0002ebf0",  # extension I, Unicode 15.1, made for names on identity cards
    "O'Brien",
    "O’Brien",
    "Jean-Luc Picard",
    "Zoë Müller",
    "Nguyễn Thị Hương",
    "José María de la Peña, Jr.",
    "Łukasz Żółć",
    "[VIP] a[/]b",
]

HIDDEN = {
    "tab": "\t",
    "escape": "\x1b",
    "null": "\x00",
    "delete": "\x7f",
    "next line": "\x85",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "soft hyphen": "\u00ad",
    "arabic letter mark": "\u061c",
    "left-to-right mark": "\u200e",
    "right-to-left override": "\u202e",
    "isolate": "\u2066",
    "pop isolate": "\u2069",
    "zero width space": "\u200b",
    "zero width joiner": "\u200d",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "grapheme joiner": "\u034f",
    "hangul filler": "\u3164",
    "half-width hangul filler": "\uffa0",
    "braille blank": "\u2800",
    "mongolian vowel separator": "\u180e",
    "variation selector": "\ufe0f",
    "ideographic variation selector": "\U000e0100",
    "tag": "\U000e0041",
    "private use": "\ue000",
    "private plane": "\U000f0000",
    "surrogate": "\ud800",
    "unassigned": "\u0378",
    "noncharacter": "\uffff",
    "noncharacter among ideographs": "\U0002fffe",
}


def hidden() -> list[object]:
    return [pytest.param(character, id=name) for name, character in HIDDEN.items()]


@pytest.mark.parametrize("name", REAL_NAMES)
def test_a_name_as_people_bear_it_is_kept(name: str) -> None:
    assert clean_line("name", name) == name
    assert visible(name) == name


@pytest.mark.parametrize("character", hidden())
def test_a_hidden_character_is_refused_in_a_line_and_in_a_text(character: str) -> None:
    for clean in (clean_line, clean_text):
        with pytest.raises(InvalidInput) as caught:
            clean("name", f"张{character}三")
        assert caught.value.field == "name"
        assert caught.value.hint


@pytest.mark.parametrize("place", ["{}张三", "张三{}", "{}"])
@pytest.mark.parametrize("character", ["\t", "\u202e", "\u200b", "\x1c", "\x85"])
def test_a_hidden_character_at_the_edge_is_refused_not_stripped(place: str, character: str) -> None:
    with pytest.raises(InvalidInput):
        clean_line("name", place.format(character))


def test_the_message_names_the_hidden_character_without_showing_it() -> None:
    with pytest.raises(InvalidInput) as caught:
        clean_line("name", "张三\u202e")
    assert "U+202E" in str(caught.value)
    assert "\u202e" not in str(caught.value)


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n"])
def test_a_line_break_is_refused_in_a_line(line_break: str) -> None:
    with pytest.raises(InvalidInput, match="single line"):
        clean_line("name", f"张三{line_break}李四")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  张三  ", "张三"),
        ("\u3000张三\u3000", "张三"),
        ("张\u3000\u3000三", "张 三"),
        ("John \u00a0  Smith", "John Smith"),
        ("Zoe\u0308", "Zoë"),
    ],
)
def test_a_line_is_composed_and_its_blanks_are_tidied(typed: str, kept: str) -> None:
    assert clean_line("name", typed) == kept


@pytest.mark.parametrize("nothing", ["", " ", "\u3000\u00a0"])
def test_an_empty_line_is_refused_only_where_it_is_needed(nothing: str) -> None:
    with pytest.raises(InvalidInput):
        clean_line("name", nothing)
    assert clean_line("name", nothing, required=False) == ""
    assert clean_text("note", nothing) == ""
    with pytest.raises(InvalidInput):
        clean_text("note", nothing, required=True)


def test_length_counts_what_is_kept() -> None:
    assert clean_line("name", "  " + "张" * 100 + "  ") == "张" * 100
    assert clean_line("name", "e\u0301" * 100) == "é" * 100
    for long in ("张" * 101, "a" * 10_000, "a" + "\u0301" * 10_000):
        with pytest.raises(InvalidInput, match="too long"):
            clean_line("name", long)
    with pytest.raises(InvalidInput, match="at most 5"):
        clean_line("name", "abcdef", most=5)
    with pytest.raises(InvalidInput, match="2001 characters"):
        clean_text("note", "a" * 2001)


def test_a_text_keeps_its_lines() -> None:
    assert clean_text("note", "\r\n one  two \r\n\r\nthree\n\n") == "one two\n\nthree"


def test_a_text_refuses_a_lone_carriage_return() -> None:
    with pytest.raises(InvalidInput):
        clean_text("note", "approved\rrefused")


@modest
@given(any_text)
def test_what_a_line_keeps_is_kept_again_and_shows_as_it_is(value: str) -> None:
    try:
        kept = clean_line("name", value, required=False)
    except InvalidInput:
        return
    assert clean_line("name", kept, required=False) == kept
    assert visible(kept) == kept


@modest
@given(any_text)
def test_what_a_text_keeps_is_kept_again_and_shows_as_it_is(value: str) -> None:
    try:
        kept = clean_text("note", value)
    except InvalidInput:
        return
    assert clean_text("note", kept) == kept
    assert visible_block(kept) == kept


@modest
@given(any_text)
def test_what_is_made_visible_would_be_welcome_as_input(value: str) -> None:
    shown = visible(value)
    assert visible(shown) == shown
    clean_line("name", shown, most=10_000, required=False)
    clean_text("note", visible_block(value), most=10_000)


@pytest.mark.parametrize("character", hidden())
def test_a_hidden_character_is_spelt_at_output(character: str) -> None:
    assert visible(f"a{character}b") == f"a⟨U+{ord(character):04X}⟩b"


def test_line_feeds_are_spelt_in_a_line_and_kept_in_a_block() -> None:
    assert visible("a\nb\x1b[31m") == "a⟨U+000A⟩b⟨U+001B⟩[31m"
    assert visible_block("a\nb\x1b[31m\r\n") == "a\nb⟨U+001B⟩[31m⟨U+000D⟩\n"


def test_the_brackets_of_a_spelt_character_are_one_cell_wide() -> None:
    assert [unicodedata.east_asian_width(bracket) for bracket in "⟨⟩"] == ["Na", "Na"]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Müller", "MÜLLER"),
        ("Müller", "mu\u0308ller"),
        ("Ｗang　Ｗei", "wang wei"),
        ("Groß", "GROSS"),
        ("  John   Smith ", "john smith"),
        ("张三", "张三"),
    ],
)
def test_a_search_finds_the_same_name_written_differently(name: str, typed: str) -> None:
    assert search_key(name) == search_key(typed)


@modest
@given(any_text)
def test_a_search_key_is_its_own_search_key(name: str) -> None:
    assert search_key(search_key(name)) == search_key(name)


@pytest.mark.parametrize(
    ("key", "end"),
    [
        ("wang", "wanh"),
        ("张", "弡"),
        ("a\ud7ff", "a\ue000"),
        ("a\U0010ffff", "b"),
        ("a\uffff", "a\U00010000"),
        ("", "\U0010ffff"),
        ("\U0010ffff", "\U0010ffff"),
    ],
)
def test_the_end_of_a_prefix(key: str, end: str) -> None:
    assert prefix_end(key) == end


@modest
@given(near_the_edges, near_the_edges, near_the_edges)
def test_the_range_of_a_prefix_holds_just_the_names_that_start_with_it(key: str, tail: str, other: str) -> None:
    assume(key.rstrip("\U0010ffff"))
    start, end = key.encode(), prefix_end(key).encode()
    assert start <= (key + tail).encode() < end
    assert (start <= other.encode() < end) == other.startswith(key)


@pytest.mark.parametrize(
    "formula",
    [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "＝1+1",
        "-",
        "-cmd|' /C calc'!A0",
        "+86 138****1234",
        "-1\n",
    ],
)
def test_a_formula_is_defused_for_a_spreadsheet(formula: str) -> None:
    assert spreadsheet_safe(formula) == f"'{formula}"
    assert spreadsheet_safe(spreadsheet_safe(formula)) == f"'{formula}"


@pytest.mark.parametrize("plain", ["", "张三", "-12.50", "-1,234.50", "+8613800138000", "0", "a=b", "li@example.com"])
def test_plain_text_and_numbers_go_to_a_spreadsheet_as_they_are(plain: str) -> None:
    assert spreadsheet_safe(plain) == plain


def test_full_width_signs_are_folded() -> None:
    assert fold_width("Ａｂ１２＠．　张") == "Ab12@. 张"
    assert without_blanks(" １３８ 0013\u00a08000 ") == "13800138000"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_was_made_visible_can_be_taken_back(value: str) -> None:
    assume("⟨U+" not in value)
    assert unspelt(visible(value)) == value


@pytest.mark.parametrize("value", ["⟨U+0041⟩", "⟨U+D800⟩", "⟨U+FFFFFF⟩", "⟨U+202e⟩", "⟨U+00202E⟩", "⟨U+⟩", "⟨"])
def test_only_what_visible_spells_is_taken_back(value: str) -> None:
    assert unspelt(value) == value
