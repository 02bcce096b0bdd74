"""Eight writing processes against one: nothing is lost on the way, nobody starves, and the log's chain holds.

Each process is a terminal of its own that changes one customer after the other as fast as it can for a fixed time.
"""

from __future__ import annotations

import multiprocessing
import time
import uuid
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import UUID

from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.errors import BankError
from bankcard_tui.services.customers import change_contact, open_file
from bankcard_tui.services.logs import verify_log
from bankcard_tui.services.profile import Contact
from bankcard_tui.services.sign_in import sign_in
from bench.branch import COST, small_branch
from bench.measure import Figure, median
from tests.branch import PASSWORD

TERMINALS = 8


def measure(quick: bool) -> list[Figure]:
    """Throughput of eight against one, the slowest of them, lock errors, and whether the chain is valid."""
    many, seconds, rounds = (3, 0.5, 1) if quick else (TERMINALS, 4.0, 5)
    with small_branch() as (town, home):
        customers = [town.registers(f"customer{number}").customer_id for number in range(many)]
        terminals = [_Terminal(home.folder, number, customer) for number, customer in enumerate(customers)]
        alone: list[float] = []
        together: list[float] = []
        shares: list[float] = []
        errors = 0
        try:
            for _ in range(rounds):
                alone.append(_work(terminals[:1], seconds)[0][0] / seconds)
                done = _work(terminals, seconds)
                counts = [count for count, _ in done]
                errors += sum(failed for _, failed in done)
                together.append(sum(counts) / seconds)
                shares.append(min(counts) / (sum(counts) / many))
        finally:
            for terminal in terminals:
                terminal.close()
        chain = verify_log(town.desk("admin"))
    return [
        Figure(
            f"{many} processes / one, operations a second", median(together), median(alone), 0.8, False, True, "op/s"
        ),
        Figure(f"slowest of {many} / their mean", min(shares), None, 0.25, True, True, "of the mean"),
        Figure(f"lock errors of {many} processes", errors, None, 0, True, unit="errors"),
        Figure(f"wrong entries in the chain of {chain.entries:,}", len(chain.problems), None, 0, True, unit="entries"),
    ]


class _Terminal:
    """A process that works when it is told to."""

    def __init__(self, folder: Path, number: int, customer: UUID) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.pipe, theirs = spawn.Pipe()
        self.process = spawn.Process(target=_terminal, args=(theirs, folder, number, customer), daemon=True)
        self.process.start()
        theirs.close()
        self.pipe.recv()  # signed in

    def close(self) -> None:
        self.pipe.send(None)
        self.process.join(timeout=30)


def _work(terminals: list[_Terminal], seconds: float) -> list[tuple[int, int]]:
    start = time.monotonic() + 0.05
    for terminal in terminals:
        terminal.pipe.send((start, start + seconds))
    return [terminal.pipe.recv() for terminal in terminals]


def _terminal(pipe: Connection, folder: Path, number: int, customer: UUID) -> None:
    bank = Bank.open(Home(folder), cost=COST)
    desk = sign_in(bank.lobby(f"terminal-{number}"), "teller", PASSWORD)
    version = open_file(desk, customer).version
    pipe.send("ready")
    while (told := pipe.recv()) is not None:
        start, end = told
        done = failed = 0
        time.sleep(max(0.0, start - time.monotonic()))
        while time.monotonic() < end:
            contact = Contact(phone=f"138{(done * 8 + number) % 10**8:08d}")
            try:
                version = change_contact(desk.once(uuid.uuid4().hex), customer, version, contact).view
                done += 1
            except BankError:
                failed += 1
        pipe.send((done, failed))
    bank.close()
