"""An own channel is an address that the person gave and confirmed, and nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bankcard_tui.config import Delivery
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import Conflict, InvalidInput, Refused
from bankcard_tui.rules.contact import mask_email
from bankcard_tui.rules.terms import ChannelKind
from bankcard_tui.services import channels
from bankcard_tui.services.channels import CHANNEL
from tests.branch import PASSWORD
from tests.services.post import code_sent_to, letters_to
from tests.services.world import World

SECRET = Secret(PASSWORD)


def gives(world: World, address: str, kind: ChannelKind = ChannelKind.EMAIL, username: str = "zhang") -> Secret:
    channels.propose(world.desk(username), kind, address, SECRET)
    return code_sent_to(world.bank, address)


def test_an_address_is_in_force_when_its_code_was_typed_and_is_shown_masked(again: World) -> None:
    zhang = again.desk("zhang")
    code = gives(again, "zw@home.example")
    waiting = channels.mine(zhang)
    assert waiting.confirmed is None
    assert waiting.waiting is not None
    assert channels.confirm(zhang, code).view.address == "z***@home.example"
    mine = channels.mine(zhang)
    assert (mine.waiting, mine.altered) == (None, False)
    assert mine.confirmed is not None
    assert mine.confirmed.address == "z***@home.example"


def test_a_mobile_number_is_an_own_channel_too(again: World) -> None:
    channels.propose(again.desk("zhang"), ChannelKind.SMS, "138 0013 8000", SECRET)
    view = channels.confirm(again.desk("zhang"), code_sent_to(again.bank, "+8613800138000")).view
    assert view.address == "+86 138****8000"


@pytest.mark.parametrize(
    ("kind", "address"),
    [(ChannelKind.EMAIL, ""), (ChannelKind.EMAIL, "13800138000"), (ChannelKind.SMS, "zw@example.com"),
     (ChannelKind.EMAIL, "a@b.example\r\nBcc: c@d.example"), (ChannelKind.SMS, "021 6329 0000")],
)  # fmt: skip
def test_what_is_no_address_is_refused_at_its_field(again: World, kind: ChannelKind, address: str) -> None:
    with pytest.raises(InvalidInput) as problem:
        channels.propose(again.desk("zhang"), kind, address, SECRET)
    assert problem.value.field == "address"


def test_only_who_knows_the_password_gives_or_removes_an_address(again: World) -> None:
    """Somebody at a terminal that was left open redirects no codes."""
    zhang, wrong = again.desk("zhang"), Secret("not the password at all")
    before = again.contents(without=("log_entry", "log_head", "sign_in_tries", "session"))
    with pytest.raises(Refused):
        channels.propose(zhang, ChannelKind.EMAIL, "thief@example.com", wrong)
    with pytest.raises(Refused):
        channels.remove(zhang, wrong)
    assert again.contents(without=("log_entry", "log_head", "sign_in_tries", "session")) == before
    assert letters_to(again.bank, "thief@example.com") == []


def test_the_former_address_is_told_when_another_takes_its_place_or_none_does(again: World) -> None:
    zhang = again.desk("zhang")
    channels.confirm(zhang, gives(again, "old@home.example"))
    told = len(letters_to(again.bank, "old@home.example"))
    code = gives(again, "new@home.example")
    assert len(letters_to(again.bank, "old@home.example")) == told
    channels.confirm(zhang, code)
    assert "no longer the own channel of zhang" in letters_to(again.bank, "old@home.example")[-1]
    channels.remove(zhang, SECRET)
    assert "no longer the own channel of zhang" in letters_to(again.bank, "new@home.example")[-1]
    mine = channels.mine(zhang)
    assert (mine.confirmed, mine.waiting) == (None, None)
    with pytest.raises(Conflict, match="no own channel"):
        channels.remove(zhang, SECRET)


def test_a_code_counts_only_for_the_address_it_was_sent_to_and_only_once(again: World) -> None:
    zhang = again.desk("zhang")
    early = gives(again, "one@home.example")
    late = gives(again, "two@home.example")
    for code in (early, again.codes["other.channel"], Secret("2222-2222")):
        with pytest.raises(Refused, match="This is not the code"):
            channels.confirm(zhang, code)
    channels.confirm(zhang, late)
    with pytest.raises(Refused, match="This is not the code"):
        channels.confirm(zhang, late)


def test_five_tries_at_the_code_and_no_more(again: World) -> None:
    zhang, code = again.desk("zhang"), again.codes["zhang.channel"]
    for _ in range(5):
        with pytest.raises(Refused):
            channels.confirm(zhang, Secret("2222-2222"))
    with pytest.raises(Refused):
        channels.confirm(zhang, code)


def test_the_code_of_an_address_holds_ten_minutes(world: World) -> None:
    clock = world.bank.clock
    assert isinstance(clock, SimulatedClock)
    clock.advance(timedelta(minutes=10))
    with pytest.raises(Refused, match="no longer valid"):
        channels.confirm(world.desk("zhang"), world.codes["zhang.channel"])


def test_no_more_codes_than_five_an_hour_go_out(again: World) -> None:
    for place in range(4):  # one was sent when the day began
        gives(again, f"a{place}@home.example")
    with pytest.raises(Refused, match="5 codes were sent within the last hour"):
        gives(again, "a5@home.example")


@pytest.mark.parametrize(
    ("delivery", "kind"),
    [
        (Delivery("none"), ChannelKind.EMAIL),
        (Delivery(), ChannelKind.EMAIL),
        (Delivery("smtp", host="127.0.0.1", sender="a@b.example"), ChannelKind.SMS),
    ],
)
def test_what_can_not_be_sent_is_said_plainly(world: World, delivery: Delivery, kind: ChannelKind) -> None:
    world.bank.delivery = delivery
    with pytest.raises(Refused, match="can't send messages of this kind") as problem:
        channels.propose(world.desk("zhang"), kind, "zw@home.example", SECRET)
    assert "[delivery]" in problem.value.hint


@pytest.mark.parametrize(
    "change",
    [
        "account_id = (SELECT account_id FROM channel WHERE account_id <> x'{zhang}' LIMIT 1)",
        "kind = 'sms'",
        "address = (SELECT address FROM channel WHERE account_id <> x'{zhang}' LIMIT 1)",
        "confirmed_at = confirmed_at + 1",
        "mark = x'00'",
    ],
)
def test_a_row_that_was_altered_is_not_used_and_its_person_is_told(again: World, change: str) -> None:
    zhang, id = again.desk("zhang"), again.ids["zhang.account"].hex
    channels.confirm(zhang, gives(again, "zw@home.example"))
    with again.bank.store.write() as connection:
        connection.exec_driver_sql(f"UPDATE channel SET {change.format(zhang=id)} WHERE account_id = x'{id}'")
    mine = channels.mine(zhang)
    assert mine.confirmed is None
    assert mine.altered or change.startswith("account_id")


def test_an_address_that_waits_is_not_confirmed_by_writing_to_the_store(again: World) -> None:
    zhang = again.desk("zhang")
    gives(again, "thief@home.example")
    with again.bank.store.write() as connection:
        connection.exec_driver_sql("UPDATE channel SET confirmed_at = made_at, code_digest = NULL")
    assert channels.mine(zhang).confirmed is None


def test_addresses_lie_sealed_in_the_store(again: World) -> None:
    channels.confirm(again.desk("zhang"), gives(again, "zw@home.example"))
    with again.bank.store.read() as connection:
        rows = connection.execute(select(CHANNEL.c.address)).scalars().all()
    assert len(rows) > 1
    assert not any(b"home" in row for row in rows)
    assert "zw@home" not in str(again.contents())


@pytest.mark.parametrize(
    ("address", "masked"), [("zhang@example.com", "z***@example.com"), ("z@x.example", "z***@x.example")]
)
def test_a_masked_address_shows_where_but_not_who(address: str, masked: str) -> None:
    assert mask_email(address) == masked
