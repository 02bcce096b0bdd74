"""Figures of the policy as text: writing one, and reading what somebody typed for it."""

from __future__ import annotations

import re
from typing import Any

from bankcard_tui.errors import InvalidInput
from bankcard_tui.rules.free_text import free_line
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy_figures import Figure, Kind

YES, NO = "yes", "no"
_YES_NO = {YES: True, "true": True, "是": True, NO: False, "false": False, "否": False}
_NUMBER = re.compile(r"-?[0-9]{1,12}")
_DIGITS = re.compile(r"[0-9]{1,40}")
_WIDE = str.maketrans("０１２３４５６７８９．，、－", "0123456789.,,-")


def text_of(plain: Any) -> str:
    """A figure, as it stands in the policy's JSON, as text that :func:`plain_of` reads back."""
    if isinstance(plain, bool):
        return YES if plain else NO
    return ", ".join(plain) if isinstance(plain, list) else str(plain)


def plain_of(name: str, figure: Figure, text: str) -> Any:
    """What somebody typed for a figure, as it stands in the policy's JSON. Raises InvalidInput for ``name``."""
    kind, typed = figure.typed_as, text.strip().translate(_WIDE)
    if kind is Kind.AMOUNT:
        amount = Money.parse(typed, name)
        if not Money.yuan(figure.lowest) <= amount <= Money.yuan(figure.highest):
            raise _out_of_bounds(name, str(Money.yuan(figure.lowest)), str(Money.yuan(figure.highest)))
        return amount.plain
    if kind is Kind.NUMBER:
        number = _number(name, typed)
        if not figure.lowest <= number <= figure.highest:
            raise _out_of_bounds(name, f"{figure.lowest:,}", f"{figure.highest:,}")
        return number
    if kind is Kind.YES_NO:
        if typed.casefold() not in _YES_NO:
            raise InvalidInput(name, "This is neither yes nor no.", hint="Type yes or no.")
        return _YES_NO[typed.casefold()]
    if kind is Kind.DIGITS:
        if not _DIGITS.fullmatch(typed) or not figure.lowest <= len(typed) <= figure.highest:
            raise InvalidInput(
                name,
                "The number of digits must lie between {lowest} and {highest}.",
                hint="Type digits, with nothing between them.",
                lowest=figure.lowest,
                highest=figure.highest,
            )
        return typed
    if kind is Kind.TEXT:
        return free_line(name, text, most=figure.highest)
    return _words(name, figure, typed)


def _number(name: str, typed: str) -> int:
    digits = typed.replace(",", "")
    if not _NUMBER.fullmatch(digits):
        raise InvalidInput(name, "This is not a whole number.", hint="Type digits alone, such as 12.")
    return int(digits)


def _words(name: str, figure: Figure, typed: str) -> str | list[str]:
    known = ", ".join(figure.choices)
    if figure.typed_as is Kind.CHOICE:
        if typed not in figure.choices:
            raise InvalidInput(name, "This is none of: {known}.", hint="Type one of these words.", known=known)
        return typed
    words = list(dict.fromkeys(each.strip() for each in typed.split(",") if each.strip()))
    if any(each not in figure.choices for each in words) or not figure.lowest <= len(words):
        raise InvalidInput(
            name,
            "Only these words can stand here: {known}.",
            hint="Type them with commas between them, at least {lowest:word|words}.",
            known=known,
            lowest=figure.lowest,
        )
    return [each for each in figure.choices if each in words]


def _out_of_bounds(name: str, lowest: str, highest: str) -> InvalidInput:
    return InvalidInput(
        name,
        "This must lie between {lowest} and {highest}.",
        hint="Choose a figure inside these bounds.",
        code="policy.bounds",
        lowest=lowest,
        highest=highest,
    )
