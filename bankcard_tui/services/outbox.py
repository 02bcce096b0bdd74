"""The outbox: messages to people's own channels, written with what they tell and delivered once that is committed.

A code is delivered at least once: a process that dies between sending it and saying so leaves it due. A notice goes at
most once: one that was handed over and of which nobody said what became is in doubt, and not sent again by itself. What
a message says is sealed, and erased as soon as it was delivered or given up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, select, update

from bankcard_tui.delivery.letter import Letter, Transport, Undelivered
from bankcard_tui.desk.access import Lobby, not_allowed
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import operation
from bankcard_tui.desk.registry import Secret
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Phrase, Unavailable, VerificationFailed
from bankcard_tui.locale import LANGUAGES, say
from bankcard_tui.models.base import table
from bankcard_tui.models.outbox import Message
from bankcard_tui.rules.quiet_hours import not_before
from bankcard_tui.rules.terms import Channel, ChannelKind, MessageState, Role
from bankcard_tui.rules.text import clean_line
from bankcard_tui.services.reaching import why_not
from bankcard_tui.services.subjects import no_such
from bankcard_tui.services.transports import transport_of
from bankcard_tui.store.sealing import seal, unseal
from bankcard_tui.store.types import new_id

MESSAGE = table(Message)
AGAIN_AFTER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
"""How long after a first, a second and any further try the next one is due."""

AT_ONCE = 5
"""How many messages are delivered while the person who caused one waits for the answer; the rest goes with the next."""

_ERASED = {"address": None, "subject": None, "body": None}


class DueMessage(View):
    """A message to be sent now, at its ``tries``-th try. Its parts are secret: the body may hold a code."""

    id: UUID
    kind: Channel
    address: Secret
    subject: Secret
    body: Secret
    claimed_at: datetime
    tries: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a round of deliveries came to: ``failed`` are tried again, ``given_up`` never, and of ``in_doubt`` nobody
    knows whether they arrived.
    """

    sent: int = 0
    failed: int = 0
    given_up: int = 0
    in_doubt: int = 0


def write_message(
    desk: Desk,
    account_id: UUID,
    kind: ChannelKind,
    address: str,
    about: str,
    subject: Phrase,
    body: tuple[Phrase, ...],
    expires_at: datetime,
) -> None:
    """Write a message in the transaction of the running operation; to be followed by :func:`deliver_now`.

    ``about`` says what it is about, as ``reset.code``; nothing secret. Nobody knows which language its reader prefers:
    it says the same in every one.
    """
    desk.add(
        Message,
        account_id=account_id,
        expires_at=expires_at,
        next_try_at=desk.now,
        **written(desk, kind, about, address, in_all_languages((subject,), " / "), in_all_languages(body, "\n\n")),
    )


def in_all_languages(phrases: tuple[Phrase, ...], between: str, languages: Sequence[str] = tuple(LANGUAGES)) -> str:
    """What phrases say, a line each, in every one of ``languages``, the last one of LANGUAGES first."""
    return between.join("\n".join(say(each, language) for each in phrases) for language in reversed(languages))


def written(desk: Desk, kind: str | None, about: str, *parts: str) -> dict[str, Any]:
    """The columns of a new message that say what it is, with its ``parts`` sealed: address, subject and body; without
    any it goes nowhere.
    """
    id = new_id(desk.now)
    sealed = {name: seal(desk.keys, f"message.{name}", id, text) for name, text in zip(_ERASED, parts, strict=False)}
    return {
        "id": id,
        "branch_id": desk.branch_id,
        "kind": kind and Channel(kind),
        "about": about,
        "made_at": desk.now,
        "policy_version": desk.policy_version,
        **_ERASED,
        **sealed,
    }


def after_quiet_hours(desk: Desk) -> datetime:
    """Now, or the end of the quiet hours: when a notice may go."""
    policy = desk.policy
    return not_before(desk.now, ZoneInfo(desk.bank.branch.zone), policy.quiet_from_hour, policy.quiet_until_hour)


