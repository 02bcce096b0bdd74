"""``bankcard log``: reading the operation log, and checking that nobody altered it."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bankcard_tui.cli.console import AsJson, Console, Misused, console_of, table
from bankcard_tui.cli.desks import command_terminal, opened_bank, password_for, signed_in
from bankcard_tui.errors import Unavailable, VerificationFailed
from bankcard_tui.locale import mark, tr

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bankcard_tui.services.log_verify import ChainCheck
    from bankcard_tui.services.logs import LogRow

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
    user: Annotated[str, typer.Option("--as", metavar="USER", help=mark("Who signs in."))],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help=mark("The first line of stdin is the password."))
    ] = False,
    password_file: Annotated[
        Path | None, typer.Option("--password-file", help=mark("A file whose first line is the password."))
    ] = None,
    username: Annotated[str, typer.Option("--username", help=mark("Only what this person did."))] = "",
    action: Annotated[
        str, typer.Option("--action", help=mark("Only this action; with a dot at the end every one that begins so."))
    ] = "",
    outcome: Annotated[
        str | None, typer.Option("--outcome", metavar="OUTCOME", help=mark("Only done, refused, failed or pending."))
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help=mark("From this day or time on."))
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help=mark("Before this day or time."))] = None,
    text: Annotated[str, typer.Option("--text", help=mark("Only entries that hold this text."))] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help=mark("How many entries at most."))] = 100,
    as_json: AsJson = False,
) -> None:
    from zoneinfo import ZoneInfo

    from bankcard_tui.rules.terms import Outcome
    from bankcard_tui.services.logs import list_log

    import_module("bankcard_tui.services.everything")  # "staff." stands for every registered action that begins so
    console = console_of(context)
    if outcome is not None and outcome not in list(Outcome):
        raise Misused(
            mark("There is no outcome {outcome}."),
            hint=mark("Choose one of: {known}"),
            outcome=outcome,
            known=", ".join(Outcome),
        )
    with opened_bank(console) as bank:
        zone = ZoneInfo(bank.branch.zone)
        bounds = [_moment(given, zone) for given in (since, until)]
        rows: list[LogRow] = []
        with signed_in(bank, user, password_for(user, from_stdin=password_stdin, file=password_file)) as desk:
            cursor = None
            while len(rows) < limit:
                page = list_log(
                    desk,
                    username=username,
                    action=action,
                    outcome=Outcome(outcome) if outcome else None,
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
def verify(context: typer.Context, as_json: AsJson = False) -> None:
    console = console_of(context)
    check = checked_log(console)
    problems = spoken(check)
    if console.json:
        plain = {"sound": check.sound, "entries": check.entries, "head": check.head, "problems": problems}
        console.answer(plain)
    elif check.sound:
        console.show(
            tr("The log is sound: {entries:entry|entries}, head {head}", entries=check.entries, head=check.head)
        )
    else:
        console.show(*problems)
    if not check.sound:
        raise VerificationFailed(
            "The log was altered.",
            hint="Tell your security officer, and keep the store as it is.",
            code="log.altered",
        )


def checked_log(console: Console) -> ChainCheck:
    """The check of the log's chain. Raises VerificationFailed where the store was altered so that it can't be read."""
    from sqlalchemy.exc import SQLAlchemyError

    from bankcard_tui.services.logs import verify_log

    altered = mark("The store was altered: {what} can't be read.")
    advice = mark("Do not work on. Restore a backup, or call your IT support.")

    try:
        with opened_bank(console) as bank:
            return verify_log(bank.system_desk(command_terminal()))
    except (SQLAlchemyError, ValueError, LookupError, TypeError, AttributeError) as error:
        # Branch, policy and accounts are read on the way to the log; what stands there can be altered too.
        raise VerificationFailed(altered, hint=advice, code="store.altered", what=type(error).__name__) from error
    except Unavailable as error:
        if error.code != "store.failed":
            raise
        # A table or a column that the log needs is gone.
        raise VerificationFailed(altered, hint=advice, code="store.altered", what=error.values["said"]) from error


def spoken(check: ChainCheck) -> list[str]:
    """What is wrong with the chain, in the language in use."""
    return [tr(each.template, **each.values) for each in check.findings]


def _cells(row: LogRow, zone: ZoneInfo) -> tuple[object, ...]:
    about = f"{row.subject_kind} {row.subject_id}" if row.subject_id else row.subject_kind
    detail = json.dumps(row.detail, ensure_ascii=False)
    time = f"{row.at.astimezone(zone):%F %T}"
    return row.seq, time, row.username, row.role, row.action, row.outcome, row.terminal, about, detail


def _moment(given: str | None, zone: ZoneInfo) -> datetime | None:
    """A day or a time as typed; without a zone it is the branch's. Raises Misused."""
    from datetime import UTC, datetime

    if given is None:
        return None
    try:
        read = datetime.fromisoformat(given)
        return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Misused(
            mark("{given} is not a day or a time."), hint=mark("As 2026-11-21 or 2026-11-21T08:30."), given=given[:40]
        ) from None
