"""The files that the demo branch takes over, and the papers that its customers bring."""

from __future__ import annotations

from bankcard_tui.cli.demo_people import DemoPerson
from bankcard_tui.desk.desk import Desk
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import CardKind, DocumentKind
from bankcard_tui.services.imports import MOST_ROWS, Take, finish_import, start_import

PAPERS = {
    CardKind.CONSUMER: (DocumentKind.ID_CARD, DocumentKind.INCOME_PROOF),
    CardKind.BUSINESS: (DocumentKind.ID_CARD, DocumentKind.BUSINESS_LICENCE, DocumentKind.TAX_RETURN),
    CardKind.DEBIT_LINKED: (DocumentKind.ID_CARD, DocumentKind.DEBIT_CARD),
}


def take_over(
    desk: Desk,
    name: str,
    source: str,
    rows: list[dict[str, str]],
    take: Take,
) -> None:
    """Import the rows of a file from ``source``; ``take`` is the operation that takes a chunk."""
    job = start_import(desk, name, source).view.id
    for start in range(0, len(rows), MOST_ROWS):
        take(desk, job, start, tuple(rows[start : start + MOST_ROWS]))
    finish_import(desk, job)


def customer_row(serial: int, person: DemoPerson) -> dict[str, str]:
    """A customer as a row of the file that customers are taken over from."""
    life = person.circumstances
    return {
        "external_id": str(serial),
        "name": person.name,
        "id_number": person.id_number,
        "birth_date": person.birth_date.isoformat(),
        "phone": person.phone,
        "email": person.email,
        "address": person.address,
        "employer": life.employer,
        "employer_kind": life.employer_kind or "",
        "occupation": life.occupation or "",
        **{name: _plain(getattr(life, name)) for name in ("monthly_income", "deposits", "other_assets", "liabilities")},
        "housing": life.housing or "",
        "channels": " ".join(person.contact.channels),
        "language": person.contact.language or "",
        "do_not_disturb": "yes" if person.contact.do_not_disturb else "",
    }


def _plain(amount: Money | None) -> str:
    return "" if amount is None else amount.plain
