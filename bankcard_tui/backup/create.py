"""Making a backup: snapshot, compressed, encrypted, signed, and under its final name only when it is whole."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from importlib.metadata import version
from io import FileIO, RawIOBase
from pathlib import Path
from typing import BinaryIO, cast
from uuid import UUID

import zstandard

from bankcard_tui.backup import age
from bankcard_tui.backup.container import new_container
from bankcard_tui.backup.files import Report, explained
from bankcard_tui.backup.kit import new_kit, sealed_kit
from bankcard_tui.backup.manifest import KEYS, KIT, STORE, Manifest, Origin
from bankcard_tui.backup.snapshot import content_of, snapshot
from bankcard_tui.locale import mark
from bankcard_tui.security.keys import Keys
from bankcard_tui.store.engine import Store
from bankcard_tui.store.swap import sync

LEVEL = 1
"""Of zstd: measured on a store of 1 GB, level 2 takes half as long again for 2 % less, level 3 three times as long for
5 % less: what is sealed, and ids and marks, do not compress.
"""
CHUNK = 1 << 20
_ENCRYPTING = mark("Compressing and encrypting")


def own_recipient(keys: Keys) -> str:
    """The recipient that is the branch itself."""
    return str(age.identity_from(keys.backup).to_public())


def name_of(origin: Origin, sequence: int, made_at: datetime) -> str:
    """The file name of a backup."""
    return f"{begin_of_name(origin.code)}{sequence:06}-{made_at:%Y%m%dT%H%M%SZ}.backup"


def begin_of_name(code: str) -> str:
    """What the file name of every backup of the branch with this code begins with."""
    return f"bankcard-{code}-"


def create_backup(
    store: Store,
    keys: Keys,
    origin: Origin,
    workshop: Path,
    target: Path,
    *,
    sequence: int,
    made_at: datetime,
    recipients: Sequence[str],
    passphrase: str | None,
    report: Report,
) -> Manifest:
    """Write a backup of ``store`` to ``target``, for the branch itself, the ``recipients`` and, where there is one,
    whoever knows the ``passphrase``; ``workshop`` is an empty private folder on the same disk.

    Raises Unavailable as disk and store do. Whatever happens, under the name ``target`` there is never a part of one.
    """
    plain, made = workshop / "store.db", workshop / "made.backup"
    with explained(target):
        snapshot(store, plain, report)
        content = content_of(plain)
        own_kit = new_kit(keys, origin.bank, origin.branch, UUID(origin.branch_id), made_at) if passphrase else None
        everybody = [own_recipient(keys), *recipients, *([own_kit.recipient] if own_kit else [])]
        readers = [age.recipient_from(each) for each in everybody]
        with new_container(made) as packer:
            if own_kit is not None:
                sealed = sealed_kit(own_kit, passphrase)
                packer.add(KIT, lambda stream: _write(stream, sealed))
            root = io.BytesIO(keys.root.hex().encode())
            packer.add(KEYS, lambda stream: age.encrypt(root, stream, readers))
            with FileIO(plain) as file:
                source = _Told(file, plain.stat().st_size, report)
                # Threads of zstd work while this one encrypts, digests and writes.
                packing = zstandard.ZstdCompressor(LEVEL, threads=os.cpu_count() or 1, write_checksum=True)
                packed = cast(BinaryIO, packing.stream_reader(cast(BinaryIO, source), source.size, read_size=CHUNK))
                packer.add(STORE, partial(age.encrypt, packed, recipients=readers))
            manifest = Manifest(
                bank=origin.bank,
                branch=origin.branch,
                code=origin.code,
                branch_id=origin.branch_id,
                sequence=sequence,
                made_at=f"{made_at:%Y-%m-%dT%H:%M:%SZ}",
                version=version("bankcard-tui"),
                schema=content.schema,
                tables=content.tables,
                store_size=source.size,
                log_seq=content.log_seq,
                log_mark=content.log_mark.hex(),
                log_entries=content.tables["log_entry"],
                recipients=everybody,
            )
            packer.seal(manifest.plain(), keys.signing)
        plain.unlink()
        made.rename(target)
        sync(target.parent)
    return manifest


def _write(stream: BinaryIO, content: bytes) -> None:
    stream.write(content)


class _Told(RawIOBase):
    """Reads the plain store, telling how far it is."""

    def __init__(self, file: FileIO, size: int, report: Report) -> None:
        self._file = file
        self._report = report
        self._done = 0
        self.size = size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size) or b""
        self._done += len(content)
        self._report(_ENCRYPTING, self._done, self.size)
        return content
