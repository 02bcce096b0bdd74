"""The review desk: the queue, claims, the view for deciding, and the decisions."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, or_, select, text

from bankcard_tui.decision.opinion import Opinion, differs, facts_of, opinion_to_plain
from bankcard_tui.desk.access import not_allowed
from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.desk.pending import checked_signatures, refuse_second_request, waiting_for
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict, InvalidInput, Phrase, Refused
from bankcard_tui.models.application import IN_QUEUE, Application, ApplicationDecision
from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.free_text import free_text
from bankcard_tui.rules.hard_rules import BrokenRule
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.odds import least_points
from bankcard_tui.rules.signatures import signers_for_limit
from bankcard_tui.rules.terms import ApplicationStatus, CardKind, Decision, RefusalReason, RequestStatus
from bankcard_tui.rules.tiers import check_limit, lowest_limit, room_in_total
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.application_views import REQUEST, ApplicationRow, application_rows, show_application
from bankcard_tui.services.applications import ApplicationFile, application_file, change_status, row_of
from bankcard_tui.services.cards import issue_card
from bankcard_tui.services.claims import held, let_go, take
from bankcard_tui.services.customer_views import CustomerFile, file_of
from bankcard_tui.services.four_eyes import SIGNING, check_impartial, check_signer, partiality
from bankcard_tui.services.opinions import Advice, advise, applicant_of, opinion_on
from bankcard_tui.services.paging import Page, fetch_page
from bankcard_tui.services.subjects import APPLICATION, of_application
from bankcard_tui.store.types import new_id

QUEUE_ROWS = 100
WAITING = REQUEST.alias()
"""A table of its own: the lists show the request beside the application and would lend theirs to the question whether
one waits.
"""


class ReviewFile(View):
    """All that stands side by side on the review desk.

    A limit from ``lowest_limit`` to ``highest_limit`` can be granted (none when the first is above the second).
    ``grade_floors`` are the fewest points of excellent, good and medium; up to the first of ``signature_bounds`` a
    limit needs one signature, up to the second two, above it three.
    """

    application: ApplicationFile
    customer: CustomerFile
    advice: Advice
    lowest_limit: Money
    highest_limit: Money
    grade_floors: tuple[int, int, int]
    signature_bounds: tuple[Money, Money]


@question("review.queue", allow=Permission.REVIEW_APPLICATIONS)
def queue(desk: Desk, kind: CardKind | None = None, cursor: str | None = None) -> Page[ApplicationRow]:
    """Applications that wait for a review, the oldest first; those in review show who has them."""
    statement = application_rows().where(*waiting_for_review(desk, kind))
    keys = (APPLICATION.c.submitted_at, APPLICATION.c.id)
    return fetch_page(
        desk.sql, statement, keys, cursor, lambda row: show_application(row, desk.now), newest_first=False
    )


@operation("review.claim", allow=Permission.REVIEW_APPLICATIONS, subject=of_application)
def claim(desk: Desk, application: UUID) -> ReviewFile:
    """Claim an application and open it for review. Claiming again holds it longer."""
    record = desk.record(Application, application)
    check_impartial(desk, record.id)
    take(desk, record)
    desk.note(number=record.number)
    return review_file(desk, record)


@operation("review.next", allow=Permission.REVIEW_APPLICATIONS, idempotent=False)
def claim_next(desk: Desk, kind: CardKind | None = None, after: UUID | None = None) -> ReviewFile | None:
    """Claim the oldest application that is free and oneself may decide on; with ``after``, the oldest behind that one.

    None when nothing waits.
    """
    free = or_(
        APPLICATION.c.status == ApplicationStatus.SUBMITTED,
        APPLICATION.c.claimed_until <= desk.now,
        APPLICATION.c.claimed_by == desk.account_id,
    )
    dead = desk.bank.presence.dead()
    if dead:
        free = or_(free, APPLICATION.c.claimed_session.in_(dead))
    statement = select(APPLICATION.c.id).where(*waiting_for_review(desk, kind), free)
    if after is not None:
        at = desk.sql.execute(select(APPLICATION.c.submitted_at).where(APPLICATION.c.id == after)).scalar_one_or_none()
        if at is not None:
            later = and_(APPLICATION.c.submitted_at == at, APPLICATION.c.id > after)
            statement = statement.where(APPLICATION.c.submitted_at >= at, or_(APPLICATION.c.submitted_at > at, later))
    ordered = statement.order_by(APPLICATION.c.submitted_at, APPLICATION.c.id).limit(QUEUE_ROWS)
    for id in desk.sql.execute(ordered).scalars().all():
        subject = of_application(desk, {"application": id})
        if desk.is_self(subject.index) or partiality(desk, id) is not None:
            continue
        record = desk.record(Application, id)
        if held(desk, record) and record.claimed_by != desk.account_id:
            continue
        desk.about(subject)
        take(desk, record)
        desk.note(number=record.number)
        return review_file(desk, record)
    return None


@operation("review.release", allow=Permission.REVIEW_APPLICATIONS, subject=of_application)
def release(desk: Desk, application: UUID) -> None:
    """Give a claimed application back to the queue without deciding."""
    record = desk.record(Application, application)
    _check_claim(desk, record)
    let_go(desk, record)


def _of_file(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The application whose file is looked at: by reviewers, and by whoever is asked for the next signature."""
    if not desk.actor.may(Permission.REVIEW_APPLICATIONS):
        request = waiting_for(desk, "application", arguments["application"])
        if request is None:
            raise not_allowed(desk.actor)
        check_signer(desk, request, checked_signatures(desk, request))
    return of_application(desk, arguments)


