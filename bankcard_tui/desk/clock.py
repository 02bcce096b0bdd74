"""The one place where the time is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time of the bank."""

    def now(self) -> datetime:
        """The time now: aware, UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SimulatedClock:
    """A clock that stands still until it is moved: for building a demo branch, and for tests."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock has a zone")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, step: timedelta) -> None:
        """Move on by ``step``."""
        self._now += step

    def move_to(self, moment: datetime) -> None:
        """Move to ``moment``. Raises ValueError when it lies behind: the bank's time never runs back."""
        if moment < self._now:
            raise ValueError("a clock does not run back")
        self._now = moment.astimezone(UTC)
