"""Secrets of transports: files that only their owner can read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from bankcard_tui.delivery.letter import Undelivered

LONGEST = 2048


def secret_line(path: Path | None, *, missing: str, open_to_others: str) -> str:
    """The first line of a file. Raises Undelivered with one of these codes when it is missing or open to others."""
    if path is None:
        raise Undelivered(missing, unreachable=True)
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise Undelivered(open_to_others, unreachable=True)
            return file.readline(LONGEST).decode().rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise Undelivered(missing, unreachable=True) from None
