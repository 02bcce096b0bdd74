"""Every byte of the log is under its chain: whatever is changed is found, and located by its number."""

from __future__ import annotations

import random
from typing import Any

import pytest

from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.models.log import COLUMNS
from bankcard_tui.security import chain
from bankcard_tui.services import log_verify, logs
from bankcard_tui.store.engine import sqlite
from tests.branch import OPENING

ENTRIES = 1000


@pytest.fixture
def long_log(home: Home) -> Any:
    """A branch with a thousand entries, as its own writer would have written them."""
    bank = Bank.open(home, clock=SimulatedClock(OPENING), cost=4, durable=False)
    raw = sqlite.connect(home.store, isolation_level=None)
    raw.execute("PRAGMA foreign_keys=OFF")
    rows = raw.execute("SELECT * FROM log_entry ORDER BY seq").fetchall()
    last, before = rows[-1][1], rows[-1][-1]
    raw.execute("BEGIN")
    for seq in range(last + 1, ENTRIES + 1):
        columns = list(rows[seq % len(rows)][:-1])
        columns[1], columns[2] = seq, rows[-1][2] + seq
        before = chain.mark(bank.keys.chain, before, columns)
        raw.execute(f"INSERT INTO log_entry VALUES ({','.join('?' * 15)})", (*columns, before))
    raw.execute("UPDATE log_head SET seq = ?, mark = ?, latest = ?", (ENTRIES, before, rows[-1][2] + ENTRIES))
    raw.execute("COMMIT")
    yield bank, raw
    raw.close()
    bank.close()


def spoilt(value: Any, place: int) -> Any:
    """The value with the byte at ``place`` changed, of the same type; None becomes something."""
    if value is None:
        return b"\x00" * 16
    if isinstance(value, int):
        return value ^ (1 << (8 * place))
    raw = value.encode() if isinstance(value, str) else value
    changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :] if raw else b"x"
    return changed.decode("utf-8", "surrogateescape") if isinstance(value, str) else changed


def size(value: Any) -> int:
    """How many bytes of it can be changed; of a number as many as a time has."""
    if value is None or isinstance(value, int):
        return 1 if value is None else 6
    return max(len(value.encode() if isinstance(value, str) else value), 1)


def attack(bank: Bank, raw: Any, seqs: list[int], share: float, seed: int) -> tuple[int, int]:
    """Change bytes of these entries, one in each entry at a time; how many were tried, and how many were missed."""
    dice = random.Random(seed)
    # Without its keys the table takes a number that is there already.
    raw.execute("CREATE TABLE loose AS SELECT * FROM log_entry ORDER BY seq")
    raw.execute("DROP TABLE log_entry")
    raw.execute("ALTER TABLE loose RENAME TO log_entry")
    raw.execute("CREATE INDEX loose_seq ON log_entry (seq)")
    kept = {row[1]: row for row in raw.execute("SELECT * FROM log_entry")}
    waiting = {
        seq: [
            (name, place)
            for name, value in zip([*COLUMNS, "mark"], kept[seq], strict=True)
            for place in range(size(value))
            if dice.random() < share
        ]
        for seq in seqs
    }
    tried = missed = 0
    desk = bank.system_desk("night")
    while any(waiting.values()):
        # One byte in every fifth entry at once: each has to be named, and no other.
        first = next(seq for seq in seqs if waiting[seq])
        hit = [(seq, *waiting[seq].pop()) for seq in seqs if waiting[seq] and (seq - first) % 5 == 0]
        raw.execute("BEGIN")
        for seq, name, place in hit:
            column = [*COLUMNS, "mark"].index(name)
            value = spoilt(kept[seq][column], place)
            text = isinstance(value, str)
            stored = value.encode("utf-8", "surrogateescape") if text else value
            as_it_was = "CAST(? AS TEXT)" if text else "?"
            where = " AND ".join(f"{each} IS ?" for each in ("seq", "mark"))
            raw.execute(f"UPDATE log_entry SET {name} = {as_it_was} WHERE {where}", (stored, seq, kept[seq][-1]))
        raw.execute("COMMIT")
        named = named_by(logs.verify_log(desk).findings)
        tried += len(hit)
        missed += sum(seq not in named for seq, _, _ in hit)
        raw.execute("BEGIN")
        for seq, name, _ in hit:
            if name in ("seq", "branch_id", "mark"):
                continue
            raw.execute(
                f"UPDATE log_entry SET {name} = ? WHERE seq = ?", (kept[seq][[*COLUMNS, "mark"].index(name)], seq)
            )
        if any(name in ("seq", "branch_id", "mark") for _, name, _ in hit):
            raw.execute("DELETE FROM log_entry")
            raw.executemany(f"INSERT INTO log_entry VALUES ({','.join('?' * 15)})", kept.values())
        raw.execute("COMMIT")
    assert logs.verify_log(desk).sound
    return tried, missed


def named_by(findings: Any) -> set[int]:
    """The numbers of entries that the findings name."""
    named = set()
    for each in findings:
        if "first" in each.values:
            named |= set(range(int(each.values["first"]), min(int(each.values["last"]), ENTRIES) + 1))
        elif each.values.get("number", "").lstrip("-").isdigit():
            named.add(int(each.values["number"]))
    return named


@pytest.fixture(autouse=True)
def _every_finding_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_verify, "MOST_FINDINGS", 10_000)


def test_a_sample_of_changed_bytes_is_found_and_located(long_log: Any) -> None:
    bank, raw = long_log
    tried, missed = attack(bank, raw, list(range(1, ENTRIES + 1, 7)), 0.02, 1)
    print(f"log: {tried:,} changed bytes tried, {missed} missed")
    assert (tried > 300, missed) == (True, 0)


@pytest.mark.proof
def test_every_changed_byte_of_a_thousand_entries_is_found_and_located(long_log: Any) -> None:
    bank, raw = long_log
    tried, missed = attack(bank, raw, list(range(1, ENTRIES + 1)), 1, 1)
    print(f"log: {tried:,} changed bytes tried, {missed} missed")
    assert (tried > 100 * ENTRIES, missed) == (True, 0)
