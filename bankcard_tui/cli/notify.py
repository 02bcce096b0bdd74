"""``bankcard notify``: messages to people's own channels."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from bankcard_tui.cli.console import AsJson, console_of, table
from bankcard_tui.cli.desks import opened_bank
from bankcard_tui.errors import Unavailable
from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.terms import LimitChangeKind, MessageState

if TYPE_CHECKING:
    from bankcard_tui.services.messages import MessageView

_HEADS = (mark("Written"), mark("State"), mark("Channel"), mark("Address"), mark("Tells of"), mark("Problem"))
MOST = 1000
"""How many messages are listed at once."""

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)


@app.command("send", help=mark("Deliver the messages that are due; for cron or a timer."))
def send(context: typer.Context, as_json: AsJson = False) -> None:
    from bankcard_tui.services.outbox import deliver_due, held_until
    from bankcard_tui.services.transports import check_extra, transport_of

    console = console_of(context)
    with opened_bank(console) as bank:
        transport = transport_of(bank)
        if transport is None:
            raise Unavailable(
                "This branch sends no messages: nothing is set up for that.",
                hint="Write a table [delivery] into the config file, with transport, host and sender.",
                code="delivery.none",
            )
        check_extra(bank)
        done = deliver_due(bank, transport)
        held, until = held_until(bank)
        zone = ZoneInfo(bank.branch.zone)
    if console.json:
        console.answer({**asdict(done), "held": held})
    else:
        console.say(tr("{count:message was|messages were} delivered.", count=done.sent))
        if held and until is not None:
            said = tr(
                "{count:message waits|messages wait} until {time}: nobody is disturbed before.",
                count=held,
                time=f"{until.astimezone(zone):%H:%M}",
            )
            console.say(said)
        if done.failed:
            console.insist(
                tr("{count:message|messages} could not be delivered now; tried again later.", count=done.failed)
            )
        if done.given_up:
            console.insist(tr("{count:message was|messages were} given up.", count=done.given_up))
        if done.in_doubt:
            console.insist(
                tr(
                    "Of {count:message|messages} nobody knows whether they arrived; see: bankcard notify list",
                    count=done.in_doubt,
                )
            )
    if done.failed or done.given_up or done.in_doubt:
        raise typer.Exit(1)


@app.command("list", help=mark("The messages of the branch and how they stand, never what they say."))
def list_messages(
    context: typer.Context,
    state: Annotated[
        MessageState | None, typer.Option("--state", help=mark("Only those that stand like this."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    from bankcard_tui.services.messages import outbox

    console = console_of(context)
    found: list[MessageView] = []
    with opened_bank(console) as bank:
        desk, cursor = bank.system_desk("shell"), None
        while len(found) < MOST:
            page = outbox(desk, state, cursor)
            found += page.items
            cursor = page.next
            if cursor is None:
                break
        zone = ZoneInfo(bank.branch.zone)
    if console.json:
        console.answer([each.model_dump(mode="json") for each in found])
        return
    console.show(*table([tr(each) for each in _HEADS], (_cells(each, zone) for each in found)))
    if cursor is not None:
        console.say(tr("The newest {count} are shown; --state shows those that stand alike.", count=len(found)))


def _cells(message: MessageView, zone: ZoneInfo) -> tuple[str, ...]:
    from bankcard_tui.widgets.labels import label

    written = f"{message.made_at.astimezone(zone):%Y-%m-%d %H:%M}"
    by = label(message.kind) if message.kind is not None else "-"
    about = {f"limit.{each.value}": label(each) for each in LimitChangeKind}
    about["limit.refused"] = tr("Request not granted")
    problem = {"no_channel": tr("accepts no channel"), "do_not_disturb": tr("Do not disturb")}
    return (
        written,
        label(message.state),
        by,
        message.address or "-",
        about.get(message.about, message.about),
        problem.get(message.problem, message.problem),
    )
