"""A terminal that goes away: the window is closed, the line is cut, the machine shuts down."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, Final

SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP)
GRACE_SECONDS: Final = 3.0
EXIT_CODE: Final = 1


class LostTerminal:
    """Leaves the program when its terminal is lost.

    ``leave`` runs on the event loop. A painter that waits for a dead terminal can hold the loop for ever, so after a
    grace ``by_force`` runs in a thread of its own and the process ends, whatever the loop does.
    """

    def __init__(self, leave: Callable[[], object], by_force: Callable[[], object]) -> None:
        self._leave = leave
        self._by_force = by_force
        self._before: dict[int, Any] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def watch(self) -> None:
        """Begin to listen; called on the event loop."""
        self._loop = asyncio.get_running_loop()
        # Only a main thread hears signals.
        with suppress(ValueError):
            for number in SIGNALS:
                self._before[number] = signal.signal(number, self._lost)

    def forget(self) -> None:
        """Listen no longer."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def _lost(self, _number: int, _frame: FrameType | None) -> None:
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
