from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from inspect import getmembers, isclass
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from bankcard_tui.locale import catalogue
from bankcard_tui.rules import terms
from bankcard_tui.rules.money import Money
from bankcard_tui.widgets.charts import Band, bar, bars, limit_use, score_bar
from bankcard_tui.widgets.facts import fact_lines
from bankcard_tui.widgets.labels import ago, amount, badge, count, day, english, label, moment, percent, yes_no
from bankcard_tui.widgets.safe import SYMBOLS, Tone, pad, safe, safe_lines, status, truncate
from tests.screens.widgets_kit import HOSTILE, LANGUAGES, speaking

LISTS = [each for _, each in getmembers(terms, isclass) if issubclass(each, StrEnum) and each is not StrEnum]
MEMBERS = [member for each in LISTS for member in each]
BANDS = [Band("Poor", 500, 560), Band("Medium", 560, 600), Band("Good", 600, 660), Band("Excellent", 660, 750)]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_people_is_shown_as_it_is_and_can_do_nothing(text: str) -> None:
    content = safe(text)
    assert content.plain.isprintable()
    assert not content.spans
    if text.isprintable():
        assert content.plain == text


def test_nothing_is_an_empty_text_and_content_passes() -> None:
    assert safe(None).plain == ""
    assert safe(12).plain == "12"
    assert safe(content := Content("x")) is content


def test_lines_of_a_note_stay_lines() -> None:
    assert safe_lines("one\ntwo\x1b").plain.count("\n") == 1


@given(st.text(max_size=60), st.integers(0, 40), st.sampled_from(["left", "right"]))
def test_padding_gives_exactly_the_cells_asked_for(text: str, width: int, align: str) -> None:
    assert cell_len(pad(text, width, align).plain) == width


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcd.."),
        ("王小明明", 8, "王小明明"),
        ("王小明明明", 8, "王小明.."),
        ("ab", 1, "."),
    ],
)
def test_what_is_cut_says_so(text: str, width: int, expected: str) -> None:
    assert truncate(text, width).plain == expected


@pytest.mark.parametrize("tone", Tone)
def test_a_status_is_symbol_word_and_colour(tone: Tone) -> None:
    content = status("", "approved", tone)
    assert content.plain == f"{SYMBOLS[tone]} approved"
    assert [str(span.style) for span in content.spans] == [tone.value]


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: f"{type(member).__name__}.{member.name}")
def test_every_member_of_every_list_has_a_label_in_both_languages(member: StrEnum) -> None:
    assert label(member) == english(member)
    assert english(member) in catalogue("zh_CN")
    with speaking("zh_CN"):
        assert label(member) == catalogue("zh_CN")[english(member)]


@pytest.mark.parametrize("each", LISTS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_of_one_list_differ(each: type[StrEnum], language: str) -> None:
    with speaking(language):
        assert len({label(member) for member in each}) == len(each)


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: f"{type(member).__name__}.{member.name}")
def test_badges_hold_no_character_of_ambiguous_width(member: StrEnum) -> None:
    with speaking("zh_CN"):
        assert all(unicodedata.east_asian_width(character) != "A" for character in badge(member).plain)


def test_only_what_failed_is_red() -> None:
    red = {member for member in MEMBERS if any(str(span.style) == Tone.BAD for span in badge(member).spans)}
    assert red == {terms.Outcome.FAILED, terms.RequestStatus.FAILED}


def test_amounts_days_and_times_are_written_one_way() -> None:
    assert amount(Money.yuan(1234)) == "1,234.00"
    assert count(12345) == "12,345"
    assert percent(0.125) == "12.5 %"
    assert day(date(2026, 11, 21)) == "2026-11-21"
    assert moment(datetime(2026, 11, 21, 6, 5, tzinfo=UTC), ZoneInfo("Asia/Shanghai")) == "2026-11-21 14:05"
    assert (yes_no(True), yes_no(False)) == ("Yes", "No")


@pytest.mark.parametrize(
    ("passed", "expected"),
    [
        (timedelta(days=2, hours=23), "2 d"),
        (timedelta(hours=3, minutes=59), "3 h"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(seconds=59), "now"),
    ],
)
def test_an_age_is_told_in_its_largest_unit(passed: timedelta, expected: str) -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    assert ago(now - passed, now) == expected


