"""The queue of writers: a lock file at which processes and threads wait their turn.

SQLite's own waiting is a race in which one of eight writers can starve. Here a writer first passes a gate and keeps it
until it holds the lock, so that nobody can write twice while somebody else waits.
"""

from __future__ import annotations

import fcntl
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bankcard_tui.errors import Busy, Unavailable, reason_of

PATIENCE_SECONDS = 10.0


@contextmanager
def turn(path: Path, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold the only right to write. Raises Busy after ``patience`` seconds, Unavailable when the file can't be used."""
    until = time.monotonic() + patience
    gate = _open(path.with_suffix(".gate"))
    try:
        lock = _open(path)
        try:
            _take(gate, until, 0.0008)
            _take(lock, until, 0.0002)
            fcntl.flock(gate, fcntl.LOCK_UN)
            yield
        finally:
            os.close(lock)
    finally:
        os.close(gate)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise Unavailable(
            "The store can't be written: {path}: {error}.",
            hint="Check the folder's rights and whether the disk is mounted read-only.",
            code="store.read_only",
            path=path,
            error=reason_of(error),
        ) from None


def _take(handle: int, until: float, pause: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise Busy(
                    "The store is busy.", hint="Somebody is writing a lot just now. Try again in a moment."
                ) from None
            time.sleep(pause * random.uniform(0.5, 1.5))
