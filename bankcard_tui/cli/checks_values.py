"""What ``bankcard doctor`` looks at in the rows of the store: values that this program can't have written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bankcard_tui.cli.findings import VERIFICATION_FAILED, Finding, failed, fine, unknown, wrong
from bankcard_tui.errors import BankError
from bankcard_tui.locale import mark

if TYPE_CHECKING:
    from bankcard_tui.store.engine import Store

_VALUES = mark("Values")


def examine_values(store: Store) -> Iterator[Finding]:
    """A finding for each column that holds what it can't hold."""
    from bankcard_tui.services.store_values import strange_values
    from bankcard_tui.store.schema import check_schema

    try:
        check_schema(store)
    except BankError:
        yield unknown(_VALUES, mark("can be checked once the store has this program's schema"))
        return
    try:
        read, found = strange_values(store)
    except BankError as problem:
        yield failed(_VALUES, problem)
        return
    for each in found:
        yield wrong(
            _VALUES,
            mark(
                "Somebody has altered the store: {count:value|values} in the column {column} of the table "
                "{table} can't be read."
            ),
            mark("Do not work on. Restore a backup, or call your IT support."),
            VERIFICATION_FAILED,
            count=each.count,
            column=each.column,
            table=each.table,
        )
    if not found:
        yield fine(_VALUES, mark("readable in {rows:row|rows}"), rows=f"{read:,}")
