"""Notices: what customers are told, written in the transaction of what it is about, and sent once.

Each goes to every channel that the customer accepts, that the branch can send by and that has an address, in the
customer's language. Where there is none, or the customer does not want to be disturbed, the notice is kept without an
address: the customer finds on the own page what it was about. To be followed by :func:`outbox.deliver_now`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from bankcard_tui.desk.desk import Desk
from bankcard_tui.errors import Phrase
from bankcard_tui.locale import LANGUAGES, say_all
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import Channel, LimitChangeKind
from bankcard_tui.services.notice_words import Words, of_change, of_refusal
from bankcard_tui.services.outbox import MESSAGE, after_quiet_hours, in_all_languages, written
from bankcard_tui.services.reaching import DO_NOT_DISTURB, NO_CHANNEL, Reached, addresses_of, is_left_alone, reached
from bankcard_tui.services.transports import transport_of

CHANGED, REFUSED = "limit.", "limit.refused"
"""What notices are about: a change by its kind, as ``limit.raise``, or that a wish was not granted."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What one customer is told, about ``about`` (a word such as ``limit.raise``, nothing secret)."""

    customer_id: UUID
    about: str
    words: Words
    change_id: UUID | None = None


def notice_of_change(
    desk: Desk,
    change_id: UUID,
    customer_id: UUID,
    kind: LimitChangeKind,
    before: Money,
    after: Money,
    until: date | None,
    reason: tuple[Phrase, ...],
) -> Notice:
    """The notice of a changed limit, for :func:`tell_all`: many changes are told at once."""
    branch = desk.bank.branch
    words = of_change(branch.bank, branch.name, kind, before, after, until, reason)
    return Notice(customer_id, f"{CHANGED}{kind}", words, change_id)


def tell_of_refusal(desk: Desk, customer_id: UUID, proposal_kind: LimitChangeKind, amount: Money, answer: str) -> None:
    """Tell a customer who asked for a limit that it is not granted; ``answer`` is the manager's own word."""
    branch = desk.bank.branch
    tell_all(desk, (Notice(customer_id, REFUSED, of_refusal(branch.bank, branch.name, proposal_kind, amount, answer)),))


def tell_all(desk: Desk, notices: Iterable[Notice]) -> None:
    """Write notices in the transaction of the running operation, all of them in one statement."""
    all_of_them = tuple(notices)
    customers = {each.id: each for each in reached(desk, {each.customer_id for each in all_of_them})}
    transport = transport_of(desk.bank)
    kinds = transport.kinds if transport is not None else frozenset()
    times = {
        "next_try_at": after_quiet_hours(desk),
        "expires_at": desk.now + timedelta(days=desk.policy.notice_days),
    }
    rows = [
        {**columns, **times}
        for notice in all_of_them
        for columns in _messages(desk, notice, customers[notice.customer_id], kinds)
    ]
    if rows:
        desk.sql.execute(insert(MESSAGE), rows)


def _messages(desk: Desk, notice: Notice, customer: Reached, kinds: frozenset[Channel]) -> Iterator[dict[str, Any]]:
    """The columns of a message for each channel by which this customer is told; of one that is kept where there is
    none.
    """
    common = {
        "customer_id": notice.customer_id,
        "change_id": notice.change_id,
        "once": True,
        "tries": 0,
    }
    left_alone = is_left_alone(desk, customer)
    ways = {} if left_alone else {kind: to for kind, to in addresses_of(customer).items() if kind in kinds}
    languages = (customer.language.value,) if customer.language else tuple(LANGUAGES)
    for kind, address in ways.items():
        subject, body = _texts(notice.words, kind, languages)
        yield {
            **written(desk, kind, notice.about, address, subject, body),
            **common,
            "ended_at": None,
            "problem": "",
        }
    if not ways:
        yield {
            **written(desk, None, notice.about),
            **common,
            "ended_at": desk.now,
            "problem": DO_NOT_DISTURB if left_alone else NO_CHANNEL,
        }


def _texts(words: Words, kind: Channel, languages: tuple[str, ...]) -> tuple[str, str]:
    """Subject and body for a channel, in each of these languages; a text message has no subject and is one line."""
    if kind is Channel.SMS:
        return "", "\n".join(say_all(words.short, language) for language in languages[::-1])
    return in_all_languages((words.subject,), " / ", languages), in_all_languages(words.body, "\n\n", languages)
