"""Proposals for limits: the list to work off, one in full, signing it and refusing it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select, type_coerce

from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict, InvalidInput, Phrase, Refused
from bankcard_tui.models.card import CardAccount
from bankcard_tui.models.limit import LimitProposal
from bankcard_tui.rules.free_text import free_text
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.odds import least_points
from bankcard_tui.rules.special_limits import Bounds
from bankcard_tui.rules.terms import (
    EvaluationResult,
    Grade,
    LimitChangeKind,
    ProposalOrigin,
    ProposalState,
    SpendingClass,
)
from bankcard_tui.rules.tiers import total_limit
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.customer_views import CustomerFile, file_of
from bankcard_tui.services.evaluations import evaluate_account
from bankcard_tui.services.four_eyes import SIGNING
from bankcard_tui.services.limit_changes import Change, change_limits, end
from bankcard_tui.services.limit_parties import check_apart
from bankcard_tui.services.limit_rows import (
    BESIDE,
    EVALUATION,
    limits_of_account,
    proposal_rows,
    showing,
    signers,
    waiting_proposals,
)
from bankcard_tui.services.limit_rules import Standing, bounds_now, check_amount, check_reason, grade_after, standing_of
from bankcard_tui.services.limit_views import LimitView, ProposalTotals, ProposalView
from bankcard_tui.services.limits_held import held_by
from bankcard_tui.services.notices import tell_of_refusal
from bankcard_tui.services.opinions import Advice
from bankcard_tui.services.outbox import deliver_now
from bankcard_tui.services.paging import Page, fetch_page
from bankcard_tui.services.phrases import from_json
from bankcard_tui.services.subjects import CARD_ACCOUNT, PROPOSAL, of_proposal, unseen
from bankcard_tui.store.types import Fen


class ProposalFile(View):
    """All that stands side by side where somebody decides on a proposal.

    It can be carried out with an amount from ``lowest`` to ``highest``; with none where ``problem`` says why not.
    ``today`` is what a re-evaluation would come to now, and ``after`` the limit that it would propose or leave.
    ``grade_floors`` are the fewest points of excellent, good and medium; up to the first of ``signature_bounds`` what
    may be owed on the account needs one signature, up to the second two, above it three.
    """

    proposal: ProposalView
    limit: LimitView
    customer: CustomerFile
    advice: Advice
    today: EvaluationResult
    after: Money
    owed: Money
    own_limits: Money
    total_limit: Money
    lowest: Money
    highest: Money
    problem: tuple[Phrase, ...]
    grade_floors: tuple[int, int, int]
    signature_bounds: tuple[Money, Money]


@question("limit.proposals", allow=Permission.DECIDE_LIMITS)
def proposals(
    desk: Desk,
    kind: LimitChangeKind | None = None,
    origin: ProposalOrigin | None = None,
    grade: Grade | None = None,
    spending_class: SpendingClass | None = None,
    state: ProposalState = ProposalState.OPEN,
    cursor: str | None = None,
) -> Page[ProposalView]:
    """Proposals for limits, the oldest first; ``grade`` is the one that the new limit would rest on."""
    statement = proposal_rows(desk).where(*_asked(desk, kind, origin, grade, spending_class, state))
    keys = (PROPOSAL.c.made_at, PROPOSAL.c.id)
    return fetch_page(desk.sql, statement, keys, cursor, showing(desk), newest_first=False)


@question("limit.proposal_totals", allow=Permission.DECIDE_LIMITS)
def proposal_totals(
    desk: Desk,
    kind: LimitChangeKind | None = None,
    origin: ProposalOrigin | None = None,
    grade: Grade | None = None,
    spending_class: SpendingClass | None = None,
    state: ProposalState = ProposalState.OPEN,
) -> ProposalTotals:
    """What all proposals of such a list come to."""
    amount, limit = PROPOSAL.c.amount, CARD_ACCOUNT.c.credit_limit
    of_kind = {each: PROPOSAL.c.kind == each for each in LimitChangeKind}
    raised = case(
        (of_kind[LimitChangeKind.RAISE] & (amount > limit), amount - limit),
        (PROPOSAL.c.kind.in_(BESIDE), amount),
    )
    # Said plainly: a difference of two columns comes without their type.
    reduced = type_coerce(case((of_kind[LimitChangeKind.REDUCTION] & (amount < limit), limit - amount)), limit.type)
    found = desk.sql.execute(
        select(
            func.count().label("proposals"),
            func.count(case((of_kind[LimitChangeKind.RAISE], 1))).label("raises"),
            func.count(case((of_kind[LimitChangeKind.REDUCTION], 1))).label("reductions"),
            func.sum(raised, type_=Fen()).label("raised"),
            func.sum(reduced, type_=Fen()).label("reduced"),
        )
        .join_from(PROPOSAL, CARD_ACCOUNT, PROPOSAL.c.card_account_id == CARD_ACCOUNT.c.id)
        .outerjoin(EVALUATION, PROPOSAL.c.evaluation_id == EVALUATION.c.id)
        .where(*_asked(desk, kind, origin, grade, spending_class, state))
    ).one()
    return ProposalTotals(
        count=found.proposals,
        raises=found.raises,
        reductions=found.reductions,
        others=found.proposals - found.raises - found.reductions,
        raised=found.raised or ZERO,
        reduced=found.reduced or ZERO,
    )


def _asked(
    desk: Desk,
    kind: LimitChangeKind | None,
    origin: ProposalOrigin | None,
    grade: Grade | None,
    spending_class: SpendingClass | None,
    state: ProposalState,
) -> list[ColumnElement[bool]]:
    asked = ((PROPOSAL.c.kind, kind), (PROPOSAL.c.origin, origin), (PROPOSAL.c.grade, grade))
    conditions = [PROPOSAL.c.branch_id == desk.branch_id, PROPOSAL.c.state == state]
    conditions += [column == value for column, value in asked if value is not None]
    return [*conditions, EVALUATION.c.spending_class == spending_class] if spending_class is not None else conditions


@question("limit.open", allow=(Permission.DECIDE_LIMITS, *SIGNING), subject=of_proposal, opens=True)
def open_proposal(desk: Desk, proposal: UUID) -> ProposalFile:
    """Open a proposal with the limit, the customer's file, and the opinion as things stand now."""
    record, account = _records(desk, proposal)
    standing = standing_of(desk, account)
    policy, applicant = desk.policy, standing.applicant
    bounds, problem = Bounds(ZERO, ZERO), tuple[Phrase, ...]()
    try:
        bounds = bounds_now(desk, standing, record)
    except (Refused, InvalidInput) as error:
        problem = error.phrases
    evaluated = evaluate_account(desk, account.id)
    advice = evaluated.advice
    excellent, good, medium = policy.grade_bounds_percent
    return ProposalFile(
        proposal=view_of(desk, proposal),
        limit=limits_of_account(desk, account.id),
        customer=file_of(desk, account.customer_id),
        advice=advice,
        today=evaluated.result,
        after=evaluated.after,
        owed=standing.owed,
        own_limits=applicant.own_limits,
        total_limit=total_limit(applicant, policy),
        lowest=bounds.lowest,
        highest=bounds.highest,
        problem=problem,
        grade_floors=(
            least_points(excellent, advice.scale),
            least_points(good, advice.scale),
            least_points(medium, advice.scale),
        ),
        signature_bounds=(policy.first_signature_up_to, policy.second_signature_up_to),
    )


