"""Whom an operation touches: finders for the ``subject`` of operations."""

from __future__ import annotations

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
from bankcard_tui.models.person import Person

ACCOUNT, APPLICATION, CARD, CARD_ACCOUNT, CUSTOMER, DOCUMENT, PERSON = (
    table(model) for model in (Account, Application, Card, CardAccount, Customer, Document, Person)
)
_CONCERNED = (PERSON.c.id.label("person_id"), PERSON.c.id_index)

# Built once: nearly every operation asks for its subject.
_OF_CUSTOMER = (
    select(CUSTOMER.c.version, *_CONCERNED)
    .join_from(CUSTOMER, PERSON, CUSTOMER.c.person_id == PERSON.c.id)
    .where(CUSTOMER.c.id == bindparam("id"))
)
# What is decided on an application rests on the customer's file as well: a change of either makes another version.
_OF_APPLICATION = (
    select((APPLICATION.c.version + CUSTOMER.c.version).label("version"), *_CONCERNED)
    .join_from(APPLICATION, CUSTOMER, APPLICATION.c.customer_id == CUSTOMER.c.id)
    .join(PERSON, CUSTOMER.c.person_id == PERSON.c.id)
    .where(APPLICATION.c.id == bindparam("id"))
)
_OF_DOCUMENT = (
    select(CUSTOMER.c.version, *_CONCERNED)
    .join_from(DOCUMENT, CUSTOMER, DOCUMENT.c.customer_id == CUSTOMER.c.id)
    .join(PERSON, CUSTOMER.c.person_id == PERSON.c.id)
    .where(DOCUMENT.c.id == bindparam("id"))
)
_OF_CARD = (
    select(CARD.c.version, *_CONCERNED)
    .join_from(CARD, CARD_ACCOUNT, CARD.c.card_account_id == CARD_ACCOUNT.c.id)
    .join(CUSTOMER, CARD_ACCOUNT.c.customer_id == CUSTOMER.c.id)
    .join(PERSON, CUSTOMER.c.person_id == PERSON.c.id)
    .where(CARD.c.id == bindparam("id"))
)
_OF_ACCOUNT = (
    select(ACCOUNT.c.version, *_CONCERNED)
    .join_from(ACCOUNT, PERSON, ACCOUNT.c.person_id == PERSON.c.id, isouter=True)
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
    return _subject(desk, "customer", arguments["customer"], _OF_CUSTOMER)


def of_application(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The application named by the argument ``application``."""
    return _subject(desk, "application", arguments["application"], _OF_APPLICATION)


def of_document(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The document named by the argument ``document``."""
    return _subject(desk, "document", arguments["document"], _OF_DOCUMENT)


def of_card(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The card named by the argument ``card``."""
    return _subject(desk, "card", arguments["card"], _OF_CARD)


def of_account(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The sign-in account named by the argument ``account``."""
    return _subject(desk, "account", arguments["account"], _OF_ACCOUNT)


def _subject(desk: Desk, kind: str, id: UUID, found: Select[Any]) -> Subject:
    row = desk.work.connection.execute(found, {"id": id}).one_or_none()
    if row is None:
        raise no_such(kind)
    return Subject(kind, id, row.person_id, row.id_index, row.version)


def no_such(kind: str) -> NotFound:
    """The error for a record that is not there."""
    return NotFound(
        "There is no such record ({kind}).", hint="It may have been merged; search again.", kind=_KINDS[kind]
    )


_KINDS = {
    "account": Phrase("account"),
    "application": Phrase("application"),
    "card": Phrase("card"),
    "customer": Phrase("customer"),
    "document": Phrase("document"),
    "request": Phrase("request"),
}