@question("review.look", allow=(Permission.REVIEW_APPLICATIONS, *SIGNING), subject=_of_file, opens=True)
def look(desk: Desk, application: UUID) -> ReviewFile:
    """Look at an application with its opinion without claiming it: what waits for a signature, or is decided."""
    return review_file(desk, desk.record(Application, application))


def further_signatures(desk: Desk, arguments: dict[str, Any]) -> tuple[Permission, ...]:
    """The permissions that the signatures after the first need for a limit."""
    return SIGNING[: signers_for_limit(arguments["limit"], desk.policy) - 1]


@operation(
    "application.approve",
    allow=Permission.REVIEW_APPLICATIONS,
    subject=of_application,
    signatures=further_signatures,
)
def approve(
    desk: Desk, application: UUID, limit: Money, note: str = "", against_reason: str = "", seen_card: str = ""
) -> ApplicationRow:
    """Approve an application with a limit inside its tier; the card is issued with the last signature. Staff alone read
    the note and the reason against the opinion. ``seen_card`` is the digest of the points card whose opinion was seen.
    """
    record = desk.record(Application, application)
    _check_claim(desk, record)
    applicant = applicant_of(desk, record)
    opinion = _opinion_seen(desk, applicant, seen_card)
    if opinion.blocked:
        raise Refused(
            "This can't be approved: {rules}",
            hint="Return the application, or refuse it.",
            code="refused.hard_rule",
            rules=_first(opinion.broken),
        )
    check_limit("limit", limit, opinion.grade, applicant, desk.policy)
    _decide(desk, record, applicant, opinion, Decision.APPROVE, limit, (), note, against_reason)
    record.approved_limit = limit
    change_status(desk, record, ApplicationStatus.APPROVED)
    card = issue_card(desk, record, limit, opinion.grade)
    desk.note(number=record.number, limit=limit, grade=opinion.grade, card=card)
    return row_of(desk, application)


@operation("application.refuse", allow=Permission.REVIEW_APPLICATIONS, subject=of_application)
def refuse(
    desk: Desk,
    application: UUID,
    reasons: tuple[RefusalReason, ...],
    message: str = "",
    note: str = "",
    against_reason: str = "",
    seen_card: str = "",
) -> ApplicationRow:
    """Refuse an application with one reason or more. The customer reads the reasons and the message, staff alone the
    note and the reason against the opinion. ``seen_card`` is the digest of the points card whose opinion was seen.
    """
    record = desk.record(Application, application)
    _check_claim(desk, record)
    if not reasons:
        raise InvalidInput("reasons", "A refusal names at least one reason.", hint="Choose what weighed most.")
    said = free_text("message", message)
    if RefusalReason.OTHER in reasons and not said:
        raise InvalidInput("message", "Say what the other reason is.", hint="The customer reads this sentence.")
    once = tuple(dict.fromkeys(reasons))
    applicant = applicant_of(desk, record)
    opinion = _opinion_seen(desk, applicant, seen_card)
    _decide(desk, record, applicant, opinion, Decision.REFUSE, None, once, note, against_reason)
    change_status(desk, record, ApplicationStatus.REFUSED, reasons=once, note=said)
    desk.note(number=record.number, reasons=reasons)
    return row_of(desk, application)


