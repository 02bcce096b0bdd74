"""What happens to somebody's credit over the years, written into the store as the jobs would leave it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.terms import (
    Channel,
    EvaluationResult,
    Grade,
    LimitChangeKind,
    ProposalOrigin,
    ProposalState,
    SpendingClass,
    WarningKind,
    WarningMeasure,
    WarningState,
)
from bankcard_tui.services.credit_file_entries import WARNING, WATCHED
from bankcard_tui.services.history import HISTORY
from bankcard_tui.services.limit_rows import CHANGE, EVALUATION
from bankcard_tui.services.limits_held import SPECIAL
from bankcard_tui.services.outbox import MESSAGE
from bankcard_tui.services.subjects import CARD_ACCOUNT, PROPOSAL
from bankcard_tui.store.types import new_id
from tests.branch import Town

REASON = '[{"template":"{count:month|months} overdue.","values":{"count":2}}]'
TABLES = {
    "limit_change": CHANGE,
    "evaluation": EVALUATION,
    "message": MESSAGE,
    "limit_proposal": PROPOSAL,
    "special_limit": SPECIAL,
    "early_warning": WARNING,
    "watched": WATCHED,
}


class Credit:
    """The only card account of a customer, and what is written about it."""

    def __init__(self, town: Town, customer: UUID) -> None:
        self.town, self.customer = town, customer
        with town.bank.store.read() as connection:
            accounts = select(CARD_ACCOUNT.c.id).where(CARD_ACCOUNT.c.customer_id == customer)
            self.account: UUID = connection.execute(accounts).scalar_one()
        self.manager = town.desk("manager").who.account_id

    def write(self, name: str, **columns: Any) -> UUID:
        """A row of a table about this account, which gets the id, the branch and the policy's version."""
        found, bank = TABLES[name], self.town.bank
        id = new_id(bank.clock.now())
        known = {
            "id": id,
            "branch_id": bank.branch.id,
            "card_account_id": self.account,
            "customer_id": self.customer,
            "policy_version": 1,
        }
        with bank.store.write() as connection:
            row = {key: value for key, value in known.items() if key in found.c} | columns
            connection.execute(insert(found).values(**row))
        return id

    def month(self, month: date, balance: int, days_past_due: int = 0) -> None:
        """What was owed at the end of a month, in yuan."""
        with self.town.bank.store.write() as connection:
            owed = Money.yuan(balance)
            row = {"customer_id": self.customer, "branch_id": self.town.bank.branch.id, "month": month}
            figures = {"balance": owed, "spent": owed, "repaid": ZERO, "due": owed, "cash": ZERO}
            connection.execute(insert(HISTORY).values(**row, **figures, days_past_due=days_past_due))

    def changed(self, kind: LimitChangeKind, before: int, after: int, **more: Any) -> UUID:
        """A change of the limit, in yuan."""
        known: dict[str, Any] = {
            "kind": kind,
            "before": Money.yuan(before),
            "after": Money.yuan(after),
            "grade": Grade.GOOD,
            "reason": REASON,
            "at": self.town.bank.clock.now(),
            "account_id": self.manager,
        }
        return self.write("limit_change", **known | more)

    def evaluated(self, **more: Any) -> UUID:
        """A re-evaluation that came to an increase."""
        known: dict[str, Any] = {
            "at": self.town.bank.clock.now(),
            "card": "expert-2",
            "points": 640,
            "odds": 4_400_000,
            "odds_low": 3_900_000,
            "blocked": False,
            "months_observed": 12,
            "worst_days": 0,
            "months_overdue": 0,
            "spent_percent": 55,
            "use_percent": 40,
            "credit_limit": Money.yuan(10_000),
            "own_limits": Money.yuan(10_000),
            "owed": Money.yuan(4_000),
            "income": Money.yuan(18_000),
            "account_grade": Grade.GOOD,
            "grade": Grade.EXCELLENT,
            "spending_class": SpendingClass.HIGH,
            "result": EvaluationResult.RAISE,
            "after": Money.yuan(13_000),
        }
        return self.write("evaluation", **known | more)

    def proposed(self, origin: ProposalOrigin = ProposalOrigin.EVALUATION, **more: Any) -> UUID:
        """A proposal to raise the limit."""
        known: dict[str, Any] = {
            "origin": origin,
            "kind": LimitChangeKind.RAISE,
            "state": ProposalState.OPEN,
            "before": Money.yuan(10_000),
            "amount": Money.yuan(13_000),
            "grade": Grade.EXCELLENT,
            "reason": REASON,
            "said": "I travel more.",
            "made_at": self.town.bank.clock.now(),
        }
        return self.write("limit_proposal", **known | more)

    def warned(self, **more: Any) -> UUID:
        """An early warning that a colleague has dealt with."""
        now = self.town.bank.clock.now()
        known: dict[str, Any] = {
            "kind": WarningKind.UTILISATION,
            "state": WarningState.DONE,
            "watched": True,
            "rests_on": self.town.bank.day_of(now),
            "figures": REASON,
            "raised_at": now,
            "taken_by": self.manager,
            "done_by": self.manager,
            "done_at": now,
            "measure": WarningMeasure.CALLED,
            "note": "Sounded worried.",
        }
        return self.write("early_warning", **known | more)

    def watched(self, **more: Any) -> UUID:
        """A time on the watch list."""
        since = self.town.bank.day_of(self.town.bank.clock.now())
        known: dict[str, Any] = {"since": since, "until": since + timedelta(days=180), "note": "Keep an eye on this."}
        return self.write("watched", **known | more)

    def told(self, **more: Any) -> UUID:
        """A message that was delivered."""
        now = self.town.bank.clock.now()
        known: dict[str, Any] = {
            "kind": Channel.SMS,
            "about": "limit.raise",
            "made_at": now,
            "expires_at": now + timedelta(days=7),
            "next_try_at": now,
            "once": True,
            "delivered_at": now,
            "ended_at": now,
        }
        return self.write("message", **known | more)

    def special(self, amount: int, starts_on: date, until: date, **more: Any) -> UUID:
        """A temporary increase, in yuan."""
        known: dict[str, Any] = {
            "kind": LimitChangeKind.TEMPORARY,
            "amount": Money.yuan(amount),
            "starts_on": starts_on,
            "until": until,
            "granted_at": self.town.bank.clock.now(),
            "granted_by": self.manager,
        }
        return self.write("special_limit", **known | more)
