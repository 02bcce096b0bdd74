"""Known customers to learn from, decisions to watch, and points cards."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import insert, select, update

from bankcard_tui.desk.access import POLICY
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.desk import Desk
from bankcard_tui.models.person import Standing
from bankcard_tui.rules.expert import expert_card
from bankcard_tui.rules.identity import make_id_number
from bankcard_tui.rules.policy import DEFAULT_POLICY, to_plain
from bankcard_tui.rules.scorecard_json import card_to_json, digest_of
from bankcard_tui.rules.terms import Decision, Grade
from bankcard_tui.services.application_views import DECISION
from bankcard_tui.services.card_approval import approve_card
from bankcard_tui.services.card_training import keep_card, proof_of
from bankcard_tui.services.outcomes import OUTCOME
from bankcard_tui.services.people import ID_LABEL
from bankcard_tui.services.requests import sign
from bankcard_tui.services.scorecards import SCORECARD, CardRow, card_name, list_cards
from bankcard_tui.services.subjects import APPLICATION, CUSTOMER, PERSON
from bankcard_tui.store.sealing import seal
from bankcard_tui.store.types import new_id

CARD = expert_card(DEFAULT_POLICY)
BORN = date(1986, 4, 5)


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


def outcome_of(bank: Bank, customer: UUID, known: Mapping[str, object], bad: bool, start: date) -> dict[str, object]:
    """The row of a customer of another system who turned out."""
    return {
        "id": new_id(bank.clock.now()),
        "branch_id": bank.branch.id,
        "customer_id": customer,
        "card_account_id": None,
        "started_on": start,
        "facts": json.dumps(known),
        "points": 600,
        "months_observed": 12,
        "worst_days_past_due": 90 if bad else 0,
        "bad": bad,
        "matured_at": bank.clock.now(),
    }


def turned_out(bank: Bank, count: int, *, first: int = 0, seed: int = 7) -> None:
    """``count`` customers, every other a woman, and how they turned out: who was overdue before turns bad more often
    than not. They began one a day.
    """
    chance = random.Random(seed)
    now, people, customers, outcomes = bank.clock.now(), [], [], []
    for place in range(first, first + count):
        known = facts(chance)
        bad = chance.random() < (0.6 if known["times_overdue"] else 0.06)
        number = make_id_number("310101", BORN + timedelta(days=place // 1000), place % 1000)
        person, customer, name = new_id(now), new_id(now), f"Known {place}"
        people.append(
            {
                "id": person,
                "branch_id": bank.branch.id,
                "name": name,
                "id_sealed": seal(bank.keys, ID_LABEL, person, number),
                "id_index": bank.keys.blind_index("id_number", number),
                "id_last4": number[-4:],
                "birth_date": BORN,
                "standing": Standing.KNOWN,
                "created_at": now,
            }
        )
        customers.append(
            {
                "id": customer,
                "branch_id": bank.branch.id,
                "person_id": person,
                "name": name,
                "name_key": name.lower(),
                "phone": "13800000000",
                "email": "",
                "address": "",
                "employer": "",
                "security_note": "",
                "channels": "",
                "registered_at": now,
                "version": 1,
            }
        )
        outcomes.append(outcome_of(bank, customer, known, bad, date(2023, 1, 1) + timedelta(days=place)))
    with bank.store.write() as connection:
        for table, rows in ((PERSON, people), (CUSTOMER, customers), (OUTCOME, outcomes)):
            connection.execute(insert(table), rows)


def decided(
    bank: Bank,
    application: UUID,
    account: UUID,
    count: int,
    *,
    decision: Decision = Decision.APPROVE,
    against: bool = False,
    card: str = CARD.name,
    days_ago: int = 10,
    seed: int = 3,
    own: bool = True,
) -> None:
    """``count`` decisions of one manager, on people like those who turned out; each on an application of its own, which
    is like ``application`` otherwise, or all on ``application`` itself.
    """
    chance = random.Random(seed)
    at = bank.clock.now() - timedelta(days=days_ago)
    with bank.store.read() as connection:
        asked = dict(connection.execute(select(APPLICATION).where(APPLICATION.c.id == application)).mappings().one())
    applications = [{**asked, "id": (id := new_id(at)), "number": id.hex[-18:]} for _ in range(count) if own]
    rows = []
    for place in range(count):
        known = facts(chance)
        rows.append(
            {
                "id": new_id(at),
                "application_id": applications[place]["id"] if own else application,
                "at": at + timedelta(microseconds=place),
                "account_id": account,
                "decision": decision,
                "grade": Grade.GOOD,
                "limit_granted": None,
                "reasons": "",
                "note": "",
                "against": against,
                "against_reason": "",
                "points": CARD.score(known).points,
                "opinion": "{}",
                "facts": json.dumps(known),
                "card": card,
                "policy_version": 1,
            }
        )
    with bank.store.write() as connection:
        if own:
            connection.execute(insert(APPLICATION), applications)
        connection.execute(insert(DECISION), rows)


def card_at_hand(desk: Desk) -> CardRow:
    """The next trained card, which says what the expert's says."""
    return kept(desk, max(row.version for row in list_cards(desk)) + 1)


def kept(desk: Desk, version: int) -> CardRow:
    """A card as a training of the person at the desk hands it over."""
    card = replace(CARD, name=card_name(version))
    account = desk.who.account_id
    assert account is not None
    return keep_card(desk, card_to_json(card), proof_of(desk.keys, account, digest_of(card))).view


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


def stored_card(bank: Bank, version: int) -> str:
    """The text of a card as it lies in the store."""
    with bank.store.read() as connection:
        found = connection.execute(select(SCORECARD.c.card).where(SCORECARD.c.version == version))
        return str(found.scalar_one())


def change_policy(bank: Bank, **figures: object) -> None:
    """Another version of the policy comes in force."""
    now = bank.clock.now()
    with bank.store.write() as connection:
        row = connection.execute(select(POLICY)).one()._asdict()
        policy = replace(bank.policy_in_force(connection, now), **figures)  # type: ignore[arg-type]
        changed = {"version": row["version"] + 1, "policy": json.dumps(to_plain(policy)), "in_force_from": now}
        connection.execute(insert(POLICY).values(row | changed))
