"""When customers registered and last signed in: all that an admin sees of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from bankcard_tui.desk.access import ACCOUNT
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import question
from bankcard_tui.desk.results import View
from bankcard_tui.rules.contact import mask_phone
from bankcard_tui.rules.terms import Role
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.paging import Page, fetch_page
from bankcard_tui.services.subjects import CUSTOMER


class SignInRow(View):
    """A customer as an admin sees one: registered and signed in when; nothing of the profile."""

    account_id: UUID
    username: str
    name: str
    phone: str
    registered_at: datetime
    last_sign_in_at: datetime | None
    waits_for_activation: bool
    disabled_at: datetime | None


@question("customer.sign_ins", allow=Permission.SEE_SIGN_INS)
def customer_sign_ins(desk: Desk, cursor: str | None = None) -> Page[SignInRow]:
    """Customers' registration dates and last sign-ins, newest registration first."""
    statement = (
        select(
            CUSTOMER.c.id,
            CUSTOMER.c.name,
            CUSTOMER.c.phone,
            CUSTOMER.c.registered_at,
            ACCOUNT.c.id.label("account_id"),
            ACCOUNT.c.username,
            ACCOUNT.c.last_sign_in_at,
            ACCOUNT.c.password,
            ACCOUNT.c.disabled_at,
        )
        .join_from(CUSTOMER, ACCOUNT, ACCOUNT.c.person_id == CUSTOMER.c.person_id)
        .where(CUSTOMER.c.branch_id == desk.branch_id, ACCOUNT.c.role == Role.CUSTOMER)
    )

    def show(row: Row[Any]) -> SignInRow:
        return SignInRow(
            account_id=row.account_id,
            username=row.username,
            name=row.name,
            phone=mask_phone(row.phone),
            registered_at=row.registered_at,
            last_sign_in_at=row.last_sign_in_at,
            waits_for_activation=row.password is None,
            disabled_at=row.disabled_at,
        )

    keys = (CUSTOMER.c.registered_at, CUSTOMER.c.id, ACCOUNT.c.id)
    return fetch_page(desk.sql, statement, keys, cursor, show, newest_first=True)
