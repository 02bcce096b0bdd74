"""Points cards as JSON that people can read: one line for each attribute, and a digest over all of it."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from math import isfinite
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bankcard_tui.errors import InvalidInput, Phrase, VerificationFailed
from bankcard_tui.rules.scorecard import Attribute, Characteristic, Scorecard

FORMAT = "bankcard points card 1"
MANUAL = "docs/points-card.md"
MOST_POINTS = 100_000
MOST_SD = 100.0
"""In log-odds: beyond anything that somebody can mean."""
_DIGITS = 6
"""Significant digits of a covariance: its rounding is far below a point."""
_CARD = TypeAdapter(Scorecard)


def digest_of(card: Scorecard) -> str:
    """SHA-256 (hexadecimal) of what the card says."""
    return _digest(_plain(card))


def card_to_json(card: Scorecard) -> str:
    """The card as JSON text with its digest under ``hash``."""
    plain = _plain(card)
    parts = {"format": FORMAT, "hash": _digest(plain), **plain}
    lines = [f"{json.dumps(name)}: {_shown(name, value)}" for name, value in parts.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def card_from_json(text: str, field: str = "card") -> Scorecard:
    """Read what :func:`card_to_json` wrote, or what an expert wrote by hand, with or without ``hash``.

    Raises InvalidInput for ``field`` where it is no card, VerificationFailed where it was changed after it was made.
    """
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError):
        raise _no_card(field, Phrase("it is not JSON")) from None
    if not isinstance(plain, dict) or plain.pop("format", FORMAT) != FORMAT:
        raise _no_card(field, Phrase("its format is not: {format}", {"format": FORMAT}))
    said = plain.pop("hash", None)
    try:
        # JSON knows no tuples and no whole floats: lax, but by the types of the card.
        card = _CARD.validate_python(plain)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "card"
        missing = first["type"] == "missing"
        why = Phrase("{place} is missing" if missing else "{place} can't be used", {"place": place})
        raise _no_card(field, why) from None
    _check(card, field)
    # Of what stands there, not of what was understood: a card of an early form stays as it was, and nothing is added.
    if said is not None and said != _digest(plain):
        raise VerificationFailed(
            "The points card {name} was changed after it was made.",
            hint="Use the card as it was made. An expert's card written by hand has no hash.",
            code="card.changed",
            name=card.name,
        )
    return card


def rounded(value: float) -> float:
    """A number of a covariance as a card keeps it."""
    return float(f"{value:.{_DIGITS}g}")


def _plain(card: Scorecard) -> dict[str, Any]:
    plain: dict[str, Any] = _CARD.dump_python(card, mode="json")
    return plain


def _digest(plain: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _shown(name: str, value: Any) -> str:
    """A value of the whole: lists of rows with a row a line."""
    if name == "characteristics":
        return "[\n" + ",\n".join(_characteristic(each) for each in value) + "\n]"
    if name == "covariance" and value:
        return "[\n" + ",\n".join(f"  {json.dumps(row)}" for row in value) + "\n]"
    return json.dumps(value, ensure_ascii=False, indent=1 if name == "training" else None)


def _characteristic(plain: dict[str, Any]) -> str:
    lines = [
        f"   {json.dumps(name)}: " + (_rows(value) if name == "attributes" else json.dumps(value, ensure_ascii=False))
        for name, value in plain.items()
    ]
    return "  {\n" + ",\n".join(lines) + "\n  }"


def _rows(attributes: list[Any]) -> str:
    return "[\n" + ",\n".join(f"     {json.dumps(each, ensure_ascii=False)}" for each in attributes) + "\n   ]"


def _check(card: Scorecard, field: str) -> None:
    codes = [each.code for each in card.characteristics]
    if len(set(codes)) != len(codes):
        raise _no_card(field, Phrase("a characteristic stands there twice"))
    _check_attribute(card.base, "base", field)
    for each in card.characteristics:
        _check_characteristic(each, field)
    if not (0 < card.scale.to_double <= MOST_POINTS and 0 < card.scale.odds <= MOST_POINTS):
        raise _no_card(field, Phrase("its scale is not above 0, or out of range"))
    if abs(card.scale.points) > MOST_POINTS:
        raise _no_card(field, Phrase("{place}: its points or counts are out of range", {"place": "scale"}))
    size = 1 + sum(len(each.all) for each in card.characteristics)
    if card.covariance and [len(row) for row in card.covariance] != list(range(1, size + 1)):
        raise _no_card(field, Phrase("its covariance does not fit its attributes"))
    if not all(isfinite(value) for row in card.covariance for value in row):
        raise _no_card(field, Phrase("its covariance holds what is no number"))


def _check_characteristic(each: Characteristic, field: str) -> None:
    for attribute in each.all:
        _check_attribute(attribute, each.code, field)
    if each.direction not in (-1, 0, 1):
        raise _no_card(field, Phrase("{place}: a direction is -1, 0 or 1", {"place": each.code}))
    if not each.numeric:
        words = [word for attribute in each.attributes for word in attribute.words]
        if len(set(words)) != len(words):
            raise _no_card(field, Phrase("{place}: a word stands there twice", {"place": each.code}))
        return
    if not each.attributes:
        raise _no_card(field, Phrase("{place}: it has no ranges", {"place": each.code}))
    *bounds, last = [attribute.below for attribute in each.attributes]
    if last is not None or any(bound is None or not isfinite(bound) for bound in bounds):
        raise _no_card(field, Phrase("{place}: all ranges but the last have a bound", {"place": each.code}))
    if any(low >= high for low, high in pairwise([bound for bound in bounds if bound is not None])):
        raise _no_card(field, Phrase("{place}: its bounds do not ascend", {"place": each.code}))


def _check_attribute(attribute: Attribute, code: str, field: str) -> None:
    if abs(attribute.points) > MOST_POINTS or not 0 <= attribute.bad <= attribute.cases:
        raise _no_card(field, Phrase("{place}: its points or counts are out of range", {"place": code}))
    if not 0 <= attribute.prior_sd <= MOST_SD:
        raise _no_card(field, Phrase("{place}: its prior_sd is not a number from 0 to 100", {"place": code}))


def _no_card(field: str, why: Phrase) -> InvalidInput:
    return InvalidInput(
        field,
        "This is not a points card: {why}.",
        hint="A points card is described in {file}.",
        code="card.format",
        why=why,
        file=MANUAL,
    )
