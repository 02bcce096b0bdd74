"""How customers turned out: what points cards learn from, and where precedents come from."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import bindparam, select

from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import operation
from bankcard_tui.errors import Conflict, InvalidInput
from bankcard_tui.models.base import table
from bankcard_tui.models.card import CardAccount
from bankcard_tui.models.outcome import CustomerOutcome
from bankcard_tui.rules.terms import Decision
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.application_views import DECISION
from bankcard_tui.services.subjects import CARD_ACCOUNT, of_customer
from bankcard_tui.store.types import new_id

OUTCOME = table(CustomerOutcome)
_GRANTED_ON = (
    select(DECISION.c.points, DECISION.c.facts)
    .where(DECISION.c.application_id == bindparam("application"), DECISION.c.decision == Decision.APPROVE)
    .order_by(DECISION.c.at.desc())
    .limit(1)
)


@operation("card.record_outcome", allow=Permission.RECORD_OUTCOMES, subject=of_customer)
def record_outcome(
    desk: Desk, customer: UUID, application: UUID, months_observed: int, worst_days_past_due: int
) -> bool:
    """Record how a granted card turned out once it has matured; returns whether that counts as bad."""
    if not desk.policy.matured_months <= months_observed <= 600:
        raise InvalidInput(
            "months_observed",
            "An outcome counts after {months:month|months}.",
            hint="Wait until the card has matured.",
            months=desk.policy.matured_months,
        )
    if not 0 <= worst_days_past_due <= 10_000:
        raise InvalidInput("worst_days_past_due", "This is not a number of days.", hint="Type 0 for never overdue.")
    account = desk.db.scalars(
        select(CardAccount).where(CARD_ACCOUNT.c.application_id == application, CARD_ACCOUNT.c.customer_id == customer)
    ).one_or_none()
    if account is None:
        raise Conflict("No card was granted on this application.", code="conflict.no_card")
    granted = desk.sql.execute(_GRANTED_ON, {"application": application}).one_or_none()
    bad = worst_days_past_due >= desk.policy.bad_days_past_due
    known = desk.db.scalars(select(CustomerOutcome).where(OUTCOME.c.card_account_id == account.id)).one_or_none()
    desk.db.merge(
        CustomerOutcome(
            id=known.id if known else new_id(desk.now),
            branch_id=desk.branch_id,
            customer_id=customer,
            card_account_id=account.id,
            started_on=desk.bank.day_of(account.opened_at),
            facts=granted.facts if granted else "",
            points=granted.points if granted else 0,
            months_observed=months_observed,
            worst_days_past_due=worst_days_past_due,
            bad=bad,
            matured_at=desk.now,
        )
    )
    desk.note(months=months_observed, worst_days=worst_days_past_due, bad=bad)
    return bad
