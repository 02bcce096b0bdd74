"""Taking data over from files: a job in chunks that can be stopped and started again.

A bad row never stops the file: it comes back with its code and reason. Importing the same file again changes nothing.
What a row of one kind of file holds is said beside this: customers, history.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy import select

from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation
from bankcard_tui.desk.results import Result, View
from bankcard_tui.errors import Conflict, InvalidInput, Phrase
from bankcard_tui.models.base import table
from bankcard_tui.models.branch import Job
from bankcard_tui.rules.text import clean_line
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.profile import Problems
from bankcard_tui.store.types import new_id

T = TypeVar("T")

JOB = table(Job)
MOST_ROWS = 500
DUPLICATE, MALFORMED = "0206", "0207"
"""Why a row of any file is rejected: 0206 what it names has other contents already, 0207 malformed."""


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


Take: TypeAlias = Callable[[Desk, UUID, int, tuple[dict[str, str], ...]], Result[ChunkView]]
"""The operation that takes a chunk of a kind of file."""


class RejectedRow(Exception):
    """A row that is not taken, with its code and everything that is wrong with it."""

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


@operation("import.finish", allow=Permission.IMPORT, idempotent=False)
def finish_import(desk: Desk, job: UUID) -> JobView:
    """End an import whose rows have all been read."""
    record = _running(desk, job)
    record.ended_at = desk.now
    desk.work.subject = Subject("job", job)
    desk.note(done=record.done, skipped=record.skipped, rejected=record.rejected)
    return _view(record)


def take_chunk(
    desk: Desk,
    name: str,
    job: UUID,
    first_line: int,
    rows: Sequence[Mapping[str, str]],
    take: Callable[[Mapping[str, str]], bool],
) -> ChunkView:
    """Take the next rows of the import ``job`` of the files called ``name``; ``first_line`` is where they begin.

    ``take`` takes one row; False where the same row was taken before. It raises RejectedRow before anything of the row
    is written. Raises Conflict where these are not the next rows.
    """
    record = _running(desk, job)
    if first_line != record.cursor or len(rows) > MOST_ROWS or record.name != name:
        raise Conflict("This is not the next part of the file.", hint="Start the import again.", code="conflict.chunk")
    rejects: list[Rejected] = []
    for line, row in enumerate(rows, start=first_line):
        try:
            taken = take(row)
        except RejectedRow as reject:
            rejects.append(Rejected(line=line, code=reject.code, reason=_reason(reject.problems)))
            continue
        record.done += taken
        record.skipped += not taken
    record.rejected += len(rejects)
    record.cursor += len(rows)
    desk.work.subject = Subject("job", job)
    desk.note(rows=len(rows), rejected=len(rejects), from_line=first_line)
    return ChunkView(job=_view(record), rejects=tuple(rejects))


def read_cell(row: Mapping[str, str], name: str, kind: Callable[[str], T], problems: Problems) -> T | None:
    """The typed value of a cell; None where it is empty, or can't be read, which goes to ``problems``."""
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


def _running(desk: Desk, job: UUID) -> Job:
    record = desk.db.get(Job, job)
    if record is None or record.ended_at is not None:
        raise Conflict("This import does not run.", hint="Start it again.", code="conflict.job")
    return record


def _view(job: Job) -> JobView:
    return JobView(id=job.id, cursor=job.cursor, done=job.done, skipped=job.skipped, rejected=job.rejected)


def _reason(problems: Sequence[InvalidInput]) -> tuple[Phrase, ...]:
    """What is wrong, column by column: the sentence, and the hint where there is one."""
    sentences: list[Phrase] = []
    for problem in problems:
        said, *hint = problem.phrases
        sentences += [Phrase("{column}: {said}", {"column": problem.field, "said": said}), *hint]
    return tuple(sentences)
