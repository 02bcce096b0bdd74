"""The own channel: an address at which only the person is reached, given, confirmed and removed by the person alone."""

from __future__ import annotations

from bankcard_tui.desk.registry import Secret
from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.terms import ChannelKind
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.screens.common.second_factor import PASSWORD
from bankcard_tui.services import channels
from bankcard_tui.services.channels import ChannelView
from bankcard_tui.widgets.dialogs import Ask
from bankcard_tui.widgets.fields import Field


def propose(screen: DeskScreen) -> None:
    """Give an address, to which a code is sent; the code is asked for at once."""

    def send(values: dict[str, object], _key: str) -> ChannelView:
        kind, password = ChannelKind(str(values["kind"])), Secret(str(values["password"]))
        return channels.propose(screen.desk, kind, str(values["address"]), password).view

    def proposed(sent: ChannelView | None) -> None:
        if sent is not None:
            confirm(screen, sent)

    fields = [
        Field("kind", mark("Sent by"), "choice", options=ChannelKind, value=ChannelKind.EMAIL),
        Field("address", mark("Address or number"), hint=mark("One that only you read."), most=254),
        PASSWORD,
    ]
    screen.app.push_screen(
        Ask(
            lambda: tr("Your own channel"),
            fields,
            send,
            body=lambda: tr(
                "When you forget your password, a code goes there. Nobody at the bank sees the address in full."
            ),
            submit=mark("Send a code there"),
        ),
        proposed,
    )


def confirm(screen: DeskScreen, waiting: ChannelView) -> None:
    """Type the code that was sent: from then on the address is the own channel."""

    def send(values: dict[str, object], _key: str) -> ChannelView:
        return channels.confirm(screen.desk, Secret(str(values["code"]))).view

    def confirmed(view: ChannelView | None) -> None:
        if view is not None:
            screen.app.notify(tr("{address} is your own channel now.", address=view.address), markup=False)

    screen.app.push_screen(
        Ask(
            lambda: tr("Confirm the address"),
            [Field("code", mark("Code that was sent"), hint=mark("As 4Q7K-ZP2M."), most=40)],
            send,
            body=lambda: tr(
                "A code was sent to {address}. Esc leaves this for later: e asks for it again.", address=waiting.address
            ),
            submit=mark("Confirm"),
        ),
        confirmed,
    )


def remove(screen: DeskScreen) -> None:
    """Do without an own channel."""

    def send(values: dict[str, object], _key: str) -> bool:
        channels.remove(screen.desk, Secret(str(values["password"])))
        return True

    def removed(done: bool | None) -> None:
        if done:
            screen.app.notify(tr("You have no own channel any more."), markup=False)

    screen.app.push_screen(
        Ask(
            lambda: tr("Remove your own channel?"),
            [PASSWORD],
            send,
            body=lambda: tr("With a forgotten password you then need two colleagues of the bank and their half-codes."),
            submit=mark("Remove it"),
        ),
        removed,
    )
