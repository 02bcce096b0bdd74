"""Recovery codes: ten codes on paper, each good for one new password, by which an admin comes back alone.

They are the way back where nobody is left who could start a reset and show codes.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select

from bankcard_tui.desk.access import ACCOUNT, Lobby, active_admins
from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import Phrase, Refused
from bankcard_tui.rules.terms import RecoveryPurpose, Role
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.channels import NOTICE, send_notice
from bankcard_tui.services.choosing import Chosen, choose, finish
from bankcard_tui.services.codes import typed
from bankcard_tui.services.outbox import deliver_now
from bankcard_tui.services.recovery_codes import RecoveryCodes, make_codes, use_code
from bankcard_tui.services.second_factor_check import lift_second_factor
from bankcard_tui.services.sessions import end_sessions
from bankcard_tui.services.sign_in import TRIES, accept_own, check_own_password, normal_name
from bankcard_tui.services.subjects import myself


@operation(
    "recovery.renew",
    allow=Permission.OWN_ACCOUNT,
    own=Permission.OWN_ACCOUNT,
    subject=myself,
    prepare=check_own_password,
    idempotent=False,
)
def renew(desk: Desk, password: Secret) -> RecoveryCodes:
    """Make ten new recovery codes for the own password, as an admin. The earlier ones end."""
    accept_own(desk, desk.prepared)
    if desk.actor.role is not Role.ADMIN:
        raise Refused(
            "Recovery codes for the password are for admins.",
            hint="If you forget your password, an admin starts a reset.",
            code="refused.role",
        )
    return make_codes(desk, desk.account_id, desk.actor.username, RecoveryPurpose.PASSWORD)


def _choose_first(
    desk: Desk, username: str, code: Secret, password: Secret, again: Secret, second_factor_lost: bool = False
) -> Chosen:
    return choose(desk, username, password, again)


@operation("activation.recover", allow=Lobby.ANYBODY, prepare=_choose_first, idempotent=False, after=deliver_now)
def recover(
    desk: Desk, username: str, code: Secret, password: Secret, again: Secret, second_factor_lost: bool = False
) -> None:
    """Choose a new password for one's own account with a recovery code, as an admin. Open sessions end.

    With ``second_factor_lost`` the second factor goes too: for the last admin, whom nobody else could help.
    """
    # No tries are counted: nobody guesses 80 bits, and whoever tried could keep an admin out of the own account.
    name = normal_name(username)
    account = desk.sql.execute(
        select(ACCOUNT.c.id, ACCOUNT.c.person_id, ACCOUNT.c.role, ACCOUNT.c.disabled_at, ACCOUNT.c.display_name).where(
            ACCOUNT.c.username == name
        )
    ).one_or_none()
    if account is None:
        desk.note(hidden_name=desk.keys.hidden_name(name))
    else:
        desk.work.subject = Subject("account", account.id, account.person_id)
    fits = use_code(desk, account.id if account else None, RecoveryPurpose.PASSWORD, typed(code))
    if account is None or account.role is not Role.ADMIN or account.disabled_at or not fits:
        raise Refused(
            "The name and the code do not fit together.",
            hint="Each recovery code counts once: take the next one.",
            code="refused.recovery",
        )
    finish(desk, account.id, name, desk.prepared, password)
    if second_factor_lost:
        _lift_second_factor(desk, account.id)
    end_sessions(desk, account.id)
    desk.sql.execute(delete(TRIES).where(TRIES.c.name_digest == desk.keys.code_digest("tries", name)))
    _tell_other_admins(desk, account.id, account.display_name)


def _lift_second_factor(desk: Desk, account_id: UUID) -> None:
    if any(admin.account_id != account_id for admin in active_admins(desk)):
        raise Refused(
            "Another admin can help with the second factor.",
            hint="Ask one to start a reset of this account, and to tick that the second factor is lost too.",
            code="refused.second_factor_lost",
        )
    lift_second_factor(desk, account_id)
    desk.note(second_factor_lost=True)


def _tell_other_admins(desk: Desk, account_id: UUID, name: str) -> None:
    others = desk.sql.execute(
        select(ACCOUNT.c.id).where(
            ACCOUNT.c.branch_id == desk.branch_id,
            ACCOUNT.c.role == Role.ADMIN,
            ACCOUNT.c.disabled_at.is_(None),
            ACCOUNT.c.id != account_id,
        )
    ).scalars()
    for each in list(others):
        send_notice(
            desk,
            each,
            NOTICE,
            Phrase("A recovery code was used at {branch}", {"branch": desk.bank.branch.name}),
            Phrase("{name} has chosen a new password with a recovery code.", {"name": name}),
            Phrase("If that is not so, disable the account at once."),
        )
