"""Card holders whose limits are to be changed, and proposals as evaluations leave them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import insert, select, update

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.errors import Phrase
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import EvaluationResult, Grade, LimitChangeKind, ProposalOrigin, SpendingClass
from bankcard_tui.services import review
from bankcard_tui.services.limit_rows import EVALUATION
from bankcard_tui.services.phrases import to_json
from bankcard_tui.services.subjects import CARD_ACCOUNT, PROPOSAL
from bankcard_tui.store.types import new_id
from tests.branch import Town
from tests.screens.manager_kit import applicant

REASON = Phrase("Spending of {percent} % of the limit a month, paid on time.", {"percent": 60})


@dataclass(frozen=True)
class Holder:
    """A customer with one card account."""

    customer: UUID
    account: UUID


def holder(town: Town, username: str, name: str, limit: int = 10_000, grade: Grade = Grade.EXCELLENT) -> Holder:
    """Somebody who has had a card for a while, with this limit and grade."""
    customer, application = applicant(town, username, name)
    review.claim(town.desk("manager2"), application.id)
    assert review.approve(town.desk("manager2"), application.id, Money.yuan(10_000)).pending is None
    with town.bank.store.write() as connection:
        mine = CARD_ACCOUNT.c.customer_id == customer.customer_id
        account: UUID = connection.execute(select(CARD_ACCOUNT.c.id).where(mine)).scalar_one()
        connection.execute(update(CARD_ACCOUNT).where(mine).values(credit_limit=Money.yuan(limit), grade=grade))
    return Holder(customer.customer_id, account)


def evaluated(
    town: Town, who: Holder, amount: int, *, grade: Grade | None = None, spending: SpendingClass = SpendingClass.HIGH
) -> UUID:
    """A re-evaluation has found that the limit be ``amount`` yuan; gives the proposal."""
    assert isinstance(town.bank.clock, SimulatedClock)
    town.bank.clock.advance(timedelta(seconds=1))
    now = town.bank.clock.now()
    evaluation, proposal = new_id(now), new_id(now)
    with town.bank.store.write() as connection:
        account = connection.execute(select(CARD_ACCOUNT).where(CARD_ACCOUNT.c.id == who.account)).one()
        up = Money.yuan(amount) > account.credit_limit
        connection.execute(
            insert(EVALUATION).values(
                id=evaluation,
                branch_id=town.bank.branch.id,
                card_account_id=who.account,
                at=now,
                policy_version=1,
                card="expert-2",
                points=640,
                odds=3_500_000,
                odds_low=3_100_000,
                blocked=False,
                months_observed=12,
                worst_days=0 if up else 35,
                months_overdue=0 if up else 3,
                spent_percent=60,
                use_percent=40,
                credit_limit=account.credit_limit,
                own_limits=account.credit_limit,
                owed=Money.yuan(800),
                income=Money.yuan(18_000),
                debt=Money.yuan(0),
                assets=Money.yuan(270_000),
                liabilities=Money.yuan(0),
                times_overdue=0,
                account_grade=account.grade,
                grade=grade or account.grade,
                spending_class=spending if up else SpendingClass.LATE,
                result=EvaluationResult.RAISE if up else EvaluationResult.REDUCTION,
                after=Money.yuan(amount),
            )
        )
        connection.execute(
            insert(PROPOSAL).values(
                id=proposal,
                branch_id=town.bank.branch.id,
                card_account_id=who.account,
                customer_id=who.customer,
                evaluation_id=evaluation,
                origin=ProposalOrigin.EVALUATION,
                kind=LimitChangeKind.RAISE if up else LimitChangeKind.REDUCTION,
                before=account.credit_limit,
                amount=Money.yuan(amount),
                grade=grade or account.grade,
                reason=to_json((REASON,)),
                policy_version=1,
                made_at=now,
            )
        )
    return proposal


def limit_of(town: Town, who: Holder) -> Money:
    """The limit of the account as it stands."""
    with town.bank.store.read() as connection:
        found: Money = connection.execute(
            select(CARD_ACCOUNT.c.credit_limit).where(CARD_ACCOUNT.c.id == who.account)
        ).scalar_one()
    return found
