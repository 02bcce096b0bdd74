"""One whole operation against the same statements on the bare driver at the same durability.

The operation changes a customer's phone under a key: session, permission and subject are checked, the record is
changed, the result is kept under the key, the log's chain grows, and the commit waits for the disk. The baseline
executes what each operation sent, statement by statement with its parameters, on a copy of the store with the same
pragmas and in the same queue of writers; at the end both stores hold the same log. What the ratio shows is our Python.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from bankcard_tui.config import Home
from bankcard_tui.services.customers import change_contact, open_file
from bankcard_tui.services.profile import Contact
from bankcard_tui.store.engine import Store, open_store
from bankcard_tui.store.queue import turn
from bench.branch import small_branch
from bench.measure import Figure, in_turn, median, timed

Statement = tuple[str, Any]


def measure(quick: bool) -> list[Figure]:
    """The ratio, with both medians."""
    with small_branch() as (town, home):
        customer = town.registers("zhang").customer_id
        teller = town.desk("teller")
        version = open_file(teller, customer).version
        script: list[Statement] = []
        taken = 0

        def operate() -> float:
            nonlocal version, taken
            taken += 1
            script.clear()
            desk, contact = teller.once(uuid.uuid4().hex), Contact(phone=f"138{taken:08d}")

            def change() -> None:
                nonlocal version
                version = change_contact(desk, customer, version, contact).view

            return timed(change)

        for _ in range(5):
            operate()  # fills the caches of statements
        copied = Home(home.folder.with_name("copy"))
        shutil.copytree(home.folder, copied.folder)
        with _recording(town.bank.store, script), _bare(copied) as execute:
            measured, baseline = in_turn(20 if quick else 400, operate, lambda: timed(lambda: execute(script)))
        if _head(home) != _head(copied):
            raise AssertionError("the baseline did not do what the operations did")
    note = f"{len(script)} statements, and a commit that waits for the disk"
    return [Figure("whole operation / same statements bare", median(measured), median(baseline), 8, note=note)]


@contextmanager
def _recording(store: Store, script: list[Statement]) -> Iterator[None]:
    """Write down what is sent to the database. The little time that this takes counts against the operation."""

    def keep(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        script.append((statement, parameters))

    event.listen(store._writing, "before_cursor_execute", keep)
    try:
        yield
    finally:
        event.remove(store._writing, "before_cursor_execute", keep)


@contextmanager
def _bare(home: Home) -> Iterator[Callable[[list[Statement]], None]]:
    """The bare driver on a connection that has the store's pragmas."""
    store = open_store(home.store, home.queue)
    connection: Any = store._writing.raw_connection().driver_connection

    def execute(script: list[Statement]) -> None:
        with turn(home.queue):
            for statement, parameters in script:
                connection.execute(statement, parameters).fetchall()
            connection.execute("COMMIT")

    try:
        yield execute
    finally:
        store.close()


def _head(home: Home) -> object:
    """Where the log's chain ends: its mark covers everything before."""
    store = open_store(home.store, home.queue)
    try:
        with store.read() as connection:
            return tuple(connection.exec_driver_sql("SELECT seq, mark FROM log_head").one())
    finally:
        store.close()
