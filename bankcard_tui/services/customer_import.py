"""Taking customers over from a file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import operation
from bankcard_tui.errors import InvalidInput
from bankcard_tui.models.person import Standing
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import Channel, EmployerKind, Housing, Language, Occupation
from bankcard_tui.rules.text import clean_line
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.imports import DUPLICATE, MALFORMED, ChunkView, RejectedRow, read_cell, take_chunk
from bankcard_tui.services.people import add_person, known_person
from bankcard_tui.services.profile import (
    Circumstances,
    Contact,
    Identity,
    Problems,
    check_circumstances,
    check_contact,
    check_identity,
)
from bankcard_tui.services.registration import add_customer, customer_of
from bankcard_tui.services.subjects import CUSTOMER

CUSTOMERS = "customers"
"""What an import of such files is called."""

_TAKEN_BEFORE = select(CUSTOMER.c.person_id).where(
    CUSTOMER.c.branch_id == bindparam("branch"), CUSTOMER.c.external_id == bindparam("external")
)
OPTIONAL_COLUMNS = ("channels", "language", "do_not_disturb")
"""What files may lack: how the customer accepts to be reached."""

CUSTOMER_COLUMNS = (
    "external_id",
    "name",
    "id_type",
    "id_number",
    "birth_date",
    "phone",
    "email",
    "address",
    "employer",
    "employer_kind",
    "occupation",
    "monthly_income",
    "deposits",
    "other_assets",
    "liabilities",
    "housing",
    "registered_on",
    *OPTIONAL_COLUMNS,
)
RESIDENT_ID = "resident_id"
KNOWN_PERSON, UNKNOWN_TYPE = "0201", "0202"
"""Why a row is rejected besides: 0201 its ID number belongs to a customer already, 0202 an ID type that the bank does
not take."""


@operation("import.customers", allow=Permission.IMPORT, idempotent=False)
def import_customers(desk: Desk, job: UUID, first_line: int, rows: tuple[dict[str, str], ...]) -> ChunkView:
    """Take the next rows of a file of customers; ``first_line`` is where they begin."""
    return take_chunk(desk, CUSTOMERS, job, first_line, rows, partial(_take_customer, desk))


def _take_customer(desk: Desk, row: Mapping[str, str]) -> bool:
    """Add one customer; False when the same row was taken before."""
    problems = Problems()
    known_type = row.get("id_type", "").strip() in ("", RESIDENT_ID)
    if not known_type:
        problems.found.append(
            InvalidInput("id_type", "Only resident ID cards are taken.", hint="Write {known}.", known=RESIDENT_ID)
        )
    external = problems.take(lambda: clean_line("external_id", row.get("external_id", ""), most=64), "")
    identity, contact, circumstances, registered, birth = _read(row, problems)
    name, number, born = check_identity(identity, desk.today, problems)
    columns = check_contact(contact, problems) | check_circumstances(circumstances, problems)
    if birth is not None and number and birth != born:
        problems.found.append(
            InvalidInput("birth_date", "The birth date is not the one in the ID number.", hint="Correct one of them.")
        )
    if registered is not None and registered > desk.today:
        problems.found.append(InvalidInput("registered_on", "This day lies in the future."))
    if problems.found:
        raise RejectedRow(MALFORMED if known_type else UNKNOWN_TYPE, *problems.found)
    person = known_person(desk, number)
    earlier = desk.sql.execute(_TAKEN_BEFORE, {"branch": desk.branch_id, "external": external}).one_or_none()
    if earlier is not None:
        if person is not None and earlier.person_id == person.id:
            return False
        taken = InvalidInput("external_id", "This external id belongs to another customer.", hint="Check the file.")
        raise RejectedRow(DUPLICATE, taken)
    if person is not None and customer_of(desk, person.id) is not None:
        taken = InvalidInput("id_number", "This ID number belongs to a customer of the bank already.")
        raise RejectedRow(KNOWN_PERSON, taken)
    person = person or add_person(desk, name, number, born, Standing.KNOWN)
    if registered is not None:
        noon = datetime.combine(registered, time(12), ZoneInfo(desk.bank.branch.zone))
        columns["registered_at"] = min(noon.astimezone(UTC), desk.now)
    add_customer(desk, person.id, name, external_id=external, **columns)
    return True


def _channels(cell: str) -> tuple[Channel, ...]:
    return tuple(Channel(word) for word in cell.split())


def _yes(cell: str) -> bool:
    """Whether ``yes`` stands there. Raises ValueError for what is neither that nor ``no``."""
    return ("no", "yes").index(cell) == 1


def _read(
    row: Mapping[str, str], problems: Problems
) -> tuple[Identity, Contact, Circumstances, date | None, date | None]:
    """A row of text as typed values; what can't be read goes to ``problems``."""

    def amount(name: str) -> Money | None:
        return read_cell(row, name, partial(Money.parse, field=name), problems)

    circumstances = Circumstances(
        employer=row.get("employer", ""),
        employer_kind=read_cell(row, "employer_kind", EmployerKind, problems),
        occupation=read_cell(row, "occupation", Occupation, problems),
        housing=read_cell(row, "housing", Housing, problems),
        monthly_income=amount("monthly_income"),
        deposits=amount("deposits"),
        other_assets=amount("other_assets"),
        liabilities=amount("liabilities"),
    )
    registered = read_cell(row, "registered_on", date.fromisoformat, problems)
    birth = read_cell(row, "birth_date", date.fromisoformat, problems)
    identity = Identity(name=row.get("name", ""), id_number=row.get("id_number", ""))
    contact = Contact(
        phone=row.get("phone", ""),
        email=row.get("email", ""),
        address=row.get("address", ""),
        channels=read_cell(row, "channels", _channels, problems) or (),
        language=read_cell(row, "language", Language, problems),
        do_not_disturb=read_cell(row, "do_not_disturb", _yes, problems) or False,
    )
    return identity, contact, circumstances, registered, birth
