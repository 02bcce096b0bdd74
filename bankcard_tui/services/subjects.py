"""Whom an operation touches: finders for the ``subject`` of operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select

from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.errors import NotFound, Phrase
from bankcard_tui.models.account import Account
from bankcard_tui.models.application import Application
from bankcard_tui.models.base import table
from bankcard_tui.models.card import Card, CardAccount
from bankcard_tui.models.customer import Customer, Document
from bankcard_tui.models.limit import LimitProposal
from bankcard_tui.models.person import Person

ACCOUNT, APPLICATION, CARD, CARD_ACCOUNT, CUSTOMER, DOCUMENT, PERSON, PROPOSAL = (
    table(model) for model in (Account, Application, Card, CardAccount, Customer, Document, Person, LimitProposal)
)

# Built once: nearly every operation asks for its subject, and then works on the records that are read here.
_OF_CUSTOMER = (
    select(Customer, Person)
    .join_from(Customer, Person, CUSTOMER.c.person_id == PERSON.c.id)
    .where(CUSTOMER.c.id == bindparam("id"))
)
_OF_APPLICATION = (
    select(Application, Customer, Person)
    .join_from(Application, Customer, APPLICATION.c.customer_id == CUSTOMER.c.id)
    .join(Person, CUSTOMER.c.person_id == PERSON.c.id)
    .where(APPLICATION.c.id == bindparam("id"))
)
_OF_DOCUMENT = (
    select(Document, Customer, Person)
    .join_from(Document, Customer, DOCUMENT.c.customer_id == CUSTOMER.c.id)
    .join(Person, CUSTOMER.c.person_id == PERSON.c.id)
    .where(DOCUMENT.c.id == bindparam("id"))
)
_OF_CARD = (
    select(Card, Person)
    .join_from(Card, CardAccount, CARD.c.card_account_id == CARD_ACCOUNT.c.id)
    .join(Customer, CARD_ACCOUNT.c.customer_id == CUSTOMER.c.id)
    .join(Person, CUSTOMER.c.person_id == PERSON.c.id)
    .where(CARD.c.id == bindparam("id"))
)
_OF_CARD_ACCOUNT = (
    select(CardAccount, Customer, Person)
    .join_from(CardAccount, Customer, CARD_ACCOUNT.c.customer_id == CUSTOMER.c.id)
    .join(Person, CUSTOMER.c.person_id == PERSON.c.id)
    .where(CARD_ACCOUNT.c.id == bindparam("id"))
)
_OF_PROPOSAL = (
    select(LimitProposal, CardAccount, Customer, Person)
    .join_from(LimitProposal, CardAccount, PROPOSAL.c.card_account_id == CARD_ACCOUNT.c.id)
    .join(Customer, CARD_ACCOUNT.c.customer_id == CUSTOMER.c.id)
    .join(Person, CUSTOMER.c.person_id == PERSON.c.id)
    .where(PROPOSAL.c.id == bindparam("id"))
)
_OF_ACCOUNT = (
    select(Account, Person)
    .join_from(Account, Person, ACCOUNT.c.person_id == PERSON.c.id, isouter=True)
    .where(ACCOUNT.c.id == bindparam("id"))
)


def myself(desk: Desk, arguments: dict[str, Any]) -> Subject | None:
    """The account at the desk."""
    actor = desk.actor
    if actor.account_id is None:
        return None
    return Subject("account", actor.account_id, actor.person_id, actor.index)


def of_customer(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The customer named by the argument ``customer``."""
    id = arguments["customer"]
    customer, person = _read(desk, "customer", id, _OF_CUSTOMER)
    return Subject("customer", id, person.id, person.id_index, customer.version)


def of_application(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The application named by the argument ``application``.

    What is decided on an application rests on the customer's file as well: a change of either makes another version.
    """
    id = arguments["application"]
    application, customer, person = _read(desk, "application", id, _OF_APPLICATION)
    return Subject("application", id, person.id, person.id_index, application.version + customer.version)


def of_document(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The document named by the argument ``document``."""
    id = arguments["document"]
    _, customer, person = _read(desk, "document", id, _OF_DOCUMENT)
    return Subject("document", id, person.id, person.id_index, customer.version)


def of_card(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The card named by the argument ``card``."""
    id = arguments["card"]
    card, person = _read(desk, "card", id, _OF_CARD)
    return Subject("card", id, person.id, person.id_index, card.version)


def of_card_account(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The card account named by the argument ``account``."""
    id = arguments["account"]
    account, _, person = _read(desk, "card account", id, _OF_CARD_ACCOUNT)
    return Subject("card_account", id, person.id, person.id_index, account.version)


def of_proposal(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The proposal for a limit named by the argument ``proposal``.

    What is decided on it rests on the account as well: a change of either makes another version.
    """
    id = arguments["proposal"]
    proposal, account, _, person = _read(desk, "proposal", id, _OF_PROPOSAL)
    return Subject("limit", id, person.id, person.id_index, proposal.version + account.version)


def unseen(subject: Subject) -> Subject:
    """The subject, counting for four eyes, and not standing in the customer's own log: what the bank considers without
    having been asked is the bank's.
    """
    return replace(subject, person_id=None)


def of_account(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The sign-in account named by the argument ``account``."""
    id = arguments["account"]
    account, person = _read(desk, "account", id, _OF_ACCOUNT)
    return Subject("account", id, account.person_id, person.id_index if person else None, account.version)


def _read(desk: Desk, kind: str, id: UUID, found: Select[*tuple[Any, ...]]) -> Sequence[Any]:
    """The records that the subject is made of, the one asked for first; the operation finds them read."""
    records = desk.db.execute(found, {"id": id}).one_or_none()
    if records is None:
        raise no_such(kind)
    for record in records:
        if record is not None:
            desk.keep(record.id, record)
    return records


def no_such(kind: str) -> NotFound:
    """The error for a record that is not there."""
    return NotFound(
        "There is no such record ({kind}).", hint="It may have been merged; search again.", kind=_KINDS[kind]
    )


_KINDS = {
    "account": Phrase("account"),
    "application": Phrase("application"),
    "card": Phrase("card"),
    "card account": Phrase("card account"),
    "customer": Phrase("customer"),
    "document": Phrase("document"),
    "message": Phrase("message"),
    "proposal": Phrase("proposal"),
    "request": Phrase("request"),
    "scorecard": Phrase("points card"),
    "warning": Phrase("early warning"),
    "watched": Phrase("entry on the watch list"),
}
