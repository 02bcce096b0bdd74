"""Taking customers over from a file: a job in chunks that can be stopped and started again.

A bad row never stops the file: it comes back with its code and reason. Importing the same file again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict, InvalidInput, Phrase
from bankcard_tui.models.base import table
from bankcard_tui.models.branch import Job
from bankcard_tui.models.person import Standing
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import EmployerKind, Housing, Occupation
from bankcard_tui.rules.text import clean_line
from bankcard_tui.security.permissions import Permission
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
from bankcard_tui.store.types import new_id

JOB = table(Job)
_TAKEN_BEFORE = select(CUSTOMER.c.person_id).where(
    CUSTOMER.c.branch_id == bindparam("branch"), CUSTOMER.c.external_id == bindparam("external")
)
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
)
MOST_ROWS = 500
RESIDENT_ID = "resident_id"
DUPLICATE, MALFORMED, KNOWN_PERSON, UNKNOWN_TYPE = "0206", "0207", "0201", "0202"
"""Why a row is rejected: 0201 its ID number belongs to a customer already, 0202 an ID type that the bank does not take,
0206 its external id belongs to other contents, 0207 malformed."""


class JobView(View):
    """How far a job has come."""

    id: UUID
    cursor: int
    done: int
    skipped: int
    rejected: int


class Rejected(View):
    """A row that was not taken: its line in the file, the code and the reason, sentence by sentence."""

    line: int
    code: str
    reason: tuple[Phrase, ...]


class ChunkView(View):
    """A chunk that was taken, and what was not."""

    job: JobView
    rejects: tuple[Rejected, ...]


class _Reject(Exception):
    def __init__(self, code: str, *problems: InvalidInput) -> None:
        self.code = code
        self.problems = problems


@operation("import.start", allow=Permission.IMPORT, idempotent=False)
def start_import(desk: Desk, name: str, source: str) -> JobView:
    """Begin an import, or go on with one of the same file that was stopped; ``source`` is the file's digest."""
    name, source = clean_line("name", name, most=60), clean_line("source", source, most=128)
    stopped = select(Job).where(JOB.c.name == name, JOB.c.source == source, JOB.c.ended_at.is_(None))
    job = desk.db.scalars(stopped).first()
    if job is None:
        job = Job(
            id=new_id(desk.now),
            branch_id=desk.branch_id,
            name=name,
            source=source,
            started_by=desk.account_id,
            started_at=desk.now,
        )
        desk.db.add(job)
    desk.work.subject = Subject("job", job.id)
    desk.note(name=name, source=source, from_line=job.cursor)
    return _view(job)


@operation("import.customers", allow=Permission.IMPORT, idempotent=False)
def import_customers(desk: Desk, job: UUID, first_line: int, rows: tuple[dict[str, str], ...]) -> ChunkView:
    """Take the next rows of a file of customers; ``first_line`` is where they begin."""
    record = _running(desk, job)
    if first_line != record.cursor or len(rows) > MOST_ROWS:
        raise Conflict("This is not the next part of the file.", hint="Start the import again.", code="conflict.chunk")
    rejects: list[Rejected] = []
    for line, row in enumerate(rows, start=first_line):
        try:
            taken = _take_customer(desk, row)
        except _Reject as reject:
            rejects.append(Rejected(line=line, code=reject.code, reason=_reason(reject.problems)))
            continue
        record.done += taken
        record.skipped += not taken
    record.rejected += len(rejects)
    record.cursor += len(rows)
    desk.work.subject = Subject("job", job)
    desk.note(rows=len(rows), rejected=len(rejects), from_line=first_line)
    return ChunkView(job=_view(record), rejects=tuple(rejects))


@operation("import.finish", allow=Permission.IMPORT, idempotent=False)
def finish_import(desk: Desk, job: UUID) -> JobView:
    """End an import whose rows have all been read."""
    record = _running(desk, job)
    record.ended_at = desk.now
    desk.work.subject = Subject("job", job)
    desk.note(done=record.done, skipped=record.skipped, rejected=record.rejected)
    return _view(record)


def _running(desk: Desk, job: UUID) -> Job:
    record = desk.db.get(Job, job)
    if record is None or record.ended_at is not None:
        raise Conflict("This import does not run.", hint="Start it again.", code="conflict.job")
    return record


def _view(job: Job) -> JobView:
    return JobView(id=job.id, cursor=job.cursor, done=job.done, skipped=job.skipped, rejected=job.rejected)


def _take_customer(desk: Desk, row: dict[str, str]) -> bool:
    """Add one customer; False when the same row was taken before. Raises _Reject, before anything is written."""
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
        raise _Reject(MALFORMED if known_type else UNKNOWN_TYPE, *problems.found)
    person = known_person(desk, number)
    earlier = desk.sql.execute(_TAKEN_BEFORE, {"branch": desk.branch_id, "external": external}).one_or_none()
    if earlier is not None:
        if person is not None and earlier.person_id == person.id:
            return False
        taken = InvalidInput("external_id", "This external id belongs to another customer.", hint="Check the file.")
        raise _Reject(DUPLICATE, taken)
    if person is not None and customer_of(desk, person.id) is not None:
        taken = InvalidInput("id_number", "This ID number belongs to a customer of the bank already.")
        raise _Reject(KNOWN_PERSON, taken)
    person = person or add_person(desk, name, number, born, Standing.KNOWN)
    if registered is not None:
        noon = datetime.combine(registered, time(12), ZoneInfo(desk.bank.branch.zone))
        columns["registered_at"] = min(noon.astimezone(UTC), desk.now)
    add_customer(desk, person.id, name, external_id=external, **columns)
    return True


def _read(row: dict[str, str], problems: Problems) -> tuple[Identity, Contact, Circumstances, date | None, date | None]:
    """A row of text as typed values; what can't be read goes to ``problems``."""

    def read(name: str, kind: Callable[[str], Any]) -> Any:
        text = row.get(name, "").strip()
        if not text:
            return None
        try:
            return kind(text)
        except InvalidInput as problem:
            problems.found.append(problem)
        except ValueError:
            problems.found.append(
                InvalidInput(name, "{text} is not a value of this column.", hint="See the manual.", text=text[:40])
            )
        return None

    amounts = {
        name: read(name, partial(Money.parse, field=name))
        for name in ("monthly_income", "deposits", "other_assets", "liabilities")
    }
    circumstances = Circumstances(
        employer=row.get("employer", ""),
        employer_kind=read("employer_kind", EmployerKind),
        occupation=read("occupation", Occupation),
        housing=read("housing", Housing),
        **amounts,
    )
    registered, birth = read("registered_on", date.fromisoformat), read("birth_date", date.fromisoformat)
    identity = Identity(name=row.get("name", ""), id_number=row.get("id_number", ""))
    contact = Contact(phone=row.get("phone", ""), email=row.get("email", ""), address=row.get("address", ""))
    return identity, contact, circumstances, registered, birth


def _reason(problems: Sequence[InvalidInput]) -> tuple[Phrase, ...]:
    """What is wrong, column by column: the sentence, and the hint where there is one."""
    sentences: list[Phrase] = []
    for problem in problems:
        said, *hint = problem.phrases
        sentences += [Phrase("{column}: {said}", {"column": problem.field, "said": said}), *hint]
    return tuple(sentences)
