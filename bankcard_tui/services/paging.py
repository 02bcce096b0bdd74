"""Pages by key: however many rows there are, a page costs one look into an index."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Integer, Row, Select, literal, tuple_

from bankcard_tui.desk.results import View
from bankcard_tui.errors import InvalidInput
from bankcard_tui.store.types import Day, Id, Moment, Word, micros_of, moment_of

PAGE_ROWS = 100
_KEY = "page_key_"

T = TypeVar("T")


class Page(View, Generic[T]):
    """Up to 100 items, and the cursors of the pages around them (None where there is none)."""

    items: tuple[T, ...]
    next: str | None
    previous: str | None


def fetch_page(
    connection: Connection,
    statement: Select[Any],
    keys: Sequence[ColumnElement[Any]],
    cursor: str | None,
    show: Callable[[Row[Any]], T],
    *,
    newest_first: bool,
    rows: int = PAGE_ROWS,
) -> Page[T]:
    """One page of ``statement`` in the order of ``keys``, which must be unique together."""
    backwards, values = read_cursor(cursor, keys) if cursor else (False, None)
    descending = newest_first != backwards
    if values is not None:
        here = tuple_(*keys)
        # Bound with the types of the keys: a time or an id without its type would be compared as text.
        there = tuple_(*(literal(value, key.type) for key, value in zip(keys, values, strict=True)))
        statement = statement.where(here < there if descending else here > there)
    order = [key.desc() if descending else key.asc() for key in keys]
    columns = (key.label(f"{_KEY}{place}") for place, key in enumerate(keys))
    ordered = statement.add_columns(*columns).order_by(*order).limit(rows + 1)
    found = list(connection.execute(ordered))
    more = len(found) > rows
    found = found[:rows]
    if backwards:
        found.reverse()
    before = more if backwards else values is not None
    after = True if backwards else more
    return Page(
        items=tuple(show(row) for row in found),
        next=write_cursor("next", _values(found[-1], len(keys))) if found and after else None,
        previous=write_cursor("previous", _values(found[0], len(keys))) if found and before else None,
    )


def _values(row: Row[Any], keys: int) -> list[object]:
    return [getattr(row, f"{_KEY}{place}") for place in range(keys)]


def write_cursor(direction: Literal["next", "previous"], values: Iterable[object]) -> str:
    """The cursor of the page behind (``next``) or before the row with these keys."""
    return json.dumps([direction, *(_plain(value) for value in values)], separators=(",", ":"))


def _plain(value: object) -> object:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return micros_of(value)
    return value.isoformat() if isinstance(value, date) else value


def read_cursor(cursor: str, keys: Sequence[ColumnElement[Any]]) -> tuple[bool, list[Any]]:
    """Whether a cursor leads to the page before, and its keys. Raises InvalidInput for what is no cursor."""
    try:
        direction, *plain = json.loads(cursor)
        if direction not in ("next", "previous") or len(plain) != len(keys):
            raise ValueError
        values = [_typed(key, value) for key, value in zip(keys, plain, strict=True)]
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        raise InvalidInput("cursor", "This page can't be found.", hint="Begin with the first page.") from None
    return direction == "previous", values


def _typed(key: ColumnElement[Any], value: Any) -> Any:
    kind = key.type
    if isinstance(kind, Id):
        return UUID(hex=value)
    if isinstance(kind, Word):
        return kind.kind(value)
    if isinstance(kind, Day):
        return date.fromisoformat(value)
    if isinstance(kind, Moment | Integer):
        if type(value) is not int or abs(value) >= 2**63:
            raise ValueError
        return moment_of(value) if isinstance(kind, Moment) else value
    if not isinstance(value, str):
        raise TypeError
    value.encode()
    return value
