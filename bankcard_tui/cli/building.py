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

BUILDING = ".building"
"""The folder inside a home in which a branch is being built."""


@contextmanager
def new_branch(settings: Settings) -> Iterator[Home]:
    """An empty home to build in. It becomes the home of ``settings`` when the block ends well, else nothing is left.

    The key is made at the key path of the home that is given, wherever it is to lie in the end. Raises Unavailable
    when there is a store or a key already, Busy when another process builds here. What a killed process left behind
    is cleared away first.
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
            shutil.rmtree(building.folder, ignore_errors=True)
            if made:
                # Only a home with nothing in it can be removed.
                with suppress(OSError):
                    folder.rmdir()


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
    """Remove what a killed process left: its folder, and the key that it had put into place for that store alone."""
    if not building.folder.exists():
        return
    key = settings.key_file
    orphaned = not settings.home.store.exists() and building.key.is_file() and key.is_file()
    if orphaned and building.key.read_bytes() == key.read_bytes():
        key.unlink()
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
    _sync(store)
    _copy_key(building.key, settings.key_file)
    try:
        store.rename(home.store)
    except OSError:
        settings.key_file.unlink()
        raise
    for folder in (home.store.parent, settings.key_file.parent):
        _sync(folder)


def _copy_key(source: Path, target: Path) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(target, flags, 0o600), "wb") as file:
        file.write(source.read_bytes())
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
