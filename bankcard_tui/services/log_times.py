"""Where in the sequence of the log a time lies.

Entries follow the clock, and a clock is set back now and then. The log knows the stretches within which it was not, but
for the small differences between machines; in each of them a time is found by halving.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select

from bankcard_tui.desk.log import ENTRY, STRETCH
from bankcard_tui.errors import VerificationFailed
from bankcard_tui.models.log import SETBACK

FIRST, LAST = -(2**63), 2**63 - 1
"""The smallest and the largest number that the store can hold."""

_NEXT = (
    select(ENTRY.c.seq, ENTRY.c.at)
    .where(ENTRY.c.branch_id == bindparam("branch"), ENTRY.c.seq.between(bindparam("low"), bindparam("high")))
    .order_by(ENTRY.c.seq)
    .limit(1)
)


def spans(
    sql: Connection, branch: UUID, since: int | None, until: int | None, *, newest_first: bool
) -> Iterator[tuple[int, int]]:
    """The parts of the sequence, from and to, outside of which no entry lies in time (microseconds; from ``since`` on,
    before ``until``). Inside there can be others: whoever reads them looks at their time.
    """
    if since is None and until is None:
        yield FIRST, LAST
        return
    starts = sql.execute(
        select(STRETCH.c.first_seq).where(STRETCH.c.branch_id == branch).order_by(STRETCH.c.first_seq)
    ).scalars()
    firsts = [whole(first) for first in starts]
    lasts = [first - 1 for first in firsts[1:]]
    begins, ends = (
        sql.execute(select(edge(ENTRY.c.seq)).where(ENTRY.c.branch_id == branch)).scalar_one()
        for edge in (func.min, func.max)
    )
    stretches = list(zip(firsts, [*lasts, whole(ends or 0)], strict=True))
    for first, last in reversed(stretches) if newest_first else stretches:
        # What was pruned lies in front of the first entry that is left.
        first = max(first, whole(begins or 0))
        low = first if since is None else _begin(sql, branch, first, last, since - SETBACK)
        high = last if until is None else _begin(sql, branch, low, last, until + SETBACK) - 1
        if low <= high:
            yield low, high


def _begin(sql: Connection, branch: UUID, low: int, high: int, moment: int) -> int:
    """An entry from ``low`` to ``high`` at ``moment`` or later, behind one before it; ``high + 1`` where all are
    before. In a stretch all entries in front of it are before ``moment + SETBACK``, and it and all behind it are later
    than ``moment - SETBACK``.
    """
    while low <= high:
        middle = (low + high) // 2
        row = sql.execute(_NEXT, {"branch": branch, "low": middle, "high": high}).one_or_none()
        if row is None or whole(row.at, of=row.seq) >= moment:
            high = middle - 1
        else:
            low = whole(row.seq) + 1
    return low


def whole(value: Any, *, of: object = None) -> int:
    """A number as it lies in the store, of the entry ``of``. Raises VerificationFailed where it is none."""
    if type(value) is not int:
        raise altered(value if of is None else of)
    return value


def altered(seq: object) -> VerificationFailed:
    """The error that an entry is none of this program's; ``seq`` is what stands in the place of its number."""
    return VerificationFailed(
        "Entry {number} of the log can't be read: somebody has altered it.",
        hint="Run: bankcard log verify",
        code="log.altered",
        number=shown(seq),
    )


def shown(seq: object) -> str:
    """The number of an entry, whatever somebody has put in its place."""
    return ascii(seq)[:40]
