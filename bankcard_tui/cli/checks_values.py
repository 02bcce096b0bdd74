"""What ``bankcard doctor`` looks at in the rows of the store: values that this program can't have written, and points
cards that somebody has altered.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bankcard_tui.cli.findings import VERIFICATION_FAILED, Finding, failed, fine, unknown, wrong
from bankcard_tui.errors import BankError
from bankcard_tui.locale import mark

if TYPE_CHECKING:
    from bankcard_tui.cli.console import Console
    from bankcard_tui.store.engine import Store

_VALUES, _CARDS = mark("Values"), mark("Points cards")


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


def examine_cards(console: Console) -> Iterator[Finding]:
    """Whether every trained points card is as it was written."""
    from bankcard_tui.cli.desks import opened_bank
    from bankcard_tui.services.scorecards import altered_cards

    try:
        with opened_bank(console) as bank:
            count, altered = altered_cards(bank.store, bank.keys)
    except BankError as problem:
        yield failed(_CARDS, problem)
        return
    if altered:
        yield wrong(
            _CARDS,
            mark("Somebody has altered points cards in the store: {numbers}"),
            mark("Nothing rests on them any more. Two people retire the one in force, or a backup is restored."),
            VERIFICATION_FAILED,
            numbers=", ".join(altered),
        )
    else:
        yield fine(_CARDS, mark("{count:trained card|trained cards}, unaltered"), count=count)
