"""``bankcard card`` at the branch: cards trained on its customers, approved by two people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bankcard_tui.cli.card_tables import quality_table, show_card, write_whole
from bankcard_tui.cli.console import AsJson, Console, Misused, console_of, table
from bankcard_tui.cli.sign_in_options import As, CodeFile, PasswordFile, PasswordStdin, SignIn
from bankcard_tui.locale import mark, tr

if TYPE_CHECKING:
    from uuid import UUID

    from bankcard_tui.desk.desk import Desk
    from bankcard_tui.desk.results import RequestView, Result
    from bankcard_tui.rules.training import Comparison
    from bankcard_tui.services.scorecards import CardRow

HEADS = (
    mark("Version"),
    mark("Points card"),
    mark("State"),
    mark("Trained on"),
    mark("Trained by"),
    mark("Customers"),
    mark("Bad"),
    mark("Signed so far"),
)
STATES = {"trained": mark("Trained"), "in_force": mark("In force"), "retired": mark("Retired")}
Version = Annotated[int, typer.Argument(metavar="VERSION", min=1, help=mark("The number of the card."))]
MaybeVersion = Annotated[int | None, typer.Argument(metavar="[VERSION]", min=1, help=mark("The number of the card."))]
MaybeAs = Annotated[str | None, typer.Option("--as", metavar="USER", help=mark("Who signs in."))]
Note = Annotated[str, typer.Option("--note", help=mark("Why; the second person and the log read it."))]


def train_here(console: Console, who: SignIn) -> None:
    """Train a card on the branch's customers."""
    from bankcard_tui.services.card_training import train_card

    with who.desk(console) as desk:
        console.interrupted = tr("No points card was kept.")
        with console.progress() as progress:
            row = train_card(desk, progress)
        console.interrupted = ""
    if console.json:
        console.answer(row.model_dump(mode="json"))
        return
    console.show(
        tr(
            "Points card {number} was learned from {customers:customer|customers}, of whom {bad} turned bad.",
            number=row.version,
            customers=row.customers,
            bad=row.bad,
        )
    )
    _show_comparison(console, row.name, tr("On customers that it had not seen:"), row.held_out)
    words = tr(
        "It gives opinions once two people approve it: bankcard card approve {number} --as USER", number=row.version
    )
    console.say(words)


def _id_of(desk: Desk, version: int) -> UUID:
    """The trained card with this number. Raises Misused where there is none."""
    from bankcard_tui.services.scorecards import list_cards

    found = next((row for row in list_cards(desk) if row.version == version), None)
    if found is None or found.id is None:
        raise Misused(
            mark("There is no points card {number}."), hint=mark("bankcard card list shows them."), number=version
        )
    return found.id


def show_here(console: Console, who: SignIn, version: int | None) -> None:
    """Show a trained card, or the one that gives opinions."""
    from bankcard_tui.services.scorecards import show_card_version

    with who.desk(console) as desk:
        card = show_card_version(desk, None if version is None else _id_of(desk, version)).card
    show_card(console, card)


def compare_here(console: Console, who: SignIn, version: int) -> None:
    """Compare a trained card with the one in force."""
    from bankcard_tui.services.card_reports import compare_cards

    with who.desk(console) as desk:
        found = compare_cards(desk, _id_of(desk, version))
    if console.json:
        console.answer(found.model_dump(mode="json"))
        return
    _show_comparison(console, found.challenger, tr("On customers that it had not seen:"), found.held_out)
    if found.held_out and found.seen_by_champion:
        console.show(tr("The card in force was learned from some of them: its figures flatter it."))
    _show_comparison(console, found.challenger, tr("On later customers:"), found.later)
    _show_comparison(console, found.challenger, tr("On customers that neither had seen:"), found.since)
    if not (found.held_out or found.later or found.since):
        console.show(tr("There are no customers on whom the two can be compared yet."))
    changed = [each for each in found.moves if each.before is not each.after]
    total = sum(each.count for each in found.moves)
    console.show(
        "",
        tr(
            "Of {total:decision|decisions} in the last twelve months {changed} would have had another grade.",
            total=total,
            changed=sum(each.count for each in changed),
        ),
    )


def _show_comparison(console: Console, challenger: str, title: str, found: Comparison | None) -> None:
    if found is not None:
        rows = [(challenger, found.challenger_quality), (found.champion, found.champion_quality)]
        console.show("", title, *quality_table(rows))


def list_here(
    context: typer.Context,
    user: As,
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    code_file: CodeFile = None,
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.services.scorecards import list_cards

    console = console_of(context)
    with SignIn(user, password_stdin, password_file, code_file).desk(console) as desk:
        rows = list_cards(desk)
        zone = desk.bank.day_of
        cells = [
            (
                row.version or "-",
                row.name,
                tr("Altered") if row.altered else tr(STATES[row.state]),
                zone(row.trained_at).isoformat() if row.trained_at else "-",
                row.trained_by or "-",
                row.customers,
                row.bad,
                f"{row.request.signed}/{row.request.needed}" if row.request else "-",
            )
            for row in rows
        ]
    if console.json:
        console.answer([row.model_dump(mode="json") for row in rows])
    else:
        console.show(*table([tr(head) for head in HEADS], cells))
        for request in {row.request.id: row.request for row in rows if row.request}.values():
            _how_to_sign(console, request)


def approve(
    context: typer.Context,
    version: Version,
    user: As,
    note: Note = "",
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    code_file: CodeFile = None,
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.services.card_approval import approve_card

    console = console_of(context)
    with SignIn(user, password_stdin, password_file, code_file).desk(console) as desk:
        done = approve_card(desk, _id_of(desk, version), note)
    _waits(console, done)


def retire(
    context: typer.Context,
    user: As,
    note: Note = "",
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    code_file: CodeFile = None,
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.services.card_approval import retire_card

    console = console_of(context)
    with SignIn(user, password_stdin, password_file, code_file).desk(console) as desk:
        done = retire_card(desk, note)
    _waits(console, done)


def _waits(console: Console, done: Result[CardRow]) -> None:
    request = done.pending
    assert request is not None  # both need a second signature
    if console.json:
        console.answer(request.model_dump(mode="json"))
        return
    console.show(tr("It waits for the signature of a second person: {id}", id=str(request.id)))
    _how_to_sign(console, request)


def _how_to_sign(console: Console, request: RequestView) -> None:
    words = tr(
        "Sign it on the page of points cards, or with: bankcard op run request.sign --as USER --input '{input}'",
        input=f'{{"request": "{request.id}"}}',
    )
    console.say(words)


def export(
    context: typer.Context,
    version: Version,
    user: As,
    out: Annotated[Path, typer.Option("--out", metavar="CARD.json", help=mark("Where the card goes."))],
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    code_file: CodeFile = None,
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.rules.scorecard_json import card_to_json
    from bankcard_tui.services.scorecards import show_card_version

    console = console_of(context)
    with SignIn(user, password_stdin, password_file, code_file).desk(console) as desk:
        shown = show_card_version(desk, _id_of(desk, version))
    write_whole(out, card_to_json(shown.card))
    if console.json:
        console.answer({"card": str(out), "name": shown.card.name, "hash": shown.digest})
    else:
        console.show(tr("The card {name} is in {path}.", path=out, name=shown.card.name))
