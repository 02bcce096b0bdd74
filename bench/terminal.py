"""Programs as a person runs them: in a terminal of 80x24, by keys, timed until the text is painted."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.branch import PASSWORD

ROOT = Path(__file__).resolve().parents[1]
COMPILED = Path(sys.prefix) / "bench-compiled"
_SEQUENCE = re.compile(rb"\x1b\[[0-9;:<=>?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_=>]")


def command(*arguments: str) -> list[str]:
    """``arguments`` for this Python."""
    return [sys.executable, *arguments]


def environment() -> dict[str, str]:
    """The environment of measured programs: compiled modules are kept, as on a machine in use."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BANKCARD_", "PYTHON"))}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(COMPILED), "TERM": "xterm-256color"}


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, arguments: list[str]) -> None:
        self.started = time.perf_counter()
        self._raw = b""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._handle = ours
        self._process = subprocess.Popen(
            arguments, stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, env=environment(), start_new_session=True
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        os.close(self._handle)
        self._process.wait(timeout=10)

    def press(self, keys: str) -> float:
        """Send ``keys``; from now on only what is painted after them counts. Returns the moment."""
        self._drain()
        self._raw = b""
        moment = time.perf_counter()
        os.write(self._handle, keys.encode())
        return moment

    def until(self, painted: str | Callable[[str], object], patience: float = 30.0) -> float:
        """The moment at which the text stood on the terminal. Raises AssertionError when it does not come."""
        arrived: Callable[[str], object] = (lambda shown: painted in shown) if isinstance(painted, str) else painted
        end = time.perf_counter() + patience
        while not arrived(self.text):
            left = end - time.perf_counter()
            if left <= 0 or not self._read(left):
                raise AssertionError(f"{painted!r} was not painted, but:\n{self.text[-2000:]}")
        return time.perf_counter()

    @property
    def text(self) -> str:
        """What was painted since the last key, without the sequences that place and colour it."""
        return _SEQUENCE.sub(b"", self._raw).decode("utf-8", "replace")

    def _drain(self) -> None:
        while self._read(0):
            pass

    def _read(self, patience: float) -> bool:
        ready, _, _ = select.select([self._handle], [], [], patience)
        if not ready:
            return False
        try:
            read = os.read(self._handle, 65536)
        except OSError:  # the program has ended
            return False
        self._raw += read
        return bool(read)


def sign_in(terminal: Terminal, username: str) -> None:
    """Type name and password of one of the test branch's people; the last Enter is the caller's."""
    terminal.press(username)
    terminal.until(username)
    terminal.press("\r")
    terminal.until(str.strip)  # the cursor has moved on
    terminal.press(PASSWORD)
    terminal.until("*" * len(PASSWORD))


def run(arguments: list[str]) -> float:
    """How long a program runs from its start to its end, seconds. Raises when it fails."""
    start = time.perf_counter()
    subprocess.run(arguments, check=True, capture_output=True, cwd=ROOT, env=environment())
    return time.perf_counter() - start
