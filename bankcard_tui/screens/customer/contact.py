"""How the customer can be reached: the form."""

from __future__ import annotations

from collections.abc import Mapping

from bankcard_tui.locale import mark
from bankcard_tui.rules.terms import Channel
from bankcard_tui.screens.customer.file_form import FileForm
from bankcard_tui.services.customer_views import CustomerFile
from bankcard_tui.services.customers import change_contact
from bankcard_tui.services.profile import Contact
from bankcard_tui.widgets.fields import Field


class ContactScreen(FileForm):
    """Phone, e-mail, address and channels."""

    HELP = mark(
        "How the bank can reach you. Enter goes on, Ctrl+S saves, Esc leaves; what you typed is kept as a draft.\n"
        "Messages come only through the channels that you choose."
    )
    NAME = "contact"
    FIELDS = (
        Field("phone", mark("Mobile phone"), hint=mark("With + and the country code where it is not Chinese.")),
        Field("email", mark("E-mail"), hint=mark("Such as name@example.com."), required=False),
        Field("address", mark("Address"), required=False, most=200),
        Field(
            "channels",
            mark("Messages by"),
            "choices",
            mark("Space or the number switches one on and off."),
            required=False,
            options=Channel,
        ),
    )

    def values_of(self, file: CustomerFile) -> Mapping[str, object]:
        return dict(file.contact)

    def save(self, file: CustomerFile, values: Mapping[str, object], key: str) -> int:
        contact = Contact.model_validate(dict(values))
        return change_contact(self.desk.once(key), file.id, file.version, contact).view
