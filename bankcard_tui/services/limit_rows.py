"""How proposals, limits and their history are read from the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, func, select, union_all

from bankcard_tui.desk import pending
from bankcard_tui.desk.access import ACCOUNT
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.pending import REQUEST, SIGNATURE
from bankcard_tui.desk.results import RequestView
from bankcard_tui.models.base import table
from bankcard_tui.models.limit import Evaluation, LimitChange
from bankcard_tui.models.request import Request
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.months import day_after_months
from bankcard_tui.rules.odds import probability_of
from bankcard_tui.rules.policy import Policy
from bankcard_tui.rules.signatures import signers_for_limit
from bankcard_tui.rules.special_limits import monthly_payment
from bankcard_tui.rules.terms import LimitChangeKind, ProposalState, RequestStatus
from bankcard_tui.services.limit_parties import LIMIT_KINDS, proposals_of
from bankcard_tui.services.limit_views import ChangeView, EvaluationView, LimitView, ProposalView, SpecialView
from bankcard_tui.services.limits_held import RUNNING, SPECIAL
from bankcard_tui.services.people import name_of
from bankcard_tui.services.phrases import from_json
from bankcard_tui.services.subjects import CARD, CARD_ACCOUNT, CUSTOMER, PERSON, PROPOSAL

EVALUATION, CHANGE = table(Evaluation), table(LimitChange)
MILLION = 1_000_000
BESIDE = (LimitChangeKind.TEMPORARY, LimitChangeKind.PLAN)
"""What stands beside the limit of an account, rather than changing it."""

_OTHER = CARD.alias()
_ISSUED = select(func.max(_OTHER.c.issued_at)).where(_OTHER.c.card_account_id == CARD.c.card_account_id)
# Without an order: sorting even a card or two for each row of a page would show in its plan.
_LAST4 = (
    select(CARD.c.last4)
    .where(CARD.c.card_account_id == CARD_ACCOUNT.c.id, CARD.c.issued_at == _ISSUED.correlate(CARD).scalar_subquery())
    .limit(1)
    .correlate(CARD_ACCOUNT)
    .scalar_subquery()
    .label("last4")
)
_RUNNING = (
    select(func.sum(SPECIAL.c.amount))
    .where(SPECIAL.c.card_account_id == CARD_ACCOUNT.c.id, *RUNNING)
    .correlate(CARD_ACCOUNT)
    .scalar_subquery()
    .label("running")
)
_MADE_BY = (
    select(PERSON.c.id_index)
    .join_from(ACCOUNT, PERSON, ACCOUNT.c.person_id == PERSON.c.id)
    .where(ACCOUNT.c.id == PROPOSAL.c.made_by)
    .correlate(PROPOSAL)
    .scalar_subquery()
    .label("made_by_index")
)
_ACCOUNTS = (
    select(CARD_ACCOUNT, CUSTOMER.c.name, _LAST4)
    .join_from(CARD_ACCOUNT, CUSTOMER, CARD_ACCOUNT.c.customer_id == CUSTOMER.c.id)
    .order_by(CARD_ACCOUNT.c.opened_at, CARD_ACCOUNT.c.id)
)
_OF_ACCOUNT = _ACCOUNTS.where(CARD_ACCOUNT.c.id == bindparam("account"))
_OF_CUSTOMER = _ACCOUNTS.where(CARD_ACCOUNT.c.customer_id == bindparam("customer"))
_SIGNED = union_all(
    select(REQUEST.c.id).where(REQUEST.c.status == RequestStatus.PENDING, REQUEST.c.maker_index == bindparam("index")),
    select(SIGNATURE.c.request_id)
    .join_from(SIGNATURE, REQUEST, SIGNATURE.c.request_id == REQUEST.c.id)
    .where(REQUEST.c.status == RequestStatus.PENDING, SIGNATURE.c.signer_index == bindparam("index")),
)
_SPECIALS = (
    select(SPECIAL)
    .where(SPECIAL.c.card_account_id == bindparam("account"))
    .order_by(SPECIAL.c.until.desc(), SPECIAL.c.id)
)
_CHANGES = (
    select(CHANGE)
    .where(CHANGE.c.card_account_id == bindparam("account"))
    .order_by(CHANGE.c.at.desc(), CHANGE.c.id.desc())
)


_PROPOSALS = (
    select(
        PROPOSAL,
        EVALUATION,
        CARD_ACCOUNT.c.credit_limit.label("limit_now"),
        CARD_ACCOUNT.c.grade.label("grade_now"),
        CARD_ACCOUNT.c.version.label("account_version"),
        CUSTOMER.c.name,
        PERSON.c.id_index,
        _LAST4,
        _RUNNING,
        _MADE_BY,
    )
    .join_from(PROPOSAL, CARD_ACCOUNT, PROPOSAL.c.card_account_id == CARD_ACCOUNT.c.id)
    .join(CUSTOMER, PROPOSAL.c.customer_id == CUSTOMER.c.id)
    .join(PERSON, CUSTOMER.c.person_id == PERSON.c.id)
    .outerjoin(EVALUATION, PROPOSAL.c.evaluation_id == EVALUATION.c.id)
)


def proposal_rows(desk: Desk) -> Select[Any]:
    """Proposals with all that a view shows; conditions and order are the caller's."""
    return _PROPOSALS.params(today=desk.today)


def waiting_proposals(desk: Desk) -> dict[UUID, UUID]:
    """The request in which each proposal waits for a further signature, by proposal."""
    live = select(REQUEST.c.id, REQUEST.c.subject_kind, REQUEST.c.subject_id, REQUEST.c.payload).where(
        REQUEST.c.branch_id == desk.branch_id,
        REQUEST.c.status == RequestStatus.PENDING,
        REQUEST.c.expires_at > desk.now,
        REQUEST.c.subject_kind.in_(LIMIT_KINDS),
    )
    return {
        proposal: row.id
        for row in desk.sql.execute(live)
        for proposal in proposals_of(row.subject_kind, row.subject_id, row.payload)
    }


