"""A disk that is full or can't be written: said in words, and nothing that was done is lost."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.errors import Unavailable
from bankcard_tui.rules.terms import DocumentKind
from bankcard_tui.services import customers, drafts, identity, logs
from tests.branch import Town

NOTE = "a document with a long reference that takes its room on the disk " + "x" * 30


def pragma(bank: Bank, said: str) -> Any:
    with bank.store.write() as connection:
        result = connection.exec_driver_sql(f"PRAGMA {said}")
        return result.scalar_one() if result.returns_rows else None


def fill_up(town: Town, customer: Any, most: int = 20_000) -> tuple[int, Unavailable]:
    """Add documents until the store says that it can't; how many were taken."""
    teller = town.desk("teller")
    for taken in range(most):
        try:
            identity.add_document(teller, customer, DocumentKind.TAX_RETURN, f"{NOTE} {taken}"[:100])
        except Unavailable as problem:
            return taken, problem
    raise AssertionError("the disk never became full")


def is_whole(town: Town, customer: Any, documents: int) -> None:
    assert logs.verify_log(town.bank.system_desk("night")).sound
    with town.bank.store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        kept = connection.exec_driver_sql("SELECT count(*) FROM document").scalar_one()
        told = "SELECT count(*) FROM log_entry WHERE action = 'document.add' AND outcome = 'done'"
        assert kept == documents == connection.exec_driver_sql(told).scalar_one()


def test_a_full_disk_is_said_and_nothing_is_lost(town: Town) -> None:
    customer = town.registers("zhang").customer_id
    town.desk("teller")
    pages = pragma(town.bank, "page_count")
    pragma(town.bank, f"max_page_count={pages + 6}")
    taken, problem = fill_up(town, customer)
    assert problem.code == "store.disk_full"
    assert problem.exit_code == 5
    assert problem.hint
    with pytest.raises(Unavailable) as error:
        drafts.save_draft(town.desk("teller"), "note", {"text": "x" * 60_000})
    assert error.value.code == "store.disk_full"
    is_whole(town, customer, taken)
    customers.search(town.desk("teller"), "zh")
    pragma(town.bank, f"max_page_count={pages + 600}")
    identity.add_document(town.desk("teller"), customer, DocumentKind.TAX_RETURN, "there is room again")
    is_whole(town, customer, taken + 1)


def test_a_store_that_can_only_be_read_is_said_and_still_read(town: Town) -> None:
    customer = town.registers("zhang").customer_id
    teller = town.desk("teller")
    pragma(town.bank, "query_only=ON")
    for attempt in (
        lambda: identity.add_document(teller, customer, DocumentKind.TAX_RETURN, "x"),
        lambda: customers.open_file(teller, customer),
    ):
        with pytest.raises(Unavailable) as error:
            attempt()
        assert error.value.code == "store.read_only"
    assert customers.search(teller).items
    town.bank.store.close()  # its next connection may write again
    is_whole(town, customer, 0)


@pytest.fixture
def small_disk(template: Path, tmp_path: Path) -> Iterator[Home]:
    """The branch on a disk of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    tried = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if tried.returncode:
        pytest.skip("only root can mount a disk")
    try:
        shutil.copytree(template, disk / "home")
        yield Home(disk / "home")
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_disk_that_is_really_full_keeps_what_was_done(small_disk: Home, clock: SimulatedClock) -> None:
    bank = Bank.open(small_disk, clock=clock, cost=4)
    town = Town(bank)
    customer = town.registers("zhang").customer_id
    taken, problem = fill_up(town, customer)
    assert problem.code == "store.disk_full", problem
    assert taken > 10
    bank.close()
    again = Bank.open(small_disk, clock=clock, cost=4)
    with again.store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM document").scalar_one() == taken
    again.close()


def test_a_disk_mounted_read_only_is_said(small_disk: Home, clock: SimulatedClock) -> None:
    disk = small_disk.folder.parent
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(Unavailable) as error:
        Town(Bank.open(small_disk, clock=clock, cost=4)).desk("teller")
    assert error.value.code in ("store.read_only", "store.unopenable")
    assert error.value.hint
    with pytest.raises(Unavailable):
        Bank.create(Home(disk / "new"), bank="B", branch="B", code="B", cost=4)
