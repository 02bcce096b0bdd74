"""Notices: what customers are told, written in the transaction of what it is about, and sent once.

Each goes to every channel that the customer accepts, that the branch can send by and that has an address, in the
customer's language. Where there is none, or the customer does not want to be disturbed, the notice is kept without an
address: the customer finds on the own page what it was about. To be followed by :func:`outbox.deliver_now`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Row, insert, select

from bankcard_tui.desk.desk import Desk
from bankcard_tui.errors import Phrase
from bankcard_tui.locale import LANGUAGES, say_all
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import Channel, LimitChangeKind
from bankcard_tui.services.notice_words import Words, of_change, of_refusal, shortened
from bankcard_tui.services.outbox import MESSAGE, after_quiet_hours, in_all_languages, written
from bankcard_tui.services.subjects import CUSTOMER
from bankcard_tui.services.transports import transport_of

CHANGED, REFUSED = "limit.", "limit.refused"
"""What notices are about: a change by its kind, as ``limit.raise``, or that a wish was not granted."""

NO_CHANNEL, DO_NOT_DISTURB = "no_channel", "do_not_disturb"
"""Why a notice is kept and not sent."""

_Customer: TypeAlias = Row[*tuple[Any, ...]]
"""A row of what has to be known of a customer to reach one."""

_AT_ONCE = 500
"""How many customers are looked up in one question."""

_REACHED = select(
    CUSTOMER.c.id,
    CUSTOMER.c.phone,
    CUSTOMER.c.email,
    CUSTOMER.c.channels,
    CUSTOMER.c.language,
    CUSTOMER.c.do_not_disturb,
)


@dataclass(frozen=True, slots=True)
class Notice:
    """What one customer is told, about ``about`` (a word such as ``limit.raise``, nothing secret)."""

    customer_id: UUID
    about: str
    words: Words
    change_id: UUID | None = None


def tell_of_change(
    desk: Desk,
    change_id: UUID,
    customer_id: UUID,
    kind: LimitChangeKind,
    before: Money,
    after: Money,
    until: date | None,
    reason: tuple[Phrase, ...],
) -> None:
    """Tell a customer of a changed limit, with all that may be owed before and after, and why."""
    tell_all(desk, (notice_of_change(desk, change_id, customer_id, kind, before, after, until, reason),))


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


def tell(
    desk: Desk,
    customer_id: UUID,
    about: str,
    subject: Phrase,
    body: tuple[Phrase, ...],
    change_id: UUID | None = None,
) -> None:
    """Tell a customer something; a text message says the same as a letter, after the bank's name."""
    words = Words(subject, body, shortened(desk.bank.branch.bank, body))
    tell_all(desk, (Notice(customer_id, about, words, change_id),))


def tell_all(desk: Desk, notices: Iterable[Notice]) -> None:
    """Write notices in the transaction of the running operation, all of them in one statement."""
    all_of_them = tuple(notices)
    customers = {each.id: each for each in _reached(desk, {each.customer_id for each in all_of_them})}
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


def _reached(desk: Desk, ids: set[UUID]) -> Iterator[_Customer]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _AT_ONCE):
        found = _REACHED.where(CUSTOMER.c.id.in_(ordered[start : start + _AT_ONCE]))
        yield from desk.sql.execute(found).all()


def _messages(desk: Desk, notice: Notice, customer: _Customer, kinds: frozenset[Channel]) -> Iterator[dict[str, Any]]:
    """The columns of a message for each channel by which this customer is told; of one that is kept where there is
    none.
    """
    common = {
        "customer_id": notice.customer_id,
        "change_id": notice.change_id,
        "once": True,
        "tries": 0,
    }
    disturbed = customer.do_not_disturb and not desk.policy.notices_despite_do_not_disturb
    addresses = {Channel.SMS: customer.phone, Channel.EMAIL: customer.email, Channel.APP: str(customer.id)}
    accepted = customer.channels.split()
    reached = [each for each in addresses if each in accepted and each in kinds and addresses[each] and not disturbed]
    languages = (customer.language.value,) if customer.language else tuple(LANGUAGES)
    for kind in reached:
        subject, body = _texts(notice.words, kind, languages)
        yield {
            **written(desk, kind, notice.about, addresses[kind], subject, body),
            **common,
            "ended_at": None,
            "problem": "",
        }
    if not reached:
        yield {
            **written(desk, None, notice.about),
            **common,
            "ended_at": desk.now,
            "problem": DO_NOT_DISTURB if disturbed else NO_CHANNEL,
        }


def _texts(words: Words, kind: Channel, languages: tuple[str, ...]) -> tuple[str, str]:
    """Subject and body for a channel, in each of these languages; a text message has no subject and is one line."""
    if kind is Channel.SMS:
        return "", "\n".join(say_all(words.short, language) for language in languages[::-1])
    return in_all_languages((words.subject,), " / ", languages), in_all_languages(words.body, "\n\n", languages)