def showing(desk: Desk, *, inside: bool = True) -> Callable[[Row[Any]], ProposalView]:
    """What makes a view of one of :func:`proposal_rows`; not ``inside`` it is without what is for staff alone."""
    waiting = waiting_proposals(desk) if inside else {}
    signed = set(desk.sql.execute(_SIGNED, {"index": desk.actor.index}).scalars()) if waiting else set()
    known: dict[UUID, RequestView] = {}

    def request_of(proposal: UUID) -> RequestView | None:
        id = waiting.get(proposal)
        if id is None:
            return None
        if id not in known:
            known[id] = pending.view_of(desk, desk.record(Request, id))
        return known[id]

    def show(row: Row[Any]) -> ProposalView:
        request = request_of(row._mapping[PROPOSAL.c.id])
        return _show(desk, row, request, inside, request is not None and request.id in signed)

    return show


def _show(desk: Desk, row: Row[Any], waiting: RequestView | None, inside: bool, signed: bool) -> ProposalView:
    known = row._mapping
    proposal = {column.name: known[column] for column in PROPOSAL.c}
    # An open one is about the limit of today; one that has ended says what there was.
    before = row.limit_now if proposal["state"] is ProposalState.OPEN else proposal["before"]
    months, amount = proposal["months"], proposal["amount"]
    shown = ("customer_id", "origin", "kind", "state", "amount", "grade", "until", "months", "purpose", "said")
    return ProposalView(
        id=proposal["id"],
        account=proposal["card_account_id"],
        customer=row.name,
        last4=row.last4 or "",
        before=before,
        grade_before=row.grade_now,
        monthly=monthly_payment(amount, months) if months else None,
        reason=from_json(proposal["reason"]),
        answer=proposal["answer"],
        evaluation=show_evaluation(known) if inside and proposal["evaluation_id"] is not None else None,
        signatures=signers(proposal["kind"], before, row.running or ZERO, amount, desk.policy),
        waiting=waiting,
        mine=signed or desk.is_self(row.id_index) or desk.is_self(row.made_by_index),
        made_at=proposal["made_at"],
        made_by=name_of(desk, proposal["made_by"]),
        ended_at=proposal["ended_at"],
        ended_by=name_of(desk, proposal["ended_by"]),
        policy_version=proposal["policy_version"],
        version=proposal["version"] + row.account_version,
        **{name: proposal[name] for name in shown},
    )


def signers(kind: LimitChangeKind, limit: Money, running: Money, amount: Money, policy: Policy) -> int:
    """How many people sign a change: by all that may be owed on the account afterwards; for a reduction one does."""
    if kind is LimitChangeKind.REDUCTION:
        return 1
    # More than the highest total is refused anyway, and may be too large to add up.
    wanted = min(amount, policy.total_limit_highest)
    return signers_for_limit(running + (limit + wanted if kind in BESIDE else wanted), policy)


def show_evaluation(known: Any) -> EvaluationView:
    """The view of an evaluation; ``known`` holds its columns."""
    row = {column.name: known[column] for column in EVALUATION.c}
    same = set(EvaluationView.model_fields) & set(row)
    return EvaluationView(
        account=row["card_account_id"],
        limit=row["credit_limit"],
        probability=probability_of(row["odds"] / MILLION),
        high=probability_of(row["odds_low"] / MILLION),
        **{name: row[name] for name in same},
    )


def limits_of_account(desk: Desk, account: UUID) -> LimitView:
    """The limit of an account with its history."""
    return _limit(desk, desk.sql.execute(_OF_ACCOUNT, {"account": account}).one())


def limits_of_customer(desk: Desk, customer: UUID) -> tuple[LimitView, ...]:
    """The limits of a customer with their history, the oldest account first."""
    return tuple(_limit(desk, row) for row in desk.sql.execute(_OF_CUSTOMER, {"customer": customer}).fetchall())


def _limit(desk: Desk, row: Row[Any]) -> LimitView:
    specials = tuple(_special(desk, each) for each in desk.sql.execute(_SPECIALS, {"account": row.id}))
    return LimitView(
        account=row.id,
        customer_id=row.customer_id,
        customer=row.name,
        last4=row.last4 or "",
        limit=row.credit_limit,
        total=sum((each.amount for each in specials if each.running), start=row.credit_limit),
        grade=row.grade,
        opened_at=row.opened_at,
        evaluated_on=row.evaluated_on,
        evaluated_again_on=day_after_months(row.evaluated_on, desk.policy.reevaluation_months),
        specials=specials,
        history=tuple(_change(desk, each) for each in desk.sql.execute(_CHANGES, {"account": row.id}).fetchall()),
        version=row.version,
    )


def _special(desk: Desk, row: Row[Any]) -> SpecialView:
    return SpecialView(
        id=row.id,
        kind=row.kind,
        amount=row.amount,
        starts_on=row.starts_on,
        until=row.until,
        purpose=row.purpose,
        months=row.months,
        running=row.starts_on <= desk.today <= row.until and row.ended_on is None,
    )


def _change(desk: Desk, row: Row[Any]) -> ChangeView:
    return ChangeView(
        id=row.id,
        kind=row.kind,
        before=row.before,
        after=row.after,
        grade=row.grade,
        until=row.until,
        reason=from_json(row.reason),
        at=row.at,
        by=name_of(desk, row.account_id),
        policy_version=row.policy_version,
    )
