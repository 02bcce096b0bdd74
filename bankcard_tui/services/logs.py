"""Reading the log: the own entries, all entries, and whether the chain holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.log import ENTRY, follow_clock
from bankcard_tui.desk.operation import question
from bankcard_tui.desk.registry import REGISTRY
from bankcard_tui.desk.results import View
from bankcard_tui.errors import InvalidInput, fill
from bankcard_tui.models.log import COLUMNS
from bankcard_tui.rules.terms import Outcome, Role
from bankcard_tui.security import chain
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.log_search import Look, Wanted, find
from bankcard_tui.services.log_times import altered, shown
from bankcard_tui.services.paging import Page
from bankcard_tui.store.engine import any_text
from bankcard_tui.store.types import micros_of, moment_of

_INTERNAL = ("note", "against", "request", "signatures")
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


class LogPage(Page[LogRow]):
    """Up to 100 entries. A search that found less before its time was over is ``searched_to`` that moment of the log;
    the cursor onwards goes on from there, even where the page is empty."""

    searched_to: datetime | None = None


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
        raise altered(row.seq) from None


def _read_detail(text: str) -> dict[str, Any]:
    """The detail of an entry; one that somebody has spoilt in the store is shown as it stands."""
    try:
        detail = json.loads(text)
    except ValueError:
        detail = None
    return detail if isinstance(detail, dict) else {"unreadable": text}


@question("log.mine", allow=Permission.OWN_LOG, own=Permission.OWN_LOG)
def my_log(desk: Desk, cursor: str | None = None) -> LogPage:
    """What one did, and what others did about oneself, the newest first; without what others noted for colleagues."""
    me, myself = desk.actor.person_id, desk.account_id
    mine = ((ENTRY.c.account_id, myself), *(() if me is None else ((ENTRY.c.subject_person, me),)))

    def show(row: Row[Any]) -> LogRow:
        entry = _show(row)
        if row.account_id == myself:
            return entry
        shared = {name: value for name, value in entry.detail.items() if name not in _INTERNAL}
        return entry.model_copy(update={"detail": shared, "terminal": ""})

    # Of what others do only what came of it concerns a customer: not a limit that still waits for a signature.
    finished = or_(ENTRY.c.account_id == myself, ENTRY.c.outcome == Outcome.DONE.value)
    checks = (finished,) if desk.actor.role is Role.CUSTOMER else ()
    return _page(desk, Wanted(desk.branch_id, (Look(mine),), checks), cursor, show)


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
) -> LogPage:
    """All entries, the newest first, by person, action (or its beginning, as ``application.``), subject, outcome and
    time; ``text`` is searched for in user names, actions and details.
    """
    looks: list[Look] = []
    if username:
        looks.append(Look(((ENTRY.c.username, username),)))
    if action:
        names = _actions(action) if action.endswith(".") else [action]
        if not names:
            return LogPage(items=(), next=None, previous=None)
        looks.append(Look(tuple((ENTRY.c.action, name) for name in names)))
    if subject is not None:
        looks.append(Look(((ENTRY.c.subject_id, subject),)))
    if outcome is not None:
        looks.append(Look(((ENTRY.c.outcome, outcome.value),)))
    if len(text) > 100:
        raise InvalidInput("text", "This is too long to search for.", hint="Type a part of it.")
    fields = (ENTRY.c.username, ENTRY.c.action, ENTRY.c.detail)
    holds = (or_(*(field.contains(text, autoescape=True) for field in fields)),) if text else ()
    wanted = Wanted(desk.branch_id, tuple(looks), holds, _micros(since, "since"), _micros(until, "until"))
    return _page(desk, wanted, cursor)


def _actions(beginning: str) -> list[str]:
    """Every action there is that begins so: the operations, and what is done outside of them."""
    return [name for name in (*REGISTRY, "branch.open", "session.stand_in") if name.startswith(beginning)]


def _micros(moment: datetime | None, field: str) -> int | None:
    if moment is not None and moment.tzinfo is None:
        raise InvalidInput(field, "A time needs its zone.", hint="As 2026-11-21T08:00:00+08:00.")
    return None if moment is None else micros_of(moment)


def _page(desk: Desk, wanted: Wanted, cursor: str | None, show: Callable[[Row[Any]], LogRow] = _show) -> LogPage:
    found = find(desk.sql, wanted, cursor)
    items = tuple(show(row) for row in found.rows)
    return LogPage(items=items, next=found.next, previous=found.previous, searched_to=found.stopped_at)


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
        clock = _Clock()
        count, last, mark = _check_chain(desk.keys.chain, rows, found, clock)
        elsewhere = "SELECT seq FROM log_entry WHERE branch_id IS NOT ? ORDER BY branch_id, seq"
        for (seq,) in connection.exec_driver_sql(elsewhere, (here,)):
            count += 1
            found.add("entry {number} belongs to no branch", number=shown(seq))
        head = connection.exec_driver_sql("SELECT seq, mark, latest FROM log_head").fetchall()
        starts = [row[0] for row in connection.exec_driver_sql("SELECT first_seq FROM log_stretch ORDER BY first_seq")]
    if len(head) != 1 or head[0][0] != last or head[0][1] not in mark:
        found.add(
            "the chain does not end where its head says: entries after {number} are missing or added", number=last
        )
    elif not found.list and (starts, head[0][2]) != (clock.starts, clock.latest):
        found.add("where the clock was set back is noted wrongly: a search by time can miss entries")
    del found.list[100:]
    problems = tuple(fill(each.template, dict(each.values)) for each in found.list)
    return ChainCheck(entries=count, head=mark[0].hex(), problems=problems, findings=tuple(found.list))


class _Findings:
    def __init__(self) -> None:
        self.list: list[Finding] = []

    def add(self, template: str, **values: object) -> None:
        self.list.append(Finding(template=template, values={name: str(value) for name, value in values.items()}))


class _Clock:
    """Where the stretches of the log begin, and the latest time in the last one, as its entries say."""

    def __init__(self) -> None:
        self.starts = [1]
        self.latest = 0

    def follow(self, seq: object, at: object) -> None:
        if isinstance(seq, int) and isinstance(at, int):
            self.latest, steps_back = follow_clock(self.latest, at)
            if steps_back:
                self.starts.append(seq)


def _check_chain(
    key: bytes, rows: Iterable[Any], found: _Findings, clock: _Clock
) -> tuple[int, int, tuple[bytes, ...]]:
    """How many entries there are, the last number, and what the mark of the last one may be.

    Of a wrong entry either the columns or the mark may be the false one: the next follows its kept mark or the one
    worked out, so that one wrong entry does not accuse those behind it.
    """
    before: tuple[bytes, ...] = (chain.START,)
    expected, count = 1, 0
    seq_at, time_at = COLUMNS.index("seq"), COLUMNS.index("at")
    for row in rows:
        count += 1
        *columns, kept = tuple(row)
        seq = columns[seq_at]
        clock.follow(seq, columns[time_at])
        gap = isinstance(seq, int) and seq > expected
        if gap:
            found.add("entries {first} to {last} are missing", first=expected, last=seq - 1)
        elif seq != expected:
            found.add("entry {number} is out of place", number=shown(seq))
        right = [chain.mark(key, each, columns) for each in before]
        if kept in right:
            before = (kept,)
        else:
            if not gap:  # behind a gap nothing can be worked out
                found.add("entry {number} was changed, or its mark is forged", number=shown(seq))
            before = (kept, right[0]) if isinstance(kept, bytes) else (right[0],)
        expected = seq + 1 if isinstance(seq, int) else expected + 1
    return count, expected - 1, before
