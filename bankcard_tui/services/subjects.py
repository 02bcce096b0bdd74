"""Whom an operation touches: finders for the ``subject`` of operations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.errors import NotFound
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


def myself(desk: Desk, arguments: dict[str, Any]) -> Subject | None:
    """The account at the desk."""
    actor = desk.actor
    if actor.account_id is None:
        return None
    return Subject("account", actor.account_id, actor.person_id, actor.index)


def of_customer(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The customer named by the argument ``customer``."""
    id: UUID = arguments["customer"]
    found = select(CUSTOMER.c.version, *_CONCERNED).join_from(CUSTOMER, PERSON, CUSTOMER.c.person_id == PERSON.c.id)
    return _subject(desk, "customer", id, found.where(CUSTOMER.c.id == id))


def of_application(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The application named by the argument ``application``."""
    id: UUID = arguments["application"]
    found = (
        select(APPLICATION.c.version, *_CONCERNED)
        .join_from(APPLICATION, CUSTOMER, APPLICATION.c.customer_id == CUSTOMER.c.id)
        .join(PERSON, CUSTOMER.c.person_id == PERSON.c.id)
    )
    return _subject(desk, "application", id, found.where(APPLICATION.c.id == id))


def of_document(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The document named by the argument ``document``."""
    id: UUID = arguments["document"]
    found = (
        select(CUSTOMER.c.version, *_CONCERNED)
        .join_from(DOCUMENT, CUSTOMER, DOCUMENT.c.customer_id == CUSTOMER.c.id)
        .join(PERSON, CUSTOMER.c.person_id == PERSON.c.id)
    )
    return _subject(desk, "document", id, found.where(DOCUMENT.c.id == id))


def of_card(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The card named by the argument ``card``."""
    id: UUID = arguments["card"]
    found = (
        select(CARD.c.version, *_CONCERNED)
        .join_from(CARD, CARD_ACCOUNT, CARD.c.card_account_id == CARD_ACCOUNT.c.id)
        .join(CUSTOMER, CARD_ACCOUNT.c.customer_id == CUSTOMER.c.id)
        .join(PERSON, CUSTOMER.c.person_id == PERSON.c.id)
    )
    return _subject(desk, "card", id, found.where(CARD.c.id == id))


def of_account(desk: Desk, arguments: dict[str, Any]) -> Subject:
    """The sign-in account named by the argument ``account``."""
    id: UUID = arguments["account"]
    found = select(ACCOUNT.c.version, *_CONCERNED).join_from(
        ACCOUNT, PERSON, ACCOUNT.c.person_id == PERSON.c.id, isouter=True
    )
    return _subject(desk, "account", id, found.where(ACCOUNT.c.id == id))


def _subject(desk: Desk, kind: str, id: UUID, found: Select[Any]) -> Subject:
    row = desk.work.connection.execute(found).one_or_none()
    if row is None:
        raise no_such(kind)
    return Subject(kind, id, row.person_id, row.id_index, row.version)


def no_such(kind: str) -> NotFound:
    """The error for a record that is not there."""
    return NotFound("There is no such record ({kind}).", hint="It may have been merged; search again.", kind=kind)
