"""Letters that stay on this machine: files in a folder, or text on stderr. For a demo branch and for trying things."""

from __future__ import annotations

import errno
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from bankcard_tui.delivery.letter import Letter, Undelivered, plain
from bankcard_tui.rules.terms import Channel
from bankcard_tui.rules.text import visible_block


@dataclass(frozen=True, slots=True)
class FolderTransport:
    """Writes each letter into a file of its own in ``folder``, which only the owner can read."""

    folder: Path
    kinds: ClassVar[frozenset[Channel]] = frozenset(Channel)

    def send(self, letter: Letter) -> None:
        target = self.folder / f"{letter.sent_at:%Y%m%dT%H%M%S}-{letter.id}.txt"
        partial = target.with_suffix(".part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial.unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(partial, flags, 0o600), "wb") as file:
                file.write(plain(letter).encode())
            partial.replace(target)
        except OSError as error:
            name = errno.errorcode.get(error.errno or 0, "EIO")
            raise Undelivered(f"file.{name.lower()}", unreachable=True) from None


@dataclass(frozen=True, slots=True)
class ConsoleTransport:
    """Shows each letter on stderr."""

    kinds: ClassVar[frozenset[Channel]] = frozenset(Channel)

    def send(self, letter: Letter) -> None:
        try:
            sys.stderr.write(visible_block(plain(letter)) + "\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            raise Undelivered("console.closed", unreachable=True) from None
