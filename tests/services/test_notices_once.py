"""A notice is handed over once: whatever fails, whoever dies, however many deliver, and by a real mail server."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bankcard_tui.config import Delivery, Home
from bankcard_tui.delivery.letter import Letter, Undelivered
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.rules.terms import Channel
from bankcard_tui.services import outbox
from bankcard_tui.services.outbox import MESSAGE, Delivered, deliver_due
from bankcard_tui.services.transports import transport_of
from tests.services.post import write_notices

HERE = "127.0.0.1"


def states(bank: Bank) -> Counter[str]:
    with bank.store.read() as connection:
        return Counter(outbox.state_of(row) for row in connection.execute(select(MESSAGE)))


class Killed(BaseException):
    """The process is gone: nothing runs after it."""


class Fate:
    """A transport that does what fate has for each letter; what a service has seen, it counts."""

    kinds = frozenset(Channel)

    def __init__(self, fates: list[str]) -> None:
        self.fates = fates
        self.seen: Counter[Any] = Counter()

    def send(self, letter: Letter) -> None:
        fate = self.fates.pop(0) if self.fates else "taken"
        if fate == "refused":
            raise Undelivered("smtp.450")
        if fate == "down":
            raise Undelivered("smtp.unreachable", unreachable=True)
        if fate == "killed before":
            raise Killed
        self.seen[letter.id] += 1
        if fate == "doubt":
            raise Undelivered("smtp.timeout", unreachable=True, in_doubt=True)
        if fate == "killed after":
            raise Killed


FATES = ("taken", "refused", "down", "doubt", "killed before", "killed after")


@given(fates=st.lists(st.sampled_from(FATES), max_size=30), pauses=st.lists(st.integers(0, 600), max_size=12))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_service_sees_a_notice_twice_whatever_becomes_of_it(bank: Bank, fates: list[str], pauses: list[int]) -> None:
    with bank.store.write() as connection:
        connection.exec_driver_sql("DELETE FROM message")
    clock = bank.clock
    assert isinstance(clock, SimulatedClock)
    write_notices(bank, 4)
    fate = Fate(list(fates))
    for pause in [0, *pauses, 60 * 24, 60 * 24 * 8]:
        clock.advance(timedelta(minutes=pause))
        try:
            deliver_due(bank, fate)
        except Killed:
            continue
    assert max(fate.seen.values(), default=0) <= 1
    with bank.store.read() as connection:
        open_ones = connection.execute(select(MESSAGE.c.id).where(MESSAGE.c.ended_at.is_(None))).all()
    assert open_ones == []


def test_several_who_deliver_at_once_hand_each_notice_over_once(bank: Bank, home: Home) -> None:
    write_notices(bank, 40)
    fate, lock = Fate([]), threading.Lock()

    class Slow(Fate):
        def send(self, letter: Letter) -> None:
            with lock:
                fate.send(letter)

    def deliver() -> None:
        own = Bank.open(home, clock=SimulatedClock(bank.clock.now()), cost=4, durable=False)
        try:
            deliver_due(own, Slow([]))
        finally:
            own.close()

    threads = [threading.Thread(target=deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(fate.seen.values()) == [1] * 40
    assert states(bank) == {"delivered": 40}


class Server:
    """A mail server that takes what comes, or falls silent once it has taken it."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.refuses = ""
        self.silent = threading.Event()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuses:
            return self.refuses
        self.taken.append(envelope.content.decode())
        if self.silent.is_set():
            server.transport.abort()
        return "250 OK"


@contextmanager
def mail_server(server: Server, port: int) -> Iterator[None]:
    controller = Controller(server, hostname=HERE, port=port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


@pytest.fixture
def by_mail(bank: Bank) -> tuple[Bank, int]:
    with socket.create_server((HERE, 0)) as listener:
        port = listener.getsockname()[1]
    bank.delivery = Delivery("smtp", host=HERE, port=port, starttls=False, sender="cards@bank.example")
    return bank, port


def round_of(bank: Bank, minutes: int = 1) -> Delivered:
    assert isinstance(bank.clock, SimulatedClock)
    bank.clock.advance(timedelta(minutes=minutes))
    transport = transport_of(bank)
    assert transport is not None
    return deliver_due(bank, transport)


def test_mail_gets_there_after_refusals_and_restarts_and_what_was_cut_off_is_not_sent_again(
    by_mail: tuple[Bank, int],
) -> None:
    bank, port = by_mail
    write_notices(bank, 3)
    server = Server()
    assert round_of(bank) == Delivered(failed=1), "nobody listens"
    server.refuses = "451 later"
    with mail_server(server, port):
        assert round_of(bank) == Delivered(failed=3)
    server.refuses = ""
    server.silent.set()
    with mail_server(server, port):
        assert round_of(bank, 6) == Delivered(in_doubt=1)
    server.silent.clear()
    with mail_server(server, port):
        assert round_of(bank) == Delivered(sent=2)
        assert round_of(bank, 60) == Delivered()
    assert len(server.taken) == len({each.partition("Message-ID: ")[2][:40] for each in server.taken}) == 3
    assert states(bank) == {"delivered": 2, "in_doubt": 1}


def test_a_code_that_was_cut_off_is_sent_again(by_mail: tuple[Bank, int]) -> None:
    bank, port = by_mail
    write_notices(bank, 1, once=False)
    server = Server()
    server.silent.set()
    with mail_server(server, port):
        assert round_of(bank) == Delivered(failed=1)
    server.silent.clear()
    with mail_server(server, port):
        assert round_of(bank) == Delivered(sent=1)
    assert len(server.taken) == 2


def test_what_the_mail_says_is_erased_once_it_is_gone_and_kept_while_in_doubt(
    by_mail: tuple[Bank, int], tmp_path: Path
) -> None:
    bank, _ = by_mail
    write_notices(bank, 2)
    deliver_due(bank, Fate(["doubt"]))
    deliver_due(bank, Fate([]))
    with bank.store.read() as connection:
        kept = {outbox.state_of(row): row.body is not None for row in connection.execute(select(MESSAGE))}
    assert kept == {"in_doubt": True, "delivered": False}
