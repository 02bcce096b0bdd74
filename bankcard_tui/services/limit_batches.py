"""Proposals signed together, as a batch that somebody has looked through: all of them or none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import select

from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation
from bankcard_tui.errors import BankError, Conflict, InvalidInput, Refused
from bankcard_tui.models.card import CardAccount
from bankcard_tui.models.customer import Customer
from bankcard_tui.models.limit import LimitProposal
from bankcard_tui.models.person import Person
from bankcard_tui.rules.free_text import free_text
from bankcard_tui.rules.money import ZERO, Money
from bankcard_tui.rules.special_limits import Bounds
from bankcard_tui.rules.terms import LimitChangeKind
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.four_eyes import SIGNING
from bankcard_tui.services.limit_changes import Change, change_limits
from bankcard_tui.services.limit_parties import BATCH, check_apart
from bankcard_tui.services.limit_proposals import check_seen, checked, waits
from bankcard_tui.services.limit_rows import BESIDE, proposal_rows, signers, waiting_proposals
from bankcard_tui.services.limit_rules import check_amount, check_reason, standings_of
from bankcard_tui.services.limit_views import ProposalTotals, Seen
from bankcard_tui.services.outbox import deliver_now
from bankcard_tui.services.subjects import CARD_ACCOUNT, CUSTOMER, PERSON, PROPOSAL, no_such

MOST_TOGETHER = 500
"""So many proposals are signed in one transaction."""

_RECORDS = (
    select(LimitProposal, CardAccount, Customer, Person)
    .join_from(LimitProposal, CardAccount, PROPOSAL.c.card_account_id == CARD_ACCOUNT.c.id)
    .join(Customer, CARD_ACCOUNT.c.customer_id == CUSTOMER.c.id)
    .join(Person, CUSTOMER.c.person_id == PERSON.c.id)
)


def _of_batch(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The batch: the same proposals are the same batch. Whom it concerns is looked at where it is signed. Raises
    InvalidInput for what is no batch, before anything is read of it.
    """
    if not 1 <= len(arguments["seen"]) <= MOST_TOGETHER:
        raise InvalidInput(
            "seen",
            "A batch holds at most {most:proposal|proposals}, and one at least.",
            hint="Select fewer of them.",
            most=MOST_TOGETHER,
        )
    ids = sorted(each.proposal.hex for each in arguments["seen"])
    return Subject(BATCH, uuid5(NAMESPACE_OID, " ".join(ids)))


def _further(desk: Desk, arguments: dict[str, Any]) -> tuple[Permission, ...]:
    """The permissions that the signatures after the first need: those of the largest in the batch."""
    amounts = {each.proposal: each.amount for each in arguments["seen"]}
    rows = desk.sql.execute(proposal_rows(desk).where(PROPOSAL.c.id.in_(amounts)))
    needed = [
        signers(
            row._mapping[PROPOSAL.c.kind],
            row.limit_now,
            row.running or ZERO,
            amounts[row._mapping[PROPOSAL.c.id]],
            desk.policy,
        )
        for row in rows
    ]
    return SIGNING[: max(needed, default=1) - 1]


@operation(
    "limit.sign_batch", allow=Permission.DECIDE_LIMITS, subject=_of_batch, signatures=_further, after=deliver_now
)
def sign_batch(desk: Desk, seen: tuple[Seen, ...], raised: Money, reduced: Money, note: str = "") -> ProposalTotals:
    """Carry out up to 500 proposals, each as it was seen, whose totals were seen as well: limits ``raised`` and
    ``reduced`` by so much. One that can't be carried out stops all. Staff alone read the note, in the log.
    """
    records = _records(desk, seen)
    waiting = waiting_proposals(desk)
    check_apart(desk, list(records))
    for each in seen:
        try:
            check_seen(*records[each.proposal], each.version)
            # The rules of each are looked at below; what is summed up before has to be an amount that could be.
            check_amount(each.amount, Bounds(ZERO, desk.policy.total_limit_highest), desk.policy.limit_step)
            if each.proposal in waiting:
                raise waits()
        except BankError as error:
            raise _stopped(desk, records[each.proposal][1], error) from None
    totals = totals_of([(*records[each.proposal], each.amount) for each in seen])
    if (totals.raised, totals.reduced) != (raised, reduced):
        raise Conflict(
            "The totals that you saw are not those of this batch.",
            hint="Look through it again; nothing was signed.",
            code="conflict.totals",
        )
    why = free_text("note", note, most=500)
    change_limits(desk, _checked(desk, seen, records, why))
    desk.note(
        proposals=totals.count,
        raised=raised,
        reduced=reduced,
        signed=[each.proposal for each in seen],
        note=why,
    )
    return totals


def _checked(
    desk: Desk, seen: tuple[Seen, ...], records: dict[UUID, tuple[LimitProposal, CardAccount]], why: str
) -> Iterator[Change]:
    """The changes of a batch one after the other, each looked at when those before it are made."""
    standings = standings_of(desk, [account for _, account in records.values()])
    for each in seen:
        record, account = records[each.proposal]
        try:
            change = checked(desk, standings[account.id], record, each.amount)
            check_reason(standings[account.id], record, why)
        except (Refused, InvalidInput) as error:
            raise _stopped(desk, account, error) from None
        yield change


def totals_of(changes: list[tuple[LimitProposal, CardAccount, Money]]) -> ProposalTotals:
    """What proposals come to, each with the amount with which it is to be carried out."""
    raised = reduced = ZERO
    kinds = [record.kind for record, _, _ in changes]
    for record, account, amount in changes:
        if record.kind in BESIDE:
            raised += amount
        elif record.kind is LimitChangeKind.RAISE:
            raised += max(amount - account.credit_limit, ZERO)
        else:
            reduced += max(account.credit_limit - amount, ZERO)
    raises, reductions = kinds.count(LimitChangeKind.RAISE), kinds.count(LimitChangeKind.REDUCTION)
    return ProposalTotals(
        count=len(kinds),
        raises=raises,
        reductions=reductions,
        others=len(kinds) - raises - reductions,
        raised=raised,
        reduced=reduced,
    )


def _records(desk: Desk, seen: tuple[Seen, ...]) -> dict[UUID, tuple[LimitProposal, CardAccount]]:
    """The records of a batch, by proposal; the operation finds those of its customers read. Raises InvalidInput for
    an account that stands twice in it.
    """
    found = desk.db.execute(_RECORDS.where(PROPOSAL.c.id.in_([each.proposal for each in seen]))).all()
    for row in found:
        for record in row:
            desk.keep(record.id, record)
    records = {proposal.id: (proposal, account) for proposal, account, _, _ in found}
    if len({account.id for _, account in records.values()}) < len(seen):
        if any(each.proposal not in records for each in seen):
            raise no_such("proposal")
        raise InvalidInput(
            "seen",
            "An account stands twice in this batch.",
            hint="Decide on its proposals one by one.",
        )
    return records


def _stopped(desk: Desk, account: CardAccount, problem: BankError) -> Conflict:
    """The error that names what stopped a batch."""
    customer = desk.record(Customer, account.customer_id)
    return Conflict(
        "Nothing was signed, because of {name}, limit {limit} yuan: {problem}",
        hint="Take it out of the batch, or look at it alone.",
        code="conflict.batch",
        name=customer.name,
        limit=str(account.credit_limit),
        problem=problem.phrases[0],
    )
