"""The keyed hash chain of the operation log.

Each entry's mark is HMAC-SHA-256 over all its columns and the mark of the entry before it, so that an entry can't be
changed, left out, moved or added by anybody who does not hold the key.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

START = bytes(32)
"""The mark before the first entry."""


def mark(key: bytes, before: bytes, columns: Sequence[object]) -> bytes:
    """The mark (32 bytes) of an entry with these columns that follows the mark ``before``.

    Each column is written with its type and length, so that no two different entries read the same.
    """
    parts = [before]
    for value in columns:
        if value is None:
            parts.append(b"n0:")
            continue
        if isinstance(value, bytes):
            kind, raw = b"b", value
        elif isinstance(value, int):
            kind, raw = b"i", b"%d" % value
        else:
            kind, raw = b"s", str(value).encode("utf-8", "surrogatepass")
        parts.append(b"%b%d:%b" % (kind, len(raw), raw))
    return hmac.digest(key, b"".join(parts), hashlib.sha256)
