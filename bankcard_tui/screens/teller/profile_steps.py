"""Keeping a customer's profile: circumstances, contact, the check of the income."""

from __future__ import annotations

from collections.abc import Callable

from bankcard_tui.locale import mark, tr
from bankcard_tui.screens.teller.form_screen import Errand, FormScreen
from bankcard_tui.screens.teller.questions import (
    circumstances_fields,
    contact_fields,
    read_circumstances,
    read_contact,
)
from bankcard_tui.screens.teller.working import TellerScreen, joined
from bankcard_tui.services.customer_views import CustomerFile
from bankcard_tui.services.customers import change_circumstances, change_contact, check_income
from bankcard_tui.widgets.labels import amount, label


def edit_circumstances(screen: TellerScreen, file: CustomerFile, changed: Callable[[], object]) -> None:
    """What the customer lives on, owns and owes."""
    errand = Errand(
        title=mark("Circumstances of {name}"),
        whose=file.name,
        fields=lambda: circumstances_fields(file.circumstances),
        submit=mark("Save"),
        draft=f"teller.circumstances.{file.id}",
        send=lambda desk, values: change_circumstances(desk, file.id, file.version, read_circumstances(values)).view,
        then=lambda _: _saved(screen, changed),
    )
    screen.app.push_screen(FormScreen(errand))


def edit_contact(screen: TellerScreen, file: CustomerFile, changed: Callable[[], object]) -> None:
    """How the customer can be reached."""
    errand = Errand(
        title=mark("Contact of {name}"),
        whose=file.name,
        fields=lambda: contact_fields(file.contact),
        submit=mark("Save"),
        draft=f"teller.contact.{file.id}",
        send=lambda desk, values: change_contact(desk, file.id, file.version, read_contact(values)).view,
        then=lambda _: _saved(screen, changed),
    )
    screen.app.push_screen(FormScreen(errand))


def record_income_check(screen: TellerScreen, file: CustomerFile, changed: Callable[[], object]) -> None:
    """The source of the income was checked by the person at the desk."""
    income, source = file.circumstances.monthly_income, file.circumstances.income_source
    if income is None or source is None:
        screen.say(tr("There is no income to check. Fill in the income and its source with e first."), warning=True)
        return
    screen.confirmed(
        tr("Record the income check?"),
        joined(
            (
                tr("Monthly income {amount}, source: {source}.", amount=amount(income), source=label(source)),
                tr("Your name stands for having checked it against papers or the account."),
            )
        ),
        tr("I have checked the income"),
        lambda desk: check_income(desk, file.id, file.version).view,
        lambda _: _saved(screen, changed),
        on_conflict=changed,
    )


def _saved(screen: TellerScreen, changed: Callable[[], object]) -> None:
    screen.say(tr("Saved."))
    changed()
