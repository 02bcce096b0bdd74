"""Limits in the middle of the day: who has asked for what, and what was proposed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import insert, select

from bankcard_tui.models.base import table
from bankcard_tui.models.limit import LimitProposal
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import Grade, LimitChangeKind, ProposalOrigin, ProposalState
from bankcard_tui.services import limit_asking, limit_proposals
from bankcard_tui.services.subjects import CARD_ACCOUNT
from bankcard_tui.store.types import new_id

if TYPE_CHECKING:
    from bankcard_tui.desk.bank import Bank
    from tests.services.world import World

PROPOSAL = table(LimitProposal)


def limits_of_the_day(world: World) -> None:
    """The holder of the issued card has asked for more; a raise of the handed-over one waits for a second signature; a
    manager who is a customer too has an account, and a proposal for it.
    """
    ids, bank = world.ids, world.bank
    for name in ("issued", "handed", "self.teller"):
        ids[f"{name}.limit"] = account_of(bank, ids[f"{name}.customer"])
    ids["self.manager.limit"] = _account_without_card(world, "self.manager")
    ids["issued.proposal"] = limit_asking.ask(
        world.town.desk("issued"), ids["issued.limit"], LimitChangeKind.RAISE, Money.yuan(12_000), said="A journey."
    ).view.id
    for name in ("handed", "self.teller", "self.manager"):
        origin = ProposalOrigin.EVALUATION if name == "handed" else ProposalOrigin.MANAGER
        ids[f"{name}.proposal"] = proposed(bank, ids[f"{name}.limit"], Money.yuan(13_000), origin=origin)
    manager = world.town.desk("manager")
    seen = next(each for each in limit_proposals.proposals(manager).items if each.id == ids["handed.proposal"])
    pending = limit_proposals.sign(manager, seen.id, seen.version, seen.amount).pending
    assert pending is not None
    ids["limit.request"] = pending.id


def account_of(bank: Bank, customer: UUID) -> UUID:
    """The card account of a customer."""
    with bank.store.read() as connection:
        return UUID(
            str(
                connection.execute(select(CARD_ACCOUNT.c.id).where(CARD_ACCOUNT.c.customer_id == customer)).scalar_one()
            )
        )


def proposed(bank: Bank, account: UUID, amount: Money, **columns: Any) -> UUID:
    """Write a proposal of an evaluation, an increase with nothing else said, and return its id."""
    now = bank.clock.now()
    with bank.store.write() as connection:
        held = connection.execute(select(CARD_ACCOUNT).where(CARD_ACCOUNT.c.id == account)).one()
        row = {
            "id": new_id(now),
            "branch_id": bank.branch.id,
            "card_account_id": account,
            "customer_id": held.customer_id,
            "origin": ProposalOrigin.EVALUATION,
            "kind": LimitChangeKind.RAISE,
            "state": ProposalState.OPEN,
            "before": held.credit_limit,
            "amount": amount,
            "grade": Grade.EXCELLENT,
            "reason": "[]",
            "said": "",
            "answer": "",
            "policy_version": 1,
            "made_at": now - timedelta(hours=1),
            "version": 1,
            **columns,
        }
        connection.execute(insert(PROPOSAL).values(**row))
    return UUID(str(row["id"]))


def _account_without_card(world: World, name: str) -> UUID:
    now, id = world.bank.clock.now(), new_id(world.bank.clock.now())
    with world.bank.store.write() as connection:
        connection.execute(
            insert(CARD_ACCOUNT).values(
                id=id,
                branch_id=world.bank.branch.id,
                customer_id=world.ids[f"{name}.customer"],
                application_id=world.ids[f"{name}.application"],
                credit_limit=Money.yuan(10_000),
                grade=Grade.EXCELLENT,
                opened_at=now,
                policy_version=1,
                evaluated_on=world.bank.day_of(now),
            )
        )
    return id
