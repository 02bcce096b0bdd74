"""Own channels: an address at which only the person is reached, given and confirmed by the person alone.

Codes for a new password go there. Nobody else sets one or sees one in full, and a row that was altered in the store is
never used.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update

from bankcard_tui.desk.access import Lobby
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.desk.registry import Secret
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict, Phrase, Refused
from bankcard_tui.models.account import Channel
from bankcard_tui.models.base import table
from bankcard_tui.rules.contact import check_email, check_phone, mask_email, mask_phone
from bankcard_tui.rules.terms import ChannelKind
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.codes import grouped, new_code, typed
from bankcard_tui.services.outbox import deliver_now, write_message, written_since
from bankcard_tui.services.sign_in import Checked, accept_own, check_own_password
from bankcard_tui.services.subjects import myself
from bankcard_tui.services.transports import can_send
from bankcard_tui.store.sealing import seal, unseal
from bankcard_tui.store.types import micros_of, new_id

CHANNEL = table(Channel)
LABEL = "channel.address"
CODE_LETTERS = 8
CONFIRM_CODE, NOTICE = "channel.code", "channel.notice"
ACTIVATION_CODE, RESET_CODE = "activation.code", "reset.code"
CODES = (CONFIRM_CODE, ACTIVATION_CODE, RESET_CODE)
"""What is counted when somebody wants ever more codes sent."""

NOTICE_HOLDS = timedelta(days=1)
"""For how long a notice is tried: later it would only puzzle its reader."""


class ChannelView(View):
    """An own channel; the address is masked even for its person."""

    kind: ChannelKind
    address: str
    confirmed_at: datetime | None
    code_expires_at: datetime | None


class OwnChannels(View):
    """The channel in force and the one that waits for its code; ``altered`` when the store holds one that was changed
    there by somebody, and is therefore not used.
    """

    confirmed: ChannelView | None
    waiting: ChannelView | None
    altered: bool


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person is reached, in clear: for writing a message, never for showing."""

    kind: ChannelKind
    text: str

    @property
    def masked(self) -> str:
        return mask_email(self.text) if self.kind is ChannelKind.EMAIL else mask_phone(self.text)


def address_of(desk: Desk, account_id: UUID) -> Address | None:
    """The confirmed address of an account to which messages can be sent; None where there is none."""
    for row in _rows(desk, account_id):
        if row.confirmed_at is not None:
            if not _fits(desk, row):
                desk.note(channel="altered")
            elif can_send(desk.bank, row.kind):
                return _address(desk, row)
    return None


def send_notice(desk: Desk, account_id: UUID, about: str, subject: Phrase, *body: Phrase) -> None:
    """Tell the person of an account something on the own channel, where there is one."""
    address = address_of(desk, account_id)
    if address is not None:
        write_message(desk, account_id, address.kind, address.text, about, subject, body, desk.now + NOTICE_HOLDS)


def refuse_too_many(desk: Desk, account_id: UUID) -> None:
    """Raise Refused when an account was sent as many codes within the last hour as the policy allows."""
    most = desk.policy.codes_sent_an_hour
    if written_since(desk, account_id, CODES, desk.now - timedelta(hours=1)) >= most:
        raise Refused(
            "{most:code was|codes were} sent within the last hour: that is all.",
            hint="Wait an hour, and look whether the messages arrive at all.",
            code="refused.too_many_codes",
            most=most,
        )


def _check_proposal(desk: Desk, kind: ChannelKind, address: str, password: Secret) -> Checked:
    return check_own_password(desk, password)


@operation(
    "channel.propose",
    allow=Permission.OWN_ACCOUNT,
    own=Permission.OWN_ACCOUNT,
    subject=myself,
    prepare=_check_proposal,
    idempotent=False,
    after=deliver_now,
)
def propose(desk: Desk, kind: ChannelKind, address: str, password: Secret) -> ChannelView:
    """Give the own e-mail address or mobile number; a code is sent there, which confirms it."""
    accept_own(desk, desk.prepared)
    if not can_send(desk.bank, kind):
        raise Refused(
            "This branch can't send messages of this kind.",
            hint="An administrator sets up [delivery] in the config file. Until then two colleagues help with a reset.",
            code="refused.no_delivery",
        )
    checked = (
        check_email("address", address, required=True) if kind is ChannelKind.EMAIL else check_phone("address", address)
    )
    refuse_too_many(desk, desk.account_id)
    _drop(desk, desk.account_id, waiting=True)
    id, code = new_id(desk.now), new_code(CODE_LETTERS)
    expires = desk.now + timedelta(minutes=desk.policy.activation_minutes)
    row = Channel(
        id=id,
        account_id=desk.account_id,
        kind=kind,
        address=seal(desk.keys, LABEL, id, checked),
        made_at=desk.now,
        code_expires_at=expires,
        mark=b"",
    )
    row.code_digest, row.mark = _digest(desk, row, code), desk.keys.row_mark("channel", _marked(row))
    desk.db.add(row)
    write_message(
        desk,
        desk.account_id,
        kind,
        checked,
        CONFIRM_CODE,
        Phrase("Your code for {branch}", {"branch": desk.bank.branch.name}),
        (
            Phrase("With {code} you confirm this address as your own channel.", {"code": grouped(code)}),
            Phrase("It holds {minutes:minute|minutes}.", {"minutes": desk.policy.activation_minutes}),
            Phrase("If you did not ask for it, do nothing: without the code the address is not used."),
        ),
        expires,
    )
    desk.note(kind=kind)
    return _view(desk, row)


