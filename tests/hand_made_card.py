"""A card as training makes them, made by hand: the expert's figures moved, with counts and a covariance."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from bankcard_tui.desk.bank import Bank
from bankcard_tui.models.scorecard import ScorecardVersion
from bankcard_tui.rules.expert import expert_card
from bankcard_tui.rules.policy import DEFAULT_POLICY, Policy
from bankcard_tui.rules.scorecard import Attribute, Characteristic, Scorecard
from bankcard_tui.rules.scorecard_json import card_to_json, digest_of
from bankcard_tui.rules.terms import CardState
from bankcard_tui.rules.training import Training
from bankcard_tui.services.scorecards import mark_card
from bankcard_tui.store.types import new_id


def trained_like(policy: Policy = DEFAULT_POLICY, sd: float = 0.1, name: str = "branch-1") -> Scorecard:
    """Learned from 1,024 customers of whom 151 turned bad; every attribute is sure to ``sd`` (log-odds)."""
    expert = expert_card(policy)
    characteristics = tuple(_learned(each, place) for place, each in enumerate(expert.characteristics))
    size = 1 + sum(len(each.all) for each in characteristics)
    covariance = tuple(tuple(sd**2 if row == column else 0.0 for column in range(row + 1)) for row in range(size))
    return replace(
        expert,
        name=name,
        base=Attribute(expert.base.points + 3, expert.base.prior_sd, cases=1_024, bad=151),
        characteristics=characteristics,
        covariance=covariance,
        training=Training(source="by hand", made_at="2026-03-02"),
    )


def put_in_force(bank: Bank, card: Scorecard, trained_by: UUID, version: int = 1) -> None:
    """The card gives opinions from the next operation on."""
    now = bank.clock.now()
    with bank.store.write() as connection, Session(connection) as session:
        record = ScorecardVersion(
            id=new_id(now),
            branch_id=bank.branch.id,
            version=version,
            state=CardState.IN_FORCE,
            card=card_to_json(card),
            digest=digest_of(card),
            trained_at=now,
            trained_by=trained_by,
            in_force_from=now,
            mark=b"",
        )
        mark_card(bank.system_desk("training"), record)
        session.add(record)
        session.flush()


def _learned(characteristic: Characteristic, place: int) -> Characteristic:
    moved = tuple(
        replace(each, points=each.points + (place + rank) % 5 - 2, cases=40 + 30 * rank, bad=9 + rank)
        for rank, each in enumerate(characteristic.attributes)
    )
    seen = {"lowest": 0.0, "highest": 1e9} if characteristic.numeric else {}
    return replace(characteristic, attributes=moved, **seen)
