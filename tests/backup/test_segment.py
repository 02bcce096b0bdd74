"""An archive of the log gives back exactly what was put in, and only to who may read it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pyrage.x25519 import Identity

from bankcard_tui.backup.container import public_key_of
from bankcard_tui.backup.segment import Segment, Whose, open_segment, read_segment, verify_segment, write_segment
from bankcard_tui.errors import BankError, VerificationFailed
from bankcard_tui.models.log import COLUMNS
from bankcard_tui.rules.terms import ArchiveKind
from bankcard_tui.security import chain
from bankcard_tui.store.types import micros_of

KEY, SEED, BRANCH = b"k" * 32, b"s" * 32, UUID(int=7)
PUBLIC = public_key_of(SEED)
WHOSE = Whose(BRANCH, "Test Bank", "T001")
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


def entries(first: int, count: int, before: bytes = chain.START, **more: object) -> list[tuple[Any, ...]]:
    rows = []
    for seq in range(first, first + count):
        entry = dict.fromkeys(COLUMNS, "") | {"branch_id": BRANCH.bytes, "seq": seq, "at": micros_of(NOON) - seq} | more
        columns = [entry[name] for name in COLUMNS]
        before = chain.mark(KEY, before, columns)
        rows.append((*columns, before))
    return rows


def written(path: Path, rows: list[tuple[Any, ...]], identity: Identity, **more: Any) -> Segment:
    given = {
        "kind": ArchiveKind.SEGMENT,
        "whose": WHOSE,
        "signing": SEED,
        "recipients": [str(identity.to_public())],
        "rows": rows,
        "before_mark": chain.START,
    }
    return write_segment(path, **{**given, **more})


@pytest.fixture
def identity() -> Identity:
    return Identity.generate()


def test_entries_come_back_as_they_were(tmp_path: Path, identity: Identity) -> None:
    rows = entries(5, 2500, detail='{"note":"额度 \u2028 \\" "}', account_id=os.urandom(16), subject_id=None)
    made = written(tmp_path / "a", rows, identity)
    assert (made.first_seq, made.last_seq, made.entries) == (5, 2504, 2500)
    assert (made.last_mark, made.last_at) == (rows[-1][-1], datetime(2026, 3, 2, 3, 59, 59, 999995, UTC))
    assert list(read_segment(tmp_path / "a", PUBLIC, [identity])) == rows
    assert open_segment(tmp_path / "a", PUBLIC) == made
    assert verify_segment(tmp_path / "a", PUBLIC, [identity], KEY) == made
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


def test_what_somebody_put_into_the_store_comes_back_too(tmp_path: Path, identity: Identity) -> None:
    broken = b"\xff\x00\xed\xa0\x80".decode("utf-8", "surrogateescape")
    row = (None, "six", 1e308, 0.5, -(2**63), 2**63 - 1, broken, b"", "\x00", float("inf"), "", b"\xff", 1, "x")
    rows = [(*row, "no mark"), (*row, None)]
    made = written(tmp_path / "a", rows, identity)
    assert list(read_segment(tmp_path / "a", PUBLIC, [identity])) == rows
    assert verify_segment(tmp_path / "a", PUBLIC, [identity], None) == made
    with pytest.raises(VerificationFailed) as error:
        verify_segment(tmp_path / "a", PUBLIC, [identity], KEY)
    assert error.value.code == "archive.entry"


def test_an_entry_that_breaks_the_chain_is_named(tmp_path: Path, identity: Identity) -> None:
    rows = entries(1, 40)
    for place, false in enumerate([(*rows[9][:-1], bytes(32)), rows[8], (*rows[9][:-2], "x", rows[9][-1])]):
        written(tmp_path / f"{place}", [*rows[:9], false, *rows[10:]], identity)
        with pytest.raises(VerificationFailed, match="Entry") as error:
            verify_segment(tmp_path / f"{place}", PUBLIC, [identity], KEY)
        assert error.value.values["number"] == 10


def test_every_changed_byte_of_an_archive_is_found(tmp_path: Path, identity: Identity) -> None:
    path = tmp_path / "a"
    written(path, entries(1, 3), identity)
    whole = path.read_bytes()
    tried = 0
    for place in (*range(0, len(whole), 97), *range(len(whole) - 2000, len(whole), 13)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(VerificationFailed):
            verify_segment(path, PUBLIC, [identity], KEY)
        tried += 1
    for end in range(0, len(whole), 101):
        path.write_bytes(whole[:end])
        with pytest.raises(VerificationFailed):
            verify_segment(path, PUBLIC, [identity], KEY)
    path.write_bytes(whole)
    verify_segment(path, PUBLIC, [identity], KEY)
    print(f"archive: {tried} changed bytes tried, 0 accepted")


def test_a_stranger_reads_nothing_and_another_bank_s_archive_is_refused(tmp_path: Path, identity: Identity) -> None:
    written(tmp_path / "a", entries(1, 3), identity)
    for keys, code in (
        ((PUBLIC, [Identity.generate()]), "backup.wrong_key"),
        ((public_key_of(b"t" * 32), [identity]), "backup.signature"),
    ):
        with pytest.raises(VerificationFailed) as error:
            list(read_segment(tmp_path / "a", *keys))
        assert error.value.code == code
    assert b"branch_id" in (tmp_path / "a").read_bytes()
    assert b"application" not in (tmp_path / "a").read_bytes()


def test_who_stops_reading_half_way_leaves_nothing_behind(tmp_path: Path, identity: Identity) -> None:
    written(tmp_path / "a", entries(1, 60_000, detail=os.urandom(40).hex()), identity)
    reading = read_segment(tmp_path / "a", PUBLIC, [identity])
    assert next(reading)[COLUMNS.index("seq")] == 1
    before = len(os.listdir("/proc/self/fd"))
    reading.close()
    assert len(os.listdir("/proc/self/fd")) < before
    assert "archive" not in {thread.name for thread in threading.enumerate()}


def test_nothing_is_left_of_an_archive_that_could_not_be_written(tmp_path: Path, identity: Identity) -> None:
    def rows() -> Iterator[tuple[Any, ...]]:
        yield entries(1, 1)[0]
        raise VerificationFailed("The end of the log can't be read: somebody has altered it.")

    with pytest.raises(BankError):
        write_segment(
            tmp_path / "a", kind=ArchiveKind.FORK, whose=WHOSE, signing=SEED,
            recipients=[str(identity.to_public())], rows=rows(), before_mark=chain.START,
        )  # fmt: skip
    with pytest.raises(ValueError, match="at least one"):
        written(tmp_path / "a", [], identity)
    assert list(tmp_path.iterdir()) == []
