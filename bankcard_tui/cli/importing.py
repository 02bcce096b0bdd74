"""``bankcard import``: taking data over from files, as a job that can be stopped and started again."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bankcard_tui.cli.console import AsJson, Console, Misused, console_of
from bankcard_tui.cli.desks import code_for, opened_bank, password_for, signed_in
from bankcard_tui.cli.sign_in_options import As, CodeFile, PasswordFile, PasswordStdin
from bankcard_tui.locale import mark, say, tr

if TYPE_CHECKING:
    from types import FrameType

    from bankcard_tui.cli.csv_rows import Row
    from bankcard_tui.cli.rejects import Rejects
    from bankcard_tui.desk.desk import Desk
    from bankcard_tui.services.imports import JobView, Take

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def choose_what() -> None:
    pass


def _command(name: str, told: str, rows: Callable[[], tuple[tuple[str, ...], tuple[str, ...], Take]]) -> None:
    """A command that imports files called ``name``; ``rows`` gives their columns, those that may be missing, and what
    takes them.
    """

    @app.command(name, help=told)
    def take_over(
        context: typer.Context,
        file: Annotated[Path, typer.Argument(metavar="FILE.csv", help=mark("The file: UTF-8, with a header."))],
        user: As,
        password_stdin: PasswordStdin = False,
        password_file: PasswordFile = None,
        code_file: CodeFile = None,
        rejects: Annotated[
            Path | None, typer.Option("--rejects", help=mark("Where rejects go, instead of FILE.rejects.csv."))
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        from bankcard_tui.cli.csv_rows import check_header, read_rows, survey
        from bankcard_tui.cli.rejects import Rejects
        from bankcard_tui.services.imports import start_import

        console, (columns, optional, take) = console_of(context), rows()
        with file.open("rb") as opened, opened_bank(console) as bank:
            seen = survey(opened, file)
            check_header(opened, file, columns, optional)
            path = rejects or file.with_name(f"{file.stem}.rejects.csv")
            if path.exists() and path.samefile(file):
                raise Misused(mark("{path} can't take its own rejects."),
                              hint=mark("Name another file: --rejects PATH"), path=path)  # fmt: skip
            password = password_for(user, from_stdin=password_stdin, file=password_file)
            code = partial(code_for, from_stdin=password_stdin, file=code_file)
            with signed_in(bank, user, password, code) as desk:
                job = start_import(desk, name, seen.digest).view
                if job.cursor:
                    console.say(tr("This import was stopped before: going on after {rows:row|rows}.", rows=job.cursor))
                with Rejects(path, columns, job.id) as out:
                    lost = job.rejected - out.earlier
                    try:
                        found = read_rows(opened, file, columns, optional)
                        job = _take(console, desk, job, take, found, seen.lines, out)
                    finally:
                        if out.kept:
                            console.say(tr("The rejected rows of an earlier import are kept as {path}", path=out.kept))
        _report(console, job, out, max(0, lost))


def _customers() -> tuple[tuple[str, ...], tuple[str, ...], Take]:
    from bankcard_tui.services.customer_import import CUSTOMER_COLUMNS, OPTIONAL_COLUMNS, import_customers

    return CUSTOMER_COLUMNS, OPTIONAL_COLUMNS, import_customers


def _history() -> tuple[tuple[str, ...], tuple[str, ...], Take]:
    from bankcard_tui.services.history_import import CASH, HISTORY_COLUMNS, import_history

    return HISTORY_COLUMNS, (CASH,), import_history


_command("customers", mark("Take customers over from a CSV file; bad rows go to a file of rejects."), _customers)
_command("history", mark("Take months of spending and overdue history over from a CSV file."), _history)


def _take(
    console: Console, desk: Desk, job: JobView, take: Take, rows: Iterator[Row], lines: int, rejects: Rejects
) -> JobView:
    """Take the rows chunk by chunk, those that were taken before left out."""
    from itertools import islice

    from bankcard_tui.services.imports import MOST_ROWS, finish_import

    for _ in islice(rows, job.cursor):
        pass
    with console.progress() as progress, _stop_between_chunks() as stopping:
        while chunk := list(islice(rows, MOST_ROWS)):
            first = job.cursor
            readable = tuple({} if row.problem else row.cells for row in chunk)  # an empty row is counted as rejected
            answer = take(desk, job.id, first, readable).view
            for reject in answer.rejects:
                row = chunk[reject.line - first]
                reason = row.problem.phrases if row.problem else reject.reason
                rejects.add(row, reject.code, " ".join(map(say, reason)))
            rejects.keep()
            job = answer.job
            progress(mark("Rows"), job.cursor, max(lines, job.cursor))
            console.interrupted = tr(
                "{rows:row is|rows are} in; start the same command again to go on with the others.", rows=job.cursor
            )
            if stopping:
                raise KeyboardInterrupt
    return finish_import(desk, job.id).view


@contextmanager
def _stop_between_chunks() -> Iterator[list[int]]:
    """Let Ctrl+C wait for the end of a chunk, so that no reject is lost; the second one does not wait."""
    asked: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)


def _report(console: Console, job: JobView, rejects: Rejects, lost: int) -> None:
    there = rejects.path if rejects.written or rejects.earlier else None
    if console.json:
        counts = {"taken": job.done, "known_already": job.skipped, "rejected": job.rejected}
        console.answer(counts | {"rejects": str(there) if there else None})
    else:
        console.show(
            tr(
                "{done} taken, {skipped} known already, {rejected} rejected",
                done=job.done,
                skipped=job.skipped,
                rejected=job.rejected,
            )
        )
    if there:
        console.say(tr("The rejected rows, with reasons: {path}", path=there))
        console.say(tr("Correct them there and import that file."))
    if lost:
        console.say(
            tr(
                "{count:earlier reject is|earlier rejects are} not in that file. Import the whole file again: it "
                "changes nothing and lists every one.",
                count=lost,
            )
        )
