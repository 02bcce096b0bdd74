"""Exporting the log to a file: logged before the first entry is given, and read page by page."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal, TextIO, TypeAlias, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from bankcard_tui.backup.files import Report, explained
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import question
from bankcard_tui.desk.results import View
from bankcard_tui.errors import InvalidInput
from bankcard_tui.locale import mark
from bankcard_tui.rules.free_text import hide_numbers
from bankcard_tui.rules.terms import Outcome
from bankcard_tui.rules.text import spreadsheet_safe, visible
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.logs import LogPage, LogRow, list_log, my_log

Form: TypeAlias = Literal["csv", "json"]
HEADS = ("seq", "at", "username", "role", "terminal", "action", "outcome", "subject_kind", "subject_id", "detail")
_WRITING = mark("Writing entries")


class LogFilters(View):
    """Which entries are exported: see ``log.list``."""

    username: str = ""
    action: str = ""
    subject: UUID | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""


class ExportView(View):
    """How many entries were written to which file."""

    entries: int
    path: Path


@question("log.export", allow=Permission.SEE_ALL_LOGS, opens=True)
def begin_export(desk: Desk, form: Form, filters: LogFilters | None = None) -> None:
    """Note that entries of the log are exported, and which."""
    _check_form(form)
    given = {name: value for name, value in filters or () if value not in (None, "")}
    desk.note(form=form, filters={name: visible(hide_numbers(str(value)))[:100] for name, value in given.items()})


@question("log.export_mine", allow=Permission.OWN_LOG, own=Permission.OWN_LOG, opens=True)
def begin_own_export(desk: Desk, form: Form) -> None:
    """Note that somebody's own entries of the log are exported."""
    _check_form(form)
    desk.note(form=form)


def _check_form(form: str) -> None:
    if form not in get_args(Form):
        raise InvalidInput(
            "form",
            "A log is exported in one of these forms: {known}",
            hint="Choose one of them.",
            known=", ".join(get_args(Form)),
        )


def export_log(
    desk: Desk,
    target: Path,
    form: Form,
    filters: LogFilters | None = None,
    *,
    report: Report | None = None,
) -> ExportView:
    """Write the entries that fit, the newest first, to the new file ``target``, which only its owner can read.

    CSV is UTF-8 with a byte order mark, safe to open in a spreadsheet; JSON is one array. Nothing is left of an export
    that fails or that a BankError of ``report`` stops. Raises Unavailable as the disk does, and what ``log.list`` does.
    """
    wanted = filters or LogFilters()
    begin_export(desk, form, wanted)
    return _export(desk, target, form, lambda cursor: list_log(desk, **dict(wanted), cursor=cursor), report)


def export_own_log(desk: Desk, target: Path, form: Form, *, report: Report | None = None) -> ExportView:
    """Write one's own entries to the new file ``target``, as :func:`export_log` does."""
    begin_own_export(desk, form)
    return _export(desk, target, form, lambda cursor: my_log(desk, cursor), report)


def _export(
    desk: Desk, target: Path, form: Form, page: Callable[[str | None], LogPage], report: Report | None
) -> ExportView:
    zone = ZoneInfo(desk.bank.branch.zone)
    with explained(target):
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        whole = False
        try:
            encoding = "utf-8-sig" if form == "csv" else "utf-8"
            with os.fdopen(handle, "w", encoding=encoding, newline="") as file:
                count = (_write_csv if form == "csv" else _write_json)(file, _entries(page, report), zone)
                file.flush()
                os.fsync(file.fileno())
            whole = True
        finally:
            if not whole:
                target.unlink(missing_ok=True)
    return ExportView(entries=count, path=target)


def _entries(page: Callable[[str | None], LogPage], report: Report | None) -> Iterator[LogRow]:
    cursor, done, first = None, 0, 0
    while True:
        found = page(cursor)
        yield from found.items
        done += len(found.items)
        if report is not None and found.items:
            first = first or found.items[0].seq
            report(_WRITING, first - found.items[-1].seq + 1, first)
        cursor = found.next
        if cursor is None:
            return


def _write_csv(file: TextIO, entries: Iterator[LogRow], zone: ZoneInfo) -> int:
    writer = csv.writer(file)
    writer.writerow(HEADS)
    count = 0
    for row in entries:
        cells = _plain(row, zone)
        cells["detail"] = json.dumps(row.detail, ensure_ascii=False)
        texts = ("" if cells[name] is None else str(cells[name]) for name in HEADS[1:])
        writer.writerow([row.seq, *(spreadsheet_safe(visible(text)) for text in texts)])
        count += 1
    return count


def _write_json(file: TextIO, entries: Iterator[LogRow], zone: ZoneInfo) -> int:
    count = 0
    for row in entries:
        # In ASCII: what somebody has hidden in an entry stays visible as an escape.
        file.write(("[\n" if count == 0 else ",\n") + json.dumps(_plain(row, zone)))
        count += 1
    file.write("\n]\n" if count else "[]\n")
    return count


def _plain(row: LogRow, zone: ZoneInfo) -> dict[str, object]:
    return {**row.model_dump(mode="json"), "at": row.at.astimezone(zone).isoformat()}
