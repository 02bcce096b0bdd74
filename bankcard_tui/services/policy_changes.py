"""Changing the policy: proposed by one person, signed by another, in force from a day on, never in the past."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from bankcard_tui.desk import pending
from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.desk.pending import REQUEST
from bankcard_tui.desk.registry import REGISTRY
from bankcard_tui.errors import InvalidForm, InvalidInput, Phrase, Refused, VerificationFailed
from bankcard_tui.models.request import Request
from bankcard_tui.rules.free_text import free_line
from bankcard_tui.rules.policy_values import changed, differences, of_limits, values_of
from bankcard_tui.rules.terms import STAFF_ROLES, Role
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.four_eyes import SIGNED_WITH
from bankcard_tui.services.policy_versions import beginning, newest_version, policy_at, put_in_force
from bankcard_tui.services.policy_views import AlteredChange, DifferenceView, WaitingChange, difference_views
from bankcard_tui.services.requests import IN_ORDER, live

CHANGING = (Permission.MANAGE_LIMIT_RULES, Permission.MANAGE_POLICY)
LIMIT_RULES_KIND, POLICY_KIND = "limit_rules", "policy"
FURTHEST_DAYS = 366
"""How many days before its day a change can be made."""


def _kind_of(names: Collection[str]) -> str:
    """What a request to change these figures is about, which says who signs it."""
    return LIMIT_RULES_KIND if names and all(map(of_limits, names)) else POLICY_KIND


def _rules(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The policy, or the rules of limits in it. They are nobody's own; when another change comes first, the question
    is another one.
    """
    return Subject(_kind_of(arguments["changes"]), desk.branch_id, None, b"", newest_version(desk))


def _second_person(desk: Desk, arguments: dict[str, Any]) -> tuple[Permission, ...]:
    return SIGNED_WITH[_kind_of(arguments["changes"])]


@operation("policy.change", allow=CHANGING, subject=_rules, signatures=_second_person)
def change_policy(desk: Desk, changes: dict[str, str], note: str, from_day: date | None = None) -> int:
    """Change figures of the policy from a day on; without a day, with the second person's signature. Gives the number
    of the new version.

    Managers change the rules of limits, admins the other figures. A signature that comes after the day puts the change
    in force when it comes. Raises InvalidForm for values that can't be or are no change, Refused for figures that are
    not the actor's, Conflict where a change that is scheduled already would not go together with this one.
    """
    if desk.work.request is None:
        _check_day(desk, from_day)
    moment = beginning(desk, from_day)
    before = policy_at(desk, moment)
    now = values_of(before)
    _check_owner(desk, [name for name in changes if name in now])
    then = values_of(changed(before, changes))
    _check_difference({name: (now[name], then[name]) for name in changes})
    note = free_line("note", note, most=500)
    version = put_in_force(desk, changes, moment, note)
    changed_to = [f"{name}: {now[name] or '-'} -> {then[name] or '-'}" for name in changes]
    desk.note(version=version, changes=changed_to, in_force_from=moment.isoformat(), note=note)
    return version


def _check_day(desk: Desk, from_day: date | None) -> None:
    if from_day is None:
        return
    if from_day < desk.today:
        raise InvalidInput(
            "from_day",
            "The policy is not changed for days that have passed.",
            hint="Choose today or a later day.",
            code="policy.past",
        )
    if from_day > desk.today + timedelta(days=FURTHEST_DAYS):
        raise InvalidInput(
            "from_day", "This day lies more than a year ahead.", hint="Check the year.", code="policy.too_far"
        )


def _check_owner(desk: Desk, names: Collection[str]) -> None:
    """Raise Refused for the first figure that is not the actor's to change, or not together with the others."""
    kind = _kind_of(names)
    for name in names:
        own = LIMIT_RULES_KIND if of_limits(name) else POLICY_KIND
        if own != kind or not all(map(desk.actor.may, SIGNED_WITH[own])):
            raise Refused(
                "{name} is not yours to change.",
                hint="Managers change the rules of limits, admins all other figures.",
                code="refused.figure",
                name=name,
            )


