"""``bankcard notify``: messages to people's own channels."""

from __future__ import annotations

import typer

from bankcard_tui.cli.console import AsJson, console_of
from bankcard_tui.cli.desks import opened_bank
from bankcard_tui.errors import Unavailable
from bankcard_tui.locale import mark, tr

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def _group() -> None:
    """A group, though it holds one command."""


@app.command("send", help=mark("Deliver the messages that are due; for cron or a timer."))
def send(context: typer.Context, as_json: AsJson = False) -> None:
    from bankcard_tui.services.outbox import deliver_due
    from bankcard_tui.services.transports import transport_of

    console = console_of(context)
    with opened_bank(console) as bank:
        transport = transport_of(bank)
        if transport is None:
            raise Unavailable(
                "This branch sends no messages: nothing is set up for that.",
                hint="Write a table [delivery] into the config file, with transport, host and sender.",
                code="delivery.none",
            )
        done = deliver_due(bank, transport)
    if console.json:
        console.answer({"sent": done.sent, "failed": done.failed, "given_up": done.given_up})
    else:
        console.say(tr("{count:message was|messages were} delivered.", count=done.sent))
        if done.failed:
            console.insist(
                tr("{count:message|messages} could not be delivered now; tried again later.", count=done.failed)
            )
        if done.given_up:
            console.insist(tr("{count:message was|messages were} given up.", count=done.given_up))
    if done.failed or done.given_up:
        raise typer.Exit(1)
