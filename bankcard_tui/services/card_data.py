"""What points cards are learned from and watched by: outcomes and decisions of the branch, as columns.

Both are read the newest first and page by page, so that neither a statement nor a transaction grows with the branch.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from sqlalchemy import Connection, Select, exists, select

from bankcard_tui.rules.characteristics import CATEGORY_WORDS, CHARACTERISTIC_LABELS, facts_in
from bankcard_tui.rules.scorecard import Value
from bankcard_tui.rules.terms import Decision
from bankcard_tui.services.application_views import DECISION
from bankcard_tui.services.outcomes import OUTCOME
from bankcard_tui.services.paging import Page, fetch_page
from bankcard_tui.services.subjects import APPLICATION, CUSTOMER, PERSON

if TYPE_CHECKING:
    from bankcard_tui.decision.table import Table

STEP_ROWS = 2000
MOST_OUTCOMES = 200_000
MOST_DECISIONS = 100_000
"""Older ones are left out: the newest say most."""

DECIDED = (Decision.APPROVE, Decision.REFUSE)
"""A return puts the decision off."""

Fetch: TypeAlias = Callable[[Callable[[Connection], Page[Any]]], Page[Any]]
"""Runs a page on a transaction: the one of an operation, or one for each page."""


@dataclass(slots=True)
class Facts:
    """What was known of people, by the code of the characteristic: a value for each of them, in the same order."""

    columns: dict[str, list[Value]] = field(default_factory=lambda: {code: [] for code in CHARACTERISTIC_LABELS})
    count: int = 0

    def add(self, text: str) -> None:
        """Take the ``facts`` of a row. What is no value of its characteristic is not known."""
        known = facts_in(text)
        for code, values in self.columns.items():
            values.append(known.get(code))
        self.count += 1

    def table(
        self,
        bad: Sequence[bool] | None = None,
        days: Sequence[str] | None = None,
        never: Collection[str] = (),
        audited: dict[str, list[Value]] | None = None,
    ) -> Table:
        """The people as a table to learn from or to score; ``audited`` columns never enter a card, and ``never`` names
        others that do not. A characteristic of which nothing is known stays out.
        """
        from bankcard_tui.decision.table import Table

        audited = audited or {}
        columns = {code: values for code, values in self.columns.items() if any(each is not None for each in values)}
        return Table.from_columns(
            {**columns, **audited},
            [False] * self.count if bad is None else bad,
            categorical={*CATEGORY_WORDS, *audited},
            never={*audited, *never},
            days=days,
        )


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """How a customer turned out; ``person`` and ``id_sealed`` serve the audit of fairness alone."""

    facts: str
    started_on: date
    worst_days_past_due: int
    matured_at: datetime
    person: UUID
    id_sealed: bytes


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision with what the aid had gone by. ``last``: none on the same application came later, so that an applicant
    who asked for another look is counted once.
    """

    last: bool
    at: datetime
    account_id: UUID
    decision: Decision
    against: bool
    points: int
    facts: str
    card: str


def outcomes(fetch: Fetch, branch: UUID, since: datetime | None = None) -> Iterator[OutcomeRow]:
    """The newest outcomes whose facts were kept; only those that matured after ``since``."""
    columns = (OUTCOME.c.facts, OUTCOME.c.started_on, OUTCOME.c.worst_days_past_due, OUTCOME.c.matured_at)
    statement = (
        select(*columns, PERSON.c.id.label("person"), PERSON.c.id_sealed)
        .join_from(OUTCOME, CUSTOMER, OUTCOME.c.customer_id == CUSTOMER.c.id)
        .join(PERSON, CUSTOMER.c.person_id == PERSON.c.id)
        .where(OUTCOME.c.branch_id == branch, OUTCOME.c.facts != "")
    )
    if since is not None:
        statement = statement.where(OUTCOME.c.matured_at > since)
    yield from _pages(fetch, statement, (OUTCOME.c.id,), lambda row: OutcomeRow(*row[:6]), MOST_OUTCOMES)


def decisions(fetch: Fetch, branch: UUID, since: datetime) -> Iterator[DecisionRow]:
    """The newest decisions after ``since``, without returns."""
    names = ("application_id", "at", "account_id", "decision", "against", "points", "facts", "card")
    # Not a join: it could begin with the applications, and sort all their decisions for each page.
    here = exists().where(APPLICATION.c.id == DECISION.c.application_id, APPLICATION.c.branch_id == branch)
    statement = select(*(DECISION.c[name] for name in names)).where(
        DECISION.c.at > since, DECISION.c.decision.in_(DECIDED), here
    )
    keys = (DECISION.c.at, DECISION.c.id)
    later: set[UUID] = set()
    for application, *rest in _pages(fetch, statement, keys, lambda row: row[: len(names)], MOST_DECISIONS):
        yield DecisionRow(application not in later, *rest)
        later.add(application)


def within(connection: Connection) -> Fetch:
    """All pages in one transaction: a question's."""
    return lambda page: page(connection)


def _pages(
    fetch: Fetch, statement: Select[Any], keys: Sequence[Any], show: Callable[[Any], Any], most: int
) -> Iterator[Any]:
    def read(connection: Connection) -> Page[Any]:
        rows = min(STEP_ROWS, most)
        return fetch_page(connection, statement, keys, cursor, show, newest_first=True, rows=rows)

    cursor: str | None = None
    while most > 0:
        page = fetch(read)
        yield from page.items
        most -= len(page.items)
        cursor = page.next
        if cursor is None:
            return
