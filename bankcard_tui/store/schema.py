"""The schema's revision: made, checked and upgraded by Alembic's migrations.

Opening a store asks only which revision it has; Alembic itself is imported where a store is made or upgraded.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from bankcard_tui.errors import Unavailable, VerificationFailed
from bankcard_tui.store.engine import Store, copy_store, migrating_connection

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0005"
REVISIONS = ("0001", "0002", "0003", "0004", "0005")
"""Every revision this program knows, oldest first; a test holds it to the migrations."""

_PART = ".part"


def revision_of(connection: Connection) -> str | None:
    """The revision of a store; None for a file without a schema."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


def check_schema(store: Store) -> None:
    """Raise Unavailable unless the store has exactly the schema of this program."""
    with store.read() as connection:
        revision = revision_of(connection)
    if revision == HEAD:
        return
    if revision is None:
        raise Unavailable(
            "The store at {path} was never finished.",
            hint="Move it away and run: bankcard init",
            code="store.unfinished",
            path=store.path,
        )
    if revision in REVISIONS:
        raise Unavailable(
            "The store was made by an older program (schema {revision}).",
            hint="Run: bankcard migrate. A copy of the store is kept.",
            code="store.older",
            revision=revision,
        )
    raise Unavailable(
        "The store was made by a newer program (schema {revision}).",
        hint="Install the newer program on this terminal.",
        code="store.newer",
        revision=revision,
    )


def create_schema(store: Store) -> None:
    """Build the schema in an empty store."""
    _upgrade(store)


def upgrade_schema(store: Store, copies: Path, now: datetime) -> Path | None:
    """Bring an older store to this program's schema; returns the copy taken before, None when nothing was to do."""
    with store.read() as connection:
        revision = revision_of(connection)
    if revision == HEAD:
        return None
    if revision not in REVISIONS:
        check_schema(store)
    copy = copies / f"before-{HEAD}-{now:%Y%m%dT%H%M%S}.db"
    _keep_copy(store, copy)
    _upgrade(store)
    return copy


def _keep_copy(store: Store, copy: Path) -> None:
    """Copy the store; under its name there is never a part of it, and what a killed process left is cleared away."""
    for left in copy.parent.glob(f"before-*{_PART}"):
        left.unlink(missing_ok=True)
    part = copy.with_name(copy.name + _PART)
    try:
        copy_store(store, part)
        part.rename(copy)
    finally:
        part.unlink(missing_ok=True)


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration for our migrations, without any file beside them."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _upgrade(store: Store) -> None:
    from alembic import command

    with migrating_connection(store) as connection:
        command.upgrade(alembic_config(connection), "head")
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise VerificationFailed(
                "The upgrade would leave {count:row without what it refers|rows without what they refer} to.",
                hint="Nothing was changed. Restore a sound backup first.",
                count=len(broken),
            )
