"""Dealing with early warnings: who takes which, and what was done about it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, func, select

from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict, Phrase
from bankcard_tui.models.watch import EarlyWarning
from bankcard_tui.rules.free_text import free_text
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import WarningKind, WarningMeasure, WarningState
from bankcard_tui.rules.warnings import advice_for
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.paging import Page, fetch_page
from bankcard_tui.services.people import name_of
from bankcard_tui.services.phrases import from_json
from bankcard_tui.services.subjects import CARD_ACCOUNT, CUSTOMER, PERSON, no_such
from bankcard_tui.services.warnings import WARNING
from bankcard_tui.services.watch_list import LAST4, NOTE_LENGTH

_ROWS = (
    select(WARNING, CUSTOMER.c.name, PERSON.c.id_index, CARD_ACCOUNT.c.credit_limit, LAST4.label("last4"))
    .join_from(WARNING, CARD_ACCOUNT, WARNING.c.card_account_id == CARD_ACCOUNT.c.id)
    .join(CUSTOMER, WARNING.c.customer_id == CUSTOMER.c.id)
    .join(PERSON, CUSTOMER.c.person_id == PERSON.c.id)
)
_SHOWN = _ROWS.where(WARNING.c.id == bindparam("id"))
_ONE = (
    select(EarlyWarning, PERSON.c.id_index)
    .join_from(EarlyWarning, CUSTOMER, WARNING.c.customer_id == CUSTOMER.c.id)
    .join(PERSON, CUSTOMER.c.person_id == PERSON.c.id)
    .where(WARNING.c.id == bindparam("id"))
)


class WarningView(View):
    """An early warning: ``figures`` say what it rests on, ``advice`` what to do.

    ``mine``: one has taken it oneself; ``own``: it is about oneself, and somebody else deals with it.
    """

    id: UUID
    account: UUID
    customer_id: UUID
    customer: str
    last4: str
    limit: Money
    kind: WarningKind
    state: WarningState
    watched: bool
    rests_on: date
    figures: tuple[Phrase, ...]
    advice: Phrase
    raised_at: datetime
    taken_by: str
    taken_at: datetime | None
    done_by: str
    done_at: datetime | None
    measure: WarningMeasure | None
    note: str
    mine: bool
    own: bool
    policy_version: int
    version: int


class WarningTotals(View):
    """How many warnings are to be dealt with: ``free`` ones that nobody has, those ``taken``, and of these ``mine``."""

    free: int
    taken: int
    mine: int
    watched: int
    kinds: dict[WarningKind, int]


@question("warning.list", allow=Permission.DECIDE_LIMITS)
def list_warnings(
    desk: Desk,
    kind: WarningKind | None = None,
    state: WarningState | None = None,
    watched: bool = False,
    mine: bool = False,
    cursor: str | None = None,
) -> Page[WarningView]:
    """Early warnings: those that nobody has before those that are taken, the oldest first; with a ``state`` only its
    own. ``watched``: of watched accounts alone; ``mine``: those that one has taken.
    """
    here = _ROWS.where(WARNING.c.branch_id == desk.branch_id, _standing(state))
    if kind is not None:
        here = here.where(WARNING.c.kind == kind)
    if watched:
        here = here.where(WARNING.c.watched)
    if mine:
        here = here.where(WARNING.c.taken_by == desk.account_id)
    keys = (WARNING.c.state, WARNING.c.raised_at, WARNING.c.id)
    newest_first = state is WarningState.DONE
    return fetch_page(desk.sql, here, keys, cursor, lambda row: _view(desk, row), newest_first=newest_first)


def _standing(state: WarningState | None) -> ColumnElement[bool]:
    # "open" and "taken" follow one another behind "done": a range of the index, in its order.
    return WARNING.c.state > WarningState.DONE if state is None else WARNING.c.state == state


@question("warning.totals", allow=Permission.DECIDE_LIMITS)
def warning_totals(desk: Desk) -> WarningTotals:
    """How many early warnings are to be dealt with, in all and by kind."""
    asked = (
        select(WARNING.c.kind, WARNING.c.state, WARNING.c.watched, WARNING.c.taken_by, func.count().label("count"))
        .where(WARNING.c.branch_id == desk.branch_id, _standing(None))
        .group_by(WARNING.c.kind, WARNING.c.state, WARNING.c.watched, WARNING.c.taken_by)
    )
    groups = desk.sql.execute(asked).fetchall()
    kinds = dict.fromkeys(WarningKind, 0)
    for each in groups:
        kinds[each.kind] += each[-1]
    return WarningTotals(
        free=sum(each[-1] for each in groups if each.state is WarningState.OPEN),
        taken=sum(each[-1] for each in groups if each.state is WarningState.TAKEN),
        mine=sum(each[-1] for each in groups if each.taken_by == desk.actor.account_id),
        watched=sum(each[-1] for each in groups if each.watched),
        kinds=kinds,
    )


def _of_warning(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The warning named by the argument ``warning``: it counts for four eyes, and does not stand in the customer's own
    log.
    """
    id = arguments["warning"]
    found = desk.db.execute(_ONE, {"id": id}).one_or_none()
    if found is None:
        raise no_such("warning")
    desk.keep(id, found[0])
    return Subject("warning", id, index=found.id_index, version=found[0].version)


