"""Staff accounts: added, disabled and enabled with their history kept, permissions per account."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, or_, select, update

from bankcard_tui.desk.access import ACCOUNT, PERMISSION, active_admins
from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict, InvalidInput, Refused
from bankcard_tui.models.account import Account
from bankcard_tui.models.person import Standing
from bankcard_tui.rules.terms import STAFF_ROLES, Role
from bankcard_tui.rules.usernames import check_username
from bankcard_tui.security.permissions import ADDABLE, ADMINS_ALONE, EVERYBODYS, ROLE_PERMISSIONS, Permission, effective
from bankcard_tui.services.four_eyes import SIGNED_WITH
from bankcard_tui.services.paging import Page, fetch_page
from bankcard_tui.services.passwords import FORMER, take_password
from bankcard_tui.services.people import add_account, add_person, known_person, own_permissions
from bankcard_tui.services.profile import Identity, Problems, check_identity
from bankcard_tui.services.sessions import end_sessions
from bankcard_tui.services.subjects import PERSON, of_account


class StaffRow(View):
    """A staff account in the list."""

    id: UUID
    username: str
    name: str
    role: Role
    waits_for_activation: bool
    waits_for_second_admin: bool
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


def _show(row: Row[Any]) -> StaffRow:
    return StaffRow(
        id=row.id,
        username=row.username,
        name=row.display_name,
        role=row.role,
        waits_for_activation=row.password is None,
        # Disabled in the moment in which it was made.
        waits_for_second_admin=row.role is Role.ADMIN and row.disabled_at == row.created_at,
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
    """Add a staff account; its person activates it alone and chooses the password.

    An admin beside another one is added disabled: enabling it needs the signature of a second admin.
    """
    problems = Problems()
    if role not in STAFF_ROLES:
        problems.found.append(InvalidInput("role", "Staff are tellers, managers or admins.", hint="Choose one."))
    username = problems.take(lambda: check_username("username", username), "")
    name, number, birth = check_identity(identity, desk.today, problems)
    problems.finish()
    person = known_person(desk, number) or add_person(desk, name, number, birth, Standing.KNOWN)
    # Until there is an account, a refusal is about the person.
    desk.about(Subject("person", person.id, person.id, person.id_index))
    _serves_nowhere_else(desk, person.id)
    account = add_account(desk, person.id, person.name, username, role, None)
    desk.work.subject = Subject("account", account, person.id, person.id_index)
    waits = role is Role.ADMIN and _works_beside_others(desk)
    if waits:
        disabled = {"disabled_at": desk.now, "disabled_by": desk.account_id}
        desk.sql.execute(update(ACCOUNT).where(ACCOUNT.c.id == account).values(disabled))
    desk.note(username=username, role=role, waits_for_second_admin=waits)
    return _file(desk, account).row


def _second_admin(desk: Desk, arguments: dict[str, Any]) -> tuple[Permission, ...]:
    """Whatever is done to the account of an admin, another admin signs."""
    return SIGNED_WITH["account"] if desk.record(Account, arguments["account"]).role is Role.ADMIN else ()


@operation("staff.disable", allow=Permission.MANAGE_STAFF, subject=of_account, signatures=_second_admin)
def disable_staff(desk: Desk, account: UUID, version: int) -> StaffRow:
    """Disable a staff account: it can't sign in any more, its sessions end, its history stays."""
    record = _editable(desk, account, version)
    if record.disabled_at is not None:
        raise Conflict("This account is disabled already.", code="conflict.disabled")
    keep_an_admin(desk, account)
    record.disabled_at, record.disabled_by = desk.now, desk.account_id
    record.version += 1
    end_sessions(desk, account)
    desk.note(username=record.username)
    return _file(desk, account).row


def _second_admin_to_enable(desk: Desk, arguments: dict[str, Any]) -> tuple[Permission, ...]:
    return _second_admin(desk, arguments) if _works_beside_others(desk) else ()


@operation("staff.enable", allow=Permission.MANAGE_STAFF, subject=of_account, signatures=_second_admin_to_enable)
def enable_staff(desk: Desk, account: UUID, version: int) -> StaffRow:
    """Put a disabled staff account back. It has no password then: its person activates it anew and chooses one."""
    record = _editable(desk, account, version)
    if record.disabled_at is None:
        raise Conflict("This account is not disabled.", code="conflict.enabled")
    _serves_nowhere_else(desk, record.person_id)
    record.disabled_at = record.disabled_by = None
    record.version += 1
    take_password(desk, account)
    desk.note(username=record.username)
    return _file(desk, account).row