def _check_difference(figures: Mapping[str, tuple[str, str]]) -> None:
    if not figures:
        raise InvalidInput("changes", "Nothing is to be changed.", hint="Name a figure and its new value.")
    same = [name for name, (before, after) in figures.items() if before == after]
    if same:
        raise InvalidForm([_no_change(name) for name in same])


def _no_change(name: str) -> InvalidInput:
    return InvalidInput(
        name, "The figure is this already.", hint="Leave it out, or give another value.", code="policy.same"
    )


def _second_factor_rules(desk: Desk, arguments: dict[str, Any]) -> Subject:
    return Subject(POLICY_KIND, desk.branch_id, None, b"", newest_version(desk))


def _second_admin(desk: Desk, arguments: dict[str, Any]) -> tuple[Permission, ...]:
    return SIGNED_WITH[POLICY_KIND]


@operation(
    "policy.demand_second_factor",
    allow=Permission.MANAGE_POLICY,
    subject=_second_factor_rules,
    signatures=_second_admin,
)
def demand_second_factor(desk: Desk, roles: frozenset[Role]) -> int:
    """Demand a second factor of everybody in these roles, and of nobody else. Gives the new version of the policy.

    Who must have one and has none keeps the own account and the own log until it is there.
    """
    if not roles <= frozenset(STAFF_ROLES):
        raise InvalidInput("roles", "Only staff have a second factor.", hint="Choose among tellers, managers, admins.")
    desk.note(demanded=[role for role in STAFF_ROLES if role in roles], before=desk.policy.second_factor_roles)
    return put_in_force(desk, _demanding(roles), desk.now, "second factor")


def _demanding(roles: Collection[Role]) -> dict[str, str]:
    return {"second_factor_roles": ", ".join(role for role in STAFF_ROLES if role in roles)}


@question("policy.waiting", allow=CHANGING)
def waiting_changes(desk: Desk) -> tuple[WaitingChange | AlteredChange, ...]:
    """The changes that wait for a signature which the actor's permissions can give, the oldest first; what was altered
    in the store is shown as such.
    """
    kinds = [kind for kind in (LIMIT_RULES_KIND, POLICY_KIND) if all(map(desk.actor.may, SIGNED_WITH[kind]))]
    statement = select(REQUEST.c.id).where(*live(desk), REQUEST.c.subject_kind.in_(kinds)).order_by(*IN_ORDER)
    return tuple(_waiting(desk, desk.record(Request, id)) for id in desk.sql.execute(statement).scalars().all())


def _waiting(desk: Desk, request: Request) -> WaitingChange | AlteredChange:
    try:
        signed = len(pending.checked_signatures(desk, request))
    except VerificationFailed as error:
        return AlteredChange(id=request.id, problem=error.phrases)
    arguments = REGISTRY[request.operation].read_payload(request.payload)
    changes = arguments.get("changes") or _demanding(arguments["roles"])
    from_day = arguments.get("from_day")
    shown, problem = as_things_stand(desk, changes, from_day)
    return WaitingChange(
        request=pending.view_of(desk, request),
        of_limits=request.subject_kind == LIMIT_RULES_KIND,
        changes=changes,
        from_day=from_day,
        note=arguments.get("note", ""),
        differences=shown,
        problem=problem,
        mine=request.maker_id == desk.account_id,
        mine_to_sign=desk.actor.index != request.maker_index
        and desk.actor.may(Permission(request.needed.split()[signed])),
    )


def as_things_stand(
    desk: Desk, changes: Mapping[str, str], from_day: date | None
) -> tuple[tuple[DifferenceView, ...], tuple[Phrase, ...]]:
    """What a change would do to the policy that is known for its day, or why it can't."""
    before = policy_at(desk, beginning(desk, from_day))
    try:
        return difference_views(before, differences(before, changed(before, changes))), ()
    except InvalidForm as error:
        return (), tuple(phrase for problem in error.problems for phrase in problem.phrases)
