"""``bankcard limits``: the nightly work on limits."""

from __future__ import annotations

import typer

from bankcard_tui.cli.console import AsJson, console_of
from bankcard_tui.cli.desks import opened_bank
from bankcard_tui.locale import mark, tr

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def _group() -> None:
    """A group, though it holds one command."""


@app.command("run", help=mark("Evaluate limits that are due, end those whose time is over, look for early warnings."))
def run(context: typer.Context, as_json: AsJson = False) -> None:
    from bankcard_tui.services.evaluations import evaluate_all_due
    from bankcard_tui.services.limit_changes import end_due_specials
    from bankcard_tui.services.warnings import check_all_due

    console = console_of(context)
    with opened_bank(console) as bank, console.progress() as progress:
        desk = bank.system_desk("limits")
        console.interrupted = tr("What was done is kept; start the same command again to go on.")
        ended = end_due_specials(desk)
        found = evaluate_all_due(desk, lambda done, of: progress(mark("Accounts evaluated"), done, of))
        warned = check_all_due(desk)
        console.interrupted = ""
    if console.json:
        console.answer(
            {"ended": ended, **found.model_dump(exclude={"more"}), "checked": warned.checked, "warned": warned.raised}
        )
        return
    console.show(
        tr(
            "{count:account was|accounts were} evaluated: {raises:increase|increases} and "
            "{reductions:reduction|reductions} proposed, {held} held by what is owed.",
            count=found.evaluated,
            raises=found.raises,
            reductions=found.reductions,
            held=found.held,
        )
    )
    console.show(tr("{count:temporary increase or plan|temporary increases or plans} ended.", count=ended))
    console.show(
        tr(
            "{checked:account was|accounts were} looked at, {raised:early warning|early warnings} raised.",
            checked=warned.checked,
            raised=warned.raised,
        )
    )
