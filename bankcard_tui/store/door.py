"""The door of a store: every transaction holds it open, and who replaces the store's file closes it.

It is a lock file beside the store. Holding it open costs microseconds. Whoever wants to close it rings first: nobody
new comes in then, so that a branch at work can't keep its own restore waiting.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bankcard_tui.errors import Busy, Unavailable, reason_of

PATIENCE_SECONDS = 10.0
_PAUSE_SECONDS = 0.005


class Door:
    """The door of the store at ``store``. It is not entered twice by one thread: who is inside would wait for itself
    once somebody rings.
    """

    def __init__(self, store: Path) -> None:
        # As text: turning paths into it would take longer than the locks.
        self._lock = str(store.with_suffix(".door"))
        self._bell = str(store.with_suffix(".bell"))

    @contextmanager
    def held_open(self, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
        """Keep the store's file from being replaced until the block ends. Raises Busy after ``patience`` seconds,
        Unavailable when the lock file can't be used.
        """
        until = time.monotonic() + patience
        if os.path.exists(self._bell):
            _wait_at(self._bell, until)
        handle = _open(self._lock)
        try:
            _take(handle, fcntl.LOCK_SH, until)
            yield
        finally:
            os.close(handle)

    @contextmanager
    def closed(self, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
        """Nobody reads or writes the store until the block ends. Raises Busy when somebody does not leave within
        ``patience`` seconds, Unavailable when the lock file can't be used.
        """
        until = time.monotonic() + patience
        bell = _open(self._bell)
        try:
            _take(bell, fcntl.LOCK_EX, until)
            try:
                lock = _open(self._lock)
                try:
                    _take(lock, fcntl.LOCK_EX, until)
                    yield
                finally:
                    os.close(lock)
            finally:
                with suppress(OSError):  # left behind it keeps nobody waiting
                    os.unlink(self._bell)
        finally:
            os.close(bell)


def _wait_at(bell: str, until: float) -> None:
    """Wait until nobody rings any more; a bell that nobody holds was left behind by a process that was killed."""
    try:
        handle = os.open(bell, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unusable(bell, error) from None
    try:
        _take(handle, fcntl.LOCK_SH, until)
    finally:
        os.close(handle)


def _open(path: str) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise _unusable(path, error) from None


def _unusable(path: str, error: OSError) -> Unavailable:
    return Unavailable(
        "The store can't be used: {path}: {error}.",
        hint="Check the folder's rights and whether the disk is mounted read-only.",
        code="store.read_only",
        path=path,
        error=reason_of(error),
    )


def _take(handle: int, how: int, until: float) -> None:
    while True:
        try:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise Busy(
                    "A backup is being restored just now, or somebody holds the store for long.",
                    hint="Wait until it is done, then try again.",
                    code="store.restoring",
                ) from None
            time.sleep(_PAUSE_SECONDS)
