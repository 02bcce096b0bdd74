"""How a customer is reached, in one line of a file."""

from __future__ import annotations

from bankcard_tui.locale import tr
from bankcard_tui.services.profile import Contact
from bankcard_tui.widgets.labels import label


def reached_by(contact: Contact) -> str:
    """The channels, the language, and whether the customer is not to be disturbed."""
    parts = (
        ", ".join(label(channel) for channel in contact.channels),
        label(contact.language) if contact.language is not None else "",
        tr("Do not disturb") if contact.do_not_disturb else "",
    )
    return " | ".join(part for part in parts if part)
