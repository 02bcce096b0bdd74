"""How the customer can be reached: the form."""

from __future__ import annotations

from bankcard_tui.locale import mark
from bankcard_tui.rules.terms import Channel, Language
from bankcard_tui.screens.common.file_form import FileForm, FilePart
from bankcard_tui.services.customers import change_contact, my_file
from bankcard_tui.services.profile import Contact
from bankcard_tui.widgets.fields import Field

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
    Field("language", mark("Written to me in"), "choice", mark("Both where none is chosen."), False, Language),
    Field("do_not_disturb", mark("Do not disturb: changes of my limit then stand on my page alone"), "check"),
)
PART = FilePart(
    name="contact",
    draft="customer.contact",
    fields=lambda: FIELDS,
    values_of=lambda file: dict(file.contact),
    read=my_file,
    save=lambda desk, file, values: change_contact(desk, file.id, file.version, Contact.model_validate(dict(values))),
)


class ContactScreen(FileForm):
    """Phone, e-mail, address and channels."""

    PAGE = "profile"
    HELP = mark(
        "How the bank can reach you. Enter goes on, Ctrl+S saves, Esc leaves; what you typed is kept as a draft.\n"
        "Messages come only through the channels that you choose."
    )

    def __init__(self) -> None:
        super().__init__(PART)
