"""The profile of a customer: what can be filled in, and what each field may hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, TypeVar

from bankcard_tui.desk.results import View
from bankcard_tui.errors import InvalidForm, InvalidInput
from bankcard_tui.rules.contact import check_email, check_phone
from bankcard_tui.rules.free_text import free_line
from bankcard_tui.rules.identity import birth_date_of, check_id_number
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import Channel, EmployerKind, Housing, IncomeSource, Language, Occupation, Security
from bankcard_tui.rules.text import clean_line

T = TypeVar("T")

INCOME_FIELDS = ("monthly_income", "income_source")
"""When these change, the check of the income is void."""


class Identity(View):
    """Who somebody is: what stands on the ID card."""

    name: str
    id_number: str


class Contact(View):
    """How somebody can be reached; without a ``language`` the bank writes in all of its languages."""

    phone: str
    email: str = ""
    address: str = ""
    channels: tuple[Channel, ...] = ()
    language: Language | None = None
    do_not_disturb: bool = False


class Circumstances(View):
    """What an application rests on. None means "not known", which is not the same as nothing."""

    employer: str = ""
    employer_kind: EmployerKind | None = None
    occupation: Occupation | None = None
    years_employed: int | None = None
    monthly_income: Money | None = None
    income_source: IncomeSource | None = None
    deposits: Money | None = None
    other_assets: Money | None = None
    liabilities: Money | None = None
    monthly_debt: Money | None = None
    other_limits: Money | None = None
    times_overdue: int | None = None
    housing: Housing | None = None
    security: Security | None = None
    security_note: str = ""


class Problems:
    """Collects what is wrong with a form, so that a person sees all of it at once."""

    def __init__(self) -> None:
        self.found: list[InvalidInput] = []

    def take(self, check: Callable[[], T], otherwise: T) -> T:
        """The result of ``check``; ``otherwise`` when it raises InvalidInput, which is kept."""
        try:
            return check()
        except InvalidInput as problem:
            self.found.append(problem)
            return otherwise

    def finish(self) -> None:
        """Raise what was found: InvalidInput for one problem, InvalidForm for several."""
        if len(self.found) == 1:
            raise self.found[0]
        if self.found:
            raise InvalidForm(self.found)


def check_identity(identity: Identity, today: date, problems: Problems) -> tuple[str, str, date]:
    """Name, ID number and birth date, checked."""
    name = problems.take(lambda: clean_line("name", identity.name), "")
    number = problems.take(lambda: check_id_number("id_number", identity.id_number, today), "")
    return name, number, birth_date_of(number) if number else today


def check_contact(contact: Contact, problems: Problems) -> dict[str, Any]:
    """The columns of a customer that hold the contact, checked."""
    return {
        "phone": problems.take(lambda: check_phone("phone", contact.phone), ""),
        "email": problems.take(lambda: check_email("email", contact.email), ""),
        "address": problems.take(lambda: clean_line("address", contact.address, most=200, required=False), ""),
        "channels": " ".join(dict.fromkeys(contact.channels)),
        "language": contact.language,
        "do_not_disturb": contact.do_not_disturb,
    }


def check_circumstances(given: Circumstances, problems: Problems) -> dict[str, Any]:
    """The columns of a customer that hold the circumstances, checked."""
    columns: dict[str, Any] = dict(given)
    for name in ("monthly_income", "deposits", "other_assets", "liabilities", "monthly_debt", "other_limits"):
        problems.take(partial(not_negative, name, columns[name]), None)
    for name, most in (("years_employed", 80), ("times_overdue", 99)):
        problems.take(partial(_between, name, columns[name], most), None)
    columns["employer"] = problems.take(lambda: clean_line("employer", given.employer, required=False), "")
    columns["security_note"] = problems.take(
        lambda: free_line("security_note", given.security_note, most=200, required=False), ""
    )
    return columns


def not_negative(field: str, amount: Money | None) -> None:
    """Raise InvalidInput for an amount below 0."""
    if amount is not None and amount.fen < 0:
        raise InvalidInput(field, "This amount can't be negative.", hint="Type the amount without a sign.")


def _between(field: str, number: int | None, most: int) -> None:
    if number is not None and not 0 <= number <= most:
        raise InvalidInput(field, "This is a number from 0 to {most}.", hint="Check what you typed.", most=most)
