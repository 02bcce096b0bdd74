"""Keeping a customer's profile: circumstances, contact, the check of the income."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.widgets import Static

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.common.file_form import FileForm, FilePart
from bankcard_tui.screens.teller.form_screen import LeftOnPurpose
from bankcard_tui.screens.teller.questions import (
    circumstances_fields,
    contact_fields,
    read_circumstances,
    read_contact,
)
from bankcard_tui.screens.teller.working import TellerScreen, joined, short
from bankcard_tui.services.customer_views import CustomerFile
from bankcard_tui.services.customers import change_circumstances, change_contact, check_income, open_file
from bankcard_tui.widgets.form import Form
from bankcard_tui.widgets.labels import amount, label
from bankcard_tui.widgets.safe import heading


class ProfileForm(LeftOnPurpose, FileForm):
    """A part of the customer's profile; ``changed`` runs after it was saved."""

    HELP = mark(
        "Enter goes to the next field, Ctrl+S saves. What you type is kept if the terminal is lost.\n"
        "Where somebody else changes the same field meanwhile, you choose between the two."
    )

    def __init__(self, title: str, part: FilePart, file: CustomerFile, changed: Callable[[], object]) -> None:
        """``title`` is English, marked, with {name}."""
        super().__init__(part, file)
        self._title = title
        self._whose = file.name
        self._changed = changed

    def body(self) -> ComposeResult:
        yield Static(heading(tr(self._title, name=short(self._whose))), classes="title", markup=False)
        yield from super().body()

    def _saved(self, form: Form) -> None:
        super()._saved(form)
        self._changed()


def edit_circumstances(screen: TellerScreen, file: CustomerFile, changed: Callable[[], object]) -> None:
    """What the customer lives on, owns and owes."""
    part = FilePart(
        name="circumstances",
        draft=f"teller.circumstances.{file.id}",
        fields=circumstances_fields,
        values_of=lambda file: dict(file.circumstances),
        read=lambda desk: open_file(desk, file.id),
        save=lambda desk, file, values: change_circumstances(desk, file.id, file.version, read_circumstances(values)),
    )
    screen.app.push_screen(ProfileForm(mark("Circumstances of {name}"), part, file, changed))


def edit_contact(screen: TellerScreen, file: CustomerFile, changed: Callable[[], object]) -> None:
    """How the customer can be reached."""
    part = FilePart(
        name="contact",
        draft=f"teller.contact.{file.id}",
        fields=contact_fields,
        values_of=lambda file: dict(file.contact),
        read=lambda desk: open_file(desk, file.id),
        save=lambda desk, file, values: change_contact(desk, file.id, file.version, read_contact(values)),
    )
    screen.app.push_screen(ProfileForm(mark("Contact of {name}"), part, file, changed))


def record_income_check(screen: TellerScreen, file: CustomerFile, changed: Callable[[], object]) -> None:
    """The source of the income was checked by the person at the desk."""
    income, source = file.circumstances.monthly_income, file.circumstances.income_source
    if income is None or source is None:
        screen.say(tr("The income or its source is not filled in: press e, then check it."), warning=True)
        return
    screen.confirmed(
        lambda: tr("Record the income check?"),
        lambda: joined(
            (
                tr("Monthly income {amount}, source: {source}.", amount=amount(income), source=label(source)),
                tr("Your name stands for having checked it against papers or the account."),
            )
        ),
        lambda: tr("I have checked the income"),
        lambda desk: check_income(desk, file.id, file.version).view,
        lambda _: _saved(screen, changed),
        on_conflict=changed,
    )


def _saved(screen: TellerScreen, changed: Callable[[], object]) -> None:
    screen.say(tr("Saved."))
    changed()
