"""Reading the log: the own entries, all entries, and whether the chain holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.log import ENTRY
from bankcard_tui.desk.operation import question
from bankcard_tui.desk.registry import REGISTRY
from bankcard_tui.desk.results import View
from bankcard_tui.errors import InvalidInput
from bankcard_tui.rules.terms import Outcome, Role
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.log_search import Look, Wanted, find
from bankcard_tui.services.log_times import altered
from bankcard_tui.services.log_verify import ChainCheck, check_log, read_head
from bankcard_tui.services.paging import Page
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
    return [
        name for name in (*REGISTRY, "branch.open", "session.stand_in", "backup.restore") if name.startswith(beginning)
    ]


def _micros(moment: datetime | None, field: str) -> int | None:
    if moment is not None and moment.tzinfo is None:
        raise InvalidInput(field, "A time needs its zone.", hint="As 2026-11-21T08:00:00+08:00.")
    return None if moment is None else micros_of(moment)


def _page(desk: Desk, wanted: Wanted, cursor: str | None, show: Callable[[Row[Any]], LogRow] = _show) -> LogPage:
    found = find(desk.sql, wanted, cursor)
    items = tuple(show(row) for row in found.rows)
    return LogPage(items=items, next=found.next, previous=found.previous, searched_to=found.stopped_at)


@question("log.verify", allow=(Permission.SEE_ALL_LOGS, Permission.RECORD_OUTCOMES))
def verify_log(desk: Desk, deep: bool = False, heads: tuple[str, ...] = (), files: bool = True) -> ChainCheck:
    """Check every entry against the chain, and the chain against archives, backups and ``heads`` ("NUMBER:MARK").

    ``deep`` reads the archives to the end; without ``files`` the store is checked alone, as that of a single copy.
    """
    return check_log(desk, deep=deep, heads=[read_head(each) for each in heads], files=files)
