"""Pages by key: however many rows there are, a page costs one look into an index."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, tuple_

from bankcard_tui.desk.results import View
from bankcard_tui.errors import InvalidInput
from bankcard_tui.store.types import Id, Moment, micros_of, moment_of

PAGE_ROWS = 100

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
    """One page of ``statement`` in the order of ``keys``, which must be unique together and among its columns."""
    backwards, values = _read_cursor(cursor, keys) if cursor else (False, None)
    descending = newest_first != backwards
    if values is not None:
        here = tuple_(*keys)
        there = tuple_(*values)
        statement = statement.where(here < there if descending else here > there)
    ordered = statement.order_by(*(key.desc() if descending else key.asc() for key in keys)).limit(rows + 1)
    found = list(connection.execute(ordered))
    more = len(found) > rows
    found = found[:rows]
    if backwards:
        found.reverse()
    before = more if backwards else values is not None
    after = True if backwards else more
    return Page(
        items=tuple(show(row) for row in found),
        next=_write_cursor("next", found[-1], keys) if found and after else None,
        previous=_write_cursor("previous", found[0], keys) if found and before else None,
    )


def _write_cursor(direction: str, row: Row[Any], keys: Sequence[ColumnElement[Any]]) -> str:
    return json.dumps([direction, *(_plain(row._mapping[key]) for key in keys)], separators=(",", ":"))


def _plain(value: object) -> object:
    if isinstance(value, UUID):
        return value.hex
    return micros_of(value) if isinstance(value, datetime) else value


def _read_cursor(cursor: str, keys: Sequence[ColumnElement[Any]]) -> tuple[bool, list[Any]]:
    try:
        direction, *plain = json.loads(cursor)
        if direction not in ("next", "previous") or len(plain) != len(keys):
            raise ValueError
        values = [_typed(key, value) for key, value in zip(keys, plain, strict=True)]
    except (ValueError, TypeError, AttributeError):
        raise InvalidInput("cursor", "This page can't be found.", hint="Begin with the first page.") from None
    return direction == "previous", values


def _typed(key: ColumnElement[Any], value: Any) -> Any:
    if isinstance(key.type, Id):
        return UUID(hex=value)
    if isinstance(key.type, Moment):
        return moment_of(value)
    if not isinstance(value, str | int):
        raise TypeError
    return value