@operation("staff.set_permissions", allow=Permission.MANAGE_STAFF, subject=of_account, signatures=_second_admin)
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
    before = _beyond_role(*own_permissions(desk, account))
    keep_an_admin(desk, account, effective(record.role, added, removed))
    desk.sql.execute(delete(PERMISSION).where(PERMISSION.c.account_id == account))
    rows = [{"account_id": account, "permission": each.value, "granted": True} for each in sorted(added)]
    rows += [{"account_id": account, "permission": each.value, "granted": False} for each in sorted(removed)]
    if rows:
        desk.sql.execute(insert(PERMISSION), rows)
    record.version += 1
    desk.note(username=record.username, before=before, after=_beyond_role(added, removed))
    return _file(desk, account)


def _beyond_role(added: frozenset[Permission], removed: frozenset[Permission]) -> list[str]:
    """How an account differs from its role, as the log shows it: what it has besides (+) and what it lacks (-)."""
    return [*(f"+{each}" for each in sorted(added)), *(f"-{each}" for each in sorted(removed))]


def _editable(desk: Desk, account: UUID, version: int) -> Account:
    record = desk.record(Account, account)
    if record.role not in STAFF_ROLES:
        raise Refused("This is not a staff account.", hint="Customers are served at the counter.", code="refused.role")
    if record.version != version:
        raise Conflict(
            "Somebody has changed this account in the meantime.", hint="Open it again.", code="conflict.version"
        )
    return record


def keep_an_admin(desk: Desk, account: UUID, keeps: frozenset[Permission] = frozenset()) -> None:
    """Raise Refused when ``account``, left with what it ``keeps``, would leave no active admin with something that only
    admins may do.
    """
    admins = {admin.account_id: admin.permissions for admin in active_admins(desk)}
    lost = admins.pop(account, frozenset()) & ADMINS_ALONE - keeps
    if not lost <= frozenset().union(*admins.values()):
        raise Refused(
            "The last admin stays: nobody could do this work any more.",
            hint="Add and activate another admin first, or give another one this permission.",
            code="refused.last_admin",
        )


def _serves_nowhere_else(desk: Desk, person: UUID | None) -> None:
    """Raise Conflict when the person has a staff account that is in force."""
    serving = desk.sql.execute(
        select(ACCOUNT.c.username).where(
            ACCOUNT.c.person_id == person, ACCOUNT.c.role.in_(STAFF_ROLES), ACCOUNT.c.disabled_at.is_(None)
        )
    ).scalar_one_or_none()
    if serving is not None:
        raise Conflict(
            "This person works here already as {username}.",
            hint="Disable that account first: one person has one staff account.",
            code="conflict.serving",
            username=serving,
        )


def _works_beside_others(desk: Desk) -> bool:
    """Whether anybody else can work as an admin here, or could within the time for which a request waits: until then
    nobody puts an admin in force alone.
    """
    lately = desk.now - timedelta(days=desk.policy.request_days)
    lost_password = select(FORMER.c.until).where(FORMER.c.account_id == ACCOUNT.c.id, FORMER.c.until > lately).exists()
    others = (
        select(ACCOUNT.c.id)
        .join_from(ACCOUNT, PERSON, ACCOUNT.c.person_id == PERSON.c.id)
        .where(
            ACCOUNT.c.branch_id == desk.branch_id,
            ACCOUNT.c.role == Role.ADMIN,
            PERSON.c.id_index != desk.actor.index,
            or_(ACCOUNT.c.disabled_at.is_(None), ACCOUNT.c.disabled_at > lately),
            or_(ACCOUNT.c.password.is_not(None), lost_password),
        )
    )
    return desk.sql.execute(others.limit(1)).first() is not None


def _file(desk: Desk, account: UUID) -> StaffFile:
    row = desk.sql.execute(select(ACCOUNT).where(ACCOUNT.c.id == account)).one()
    if row.role not in STAFF_ROLES:
        raise Refused("This is not a staff account.", hint="Customers are served at the counter.", code="refused.role")
    added, removed = own_permissions(desk, account)
    return StaffFile(
        row=_show(row),
        permissions=effective(row.role, added, removed),
        of_role=ROLE_PERMISSIONS[row.role],
        added=added,
        removed=removed,
        addable=ADDABLE[row.role],
    )
