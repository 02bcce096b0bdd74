"""What the counter asks: the fields of each form, and what their values mean to the services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bankcard_tui.locale import mark
from bankcard_tui.rules.terms import (
    CardKind,
    Channel,
    DocumentKind,
    EmployerKind,
    Housing,
    IncomeSource,
    Occupation,
    Purpose,
    Security,
)
from bankcard_tui.services.profile import Circumstances, Contact
from bankcard_tui.widgets.fields import Field

WITNESSES: Final = (
    Field("saw_person", mark("I have seen the person and compared the photo"), "check"),
    Field("saw_documents", mark("I have seen the original documents"), "check"),
    Field("saw_signature", mark("I have seen the signature being written"), "check"),
)


def contact_fields(contact: Contact) -> list[Field]:
    """How somebody can be reached."""
    return [
        Field("phone", mark("Phone"), hint=mark("A mobile number, 11 digits."), value=contact.phone, most=30),
        Field("email", mark("E-mail"), required=False, value=contact.email, most=254),
        Field("address", mark("Address"), required=False, value=contact.address, most=200),
        Field(
            "channels",
            mark("Channels accepted"),
            "choices",
            hint=mark("How the bank may send offers. Several keys, or none."),
            required=False,
            options=Channel,
            value=contact.channels,
        ),
    ]


def read_contact(values: Mapping[str, Any]) -> Contact:
    """The contact that a form with contact_fields holds."""
    return Contact(**{name: values[name] for name in Contact.model_fields})


def circumstances_fields(own: Circumstances) -> list[Field]:
    """What somebody lives on, owns and owes, in the order in which people tell it."""
    unknown = mark("Leave empty if not known.")
    return [
        Field("employer", mark("Employer"), required=False, value=own.employer),
        _choice("employer_kind", mark("Kind of employer"), EmployerKind, own),
        _choice("occupation", mark("Occupation"), Occupation, own),
        Field("years_employed", mark("Years employed"), "number", required=False, value=own.years_employed),
        Field(
            "monthly_income",
            mark("Monthly income"),
            "amount",
            hint=mark("In yuan. A change makes the income check void."),
            required=False,
            value=own.monthly_income,
        ),
        _choice("income_source", mark("Income source"), IncomeSource, own),
        _choice("housing", mark("Housing"), Housing, own),
        Field("deposits", mark("Deposits here"), "amount", hint=unknown, required=False, value=own.deposits),
        Field("other_assets", mark("Other assets"), "amount", hint=unknown, required=False, value=own.other_assets),
        Field("liabilities", mark("Liabilities"), "amount", hint=unknown, required=False, value=own.liabilities),
        Field(
            "monthly_debt",
            mark("Monthly debt payments"),
            "amount",
            hint=mark("What goes to other loans each month."),
            required=False,
            value=own.monthly_debt,
        ),
        Field(
            "other_limits",
            mark("Limits of other cards"),
            "amount",
            hint=mark("All cards of other banks together."),
            required=False,
            value=own.other_limits,
        ),
        Field(
            "times_overdue",
            mark("Times overdue, 12 months"),
            "number",
            hint=mark("0 for never."),
            required=False,
            value=own.times_overdue,
        ),
        _choice("security", mark("Security"), Security, own),
        Field(
            "security_note",
            mark("About the security"),
            hint=mark("What the collateral is, or who guarantees."),
            required=False,
            value=own.security_note,
            most=200,
        ),
    ]


def _choice(name: str, text: str, options: Any, own: Circumstances) -> Field:
    return Field(name, text, "choice", required=False, options=options, value=getattr(own, name))


def read_circumstances(values: Mapping[str, Any]) -> Circumstances:
    """The circumstances that a form with circumstances_fields holds."""
    return Circumstances(**{name: values[name] for name in Circumstances.model_fields})


def application_fields(embossed: str) -> list[Field]:
    """A card application as the customer tells it; ``embossed`` is the name suggested for the card."""
    return [
        Field("kind", mark("Kind of card"), "choice", options=CardKind),
        Field("purpose", mark("Purpose"), "choice", options=Purpose),
        Field("wished_limit", mark("Wished limit"), "amount", hint=mark("In yuan, such as 10,000.")),
        Field(
            "embossed_name",
            mark("Name on the card"),
            hint=mark("Latin letters as in the passport: ZHANG WEI."),
            value=embossed,
            most=26,
        ),
        Field("note", mark("Note"), "text", hint=mark("What the reviewer should know. Tab goes on."), required=False),
    ]


def document_fields() -> Sequence[Field]:
    """A document laid on the counter."""
    return [
        Field("kind", mark("Document"), "choice", options=DocumentKind),
        Field("reference", mark("Reference"), hint=mark("Its number, or how to find it again.")),
        Field("issued_on", mark("Issued on"), "date", hint=mark("Such as 2026-05-31."), required=False),
        Field("seen", mark("I have seen the original"), "check"),
    ]


def suggested_embossing(name: str) -> str:
    """A name in Latin letters as the card takes it; nothing for one in characters, whose spelling is the holder's."""
    return name.upper() if name.isascii() and len(name) <= 26 else ""
