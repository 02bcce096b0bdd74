"""Values in the rows of a store that this program can't have written.

SQLite keeps whatever another tool writes into a column, so that a time may be a word. Such a value stops each list in
which it stands; here it is told where it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Boolean, Column, Integer, LargeBinary, Table

from bankcard_tui.models import METADATA
from bankcard_tui.rules.money import LARGEST_FEN
from bankcard_tui.store.engine import Store
from bankcard_tui.store.types import Day, Fen, Id, Moment, Word, micros_of

_DAY = "-".join(("[0-9]" * 4, "[0-9]" * 2, "[0-9]" * 2))


@dataclass(frozen=True, slots=True)
class StrangeValues:
    """How many values of a column can't be read."""

    table: str
    column: str
    count: int


def strange_values(store: Store) -> tuple[int, list[StrangeValues]]:
    """How many rows there are, and each column that holds what it can't hold; one scan of each table.

    The store must have this program's schema. Raises Unavailable as the store does.
    """
    read, found = 0, []
    for table in METADATA.sorted_tables:
        with store.read() as connection:
            rows, *strange = connection.exec_driver_sql(_statement(table)).one()
        read += rows
        found += [
            StrangeValues(table.name, column.name, count)
            for column, count in zip(table.columns, strange, strict=True)
            if count
        ]
    return read, found


def _statement(table: Table) -> str:
    """Counts the rows of a table, and column by column the values that can't be this program's."""
    counts = [
        f"""coalesce(sum("{column.name}" IS NOT NULL AND NOT ({_sound(column)})), 0)""" for column in table.columns
    ]
    return f'SELECT count(*), {", ".join(counts)} FROM "{table.name}"'


def _sound(column: Column[object]) -> str:
    """The condition on a column, in SQL, that its value can be read: see ``store.types``."""
    name, kind = f'"{column.name}"', column.type
    if isinstance(kind, Id):
        return f"typeof({name}) = 'blob' AND length({name}) = 16"
    if isinstance(kind, Moment):
        first, last = (micros_of(each.replace(tzinfo=UTC)) for each in (datetime.min, datetime.max))
        return f"typeof({name}) = 'integer' AND {name} BETWEEN {first} AND {last}"
    if isinstance(kind, Fen):
        return f"typeof({name}) = 'integer' AND {name} BETWEEN {-LARGEST_FEN} AND {LARGEST_FEN}"
    if isinstance(kind, Day):
        # SQLite turns 30 February into 2 March, and knows a year 0.
        return f"typeof({name}) = 'text' AND {name} GLOB '{_DAY}' AND date({name}) IS {name} AND {name} >= '0001-01-01'"
    if isinstance(kind, Word):
        known = ", ".join(f"'{each.value}'" for each in kind.kind)
        return f"typeof({name}) = 'text' AND {name} IN ({known})"
    if isinstance(kind, Boolean):
        return f"typeof({name}) = 'integer' AND {name} IN (0, 1)"
    if isinstance(kind, Integer):
        return f"typeof({name}) = 'integer'"
    return f"typeof({name}) = '{'blob' if isinstance(kind, LargeBinary) else 'text'}'"
