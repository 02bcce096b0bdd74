"""``bankcard log archive``, ``archives``, ``prune`` and ``export``: what leaves the log, and where it goes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from bankcard_tui.cli.console import AsJson, Console, Misused, console_of, table
from bankcard_tui.cli.desks import code_for, command_terminal, opened_bank, password_for, signed_in
from bankcard_tui.cli.log_options import (
    Action,
    OutcomeName,
    Since,
    Text,
    Until,
    Username,
    moment_in,
    outcome_named,
)
from bankcard_tui.cli.sign_in_options import As, CodeFile, PasswordFile, PasswordStdin
from bankcard_tui.locale import mark, tr

if TYPE_CHECKING:
    from bankcard_tui.desk.bank import Bank
    from bankcard_tui.services.log_archive import ArchiveView

HEADS = (mark("From"), mark("To"), mark("Latest entry"), mark("File"), mark("Bytes"), mark("Made"), mark("State"))


def archive(
    context: typer.Context,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help=mark("Only entries in front of this day or time."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.services.log_archive import archive_log

    console = console_of(context)
    with opened_bank(console) as bank:
        before = moment_in(until, ZoneInfo(bank.branch.zone))
        console.interrupted = tr("The archive was not finished; bankcard log archives shows those that were.")
        with console.progress() as progress:
            made = archive_log(bank.system_desk(command_terminal()), until=before, report=progress)
        path = bank.home.archives / made.file
    if console.json:
        console.answer(made.model_dump(mode="json"))
        return
    console.show(
        tr("Entries {first} to {last} are archived and verified.", first=made.first_seq, last=made.last_seq), str(path)
    )
    if not made.kits:
        console.insist(tr("No recovery kit is registered: with this machine the archive is lost."))
        console.insist(tr("Make one: bankcard backup keygen FILE --as USER"))


def archives(context: typer.Context, as_json: AsJson = False) -> None:
    from bankcard_tui.services.log_archive import list_archives

    console = console_of(context)
    with opened_bank(console) as bank:
        found = list_archives(bank.system_desk(command_terminal()))
        zone = ZoneInfo(bank.branch.zone)
    if console.json:
        console.answer(found.model_dump(mode="json"))
        return
    if found.items:
        console.show(*table([tr(head) for head in HEADS], [_cells(each, zone) for each in found.items]))
    console.say(tr("{count:entry lies|entries lie} in the store alone.", count=found.last_seq - found.archived_to))
    if found.to_clear:
        console.say(tr("What was signed is not deleted yet: bankcard log prune --carry-out"))


def prune(
    context: typer.Context,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help=mark("Archives that end before this day or time."))
    ] = None,
    user: Annotated[str | None, typer.Option("--as", metavar="USER", help=mark("Who asks for it."))] = None,
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    code_file: CodeFile = None,
    carry_out: Annotated[
        bool, typer.Option("--carry-out", help=mark("Delete what a second administrator has signed."))
    ] = False,
    as_json: AsJson = False,
) -> None:
    console = console_of(context)
    if carry_out == (until is not None and user is not None):
        raise Misused(
            mark("Either ask for it or carry it out."),
            hint=mark("bankcard log prune --until DAY --as USER, and when it is signed bankcard log prune --carry-out"),
        )
    with opened_bank(console) as bank:
        if carry_out:
            _carry_out(console, bank)
        elif until is not None and user is not None:
            password = password_for(user, from_stdin=password_stdin, file=password_file)
            code = partial(code_for, from_stdin=password_stdin, file=code_file)
            _ask(console, bank, user, password, code, until)


def _ask(console: Console, bank: Bank, user: str, password: str, code: Callable[[], str], until: str) -> None:
    from bankcard_tui.services.log_archive import list_archives
    from bankcard_tui.services.log_prune import prune_log

    before = moment_in(until, ZoneInfo(bank.branch.zone))
    with signed_in(bank, user, password, code) as desk:
        found = list_archives(desk)
        ended = [each.last_seq for each in found.items if before is not None and each.last_at < before]
        fits = [each.last_seq for each in found.items if not each.pruned and each.last_seq in ended]
        if not fits:
            raise Misused(
                mark("No archive that is left in the store ends before {until}."),
                hint=mark("bankcard log archives shows them."),
                until=until[:40],
            )
        request = prune_log(desk, max(fits)).pending
    if request is None:
        raise AssertionError("pruning takes two people")
    if console.json:
        console.answer(request.model_dump(mode="json"))
        return
    console.show(
        tr("Pruning up to entry {last}: a second administrator has to sign it.", last=max(fits)),
        tr("Request {id}", id=request.id),
    )
    console.say(tr("To sign: bankcard op run request.sign --as USER, or in the application."))


def _carry_out(console: Console, bank: Bank) -> None:
    from bankcard_tui.services.log_prune import clear_pruned

    console.interrupted = tr("Not everything is deleted yet; the same command goes on.")
    with console.progress() as progress:
        cleared = clear_pruned(bank.system_desk(command_terminal()), report=progress)
    if console.json:
        console.answer(cleared.model_dump(mode="json"))
    else:
        console.show(
            tr(
                "{count:entry is|entries are} deleted; those up to {last} lie in archives alone.",
                count=cleared.deleted,
                last=cleared.cleared_to,
            )
        )


def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=mark("A new file; .csv or .json says which form."))],
    user: As,
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    code_file: CodeFile = None,
    mine: Annotated[bool, typer.Option("--mine", help=mark("Only one's own entries."))] = False,
    username: Username = "",
    action: Action = "",
    outcome: OutcomeName = None,
    since: Since = None,
    until: Until = None,
    text: Text = "",
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.services.log_export import Form, LogFilters, export_log, export_own_log

    console = console_of(context)
    forms: dict[str, Form] = {".csv": "csv", ".json": "json"}
    form = forms.get(file.suffix.lower())
    if form is None:
        raise Misused(mark("{path} is neither CSV nor JSON."), hint=mark("Name it .csv or .json."), path=file)
    if mine and (username or action or outcome or since or until or text):
        raise Misused(mark("One's own entries are exported without filters."), hint=mark("Leave --mine away."))
    wanted = outcome_named(outcome)
    with opened_bank(console) as bank:
        zone = ZoneInfo(bank.branch.zone)
        filters = LogFilters(
            username=username,
            action=action,
            outcome=wanted,
            since=moment_in(since, zone),
            until=moment_in(until, zone),
            text=text,
        )
        password = password_for(user, from_stdin=password_stdin, file=password_file)
        code = partial(code_for, from_stdin=password_stdin, file=code_file)
        with signed_in(bank, user, password, code) as desk, console.progress() as progress:
            if mine:
                done = export_own_log(desk, file, form, report=progress)
            else:
                done = export_log(desk, file, form, filters, report=progress)
    if console.json:
        console.answer(done.model_dump(mode="json"))
    else:
        console.show(tr("{count:entry|entries} written to {path}", count=done.entries, path=done.path))


def _cells(row: ArchiveView, zone: ZoneInfo) -> tuple[object, ...]:
    state = tr("pruned") if row.pruned else tr("may be pruned") if row.prunable else ""
    if row.kind == "fork":
        state = tr("taken out by a restore")
    times = (f"{each.astimezone(zone):%F %T}" for each in (row.last_at, row.made_at))
    return row.first_seq, row.last_seq, next(times), row.file, f"{row.size:,}", next(times), state
