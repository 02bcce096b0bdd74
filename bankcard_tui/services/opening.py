"""The first admin of a new branch, who chooses the password alone."""

from __future__ import annotations

from sqlalchemy import select

from bankcard_tui.desk.access import ACCOUNT, Lobby
from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.operation import operation
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import Refused
from bankcard_tui.models.person import Standing
from bankcard_tui.rules.terms import RecoveryPurpose, Role
from bankcard_tui.rules.usernames import check_username
from bankcard_tui.services.passwords import hashed_new_password
from bankcard_tui.services.people import add_account, add_person
from bankcard_tui.services.profile import Identity, Problems, check_identity
from bankcard_tui.services.recovery_codes import RecoveryCodes, make_codes


def _hash_own(desk: Desk, username: str, identity: Identity, password: Secret, again: Secret) -> str:
    return hashed_new_password(desk, password, again, (username, identity.name, identity.id_number))


@operation("branch.first_admin", allow=Lobby.ANYBODY, prepare=_hash_own, idempotent=False)
def first_admin(desk: Desk, username: str, identity: Identity, password: Secret, again: Secret) -> RecoveryCodes:
    """Make the first admin of a branch that has nobody yet; refused ever after.

    The recovery codes are the way back of an admin who is the only one; they are shown this once.
    """
    if desk.sql.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.role != Role.SYSTEM)).first() is not None:
        raise Refused("This branch is open already.", hint="An admin adds staff.", code="refused.open_already")
    problems = Problems()
    username = problems.take(lambda: check_username("username", username), "")
    name, number, birth = check_identity(identity, desk.today, problems)
    problems.finish()
    person = add_person(desk, name, number, birth, Standing.KNOWN)
    account = add_account(desk, person.id, person.name, username, Role.ADMIN, desk.prepared)
    desk.work.subject = Subject("account", account, person.id, person.id_index)
    desk.note(username=username)
    return make_codes(desk, account, username, RecoveryPurpose.PASSWORD)
