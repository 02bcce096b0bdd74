"""What the counter asks of a customer's profile, and what the values mean to the services."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from bankcard_tui.locale import language, mark
from bankcard_tui.rules.terms import (
    Channel,
    EmployerKind,
    Housing,
    IncomeSource,
    Language,
    Occupation,
    Security,
)
from bankcard_tui.services.profile import Circumstances, Contact
from bankcard_tui.widgets.fields import Field

WITNESSES: Final = (
    Field("saw_person", mark("I have seen the person and compared the photo"), "check"),
    Field("saw_documents", mark("I have seen the original documents"), "check"),
    Field("saw_signature", mark("I have seen the signature being written"), "check"),
)


def contact_fields() -> list[Field]:
    """How somebody can be reached, at first in the language of this terminal."""
    return [
        Field("phone", mark("Phone"), hint=mark("A mobile number, 11 digits."), most=30),
        Field("email", mark("E-mail"), required=False, most=254),
        Field("address", mark("Address"), required=False, most=200),
        Field(
            "channels",
            mark("Channels accepted"),
            "choices",
            hint=mark("Notices and offers come this way. Several keys, or none."),
            required=False,
            options=Channel,
        ),
        Field(
            "language",
            mark("Written to in"),
            "choice",
            hint=mark("Both where none is chosen."),
            required=False,
            options=Language,
            value=language(),
        ),
        Field("do_not_disturb", mark("Does not want to be disturbed"), "check"),
    ]


def read_contact(values: Mapping[str, Any]) -> Contact:
    """The contact that a form with contact_fields holds."""
    return Contact(**{name: values[name] for name in Contact.model_fields})


def circumstances_fields() -> list[Field]:
    """What somebody lives on, owns and owes, in the order in which people tell it."""
    unknown = mark("Leave empty if not known.")
    return [
        Field("employer", mark("Employer"), required=False),
        _choice("employer_kind", mark("Kind of employer"), EmployerKind),
        _choice("occupation", mark("Occupation"), Occupation),
        Field("years_employed", mark("Years employed"), "number", required=False),
        Field(
            "monthly_income",
            mark("Monthly income"),
            "amount",
            hint=mark("In yuan. A change makes the income check void."),
            required=False,
        ),
        _choice("income_source", mark("Income source"), IncomeSource),
        _choice("housing", mark("Housing"), Housing),
        Field("deposits", mark("Deposits here"), "amount", hint=unknown, required=False),
        Field("other_assets", mark("Other assets"), "amount", hint=unknown, required=False),
        Field("liabilities", mark("Liabilities"), "amount", hint=unknown, required=False),
        Field(
            "monthly_debt",
            mark("Monthly debt payments"),
            "amount",
            hint=mark("What goes to other loans each month."),
            required=False,
        ),
        Field(
            "other_limits",
            mark("Limits of other cards"),
            "amount",
            hint=mark("All cards of other banks together."),
            required=False,
        ),
        Field(
            "times_overdue",
            mark("Times overdue, 12 months"),
            "number",
            hint=mark("0 for never."),
            required=False,
        ),
        _choice("security", mark("Security"), Security),
        Field(
            "security_note",
            mark("About the security"),
            hint=mark("What the collateral is, or who guarantees."),
            required=False,
            most=200,
        ),
    ]


def _choice(name: str, text: str, options: type[StrEnum]) -> Field:
    return Field(name, text, "choice", required=False, options=options)


def read_circumstances(values: Mapping[str, Any]) -> Circumstances:
    """The circumstances that a form with circumstances_fields holds."""
    return Circumstances(**{name: values[name] for name in Circumstances.model_fields})
