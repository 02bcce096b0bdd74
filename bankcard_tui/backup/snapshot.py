"""The store as it stands at one moment, while others go on writing: a copy in a file of its own, and what is in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bankcard_tui.backup.files import Report
from bankcard_tui.errors import VerificationFailed
from bankcard_tui.locale import mark
from bankcard_tui.store.engine import Store, copy_store, lone_file

_COPYING = mark("Copying the store")


@dataclass(frozen=True, slots=True)
class Content:
    """What is in the file of a store: its schema's revision, the rows of each table, and where its log ends."""

    schema: str
    tables: dict[str, int]
    log_seq: int
    log_mark: bytes


def snapshot(store: Store, target: Path, report: Report) -> None:
    """A consistent copy of ``store`` in a new private file. It is not flushed: whoever is killed makes another one."""
    copy_store(store, target, report=lambda done, total: report(_COPYING, done, total), durable=False)


def content_of(path: Path) -> Content:
    """What is in the file of a store that nobody has open. Raises VerificationFailed for another kind of database."""
    with lone_file(path) as file:
        names = [name for (name,) in file.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
        if not {"alembic_version", "log_head"} <= set(names):
            raise VerificationFailed(
                "This is not the store of a branch.", hint="Take an earlier backup.", code="backup.no_store"
            )
        tables = {
            name: file.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for name in names
            if not name.startswith("sqlite_")
        }
        (schema,) = file.execute("SELECT version_num FROM alembic_version").fetchone()
        seq, end = file.execute("SELECT seq, mark FROM log_head").fetchone()
    return Content(schema, tables, seq, bytes(end))
