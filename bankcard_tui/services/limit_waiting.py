"""Limits that wait for a further signature, one by one and as batches."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select

from bankcard_tui.desk import pending
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import question
from bankcard_tui.desk.pending import REQUEST
from bankcard_tui.desk.registry import REGISTRY
from bankcard_tui.desk.results import RequestView, View
from bankcard_tui.errors import NotFound, VerificationFailed
from bankcard_tui.models.card import CardAccount
from bankcard_tui.models.limit import LimitProposal
from bankcard_tui.models.request import Request
from bankcard_tui.rules.money import Money
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.four_eyes import SIGNING
from bankcard_tui.services.limit_batches import totals_of
from bankcard_tui.services.limit_parties import BATCH, LIMIT_KINDS
from bankcard_tui.services.limit_rows import proposal_rows, showing
from bankcard_tui.services.limit_views import ProposalTotals, ProposalView
from bankcard_tui.services.paging import Page, fetch_page
from bankcard_tui.services.requests import IN_ORDER, Altered, live, of_request
from bankcard_tui.services.subjects import CARD_ACCOUNT, PROPOSAL


class WaitingLimits(View):
    """A request about limits in the list of what waits: one ``proposal``, or None for a batch; what they come to, and
    what its maker wrote. ``mine_to_sign`` says whether the next signature may be the actor's.
    """

    altered: Literal[False] = False
    request: RequestView
    proposal: ProposalView | None
    amount: Money | None
    totals: ProposalTotals
    note: str
    mine: bool
    mine_to_sign: bool
    next_permission: Permission


class AlteredLimits(Altered):
    """A request about limits that was altered in the store."""


class Signed(View):
    """One proposal in a request, with the ``amount`` with which it would be carried out."""

    proposal: ProposalView
    amount: Money


class BatchFile(View):
    """Everything that a request about limits would carry out."""

    request: RequestView
    totals: ProposalTotals
    note: str
    contents: tuple[Signed, ...]


@question("limit.waiting", allow=(Permission.DECIDE_LIMITS, *SIGNING))
def waiting(desk: Desk, cursor: str | None = None) -> Page[WaitingLimits | AlteredLimits]:
    """Limits that wait for a further signature, the oldest first; what was altered in the store is shown as such."""
    statement = select(REQUEST.c.id).where(*live(desk), REQUEST.c.subject_kind.in_(LIMIT_KINDS))
    show_proposal = showing(desk)

    def show(row: Any) -> WaitingLimits | AlteredLimits:
        request = desk.record(Request, row.id)
        try:
            signed = pending.checked_signatures(desk, request)
        except VerificationFailed as error:
            return AlteredLimits(id=row.id, problem=error.phrases)
        amounts, note = _asked(request)
        single = None
        if request.subject_kind != BATCH:
            single = show_proposal(
                desk.sql.execute(proposal_rows(desk).where(PROPOSAL.c.id == request.subject_id)).one()
            )
        needed = Permission(request.needed.split()[len(signed)])
        taken = (request.maker_index, request.subject_index, *(each.signer_index for each in signed))
        return WaitingLimits(
            request=pending.view_of(desk, request),
            proposal=single,
            amount=amounts[request.subject_id] if single is not None else None,
            totals=_totals(desk, amounts),
            note=note,
            mine=request.maker_id == desk.account_id,
            mine_to_sign=desk.actor.may(needed) and desk.actor.index not in taken,
            next_permission=needed,
        )

    return fetch_page(desk.sql, statement, IN_ORDER, cursor, show, newest_first=False)


@question("limit.open_batch", allow=(Permission.DECIDE_LIMITS, *SIGNING), subject=of_request, opens=True)
def open_batch(desk: Desk, request: UUID) -> BatchFile:
    """Look through everything that a request about limits would carry out."""
    record = desk.record(Request, request)
    if record.subject_kind not in LIMIT_KINDS:
        raise NotFound("This request is not about limits.", hint="Open it from the list where it waits.")
    pending.checked_signatures(desk, record)
    amounts, note = _asked(record)
    rows = desk.sql.execute(
        proposal_rows(desk).where(PROPOSAL.c.id.in_(amounts)).order_by(PROPOSAL.c.made_at, PROPOSAL.c.id)
    ).fetchall()
    shown = map(showing(desk), rows)
    return BatchFile(
        request=pending.view_of(desk, record),
        totals=_totals(desk, amounts),
        note=note,
        contents=tuple(Signed(proposal=each, amount=amounts[each.id]) for each in shown),
    )


def _asked(request: Request) -> tuple[dict[UUID, Money], str]:
    """The amounts that a request would carry out, by proposal, and the note of its maker."""
    arguments = REGISTRY[request.operation].read_payload(request.payload)
    if request.subject_kind == BATCH:
        return {each.proposal: each.amount for each in arguments["seen"]}, arguments["note"]
    return {request.subject_id: arguments["amount"]}, arguments["note"]


def _totals(desk: Desk, amounts: dict[UUID, Money]) -> ProposalTotals:
    found = desk.db.execute(
        select(LimitProposal, CardAccount)
        .join_from(LimitProposal, CardAccount, PROPOSAL.c.card_account_id == CARD_ACCOUNT.c.id)
        .where(PROPOSAL.c.id.in_(amounts))
    ).all()
    return totals_of([(record, account, amounts[record.id]) for record, account in found])
