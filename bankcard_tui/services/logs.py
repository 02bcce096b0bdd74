"""Reading the log: the own entries, all entries, and whether the chain holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, or_, select

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.log import ENTRY
from bankcard_tui.desk.operation import question
from bankcard_tui.desk.registry import REGISTRY
from bankcard_tui.desk.results import View
from bankcard_tui.errors import InvalidInput, VerificationFailed, fill
from bankcard_tui.models.log import COLUMNS
from bankcard_tui.rules.terms import Outcome
from bankcard_tui.security import chain
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.paging import Page, fetch_page
from bankcard_tui.store.engine import any_text
from bankcard_tui.store.types import micros_of, moment_of

_INTERNAL = ("note", "against")
"""Details that staff leave for their colleagues, not for the person whom an entry is about."""


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


class Finding(View):
    """Something wrong with the chain: an English sentence, to be translated, and the values to be filled in."""

    template: str
    values: dict[str, str]


class ChainCheck(View):
    """Whether the chain holds; ``problems`` says which entries are wrong and how, the first hundred of them.

    ``findings`` are the same for whoever speaks another language.
    """

    entries: int
    head: str
    problems: tuple[str, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def sound(self) -> bool:
        return not self.problems


def _show(row: Row[Any]) -> LogRow:
    try:
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
            detail=_read_detail(row.detail),
        )
    except (ValueError, TypeError, OverflowError):
        raise VerificationFailed(
            "Entry {number} of the log can't be read: somebody has altered it.",
            hint="Run: bankcard log verify",
            code="log.altered",
            number=_shown(row.seq),
        ) from None


def _read_detail(text: str) -> dict[str, Any]:
    """The detail of an entry; one that somebody has spoilt in the store is shown as it stands."""
    try:
        detail = json.loads(text)
    except ValueError:
        detail = None
    return detail if isinstance(detail, dict) else {"unreadable": text}


@question("log.mine", allow=Permission.OWN_LOG, own=Permission.OWN_LOG)
def my_log(desk: Desk, cursor: str | None = None) -> Page[LogRow]:
    """What one did, and what others did about oneself, the newest first; without what others noted for colleagues."""
    me, myself = desk.actor.person_id, desk.account_id
    mine = [ENTRY.c.account_id == myself]

    def show(row: Row[Any]) -> LogRow:
        entry = _show(row)
        if row.account_id == myself:
            return entry
        shared = {name: value for name, value in entry.detail.items() if name not in _INTERNAL}
        return entry.model_copy(update={"detail": shared})

    return _page(desk, [], cursor, any_of=mine if me is None else [*mine, ENTRY.c.subject_person == me], show=show)


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
    if action and not action.endswith("."):
        where.append(ENTRY.c.action == action)
    if subject is not None:
        where.append(ENTRY.c.subject_id == subject)
    if outcome is not None:
        where.append(ENTRY.c.outcome == outcome.value)
    for moment, bound in ((since, ENTRY.c.at.__ge__), (until, ENTRY.c.at.__lt__)):
        if moment is not None:
            if moment.tzinfo is None:
                raise InvalidInput("since", "A time needs its zone.", hint="As 2026-11-21T08:00:00+08:00.")
            where.append(bound(micros_of(moment)))
    if len(text) > 100:
        raise InvalidInput("text", "This is too long to search for.", hint="Type a part of it.")
    if text:
        fields = (ENTRY.c.username, ENTRY.c.action, ENTRY.c.detail)
        where.append(or_(*(field.contains(text, autoescape=True) for field in fields)))
    by_time = (ENTRY.c.at, ENTRY.c.seq) if since or until else (ENTRY.c.seq,)
    begun = [ENTRY.c.action == name for name in _actions(action)] if action.endswith(".") else ()
    if action.endswith(".") and not begun:
        return Page(items=(), next=None, previous=None)
    return _page(desk, where, cursor, keys=by_time, any_of=begun)


def _actions(beginning: str) -> list[str]:
    """Every action there is that begins so: the operations, and what is done outside of them."""
    return [name for name in (*REGISTRY, "branch.open", "session.stand_in") if name.startswith(beginning)]


def _page(
    desk: Desk,
    where: list[ColumnElement[bool]],
    cursor: str | None,
    *,
    keys: tuple[ColumnElement[Any], ...] = (ENTRY.c.seq,),
    any_of: Sequence[ColumnElement[bool]] = (),
    show: Callable[[Row[Any]], LogRow] = _show,
) -> Page[LogRow]:
    statement = select(ENTRY).where(ENTRY.c.branch_id == desk.branch_id, *where)
    return fetch_page(desk.sql, statement, keys, cursor, show, newest_first=True, any_of=any_of)


@question("log.verify", allow=(Permission.SEE_ALL_LOGS, Permission.RECORD_OUTCOMES))
def verify_log(desk: Desk) -> ChainCheck:
    """Check every entry against the chain; reads raw columns, so that nothing an attacker wrote can make it fail."""
    found = _Findings()
    connection, here = desk.work.connection, desk.branch_id.bytes
    with any_text(connection):
        names = ", ".join(COLUMNS)
        rows = connection.exec_driver_sql(
            f"SELECT {names}, mark FROM log_entry WHERE branch_id = ? ORDER BY seq",
            (here,),
            execution_options={"stream_results": True},
        )
        count, last, mark = _check_chain(desk.keys.chain, rows, found)
        elsewhere = "SELECT seq FROM log_entry WHERE branch_id IS NOT ? ORDER BY branch_id, seq"
        for (seq,) in connection.exec_driver_sql(elsewhere, (here,)):
            count += 1
            found.add("entry {number} belongs to no branch", number=_shown(seq))
        head = connection.exec_driver_sql("SELECT seq, mark FROM log_head").fetchall()
    if len(head) != 1 or head[0][0] != last or head[0][1] not in mark:
        found.add(
            "the chain does not end where its head says: entries after {number} are missing or added", number=last
        )
    del found.list[100:]
    problems = tuple(fill(each.template, dict(each.values)) for each in found.list)
    return ChainCheck(entries=count, head=mark[0].hex(), problems=problems, findings=tuple(found.list))


class _Findings:
    def __init__(self) -> None:
        self.list: list[Finding] = []

    def add(self, template: str, **values: object) -> None:
        self.list.append(Finding(template=template, values={name: str(value) for name, value in values.items()}))


def _check_chain(key: bytes, rows: Iterable[Any], found: _Findings) -> tuple[int, int, tuple[bytes, ...]]:
    """How many entries there are, the last number, and what the mark of the last one may be.

    Of a wrong entry either the columns or the mark may be the false one: the next follows its kept mark or the one
    worked out, so that one wrong entry does not accuse those behind it.
    """
    before: tuple[bytes, ...] = (chain.START,)
    expected, count = 1, 0
    seq_at = COLUMNS.index("seq")
    for row in rows:
        count += 1
        *columns, kept = tuple(row)
        seq = columns[seq_at]
        gap = isinstance(seq, int) and seq > expected
        if gap:
            found.add("entries {first} to {last} are missing", first=expected, last=seq - 1)
        elif seq != expected:
            found.add("entry {number} is out of place", number=_shown(seq))
        right = [chain.mark(key, each, columns) for each in before]
        if kept in right:
            before = (kept,)
        else:
            if not gap:  # behind a gap nothing can be worked out
                found.add("entry {number} was changed, or its mark is forged", number=_shown(seq))
            before = (kept, right[0]) if isinstance(kept, bytes) else (right[0],)
        expected = seq + 1 if isinstance(seq, int) else expected + 1
    return count, expected - 1, before


def _shown(seq: object) -> str:
    """The number of an entry, whatever somebody has put in its place."""
    return ascii(seq)[:40]
