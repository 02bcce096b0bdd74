"""A terminal that goes away: the window is closed, the line is cut, the machine shuts down."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, Final

SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP)
GRACE_SECONDS: Final = 3.0
LOOK_AGAIN_MILLISECONDS: Final = 1000
EXIT_CODE: Final = 1


class LostTerminal:
    """Leaves the program when its terminal is lost.

    A signal says so, or the end of the terminal's line: outside of the terminal's session no signal comes. ``leave``
    runs on the event loop. A painter that waits for a dead terminal can hold the loop for ever, so after a grace
    ``by_force`` runs in a thread of its own and the process ends, whatever the loop does.
    """

    def __init__(self, leave: Callable[[], object], by_force: Callable[[], object]) -> None:
        self._leave = leave
        self._by_force = by_force
        self._before: dict[int, Any] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = threading.Event()

    def watch(self) -> None:
        """Begin to listen; called on the event loop."""
        self._loop = asyncio.get_running_loop()
        # Only a main thread hears signals.
        with suppress(ValueError):
            for number in SIGNALS:
                self._before[number] = signal.signal(number, self._lost)
        if sys.__stdin__ is not None and sys.__stdin__.isatty():
            line = sys.__stdin__.fileno()
            threading.Thread(target=self._watch_line, args=(line,), name="terminal", daemon=True).start()

    def forget(self) -> None:
        """Listen no longer."""
        self._over.set()
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def _watch_line(self, line: int) -> None:
        """Wait until nobody is at the other end of the terminal."""
        end = select.poll()
        end.register(line, 0)  # its end is reported whatever is asked for
        while not self._over.is_set():
            if end.poll(LOOK_AGAIN_MILLISECONDS):
                self._leave_soon()
                return

    def _lost(self, _number: int, _frame: FrameType | None) -> None:
        self._leave_soon()

    def _leave_soon(self) -> None:
        force = threading.Timer(GRACE_SECONDS, self._end)
        force.daemon = True
        force.start()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._leave)

    def _end(self) -> None:
        try:
            self._by_force()
        finally:
            os._exit(EXIT_CODE)
