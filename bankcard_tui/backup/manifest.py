"""What a backup says of itself, under its signature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

KIND = "backup"
STORE, KEYS, KIT = "store.zst.age", "keys.age", "kit.age"
"""The parts: the store, the root key in hex, and under a passphrase the kit that was made for this backup alone."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Which branch a backup is of."""

    bank: str
    branch: str
    code: str
    branch_id: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Origin and content of a backup.

    ``made_at`` is ISO 8601 in UTC; ``schema`` the revision; ``tables`` the rows of each table; ``store_size`` the bytes
    of the plain store; the ``log_`` figures say where its log ends (``log_mark`` in hex); ``recipients`` are those who
    can open it. Digests stand at the parts, over what is encrypted: nothing else needs to be read to find a change.
    """

    bank: str
    branch: str
    code: str
    branch_id: str
    sequence: int
    made_at: str
    version: str
    schema: str
    tables: dict[str, int]
    store_size: int
    log_seq: int
    log_mark: str
    log_entries: int
    recipients: list[str]

    def plain(self) -> dict[str, Any]:
        """As it stands in the file."""
        return {"kind": KIND, **asdict(self)}


def read_manifest(plain: Mapping[str, Any]) -> Manifest:
    """Read what :meth:`Manifest.plain` wrote; to be called with what a signature covers."""
    return Manifest(**{name: plain[name] for name in Manifest.__dataclass_fields__})
