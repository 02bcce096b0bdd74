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

    ``made_at`` is ISO 8601 in UTC; ``schema`` the revision; ``tables`` the rows of each table; ``store_size`` (bytes)
    and ``store_sha256`` those of the plain store; the ``log_`` figures say where its log ends (``log_mark`` in hex);
    ``recipients`` are those who can open it.
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
    store_sha256: str
    log_seq: int
    log_mark: str
    log_entries: int
    recipients: list[str]

    def plain(self) -> dict[str, Any]:
        """As it stands in the file."""
        whole = asdict(self)
        store = {"size": whole.pop("store_size"), "sha256": whole.pop("store_sha256")}
        return {"kind": KIND, **whole, "store": store}


def read_manifest(plain: Mapping[str, Any]) -> Manifest:
    """Read what :meth:`Manifest.plain` wrote; to be called with what a signature covers."""
    store = plain["store"]
    known = {name: plain[name] for name in Manifest.__dataclass_fields__ if not name.startswith("store_")}
    return Manifest(**known, store_size=store["size"], store_sha256=store["sha256"])
