"""What a branch sends messages by, as its config file says."""

from __future__ import annotations

from bankcard_tui.delivery.letter import Transport
from bankcard_tui.delivery.local import ConsoleTransport, FolderTransport
from bankcard_tui.delivery.mail import MailTransport
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.stand_in import DEMO_CODE
from bankcard_tui.rules.terms import Channel, ChannelKind


def transport_of(bank: Bank) -> Transport | None:
    """What the branch sends messages by; None where nothing is set up. A demo branch writes files into its home."""
    delivery = bank.delivery
    chosen = delivery.transport or ("file" if bank.branch.code == DEMO_CODE else "none")
    if chosen == "file":
        return FolderTransport(delivery.folder or bank.store.path.parent / "outbox")
    if chosen == "console":
        return ConsoleTransport()
    if chosen == "smtp":
        return MailTransport(
            delivery.host, delivery.port, delivery.sender, delivery.starttls, delivery.user, delivery.password_file
        )
    return None


def can_send(bank: Bank, kind: Channel | ChannelKind) -> bool:
    """Whether messages to addresses of this kind can be sent at all."""
    transport = transport_of(bank)
    return transport is not None and kind in transport.kinds
