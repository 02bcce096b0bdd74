"""Customers are told once, in their language, by the channels that they accept, and never at night."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import delete, select

from bankcard_tui.config import Delivery
from bankcard_tui.delivery.letter import Undelivered
from bankcard_tui.errors import Conflict, Phrase, Refused
from bankcard_tui.models.base import table
from bankcard_tui.models.limit import LimitChange
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import Channel, ChannelKind, Language, LimitChangeKind, MessageState
from bankcard_tui.services import channels, logs, messages
from bankcard_tui.services.notice_words import Words
from bankcard_tui.services.notices import Notice, notice_of_change, tell_all, tell_of_refusal
from bankcard_tui.services.outbox import MESSAGE, Delivered, deliver_due, held_until
from bankcard_tui.services.reaching import DO_NOT_DISTURB, NO_CHANNEL
from bankcard_tui.services.subjects import CARD_ACCOUNT, CUSTOMER
from bankcard_tui.store.types import new_id
from tests.services.telling import REASON, advance, at_hour, at_work, reached, rows, told, under
from tests.services.test_outbox import SECRET, Post
from tests.services.world import World


@pytest.fixture
def quiet(world: World) -> World:
    """A day on which no message waits, and zhang accepts everything, in Chinese."""
    with world.bank.store.write() as connection:
        connection.execute(delete(MESSAGE))
        account = connection.execute(select(CARD_ACCOUNT)).first()
        assert account is not None
        world.ids["change"] = new_id()
        kept = {name: getattr(account, name) for name in ("branch_id", "customer_id", "grade", "policy_version")}
        change = {"id": world.ids["change"], "card_account_id": account.id, "kind": LimitChangeKind.RAISE, "reason": ""}
        limits = {"before": Money.yuan(10_000), "after": Money.yuan(13_000)}
        connection.execute(table(LimitChange).insert().values(at=world.bank.clock.now(), **kept, **change, **limits))
    reached(world)
    return world


def test_a_customer_is_told_by_each_accepted_channel_in_the_own_language_with_the_figures(quiet: World) -> None:
    told(quiet)
    post = Post()
    assert deliver_due(quiet.bank, post) == Delivered(sent=3)
    letters = {letter.kind: letter for letter in post.taken}
    assert {kind: letter.address for kind, letter in letters.items()} == {
        Channel.SMS: "+8613800138000",
        Channel.EMAIL: "zhang@example.com",
        Channel.APP: str(quiet.ids["zhang.customer"]),
    }
    mail = letters[Channel.EMAIL]
    assert mail.subject == "Test Bank：您的信用额度已提高"
    assert "调整前 10,000.00 元" in mail.body
    assert "调整后 13,000.00 元" in mail.body
    assert "- 调整前 1.00 元" in mail.body
    assert "Harbour柜台" in mail.body
    assert "yuan" not in mail.body
    text = letters[Channel.SMS]
    assert text.subject == ""
    assert text.body.startswith("【Test Bank】")
    assert "13,000.00" in text.body
    assert "1.00" in text.body
    assert "\n" not in text.body
    assert "。 " not in text.body
    assert letters[Channel.APP].body == mail.body


def test_who_chose_no_language_is_told_in_both(quiet: World) -> None:
    reached(quiet, language=None, channels=(Channel.EMAIL, Channel.SMS))
    told(quiet)
    post = Post()
    deliver_due(quiet.bank, post)
    for letter in post.taken:
        assert "调整后 13,000.00 元" in letter.body
        assert "now: 13,000.00 yuan" in letter.body


@pytest.mark.parametrize("kind", list(LimitChangeKind))
def test_every_change_has_its_words_and_a_time_limit_is_named(kind: LimitChangeKind, quiet: World) -> None:
    reached(quiet, language=Language.ENGLISH, channels=(Channel.EMAIL,))
    told(quiet, kind, date(2026, 9, 1))
    post = Post()
    deliver_due(quiet.bank, post)
    (letter,) = post.taken
    assert "until 2026-09-01" in letter.body
    assert letter.subject.startswith("Test Bank: ")
    assert rows(quiet)[0].about == f"limit.{kind}"


def test_a_wish_that_is_not_granted_is_answered_in_the_managers_own_words(quiet: World) -> None:
    reached(quiet, language=Language.ENGLISH, channels=(Channel.EMAIL,))
    with at_work(quiet) as desk:
        customer, answer = quiet.ids["zhang.customer"], "Try {again} in May, [b]please[/b]."
        tell_of_refusal(desk, customer, LimitChangeKind.TEMPORARY, Money.yuan(5_000), answer)
    post = Post()
    deliver_due(quiet.bank, post)
    assert "a temporary increase of 5,000.00 yuan" in post.taken[0].body
    assert answer in post.taken[0].body


def test_names_that_look_like_templates_are_said_as_they_are(quiet: World) -> None:
    hostile = "{bank} {0} {count:a|b} Zoë\n张"
    subject = Phrase("{bank}: {subject}", {"bank": hostile, "subject": "s"})
    body = (Phrase("- {reason}", {"reason": Phrase("The answer of the bank: {answer}", {"answer": hostile})}),)
    with at_work(quiet) as desk:
        tell_all(desk, (Notice(quiet.ids["zhang.customer"], "test", Words(subject, body, body)),))
    post = Post()
    assert deliver_due(quiet.bank, post) == Delivered(sent=3)
    assert all(hostile in letter.body for letter in post.taken)


@pytest.mark.parametrize(
    ("contact", "problem"),
    [
        ({"do_not_disturb": True}, DO_NOT_DISTURB),
        ({"channels": ()}, NO_CHANNEL),
        ({"channels": (Channel.POST, Channel.PHONE)}, NO_CHANNEL),
        ({"channels": (Channel.EMAIL,), "email": ""}, NO_CHANNEL),
    ],
)
def test_who_is_not_reached_or_not_to_be_disturbed_finds_the_notice_on_the_own_page(
    contact: dict[str, Any], problem: str, quiet: World
) -> None:
    reached(quiet, **contact)
    told(quiet)
    assert deliver_due(quiet.bank, Post()) == Delivered()
    (mine,) = messages.my_messages(quiet.desk("zhang")).items
    assert (mine.state, mine.problem, mine.kind, mine.change) == (MessageState.KEPT, problem, None, quiet.ids["change"])
    assert (rows(quiet)[0].subject, rows(quiet)[0].body) == (None, None)


def test_a_bank_may_tell_of_limits_despite_do_not_disturb(quiet: World) -> None:
    reached(quiet, do_not_disturb=True)
    under(quiet, notices_despite_do_not_disturb=True)
    told(quiet)
    assert deliver_due(quiet.bank, Post()) == Delivered(sent=3)


def test_only_what_the_branch_can_send_by_is_written(quiet: World) -> None:
    quiet.bank.delivery = Delivery("smtp", host="127.0.0.1", port=9, starttls=False, sender="a@b.example")
    told(quiet)
    assert [row.kind for row in rows(quiet)] == [Channel.EMAIL]


def test_nobody_is_disturbed_at_night_and_codes_come_all_the_same(quiet: World) -> None:
    at_hour(quiet, 23)
    told(quiet)
    channels.propose(quiet.town.sign_in("other"), ChannelKind.EMAIL, "o@example.com", SECRET)
    assert [row.about for row in rows(quiet) if row.delivered_at] == ["channel.code"]
    assert deliver_due(quiet.bank, Post()) == Delivered()
    held, until = held_until(quiet.bank)
    assert (held, until) == (3, datetime(2026, 3, 3, 0, 0, tzinfo=UTC))
    at_hour(quiet, 7)
    assert deliver_due(quiet.bank, Post()) == Delivered()
    at_hour(quiet, 8)
    assert deliver_due(quiet.bank, Post()) == Delivered(sent=3)
    assert held_until(quiet.bank) == (0, None)


def test_a_notice_that_failed_in_the_evening_rests_until_the_morning(quiet: World) -> None:
    at_hour(quiet, 21)
    advance(quiet, minutes=20)
    told(quiet)
    assert deliver_due(quiet.bank, Post(Undelivered("smtp.450"))) == Delivered(failed=3)
    advance(quiet, minutes=20)
    assert deliver_due(quiet.bank, Post()) == Delivered()
    at_hour(quiet, 9)
    assert deliver_due(quiet.bank, Post()) == Delivered(sent=3)


def test_a_bank_without_quiet_hours_tells_at_night(quiet: World) -> None:
    under(quiet, quiet_from_hour=0, quiet_until_hour=0)
    at_hour(quiet, 23)
    told(quiet)
    assert deliver_due(quiet.bank, Post()) == Delivered(sent=3)


def test_after_seven_days_a_notice_is_given_up(quiet: World) -> None:
    told(quiet)
    advance(quiet, days=7)
    assert deliver_due(quiet.bank, Post()) == Delivered()
    assert {(row.problem, row.body) for row in rows(quiet)} == {("expired", None)}


def test_what_was_handed_over_and_never_answered_for_is_not_sent_again_by_itself(quiet: World) -> None:
    reached(quiet, channels=(Channel.EMAIL,))
    told(quiet)
    doubt = Post(Undelivered("smtp.timeout", unreachable=True, in_doubt=True))
    assert deliver_due(quiet.bank, doubt) == Delivered(in_doubt=1)
    for _ in range(3):
        advance(quiet, hours=24)
        at_hour(quiet, 12)
        assert deliver_due(quiet.bank, Post()) == Delivered()
    (view,) = messages.outbox(quiet.town.sign_in("manager"), MessageState.IN_DOUBT).items
    assert (view.state, view.problem, view.address) == (MessageState.IN_DOUBT, "smtp.timeout", "z***@example.com")


def test_a_manager_sends_again_what_is_in_doubt_once_and_says_why(quiet: World) -> None:
    reached(quiet, channels=(Channel.EMAIL,))
    told(quiet)
    deliver_due(quiet.bank, Post(Undelivered("smtp.timeout", in_doubt=True)))
    (row,) = rows(quiet)
    quiet.bank.delivery = Delivery("none")
    view = messages.send_again(quiet.desk("manager"), row.id, "She heard nothing.").view
    assert view.state is MessageState.WAITING
    with pytest.raises(Conflict, match="not in doubt"):
        messages.send_again(quiet.desk("manager2"), row.id, "Nor did I.")
    post = Post()
    assert deliver_due(quiet.bank, post) == Delivered(sent=1)
    assert [letter.id for letter in post.taken] == [row.id]
    with pytest.raises(Conflict, match="not in doubt"):
        messages.send_again(quiet.desk("manager"), row.id, "Once more.")


def test_why_a_message_is_sent_again_is_not_for_the_customers_own_log(quiet: World) -> None:
    reached(quiet, channels=(Channel.EMAIL,))
    told(quiet)
    deliver_due(quiet.bank, Post(Undelivered("smtp.timeout", in_doubt=True)))
    messages.send_again(quiet.desk("manager"), rows(quiet)[0].id, "He always pretends not to get mail.")
    (mine,) = [row for row in logs.my_log(quiet.desk("zhang")).items if row.action == "message.send_again"]
    assert "pretends" not in str(mine)


@pytest.mark.parametrize(
    ("contact", "problem", "sent"),
    [
        ({"do_not_disturb": True}, DO_NOT_DISTURB, 0),
        ({"channels": (Channel.SMS,)}, NO_CHANNEL, 1),
        ({"email": "new@example.com"}, NO_CHANNEL, 2),
    ],
)
def test_what_waits_for_the_end_of_the_quiet_hours_goes_only_where_the_customer_still_wants_it(
    contact: dict[str, Any], problem: str, sent: int, quiet: World
) -> None:
    under(quiet, quiet_from_hour=0, quiet_until_hour=23)
    told(quiet)
    reached(quiet, **contact)
    at_hour(quiet, 23)
    post = Post()
    assert deliver_due(quiet.bank, post) == Delivered(sent=sent)
    assert "zhang@example.com" not in {letter.address for letter in post.taken}
    kept = {(row.problem, row.address, row.body) for row in rows(quiet) if not row.delivered_at}
    assert kept == {(problem, None, None)}


def test_sending_again_does_not_reach_who_asked_meanwhile_not_to_be_disturbed(quiet: World) -> None:
    reached(quiet, channels=(Channel.EMAIL,))
    told(quiet)
    deliver_due(quiet.bank, Post(Undelivered("smtp.timeout", in_doubt=True)))
    reached(quiet, channels=(Channel.EMAIL,), do_not_disturb=True)
    messages.send_again(quiet.desk("manager"), rows(quiet)[0].id, "She heard nothing.")
    assert (rows(quiet)[0].delivered_at, rows(quiet)[0].problem) == (None, DO_NOT_DISTURB)


def test_nobody_sends_again_what_is_on_its_way(quiet: World) -> None:
    reached(quiet, channels=(Channel.EMAIL,))
    told(quiet)

    class OnItsWay(Post):
        def send(self, letter: Any) -> None:
            with pytest.raises(Conflict, match="being sent just now"):
                messages.send_again(quiet.desk("manager"), letter.id, "Quick.")
            assert deliver_due(quiet.bank, Post()) == Delivered()
            super().send(letter)

    assert deliver_due(quiet.bank, OnItsWay()) == Delivered(sent=1)


def test_a_clear_refusal_is_tried_again_and_a_final_one_given_up(quiet: World) -> None:
    reached(quiet, channels=(Channel.EMAIL,))
    told(quiet)
    assert deliver_due(quiet.bank, Post(Undelivered("smtp.450"))) == Delivered(failed=1)
    assert rows(quiet)[0].handed_over_at is None
    advance(quiet, minutes=1)
    assert deliver_due(quiet.bank, Post(Undelivered("smtp.550", final=True))) == Delivered(given_up=1)
    assert messages.outbox(quiet.desk("admin"), MessageState.GIVEN_UP).items[0].problem == "smtp.550"


def test_where_mail_is_down_text_messages_go_on(quiet: World) -> None:
    told(quiet)

    class MailDown(Post):
        def send(self, letter: Any) -> None:
            if letter.kind is Channel.EMAIL:
                raise Undelivered("smtp.unreachable", unreachable=True)
            super().send(letter)

    assert deliver_due(quiet.bank, MailDown()) == Delivered(sent=2, failed=1)


def test_five_hundred_customers_are_told_at_once(quiet: World) -> None:
    with quiet.bank.store.write() as connection:
        first = connection.execute(select(CUSTOMER).where(CUSTOMER.c.id == quiet.ids["zhang.customer"])).one()
        copies = [{**first._mapping, "id": new_id(), "external_id": None} for _ in range(500)]
        connection.execute(CUSTOMER.insert(), copies)
    change = quiet.ids["change"]
    began = time.perf_counter()
    with at_work(quiet) as desk:
        amounts = Money.yuan(10_000), Money.yuan(13_000)
        tell_all(
            desk,
            [
                notice_of_change(desk, change, each["id"], LimitChangeKind.RAISE, *amounts, None, REASON)
                for each in copies
            ],
        )
    assert time.perf_counter() - began < 5
    assert {row.customer_id for row in rows(quiet)} == {each["id"] for each in copies}
    assert len(rows(quiet)) == 1500
    assert len({row.id for row in rows(quiet)}) == 1500


def test_a_process_killed_with_a_notice_in_hand_leaves_it_in_doubt_and_a_new_one_sends_the_rest(quiet: World) -> None:
    told(quiet)
    script = f"""
        import os, signal
        from datetime import datetime
        from pathlib import Path
        from bankcard_tui.config import Delivery, Home
        from bankcard_tui.delivery.local import FolderTransport
        from bankcard_tui.desk.bank import Bank
        from bankcard_tui.desk.clock import SimulatedClock
        from bankcard_tui.services.outbox import deliver_due

        written = FolderTransport.send
        def send(self, letter):
            written(self, letter)
            os.kill(os.getpid(), signal.SIGKILL)
        FolderTransport.send = send
        clock = SimulatedClock(datetime.fromisoformat({quiet.bank.clock.now().isoformat()!r}))
        home = Home(Path({str(quiet.bank.store.path.parent.parent)!r}))
        bank = Bank.open(home, clock=clock, cost=4)
        deliver_due(bank, FolderTransport(Path({str(quiet.bank.store.path.parent / "taken")!r})))
    """
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], env=environment, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    post = Post()
    advance(quiet, hours=3)
    assert deliver_due(quiet.bank, post) == Delivered(sent=2)
    (taken,) = (quiet.bank.store.path.parent / "taken").glob("*.txt")
    assert not any(str(letter.id) in taken.name for letter in post.taken)
    manager = quiet.town.sign_in("manager")
    (doubtful,) = messages.outbox(manager, MessageState.IN_DOUBT).items
    assert str(doubtful.id) in taken.name
    quiet.bank.delivery = Delivery("none")
    assert messages.send_again(manager, doubtful.id, "Asked her.").view.state is MessageState.WAITING


def test_a_customer_sees_only_the_own_messages(quiet: World) -> None:
    told(quiet)
    mine = messages.my_messages(quiet.desk("zhang")).items
    assert {(each.state, each.address) for each in mine} == {
        (MessageState.WAITING, "+86 138****8000"),
        (MessageState.WAITING, "z***@example.com"),
        (MessageState.WAITING, ""),
    }
    with pytest.raises(Refused):
        messages.messages_of(quiet.desk("other"), quiet.ids["zhang.customer"])
