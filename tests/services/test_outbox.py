"""Messages go after the commit, at least once, and leave nothing of what they said."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import delete, select

from bankcard_tui.config import Delivery
from bankcard_tui.delivery.letter import Letter, Undelivered
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import Refused
from bankcard_tui.rules.terms import Channel, ChannelKind
from bankcard_tui.services import activation, channels, outbox
from bankcard_tui.services.outbox import MESSAGE, Delivered, deliver_due
from bankcard_tui.store.types import micros_of
from tests.branch import PASSWORD
from tests.services.post import code_in, code_sent_to, letters_to
from tests.services.world import World

SECRET = Secret(PASSWORD)
HERE = "127.0.0.1"


@dataclass
class Post:
    """A transport that keeps letters, or refuses them as long as it has a problem."""

    problem: Undelivered | None = None
    taken: list[Letter] = field(default_factory=list)
    kinds: frozenset[Channel] = frozenset(Channel)

    def send(self, letter: Letter) -> None:
        if self.problem is not None:
            raise self.problem
        self.taken.append(letter)


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def waiting(world: World, tmp_path: Path) -> World:
    """A code for zhang is due, that could not be written into its folder so far."""
    with world.bank.store.write() as connection:
        connection.execute(delete(MESSAGE))
    in_the_way = tmp_path / "in the way"
    in_the_way.write_text("a file")
    world.bank.delivery = Delivery("file", folder=in_the_way)
    channels.propose(world.desk("zhang"), ChannelKind.EMAIL, "zw@example.com", SECRET)
    return world


def message(world: World) -> Any:
    with world.bank.store.read() as connection:
        return connection.execute(select(MESSAGE)).one()


def advance(world: World, minutes: float) -> None:
    assert isinstance(world.bank.clock, SimulatedClock)
    world.bank.clock.advance(timedelta(minutes=minutes))


def test_what_was_delivered_is_erased_and_not_sent_again(world: World) -> None:
    channels.propose(world.desk("zhang"), ChannelKind.EMAIL, "zw@example.com", SECRET)
    assert code_sent_to(world.bank, "zw@example.com")
    with world.bank.store.read() as connection:
        rows = connection.execute(select(MESSAGE).where(MESSAGE.c.delivered_at.is_not(None))).all()
    assert rows
    assert {(row.address, row.subject, row.body) for row in rows} == {(None, None, None)}
    advance(world, 5)
    deliver_due(world.bank, Post())
    assert len(letters_to(world.bank, "zw@example.com")) == 1


def test_a_delivery_that_fails_is_noted_and_the_person_goes_on(waiting: World) -> None:
    row = message(waiting)
    assert (row.problem, row.tries, row.ended_at) == ("file.eexist", 1, None)
    assert channels.mine(waiting.desk("zhang")).waiting is not None


def test_it_is_tried_again_after_one_five_and_fifteen_minutes_until_it_has_lost_its_meaning(waiting: World) -> None:
    busy = Post(Undelivered("smtp.450"))
    assert deliver_due(waiting.bank, busy) == Delivered()
    advance(waiting, 1)
    assert deliver_due(waiting.bank, busy) == Delivered(failed=1)
    advance(waiting, 4.9)
    assert deliver_due(waiting.bank, busy) == Delivered()
    advance(waiting, 0.1)
    # The next try would come when the code holds no more.
    assert deliver_due(waiting.bank, busy) == Delivered(given_up=1)
    row = message(waiting)
    assert (row.problem, row.address, row.body) == ("smtp.450", None, None)
    assert row.ended_at is not None
    assert row.delivered_at is None


def test_a_message_that_has_lost_its_meaning_is_not_sent_any_more(waiting: World, post: Post) -> None:
    advance(waiting, 10)
    assert deliver_due(waiting.bank, post) == Delivered()
    assert post.taken == []
    row = message(waiting)
    assert (row.body, row.problem) == (None, "file.eexist")
    assert row.ended_at is not None


def test_what_will_never_be_taken_is_given_up_at_once(waiting: World) -> None:
    advance(waiting, 1)
    assert deliver_due(waiting.bank, Post(Undelivered("smtp.550", final=True))) == Delivered(given_up=1)
    assert message(waiting).body is None


def test_where_the_transport_is_down_the_rest_is_not_tried(waiting: World) -> None:
    channels.propose(waiting.desk("other"), ChannelKind.EMAIL, "o@example.com", SECRET)
    advance(waiting, 1)
    assert deliver_due(waiting.bank, Post(Undelivered("smtp.timeout", unreachable=True))) == Delivered(failed=1)
    assert deliver_due(waiting.bank, Post()) == Delivered(sent=1)


def test_two_who_deliver_at_once_do_not_send_the_same(waiting: World) -> None:
    advance(waiting, 1)
    second = Post()

    class First(Post):
        def send(self, letter: Letter) -> None:
            deliver_due(waiting.bank, second)
            super().send(letter)

    first = First()
    assert deliver_due(waiting.bank, first) == Delivered(sent=1)
    assert (len(first.taken), len(second.taken)) == (1, 0)


def test_a_message_that_was_altered_in_the_store_is_not_sent_and_stops_no_other(waiting: World, post: Post) -> None:
    channels.propose(waiting.desk("other"), ChannelKind.EMAIL, "o@example.com", SECRET)
    account = waiting.ids["zhang.account"].hex
    with waiting.bank.store.write() as connection:
        other = "(SELECT address FROM message m WHERE m.account_id <> message.account_id)"
        connection.exec_driver_sql(f"UPDATE message SET address = {other} WHERE account_id = x'{account}'")
    advance(waiting, 1)
    assert deliver_due(waiting.bank, post) == Delivered(sent=1)
    assert [each.address for each in post.taken] == ["o@example.com"]
    with waiting.bank.store.read() as connection:
        problems = connection.execute(select(MESSAGE.c.problem).where(MESSAGE.c.delivered_at.is_(None))).scalars()
        assert list(problems) == ["sealed.altered"]


def test_it_says_the_same_in_both_languages_and_keeps_its_id(waiting: World, post: Post) -> None:
    id = message(waiting).id
    advance(waiting, 1)
    deliver_due(waiting.bank, post)
    (letter,) = post.taken
    assert letter.id == id
    assert letter.subject == "Harbour验证码 / Your code for Harbour"
    assert "10 分钟内有效。" in letter.body
    assert "It holds 10 minutes." in letter.body
    channels.confirm(waiting.desk("zhang"), code_in(letter.body))


def test_nobody_but_the_job_that_delivers_has_messages_opened(waiting: World) -> None:
    advance(waiting, 1)
    for kind in ("nobody", "zhang", "admin"):
        with pytest.raises(Refused):
            outbox._claim(waiting.desk(kind), tuple(Channel), True)
    assert message(waiting).tries == 1


def test_what_was_refused_sends_nothing(world: World) -> None:
    before = letters_to(world.bank, "lost@example.com")
    with pytest.raises(Refused):
        activation.send_code(world.desk("zhang"), world.ids["lost.account"])
    assert letters_to(world.bank, "lost@example.com") == before


def test_a_server_that_is_down_keeps_nobody_from_working(world: World) -> None:
    with socket.create_server((HERE, 0)) as listener:
        port = listener.getsockname()[1]
    world.bank.delivery = Delivery("smtp", host=HERE, port=port, starttls=False, sender="cards@bank.example")
    sent = activation.send_code(world.desk("teller"), world.ids["lost.account"]).view
    assert sent.sent_to == "l***@example.com"
    with world.bank.store.read() as connection:
        problems = connection.execute(select(MESSAGE.c.problem).where(MESSAGE.c.ended_at.is_(None))).scalars().all()
    assert "smtp.unreachable" in problems


def test_a_code_goes_by_mail_where_a_server_is_set_up(world: World) -> None:
    taken: list[bytes] = []

    class Server:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            taken.append(envelope.content)
            return "250 OK"

    with socket.create_server((HERE, 0)) as listener:
        port = listener.getsockname()[1]
    controller = Controller(Server(), hostname=HERE, port=port)
    controller.start()
    try:
        world.bank.delivery = Delivery("smtp", host=HERE, port=port, starttls=False, sender="cards@bank.example")
        activation.send_code(world.desk("teller"), world.ids["lost.account"])
    finally:
        controller.stop()
    assert len(taken) == 1
    assert b"To: lost@example.com" in taken[0]


def test_a_process_killed_between_commit_and_delivery_leaves_the_message_due(world: World, post: Post) -> None:
    """It dies with the letter in hand: nobody can know whether it went, so it goes again."""
    now = world.bank.clock.now()
    script = f"""
        import os, signal
        from datetime import datetime
        from pathlib import Path
        from uuid import UUID
        from bankcard_tui.config import Delivery, Home
        from bankcard_tui.delivery.local import FolderTransport
        from bankcard_tui.desk.bank import Bank
        from bankcard_tui.desk.clock import SimulatedClock
        from bankcard_tui.services import activation
        from bankcard_tui.services.sign_in import sign_in

        FolderTransport.send = lambda self, letter: os.kill(os.getpid(), signal.SIGKILL)
        clock = SimulatedClock(datetime.fromisoformat({now.isoformat()!r}))
        home = Home(Path({str(world.bank.store.path.parent.parent)!r}))
        bank = Bank.open(home, clock=clock, cost=4, delivery=Delivery("file"))
        teller = sign_in(bank.lobby("other terminal"), "teller2", {PASSWORD!r})
        activation.send_code(teller, UUID({str(world.ids["lost.account"])!r}))
    """
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], env=environment, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    new = Secret("amber lantern over quiet canals")
    with pytest.raises(Refused):  # the code from before was replaced in the same transaction
        activation.complete_with_code(world.bank.lobby("lobby"), "lost", world.codes["lost.code"], new, new)
    assert deliver_due(world.bank, post) == Delivered()
    advance(world, 1)
    assert deliver_due(world.bank, post) == Delivered(sent=1)
    code = code_in(post.taken[0].body)
    activation.complete_with_code(world.bank.lobby("lobby"), "lost", code, new, new)


def test_a_message_that_is_due_is_found_by_its_index(world: World) -> None:
    query = "EXPLAIN QUERY PLAN SELECT * FROM message WHERE branch_id = ? AND ended_at IS NULL AND next_try_at <= ?"
    with world.bank.store.read() as connection:
        values = (world.bank.branch.id.bytes, micros_of(world.bank.clock.now()))
        plan = connection.exec_driver_sql(query, values).fetchall()
    assert "ix_message_due" in str(plan)
