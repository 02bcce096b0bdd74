"""What reaches people's own channels, read from the files that a branch writes its messages into."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert

from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.registry import Secret
from bankcard_tui.rules.terms import Channel
from bankcard_tui.services.outbox import MESSAGE
from bankcard_tui.store.sealing import seal
from bankcard_tui.store.types import new_id


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


def write_notices(bank: Bank, count: int, *, once: bool = True) -> None:
    """So many notices that are due now; without ``once`` they are as codes are."""
    now = bank.clock.now()
    rows = []
    for _ in range(count):
        id = new_id(now)
        parts = {"address": "zhang@example.com", "subject": "Limit", "body": "It was raised."}
        sealed = {name: seal(bank.keys, f"message.{name}", id, text) for name, text in parts.items()}
        times = {"made_at": now, "next_try_at": now, "expires_at": now + timedelta(days=7)}
        kind = {"branch_id": bank.branch.id, "kind": Channel.EMAIL, "about": "limit.raise", "once": once}
        rows.append({"id": id, "tries": 0, "problem": "", "policy_version": 1, **kind, **sealed, **times})
    with bank.store.write() as connection:
        connection.execute(insert(MESSAGE), rows)
