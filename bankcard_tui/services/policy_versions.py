"""The versions of the policy: which is in force when, and how a change takes force.

A change is kept as the named values that it sets. One that takes force before others that are scheduled does not end
with their day: each of them is written again, on the same day, with its own values on top of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select

from bankcard_tui.desk.access import ACCOUNT, POLICY
from bankcard_tui.desk.bank import policy_altered
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import question
from bankcard_tui.desk.pending import SIGNATURE
from bankcard_tui.errors import Conflict, InvalidForm
from bankcard_tui.rules.policy import Policy, to_plain
from bankcard_tui.rules.policy_values import Difference, changed, values_of
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.paging import Page, fetch_page
from bankcard_tui.services.policy_views import VersionState, VersionView, difference_views

SEE_POLICY = (Permission.SEE_POLICY, Permission.RECORD_OUTCOMES)
"""Who may read the policy; the system does so for whoever runs commands."""


def newest_version(desk: Desk) -> int:
    """The number of the version that was written last."""
    newest = select(func.max(POLICY.c.version)).where(POLICY.c.branch_id == desk.branch_id)
    return int(desk.sql.execute(newest).scalar_one())


def beginning(desk: Desk, from_day: date | None) -> datetime:
    """When a change takes force: with that day at the branch, and never before now."""
    if from_day is None or from_day <= desk.today:
        return desk.now
    return datetime.combine(from_day, time(), ZoneInfo(desk.bank.branch.zone))


def policy_at(desk: Desk, moment: datetime) -> Policy:
    """The policy in force at ``moment``, as far as it is known today."""
    return desk.bank.policy_in_force(desk.sql, moment)


def put_in_force(desk: Desk, changes: Mapping[str, str], moment: datetime, note: str) -> int:
    """Put ``changes`` in force from ``moment`` on, and return the number of the version.

    Raises InvalidForm for values that can't be, Conflict when a change that is scheduled for later would not go
    together with them.
    """
    before = policy_at(desk, moment)
    policy = changed(before, changes)
    version = newest_version(desk) + 1
    _write(desk, version, policy, _changes(before, policy, changes), moment, _by(desk, note))
    for place, later in enumerate(_scheduled(desk, moment), start=version + 1):
        differences = _changes_of(later)
        if differences is None:
            raise policy_altered(later.version)
        before, own = policy, {each.name: each.after for each in differences}
        try:
            policy = changed(before, own)
        except InvalidForm as error:
            raise _at_odds(desk, later.in_force_from, error) from error
        by = {name: getattr(later, name) for name in ("proposed_by", "approved_by", "note", "request_id")}
        _write(desk, place, policy, _changes(before, policy, own), later.in_force_from, by)
    return version


def _scheduled(desk: Desk, moment: datetime) -> list[Any]:
    """Every change that takes force after ``moment``, in the order in which they do; of one that was written again, the
    last writing.
    """
    rows = desk.sql.execute(
        select(POLICY)
        .where(POLICY.c.branch_id == desk.branch_id, POLICY.c.in_force_from > moment)
        .order_by(POLICY.c.in_force_from, POLICY.c.version)
    )
    last = {(row.in_force_from, row.request_id): row for row in rows}
    return sorted(last.values(), key=lambda row: (row.in_force_from, row.version))


def _changes_of(row: Any) -> tuple[Difference, ...] | None:
    """What a version changed; None where somebody has written something else there."""
    try:
        return tuple(Difference(name, str(old), str(new)) for name, (old, new) in json.loads(row.changes).items())
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _at_odds(desk: Desk, begins: datetime, error: InvalidForm) -> Conflict:
    first = error.problems[0]
    return Conflict(
        "This does not go together with what is scheduled for {day}: {name}: {why}",
        hint="Choose other figures, or a day after that.",
        code="conflict.scheduled",
        day=desk.bank.day_of(begins).isoformat(),
        name=first.field,
        why=first.phrases[0],
    )


def _changes(before: Policy, after: Policy, names: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    old, new = values_of(before), values_of(after)
    return {name: (old[name], new[name]) for name in names}


def _by(desk: Desk, note: str) -> dict[str, Any]:
    """Who has asked for what runs now, and who has signed it last."""
    signers = select(SIGNATURE.c.account_id).where(SIGNATURE.c.request_id == desk.work.request)
    last: UUID | None = desk.sql.execute(signers.order_by(SIGNATURE.c.place.desc()).limit(1)).scalar_one_or_none()
    return {"proposed_by": desk.account_id, "approved_by": last, "note": note, "request_id": desk.work.request}


def _write(
    desk: Desk,
    version: int,
    policy: Policy,
    changes: Mapping[str, tuple[str, str]],
    moment: datetime,
    by: Mapping[str, Any],
) -> None:
    desk.sql.execute(
        insert(POLICY).values(
            branch_id=desk.branch_id,
            version=version,
            policy=json.dumps(to_plain(policy)),
            in_force_from=moment,
            changes=json.dumps(changes, ensure_ascii=False),
            **by,
        )
    )


@question("policy.versions", allow=SEE_POLICY)
def list_versions(desk: Desk, cursor: str | None = None) -> Page[VersionView]:
    """The versions of the policy, the newest first: who proposed and approved each, from when, and what it changed."""
    proposer, approver = ACCOUNT.alias(), ACCOUNT.alias()
    again = POLICY.alias()
    replaced = (
        select(again.c.version)
        .where(
            again.c.branch_id == POLICY.c.branch_id,
            again.c.in_force_from == POLICY.c.in_force_from,
            again.c.request_id == POLICY.c.request_id,
            again.c.version > POLICY.c.version,
        )
        .correlate(POLICY)
        .exists()
    )
    statement = (
        select(
            POLICY,
            proposer.c.display_name.label("proposer"),
            approver.c.display_name.label("approver"),
            replaced.label("replaced"),
        )
        .outerjoin_from(POLICY, proposer, proposer.c.id == POLICY.c.proposed_by)
        .outerjoin(approver, approver.c.id == POLICY.c.approved_by)
        .where(POLICY.c.branch_id == desk.branch_id)
    )

    def show(row: Any) -> VersionView:
        own = _changes_of(row)
        return VersionView(
            version=row.version,
            in_force_from=row.in_force_from,
            state=VersionState.ALTERED if own is None else _state(desk, row),
            proposed_by=row.proposer or "",
            approved_by=row.approver or "",
            note=row.note,
            differences=difference_views(desk.policy, own or ()),
        )

    return fetch_page(desk.sql, statement, (POLICY.c.version,), cursor, show, newest_first=True)


def _state(desk: Desk, row: Any) -> VersionState:
    if row.version == desk.policy_version:
        return VersionState.IN_FORCE
    if row.replaced:
        return VersionState.REPLACED
    return VersionState.SCHEDULED if row.in_force_from > desk.now else VersionState.PAST


def last_moment(desk: Desk, day: date) -> datetime:
    """The last moment of a day at the branch."""
    return datetime.combine(day, time(), ZoneInfo(desk.bank.branch.zone)) + timedelta(days=1, microseconds=-1)