def written_since(desk: Desk, account_id: UUID, about: tuple[str, ...], since: datetime) -> int:
    """How many messages of these kinds were written to an account since a moment."""
    return int(
        desk.sql.execute(
            select(func.count())
            .select_from(MESSAGE)
            .where(MESSAGE.c.account_id == account_id, MESSAGE.c.about.in_(about), MESSAGE.c.made_at > since)
        ).scalar_one()
    )


@operation("message.claim", allow=Lobby.ANYBODY, internal=True, idempotent=False)
def _claim(desk: Desk, kinds: tuple[Channel, ...], first: bool) -> DueMessage | None:
    """Take the message of these kinds that has been due for longest. Nobody else takes it until its next try is due; a
    notice is handed over by that, and nobody takes it again before it is settled. The ``first`` time in a round, all
    that have lost their meaning are given up.
    """
    _only_the_system(desk)
    waiting = (MESSAGE.c.branch_id == desk.branch_id, MESSAGE.c.ended_at.is_(None))
    if first:
        desk.sql.execute(
            update(MESSAGE)
            .where(*waiting, MESSAGE.c.expires_at <= desk.now)
            .values(ended_at=desk.now, problem=func.coalesce(func.nullif(MESSAGE.c.problem, ""), "expired"), **_ERASED)
        )
    notices_rest = after_quiet_hours(desk) > desk.now
    free = ~MESSAGE.c.once if notices_rest else MESSAGE.c.handed_over_at.is_(None)
    in_time = (MESSAGE.c.next_try_at <= desk.now, MESSAGE.c.expires_at > desk.now)
    due = (*waiting, *in_time, MESSAGE.c.kind.in_(kinds), free)
    while True:
        row = desk.sql.execute(select(MESSAGE).where(*due).order_by(MESSAGE.c.next_try_at).limit(1)).one_or_none()
        if row is None:
            return None
        parts = {"address": row.address, "subject": row.subject, "body": row.body}
        try:
            opened = {
                name: Secret(unseal(desk.keys, f"message.{name}", row.id, sealed or b""))
                for name, sealed in parts.items()
            }
        except VerificationFailed as altered:
            _end(desk, row.id, altered.code)
            continue
        if row.customer_id is not None:
            # Between writing and sending lies a night, or days of failed tries: what the customer wants now counts.
            unwanted = why_not(desk, row.customer_id, row.kind, opened["address"].get_secret_value())
            if unwanted:
                _end(desk, row.id, unwanted)
                continue
        taken = {"handed_over_at": desk.now, "problem": ""} if row.once else {}
        tries = row.tries + 1
        desk.sql.execute(
            update(MESSAGE)
            .where(MESSAGE.c.id == row.id)
            .values(tries=tries, next_try_at=desk.now + AGAIN_AFTER[min(tries, len(AGAIN_AFTER)) - 1], **taken)
        )
        return DueMessage(id=row.id, kind=row.kind, claimed_at=desk.now, tries=tries, **opened)


@operation("message.settle", allow=Lobby.ANYBODY, internal=True, idempotent=False)
def _settle(desk: Desk, message: UUID, tries: int, problem: str, final: bool, in_doubt: bool) -> MessageState:
    """Note how the ``tries``-th try went, without a problem or with one, and how the message stands now."""
    _only_the_system(desk)
    problem = clean_line("problem", problem, most=60, required=False)
    row = desk.sql.execute(select(MESSAGE).where(MESSAGE.c.id == message)).one_or_none()
    if row is None:
        raise no_such("message")
    if row.ended_at is not None or (problem and row.tries != tries):
        return state_of(row)  # two processes sent it, and this one is late to say so
    if not problem:
        ended = {"delivered_at": desk.now, "ended_at": desk.now, "problem": "", **_ERASED}
        desk.sql.execute(update(MESSAGE).where(MESSAGE.c.id == message).values(**ended))
        return MessageState.DELIVERED
    if in_doubt and row.once:
        desk.sql.execute(update(MESSAGE).where(MESSAGE.c.id == message).values(problem=problem))
        return MessageState.IN_DOUBT
    if final or row.next_try_at >= row.expires_at:
        _end(desk, message, problem)
        return MessageState.GIVEN_UP
    desk.sql.execute(update(MESSAGE).where(MESSAGE.c.id == message).values(problem=problem, handed_over_at=None))
    return MessageState.WAITING


