"""What ``bankcard doctor`` looks at in the rows of the store: values that this program can't have written.

SQLite keeps whatever another tool writes into a column, so that a time may be a word. Such a value stops each list in
which it stands; here it is told where it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bankcard_tui.cli.findings import VERIFICATION_FAILED, Finding, failed, fine, unknown, wrong
from bankcard_tui.errors import BankError
from bankcard_tui.locale import mark

if TYPE_CHECKING:
    from sqlalchemy import Column, Table

    from bankcard_tui.store.engine import Store

_VALUES = mark("Values")
_DAY = "-".join(("[0-9]" * 4, "[0-9]" * 2, "[0-9]" * 2))


def examine_values(store: Store) -> Iterator[Finding]:
    """A finding for each column that holds what it can't hold; one scan of each table."""
    from bankcard_tui.models import METADATA
    from bankcard_tui.store.schema import check_schema

    try:
        check_schema(store)
    except BankError:
        yield unknown(_VALUES, mark("can be checked once the store has this program's schema"))
        return
    read, found = 0, 0
    for table in METADATA.sorted_tables:
        try:
            with store.read() as connection:
                rows, *strange = connection.exec_driver_sql(_statement(table)).one()
        except BankError as problem:
            yield failed(_VALUES, problem)
            return
        read += rows
        for column, count in zip(table.columns, strange, strict=True):
            if count:
                found += 1
                yield wrong(
                    _VALUES,
                    mark(
                        "Somebody has altered the store: {count:value|values} in the column {column} of the table "
                        "{table} can't be read."
                    ),
                    mark("Do not work on. Restore a backup, or call your IT support."),
                    VERIFICATION_FAILED,
                    count=count,
                    column=column.name,
                    table=table.name,
                )
    if not found:
        yield fine(_VALUES, mark("readable in {rows:row|rows}"), rows=f"{read:,}")


def _statement(table: Table) -> str:
    """Counts the rows of a table, and column by column the values that can't be this program's."""
    counts = [
        f"""coalesce(sum("{column.name}" IS NOT NULL AND NOT ({_sound(column)})), 0)""" for column in table.columns
    ]
    return f'SELECT count(*), {", ".join(counts)} FROM "{table.name}"'


def _sound(column: Column[object]) -> str:
    """The condition on a column, in SQL, that its value can be read: see ``store.types``."""
    from sqlalchemy import Boolean, Integer, LargeBinary

    from bankcard_tui.rules.money import LARGEST_FEN
    from bankcard_tui.store.types import Day, Fen, Id, Moment, Word, micros_of

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
