"""``bankcard doctor``: what is wrong with this installation, and how to mend it."""

from __future__ import annotations

from typing import Annotated

import typer

from bankcard_tui.cli.console import AsJson, console_of, width
from bankcard_tui.locale import mark, tr

SYMBOLS = {
    "ok": ("+", mark("fine")),
    "advice": ("!", mark("advice")),
    "wrong": ("x", mark("wrong")),
    "unknown": ("-", mark("skipped")),
}


def doctor(
    context: typer.Context,
    deep: Annotated[
        bool, typer.Option("--deep", help=mark("Read the whole store, every index and every reference."))
    ] = False,
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.cli.checks import examine

    console = console_of(context)
    findings = examine(console, deep=deep)
    wrong = [each for each in findings if each.status == "wrong"]
    code = max((each.exit_code for each in wrong if each.exit_code == 4), default=5) if wrong else 0
    if console.json:
        console.answer({"fine": not wrong, "checks": [each.plain(console.named) for each in findings]})
        raise typer.Exit(code)
    labels = {status: f"{symbol} {tr(word)}" for status, (symbol, word) in SYMBOLS.items()}
    wide = max(width(label) for label in labels.values())
    names = max(width(each.spoken_name) for each in findings)
    for each in findings:
        label = labels[each.status]
        pad, name_pad = " " * (wide - width(label)), " " * (names - width(each.spoken_name))
        console.show(f"{label}{pad}  {each.spoken_name}{name_pad}  {each.sentence}")
        if each.advice:
            console.show(f"{' ' * (wide + names + 4)}{console.named(each.advice)}")
    console.say(
        tr("{count:thing is|things are} wrong.", count=len(wrong))
        if wrong
        else tr("Nothing is wrong with this installation.")
    )
    raise typer.Exit(code)
