"""Which terminals are alive. Each holds a lock on a file of its own, and the system lets go of it when the process
ends, however it ends: what a killed terminal had claimed need not wait until its claim has run out.
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import suppress
from pathlib import Path
from uuid import UUID

KEPT_SECONDS = 86_400
_NAME = re.compile(r"[0-9a-f]{32}")


class Presence:
    """The terminals of this machine that share a store; ``folder`` holds a file for each session at one of them.

    Sessions without a file, such as those of the command line, are not known to be alive or dead.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[UUID, int] = {}

    def hold(self, session: UUID) -> None:
        """From now on ``session`` is alive as long as this process. Where the disk does not take the file nothing is
        known of it, and its claims end in time.
        """
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = os.open(self._path(session), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            # Waits, but never long: who asks about a file holds its lock for a moment only.
            fcntl.flock(file, fcntl.LOCK_EX)
            self._held[session] = file
            self._clear_away(os.fstat(file).st_mtime)

    def release(self, session: UUID | None) -> None:
        """The session has ended in good order."""
        file = self._held.pop(session, None) if session is not None else None
        if session is not None and file is not None:
            with suppress(OSError):
                self._path(session).unlink()
            os.close(file)

    def has_died(self, session: UUID | None) -> bool:
        """Whether the process of ``session`` ended without a word."""
        return session is not None and session not in self._held and _is_dead(self._path(session))

    def dead(self) -> list[UUID]:
        """The sessions whose processes ended without a word."""
        with suppress(OSError):
            return [UUID(path.name) for path in self._folder.iterdir() if _NAME.fullmatch(path.name) and _is_dead(path)]
        return []

    def _clear_away(self, now: float) -> None:
        """Remove the files of the dead whose claims have run out by ``now``, a time of the disk."""
        for path in self._folder.iterdir():
            if now - path.stat().st_mtime > KEPT_SECONDS and _is_dead(path):
                path.unlink(missing_ok=True)

    def _path(self, session: UUID) -> Path:
        return self._folder / session.hex


def _is_dead(path: Path) -> bool:
    """Whether nobody holds the lock on a file that is there."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(file)
    return True
