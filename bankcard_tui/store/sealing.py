"""Encryption of single fields: ID numbers, card numbers, drafts.

A sealed value is ``key version (1) | nonce (12) | ciphertext | tag (16)``, AES-256-GCM with the field's label and the
row's id as associated data, so that a value moved to another row or column does not open.
"""

from __future__ import annotations

import secrets
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bankcard_tui.errors import VerificationFailed
from bankcard_tui.security.keys import KEY_VERSION, Keys


def seal(keys: Keys, label: str, row: UUID, value: str) -> bytes:
    """``value`` sealed for the field ``label`` of ``row``."""
    nonce = secrets.token_bytes(12)
    sealed = _cipher(keys.sealing).encrypt(nonce, value.encode(), _bound(label, row))
    return bytes([KEY_VERSION]) + nonce + sealed


def unseal(keys: Keys, label: str, row: UUID, sealed: bytes) -> str:
    """What was sealed. Raises VerificationFailed when it was altered, or belongs to another row, field or key."""
    # A column holds whatever another tool wrote there.
    if not isinstance(sealed, bytes) or len(sealed) < 29 or sealed[0] != KEY_VERSION:
        raise _altered(label)
    try:
        return _cipher(keys.sealing).decrypt(sealed[1:13], sealed[13:], _bound(label, row)).decode()
    except InvalidTag:
        raise _altered(label) from None


def _bound(label: str, row: UUID) -> bytes:
    return label.encode() + b"\0" + row.bytes


def _altered(label: str) -> VerificationFailed:
    return VerificationFailed(
        "A sealed value ({label}) in the store does not open.",
        hint="The store was altered, or this is not its key. Run: bankcard doctor",
        code="sealed.altered",
        label=label,
    )


@lru_cache(maxsize=4)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)
