"""The customer's profile at one glance, and the way to its two forms."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from bankcard_tui.locale import mark, tr
from bankcard_tui.rules.contact import mask_phone
from bankcard_tui.screens.common.credit_file import CreditFileScreen
from bankcard_tui.screens.common.reached import reached_by
from bankcard_tui.screens.customer.circumstances import CircumstancesScreen
from bankcard_tui.screens.customer.contact import ContactScreen
from bankcard_tui.screens.customer.parts import ReadingScreen, Section, identity_badge, local_day, yuan
from bankcard_tui.services.customer_views import CustomerFile
from bankcard_tui.services.customers import my_file
from bankcard_tui.widgets.facts import Facts, Pair
from bankcard_tui.widgets.labels import day, label
from bankcard_tui.widgets.safe import Tone, status, toned


class ProfileScreen(ReadingScreen):
    """What the bank knows, in three parts; two of them the customer changes, the first only the counter."""

    PAGE = "profile"
    HELP = mark(
        "What the bank knows about you. c changes how you can be reached, i your work, your income and your means.\n"
        "f opens your credit file: who checked what, your limits and payments over time, and what you were told.\n"
        "Name and ID number are changed at the counter alone: bring your identity card."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "contact", mark("Contact")),
        Binding("i", "circumstances", mark("Income and means")),
        Binding("f", "credit_file", mark("Credit file")),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._customer: UUID | None = None

    def sections(self) -> ComposeResult:
        yield Section(mark("Who you are"), Facts(columns=2, id="who"), id="identity")
        yield Section(mark("How we reach you"), Facts(id="reach"), id="contact")
        yield Section(mark("Work, income and means"), Facts(columns=2, id="means"), id="circumstances")

    def load(self) -> None:
        self.work(lambda: my_file(self.desk), self._show, on_problem=self.show_problem)

    def _show(self, file: CustomerFile) -> None:
        self.show_page()
        self._customer = file.id
        self.query_one("#who", Facts).show(
            [
                (mark("Name"), file.name),
                (mark("ID number"), file.id_number),
                (mark("Born on"), day(file.birth_date)),
                (mark("Registered on"), local_day(file.registered_at, self.zone)),
                (mark("Identity"), identity_badge(file.verified_at, self.zone)),
            ]
        )
        hint = tr("Only the counter changes name and ID number: bring your identity card.")
        self.query_one("#identity", Section).tell([toned(hint, Tone.MUTED)])
        contact = file.contact
        self.query_one("#reach", Facts).show(
            [
                (mark("Mobile phone"), mask_phone(contact.phone)),
                (mark("E-mail"), contact.email),
                (mark("Address"), contact.address),
                (mark("Messages by"), reached_by(contact)),
            ]
        )
        self.query_one("#contact", Section).tell([], tr("How we reach you (c changes it)"))
        self.query_one("#means", Facts).show(means(file, self.zone))
        self.query_one("#circumstances", Section).tell([], tr("Work, income and means (i changes it)"))

    def action_contact(self) -> None:
        """Change how one is reached."""
        self.app.push_screen(ContactScreen())

    def action_circumstances(self) -> None:
        """Change work, income and means."""
        self.app.push_screen(CircumstancesScreen())

    def action_credit_file(self) -> None:
        """The own credit file."""
        if self._customer is not None:
            self.app.push_screen(CreditFileScreen(self._customer, own=True))


def means(file: CustomerFile, zone: str) -> list[Pair]:
    """The circumstances of ``file`` in the order of their form."""
    known = file.circumstances
    checked = status("+", tr("checked on {day}", day=local_day(file.income_checked_at, zone)), Tone.GOOD)
    unchecked = status("!", tr("not checked by the bank yet"), Tone.WARNING)
    return [
        (mark("Employer"), known.employer),
        (mark("Kind of employer"), _word(known.employer_kind)),
        (mark("Occupation"), _word(known.occupation)),
        (mark("Years there"), known.years_employed),
        (mark("Income a month"), yuan(known.monthly_income)),
        (mark("Where from"), _word(known.income_source)),
        (mark("Income"), checked if file.income_checked_at is not None else unchecked),
        (mark("Deposits"), yuan(known.deposits)),
        (mark("Other assets"), yuan(known.other_assets)),
        (mark("Loans and debts"), yuan(known.liabilities)),
        (mark("Paid back a month"), yuan(known.monthly_debt)),
        (mark("Limits of other cards"), yuan(known.other_limits)),
        (mark("Late payments"), known.times_overdue),
        (mark("Housing"), _word(known.housing)),
        (mark("Security"), _word(known.security)),
        (mark("About the security"), known.security_note),
    ]


def _word(member: StrEnum | None) -> str:
    return label(member) if member is not None else ""
