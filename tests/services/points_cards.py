"""Known customers to learn from, and points cards trained on them."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import insert, update

from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.desk import Desk
from bankcard_tui.rules.expert import expert_card
from bankcard_tui.rules.policy import DEFAULT_POLICY
from bankcard_tui.services.card_approval import approve_card
from bankcard_tui.services.card_data import OUTCOME
from bankcard_tui.services.card_training import train_card
from bankcard_tui.services.requests import sign
from bankcard_tui.services.scorecards import SCORECARD, CardRow
from bankcard_tui.store.types import new_id

CARD = expert_card(DEFAULT_POLICY)


def facts(chance: random.Random) -> dict[str, float | str]:
    """What may be known of somebody at the start."""
    return {
        "age": chance.randint(20, 65),
        "monthly_income": chance.choice((2_500, 6_000, 12_000, 20_000)),
        "assets": chance.choice((0, 20_000, 120_000)),
        "debt_service_percent": chance.choice((0, 20, 35, 60)),
        "other_limits_percent_of_annual_income": chance.choice((0, 50, 90)),
        "times_overdue": chance.choice((0, 0, 1, 3)),
        "years_employed": chance.choice((0, 2, 9)),
        "employer_kind": chance.choice(("government", "private", "self_employed")),
        "occupation": chance.choice(("office", "worker", "student")),
        "housing": chance.choice(("owned", "rented")),
        "income_source": chance.choice(("payroll", "declared")),
        "security": "none",
    }


def turned_out(
    bank: Bank, customers: tuple[UUID, ...], count: int, *, start: date = date(2024, 1, 1), seed: int = 7
) -> None:
    """``count`` outcomes of these ``customers`` in turn; who overdrew before turns bad more often than not."""
    chance = random.Random(seed)
    now = bank.clock.now()
    rows = []
    for place in range(count):
        known = facts(chance)
        bad = chance.random() < (0.6 if known["times_overdue"] else 0.06)
        rows.append(
            {
                "id": new_id(now),
                "branch_id": bank.branch.id,
                "customer_id": customers[place % len(customers)],
                "card_account_id": None,
                "started_on": start + timedelta(days=place // len(customers)),
                "facts": json.dumps(known),
                "points": CARD.score(known).points,
                "months_observed": 12,
                "worst_days_past_due": 90 if bad else 0,
                "bad": bad,
                "matured_at": now,
            }
        )
    with bank.store.write() as connection:
        connection.execute(insert(OUTCOME), rows)


def trained(desk: Desk, customer: UUID, count: int = 60) -> CardRow:
    """A card trained on ``count`` outcomes, made for it where there are none yet."""
    with desk.bank.store.read() as connection:
        known = connection.execute(OUTCOME.select().limit(1)).first()
    if known is None:
        turned_out(desk.bank, (customer,), count)
    return train_card(desk)


def put_in_force(maker: Desk, signer: Desk, card: CardRow) -> None:
    """Two people approve a card."""
    assert card.id is not None
    pending = approve_card(maker, card.id).pending
    assert pending is not None
    sign(signer, pending.id)


def alter(bank: Bank, row: UUID | None, **columns: object) -> None:
    """Somebody writes into the row of a card, past the program."""
    with bank.store.write() as connection:
        connection.execute(update(SCORECARD).where(SCORECARD.c.id == row).values(**columns))
