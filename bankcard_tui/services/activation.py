"""Activation: how somebody gets a first password, or one after a reset, without anybody else ever knowing it.

Two colleagues are each shown one half of a one-time code and tell the person; or a code goes to the own channel that
the person had confirmed. At the lobby the person types it and chooses the password alone. Only in a branch so new that
there are no two colleagues does one see both halves.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update

from bankcard_tui.desk.access import ACCOUNT, Lobby
from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation
from bankcard_tui.desk.registry import Secret
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict, InvalidInput, Phrase, Refused
from bankcard_tui.models.account import Account, Activation, ChannelCode
from bankcard_tui.rules.terms import STAFF_ROLES, Role
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.channels import (
    ACTIVATION_CODE,
    CODE_LETTERS,
    Address,
    address_of,
    refuse_too_many,
)
from bankcard_tui.services.choosing import ACTIVATION, CHANNEL_CODE, Chosen, choose, finish
from bankcard_tui.services.codes import grouped, new_code, typed
from bankcard_tui.services.outbox import deliver_now, write_message
from bankcard_tui.services.people import index_of_account
from bankcard_tui.services.sign_in import normal_name
from bankcard_tui.services.subjects import of_account
from bankcard_tui.store.types import micros_of

HALF_LETTERS = 8
"""Eight of 32 letters: 40 bits a half."""


class HalfCode(View):
    """One half of a code, to be told to the person; it is not kept and can't be shown again."""

    username: str
    half: int
    code: str
    expires_at: datetime


class SentCode(View):
    """Where a code for a new password was sent, masked."""

    username: str
    sent_to: str
    expires_at: datetime


@operation("activation.show_half", allow=Permission.SHOW_ACTIVATION_CODES, subject=of_account, idempotent=False)
def show_half(desk: Desk, account: UUID) -> HalfCode:
    """Show one half of an activation code. Two different colleagues each see one."""
    row = _without_password(desk, account)
    code = new_code(HALF_LETTERS)
    live = desk.db.get(Activation, account)
    if live is not None and (live.expires_at <= desk.now or live.tries >= desk.policy.activation_tries):
        desk.db.delete(live)
        desk.db.flush()
        live = None
    if live is None or live.second_digest is not None:
        if live is not None:
            desk.db.delete(live)
            desk.db.flush()
        live = Activation(
            account_id=account,
            first_digest=b"",
            first_shown_to=desk.account_id,
            expires_at=desk.now + timedelta(minutes=desk.policy.activation_minutes),
        )
        live.first_digest = _digest(desk, live, 1, code)
        desk.db.add(live)
        half = 1
    else:
        alone = _opening(desk, row)
        if index_of_account(desk, live.first_shown_to) == desk.actor.index and not alone:
            raise Refused(
                "You have seen the first half: the second is shown to a colleague.",
                hint="Ask a colleague to open this account at their desk. A new first half can be had in ten minutes.",
                code="refused.same_person",
            )
        live.second_shown_to = desk.account_id
        live.second_digest = _digest(desk, live, 2, code)
        half = 2
        desk.note(opening=alone)
    desk.note(half=half)
    return HalfCode(username=row.username, half=half, code=grouped(code), expires_at=live.expires_at)


@operation(
    "activation.send_code",
    allow=Permission.SHOW_ACTIVATION_CODES,
    subject=of_account,
    idempotent=False,
    after=deliver_now,
)
def send_code(desk: Desk, account: UUID) -> SentCode:
    """Send a fresh activation code to the person's own channel. Codes from before no longer fit."""
    row = _without_password(desk, account)
    address = address_of(desk, account)
    if address is None:
        raise Conflict(
            "This person has no confirmed channel to which a code could go.",
            hint="Two colleagues each show a half-code instead.",
            code="conflict.no_channel",
        )
    refuse_too_many(desk, account)
    expires = write_code(desk, row, address, ACTIVATION_CODE)
    return SentCode(username=row.username, sent_to=address.masked, expires_at=expires)


def write_code(desk: Desk, account: Account, address: Address, about: str, *first: Phrase) -> datetime:
    """Write a message with a fresh code for a new password, after what is to be said ``first``; until when it holds."""
    code = new_code(CODE_LETTERS)
    expires = desk.now + timedelta(minutes=desk.policy.activation_minutes)
    desk.sql.execute(delete(CHANNEL_CODE).where(CHANNEL_CODE.c.account_id == account.id))
    desk.add(
        ChannelCode, account_id=account.id, digest=_channel_digest(desk, account.id, expires, code), expires_at=expires
    )
    write_message(
        desk,
        account.id,
        address.kind,
        address.text,
        about,
        Phrase("Your code for {branch}", {"branch": desk.bank.branch.name}),
        (
            *first,
            Phrase(
                "With {code} you choose a new password for {username}: activate the account on the sign-in screen.",
                {"code": grouped(code), "username": account.username},
            ),
            Phrase("It holds {minutes:minute|minutes}.", {"minutes": desk.policy.activation_minutes}),
            Phrase("If you did not ask for it, tell the branch at once, and tell nobody the code."),
        ),
        expires,
    )
    return expires


@operation("activation.attempt", allow=Lobby.ANYBODY, internal=True, idempotent=False)
def _count_attempt(desk: Desk, username: str, halves: bool) -> None:
    """Count a try at an activation before its codes are compared: at the half-codes, or at the one that was sent.
    Whoever guesses at one way does not close the other.
    """
    named = select(ACCOUNT.c.id).where(ACCOUNT.c.username == normal_name(username))
    codes = ACTIVATION if halves else CHANNEL_CODE
    desk.sql.execute(update(codes).where(codes.c.account_id.in_(named)).values(tries=codes.c.tries + 1))


