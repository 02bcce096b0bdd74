"""Staff accounts: added, disabled with their history kept, permissions per account."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, select, update

from bankcard_tui.desk.access import ACCOUNT, PERMISSION, SESSION
from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict, InvalidInput, Refused
from bankcard_tui.models.account import Account
from bankcard_tui.models.person import Standing
from bankcard_tui.rules.contact import mask_phone
from bankcard_tui.rules.terms import STAFF_ROLES, Role
from bankcard_tui.rules.usernames import check_username
from bankcard_tui.security.permissions import ADDABLE, EVERYBODYS, ROLE_PERMISSIONS, Permission, effective
from bankcard_tui.services.claims import release_session
from bankcard_tui.services.paging import Page, fetch_page
from bankcard_tui.services.people import add_account, add_person, known_person
from bankcard_tui.services.profile import Identity, Problems, check_identity
from bankcard_tui.services.subjects import CUSTOMER, of_account


class StaffRow(View):
    """A staff account in the list."""

    id: UUID
    username: str
    name: str
    role: Role
    waits_for_activation: bool
    disabled_at: datetime | None
    created_at: datetime
    last_sign_in_at: datetime | None
    version: int


class StaffFile(View):
    """A staff account with its permissions: of the role, added, removed, and what may still be added."""

    row: StaffRow
    permissions: frozenset[Permission]
    of_role: frozenset[Permission]
    added: frozenset[Permission]
    removed: frozenset[Permission]
    addable: frozenset[Permission]


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


def _show(row: Row[Any]) -> StaffRow:
    return StaffRow(
        id=row.id,
        username=row.username,
        name=row.display_name,
        role=row.role,
        waits_for_activation=row.password is None,
        disabled_at=row.disabled_at,
        created_at=row.created_at,
        last_sign_in_at=row.last_sign_in_at,
        version=row.version,
    )


@question("staff.list", allow=Permission.MANAGE_STAFF)
def list_staff(desk: Desk, role: Role | None = None, cursor: str | None = None) -> Page[StaffRow]:
    """Staff accounts by role and name, the disabled ones too."""
    roles = STAFF_ROLES if role is None else (role,)
    statement = select(ACCOUNT).where(
        ACCOUNT.c.branch_id == desk.branch_id, ACCOUNT.c.role.in_(roles), ACCOUNT.c.role.in_(STAFF_ROLES)
    )
    return fetch_page(desk.sql, statement, (ACCOUNT.c.role, ACCOUNT.c.username), cursor, _show, newest_first=False)


@question("staff.open", allow=Permission.MANAGE_STAFF, subject=of_account, opens=True)
def open_staff(desk: Desk, account: UUID) -> StaffFile:
    """Open a staff account with its permissions. The look is logged."""
    return _file(desk, account)


@operation("staff.add", allow=Permission.MANAGE_STAFF)
def add_staff(desk: Desk, username: str, identity: Identity, role: Role) -> StaffRow:
    """Add a staff account; its person activates it alone and chooses the password."""
    problems = Problems()
    if role not in STAFF_ROLES:
        problems.found.append(InvalidInput("role", "Staff are tellers, managers or admins.", hint="Choose one."))
    username = problems.take(lambda: check_username("username", username), "")
    name, number, birth = check_identity(identity, desk.today, problems)
    problems.finish()
    person = known_person(desk, number) or add_person(desk, name, number, birth, Standing.KNOWN)
    # Until there is an account, a refusal is about the person.
    desk.about(Subject("person", person.id, person.id, person.id_index))
    serving = desk.sql.execute(
        select(ACCOUNT.c.username).where(
            ACCOUNT.c.person_id == person.id, ACCOUNT.c.role.in_(STAFF_ROLES), ACCOUNT.c.disabled_at.is_(None)
        )
    ).scalar_one_or_none()
    if serving is not None:
        raise Conflict(
            "This person works here already as {username}.",
            hint="Disable that account first: one person has one staff account.",
            code="conflict.serving",
            username=serving,
        )
    account = add_account(desk, person.id, person.name, username, role, None)
    desk.work.subject = Subject("account", account, person.id, person.id_index)
    desk.note(username=username, role=role)
    return _file(desk, account).row


@operation("staff.disable", allow=Permission.MANAGE_STAFF, subject=of_account)
def disable_staff(desk: Desk, account: UUID, version: int) -> StaffRow:
    """Disable a staff account: it can't sign in any more, its sessions end, its history stays."""
    record = _editable(desk, account, version)
    if record.disabled_at is not None:
        raise Conflict("This account is disabled already.", code="conflict.disabled")
    if record.role is Role.ADMIN:
        _keep_an_admin(desk, record)
    record.disabled_at, record.disabled_by = desk.now, desk.account_id
    record.version += 1
    sessions = desk.sql.execute(
        select(SESSION.c.id).where(SESSION.c.account_id == account, SESSION.c.ended_at.is_(None))
    ).scalars()
    for session in list(sessions):
        release_session(desk, session)
        desk.sql.execute(update(SESSION).where(SESSION.c.id == session).values(ended_at=desk.now))
    desk.note(username=record.username)
    return _file(desk, account).row


