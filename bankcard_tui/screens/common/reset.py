"""Starting a password reset for somebody else: what it does is said first, and who goes on how afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.services.activation import send_code
from bankcard_tui.services.resets import start_reset
from bankcard_tui.widgets.dialogs import Ask, Confirm, Message
from bankcard_tui.widgets.fields import Field
from bankcard_tui.widgets.labels import moment
from bankcard_tui.widgets.safe import truncate

ID_SEEN = Field("id_seen", mark("I have seen the original ID"), "check")
SECOND_FACTOR_LOST = Field("second_factor_lost", mark("The second factor is lost too"), "check")
NAME_CELLS = 40


def ask_to_reset(
    screen: DeskScreen, account: UUID, name: str, fields: list[Field], then: Callable[[], object], *, waits: bool
) -> None:
    """Ask, with ``fields`` of the two above, and start the reset. Where the account ``waits`` for its person already, a
    code is sent anew instead. ``then`` the account is another one.
    """
    name = truncate(name, NAME_CELLS).plain
    if waits:
        _ask_to_send(screen, account, name)
        return

    def send(values: dict[str, object], key: str) -> tuple[str | None, datetime | None]:
        seen, lost = (bool(values.get(field.name)) for field in (ID_SEEN, SECOND_FACTOR_LOST))
        started = start_reset(screen.desk.once(key), account, seen, lost).view
        return started.sent_to, started.expires_at

    def started(answer: tuple[str | None, datetime | None] | None) -> None:
        if answer is not None:
            then()
            _tell(screen, name, *answer)

    question = Ask(
        lambda: tr("Reset the password of {name}?", name=name),
        fields,
        send,
        body=lambda: tr(
            "The password stops working now, and open sessions end. {name} alone chooses the next one, with a code.",
            name=name,
        ),
        submit=mark("Start the reset"),
        destructive=True,
    )
    screen.app.push_screen(question, started)


def _ask_to_send(screen: DeskScreen, account: UUID, name: str) -> None:
    """The reset is started, or the account is new: a fresh code can go to the own channel."""

    def send() -> tuple[str | None, datetime | None]:
        sent = send_code(screen.desk, account).view
        return sent.sent_to, sent.expires_at

    question = Confirm(
        lambda: tr("Send {name} a new code?", name=name),
        lambda: tr(
            "This account waits for {name} to choose a password. A code that was sent before does not fit any more.",
            name=name,
        ),
        lambda: tr("Send a new code"),
        destructive=False,
    )
    screen.app.push_screen(
        question,
        lambda yes: screen.work(send, lambda sent: _tell(screen, name, *sent), group="send-code") if yes else None,
    )


def _tell(screen: DeskScreen, name: str, sent_to: str | None, until: datetime | None) -> None:
    """How the person goes on: with the code that was sent, or with two half-codes."""

    def words() -> str:
        if sent_to is None or until is None:
            return tr(
                "{name} has no own channel. Two colleagues each show a half-code with o and tell it to the person, who "
                "types both on the sign-in screen with F4.",
                name=name,
            )
        return tr(
            "A code was sent to {address}. It is good until {time}.\nIt is typed on the sign-in screen, after F4.",
            address=sent_to,
            time=moment(until, ZoneInfo(screen.zone)),
        )

    screen.app.push_screen(Message(lambda: tr("Now it is up to {name}", name=name), words))