@operation("warning.take", allow=Permission.DECIDE_LIMITS, subject=_of_warning)
def take_warning(desk: Desk, warning: UUID) -> WarningView:
    """Take an early warning that nobody has, to deal with it."""
    record = _undone(desk, warning)
    _not_a_colleagues(desk, record)
    _taken(desk, record)
    return _show(desk, warning)


@operation("warning.give_back", allow=Permission.DECIDE_LIMITS, subject=_of_warning)
def give_warning_back(desk: Desk, warning: UUID) -> WarningView:
    """Give an early warning back, so that somebody else can take it; one that an absent colleague has, too."""
    record = _undone(desk, warning)
    if record.state is WarningState.OPEN:
        raise Conflict("Nobody has this warning.", hint="Take it, or leave it.", code="conflict.not_taken")
    desk.note(taken_by=name_of(desk, record.taken_by))
    record.state, record.taken_by, record.taken_at = WarningState.OPEN, None, None
    record.version += 1
    return _show(desk, warning)


@operation("warning.done", allow=Permission.DECIDE_LIMITS, subject=_of_warning)
def deal_with_warning(desk: Desk, warning: UUID, measure: WarningMeasure, note: str) -> WarningView:
    """Record what was done about an early warning, and what came of it."""
    record = _undone(desk, warning)
    _not_a_colleagues(desk, record)
    _taken(desk, record)
    record.note = free_text("note", note, most=NOTE_LENGTH, required=True)
    record.state, record.measure = WarningState.DONE, measure
    record.done_by, record.done_at = desk.account_id, desk.now
    desk.note(kind=record.kind, measure=measure)
    return _show(desk, warning)


def _undone(desk: Desk, warning: UUID) -> EarlyWarning:
    """The record. Raises Conflict where it was dealt with already."""
    record = desk.record(EarlyWarning, warning)
    if record.state is WarningState.DONE:
        raise Conflict(
            "{name} has dealt with this warning already.",
            hint="Look at the list again.",
            code="conflict.done",
            name=name_of(desk, record.done_by),
        )
    return record


def _not_a_colleagues(desk: Desk, record: EarlyWarning) -> None:
    if record.taken_by is not None and record.taken_by != desk.account_id:
        raise Conflict(
            "{name} has this warning.",
            hint="Take another one; what an absent colleague has can be given back.",
            code="conflict.taken",
            name=name_of(desk, record.taken_by),
        )


def _taken(desk: Desk, record: EarlyWarning) -> None:
    """It is the actor's from now on, if it was not before."""
    if record.state is WarningState.OPEN:
        record.state, record.taken_by, record.taken_at = WarningState.TAKEN, desk.account_id, desk.now
    record.version += 1


def _show(desk: Desk, warning: UUID) -> WarningView:
    return _view(desk, desk.sql.execute(_SHOWN, {"id": warning}).one())


def _view(desk: Desk, row: Row[Any]) -> WarningView:
    return WarningView(
        id=row.id,
        account=row.card_account_id,
        customer_id=row.customer_id,
        customer=row.name,
        last4=row.last4 or "",
        limit=row.credit_limit,
        kind=row.kind,
        state=row.state,
        watched=row.watched,
        rests_on=row.rests_on,
        figures=from_json(row.figures),
        advice=advice_for(row.kind),
        raised_at=row.raised_at,
        taken_by=name_of(desk, row.taken_by),
        taken_at=row.taken_at,
        done_by=name_of(desk, row.done_by),
        done_at=row.done_at,
        measure=row.measure,
        note=row.note,
        mine=row.taken_by is not None and row.taken_by == desk.actor.account_id,
        own=desk.is_self(row.id_index),
        policy_version=row.policy_version,
        version=row.version,
    )