@operation("staff.set_permissions", allow=Permission.MANAGE_STAFF, subject=of_account)
def set_permissions(
    desk: Desk, account: UUID, version: int, added: frozenset[Permission], removed: frozenset[Permission]
) -> StaffFile:
    """Set what an account may do beyond its role (added) and what it lacks (removed). Holds from its next step on."""
    record = _editable(desk, account, version)
    if not added <= ADDABLE[record.role]:
        raise InvalidInput(
            "added",
            "This can't be added to this role.",
            hint="Nobody holds both the counter and the review.",
        )
    if not removed <= ROLE_PERMISSIONS[record.role]:
        raise InvalidInput("removed", "The role does not have this anyway.", hint="Choose from the role's own.")
    if removed & EVERYBODYS:
        raise InvalidInput(
            "removed",
            "Everybody keeps the own account and the own log.",
            hint="Disable the account to keep somebody out.",
        )
    if record.role is Role.ADMIN and Permission.MANAGE_STAFF in removed:
        _keep_an_admin(desk, record)
    desk.sql.execute(delete(PERMISSION).where(PERMISSION.c.account_id == account))
    rows = [{"account_id": account, "permission": each.value, "granted": True} for each in sorted(added)]
    rows += [{"account_id": account, "permission": each.value, "granted": False} for each in sorted(removed)]
    if rows:
        desk.sql.execute(insert(PERMISSION), rows)
    record.version += 1
    desk.note(username=record.username, added=sorted(added), removed=sorted(removed))
    return _file(desk, account)


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


def _editable(desk: Desk, account: UUID, version: int) -> Account:
    record = desk.record(Account, account)
    if record.role not in STAFF_ROLES:
        raise Refused("This is not a staff account.", hint="Customers are served at the counter.", code="refused.role")
    if record.version != version:
        raise Conflict(
            "Somebody has changed this account in the meantime.", hint="Open it again.", code="conflict.version"
        )
    return record


def _keep_an_admin(desk: Desk, record: Account) -> None:
    """Raise Refused when no other admin could manage staff afterwards."""
    without = select(PERMISSION.c.account_id).where(
        PERMISSION.c.permission == Permission.MANAGE_STAFF.value, PERMISSION.c.granted.is_(False)
    )
    others = desk.sql.execute(
        select(func.count())
        .select_from(ACCOUNT)
        .where(
            ACCOUNT.c.role == Role.ADMIN,
            ACCOUNT.c.disabled_at.is_(None),
            ACCOUNT.c.password.is_not(None),
            ACCOUNT.c.id != record.id,
            ACCOUNT.c.id.not_in(without),
        )
    ).scalar_one()
    if not others:
        raise Refused(
            "The last admin stays: nobody could manage staff any more.",
            hint="Add and activate another admin first.",
            code="refused.last_admin",
        )


def _file(desk: Desk, account: UUID) -> StaffFile:
    row = desk.sql.execute(select(ACCOUNT).where(ACCOUNT.c.id == account)).one()
    if row.role not in STAFF_ROLES:
        raise Refused("This is not a staff account.", hint="Customers are served at the counter.", code="refused.role")
    found = desk.sql.execute(
        select(PERMISSION.c.permission, PERMISSION.c.granted).where(PERMISSION.c.account_id == account)
    ).fetchall()
    added = frozenset(Permission(each.permission) for each in found if each.granted)
    removed = frozenset(Permission(each.permission) for each in found if not each.granted)
    return StaffFile(
        row=_show(row),
        permissions=effective(row.role, added, removed),
        of_role=ROLE_PERMISSIONS[row.role],
        added=added,
        removed=removed,
        addable=ADDABLE[row.role],
    )