def _choose_by_halves(
    desk: Desk, username: str, first_half: Secret, second_half: Secret, password: Secret, again: Secret
) -> Chosen:
    chosen = choose(desk, username, password, again)
    _count_attempt(desk, username, halves=True)
    return chosen


@operation("activation.complete", allow=Lobby.ANYBODY, prepare=_choose_by_halves, idempotent=False, after=deliver_now)
def complete(
    desk: Desk, username: str, first_half: Secret, second_half: Secret, password: Secret, again: Secret
) -> None:
    """Activate one's own account with both halves of the code and choose the password."""
    first, second = _typed_half("first_half", first_half), _typed_half("second_half", second_half)
    account = _account_named(desk, username)
    live = desk.db.get(Activation, account.id) if account is not None else None
    one, two = _digest(desk, live, 1, first), _digest(desk, live, 2, second)
    if account is None or live is None or live.second_digest is None:
        raise _no_fit()
    fits = hmac.compare_digest(one, live.first_digest) & hmac.compare_digest(two, live.second_digest)
    if not fits or not _open_to_activation(desk, account, live):
        raise _no_fit()
    finish(desk, account.id, normal_name(username), desk.prepared, password)


def _choose_by_code(desk: Desk, username: str, code: Secret, password: Secret, again: Secret) -> Chosen:
    chosen = choose(desk, username, password, again)
    _count_attempt(desk, username, halves=False)
    return chosen


@operation(
    "activation.complete_with_code",
    allow=Lobby.ANYBODY,
    prepare=_choose_by_code,
    idempotent=False,
    after=deliver_now,
)
def complete_with_code(desk: Desk, username: str, code: Secret, password: Secret, again: Secret) -> None:
    """Activate one's own account with the code from the own channel and choose the password."""
    account = _account_named(desk, username)
    live = desk.db.get(ChannelCode, account.id) if account is not None else None
    digest = _channel_digest(
        desk, live.account_id if live else None, live.expires_at if live else desk.now, typed(code)
    )
    if account is None or live is None or not hmac.compare_digest(digest, live.digest):
        raise _no_fit()
    if not _open_to_activation(desk, account, live):
        raise _no_fit()
    finish(desk, account.id, normal_name(username), desk.prepared, password)


def _account_named(desk: Desk, username: str) -> Account | None:
    """The account whose person says to be at the lobby; the entry is about it, or hides a name that nobody has."""
    name = normal_name(username)
    account = desk.db.scalars(select(Account).where(ACCOUNT.c.username == name)).one_or_none()
    if account is None:
        desk.note(hidden_name=desk.keys.hidden_name(name))
    else:
        desk.work.subject = Subject("account", account.id, account.person_id)
    return account


def _open_to_activation(desk: Desk, account: Account, live: Activation | ChannelCode) -> bool:
    waits = account.password is None and account.disabled_at is None and account.role is not Role.SYSTEM
    return waits and live.expires_at > desk.now and live.tries <= desk.policy.activation_tries


def _no_fit() -> Refused:
    """The one answer, whatever was wrong."""
    return Refused(
        "The name and the codes do not fit together, or the codes are no longer valid.",
        hint="Codes hold ten minutes and five tries. Ask for new ones at the counter.",
        code="refused.activation",
    )


def _without_password(desk: Desk, account: UUID) -> Account:
    """The account, which waits for its activation. Raises Conflict for any other."""
    row = desk.record(Account, account)
    if row.role is Role.SYSTEM:
        raise Conflict("The system's account has no password.", code="conflict.system")
    if row.password is not None or row.disabled_at is not None:
        raise Conflict("This account has a password already, or is disabled.", code="conflict.activated")
    return row


def _opening(desk: Desk, account: Account) -> bool:
    """Whether the branch is so new that there are no two colleagues yet who could each show a half.

    Accounts that were disabled since count too, so that this state never comes back; and who had a password before gets
    the next one from two colleagues, however few there are.
    """
    if account.password_since is not None:
        return False
    colleagues = desk.sql.execute(
        select(func.count())
        .select_from(ACCOUNT)
        .where(ACCOUNT.c.role.in_(STAFF_ROLES), ACCOUNT.c.password_since.is_not(None), ACCOUNT.c.id != account.id)
    ).scalar_one()
    return int(colleagues) < 2


def _typed_half(field: str, half: Secret) -> str:
    text = typed(half)
    if len(text) != HALF_LETTERS:
        raise InvalidInput(field, "Each half of the code has eight letters or digits.", hint="As 4Q7K-ZP2M.")
    return text


def _digest(desk: Desk, live: Activation | None, half: int, code: str) -> bytes:
    """The digest of a half, bound to the account, to who was shown what, and until when: whoever alters that in the
    store to see both halves has two halves that fit nothing.
    """
    if live is None:
        return desk.keys.code_digest("activation of nobody", code)
    shown = f"{live.first_shown_to}/{live.second_shown_to if half == 2 else ''}"
    return desk.keys.code_digest(f"activation/{live.account_id}/{half}/{shown}/{micros_of(live.expires_at)}", code)


def _channel_digest(desk: Desk, account_id: UUID | None, expires: datetime, code: str) -> bytes:
    """The digest of a code from the own channel, bound to the account and until when it holds."""
    return desk.keys.code_digest(f"channel code/{account_id}/{micros_of(expires)}", code)