def state_of(row: Row[Any]) -> MessageState:
    """How the message in ``row`` stands. One that is being sent just now is in doubt until that is settled."""
    if row.kind is None:
        return MessageState.KEPT
    if row.delivered_at is not None:
        return MessageState.DELIVERED
    if row.handed_over_at is not None:
        return MessageState.IN_DOUBT
    return MessageState.WAITING if row.ended_at is None else MessageState.GIVEN_UP


def _only_the_system(desk: Desk) -> None:
    """Messages hold codes: nobody but the job that delivers them has them opened. Raises Refused."""
    if desk.actor.role is not Role.SYSTEM:
        raise not_allowed(desk.actor)


def _end(desk: Desk, message: UUID, problem: str) -> None:
    """Give a message up."""
    ended = {"ended_at": desk.now, "problem": problem, "handed_over_at": None, **_ERASED}
    desk.sql.execute(update(MESSAGE).where(MESSAGE.c.id == message).values(**ended))


def deliver_due(bank: Bank, transport: Transport, *, most: int | None = None) -> Delivered:
    """Deliver what is due, each message outside any transaction; at most so many, and no more of a kind whose transport
    is down.

    Raises Unavailable when the store can't be written.
    """
    desk = bank.system_desk("outbox")
    came_to: Counter[MessageState] = Counter()
    kinds = {Channel(each) for each in transport.kinds}
    while kinds and (most is None or came_to.total() < most):
        due = _claim(desk, tuple(sorted(kinds)), not came_to).view
        if due is None:
            break
        letter = Letter(
            due.id,
            due.kind,
            due.address.get_secret_value(),
            due.subject.get_secret_value(),
            due.body.get_secret_value(),
            due.claimed_at,
        )
        try:
            transport.send(letter)
        except Undelivered as problem:
            came_to[_settle(desk, due.id, due.tries, problem.code, problem.final, problem.in_doubt).view] += 1
            if problem.unreachable:
                kinds.discard(due.kind)
        else:
            _settle(desk, due.id, due.tries, "", True, False)
            came_to[MessageState.DELIVERED] += 1
    return Delivered(
        sent=came_to[MessageState.DELIVERED],
        failed=came_to[MessageState.WAITING],
        given_up=came_to[MessageState.GIVEN_UP],
        in_doubt=came_to[MessageState.IN_DOUBT],
    )


def held_until(bank: Bank) -> tuple[int, datetime | None]:
    """How many notices wait for the end of the quiet hours, and when that is; None outside of them."""
    now = bank.clock.now()
    with bank.store.read() as connection:
        policy = bank.policy_in_force(connection, now)
        end = not_before(now, ZoneInfo(bank.branch.zone), policy.quiet_from_hour, policy.quiet_until_hour)
        waiting = (MESSAGE.c.branch_id == bank.branch.id, MESSAGE.c.ended_at.is_(None), MESSAGE.c.expires_at > now)
        held = (MESSAGE.c.once, MESSAGE.c.handed_over_at.is_(None), MESSAGE.c.next_try_at <= end)
        count = connection.execute(select(func.count()).select_from(MESSAGE).where(*waiting, *held)).scalar_one()
    return (int(count), end) if end > now else (0, None)


def deliver_now(desk: Desk) -> None:
    """Deliver what an operation has written, after its commit: for ``after``.

    What was done stays done: whatever goes wrong here is noted on the message, and it is tried again later.
    """
    transport = transport_of(desk.bank)
    if transport is not None:
        with suppress(Unavailable):
            deliver_due(desk.bank, transport, most=AT_ONCE)
