"""What a restore does with files: its place to work, what may lie in the way, and the two logs that it compares."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bankcard_tui.backup.files import explained
from bankcard_tui.config import Home
from bankcard_tui.errors import Busy, Unavailable
from bankcard_tui.models.log import COLUMNS
from bankcard_tui.security import chain
from bankcard_tui.security.keys import Keys
from bankcard_tui.store.engine import any_text
from bankcard_tui.store.swap import clear_workshop, finish_swap, journal_of, sync, workshop_of

SPARE_BYTES = 32 * 1024 * 1024
"""What a restore needs beside the restored store: its log while it is made ready, and the archive of newer entries."""


@dataclass(frozen=True, slots=True)
class LogEnd:
    """Where a log ends: the number and the mark of its last entry."""

    seq: int
    mark: bytes


@dataclass(frozen=True, slots=True)
class Fork:
    """Where a live log and that of a backup part: behind the entry ``common``; the live one goes on to ``live``."""

    common: LogEnd
    live: LogEnd

    @property
    def entries(self) -> int:
        """How many entries of the live log the backup does not have."""
        return self.live.seq - self.common.seq


@contextmanager
def place_to_restore(home: Home) -> Iterator[Path]:
    """An empty private folder beside the store of ``home``, for one restore at a time; removed at the end whatever
    happens, with the folders of the home that were made for it and stayed empty.

    Raises Busy while another restore or the making of a branch is under way, Unavailable where it can't be made. A
    swap that was broken off is finished first.
    """
    store = home.store
    folders = (home.folder, store.parent, home.backups)
    _refuse_symlinks(store.parent, home.backups, workshop_of(store))
    made = [each for each in folders if not each.exists()]
    with explained(home.folder):
        home.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with _alone_in(home.folder):
            with explained(store.parent):
                for folder in folders[1:]:
                    folder.mkdir(exist_ok=True, mode=0o700)
                finish_swap(store)
                clear_workshop(store)
                workshop_of(store).mkdir(mode=0o700)
            try:
                yield workshop_of(store)
            finally:
                if not os.path.lexists(journal_of(store)):  # else the next opening still needs what is in it
                    with suppress(OSError):  # cleared by the next restore
                        clear_workshop(store)
    finally:
        if not store.exists():
            for suffix in (".door", ".bell", ".queue", ".gate"):  # the locks that were made for it
                store.with_suffix(suffix).unlink(missing_ok=True)
            for folder in reversed(made):
                with suppress(OSError):  # only one with nothing in it
                    folder.rmdir()


def refuse_what_is_in_the_way(home: Home, key_file: Path) -> None:
    """Raise Unavailable for whatever lies where the restored store or its key must come and is no such file."""
    store = home.store
    _refuse_symlinks(store, key_file)
    for path in (store, key_file):
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            raise Unavailable(
                "{path} is not a file.", hint="Move it away and try again.", code="restore.in_the_way", path=path
            )
    for remains in (store.with_name(store.name + "-wal"), store.with_name(store.name + "-journal")):
        if not store.exists() and os.path.lexists(remains):
            raise Unavailable(
                "There is a remainder of an earlier store: {path}.",
                hint="It belongs to a store that was moved away: put it beside that store.",
                code="store.remains",
                path=remains,
            )


def refuse_full_disk(folder: Path, needed: int) -> None:
    """Raise Unavailable unless ``needed`` bytes and some more are free where ``folder`` lies."""
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE_BYTES:
        raise Unavailable(
            "The disk has too little room for the restored store: {needed} MB are needed, {free} MB are free.",
            hint="Free some space; nothing was changed.",
            code="restore.disk_full",
            needed=(needed + SPARE_BYTES) // 1_000_000 + 1,
            free=free // 1_000_000,
        )


def end_of(connection: Connection) -> LogEnd:
    """Where the log in this store ends, by whichever says more: its head or its last entry. What can't be read of them
    says nothing; where neither says anything, at the start of the chain.
    """
    found = [LogEnd(0, chain.START)]
    for ends in (
        "SELECT seq, mark FROM log_head WHERE typeof(seq) = 'integer'",
        "SELECT seq, mark FROM log_entry WHERE typeof(seq) = 'integer' ORDER BY branch_id DESC, seq DESC LIMIT 1",
    ):
        with suppress(DBAPIError):
            found += [LogEnd(*row) for row in connection.exec_driver_sql(ends) if isinstance(row[1], bytes)]
    return max(reversed(found), key=lambda end: end.seq)


def fork_of(live: Connection, backup: Connection) -> Fork:
    """Where the log of the live store parts from that of the backup, by what can be read of both.

    Each mark covers all entries in front of it: where two are alike the logs are alike up to there.
    """
    ends = end_of(live), end_of(backup)
    alike, differ = 0, min(each.seq for each in ends) + 1
    first = max(_first_of(live), _first_of(backup))
    while differ - alike > 1:
        middle = (alike + differ) // 2
        # What was pruned from one of them is not to be compared, and was the same.
        if middle < first or _mark_at(live, middle) == _mark_at(backup, middle) is not None:
            alike = middle
        else:
            differ = middle
    common = _mark_at(backup, alike) or _mark_at(live, alike)
    return Fork(LogEnd(alike, common if isinstance(common, bytes) else chain.START), ends[0])


def entries_behind(live: Connection, seq: int) -> Iterator[tuple[Any, ...]]:
    """The entries of a log behind ``seq``, each with its mark, as they lie in the store; up to where it is torn."""
    with any_text(live), suppress(DBAPIError):
        rows = live.exec_driver_sql(
            f"SELECT {', '.join(COLUMNS)}, mark FROM log_entry WHERE seq > ? ORDER BY seq",
            (seq,),
            execution_options={"stream_results": True},
        )
        for row in rows:
            yield tuple(row)


def write_key(path: Path, keys: Keys) -> None:
    """Write the root key to the new file ``path``, for its owner alone, and flush it. Raises OSError, and leaves
    nothing then.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    whole = False
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(keys.root.hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        sync(path.parent)
        whole = True
    finally:
        if not whole:
            path.unlink(missing_ok=True)


def _mark_at(connection: Connection, seq: int) -> object:
    with suppress(DBAPIError):
        return connection.execute(text("SELECT mark FROM log_entry WHERE seq = :seq"), {"seq": seq}).scalar()
    return None


def _first_of(connection: Connection) -> int:
    with suppress(DBAPIError):
        found = connection.exec_driver_sql("SELECT min(seq) FROM log_entry WHERE typeof(seq) = 'integer'").scalar()
        return found if isinstance(found, int) else 1
    return 1


def _refuse_symlinks(*paths: Path) -> None:
    for path in paths:
        if path.is_symlink():
            raise Unavailable(
                "{path} is a symbolic link.",
                hint="A restore writes only where the branch really lies: name its folder itself with --home.",
                code="restore.symlink",
                path=path,
            )


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """The lock that the making of a branch takes too."""
    with explained(folder):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(
                "A branch is being made or restored in {folder} just now.",
                hint="Wait until it is there.",
                code="restore.busy",
                folder=folder,
            ) from None
        yield
    finally:
        os.close(handle)
