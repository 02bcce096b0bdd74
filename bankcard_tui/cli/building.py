"""Making a branch whole or not at all: built aside, inside the home, and moved into place at the end."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bankcard_tui.config import Home, Settings
from bankcard_tui.errors import Busy, Unavailable
from bankcard_tui.store.swap import finish_swap, sync

BUILDING = ".building"
"""The folder inside a home in which a branch is being built."""


@contextmanager
def new_branch(settings: Settings) -> Iterator[Home]:
    """An empty home to build in. It becomes the home of ``settings`` when the block ends well, else nothing is left.

    The key is made at the key path of the home that is given, wherever it is to lie in the end. Raises Unavailable
    when there is a store or a key already, Busy when another process builds here. What a process that was killed left
    behind is cleared away first, unless it could be the last copy of a key in use.
    """
    folder = settings.home.folder
    made = not folder.exists()
    _refuse_another(settings)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone_in(folder):
        building = Home(folder / BUILDING)
        _clear_remains(building, settings)
        _refuse_another(settings)
        _refuse_key(settings.key_file)
        try:
            building.folder.mkdir(mode=0o700)
            yield building
            _move_into_place(building, settings)
        finally:
            _take_back_key(building, settings)
            with suppress(OSError):  # the next to build here clears it away
                _remove(building)
            if made and not settings.home.store.exists():
                for part in (settings.home.store.parent, settings.home.backups, settings.home.key.parent, folder):
                    # Only a folder with nothing in it can be removed.
                    with suppress(OSError):
                        part.rmdir()


def is_being_built(folder: Path) -> bool:
    """Whether a process builds a branch in ``folder`` just now."""
    try:
        with _alone_in(folder):
            return False
    except Busy:
        return True


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(
                "A branch is being made in {folder} just now.",
                hint="Wait until it is there.",
                code="store.building",
                folder=folder,
            ) from None
        yield
    finally:
        os.close(handle)


def _refuse_another(settings: Settings) -> None:
    store = settings.home.store
    finish_swap(store)  # a restore that was killed may have one on the way
    if os.path.lexists(store):
        raise Unavailable(
            "There is a branch at {home} already.",
            hint="Open it with: bankcard run. For another branch choose another --home.",
            code="store.exists",
            home=settings.home.folder,
        )
    for remains in (store.with_name(store.name + "-wal"), store.with_name(store.name + "-journal")):
        # SQLite would play it into the new store.
        if os.path.lexists(remains):
            raise Unavailable(
                "There is a remainder of an earlier store: {path}.",
                hint="It belongs to a store that was moved away: put it beside that store.",
                code="store.remains",
                path=remains,
            )


def _refuse_key(key_file: Path) -> None:
    if os.path.lexists(key_file):
        raise Unavailable(
            "There is a key at {path}, but no store that belongs to it.",
            hint="A key is never overwritten: what it sealed would be lost. Put its store back, or move the key away.",
            code="key.exists",
            path=key_file,
        )


def _clear_remains(building: Home, settings: Settings) -> None:
    """Remove what a killed process left behind: its folder, and the key that it had put into place."""
    if not building.folder.exists():
        return
    _take_back_key(building, settings)
    moved = building.store.parent.exists() and not building.store.exists()
    if moved and _content(building.key) not in (b"", _content(settings.key_file)):
        # The store came into use and is gone since, and so is its key: nowhere else is there another copy.
        _refuse_key(building.key)
    _remove(building)


def _take_back_key(building: Home, settings: Settings) -> None:
    """Remove the key that was put into place, or a part of it, where its store has not followed.

    As long as the store lies in ``building`` nobody has used either. Once it was moved the key stays, whatever became
    of the store: it may be the only one that opens a backup.
    """
    key = settings.key_file
    unused = building.store.exists() and not settings.home.store.exists()
    if unused and key.is_file() and _content(building.key).startswith(_content(key)):
        key.unlink()


def _content(key: Path) -> bytes:
    return key.read_bytes() if key.is_file() else b""


def _remove(building: Home) -> None:
    """Remove the folder; the key first, so that it is never left there without the store that it was made for."""
    building.key.unlink(missing_ok=True)
    shutil.rmtree(building.folder)


def _move_into_place(building: Home, settings: Settings) -> None:
    """The key first, as a copy that can be told again, the store last: only with the store is there a branch."""
    home = settings.home
    for folder in (home.store.parent, home.backups, settings.key_file.parent):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = building.store
    for remains in store.parent.glob(f"{store.name}-*"):
        if remains.name.endswith("-wal") and remains.stat().st_size:
            raise Unavailable(
                "The new store was not closed well: {path}.", hint="Nothing was made. Try again.", path=remains
            )
    sync(store)
    _copy_key(building.key, settings.key_file)
    sync(settings.key_file.parent)
    store.rename(home.store)
    sync(home.store.parent)


def _copy_key(source: Path, target: Path) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(target, flags, 0o600), "wb") as file:
        file.write(source.read_bytes())
        file.flush()
        os.fsync(file.fileno())
