"""What a branch sends messages by, as its config file says."""

from __future__ import annotations

from importlib.util import find_spec

from bankcard_tui.delivery.letter import Transport
from bankcard_tui.delivery.local import ConsoleTransport, FolderTransport
from bankcard_tui.delivery.mail import MailTransport
from bankcard_tui.delivery.push import AppriseTransport
from bankcard_tui.delivery.several import Several
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.stand_in import DEMO_CODE
from bankcard_tui.errors import Unavailable
from bankcard_tui.rules.terms import Channel, ChannelKind


def transport_of(bank: Bank) -> Transport | None:
    """What the branch sends messages by; None where nothing is set up. A demo branch writes files into its home."""
    chosen = bank.delivery.transports or (("file",) if bank.branch.code == DEMO_CODE else ())
    found = tuple(each for name in chosen if (each := _transport(bank, name)) is not None)
    return found[0] if len(found) == 1 else Several(found) if found else None


def _transport(bank: Bank, name: str) -> Transport | None:
    delivery = bank.delivery
    if name == "file":
        return FolderTransport(delivery.folder or bank.store.path.parent / "outbox")
    if name == "console":
        return ConsoleTransport()
    if name == "smtp":
        return MailTransport(
            delivery.host, delivery.port, delivery.sender, delivery.starttls, delivery.user, delivery.password_file
        )
    if name == "apprise":
        files = {
            Channel.SMS: delivery.sms_url_file,
            Channel.EMAIL: delivery.email_url_file,
            Channel.APP: delivery.app_url_file,
        }
        return AppriseTransport({kind: path for kind, path in files.items() if path is not None})
    return None


def check_extra(bank: Bank) -> None:
    """Raise Unavailable where the config file names apprise and it is not installed."""
    if "apprise" in bank.delivery.transports and find_spec("apprise") is None:
        raise Unavailable(
            "apprise is not installed, by which this branch sends messages.",
            hint="Install the extra: pip install 'bankcard-tui[notify]'",
            code="delivery.no_apprise",
        )


def can_send(bank: Bank, kind: Channel | ChannelKind) -> bool:
    """Whether messages to addresses of this kind can be sent at all."""
    transport = transport_of(bank)
    return transport is not None and kind in transport.kinds
