"""Files and folders of backups: private ones, flushed ones, and what the disk says in words."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir

from bankcard_tui.errors import BankError, Busy, Unavailable, reason_of

Report = Callable[[str, int, int], None]
"""Told what is going on (an English label, to be translated), how far it is, and how far it goes. What it raises, a
BankError, stops the work.
"""


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn an OSError of whatever writes to ``path`` into Unavailable."""
    try:
        yield
    except OSError as error:
        raise unwritable(path, error) from None


def unwritable(path: Path, error: OSError) -> BankError:
    """The error for a file that can't be written."""
    return Unavailable(
        "{path} can't be written: {error}.",
        hint="Check free space, the folder's rights and whether the disk is mounted read-only.",
        code="backup.unwritable",
        path=path,
        error=reason_of(error),
    )


@contextmanager
def workshop(folder: Path) -> Iterator[Path]:
    """An empty private folder for making or checking one backup, removed at the end whatever happens.

    What a killed process left there is cleared first. Raises Busy while another process works in it, and Unavailable
    where it can't be made.
    """
    with explained(folder):
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(folder.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(
                "Another backup is being made or checked just now.",
                hint="Wait until it is done, and try again.",
                code="backup.busy",
            ) from None
        with explained(folder):
            _clear(folder)
            folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            _clear(folder)
    finally:
        os.close(lock)


def checking_folder() -> Path:
    """The folder in which somebody checks backups where there is no branch: the same each time, so that what a killed
    check has left is cleared by the next one.
    """
    return Path(gettempdir()) / f"bankcard-check-{os.getuid()}"


def is_left_over(folder: Path) -> bool:
    """Whether a :func:`workshop` was left there by a killed process, and nobody works in it."""
    try:
        lock = os.open(folder.with_suffix(".lock"), os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.lexists(folder)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)


def _clear(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