def _further(desk: Desk, arguments: dict[str, Any]) -> tuple[Permission, ...]:
    """The permissions that the signatures after the first need, by what may be owed in all afterwards."""
    record, account = _records(desk, arguments["proposal"])
    index = desk.subject.index or b""
    running = held_by(desk, [index])[index].beside(account.id)
    return SIGNING[: signers(record.kind, account.credit_limit, running, arguments["amount"], desk.policy) - 1]


@operation("limit.sign", allow=Permission.DECIDE_LIMITS, subject=of_proposal, signatures=_further, after=deliver_now)
def sign(desk: Desk, proposal: UUID, version: int, amount: Money, note: str = "") -> ProposalView:
    """Carry a proposal out with the ``amount`` that was seen, or a smaller one; it takes effect with the last
    signature. Staff alone read the note, in the log; against the opinion it has to say why.
    """
    record, account = _records(desk, proposal)
    _check_free(desk, record, account, version)
    standing, why = standing_of(desk, account), free_text("note", note, most=500)
    change = checked(desk, standing, record, amount)
    check_reason(standing, record, why)
    change_limits(desk, [change])
    desk.note(account=account.id, kind=record.kind, amount=amount, note=why)
    return view_of(desk, proposal)


def _of_refused(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The proposal named by the argument ``proposal``; whoever did not ask for it is not told of it in the own log."""
    subject = of_proposal(desk, arguments)
    asked = desk.record(LimitProposal, subject.id).origin is ProposalOrigin.CUSTOMER
    return subject if asked else unseen(subject)


@operation("limit.refuse", allow=Permission.DECIDE_LIMITS, subject=_of_refused, after=deliver_now)
def refuse(desk: Desk, proposal: UUID, version: int, answer: str = "", note: str = "") -> ProposalView:
    """Refuse a proposal. A customer who asked reads the answer; staff alone read the note, in the log."""
    record, account = _records(desk, proposal)
    _check_free(desk, record, account, version)
    asked = record.origin is ProposalOrigin.CUSTOMER
    record.answer = free_text("answer", answer, most=500)
    if asked and not record.answer:
        raise InvalidInput("answer", "Say why.", hint="The customer reads this sentence.")
    end(desk, record, ProposalState.REFUSED)
    desk.note(account=account.id, kind=record.kind, note=free_text("note", note, most=500))
    if asked:
        tell_of_refusal(desk, record.customer_id, record.kind, record.amount, record.answer)
    return view_of(desk, proposal)


def checked(desk: Desk, standing: Standing, record: LimitProposal, amount: Money) -> Change:
    """The change that a proposal would make with ``amount``. Raises Refused or InvalidInput where a rule of today is
    broken.
    """
    check_amount(amount, bounds_now(desk, standing, record), desk.policy.limit_step)
    reason = from_json(record.reason) + _in_all(desk, standing, record, amount)
    return Change(standing.account, record, amount, grade_after(standing, record), standing.held, reason)


def check_seen(record: LimitProposal, account: CardAccount, version: int) -> None:
    """Raise Conflict unless a proposal is open and as it was seen with this ``version``."""
    if record.state is not ProposalState.OPEN:
        raise Conflict("This proposal is not open any more.", hint="Reload the list.", code="conflict.proposal_ended")
    if record.version + account.version != version:
        raise Conflict(
            "The proposal or the limit was changed since you saw it.",
            hint="Look at it again, then decide; nothing was done.",
            code="conflict.changed",
        )


def waits() -> Conflict:
    """The error for a proposal that is in a request already."""
    return Conflict(
        "This proposal waits for a further signature.",
        hint="It can be decided anew when the request has been refused or withdrawn.",
        code="conflict.waiting",
    )


def view_of(desk: Desk, proposal: UUID, *, inside: bool = True) -> ProposalView:
    """One proposal as it stands now; not ``inside`` it is without what is for staff alone."""
    row = desk.sql.execute(proposal_rows(desk).where(PROPOSAL.c.id == proposal)).one()
    return showing(desk, inside=inside)(row)


def _records(desk: Desk, proposal: UUID) -> tuple[LimitProposal, CardAccount]:
    record = desk.record(LimitProposal, proposal)
    return record, desk.record(CardAccount, record.card_account_id)


def _check_free(desk: Desk, record: LimitProposal, account: CardAccount, version: int) -> None:
    """Raise Conflict or Refused unless whoever acts may decide on a proposal that was seen with this version."""
    check_seen(record, account, version)
    check_apart(desk, [record.id])
    if record.id in waiting_proposals(desk):
        raise waits()


def _in_all(desk: Desk, standing: Standing, record: LimitProposal, amount: Money) -> tuple[Phrase, ...]:
    """What the customer may owe here in all after an increase, of how much."""
    if record.kind is LimitChangeKind.REDUCTION:
        return ()
    more = amount if record.kind in BESIDE else amount - standing.account.credit_limit
    return (
        Phrase(
            "All your limits here then come to {amount} yuan, of at most {total} yuan.",
            {
                "amount": str(standing.applicant.own_limits + more),
                "total": str(total_limit(standing.applicant, desk.policy)),
            },
        ),
    )