@operation("application.return", allow=Permission.REVIEW_APPLICATIONS, subject=of_application)
def send_back(desk: Desk, application: UUID, message: str, note: str = "") -> ApplicationRow:
    """Return an application for more documents or facts; the message tells the customer what is missing, staff alone
    read the note.
    """
    record = desk.record(Application, application)
    _check_claim(desk, record)
    said = free_text("message", message)
    if not said:
        raise InvalidInput("message", "Say what is missing.", hint="The customer reads this sentence.")
    applicant = applicant_of(desk, record)
    _decide(desk, record, applicant, opinion_on(desk, applicant), Decision.RETURN, None, (), note, "")
    change_status(desk, record, ApplicationStatus.RETURNED, note=said)
    desk.note(number=record.number)
    return row_of(desk, application)


def review_file(desk: Desk, record: Application) -> ReviewFile:
    """Applicant, history and opinion of one application."""
    desk.work.flush()
    policy, applicant = desk.policy, applicant_of(desk, record)
    advice = advise(desk, record, applicant)
    grade = advice.opinion.grade
    excellent, good, medium = policy.grade_bounds_percent
    customer = file_of(desk, record.customer_id)
    row = next(each for each in customer.applications if each.id == record.id)
    return ReviewFile(
        application=application_file(desk, record.id, row, inside=True),
        customer=customer,
        advice=advice,
        lowest_limit=lowest_limit(grade, applicant, policy),
        highest_limit=min(policy.tier(grade).highest, room_in_total(applicant, policy).rounded_down(policy.limit_step)),
        grade_floors=(
            least_points(excellent, advice.scale),
            least_points(good, advice.scale),
            least_points(medium, advice.scale),
        ),
        signature_bounds=(policy.first_signature_up_to, policy.second_signature_up_to),
    )


def waiting_for_review(desk: Desk, kind: CardKind | None) -> list[Any]:
    """The conditions of the queue: to be reviewed, and not waiting for a signature."""
    pending = exists().where(
        WAITING.c.subject_id == APPLICATION.c.id,
        WAITING.c.subject_kind == "application",
        WAITING.c.status == RequestStatus.PENDING,
        WAITING.c.expires_at > desk.now,
    )
    conditions: list[Any] = [
        APPLICATION.c.branch_id == desk.branch_id,
        text(f"application.{IN_QUEUE}"),
        ~pending,
    ]
    return [*conditions, APPLICATION.c.kind == kind] if kind is not None else conditions


def _check_claim(desk: Desk, record: Application) -> None:
    """Raise Conflict unless the actor may decide: the claim is theirs, and nothing waits for a signature."""
    check_impartial(desk, record.id)
    if desk.work.request is not None:
        return  # signed: the claim was checked when the request was made
    refuse_second_request(desk, desk.subject)
    if not held(desk, record) or record.claimed_by != desk.account_id:
        raise Conflict(
            "You do not hold this application any more.",
            hint="Claim it again; nothing was decided.",
            code="conflict.not_claimed",
        )


def _opinion_seen(desk: Desk, applicant: Applicant, seen_card: str) -> Opinion:
    """The opinion that is decided on. Raises Conflict where another points card gives it than the one looked at."""
    opinion = opinion_on(desk, applicant)
    if seen_card and opinion.card_hash != seen_card:
        raise Conflict(
            "Another points card gives opinions now.",
            hint="Look at its opinion, then decide; nothing was decided.",
            code="conflict.other_card",
        )
    return opinion


def _decide(
    desk: Desk,
    record: Application,
    applicant: Applicant,
    opinion: Opinion,
    decision: Decision,
    limit: Money | None,
    reasons: tuple[RefusalReason, ...],
    note: str,
    against_reason: str,
) -> None:
    against = differs(opinion, decision)
    why = free_text("against_reason", against_reason, most=500)
    if against and not why:
        raise InvalidInput(
            "against_reason",
            "This goes against the opinion: say why.",
            hint="One sentence; it is kept with the decision.",
            code="input.against_reason",
        )
    desk.add(
        ApplicationDecision,
        id=new_id(desk.now),
        application_id=record.id,
        at=desk.now,
        account_id=desk.account_id,
        decision=decision,
        grade=opinion.grade,
        limit_granted=limit,
        reasons=" ".join(reasons),
        note=free_text("note", note),
        against=against,
        against_reason=why,
        points=opinion.points,
        opinion=json.dumps(opinion_to_plain(opinion), ensure_ascii=False),
        facts=json.dumps(facts_of(applicant)),
        card=opinion.card,
        policy_version=desk.policy_version,
        request_id=desk.work.request,
    )
    desk.note(policy_version=desk.policy_version, against=against)


def _first(broken: tuple[BrokenRule, ...]) -> Phrase:
    return next(rule.said for rule in broken if rule.blocking)
