"""``bankcard card``: points cards, learned from the branch's customers or from a table; files need no branch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bankcard_tui.cli import card_branch
from bankcard_tui.cli.card_branch import MaybeAs, MaybeVersion
from bankcard_tui.cli.console import AsJson, Misused, console_of
from bankcard_tui.cli.sign_in_options import CodeFile, PasswordFile, PasswordStdin, SignIn
from bankcard_tui.locale import mark

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)

_TABLE = mark("The customers: CSV with a header, also as .csv.gz.")
_SCHEMA = mark("What the columns of the table are.")
TableFile = Annotated[Path, typer.Option("--table", metavar="FILE.csv", help=_TABLE)]
MaybeTable = Annotated[Path | None, typer.Option("--table", metavar="FILE.csv", help=_TABLE)]
MaybeSchema = Annotated[Path | None, typer.Option("--schema", metavar="FILE.json", help=_SCHEMA)]
CardFile = Annotated[Path, typer.Option("--card", metavar="CARD.json", help=mark("The points card."))]
MaybeCard = Annotated[Path | None, typer.Option("--card", metavar="CARD.json", help=mark("The points card."))]


def _one_way(at_branch: bool, on_files: bool) -> None:
    """Raises Misused unless the options name the branch's cards or files, and not both."""
    if at_branch == on_files:
        raise Misused(
            mark("Either the cards of the branch or files."),
            hint=mark("Say who signs in (--as USER), or name the files."),
        )


@app.command("train", help=mark("Learn a points card from customers whose outcome is known."))
def train(
    context: typer.Context,
    user: MaybeAs = None,
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    code_file: CodeFile = None,
    table: MaybeTable = None,
    schema: MaybeSchema = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="CARD.json", help=mark("Where the new card goes."))
    ] = None,
    expert: Annotated[
        Path | None, typer.Option("--expert", metavar="CARD.json", help=mark("The card that the new one starts from."))
    ] = None,
    name: Annotated[str, typer.Option("--name", help=mark("What the new card is called."))] = "",
    as_json: AsJson = False,
) -> None:
    files = (table, schema, out)
    _one_way(user is not None, any(files) or expert is not None or bool(name))
    if user is not None:
        who = SignIn(user, password_stdin, password_file, code_file)
        card_branch.train_here(console_of(context), who)
    elif table is None or schema is None or out is None:
        raise Misused(mark("Three files are needed."), hint=mark("Name them: --table, --schema and --out."))
    else:
        from bankcard_tui.cli.card_tables import train_on_table

        train_on_table(console_of(context), table, schema, expert, out, name or out.stem)


@app.command("score", help=mark("Score every row of a table."))
def score(
    context: typer.Context,
    card: CardFile,
    table: TableFile,
    out: Annotated[Path, typer.Option("--out", metavar="SCORES.csv", help=mark("Where the scores go."))],
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.cli.card_tables import score_to_file

    score_to_file(console_of(context), card, table, out)


app.command("list", help=mark("List the points cards of the branch."))(card_branch.list_here)


@app.command("show", help=mark("Show a points card."))
def show(
    context: typer.Context,
    version: MaybeVersion = None,
    user: MaybeAs = None,
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    code_file: CodeFile = None,
    card: MaybeCard = None,
    as_json: AsJson = False,
) -> None:
    _one_way(user is not None, card is not None)
    if user is not None:
        who = SignIn(user, password_stdin, password_file, code_file)
        card_branch.show_here(console_of(context), who, version)
    elif card is not None:
        from bankcard_tui.cli.card_tables import read_card, show_card

        show_card(console_of(context), read_card(card))


@app.command("compare", help=mark("Compare two points cards on the same customers."))
def compare(
    context: typer.Context,
    version: MaybeVersion = None,
    user: MaybeAs = None,
    password_stdin: PasswordStdin = False,
    password_file: PasswordFile = None,
    code_file: CodeFile = None,
    cards: Annotated[
        list[Path] | None,
        typer.Option("--card", metavar="CARD.json", help=mark("A points card; given twice, one for each.")),
    ] = None,
    table: MaybeTable = None,
    schema: MaybeSchema = None,
    as_json: AsJson = False,
) -> None:
    _one_way(user is not None, bool(cards or table or schema))
    if user is not None and version is not None:
        who = SignIn(user, password_stdin, password_file, code_file)
        card_branch.compare_here(console_of(context), who, version)
    elif cards and table is not None and schema is not None:
        from bankcard_tui.cli.card_tables import compare_on_table

        compare_on_table(console_of(context), cards, table, schema)
    else:
        raise Misused(
            mark("It is not said what is to be compared."),
            hint=mark("bankcard card compare VERSION --as USER, or with --card, --table and --schema"),
        )


app.command("approve", help=mark("Ask for a trained card to give opinions; a second person signs."))(
    card_branch.approve
)
app.command("retire", help=mark("Ask for the expert's card to give opinions again; a second person signs."))(
    card_branch.retire
)
app.command("export", help=mark("Write a trained card into a file."))(card_branch.export)
