"""What people see of their limits and can ask for, and what a manager proposes from their file."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from bankcard_tui.desk import pending
from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.errors import Conflict, InvalidInput, Phrase, Refused
from bankcard_tui.models.card import CardAccount
from bankcard_tui.models.limit import LimitProposal
from bankcard_tui.rules.free_text import free_text
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.special_limits import (
    Bounds,
    last_temporary_day,
    raise_bounds,
    reduction_bounds,
    spare_income,
    temporary_bounds,
)
from bankcard_tui.rules.terms import LimitChangeKind, PlanPurpose, ProposalOrigin, ProposalState, RequestStatus, Role
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.customers import my_customer
from bankcard_tui.services.limit_changes import end
from bankcard_tui.services.limit_parties import SINGLE
from bankcard_tui.services.limit_proposals import view_of
from bankcard_tui.services.limit_rows import limits_of_account, limits_of_customer, proposal_rows, showing
from bankcard_tui.services.limit_rules import (
    Standing,
    bounds_now,
    check_amount,
    check_last_day,
    check_plan,
    grade_after,
    standing_of,
)
from bankcard_tui.services.limit_views import LimitBounds, LimitView, PlanBounds, ProposalView
from bankcard_tui.services.phrases import to_json
from bankcard_tui.services.subjects import PROPOSAL, of_card_account, of_customer, of_proposal, unseen
from bankcard_tui.store.types import new_id

ASKABLE = (LimitChangeKind.RAISE, LimitChangeKind.REDUCTION, LimitChangeKind.TEMPORARY, LimitChangeKind.PLAN)

_FOR = {
    PlanPurpose.HOME: Phrase("a home"),
    PlanPurpose.CAR: Phrase("a car"),
    PlanPurpose.EDUCATION: Phrase("education"),
    PlanPurpose.OTHER: Phrase("another large purchase"),
}


@question("limit.mine", allow=Permission.OWN_CARDS, own=Permission.OWN_CARDS)
def my_limits(desk: Desk) -> tuple[LimitView, ...]:
    """One's own limits, with what stands beside them and their history."""
    return limits_of_customer(desk, my_customer(desk))


@question("limit.of_account", allow=Permission.SEE_CUSTOMERS, subject=of_card_account, opens=True)
def limit_of_account(desk: Desk, account: UUID) -> LimitView:
    """The limit of an account with its history."""
    return limits_of_account(desk, account)


@question("limit.of_customer", allow=Permission.SEE_CUSTOMERS, subject=of_customer, opens=True)
def limit_of_customer(desk: Desk, customer: UUID) -> tuple[LimitView, ...]:
    """The limits of a customer with their history, the oldest account first."""
    return limits_of_customer(desk, customer)


@question(
    "limit.bounds",
    allow=(Permission.ENTER_APPLICATIONS, Permission.DECIDE_LIMITS),
    own=Permission.OWN_CARDS,
    subject=of_card_account,
    opens=True,
)
def bounds_of(desk: Desk, account: UUID) -> LimitBounds:
    """What can be asked for an account today. The tier of the grade bounds an increase for managers alone: a customer
    may ask for more, and somebody looks at it.
    """
    standing, policy = standing_of(desk, desk.record(CardAccount, account)), desk.policy
    limit, applicant = standing.account.credit_limit, standing.applicant
    grade = standing.opinion.grade if desk.actor.may(Permission.DECIDE_LIMITS) else None
    return LimitBounds(
        account=account,
        limit=limit,
        step=policy.limit_step,
        raised=_pair(raise_bounds(limit, applicant, grade, policy)),
        reduced=_pair(reduction_bounds(limit, standing.owed, policy)),
        temporary=_pair(temporary_bounds(limit, applicant, policy)),
        temporary_until=last_temporary_day(desk.today, policy),
        plans=tuple(
            PlanBounds(
                purpose=each.purpose,
                highest=each.highest,
                longest_months=each.longest_months,
                monthly=spare_income(applicant, standing.held.payments, policy),
            )
            for each in policy.plans
        ),
    )