@operation("channel.attempt", allow=Lobby.ANYBODY, internal=True, idempotent=False)
def _count_attempt(desk: Desk) -> None:
    """Count a try at the code of the own channel before it is compared."""
    if desk.actor.may(Permission.OWN_ACCOUNT):
        desk.sql.execute(
            update(CHANNEL)
            .where(CHANNEL.c.account_id == desk.actor.account_id, CHANNEL.c.confirmed_at.is_(None))
            .values(tries=CHANNEL.c.tries + 1)
        )


def _count_first(desk: Desk, code: Secret) -> None:
    _count_attempt(replace(desk, key=None))


@operation(
    "channel.confirm",
    allow=Permission.OWN_ACCOUNT,
    own=Permission.OWN_ACCOUNT,
    subject=myself,
    prepare=_count_first,
    idempotent=False,
    after=deliver_now,
)
def confirm(desk: Desk, code: Secret) -> ChannelView:
    """Confirm the own address with the code that was sent there. It replaces the former one, which is told."""
    row = next((each for each in _rows(desk, desk.account_id) if each.confirmed_at is None), None)
    if row is None or not _code_fits(desk, row, typed(code)):
        raise Refused(
            "This is not the code, or it is no longer valid.",
            hint="A code holds ten minutes and five tries. Give the address again for a new one.",
            code="refused.channel_code",
        )
    _tell_former(desk)
    _drop(desk, desk.account_id, waiting=False)
    row.confirmed_at, row.code_digest, row.code_expires_at = desk.now, None, None
    row.mark = desk.keys.row_mark("channel", _marked(row))
    desk.note(kind=row.kind)
    return _view(desk, row)


@operation(
    "channel.remove",
    allow=Permission.OWN_ACCOUNT,
    own=Permission.OWN_ACCOUNT,
    subject=myself,
    prepare=check_own_password,
    idempotent=False,
    after=deliver_now,
)
def remove(desk: Desk, password: Secret) -> None:
    """Remove the own channel. The address is told."""
    accept_own(desk, desk.prepared)
    if not _rows(desk, desk.account_id):
        raise Conflict("You have no own channel.", hint="Give an address first.", code="conflict.no_channel")
    _tell_former(desk)
    _drop(desk, desk.account_id, waiting=True)
    _drop(desk, desk.account_id, waiting=False)


@question("channel.mine", allow=Permission.OWN_ACCOUNT, own=Permission.OWN_ACCOUNT)
def mine(desk: Desk) -> OwnChannels:
    """The own channel, masked, and the one that waits for its code."""
    rows = _rows(desk, desk.account_id)
    sound = [row for row in rows if _fits(desk, row)]
    return OwnChannels(
        confirmed=next((_view(desk, row) for row in sound if row.confirmed_at is not None), None),
        waiting=next((_view(desk, row) for row in sound if row.confirmed_at is None), None),
        altered=len(sound) < len(rows),
    )


def drop_waiting(desk: Desk, account_id: UUID) -> None:
    """Forget an address that was given and not confirmed."""
    _drop(desk, account_id, waiting=True)


def _tell_former(desk: Desk) -> None:
    send_notice(
        desk,
        desk.account_id,
        NOTICE,
        Phrase("Your channel at {branch} has changed", {"branch": desk.bank.branch.name}),
        Phrase("This address is no longer the own channel of {username}.", {"username": desk.actor.username}),
        Phrase("If you did not do this, tell the branch at once."),
    )


def _drop(desk: Desk, account_id: UUID, *, waiting: bool) -> None:
    unconfirmed = CHANNEL.c.confirmed_at.is_(None)
    desk.sql.execute(
        delete(CHANNEL).where(CHANNEL.c.account_id == account_id, unconfirmed if waiting else ~unconfirmed)
    )


def _rows(desk: Desk, account_id: UUID) -> Sequence[Channel]:
    return desk.db.scalars(select(Channel).where(CHANNEL.c.account_id == account_id)).all()


def _code_fits(desk: Desk, row: Channel, code: str) -> bool:
    if row.code_digest is None or row.code_expires_at is None or not _fits(desk, row):
        return False
    fits = hmac.compare_digest(row.code_digest, _digest(desk, row, code))
    return fits and row.code_expires_at > desk.now and row.tries <= desk.policy.activation_tries


def _digest(desk: Desk, row: Channel, code: str) -> bytes:
    """The digest of a code, bound to whose channel it confirms, where, and until when."""
    assert row.code_expires_at is not None
    return desk.keys.code_digest(f"channel/{row.id}/{row.account_id}/{micros_of(row.code_expires_at)}", code)


def _marked(row: Channel) -> Sequence[object]:
    """What the mark of a channel covers: whose it is, which address, and whether it was confirmed."""
    confirmed = None if row.confirmed_at is None else micros_of(row.confirmed_at)
    return (row.id.bytes, row.account_id.bytes, row.kind.value, row.address, micros_of(row.made_at), confirmed)


def _fits(desk: Desk, row: Channel) -> bool:
    return desk.keys.row_fits(row.mark, "channel", _marked(row))


def _address(desk: Desk, row: Channel) -> Address:
    return Address(row.kind, unseal(desk.keys, LABEL, row.id, row.address))


def _view(desk: Desk, row: Channel) -> ChannelView:
    return ChannelView(
        kind=row.kind,
        address=_address(desk, row).masked,
        confirmed_at=row.confirmed_at,
        code_expires_at=row.code_expires_at,
    )
