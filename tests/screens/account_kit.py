"""The own account at the terminal: a branch that sends its codes into a folder, and who reads them there."""

from __future__ import annotations

import re
from pathlib import Path

from bankcard_tui.app import BankApp
from bankcard_tui.config import Delivery, Home, Settings
from bankcard_tui.desk.clock import SimulatedClock

_CODE = re.compile(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}\b")


def letters_in(home: Home) -> Path:
    """Where the messages of the branch end."""
    return home.folder / "letters"


def sending(home: Home) -> Delivery:
    return Delivery(transport="file", folder=letters_in(home))


def application_that_sends(home: Home, clock: SimulatedClock, language: str = "en") -> BankApp:
    settings = Settings(home, home.key, language, "bankcard-dark", sending(home))
    return BankApp(settings, "T1", cost=4, clock=clock)


def newest_code(home: Home) -> str:
    """The code in the letter that came last."""
    letters = sorted(letters_in(home).iterdir(), key=lambda path: path.stat().st_mtime_ns)
    found = _CODE.search(letters[-1].read_text(encoding="utf-8"))
    assert found is not None
    return found[0]
