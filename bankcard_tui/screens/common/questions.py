"""What is asked about an application and a document, by the customer alone and at the counter alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, cast
from uuid import UUID

from bankcard_tui.desk.desk import Desk
from bankcard_tui.errors import InvalidInput
from bankcard_tui.locale import mark
from bankcard_tui.rules.terms import CardKind, DocumentKind, Purpose
from bankcard_tui.services.application_views import ApplicationRow
from bankcard_tui.services.applications import checked_embossed_name, submit
from bankcard_tui.services.identity import add_document
from bankcard_tui.widgets.fields import Field

APPLICATION_FIELDS: Final = (
    Field("kind", mark("Kind of card"), "choice", options=CardKind),
    Field("purpose", mark("Purpose"), "choice", options=Purpose),
    Field("wished_limit", mark("Wished limit"), "amount", mark("In yuan. The bank may grant another limit.")),
    Field(
        "embossed_name",
        mark("Name on the card"),
        hint=mark("In Latin letters as in the passport, such as ZHANG WEI."),
        most=26,
    ),
    Field("note", mark("Note"), hint=mark("Anything that the manager should know."), required=False, most=500),
)
"""A card application, in the order in which the customer tells it."""


def submit_application(desk: Desk, customer: UUID, values: Mapping[str, object]) -> ApplicationRow:
    """Submit what a form with APPLICATION_FIELDS holds. Raises like ``submit``."""
    return submit(desk, customer, **cast("dict[str, Any]", values)).view


def suggested_embossing(name: str) -> str:
    """A name in Latin letters as the card takes it; nothing for one in characters, whose spelling is the holder's."""
    try:
        return checked_embossed_name(name)
    except InvalidInput:
        return ""


def document_fields(kind: DocumentKind | None = None) -> list[Field]:
    """A document for the bank's file; ``kind`` is the likely one."""
    return [
        Field("kind", mark("Document"), "choice", options=DocumentKind, value=kind),
        Field("reference", mark("Reference"), hint=mark("The number on the document, or a few words.")),
        Field("issued_on", mark("Issued on"), "date", mark("The day on the document."), required=False),
    ]


def enter_document(desk: Desk, customer: UUID, values: Mapping[str, object]) -> UUID:
    """Add what a form with document_fields holds; returns the document. Raises like ``add_document``."""
    kind, reference, issued = (values[name] for name in ("kind", "reference", "issued_on"))
    on_paper = date.fromisoformat(str(issued)) if issued else None
    return add_document(desk, customer, cast(DocumentKind, kind), str(reference), on_paper).view
