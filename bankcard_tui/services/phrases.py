"""Sentences with their figures, kept in the store as JSON and said in the language of whoever reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from bankcard_tui.errors import Phrase

ALTERED = Phrase("What stood here was altered in the store.")

_PLACE = re.compile(r"\{(\w+)(?::[^{}|]+\|[^{}|]+)?\}")
_DEEPEST = 4
"""So many phrases may stand inside one another."""


def to_json(phrases: Sequence[Phrase]) -> str:
    """Sentences as they are kept."""
    return json.dumps([_plain(each) for each in phrases], ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> tuple[Phrase, ...]:
    """Read what :func:`to_json` wrote; one sentence that says so where that is not what stands there."""
    try:
        known = json.loads(text)
    except (ValueError, RecursionError):
        return (ALTERED,)
    read = [_read(each, _DEEPEST) for each in known] if isinstance(known, list) else [None]
    return tuple(each for each in read if each is not None) if None not in read else (ALTERED,)


def _plain(value: str | int | Phrase | tuple[Phrase, ...]) -> Any:
    if isinstance(value, Phrase):
        return {"template": value.template, "values": {name: _plain(each) for name, each in value.values.items()}}
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _read(plain: object, deepest: int) -> Phrase | None:
    """A phrase whose every place can be filled, by a name alone; None for anything else."""
    if not isinstance(plain, dict) or plain.keys() != {"template", "values"} or not deepest:
        return None
    template, values = plain["template"], plain["values"]
    if not isinstance(template, str) or not isinstance(values, dict):
        return None
    known = {name: _value(each, deepest - 1) for name, each in values.items()}
    places = {found[1] for found in _PLACE.finditer(template)}
    if None in known.values() or not places <= known.keys() or set("{}") & set(_PLACE.sub("", template)):
        return None
    return Phrase(template, {name: each for name, each in known.items() if each is not None})


def _value(plain: object, deepest: int) -> str | int | Phrase | tuple[Phrase, ...] | None:
    if isinstance(plain, dict):
        return _read(plain, deepest)
    if isinstance(plain, list):
        parts = [_read(each, deepest) for each in plain]
        return tuple(each for each in parts if each is not None) if None not in parts else None
    return plain if isinstance(plain, str | int) and not isinstance(plain, bool) else None
