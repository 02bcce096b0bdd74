"""Four eyes: who may put which signature under a request, and whose own work an application is."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select

from bankcard_tui.desk.desk import Desk, on_oneself
from bankcard_tui.errors import Refused
from bankcard_tui.models.application import ApplicationDecision
from bankcard_tui.models.base import table
from bankcard_tui.models.request import Request, Signature
from bankcard_tui.rules.terms import Decision
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.limit_parties import LIMIT_KINDS, check_apart, proposals_of
from bankcard_tui.services.subjects import ACCOUNT, APPLICATION, PERSON

DECISION = table(ApplicationDecision)
_WHO_ENTERED = (
    select(PERSON.c.id_index)
    .join_from(APPLICATION, ACCOUNT, APPLICATION.c.entered_by == ACCOUNT.c.id)
    .join(PERSON, ACCOUNT.c.person_id == PERSON.c.id)
    .where(APPLICATION.c.id == bindparam("application"))
)
_WHO_REFUSED = (
    select(PERSON.c.id_index)
    .join_from(DECISION, ACCOUNT, DECISION.c.account_id == ACCOUNT.c.id)
    .join(PERSON, ACCOUNT.c.person_id == PERSON.c.id)
    .where(DECISION.c.application_id == bindparam("application"), DECISION.c.decision == Decision.REFUSE)
)
SIGNING = (Permission.SIGN_SECOND, Permission.SIGN_THIRD)
"""What the signatures after the first need under a limit, in order."""
SIGNED_WITH: dict[str, tuple[Permission, ...]] = {
    "application": SIGNING,
    "account": (Permission.MANAGE_STAFF,),
    "policy": (Permission.MANAGE_POLICY,),
    "limit_rules": (Permission.MANAGE_LIMIT_RULES,),
    "log": (Permission.PRUNE_LOGS,),
    "scorecard": (Permission.APPROVE_CARDS,),
    **dict.fromkeys(LIMIT_KINDS, SIGNING),
}
"""What signatures under a request can need, by the kind of what it is about."""
ADMINS_KINDS = tuple(
    kind for kind in SIGNED_WITH if kind not in ("application", "scorecard", "limit_rules", *LIMIT_KINDS)
)
ADMINS_SIGNING = tuple(each for kind in ADMINS_KINDS for each in SIGNED_WITH[kind])


def check_signer(desk: Desk, request: Request, signatures: Sequence[Signature]) -> None:
    """Raise Refused unless the next signature under a request, behind these ``signatures``, may be the actor's."""
    if not desk.actor.may(Permission(request.needed.split()[len(signatures)])):
        raise not_yours()
    if desk.actor.index in (request.maker_index, *(each.signer_index for each in signatures)):
        raise Refused(
            "You have signed this already: four eyes see more than two.",
            hint="Ask a colleague to sign.",
            code="refused.same_person",
        )
    if desk.actor.index is None or request.subject_index == desk.actor.index:
        raise on_oneself()
    check_uninvolved(desk, request)


def not_yours() -> Refused:
    """The refusal for whoever may sign other things, and not this."""
    return Refused(
        "This signature is not yours to give.",
        hint="Ask a colleague who may sign such requests.",
        code="refused.permission",
    )


def check_uninvolved(desk: Desk, request: Request) -> None:
    """Raise Refused where the person at the desk may not decide on what a request is about."""
    check_impartial(desk, request.subject_id)
    check_apart(desk, proposals_of(request.subject_kind, request.subject_id, request.payload))


def check_impartial(desk: Desk, application: UUID) -> None:
    """Raise Refused where the person at the desk, under whichever account, may not decide on this application."""
    problem = partiality(desk, application)
    if problem is not None:
        raise problem


def partiality(desk: Desk, application: UUID) -> Refused | None:
    """Why the person at the desk may not decide on this application: they entered it, or they have refused it, and the
    customer has asked that somebody else looks at it again.
    """
    asked = {"application": application}
    if desk.is_self(desk.sql.execute(_WHO_ENTERED, asked).scalar_one_or_none()):
        return on_oneself()
    if any(desk.is_self(index) for index in desk.sql.execute(_WHO_REFUSED, asked).scalars()):
        return Refused(
            "Somebody else looks at it again: you have refused it before.",
            hint="Take another application; a colleague decides on this one.",
            code="refused.same_reviewer",
        )
    return None
