"""Where two points cards differ, attribute by attribute."""

from __future__ import annotations

from bankcard_tui.rules.differences import Difference, differences
from bankcard_tui.rules.scorecard import Attribute, Characteristic, Scorecard


def number(code: str, *ranges: tuple[float | None, int], missing: int = 0) -> Characteristic:
    attributes = tuple(Attribute(points, 0.25, below=below) for below, points in ranges)
    return Characteristic(code, True, attributes, Attribute(missing, 0.25))


def words(code: str, missing: int = 0, **points: int) -> Characteristic:
    attributes = tuple(Attribute(each, 0.25, words=(word,)) for word, each in points.items())
    return Characteristic(code, False, attributes, Attribute(missing, 0.25), Attribute(0, 0.25))


def card(*characteristics: Characteristic) -> Scorecard:
    return Scorecard("card", Attribute(500, 0.5), characteristics)


def test_a_card_does_not_differ_from_itself() -> None:
    one = card(number("age", (30, -5), (None, 5)), words("housing", owned=4))
    assert differences(one, one) == ()


def test_ranges_are_cut_at_the_bounds_of_both() -> None:
    one, other = card(number("age", (30, -5), (None, 5))), card(number("age", (25, -9), (30, 0), (40, 7), (None, 9)))
    assert differences(one, other) == (
        Difference("age", True, 25, 30, (), -5, 0),
        Difference("age", True, None, 25, (), -5, -9),
        Difference("age", True, 40, None, (), 5, 9),
        Difference("age", True, 30, 40, (), 5, 7),
    )


def test_neighbours_with_the_same_points_are_one_range() -> None:
    one, other = card(number("age", (30, 1), (40, 1), (None, 1))), card(number("age", (None, 3)))
    assert differences(one, other) == (Difference("age", True, None, None, (), 1, 3),)


def test_words_that_one_card_lists_are_other_words_to_the_other() -> None:
    one, other = card(words("housing", owned=4)), card(words("housing", missing=2, owned=4, rented=-6))
    assert differences(one, other) == (
        Difference("housing", True, None, None, ("rented",), 0, -6),
        Difference("housing", False, None, None, (), 0, 2),
    )


def test_a_card_that_does_not_ask_gives_no_points() -> None:
    assert differences(card(), card(number("age", (None, 3)))) == (Difference("age", True, None, None, (), 0, 3),)


def test_the_largest_come_first_and_no_more_than_asked_for() -> None:
    one = card(*(number(f"c{place}", (None, 0)) for place in range(9)))
    other = card(*(number(f"c{place}", (None, place)) for place in range(9)))
    found = differences(one, other, 3)
    assert [each.challenger for each in found] == [8, 7, 6]
