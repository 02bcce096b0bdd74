"""A branch whose first entries lie in an archive that is old enough to be pruned, without waiting for a year."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select

from bankcard_tui.backup.container import public_key_of
from bankcard_tui.backup.create import own_recipient
from bankcard_tui.backup.segment import Segment, Whose, open_segment, write_segment
from bankcard_tui.desk.log import ENTRY
from bankcard_tui.models.log import LogTombstone
from bankcard_tui.rules.terms import ArchiveKind
from bankcard_tui.security import chain
from bankcard_tui.services.log_shelf import ARCHIVE, TOMBSTONE, marked, new_archive
from tests.services.world import World

LAST = 20
FILE = f"log-T001-000000001-{LAST:09}.archive"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def archive_file(world: World, kind: str = "") -> dict[str, Any]:
    """The file, of which the store knows nothing yet."""
    segment(world)
    return {"file": FILE}


def segment(world: World) -> Segment:
    bank, folder = world.bank, world.bank.home.archives
    path = folder / FILE
    if not path.exists():
        folder.mkdir(exist_ok=True)
        with bank.store.read() as connection:
            entries = connection.exec_driver_sql(f"SELECT * FROM log_entry WHERE seq <= {LAST} ORDER BY seq").fetchall()
        write_segment(
            path,
            kind=ArchiveKind.SEGMENT,
            whose=Whose(bank.branch.id, bank.branch.bank, bank.branch.code),
            signing=bank.keys.signing,
            recipients=[own_recipient(bank.keys)],
            rows=map(tuple, entries),
            before_mark=chain.START,
        )
    return open_segment(path, public_key_of(bank.keys.signing))


def old_archive(world: World, kind: str = "") -> dict[str, Any]:
    """The archive in the list, as one of long ago."""
    held = segment(world)
    with world.bank.store.write() as connection:
        if connection.execute(select(ARCHIVE)).first() is None:
            row = new_archive(world.bank.keys, held, FILE, world.bank.clock.now(), world.ids["admin"])
            old = new_archive(
                world.bank.keys,
                Segment(**{name: getattr(held, name) for name in Segment.__slots__} | {"last_at": LONG_AGO}),
                FILE,
                row.made_at,
                row.made_by,
            )
            connection.execute(insert(ARCHIVE).values(**old.model_dump()))
    return {"until_seq": LAST}


def pruned_by_two(world: World, kind: str = "") -> dict[str, Any]:
    """Its tombstone; the entries are still there."""
    old_archive(world)
    with world.bank.store.write() as connection:
        archive = connection.execute(select(ARCHIVE)).one()
        if connection.execute(select(TOMBSTONE)).first() is None:
            tombstone = LogTombstone(
                branch_id=world.bank.branch.id,
                first_seq=1,
                last_seq=LAST,
                before_mark=archive.before_mark,
                last_mark=archive.last_mark,
                archives=str(archive.id),
                request_id=UUID(int=1),
                pruned_at=world.bank.clock.now(),
                pruned_by=world.ids["admin"],
                mark=b"",
            )
            connection.execute(insert(TOMBSTONE).values(**marked(world.bank.keys, tombstone).model_dump()))
    return {}


def clearing(world: World, kind: str = "") -> dict[str, Any]:
    pruned_by_two(world)
    with world.bank.store.read() as connection:
        return {"last_seq": LAST, "archive": connection.execute(select(ARCHIVE.c.id)).scalar_one()}


def cleared(world: World, kind: str = "") -> dict[str, Any]:
    """Tombstone, and the entries are gone."""
    pruned_by_two(world)
    with world.bank.store.write() as connection:
        connection.execute(delete(ENTRY).where(ENTRY.c.seq <= LAST))
    return {"last_seq": LAST}