@given(st.integers(-5, 10**12), st.integers(0, 10**12), st.integers(1, 60))
def test_a_bar_is_as_wide_as_asked(value: int, top: int, width: int) -> None:
    plain = bar(value, top, width).plain
    assert len(plain) == width
    assert set(plain) <= {"#", "."}


@pytest.mark.parametrize(
    ("used", "expected", "tone"),
    [
        (0, "..........  0.00 of 1,000.00 used (0 %)", Tone.ACCENT),
        (1, "#.........  1.00 of 1,000.00 used (0 %)", Tone.ACCENT),
        (500, "#####.....  500.00 of 1,000.00 used (50 %)", Tone.ACCENT),
        (800, "########..  800.00 of 1,000.00 used (80 %)", Tone.WARNING),
        (1200, "##########  1,200.00 of 1,000.00 used (120 %)", Tone.BAD),
    ],
)
def test_the_use_of_a_limit_is_drawn_and_told(used: int, expected: str, tone: Tone) -> None:
    content = limit_use(Money.yuan(used), Money.yuan(1000), 10)
    assert content.plain == expected
    assert content.spans[0].style == f"{tone} on {tone}"


def test_a_limit_of_nothing_is_no_division_by_zero() -> None:
    assert "0.00 of 0.00" in limit_use(Money(0), Money(0)).plain


@pytest.mark.parametrize(
    ("points", "grade", "place"),
    [
        (500, "Poor", 0),
        (599, "Medium", 19),
        (600, "Good", 20),
        (749, "Excellent", 49),
        (900, "Excellent", 49),
        (10, "Poor", 0),
    ],
)
def test_the_score_bar_marks_the_points_among_the_grades(points: int, grade: str, place: int) -> None:
    words, bands, mark = score_bar(points, BANDS, 50).plain.split("\n")
    assert words.startswith(f"{points} points: {grade} (")
    assert cell_len(bands) == 50
    assert all(band.label[:4] in bands for band in BANDS)
    assert mark.index("^") == place


@pytest.mark.parametrize(
    ("interval", "drawn"),
    [
        ((580, 650), " " * 16 + "|---^---------|"),
        ((600, 600), " " * 20 + "^"),
        ((400, 650), "<-------------------^---------|"),
        ((600, 900), " " * 20 + "^" + "-" * 28 + ">"),
        ((10, 990), "<" + "-" * 19 + "^" + "-" * 28 + ">"),
    ],
)
def test_the_interval_is_drawn_around_the_mark_and_open_where_it_goes_on(interval: tuple[int, int], drawn: str) -> None:
    assert score_bar(600, BANDS, 50, interval).plain.split("\n")[2] == drawn


@pytest.mark.parametrize(("width", "ranged"), [(60, True), (50, True), (36, False)])
def test_what_is_said_beside_the_points_takes_the_place_of_the_range(width: int, ranged: bool) -> None:
    words = score_bar(600, BANDS, width, aside=status("!", "borderline", Tone.WARNING)).plain.split("\n")[0]
    assert words.endswith("  ! borderline")
    assert ("(600 to 659)" in words) is ranged
    assert cell_len(words) <= width


def test_bars_are_aligned_in_cells() -> None:
    plain = bars([("已提交", 120), ("Approved", 3)], 40).plain
    assert len({cell_len(line) for line in plain.split("\n")}) == 1


@pytest.mark.parametrize("width", [30, 80])
def test_facts_are_aligned_and_wrap_in_their_column(width: int) -> None:
    with speaking("zh_CN"):
        facts = fact_lines([("Phone", "13800000000"), ("Identity card", "北京市" * 30), ("Name", None)], width)
    texts = [line.plain for line in facts]
    assert all(cell_len(text) <= width for text in texts)
    column = cell_len("居民身份证") + 2
    assert cell_len(texts[0][: texts[0].index("138")]) == column
    assert (
        texts[2].startswith(" " * column + "京")
        or texts[2].startswith(" " * column + "北")
        or texts[2].startswith(" " * column)
    )
    assert texts[-1].endswith("-")


@pytest.mark.parametrize("text", HOSTILE)
def test_facts_hold_hostile_text(text: str) -> None:
    for line in fact_lines([("Name", text)], 40):
        assert line.plain.isprintable()
        assert cell_len(line.plain) <= 40
