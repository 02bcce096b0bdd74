"""Reading the log: the own entries, all entries, and whether the chain holds."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, or_, select

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.log import ENTRY
from bankcard_tui.desk.operation import question
from bankcard_tui.desk.results import View
from bankcard_tui.errors import InvalidInput
from bankcard_tui.models.log import COLUMNS
from bankcard_tui.rules.terms import Outcome
from bankcard_tui.security import chain
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.paging import Page, fetch_page
from bankcard_tui.store.types import micros_of, moment_of


class LogRow(View):
    """One entry of the log."""

    seq: int
    at: datetime
    username: str
    role: str
    terminal: str
    action: str
    outcome: str
    subject_kind: str
    subject_id: UUID | None
    detail: dict[str, Any]


class ChainCheck(View):
    """Whether the chain holds; ``problems`` says which entries are wrong and how, the first hundred of them."""

    entries: int
    head: str
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not self.problems


def _show(row: Row[Any]) -> LogRow:
    return LogRow(
        seq=row.seq,
        at=moment_of(row.at),
        username=row.username,
        role=row.role,
        terminal=row.terminal,
        action=row.action,
        outcome=row.outcome,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        detail=json.loads(row.detail),
    )


@question("log.mine", allow=Permission.OWN_LOG, own=Permission.OWN_LOG)
def my_log(desk: Desk, cursor: str | None = None) -> Page[LogRow]:
    """What one did, and what others did about oneself, the newest first."""
    me = desk.actor.person_id
    mine = or_(ENTRY.c.account_id == desk.account_id, ENTRY.c.actor_id == me, ENTRY.c.subject_person == me)
    return _page(desk, [mine] if me is not None else [ENTRY.c.account_id == desk.account_id], cursor)


@question("log.list", allow=Permission.SEE_ALL_LOGS)
def list_log(
    desk: Desk,
    username: str = "",
    action: str = "",
    subject: UUID | None = None,
    outcome: Outcome | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    text: str = "",
    cursor: str | None = None,
) -> Page[LogRow]:
    """All entries, the newest first, by person, action (or its beginning, as ``application.``), subject, outcome and
    time; ``text`` is searched for in user names, actions and details.
    """
    where: list[ColumnElement[bool]] = []
    if username:
        where.append(ENTRY.c.username == username)
    if action:
        exact = not action.endswith(".")
        where.append(ENTRY.c.action == action if exact else ENTRY.c.action.startswith(action, autoescape=True))
    if subject is not None:
        where.append(ENTRY.c.subject_id == subject)
    if outcome is not None:
        where.append(ENTRY.c.outcome == outcome.value)
    for moment, bound in ((since, ENTRY.c.at.__ge__), (until, ENTRY.c.at.__lt__)):
        if moment is not None:
            if moment.tzinfo is None:
                raise InvalidInput("since", "A time needs its zone.", hint="As 2026-11-21T08:00:00+08:00.")
            where.append(bound(micros_of(moment)))
    if text:
        fields = (ENTRY.c.username, ENTRY.c.action, ENTRY.c.detail)
        where.append(or_(*(field.contains(text, autoescape=True) for field in fields)))
    return _page(desk, where, cursor)


def _page(desk: Desk, where: list[ColumnElement[bool]], cursor: str | None) -> Page[LogRow]:
    statement = select(ENTRY).where(ENTRY.c.branch_id == desk.branch_id, *where)
    return fetch_page(desk.sql, statement, (ENTRY.c.seq,), cursor, _show, newest_first=True)


@question("log.verify", allow=(Permission.SEE_ALL_LOGS, Permission.RECORD_OUTCOMES))
def verify_log(desk: Desk) -> ChainCheck:
    """Check every entry against the chain; reads raw columns, so that nothing an attacker wrote can make it fail."""
    names = ", ".join(COLUMNS)
    rows = desk.work.connection.exec_driver_sql(
        f"SELECT {names}, mark FROM log_entry ORDER BY branch_id, seq", execution_options={"stream_results": True}
    )
    problems: list[str] = []
    before, expected, count = chain.START, 1, 0
    seq_at = COLUMNS.index("seq")
    for row in rows:
        count += 1
        *columns, kept = tuple(row)
        seq = columns[seq_at]
        if seq != expected:
            missing = isinstance(seq, int) and seq > expected
            problems.append(
                f"entries {expected} to {seq - 1} are missing" if missing else f"entry {seq!r} is out of place"
            )
        if kept != chain.mark(desk.keys.chain, before, columns):
            problems.append(f"entry {seq!r} was changed, or its mark is forged")
        # Go on from what stands there, so that one bad entry does not accuse all that follow.
        before = kept if isinstance(kept, bytes) else b""
        expected = seq + 1 if isinstance(seq, int) else expected + 1
    head = desk.work.connection.exec_driver_sql("SELECT seq, mark FROM log_head").fetchall()
    if len(head) != 1 or head[0][0] != expected - 1 or head[0][1] != before:
        problems.append(
            f"the chain does not end where its head says: entries after {expected - 1} are missing or added"
        )
    return ChainCheck(entries=count, head=before.hex(), problems=tuple(problems[:100]))
