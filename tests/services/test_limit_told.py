"""Whoever's limit is changed or not changed reads it at once, from the signature on."""

from __future__ import annotations

import pytest

from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import Channel, Language
from bankcard_tui.services import limit_proposals, requests
from bankcard_tui.services.customers import change_contact, open_file
from bankcard_tui.services.messages import my_messages
from bankcard_tui.services.profile import Contact
from tests.services.limit_day import proposed
from tests.services.post import letters_to
from tests.services.world import World

ADDRESS = "issued@example.com"


@pytest.fixture
def told(world: World) -> World:
    """The customer whose card was issued accepts e-mail in Chinese."""
    teller, customer = world.desk("teller"), world.ids["issued.customer"]
    contact = Contact(phone="13800138000", email=ADDRESS, channels=(Channel.EMAIL,), language=Language.CHINESE)
    change_contact(teller, customer, open_file(teller, customer).version, contact)
    return world


def raised(world: World, amount: int) -> None:
    id = proposed(world.bank, world.ids["issued.limit"], Money.yuan(amount))
    version = limit_proposals.open_proposal(world.desk("manager"), id).proposal.version
    pending = limit_proposals.sign(world.desk("manager"), id, version, Money.yuan(amount)).pending
    if pending is not None:
        assert letters_to(world.bank, ADDRESS) == []
        requests.sign(world.desk("manager2"), pending.id)


def test_the_customer_reads_of_a_signed_increase_with_the_last_signature(told: World) -> None:
    raised(told, 13_000)
    (letter,) = letters_to(told.bank, ADDRESS)
    assert "您的信用额度已提高" in letter
    assert "调整前 10,000.00 元" in letter
    assert "调整后 13,000.00 元" in letter
    (mine,) = my_messages(told.town.desk("issued")).items
    assert (mine.state, mine.about) == ("delivered", "limit.raise")
