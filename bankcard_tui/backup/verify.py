"""Verifying a backup, as far as that goes without knowing what operations there are: the levels 1 to 3.

1 the signature; 2 every part decrypted and every digest; 3 the store in it is sound, of a known schema, and has the
rows that were counted. The levels 4 (log and values) and 5 (trial restore) stand on the services.
"""

from __future__ import annotations

from bankcard_tui.backup.manifest import Manifest
from bankcard_tui.backup.snapshot import content_of
from bankcard_tui.backup.unpack import Unpacked
from bankcard_tui.errors import VerificationFailed
from bankcard_tui.locale import mark
from bankcard_tui.store.engine import lone_file
from bankcard_tui.store.schema import REVISIONS

SIGNATURE, CONTENT, STORE, INVARIANTS, TRIAL = 1, 2, 3, 4, 5
MOST_SHOWN = 5
_EARLIER = mark("Take an earlier backup.")


def check_schema_known(manifest: Manifest) -> None:
    """Raise VerificationFailed for a backup of a program that is newer than this one."""
    if manifest.schema not in REVISIONS:
        raise VerificationFailed(
            "The backup was made by a newer program (schema {revision}).",
            hint="Install the newer program on this machine.",
            code="backup.newer",
            revision=manifest.schema,
        )


def check_store(unpacked: Unpacked) -> None:
    """Level 3. Raises VerificationFailed, or Unavailable for a file that is no sound database."""
    manifest = unpacked.manifest
    check_schema_known(manifest)
    with lone_file(unpacked.store) as file:
        said = [str(line) for (line,) in file.execute("PRAGMA integrity_check")]
        orphans = len(file.execute("PRAGMA foreign_key_check").fetchall())
    if said != ["ok"]:
        raise VerificationFailed(
            "The store in the backup is damaged: {places}",
            hint=_EARLIER,
            code="backup.integrity",
            places="; ".join(said[:MOST_SHOWN]),
        )
    if orphans:
        raise VerificationFailed(
            "{count:row|rows} in the backup refer to what is not there.",
            hint=_EARLIER,
            code="backup.references",
            count=orphans,
        )
    content = content_of(unpacked.store)
    if content.schema != manifest.schema:
        raise VerificationFailed(
            "The store in the backup has schema {found}, not {revision}.",
            hint=_EARLIER,
            code="backup.schema",
            found=content.schema,
            revision=manifest.schema,
        )
    counted, found = manifest.tables, content.tables
    different = [name for name in sorted({*counted, *found}) if counted.get(name) != found.get(name)]
    if different:
        raise VerificationFailed(
            "The rows in the backup are not those that were counted when it was made: {tables}",
            hint=_EARLIER,
            code="backup.rows",
            tables=", ".join(different[:MOST_SHOWN]),
        )
    if (content.log_seq, content.log_mark.hex()) != (manifest.log_seq, manifest.log_mark):
        raise VerificationFailed(
            "The log in the backup does not end where it did when it was made.", hint=_EARLIER, code="backup.log_end"
        )
