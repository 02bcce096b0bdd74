"""Where two points cards differ, attribute by attribute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bankcard_tui.rules.scorecard import Characteristic, Scorecard

MOST_DIFFERENCES = 12


@dataclass(frozen=True, slots=True)
class Difference:
    """What two cards give for the same attribute of a characteristic.

    The attribute is a range of numbers, from ``at_least`` on (None: no bound) and below ``below``, or ``words``; not
    ``known`` is the one for what is not known. Points of a card that does not ask are 0.
    """

    characteristic: str
    known: bool
    at_least: float | None
    below: float | None
    words: tuple[str, ...]
    champion: int
    challenger: int


def differences(champion: Scorecard, challenger: Scorecard, most: int = MOST_DIFFERENCES) -> tuple[Difference, ...]:
    """Up to ``most`` attributes about which the cards differ, the largest difference first, equals in their order."""
    codes = dict.fromkeys(each.code for card in (champion, challenger) for each in card.characteristics)
    found = [
        each
        for code in codes
        for each in _attributes(code, _find(champion, code), _find(challenger, code))
        if each.champion != each.challenger
    ]
    found.sort(key=lambda each: -abs(each.champion - each.challenger))
    return tuple(found[:most])


def _find(card: Scorecard, code: str) -> Characteristic | None:
    return next((each for each in card.characteristics if each.code == code), None)


def _attributes(code: str, one: Characteristic | None, other: Characteristic | None) -> Iterator[Difference]:
    asking = [each for each in (one, other) if each is not None]
    missing = [each.missing.points if each else 0 for each in (one, other)]
    yield Difference(code, False, None, None, (), *missing)
    if all(each.numeric for each in asking):
        yield from _ranges(code, one, other, asking)
        return
    words = dict.fromkeys(word for each in asking for attribute in each.attributes for word in attribute.words)
    for word in words:
        yield Difference(code, True, None, None, (word,), _points(one, word), _points(other, word))


def _ranges(
    code: str, one: Characteristic | None, other: Characteristic | None, asking: list[Characteristic]
) -> Iterator[Difference]:
    """The ranges of both cards cut at all bounds; neighbours with the same points are one again."""
    cuts = sorted({each.below for card in asking for each in card.attributes if each.below is not None})
    open_one: Difference | None = None
    low: float | None = None
    for bound in (*cuts, None):
        inside = low if low is not None else (bound - 1 if bound is not None else 0.0)
        here = Difference(code, True, low, bound, (), _points(one, inside), _points(other, inside))
        if open_one and (open_one.champion, open_one.challenger) == (here.champion, here.challenger):
            here = Difference(code, True, open_one.at_least, bound, (), here.champion, here.challenger)
        elif open_one:
            yield open_one
        open_one, low = here, bound
    if open_one:
        yield open_one


def _points(characteristic: Characteristic | None, value: float | str) -> int:
    if characteristic is None:
        return 0
    return characteristic.all[characteristic.place(value)].points
