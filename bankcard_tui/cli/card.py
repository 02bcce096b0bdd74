"""``bankcard card``: points cards that are learned from a table, shown, compared, and used to score one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bankcard_tui.cli.console import AsJson, console_of
from bankcard_tui.locale import mark

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)

TableFile = Annotated[
    Path, typer.Option("--table", metavar="FILE.csv", help=mark("The customers: CSV with a header, also as .csv.gz."))
]
SchemaFile = Annotated[
    Path, typer.Option("--schema", metavar="FILE.json", help=mark("What the columns of the table are."))
]
CardFile = Annotated[Path, typer.Option("--card", metavar="CARD.json", help=mark("The points card."))]


@app.command("train", help=mark("Learn a points card from customers whose outcome is known."))
def train(
    context: typer.Context,
    table: TableFile,
    schema: SchemaFile,
    out: Annotated[Path, typer.Option("--out", metavar="CARD.json", help=mark("Where the new card goes."))],
    expert: Annotated[
        Path | None, typer.Option("--expert", metavar="CARD.json", help=mark("The card that the new one starts from."))
    ] = None,
    name: Annotated[str, typer.Option("--name", help=mark("What the new card is called."))] = "",
    as_json: AsJson = False,
) -> None:
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


@app.command("show", help=mark("Show a points card."))
def show(context: typer.Context, card: CardFile, as_json: AsJson = False) -> None:
    from bankcard_tui.cli.card_tables import read_card, show_card

    show_card(console_of(context), read_card(card))


@app.command("compare", help=mark("Compare two points cards on the same customers."))
def compare(
    context: typer.Context,
    cards: Annotated[
        list[Path], typer.Option("--card", metavar="CARD.json", help=mark("A points card; given twice, one for each."))
    ],
    table: TableFile,
    schema: SchemaFile,
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.cli.card_tables import compare_on_table

    compare_on_table(console_of(context), cards, table, schema)
