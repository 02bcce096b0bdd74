"""``bankcard op``: every operation of the bank from the shell."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bankcard_tui.cli.console import AsJson, Console, Misused, console_of
from bankcard_tui.cli.desks import code_for, command_terminal, opened_bank, password_for, signed_in
from bankcard_tui.cli.sign_in_options import CodeFile, PasswordFile, PasswordStdin
from bankcard_tui.cli.terminal import without_collecting
from bankcard_tui.locale import mark, tr

if TYPE_CHECKING:
    from bankcard_tui.desk.bank import Bank
    from bankcard_tui.desk.desk import Desk
    from bankcard_tui.desk.registry import Spec

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


@app.command("list", help=mark("List every operation: its name, who may, and what it takes."))
def list_operations(context: typer.Context, as_json: AsJson = False) -> None:
    from bankcard_tui.cli.listing import in_short, listed

    console = console_of(context)
    operations = listed()
    if console.json:
        console.answer(operations)
        return
    for each in operations:
        console.show(f"{each['name']}  [{each['mode']}]  {tr(each['title'])}")
        console.show(f"    {tr('who may: {who}', who=', '.join(each['permissions']) or tr('anybody'))}")
        for parameter in each["parameters"]:
            console.show(f"    {in_short(parameter)}")


@app.command("run", help=mark("Run one operation, or with --jsonl one for each line of stdin."))
def run_operations(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help=mark("The operation, as in op list."))] = None,
    user: Annotated[str | None, typer.Option("--as", metavar="USER", help=mark("Who signs in."))] = None,
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    code_file: CodeFile = None,
    given: Annotated[
        str | None,
        typer.Option(
            "--input",
            metavar="JSON|@FILE|@-",
            help=mark("What it takes, as JSON; @- is stdin. Secrets only from a file or stdin."),
        ),
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", help=mark("Doing it again under the same key gives the first result."))
    ] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help=mark("Read one operation a line from stdin."))] = False,
) -> None:
    console = console_of(context)
    if jsonl:
        if name is not None or given is not None or key is not None or password_stdin:
            raise Misused(
                mark("With --jsonl the operations, their input and keys come from stdin, and nothing else does."),
                hint=mark("Leave out NAME, --input, --key and --password-stdin; there is --password-file FILE."),
            )
        _run_lines(console, user, password_file, code_file)
        return
    if name is None:
        raise Misused(mark("Which operation?"), hint=mark("See: bankcard op list"))
    _run_one(console, name, user, password_stdin, password_file, code_file, given, key)


def offered() -> dict[str, Spec]:
    """Every operation that can be called from outside, by name."""
    from bankcard_tui.cli.op_call import OF_A_SCREEN

    with without_collecting():
        from bankcard_tui.services.everything import operations
    return {spec.name: spec for spec in operations() if not spec.internal and spec.name not in OF_A_SCREEN}


def _run_one(
    console: Console,
    name: str,
    user: str | None,
    password_stdin: bool,
    password_file: Path | None,
    code_file: Path | None,
    given: str | None,
    key: str | None,
) -> None:
    from bankcard_tui.cli.op_call import answer_of, find, read_input, refuse_secrets, text_of

    spec = find(offered(), name)
    if given is not None and not given.startswith("@"):
        refuse_secrets(spec, read_input(given))
    with opened_bank(console) as bank:
        password = None
        if user is not None:
            taken = given == "@-"
            password = password_for(user, from_stdin=password_stdin, file=password_file, stdin_is_taken=taken)
        code = partial(code_for, from_stdin=password_stdin, file=code_file, stdin_is_taken=given == "@-")
        with _desk(bank, user, password, code) as desk:
            # Where stdin holds all of them, the input stands behind password and code.
            plain = read_input(text_of(given))
            answer = answer_of(spec, desk, plain, key)
    console.answer(answer if "pending" in answer else answer["result"])


def _run_lines(console: Console, user: str | None, password_file: Path | None, code_file: Path | None) -> None:
    from bankcard_tui.cli.op_call import answer_lines

    operations, failed, count = offered(), 0, 0
    with opened_bank(console) as bank:
        password = None
        if user is not None:
            password = password_for(user, from_stdin=False, file=password_file, stdin_is_taken=True)
        code = partial(code_for, from_stdin=False, file=code_file, stdin_is_taken=True)
        with _desk(bank, user, password, code) as desk:
            for answer in answer_lines(console, operations, desk):
                console.answer(answer, indent=None)
                sys.stdout.flush()
                count += 1
                failed += not answer["ok"]
                console.interrupted = tr("{count:line is|lines are} answered.", count=count)
    if failed:
        console.say(tr("{failed} of {count} failed.", failed=failed, count=count))
        raise typer.Exit(1)


@contextmanager
def _desk(bank: Bank, user: str | None, password: str | None, code: Callable[[], str]) -> Iterator[Desk]:
    """The desk of ``user``; the lobby for nobody."""
    if user is None or password is None:
        yield bank.lobby(command_terminal())
    else:
        with signed_in(bank, user, password, code) as desk:
            yield desk
