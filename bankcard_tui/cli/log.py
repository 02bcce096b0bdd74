"""``bankcard log``: reading the operation log, and checking that nobody altered it."""

from __future__ import annotations

import json
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Annotated

import typer

from bankcard_tui.cli import log_archive
from bankcard_tui.cli.console import AsJson, Console, console_of, table
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
from bankcard_tui.errors import Unavailable, VerificationFailed
from bankcard_tui.locale import mark, tr

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from bankcard_tui.services.log_verify import ChainCheck
    from bankcard_tui.services.logs import LogRow

INCOMPLETE = mark("The entries of the log are sound, but files that prove it are missing or can't be read.")
FETCH = mark(
    "Copy them from the folder backups of the earlier machine, or from where they are kept, and check again. If nobody "
    "moved them away, tell your security officer."
)

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)

HEADS = (
    mark("No."),
    mark("Time"),
    mark("Person"),
    mark("Role"),
    mark("Action"),
    mark("Outcome"),
    mark("Terminal"),
    mark("About"),
    mark("Detail"),
)


@app.command("list", help=mark("Show the newest entries of the log."))
def list_entries(
    context: typer.Context,
    user: As,
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    code_file: CodeFile = None,
    username: Username = "",
    action: Action = "",
    outcome: OutcomeName = None,
    since: Since = None,
    until: Until = None,
    text: Text = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help=mark("How many entries at most."))] = 100,
    as_json: AsJson = False,
) -> None:
    from zoneinfo import ZoneInfo

    from bankcard_tui.services.logs import list_log

    import_module("bankcard_tui.services.everything")  # "staff." stands for every registered action that begins so
    console = console_of(context)
    wanted = outcome_named(outcome)
    with opened_bank(console) as bank:
        zone = ZoneInfo(bank.branch.zone)
        bounds = [moment_in(given, zone) for given in (since, until)]
        rows: list[LogRow] = []
        password = password_for(user, from_stdin=password_stdin, file=password_file)
        code = partial(code_for, from_stdin=password_stdin, file=code_file)
        with signed_in(bank, user, password, code) as desk:
            cursor = None
            while len(rows) < limit:
                page = list_log(
                    desk,
                    username=username,
                    action=action,
                    outcome=wanted,
                    since=bounds[0],
                    until=bounds[1],
                    text=text,
                    cursor=cursor,
                )
                rows += page.items[: limit - len(rows)]
                cursor = page.next
                if cursor is None:
                    break
    if console.json:
        console.answer([row.model_dump(mode="json") for row in rows])
    elif rows:
        console.show(*table([tr(head) for head in HEADS], [_cells(row, zone) for row in rows]))
    else:
        console.say(tr("No entry fits."))


@app.command("verify", help=mark("Check every entry against the chain; says which entry is wrong."))
def verify(
    context: typer.Context,
    deep: Annotated[bool, typer.Option("--deep", help=mark("Read the archives to the end as well."))] = False,
    head: Annotated[
        list[str] | None,
        typer.Option(
            "--head", metavar="NUMBER:MARK", help=mark("An end of the log that a slip shows; may be repeated.")
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    console = console_of(context)
    check = checked_log(console, deep=deep, heads=tuple(head or ()))
    problems = spoken(check)
    if console.json:
        plain = check.model_dump(mode="json", exclude={"findings"})
        console.answer({"sound": check.sound, **plain, "problems": problems})
    elif check.sound:
        console.show(
            tr(
                "The log is sound: {entries:entry|entries}, head {head}",
                entries=check.entries,
                head=f"{check.last}:{check.head}",
            )
        )
    else:
        console.show(*problems)
    if check.altered:
        raise VerificationFailed(
            "The log was altered.",
            hint="Tell your security officer, and keep the store as it is.",
            code="log.altered",
        )
    if not check.sound:
        raise VerificationFailed(INCOMPLETE, hint=FETCH, code="log.incomplete")


def checked_log(console: Console, *, deep: bool = False, heads: tuple[str, ...] = ()) -> ChainCheck:
    """The check of the log. Raises VerificationFailed where the store was altered so that it can't be read, and
    InvalidInput for what is no head."""
    from sqlalchemy.exc import SQLAlchemyError

    from bankcard_tui.services.logs import verify_log

    altered = mark("The store was altered: {what} can't be read.")
    advice = mark("Do not work on. Restore a backup, or call your IT support.")

    try:
        with opened_bank(console) as bank:
            return verify_log(bank.system_desk(command_terminal()), deep=deep, heads=heads)
    except (SQLAlchemyError, ValueError, LookupError, TypeError, AttributeError) as error:
        # Branch, policy and accounts are read on the way to the log; what stands there can be altered too.
        raise VerificationFailed(altered, hint=advice, code="store.altered", what=type(error).__name__) from error
    except Unavailable as error:
        if error.code != "store.failed":
            raise
        # A table or a column that the log needs is gone.
        raise VerificationFailed(altered, hint=advice, code="store.altered", what=error.values["said"]) from error


app.command("archive", help=mark("Put the entries behind the last archive into a signed, encrypted file."))(
    log_archive.archive
)
app.command("archives", help=mark("List the archives of the log."))(log_archive.archives)
app.command("prune", help=mark("Give up old entries that lie in archives; two administrators decide."))(
    log_archive.prune
)
app.command("export", help=mark("Write entries of the log to a file; this is logged."))(log_archive.export)


def spoken(check: ChainCheck) -> list[str]:
    """What is wrong with the chain, in the language in use."""
    return [tr(each.template, **each.values) for each in check.findings]


def _cells(row: LogRow, zone: ZoneInfo) -> tuple[object, ...]:
    about = f"{row.subject_kind} {row.subject_id}" if row.subject_id else row.subject_kind
    detail = json.dumps(row.detail, ensure_ascii=False)
    time = f"{row.at.astimezone(zone):%F %T}"
    return row.seq, time, row.username, row.role, row.action, row.outcome, row.terminal, about, detail
