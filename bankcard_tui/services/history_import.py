"""Taking the months of spending and overdue history over from a file: one row for each customer and month."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy import insert, select

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import operation
from bankcard_tui.errors import InvalidInput
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.months import month_of, parse_month
from bankcard_tui.rules.text import clean_line
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.history import HISTORY
from bankcard_tui.services.imports import DUPLICATE, MALFORMED, ChunkView, RejectedRow, read_cell, take_chunk
from bankcard_tui.services.profile import Problems, not_negative
from bankcard_tui.services.subjects import CUSTOMER, PERSON

HISTORIES = "history"
"""What an import of such files is called."""

AMOUNTS = ("balance", "spent", "repaid", "due")
CASH = "cash"
"""The column that files from before it was asked for lack: what of the month's spending was drawn in cash."""
HISTORY_COLUMNS = ("customer_external_id", "month", *AMOUNTS, "days_past_due", CASH)
UNKNOWN_CUSTOMER = "0203"
"""Why a row is rejected besides: no customer has this id."""

_FIGURES = (*AMOUNTS, "days_past_due")
_DAYS = re.compile(r"[0-9]{1,4}")
_OWN_ID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")
T = TypeVar("T")
_Figures: TypeAlias = tuple[Money | int | None, ...]
"""The amounts in their order, the days past due, and the cash: None where the file says nothing of it."""


@operation("import.history", allow=Permission.IMPORT, idempotent=False)
def import_history(desk: Desk, job: UUID, first_line: int, rows: tuple[dict[str, str], ...]) -> ChunkView:
    """Take the next rows of a file of spending and overdue history; ``first_line`` is where they begin."""
    months = _Months(desk, _customers_of(desk, rows))
    chunk = take_chunk(desk, HISTORIES, job, first_line, rows, months.take)
    if months.new:
        desk.sql.execute(insert(HISTORY), months.new)
    return chunk


@dataclass
class _Months:
    """What is known already of the ``customers`` of a chunk, when they were born, and the months that are ``new``."""

    desk: Desk
    customers: Mapping[str, UUID]
    born: dict[UUID, date] = field(init=False)
    known: dict[tuple[UUID, date], _Figures] = field(init=False)
    new: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        ids = set(self.customers.values())
        born = select(CUSTOMER.c.id, PERSON.c.birth_date).join_from(
            CUSTOMER, PERSON, CUSTOMER.c.person_id == PERSON.c.id
        )
        self.born = {row.id: row.birth_date for row in self.desk.sql.execute(born.where(CUSTOMER.c.id.in_(ids)))}
        asked = select(HISTORY).where(HISTORY.c.customer_id.in_(ids))
        self.known = {
            (row.customer_id, row.month): (*(getattr(row, name) for name in _FIGURES), row.cash)
            for row in self.desk.sql.execute(asked)
        }

    def take(self, row: Mapping[str, str]) -> bool:
        """Take one month of a customer; False when the same row was taken before."""
        problems = Problems()
        name, month, figures = self._read(row, problems)
        if problems.found or month is None:
            raise RejectedRow(MALFORMED, *problems.found)
        customer = self.customers.get(name)
        if customer is None:
            unknown = InvalidInput(
                "customer_external_id", "No customer has this external id.", hint="Import the customers first."
            )
            raise RejectedRow(UNKNOWN_CUSTOMER, unknown)
        if month < month_of(self.born[customer]):
            early = InvalidInput("month", "The customer was not born yet in this month.", hint="Check the file.")
            raise RejectedRow(MALFORMED, early)
        known = self.known.setdefault((customer, month), figures)
        if known is figures:
            columns = dict(zip(_FIGURES, figures, strict=False)) | {CASH: figures[-1] or ZERO}
            self.new.append({"customer_id": customer, "month": month, "branch_id": self.desk.branch_id, **columns})
            return True
        if known[:-1] != figures[:-1] or (figures[-1] is not None and figures[-1] != (known[-1] or ZERO)):
            other = InvalidInput(
                "month", "This month of the customer is known with other figures.", hint="Check the file."
            )
            raise RejectedRow(DUPLICATE, other)
        return False

    def _read(self, row: Mapping[str, str], problems: Problems) -> tuple[str, date | None, _Figures]:
        """A row of text as typed values; what can't be read goes to ``problems``."""
        name = _name_of(row, problems)
        month = _cell(row, "month", _month, problems)
        amounts = [_cell(row, each, partial(_amount, each), problems) for each in AMOUNTS]
        days = _cell(row, "days_past_due", _days, problems)
        if month is not None and month >= month_of(self.desk.today):
            problems.found.append(InvalidInput("month", "This month is not over yet.", hint="Import it later."))
        cash = _cell(row, CASH, partial(_amount, CASH), problems, required=False)
        if cash is not None and amounts[1] is not None and cash > amounts[1]:
            problems.found.append(InvalidInput(CASH, "This is more than was spent.", hint="Check the file."))
        return name, month, (*(each or ZERO for each in amounts), days or 0, cash)


def _customers_of(desk: Desk, rows: Sequence[Mapping[str, str]]) -> dict[str, UUID]:
    """The customers whom the rows name: by the id under which they were imported, else by their id in this store."""
    names = {_name_of(row, Problems()) for row in rows}
    here = select(CUSTOMER.c.id, CUSTOMER.c.external_id).where(
        CUSTOMER.c.branch_id == desk.branch_id, CUSTOMER.c.closed_at.is_(None)
    )
    found = {each.external_id: each.id for each in desk.sql.execute(here.where(CUSTOMER.c.external_id.in_(names)))}
    own = {name: UUID(name) for name in names - set(found) if _OWN_ID.fullmatch(name)}
    known = set(desk.sql.execute(here.where(CUSTOMER.c.id.in_(own.values()))).scalars())
    return found | {name: id for name, id in own.items() if id in known}


def _name_of(row: Mapping[str, str], problems: Problems) -> str:
    return _cell(row, "customer_external_id", str, problems) or ""


def _cell(
    row: Mapping[str, str], name: str, kind: Callable[[str], T], problems: Problems, *, required: bool = True
) -> T | None:
    """A cell, which may not be empty where it is ``required``."""
    text = problems.take(lambda: clean_line(name, row.get(name, ""), most=64, required=required), "")
    return read_cell({name: text}, name, kind, problems)


def _amount(name: str, text: str) -> Money:
    amount = Money.parse(text, field=name)
    not_negative(name, amount)
    return amount


def _month(text: str) -> date:
    try:
        return parse_month(text)
    except ValueError:
        raise InvalidInput("month", "This is not a month.", hint="Type it as 2025-03.") from None


def _days(text: str) -> int:
    if not _DAYS.fullmatch(text):
        raise InvalidInput("days_past_due", "This is not a number of days.", hint="Type 0 for never overdue.")
    return int(text)
