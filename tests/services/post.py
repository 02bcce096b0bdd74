"""What reaches people's own channels, read from the files that a branch writes its messages into."""

from __future__ import annotations

import re
from pathlib import Path

from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.registry import Secret


def outbox(bank: Bank) -> Path:
    return bank.store.path.parent / "outbox"


def letters_to(bank: Bank, address: str) -> list[str]:
    """Every message to an address, the oldest first."""
    written = sorted(outbox(bank).glob("*.txt"), key=lambda path: path.stat().st_mtime_ns)
    texts = [path.read_text(encoding="utf-8") for path in written]
    return [text for text in texts if text.startswith(f"To: {address}\n")]


def code_in(letter: str) -> Secret:
    found = re.search(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}\b", letter)
    assert found is not None, letter
    return Secret(found[0])


def code_sent_to(bank: Bank, address: str) -> Secret:
    """The code in the newest message to an address."""
    return code_in(letters_to(bank, address)[-1])
