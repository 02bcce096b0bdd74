"""Whom a request about limits concerns: the customers in it, and those who proposed it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from bankcard_tui.desk.desk import Desk, on_oneself
from bankcard_tui.errors import Refused
from bankcard_tui.services.subjects import ACCOUNT, CUSTOMER, PERSON, PROPOSAL

SINGLE, BATCH = "limit", "limit_batch"
LIMIT_KINDS = (SINGLE, BATCH)
"""What requests about limits are about: one proposal, or many together."""


def proposals_of(kind: str, subject: UUID, payload: str) -> list[UUID]:
    """The proposals that a request with this subject and payload is about; none where it is about something else, or
    its payload is nothing that this program wrote.
    """
    if kind == SINGLE:
        return [subject]
    try:
        return [UUID(each["proposal"]) for each in json.loads(payload)["seen"]] if kind == BATCH else []
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return []


def check_apart(desk: Desk, proposals: Sequence[UUID]) -> None:
    """Raise Refused where the person at the desk is a customer of one of the ``proposals``, or has made it: nobody
    approves their own work.
    """
    holders = (
        select(PROPOSAL.c.id)
        .join_from(PROPOSAL, CUSTOMER, PROPOSAL.c.customer_id == CUSTOMER.c.id)
        .join(PERSON, CUSTOMER.c.person_id == PERSON.c.id)
    )
    makers = (
        select(PROPOSAL.c.id)
        .join_from(PROPOSAL, ACCOUNT, PROPOSAL.c.made_by == ACCOUNT.c.id)
        .join(PERSON, ACCOUNT.c.person_id == PERSON.c.id)
    )
    mine = (PROPOSAL.c.id.in_(proposals), PERSON.c.id_index == desk.actor.index)
    if desk.sql.execute(holders.where(*mine)).first() is not None:
        raise on_oneself()
    if desk.sql.execute(makers.where(*mine)).first() is not None:
        raise Refused(
            "You have proposed this yourself: somebody else decides on it.",
            hint="Ask a colleague to sign.",
            code="refused.same_person",
        )
