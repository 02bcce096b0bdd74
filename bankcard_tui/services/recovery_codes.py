"""Recovery codes: on paper in the person's own hands, each counts once. Kept as keyed digests bound to the account."""

from __future__ import annotations

import hmac
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.results import View
from bankcard_tui.models.account import RecoveryCode
from bankcard_tui.models.base import table
from bankcard_tui.rules.terms import RecoveryPurpose
from bankcard_tui.services.codes import grouped, new_code

RECOVERY_CODE = table(RecoveryCode)
HOW_MANY = 10
LETTERS = 16
"""Sixteen of 32 letters: 80 bits."""


class RecoveryCodes(View):
    """Ten codes, as ``4Q7K-ZP2M-9XBC-H3TW``, to be written down: they are not kept and can't be shown again."""

    username: str
    codes: tuple[str, ...]


def make_codes(desk: Desk, account_id: UUID, username: str, purpose: RecoveryPurpose) -> RecoveryCodes:
    """New codes of an account; the unused ones of that purpose end."""
    forget_codes(desk, account_id, purpose)
    codes = tuple(new_code(LETTERS) for _ in range(HOW_MANY))
    desk.sql.execute(
        insert(RECOVERY_CODE),
        [
            {
                "account_id": account_id,
                "digest": _digest(desk, account_id, purpose, code),
                "purpose": purpose,
                "made_at": desk.now,
            }
            for code in codes
        ],
    )
    return RecoveryCodes(username=username, codes=tuple(grouped(code) for code in codes))


def use_code(desk: Desk, account_id: UUID | None, purpose: RecoveryPurpose, code: str) -> bool:
    """Whether ``code``, as ``typed`` gives it, is an unused one of that account and purpose; from now on it is used."""
    given = _digest(desk, account_id, purpose, code)
    unused = desk.sql.execute(select(RECOVERY_CODE.c.digest).where(*_unused(account_id, purpose))).scalars()
    # Every one is compared, in the same time: how long it takes tells nothing about which fits.
    if not sum(hmac.compare_digest(given, each) for each in unused):
        return False
    desk.sql.execute(
        update(RECOVERY_CODE)
        .where(RECOVERY_CODE.c.account_id == account_id, RECOVERY_CODE.c.digest == given)
        # Another digest from now on: who takes the mark of its use away in the store has no code by it.
        .values(used_at=desk.now, digest=desk.keys.code_digest("used recovery code", given.hex()))
    )
    return True


def codes_left(desk: Desk, account_id: UUID, purpose: RecoveryPurpose) -> int:
    """How many unused codes there are."""
    unused = select(func.count()).select_from(RECOVERY_CODE).where(*_unused(account_id, purpose))
    return int(desk.sql.execute(unused).scalar_one())


def forget_codes(desk: Desk, account_id: UUID, purpose: RecoveryPurpose) -> None:
    """End the unused codes; used ones stay as history."""
    desk.sql.execute(delete(RECOVERY_CODE).where(*_unused(account_id, purpose)))


def _unused(account_id: UUID | None, purpose: RecoveryPurpose) -> tuple[ColumnElement[bool], ...]:
    return (
        RECOVERY_CODE.c.account_id == account_id,
        RECOVERY_CODE.c.purpose == purpose,
        RECOVERY_CODE.c.used_at.is_(None),
    )


def _digest(desk: Desk, account_id: UUID | None, purpose: RecoveryPurpose, code: str) -> bytes:
    return desk.keys.code_digest(f"recovery/{purpose}/{account_id}", code)
