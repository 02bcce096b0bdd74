"""``bankcard policy``: the figures in force or at another time, tried with other values, proposed with a colleague."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bankcard_tui.cli.console import AsJson, Misused, console_of, table
from bankcard_tui.cli.desks import command_terminal, opened_bank
from bankcard_tui.cli.policy_tables import details, difference_lines, figure_lines, what_if_lines
from bankcard_tui.cli.sign_in_options import As, CodeFile, PasswordFile, PasswordStdin, SignIn
from bankcard_tui.locale import mark, say, tr

if TYPE_CHECKING:
    from datetime import date, datetime

    from bankcard_tui.desk.desk import Desk
    from bankcard_tui.services.policy_views import ValueView

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help=mark("Only these figures."))]
Changes = Annotated[
    list[str] | None, typer.Argument(metavar="NAME=VALUE...", help=mark("Figures and their new values."))
]
ChangesFile = Annotated[
    Path | None, typer.Option("--file", metavar="FILE", help=mark("A file with NAME=VALUE on each line."))
]
FromDay = Annotated[
    str | None,
    typer.Option("--from", metavar="DATE", help=mark("The first day; without it, with the last signature.")),
]
VERSION_HEADS = (
    mark("Version"),
    mark("In force from"),
    mark("State"),
    mark("Proposed by"),
    mark("Approved by"),
    mark("Changed"),
    mark("Note"),
)


@app.command("show", help=mark("Show the policy in force with its version."))
def show(
    context: typer.Context,
    names: Names = None,
    version: Annotated[
        int | None, typer.Option("--version", min=1, help=mark("Another version than that in force."))
    ] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help=mark("The one in force on that day."))] = None,
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.services.policies import policy_then

    console = console_of(context)
    if version is not None and on is not None:
        raise Misused(mark("Either a version or a day."), hint=mark("Leave one of --version and --on out."))
    with opened_bank(console) as bank:
        desk = bank.system_desk(command_terminal())
        policy = policy_then(desk, version, _day(on))
        since = _local(desk, policy.in_force_from)
    shown = _named(policy.values, names or [])
    if console.json:
        figures = {each.name: each.value for each in shown}
        console.answer(policy.model_dump(mode="json", exclude={"values"}) | {"figures": figures})
        return
    console.show(tr("Policy version {version}, in force since {since}", version=policy.version, since=since))
    if names:
        for each in shown:
            console.show("", *details(each))
    else:
        console.show(*figure_lines(shown))


@app.command("list", help=mark("List the versions of the policy, the newest first."))
def list_all(context: typer.Context, as_json: AsJson = False) -> None:
    from bankcard_tui.services.policy_versions import list_versions
    from bankcard_tui.services.policy_views import VERSION_WORDS

    console = console_of(context)
    with opened_bank(console) as bank:
        desk = bank.system_desk(command_terminal())
        page = list_versions(desk)
        rows = list(page.items)
        while page.next is not None:
            page = list_versions(desk, page.next)
            rows += page.items
        times = [_local(desk, row.in_force_from) for row in rows]
    if console.json:
        console.answer([row.model_dump(mode="json") for row in rows])
        return
    cells = [
        (
            row.version,
            since,
            tr(VERSION_WORDS[row.state]),
            row.proposed_by or "-",
            row.approved_by or "-",
            ", ".join(each.name for each in row.differences) or "-",
            row.note or "-",
        )
        for row, since in zip(rows, times, strict=True)
    ]
    console.show(*table([tr(head) for head in VERSION_HEADS], cells))


@app.command("try", help=mark("Try other figures on the portfolio without changing anything."))
def try_figures(
    context: typer.Context,
    changes: Changes = None,
    file: ChangesFile = None,
    from_day: FromDay = None,
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.services.policies import try_out

    console = console_of(context)
    figures = _changes(changes or [], file)
    with opened_bank(console) as bank:
        tried = try_out(bank.system_desk(command_terminal()), figures, _day(from_day))
    if console.json:
        console.answer(tried.model_dump(mode="json"))
        return
    console.show(*difference_lines(tried.differences))
    if tried.what_if is not None:
        console.show(*what_if_lines(tried.what_if), *(f"\n{say(each)}" for each in tried.unseen))


@app.command("set", help=mark("Propose other figures; a second person signs."))
def set_figures(
    context: typer.Context,
    user: As,
    note: Annotated[str, typer.Option("--note", help=mark("Why; the second person and the log read it."))],
    changes: Changes = None,
    file: ChangesFile = None,
    from_day: FromDay = None,
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    code_file: CodeFile = None,
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.services.policy_changes import change_policy

    console = console_of(context)
    figures, day = _changes(changes or [], file), _day(from_day)
    with SignIn(user, password_stdin, password_file, code_file).desk(console) as desk:
        request = change_policy(desk, figures, note, day).pending
    assert request is not None  # every change needs a second signature
    if console.json:
        console.answer(request.model_dump(mode="json"))
        return
    console.show(tr("It waits for the signature of a second person: {id}", id=str(request.id)))
    console.say(tr("What waits is shown by: bankcard policy waiting --as USER"))


@app.command("waiting", help=mark("Show the changes that wait for a signature."))
def waiting(
    context: typer.Context,
    user: As,
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    code_file: CodeFile = None,
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.services.policy_changes import waiting_changes

    console = console_of(context)
    with SignIn(user, password_stdin, password_file, code_file).desk(console) as desk:
        rows = waiting_changes(desk)
    if console.json:
        console.answer([row.model_dump(mode="json") for row in rows])
        return
    if not rows:
        console.show(tr("Nothing waits for a signature."))
    for row in rows:
        if row.altered:
            console.show(str(row.id), *map(say, row.problem), "")
            continue
        begins = row.from_day.isoformat() if row.from_day else tr("with the last signature")
        console.show(
            tr("Proposed by {maker}, from {day}: {note}", maker=row.request.maker, day=begins, note=row.note or "-"),
            *difference_lines(row.differences),
            *map(say, row.problem),
            "",
        )
        if row.mine_to_sign:
            words = tr(
                "Sign it with: bankcard op run request.sign --as USER --input '{input}'",
                input=f'{{"request": "{row.request.id}"}}',
            )
            console.say(words)


def _named(values: tuple[ValueView, ...], names: list[str]) -> list[ValueView]:
    """The figures of these names, or those whose names begin so; all without names. Raises Misused."""
    for name in names:
        if not any(_meant(value, name) for value in values):
            raise Misused(
                mark("The policy has no figure of this name."), hint=mark("bankcard policy show lists them."), name=name
            )
    return [value for value in values if not names or any(_meant(value, name) for name in names)]


def _meant(value: ValueView, name: str) -> bool:
    return value.name == name or value.name.startswith(f"{name.rstrip('.')}.")


def _changes(given: list[str], file: Path | None) -> dict[str, str]:
    """What stands behind each name; a line of a file that begins with # is a remark. Raises Misused."""
    lines = [] if file is None else file.read_text(encoding="utf-8").splitlines()
    pairs = [*given, *(line for line in lines if line.strip() and not line.lstrip().startswith("#"))]
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not (name and equals) or name in found:
            raise Misused(
                mark("Each figure is given once, as NAME=VALUE: {given}"),
                hint=mark("bankcard policy show lists them."),
                given=pair[:60],
            )
        found[name] = value
    if not found:
        raise Misused(mark("Nothing is to be changed."), hint=mark("Name a figure and its new value."))
    return found


def _day(given: str | None) -> date | None:
    """A day as typed. Raises Misused."""
    from datetime import date

    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise Misused(mark("{given} is not a day."), hint=mark("As 2026-11-21."), given=given[:40]) from None


def _local(desk: Desk, moment: datetime) -> str:
    from zoneinfo import ZoneInfo

    return f"{moment.astimezone(ZoneInfo(desk.bank.branch.zone)):%F %R}"
