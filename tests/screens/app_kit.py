"""The real application over a real branch, driven by keys."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from bankcard_tui.app import BankApp
from bankcard_tui.config import Home, Settings
from bankcard_tui.desk.clock import SimulatedClock
from tests.branch import PASSWORD
from tests.screens.terminal_kit import settled
from tests.screens.widgets_kit import shown

__all__ = ["PASSWORD_KEYS", "application", "keys", "running", "settled", "sign_in", "until", "words"]

PATIENCE_SECONDS = 20.0
STEP_SECONDS = 0.02


def keys(text: str) -> list[str]:
    """The keys that type ``text``."""
    return ["space" if character == " " else character for character in text]


PASSWORD_KEYS = keys(PASSWORD)


def application(home: Home, clock: SimulatedClock, language: str = "en", kind: type[BankApp] = BankApp) -> BankApp:
    return kind(Settings(home, home.key, language, "bankcard-dark"), "T1", cost=4, clock=clock)


@asynccontextmanager
async def running(app: BankApp, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        yield pilot
        if app.is_running and app._exception is None:
            await app.workers.wait_for_complete()


def words(app: BankApp) -> str:
    """What stands on the terminal as running text, without the frames around it."""
    return " ".join(re.sub("[\u2500-\u257f]", " ", shown(app)).split())


async def until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    """Wait for ``condition``."""
    waited = 0.0
    while not condition():
        await pilot.pause(STEP_SECONDS)
        waited += STEP_SECONDS
        assert waited < PATIENCE_SECONDS, "it did not happen"
    await pilot.pause()


async def sign_in(pilot: Pilot[Any], app: BankApp, username: str, code: str = "") -> None:
    """Sign in and wait for the first page; the password is not typed key by key, which takes a second and more."""
    login = app.screen
    login.query_one("#username", Input).value = username
    login.query_one("#password", Input).value = PASSWORD
    await pilot.press("ctrl+s")
    if code:
        await until(pilot, lambda: getattr(login, "asks_for_code", False))
        login.query_one("#code", Input).value = code
        await pilot.press("ctrl+s")
    await until(pilot, lambda: app.signed_in)
    await settled(pilot)
