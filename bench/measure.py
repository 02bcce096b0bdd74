"""Figures, and the ways in which they are taken: rounds in turn, medians, percentiles."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One measured promise.

    ``measured`` and ``baseline`` are seconds unless ``unit`` says otherwise; ``aim`` bounds the ratio (or the measured
    value, with ``absolute``) from above, or from below with ``at_least``. Without an aim the figure only informs.
    ``half`` is what half of the keys stayed within, where ``measured`` is what nearly all did.
    """

    name: str
    measured: float
    baseline: float | None = None
    aim: float | None = None
    absolute: bool = False
    at_least: bool = False
    unit: str = "s"
    half: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Measured against the baseline."""
        return self.measured / self.baseline if self.baseline else None

    @property
    def ok(self) -> bool | None:
        """Whether the aim is met; None without one."""
        value = self.measured if self.absolute else self.ratio
        if self.aim is None or value is None:
            return None
        return value >= self.aim if self.at_least else value <= self.aim

    def cells(self) -> tuple[str, ...]:
        """The figure as a row: name, measured, baseline, ratio, aim, result."""
        sign = "≥" if self.at_least else "≤"
        aim = (
            "" if self.aim is None else f"{sign} {_amount(self.aim, self.unit) if self.absolute else f'{self.aim:g}x'}"
        )
        baseline = "" if self.baseline is None else _amount(self.baseline, self.unit)
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}x"
        result = "" if self.ok is None else "ok" if self.ok else "miss"
        half = "" if self.half is None else f" ({_amount(self.half, self.unit)})"
        return self.name, _amount(self.measured, self.unit) + half, baseline, ratio, aim, result

    def plain(self) -> dict[str, Any]:
        """The figure for JSON."""
        return {**asdict(self), "ratio": self.ratio, "ok": self.ok}


def _amount(value: float, unit: str) -> str:
    if unit != "s":
        return f"{value:,.0f} {unit}" if value >= 10 or value == int(value) else f"{value:.2f} {unit}"
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.1f} ms" if value >= 0.001 else f"{value * 1e6:.0f} µs"


def timed(action: Callable[[], object]) -> float:
    """How long ``action`` takes, seconds."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def processor_time(action: Callable[[], object]) -> float:
    """How long this process computes while ``action`` takes, seconds: others on the machine count little in it."""
    start = time.process_time()
    action()
    return time.process_time() - start


def in_turn(rounds: int, *actions: Callable[[], float]) -> list[list[float]]:
    """What each action measured in each round; all of them once per round, so that noise hits them alike."""
    taken: list[list[float]] = [[] for _ in actions]
    for _ in range(rounds):
        for place, action in enumerate(actions):
            taken[place].append(action())
    return taken


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of ``values`` that at least ``share`` (a fraction) of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median(values: Sequence[float]) -> float:
    """The value in the middle."""
    return percentile(values, 0.5)
