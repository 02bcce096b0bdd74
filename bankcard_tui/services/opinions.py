"""The decision aid's opinion on an application, with its precedents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from sqlalchemy import bindparam, select

from bankcard_tui.decision.opinion import Opinion, facts_of, form_opinion
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.results import View
from bankcard_tui.models.application import Application
from bankcard_tui.models.customer import Customer
from bankcard_tui.models.person import Person
from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.applications import missing_documents
from bankcard_tui.rules.hard_rules import rules_out_raise
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.odds import Scale
from bankcard_tui.rules.tiers import proposed_raise
from bankcard_tui.services.applicants import on_file
from bankcard_tui.services.history import Behaviour, behaviours
from bankcard_tui.services.limits_held import Held, held_by
from bankcard_tui.services.precedents import Precedent, nearest
from bankcard_tui.services.scorecards import card_in_force, expert_in
from bankcard_tui.services.subjects import CARD, CARD_ACCOUNT, CUSTOMER, DOCUMENT, PERSON

_SEEN = select(DOCUMENT.c.kind).where(
    DOCUMENT.c.customer_id == bindparam("customer"), DOCUMENT.c.verified_at.is_not(None)
)
_OF_PERSON = (
    select(CARD_ACCOUNT.c.id, CARD_ACCOUNT.c.credit_limit, CARD.c.last4)
    .join_from(CARD_ACCOUNT, CUSTOMER, CARD_ACCOUNT.c.customer_id == CUSTOMER.c.id)
    .join(PERSON, CUSTOMER.c.person_id == PERSON.c.id)
    .join(CARD, CARD.c.card_account_id == CARD_ACCOUNT.c.id)
    .where(PERSON.c.id_index == bindparam("index"))
    .order_by(CARD_ACCOUNT.c.opened_at, CARD_ACCOUNT.c.id, CARD.c.issued_at, CARD.c.id)
)


class Raise(View):
    """A card account here whose limit could be raised to ``proposed``; ``last4`` are digits of its newest card."""

    account: UUID
    last4: str
    limit: Money
    proposed: Money


class Advice(View):
    """An opinion with the known customers nearest to the applicant; fewer than needed means: not enough known.

    Each of ``raises`` stands for itself: together they may be more than the total limit holds.
    """

    opinion: Opinion
    precedents: tuple[Precedent, ...]
    enough_precedents: bool
    policy_version: int
    scale: Scale
    raises: tuple[Raise, ...] = ()


def applicant_of(desk: Desk, application: Application) -> Applicant:
    """What the decision aid may know about the person who applied."""
    seen = desk.sql.execute(_SEEN, {"customer": application.customer_id}).scalars()
    return replace(
        holder_of(desk, application.customer_id),
        missing_documents=missing_documents(application.kind, set(seen), desk.policy),
        card_kind=application.kind,
        wished_limit=application.wished_limit,
    )


def holder_of(desk: Desk, customer: UUID) -> Applicant:
    """What the decision aid may know about a customer who wants nothing more than what there is."""
    index = desk.record(Person, desk.record(Customer, customer).person_id).id_index
    return holders_of(desk, {customer: held_by(desk, [index])[index]})[customer]


def holders_of(desk: Desk, held: Mapping[UUID, Held]) -> dict[UUID, Applicant]:
    """What the decision aid may know about many customers, each with what is held here."""
    shown = behaviours(desk, {customer: each.total for customer, each in held.items()}, desk.today)
    return {customer: _holder(desk, customer, each.total, shown[customer]) for customer, each in held.items()}


def _holder(desk: Desk, customer: UUID, limits: Money, shown: Behaviour) -> Applicant:
    record = desk.record(Customer, customer)
    return replace(
        on_file(record, desk.record(Person, record.person_id), desk.today),
        own_limits=limits,
        months_observed=shown.months_observed,
        own_days_past_due=shown.worst_days_past_due,
        own_use_percent=shown.use_percent,
    )


def opinion_on(desk: Desk, applicant: Applicant) -> Opinion:
    """The opinion alone, as things stand now: precedents are looked for where somebody reads them, and a decision holds
    up everybody else who writes.
    """
    in_force = card_in_force(desk)
    return form_opinion(applicant, in_force.card, in_force.digest, desk.policy)


def advise(desk: Desk, application: Application, applicant: Applicant) -> Advice:
    """The opinion on an application by ``applicant`` as things stand now, with its precedents."""
    advice = advise_on(desk, application.customer_id, applicant)
    if not applicant.own_limits:
        return advice
    person = desk.record(Person, desk.record(Customer, application.customer_id).person_id)
    return advice.model_copy(update={"raises": _raises(desk, applicant, advice.opinion, person.id_index)})


def advise_on(desk: Desk, customer: UUID, applicant: Applicant) -> Advice:
    """The opinion on ``applicant``, who is ``customer``, as things stand now, with its precedents."""
    in_force = card_in_force(desk)
    opinion = form_opinion(applicant, in_force.card, in_force.digest, desk.policy)
    person = desk.record(Person, desk.record(Customer, customer).person_id)
    facts = facts_of(applicant)
    points = {opinion.points, expert_in(desk.policy).card.score(facts).points}
    precedents = nearest(desk, in_force.card, facts, points, person.id_index)
    return Advice(
        opinion=opinion,
        precedents=precedents,
        enough_precedents=len(precedents) >= desk.policy.precedents_needed,
        policy_version=desk.policy_version,
        scale=in_force.card.scale,
    )


def _raises(desk: Desk, applicant: Applicant, opinion: Opinion, person: bytes) -> tuple[Raise, ...]:
    """What the cards that the applicant has here could be raised to; nothing while a rule is broken, save that papers
    for the new card are missing or that there is no room for it.
    """
    if rules_out_raise(opinion.broken):
        return ()
    newest = {row.id: row for row in desk.sql.execute(_OF_PERSON, {"index": person})}
    return tuple(
        Raise(account=row.id, last4=row.last4, limit=row.credit_limit, proposed=proposed)
        for row in newest.values()
        if (proposed := proposed_raise(row.credit_limit, applicant, opinion.grade, opinion.high, desk.policy))
    )
