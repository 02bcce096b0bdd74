"""What may become of a limit as things stand now: the bounds of an amount, and whether there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from bankcard_tui.decision.opinion import Opinion, form_opinion
from bankcard_tui.desk.desk import Desk
from bankcard_tui.errors import InvalidInput, Refused
from bankcard_tui.models.card import CardAccount
from bankcard_tui.models.customer import Customer
from bankcard_tui.models.limit import LimitProposal
from bankcard_tui.models.person import Person
from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.hard_rules import DOCUMENTS, TOTAL_LIMIT
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.special_limits import (
    Bounds,
    last_temporary_day,
    plan_bounds,
    raise_bounds,
    raise_carried,
    reduction_bounds,
    rounded_up,
    temporary_bounds,
)
from bankcard_tui.rules.terms import Grade, LimitChangeKind, PlanPurpose, ProposalOrigin
from bankcard_tui.rules.tiers import total_limit
from bankcard_tui.services.limits_held import Held, balances_of, held_by
from bankcard_tui.services.opinions import holders_of
from bankcard_tui.services.scorecards import card_in_force


@dataclass(frozen=True, slots=True)
class Standing:
    """An account as things stand now: its ``holder``, what is held here in all and owed, and the opinion.

    What is ``held`` grows with each change that is made: accounts of one person share it.
    """

    account: CardAccount
    holder: Applicant
    held: Held
    opinion: Opinion
    owed: Money

    @property
    def applicant(self) -> Applicant:
        """The holder with all limits of this moment."""
        return replace(self.holder, own_limits=self.held.total)

    @property
    def running(self) -> Money:
        """What may be owed beside the limit."""
        return self.held.beside(self.account.id)


def standing_of(desk: Desk, account: CardAccount) -> Standing:
    """How an account stands now."""
    return standings_of(desk, [account])[account.id]


def standings_of(desk: Desk, accounts: Sequence[CardAccount]) -> dict[UUID, Standing]:
    """How many accounts stand now, by account."""
    index = {
        each.customer_id: desk.record(Person, desk.record(Customer, each.customer_id).person_id).id_index
        for each in accounts
    }
    held = held_by(desk, set(index.values()))
    holders = holders_of(desk, {customer: held[index[customer]] for customer in index})
    owed, in_force = balances_of(desk, index), card_in_force(desk)
    return {
        each.id: Standing(
            each,
            holders[each.customer_id],
            held[index[each.customer_id]],
            form_opinion(holders[each.customer_id], in_force.card, in_force.digest, desk.policy),
            owed[each.customer_id],
        )
        for each in accounts
    }


def grade_after(standing: Standing, proposal: LimitProposal) -> Grade:
    """The grade of the account once a proposal is carried out: that of the new limit; a limit raised by an evaluation
    rests on the worse of its grade and that of today.
    """
    grades = list(Grade)
    if proposal.kind is LimitChangeKind.RAISE:
        today = standing.opinion.grade
        by_evaluation = proposal.origin is ProposalOrigin.EVALUATION
        return max(today, proposal.grade, key=grades.index) if by_evaluation else today
    by_rule = proposal.kind is LimitChangeKind.REDUCTION and proposal.origin is ProposalOrigin.EVALUATION
    return proposal.grade if by_rule else standing.account.grade


def bounds_now(desk: Desk, standing: Standing, proposal: LimitProposal) -> Bounds:
    """What a proposal can be carried out with now. Raises Refused where with nothing at all, and says why."""
    limit, policy, applicant = standing.account.credit_limit, desk.policy, standing.applicant
    if proposal.kind is LimitChangeKind.REDUCTION:
        return _of_reduction(desk, standing, proposal)
    _check_opinion(desk, standing, proposal)
    if proposal.kind is LimitChangeKind.RAISE:
        bounds = raise_bounds(limit, applicant, grade_after(standing, proposal), policy)
        if proposal.origin is ProposalOrigin.EVALUATION:
            more = raise_carried(applicant, standing.held.payments, policy)
            if more is None:
                raise _not_known()
            if more < bounds.lowest - limit:
                raise Refused(
                    "The customer's income, less what goes to debts, carries no more.",
                    hint="Refuse the proposal; the next evaluation looks again.",
                    code="refused.income",
                )
            bounds = Bounds(bounds.lowest, min(bounds.highest, proposal.amount, limit + more))
    elif proposal.kind is LimitChangeKind.TEMPORARY:
        check_last_day(desk, proposal.until)
        if standing.held.has_temporary(standing.account.id):
            raise Refused(
                "A temporary increase of this limit runs already.",
                hint="Wait until it has ended, or propose a lasting increase.",
                code="refused.temporary",
            )
        bounds = temporary_bounds(limit, applicant, policy)
    else:
        bounds = check_plan(desk, standing, proposal.purpose, proposal.months)
    if bounds.lowest > bounds.highest:
        raise Refused(
            "There is no room for more: limits here come to {amount} yuan, of at most {total} yuan in all.",
            hint="Refuse it, with an answer for the customer.",
            code="refused.no_room",
            amount=str(applicant.own_limits),
            total=str(total_limit(applicant, policy)),
        )
    return bounds


def check_amount(amount: Money, bounds: Bounds, step: Money) -> None:
    """Take an amount, or raise InvalidInput with the bounds that it breaks."""
    if amount.rounded_down(step) != amount:
        raise InvalidInput(
            "amount", "A limit is a multiple of {step} yuan.", hint="Round it down to the step.", step=str(step)
        )
    if amount not in bounds:
        raise InvalidInput(
            "amount",
            "The amount must lie between {lowest} and {highest} yuan.",
            hint="Choose an amount inside.",
            lowest=str(bounds.lowest),
            highest=str(bounds.highest),
        )


def check_last_day(desk: Desk, until: date | None) -> date:
    """Take the last day of a temporary increase, or raise InvalidInput."""
    latest = last_temporary_day(desk.today, desk.policy)
    if until is None or not desk.today <= until <= latest:
        raise InvalidInput(
            "until",
            "A temporary increase ends between {today} and {latest}.",
            hint="Choose its last day.",
            today=str(desk.today),
            latest=str(latest),
        )
    return until


def check_plan(desk: Desk, standing: Standing, purpose: PlanPurpose | None, months: int | None) -> Bounds:
    """Take the purpose and the months of a personal plan, and return what it can come to. Raises InvalidInput, or
    Refused while the income or the debts are not known.
    """
    if purpose is None:
        raise InvalidInput("purpose", "A personal plan has a purpose.", hint="Choose what it is for.")
    longest = desk.policy.plan(purpose).longest_months
    if months is None or not 1 <= months <= longest:
        raise InvalidInput(
            "months", "This plan takes at most {most:month|months}.", hint="Choose its term.", most=longest
        )
    bounds = plan_bounds(purpose, months, standing.applicant, standing.held.payments, desk.policy)
    if bounds is None:
        raise _not_known()
    if bounds.lowest > bounds.highest:
        raise Refused(
            "No plan fits: neither the income nor the total limit carries more.",
            hint="A longer term takes less of the income each month.",
            code="refused.no_room",
        )
    return bounds


def _not_known() -> Refused:
    return Refused(
        "The income or the debts are not known.",
        hint="A teller records them in the customer's file first.",
        code="refused.income",
    )


def _of_reduction(desk: Desk, standing: Standing, proposal: LimitProposal) -> Bounds:
    """By the rule exactly what the evaluation says, or what is owed by now; else anything down to what is owed."""
    limit, policy = standing.account.credit_limit, desk.policy
    bounds = reduction_bounds(limit, standing.owed, policy)
    if proposal.origin is ProposalOrigin.EVALUATION:
        target = max(proposal.amount, rounded_up(standing.owed, policy.limit_step))
        bounds = Bounds(target, min(target, bounds.highest))
    if bounds.lowest > bounds.highest:
        raise Refused(
            "The customer owes {owed} yuan: the limit of {limit} yuan can't be reduced.",
            hint="A limit never goes below what is owed. Refuse the proposal; the next evaluation looks again.",
            code="refused.owed",
            owed=str(standing.owed),
            limit=str(limit),
        )
    return bounds


def check_reason(standing: Standing, proposal: LimitProposal, note: str) -> None:
    """Raise InvalidInput where more is granted against the opinion, and nobody says why: the aid grants nothing more to
    the worst grade, or while a rule is broken.
    """
    broken = any(rule.rule not in (DOCUMENTS, TOTAL_LIMIT) for rule in standing.opinion.broken)
    against = broken or standing.opinion.grade is Grade.POOR
    if proposal.kind is not LimitChangeKind.REDUCTION and against and not note:
        raise InvalidInput(
            "note",
            "This goes against the opinion: say why.",
            hint="One sentence; it is kept in the log.",
            code="input.against_reason",
        )


def _check_opinion(desk: Desk, standing: Standing, proposal: LimitProposal) -> None:
    """Raise Refused where a rule forbids that more is granted: to anybody those that block, to whoever did not ask
    those that advise as well.
    """
    by_evaluation = proposal.origin is ProposalOrigin.EVALUATION
    for rule in standing.opinion.broken:
        if rule.rule not in (DOCUMENTS, TOTAL_LIMIT) and (rule.blocking or by_evaluation):
            raise Refused(
                "More can't be granted: {why}",
                hint="Refuse it, or have the customer's file put right first.",
                code="refused.hard_rule",
                why=rule.said,
            )
    late = standing.applicant.own_days_past_due or 0
    if by_evaluation and late > desk.policy.grace_days:
        raise Refused(
            "The customer has been overdue since the evaluation, for {days:day|days}.",
            hint="Refuse the proposal; the next evaluation looks again.",
            code="refused.overdue",
            days=late,
        )