@operation("limit.ask", allow=Permission.ENTER_APPLICATIONS, own=Permission.OWN_CARDS, subject=of_card_account)
def ask(
    desk: Desk,
    account: UUID,
    kind: LimitChangeKind,
    amount: Money,
    until: date | None = None,
    months: int | None = None,
    purpose: PlanPurpose | None = None,
    said: str = "",
) -> ProposalView:
    """Ask for another limit: a lasting increase or a reduction (``amount`` is the new limit), more up to a last day, or
    a personal plan of so many months (``amount`` is what is added). A manager answers it.
    """
    standing = standing_of(desk, desk.record(CardAccount, account))
    _refuse_second(desk, account)
    record = _proposal(desk, standing, ProposalOrigin.CUSTOMER, kind, amount, until, months, purpose, said)
    bounds = _askable(desk, standing, record)
    if bounds.lowest > bounds.highest:
        raise Refused(
            "There is no room for this at present.",
            hint="Ask at the counter what would change that.",
            code="refused.no_room",
        )
    check_amount(amount, bounds, desk.policy.limit_step)
    return _keep(desk, record, inside=False)


def _unasked(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The card account named by the argument ``account``, of whose holder nobody was asked."""
    return unseen(of_card_account(desk, arguments))


@operation("limit.propose", allow=Permission.DECIDE_LIMITS, subject=_unasked)
def propose(
    desk: Desk,
    account: UUID,
    kind: LimitChangeKind,
    amount: Money,
    until: date | None = None,
    months: int | None = None,
    purpose: PlanPurpose | None = None,
    note: str = "",
) -> ProposalView:
    """Propose another limit of one's own accord; a colleague signs it. Staff alone read the note."""
    standing = standing_of(desk, desk.record(CardAccount, account))
    record = _proposal(desk, standing, ProposalOrigin.MANAGER, kind, amount, until, months, purpose, note)
    check_amount(amount, bounds_now(desk, standing, record), desk.policy.limit_step)
    return _keep(desk, record, inside=True)


@question("limit.my_asks", allow=Permission.OWN_CARDS, own=Permission.OWN_CARDS)
def my_asks(desk: Desk) -> tuple[ProposalView, ...]:
    """What one has asked for, with the answers, the newest first."""
    mine = (PROPOSAL.c.customer_id == my_customer(desk), PROPOSAL.c.origin == ProposalOrigin.CUSTOMER)
    ordered = proposal_rows(desk).where(*mine).order_by(PROPOSAL.c.made_at.desc(), PROPOSAL.c.id.desc())
    return tuple(map(showing(desk, inside=False), desk.sql.execute(ordered).fetchall()))


@operation(
    "limit.take_back",
    allow=(Permission.DECIDE_LIMITS, Permission.ENTER_APPLICATIONS),
    own=Permission.OWN_CARDS,
    subject=of_proposal,
)
def take_back(desk: Desk, proposal: UUID) -> ProposalView:
    """Take back what one has asked for or proposed; at the counter, what the customer has asked for. A request for
    signatures under it ends.
    """
    record = desk.record(LimitProposal, proposal)
    of_customer = record.origin is ProposalOrigin.CUSTOMER
    customer = desk.actor.role is Role.CUSTOMER
    if not (of_customer and (customer or desk.actor.may(Permission.ENTER_APPLICATIONS))) and (
        record.made_by != desk.account_id
    ):
        raise Refused("Only whoever has proposed this takes it back.", hint="Refuse it instead.", code="refused.maker")
    if record.state is not ProposalState.OPEN:
        raise Conflict("This proposal is not open any more.", hint="Reload the list.", code="conflict.proposal_ended")
    request = pending.waiting_for(desk, SINGLE, record.id)
    if request is not None:
        pending.end(desk, request, RequestStatus.WITHDRAWN)
    end(desk, record, ProposalState.WITHDRAWN)
    desk.note(account=record.card_account_id, kind=record.kind)
    return view_of(desk, proposal, inside=not customer)


def _pair(bounds: Bounds) -> tuple[Money, Money]:
    return bounds.lowest, bounds.highest


def _refuse_second(desk: Desk, account: UUID) -> None:
    """Raise Conflict when the customer's last wish for an account has no answer yet."""
    open_one = select(PROPOSAL.c.id).where(
        PROPOSAL.c.card_account_id == account,
        PROPOSAL.c.origin == ProposalOrigin.CUSTOMER,
        PROPOSAL.c.state == ProposalState.OPEN,
    )
    if desk.sql.execute(open_one).first() is not None:
        raise Conflict(
            "Another limit was asked for already, and there is no answer yet.",
            hint="Wait for the answer, or take it back first.",
            code="conflict.asked",
        )


def _proposal(
    desk: Desk,
    standing: Standing,
    origin: ProposalOrigin,
    kind: LimitChangeKind,
    amount: Money,
    until: date | None,
    months: int | None,
    purpose: PlanPurpose | None,
    said: str,
) -> LimitProposal:
    """A proposal with what belongs to its kind."""
    if kind not in ASKABLE:
        raise InvalidInput("kind", "This can't be asked for.", hint="Choose an increase, a reduction or a plan.")
    is_plan, account = kind is LimitChangeKind.PLAN, standing.account
    record = LimitProposal(
        id=new_id(desk.now),
        branch_id=desk.branch_id,
        card_account_id=account.id,
        customer_id=account.customer_id,
        origin=origin,
        kind=kind,
        before=account.credit_limit,
        amount=amount,
        grade=account.grade,
        until=until if kind is LimitChangeKind.TEMPORARY else None,
        months=months if is_plan else None,
        purpose=purpose if is_plan else None,
        said=free_text("said" if origin is ProposalOrigin.CUSTOMER else "note", said, most=500),
        policy_version=desk.policy_version,
        made_at=desk.now,
        made_by=desk.account_id,
    )
    record.grade = grade_after(standing, record)
    record.reason = to_json((_reason(record),))
    return record


def _askable(desk: Desk, standing: Standing, record: LimitProposal) -> Bounds:
    """What a customer can ask for: what the rules that are no matter of judgement leave."""
    limit, policy = standing.account.credit_limit, desk.policy
    if record.kind is LimitChangeKind.RAISE:
        return raise_bounds(limit, standing.applicant, None, policy)
    if record.kind is LimitChangeKind.REDUCTION:
        return reduction_bounds(limit, standing.owed, policy)
    if record.kind is LimitChangeKind.TEMPORARY:
        check_last_day(desk, record.until)
        return temporary_bounds(limit, standing.applicant, policy)
    return check_plan(desk, standing, record.purpose, record.months)


def _keep(desk: Desk, record: LimitProposal, *, inside: bool) -> ProposalView:
    desk.db.add(record)
    desk.work.flush()
    desk.note(proposal=record.id, kind=record.kind, amount=record.amount)
    return view_of(desk, record.id, inside=inside)


def _reason(record: LimitProposal) -> Phrase:
    """Why the limit is to change, as the customer reads it."""
    values: dict[str, str | int | Phrase | tuple[Phrase, ...]] = {"amount": str(record.amount)}
    asked = record.origin is ProposalOrigin.CUSTOMER
    if record.kind is LimitChangeKind.TEMPORARY:
        values["until"] = str(record.until)
        if asked:
            return Phrase("You asked for {amount} yuan more until {until}.", values)
        return Phrase("Your manager proposed {amount} yuan more until {until}.", values)
    if record.purpose is not None and record.months is not None:
        values |= {"purpose": _FOR[record.purpose], "months": record.months}
        if asked:
            return Phrase(
                "You asked for a personal plan of {amount} yuan for {purpose}, over {months:month|months}.", values
            )
        return Phrase(
            "Your manager proposed a personal plan of {amount} yuan for {purpose}, over {months:month|months}.",
            values,
        )
    if asked:
        return Phrase("You asked for a limit of {amount} yuan.", values)
    return Phrase("Your manager proposed a limit of {amount} yuan.", values)
