"""The log's writer: appends to the chain in the transaction of what it tells."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from bankcard_tui.desk.desk import Actor, Subject
from bankcard_tui.errors import VerificationFailed
from bankcard_tui.models.base import table
from bankcard_tui.models.log import COLUMNS, SETBACK, LogEntry, LogHead, LogStretch
from bankcard_tui.rules.terms import Outcome
from bankcard_tui.security import chain
from bankcard_tui.store.types import micros_of

ENTRY, HEAD, STRETCH = (table(model) for model in (LogEntry, LogHead, LogStretch))
_READ_HEAD = (
    select(HEAD.c.seq, HEAD.c.mark, HEAD.c.latest).where(HEAD.c.branch_id == bindparam("branch")).with_for_update()
)
_MOVE_HEAD = (
    update(HEAD)
    .where(HEAD.c.branch_id == bindparam("branch"))
    .values(seq=bindparam("new_seq"), mark=bindparam("new_mark"), latest=bindparam("new_latest"))
)
_ADD = insert(ENTRY)
_STEP_BACK = insert(STRETCH)


def start_log(connection: Connection, branch_id: UUID) -> None:
    """Begin the chain of a new branch."""
    connection.execute(insert(HEAD).values(branch_id=branch_id, seq=0, mark=chain.START, latest=0))
    connection.execute(insert(STRETCH).values(branch_id=branch_id, first_seq=1))


def write_entry(
    connection: Connection,
    key: bytes,
    branch_id: UUID,
    now: datetime,
    actor: Actor,
    terminal: str,
    action: str,
    outcome: Outcome,
    subject: Subject | None,
    detail: dict[str, object],
) -> int:
    """Append one entry and return its sequence number. To be called last before the commit: it locks the head."""
    seq, before, latest = connection.execute(_READ_HEAD, {"branch": branch_id}).one()
    if type(seq) is not int or type(latest) is not int or not isinstance(before, bytes):
        raise VerificationFailed(
            "The end of the log can't be read: somebody has altered it.",
            hint="Do not work on. Run: bankcard log verify",
            code="log.altered",
        )
    entry = {
        "branch_id": branch_id,
        "seq": seq + 1,
        "at": micros_of(now),
        "account_id": actor.account_id,
        "actor_id": actor.person_id,
        "username": actor.username,
        "role": actor.role.value if actor.role else "",
        "terminal": terminal,
        "action": action,
        "outcome": outcome.value,
        "subject_kind": subject.kind if subject else "",
        "subject_id": subject.id if subject else None,
        "subject_person": subject.person_id if subject else None,
        "detail": json.dumps(detail, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
    }
    entry["mark"] = chain.mark(key, before, [_raw(entry[name]) for name in COLUMNS])
    connection.execute(_ADD, entry)
    new_latest, steps_back = follow_clock(latest, micros_of(now))
    if steps_back:
        connection.execute(_STEP_BACK, {"branch_id": branch_id, "first_seq": seq + 1})
    moved = {"branch": branch_id, "new_seq": seq + 1, "new_mark": entry["mark"], "new_latest": new_latest}
    connection.execute(_MOVE_HEAD, moved)
    return int(seq) + 1


def follow_clock(latest: int, at: int) -> tuple[int, bool]:
    """The latest time of the stretch with an entry at ``at``, and whether that entry begins a new one."""
    steps_back = at < latest - SETBACK
    return (at if steps_back else max(latest, at)), steps_back


def _raw(value: object) -> object:
    """A value as it lies in the store, which is what the mark covers."""
    return value.bytes if isinstance(value, UUID) else value
