"""The outbox: messages to people's own channels, written with what they tell and delivered once that is committed.

A message is delivered at least once: a process that dies between sending it and saying so leaves it due. Its text is
sealed, and erased as soon as it was delivered or given up.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from bankcard_tui.config import Delivery
from bankcard_tui.delivery.letter import Letter, Transport, Undelivered
from bankcard_tui.delivery.local import ConsoleTransport, FolderTransport
from bankcard_tui.delivery.mail import MailTransport
from bankcard_tui.desk.access import Lobby, not_allowed
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import operation
from bankcard_tui.desk.registry import Secret
from bankcard_tui.desk.results import View
from bankcard_tui.desk.stand_in import DEMO_CODE
from bankcard_tui.errors import Phrase, Unavailable, VerificationFailed, fill
from bankcard_tui.locale import LANGUAGES, catalogue
from bankcard_tui.models.base import table
from bankcard_tui.models.outbox import Message
from bankcard_tui.rules.terms import Channel, ChannelKind, Role
from bankcard_tui.rules.text import clean_line
from bankcard_tui.services.subjects import no_such
from bankcard_tui.store.sealing import seal, unseal
from bankcard_tui.store.types import new_id

MESSAGE = table(Message)
AGAIN_AFTER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
"""How long after a first, a second and any further try the next one is due."""

AT_ONCE = 5
"""How many messages are delivered while the person who caused one waits for the answer; the rest goes with the next."""

_ERASED = {"address": None, "subject": None, "body": None}


class DueMessage(View):
    """A message to be sent now. Its parts are secret: the body may hold a code."""

    id: UUID
    kind: Channel
    address: Secret
    subject: Secret
    body: Secret
    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a round of deliveries came to: ``failed`` are tried again, ``given_up`` never."""

    sent: int = 0
    failed: int = 0
    given_up: int = 0


def transport_of(bank: Bank) -> Transport | None:
    """What the branch sends messages by; None where nothing is set up. A demo branch writes files into its home."""
    delivery: Delivery = bank.delivery
    chosen = delivery.transport or ("file" if bank.branch.code == DEMO_CODE else "none")
    if chosen == "file":
        return FolderTransport(delivery.folder or bank.store.path.parent / "outbox")
    if chosen == "console":
        return ConsoleTransport()
    if chosen == "smtp":
        return MailTransport(
            delivery.host, delivery.port, delivery.sender, delivery.starttls, delivery.user, delivery.password_file
        )
    return None


def can_send(bank: Bank, kind: ChannelKind) -> bool:
    """Whether messages to addresses of this kind can be sent at all."""
    transport = transport_of(bank)
    return transport is not None and kind in transport.kinds


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
    id = new_id(desk.now)
    texts = ["\n".join(_said(language, each) for each in body) for language in reversed(LANGUAGES)]
    desk.add(
        Message,
        id=id,
        branch_id=desk.branch_id,
        account_id=account_id,
        kind=Channel(kind),
        about=about,
        address=seal(desk.keys, "message.address", id, address),
        subject=seal(
            desk.keys, "message.subject", id, " / ".join(_said(each, subject) for each in reversed(LANGUAGES))
        ),
        body=seal(desk.keys, "message.body", id, "\n\n".join(texts)),
        made_at=desk.now,
        expires_at=expires_at,
        next_try_at=desk.now,
    )


def written_since(desk: Desk, account_id: UUID, about: tuple[str, ...], since: datetime) -> int:
    """How many messages of these kinds were written to an account since a moment."""
    return int(
        desk.sql.execute(
            select(func.count())
            .select_from(MESSAGE)
            .where(MESSAGE.c.account_id == account_id, MESSAGE.c.about.in_(about), MESSAGE.c.made_at > since)
        ).scalar_one()
    )


def _said(language: str, phrase: Phrase) -> str:
    return fill(catalogue(language).get(phrase.template, phrase.template), phrase.values)


@operation("message.claim", allow=Lobby.ANYBODY, internal=True, idempotent=False)
def _claim(desk: Desk) -> DueMessage | None:
    """Take the message that has been due for longest; nobody else takes it until its next try is due."""
    _only_the_system(desk)
    waiting = (MESSAGE.c.branch_id == desk.branch_id, MESSAGE.c.ended_at.is_(None))
    desk.sql.execute(
        update(MESSAGE)
        .where(*waiting, MESSAGE.c.expires_at <= desk.now)
        .values(ended_at=desk.now, problem=func.coalesce(func.nullif(MESSAGE.c.problem, ""), "expired"), **_ERASED)
    )
    while True:
        row = desk.sql.execute(
            select(MESSAGE).where(*waiting, MESSAGE.c.next_try_at <= desk.now).order_by(MESSAGE.c.next_try_at).limit(1)
        ).one_or_none()
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
        desk.sql.execute(
            update(MESSAGE)
            .where(MESSAGE.c.id == row.id)
            .values(tries=row.tries + 1, next_try_at=desk.now + AGAIN_AFTER[min(row.tries, len(AGAIN_AFTER) - 1)])
        )
        return DueMessage(id=row.id, kind=row.kind, claimed_at=desk.now, **opened)


@operation("message.settle", allow=Lobby.ANYBODY, internal=True, idempotent=False)
def _settle(desk: Desk, message: UUID, problem: str, final: bool) -> bool:
    """Note how a delivery went, without a problem or with one; whether the message is tried again."""
    _only_the_system(desk)
    problem = clean_line("problem", problem, most=60, required=False)
    row = desk.sql.execute(select(MESSAGE).where(MESSAGE.c.id == message)).one_or_none()
    if row is None:
        raise no_such("message")
    if row.ended_at is not None:
        return False  # two processes sent it, and the other one was quicker to say so
    if not problem:
        desk.sql.execute(
            update(MESSAGE).where(MESSAGE.c.id == message).values(delivered_at=desk.now, ended_at=desk.now, **_ERASED)
        )
        return False
    if final or row.next_try_at >= row.expires_at:
        _end(desk, message, problem)
        return False
    desk.sql.execute(update(MESSAGE).where(MESSAGE.c.id == message).values(problem=problem))
    return True


def _only_the_system(desk: Desk) -> None:
    """Messages hold codes: nobody but the job that delivers them has them opened. Raises Refused."""
    if desk.actor.role is not Role.SYSTEM:
        raise not_allowed(desk.actor)


def _end(desk: Desk, message: UUID, problem: str) -> None:
    """Give a message up."""
    desk.sql.execute(
        update(MESSAGE).where(MESSAGE.c.id == message).values(ended_at=desk.now, problem=problem, **_ERASED)
    )


def deliver_due(bank: Bank, transport: Transport, *, most: int | None = None) -> Delivered:
    """Deliver what is due, each message outside any transaction; at most so many, and none after the transport is down.

    Raises Unavailable when the store can't be written.
    """
    desk = bank.system_desk("outbox")
    sent = failed = given_up = 0
    while most is None or sent + failed + given_up < most:
        due = _claim(desk).view
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
            again = _settle(desk, due.id, problem.code, problem.final).view
            failed, given_up = failed + again, given_up + (not again)
            if problem.unreachable:
                break
        else:
            _settle(desk, due.id, "", True)
            sent += 1
    return Delivered(sent, failed, given_up)


def deliver_now(desk: Desk) -> None:
    """Deliver what an operation has written, after its commit: for ``after``.

    What was done stays done: whatever goes wrong here is noted on the message, and it is tried again later.
    """
    transport = transport_of(desk.bank)
    if transport is not None:
        with suppress(Unavailable):
            deliver_due(desk.bank, transport, most=AT_ONCE)
