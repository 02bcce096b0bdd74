"""Activation: how somebody gets a first password without anybody else ever knowing it.

Two colleagues are each shown one half of a one-time code and tell the person; the person types both at the lobby and
chooses the password alone. Only in a branch so new that there are no two colleagues does one see both halves.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from bankcard_tui.desk.access import ACCOUNT, Lobby
from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation
from bankcard_tui.desk.registry import Secret
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict, InvalidInput, Refused
from bankcard_tui.models.account import Account, Activation
from bankcard_tui.models.base import table
from bankcard_tui.rules.terms import STAFF_ROLES
from bankcard_tui.security.passwords import check_new_password
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.passwords import close_to, hashed_new_password, of_branch, set_password
from bankcard_tui.services.people import index_of_account
from bankcard_tui.services.sign_in import normal_name
from bankcard_tui.services.subjects import of_account
from bankcard_tui.store.types import micros_of

ACTIVATION = table(Activation)
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
HALF_LETTERS = 8
"""Eight of 32 letters: 40 bits a half. Letters that are mistaken for digits are left out."""


class HalfCode(View):
    """One half of a code, to be told to the person; it is not kept and can't be shown again."""

    username: str
    half: int
    code: str
    expires_at: datetime


@operation("activation.show_half", allow=Permission.SHOW_ACTIVATION_CODES, subject=of_account, idempotent=False)
def show_half(desk: Desk, account: UUID) -> HalfCode:
    """Show one half of an activation code. Two different colleagues each see one."""
    row = desk.record(Account, account)
    if row.password is not None or row.disabled_at is not None:
        raise Conflict("This account has a password already, or is disabled.", code="conflict.activated")
    code = "".join(secrets.choice(ALPHABET) for _ in range(HALF_LETTERS))
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
        alone = _opening(desk, account)
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
    return HalfCode(username=row.username, half=half, code=f"{code[:4]}-{code[4:]}", expires_at=live.expires_at)


@operation("activation.attempt", allow=Lobby.ANYBODY, internal=True, idempotent=False)
def _count_attempt(desk: Desk, username: str) -> None:
    """Count a try at an activation before its codes are compared."""
    desk.sql.execute(
        update(ACTIVATION)
        .where(ACTIVATION.c.account_id.in_(select(ACCOUNT.c.id).where(ACCOUNT.c.username == normal_name(username))))
        .values(tries=ACTIVATION.c.tries + 1)
    )


def _hash_first(
    desk: Desk, username: str, first_half: Secret, second_half: Secret, password: Secret, again: Secret
) -> str:
    hashed = hashed_new_password(desk, password, again, (normal_name(username),))
    _count_attempt(desk, username)
    return hashed


@operation("activation.complete", allow=Lobby.ANYBODY, prepare=_hash_first, idempotent=False)
def complete(
    desk: Desk, username: str, first_half: Secret, second_half: Secret, password: Secret, again: Secret
) -> None:
    """Activate one's own account with both halves of the code and choose the password."""
    if not _codes_fit(desk, normal_name(username), first_half, second_half):
        raise Refused(
            "The name and the codes do not fit together, or the codes are no longer valid.",
            hint="Codes hold ten minutes and five tries. Ask for new ones at the counter.",
            code="refused.activation",
        )
    # Only now: to a stranger the answer would tell what the bank knows about the person.
    check_new_password(
        "password",
        password.get_secret_value(),
        least=desk.policy.password_least,
        about=(*close_to(desk.sql, normal_name(username)), *of_branch(desk)),
    )
    account_id = desk.subject.id
    set_password(desk, account_id, desk.prepared)
    desk.db.delete(desk.record(Activation, account_id))


def _codes_fit(desk: Desk, username: str, first_half: Secret, second_half: Secret) -> bool:
    account = desk.db.scalars(select(Account).where(ACCOUNT.c.username == username)).one_or_none()
    live = desk.db.get(Activation, account.id) if account is not None else None
    first = _digest(desk, live, 1, _typed("first_half", first_half))
    second = _digest(desk, live, 2, _typed("second_half", second_half))
    if account is None:
        desk.note(hidden_name=desk.keys.hidden_name(username))
        return False
    desk.work.subject = Subject("account", account.id, account.person_id)
    if live is None or live.second_digest is None or account.password is not None or account.disabled_at is not None:
        return False
    fits = hmac.compare_digest(first, live.first_digest) & hmac.compare_digest(second, live.second_digest)
    return fits and live.expires_at > desk.now and live.tries <= desk.policy.activation_tries


def _opening(desk: Desk, account: UUID) -> bool:
    """Whether the branch is so new that there are no two colleagues yet who could each show a half.

    Accounts that were disabled since count too, so that this state never comes back.
    """
    colleagues = desk.sql.execute(
        select(func.count())
        .select_from(ACCOUNT)
        .where(ACCOUNT.c.role.in_(STAFF_ROLES), ACCOUNT.c.password_since.is_not(None), ACCOUNT.c.id != account)
    ).scalar_one()
    return int(colleagues) < 2


def _typed(field: str, half: Secret) -> str:
    text = normal_name(half.get_secret_value()).upper().replace("-", "").replace(" ", "")
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
