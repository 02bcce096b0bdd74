"""Sentences with their figures, kept in the store as JSON and said in the language of whoever reads them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bankcard_tui.errors import Phrase
from bankcard_tui.locale import say

ALTERED = Phrase("What stood here was altered in the store.")


def to_json(phrases: Sequence[Phrase]) -> str:
    """Sentences as they are kept."""
    return json.dumps([_plain(each) for each in phrases], ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> tuple[Phrase, ...]:
    """Read what :func:`to_json` wrote; one sentence that says so where that is not what stands there."""
    try:
        phrases = tuple(_phrase(each) for each in json.loads(text))
        for each in phrases:
            say(each)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return (ALTERED,)
    return phrases


def _plain(phrase: Phrase) -> dict[str, Any]:
    values = {
        name: [_plain(each) for each in value]
        if isinstance(value, tuple)
        else _plain(value)
        if isinstance(value, Phrase)
        else value
        for name, value in phrase.values.items()
    }
    return {"template": phrase.template, "values": values}


def _phrase(plain: dict[str, Any]) -> Phrase:
    template, values = plain["template"], plain["values"]
    if not isinstance(template, str):
        raise TypeError(template)
    return Phrase(template, {str(name): _value(value) for name, value in values.items()})


def _value(plain: Any) -> str | int | Phrase | tuple[Phrase, ...]:
    if isinstance(plain, list):
        return tuple(_phrase(each) for each in plain)
    if isinstance(plain, dict):
        return _phrase(plain)
    if not isinstance(plain, str | int):
        raise TypeError(plain)
    return plain
