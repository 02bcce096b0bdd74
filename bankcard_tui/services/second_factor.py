"""The own second factor of staff: putting it in force, new recovery codes, and doing without it again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import insert, select, update

from bankcard_tui.desk.access import SECOND_FACTOR
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.operation import operation, question
from bankcard_tui.desk.registry import Secret
from bankcard_tui.desk.results import View
from bankcard_tui.errors import Conflict, InvalidInput, Refused
from bankcard_tui.rules.terms import STAFF_ROLES, RecoveryPurpose
from bankcard_tui.security.passwords import check_new_password
from bankcard_tui.security.permissions import Permission
from bankcard_tui.security.second_factor import enrolment_uri, fitting_step, new_secret, step_at
from bankcard_tui.services.codes import typed
from bankcard_tui.services.passwords import (
    about_oneself,
    end_other_sessions,
    hashed_if_unused,
    policy_now,
    set_password,
)
from bankcard_tui.services.recovery_codes import RecoveryCodes, codes_left, make_codes
from bankcard_tui.services.second_factor_check import SEALED_AS, is_enrolled, lift_second_factor
from bankcard_tui.services.sign_in import NO_CODE, Checked, accept_own, check_own_password, forgive
from bankcard_tui.services.subjects import myself
from bankcard_tui.store.sealing import seal, unseal

OFFERED_AS = "second_factor.offered"
NO_PASSWORD = Secret("")


class Enrolment(View):
    """A secret to be taken over by an app: as text in groups of four, or as what a QR code says. Shown once."""

    secret: str
    uri: str


class SecondFactorView(View):
    """Where the person stands with the second factor."""

    since: datetime | None
    codes_left: int
    demanded: bool


@dataclass(frozen=True, slots=True)
class Dropping:
    """The check of password in use, and the hash of a new one where one is chosen."""

    checked: Checked
    hashed: str | None


UNCHECKED = Checked(None, False, None, None, False)


def _check_own(desk: Desk, password: Secret, code: Secret = NO_CODE) -> Checked:
    """Check the password, where anything can come of it. Where no code can be wrong the right one counts as no try."""
    if desk.who.role not in STAFF_ROLES:
        return UNCHECKED
    checked = check_own_password(desk, password, code)
    if checked.right and not checked.enrolled:
        forgive(replace(desk, key=None), desk.who.username)
    return checked


@question("second_factor.mine", allow=Permission.OWN_ACCOUNT, own=Permission.OWN_ACCOUNT)
def mine(desk: Desk) -> SecondFactorView:
    """Whether one has a second factor, how many recovery codes are left, and whether the policy demands it."""
    account_id = desk.account_id
    since = select(SECOND_FACTOR.c.confirmed_at).where(SECOND_FACTOR.c.account_id == account_id)
    return SecondFactorView(
        since=desk.sql.execute(since).scalar_one_or_none(),
        codes_left=codes_left(desk, account_id, RecoveryPurpose.SECOND_FACTOR),
        demanded=_is_demanded(desk),
    )


@operation(
    "second_factor.begin",
    allow=Permission.OWN_ACCOUNT,
    own=Permission.OWN_ACCOUNT,
    subject=myself,
    prepare=_check_own,
    idempotent=False,
)
def begin(desk: Desk, password: Secret, code: Secret = NO_CODE) -> Enrolment:
    """Make a secret for an app. One that is in force holds until the new one is confirmed; its code is asked for."""
    _check_staff(desk)
    accept_own(desk, desk.prepared, code)
    account_id, secret = desk.account_id, new_secret()
    values = {"offered": seal(desk.keys, OFFERED_AS, account_id, secret), "made_at": desk.now}
    mine = update(SECOND_FACTOR).where(SECOND_FACTOR.c.account_id == account_id).values(**values)
    if not desk.sql.execute(mine).rowcount:
        desk.sql.execute(insert(SECOND_FACTOR).values(account_id=account_id, last_step=0, **values))
    groups = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
    return Enrolment(secret=groups, uri=enrolment_uri(secret, desk.actor.username, desk.bank.branch.code))


@operation(
    "second_factor.confirm",
    allow=Permission.OWN_ACCOUNT,
    own=Permission.OWN_ACCOUNT,
    subject=myself,
    idempotent=False,
)
def confirm(desk: Desk, code: Secret) -> RecoveryCodes:
    """Put the new second factor in force with a first code of the app, and get ten recovery codes."""
    _check_staff(desk)
    account_id = desk.account_id
    offered = desk.sql.execute(
        select(SECOND_FACTOR.c.offered).where(SECOND_FACTOR.c.account_id == account_id)
    ).scalar_one_or_none()
    if offered is None:
        raise Conflict("No second factor waits for its first code.", hint="Begin anew.", code="conflict.nothing_begun")
    secret = unseal(desk.keys, OFFERED_AS, account_id, offered)
    step = fitting_step(secret, typed(code), step_at(desk.now), 0)
    if step is None:
        raise InvalidInput(
            "code",
            "This code does not fit.",
            hint="Type the six digits that the app shows now. If none ever fit, the phone's clock or ours is wrong.",
        )
    desk.sql.execute(
        update(SECOND_FACTOR)
        .where(SECOND_FACTOR.c.account_id == account_id)
        .values(
            secret=seal(desk.keys, SEALED_AS, account_id, secret),
            offered=None,
            confirmed_at=desk.now,
            last_step=step,
        )
    )
    return make_codes(desk, account_id, desk.actor.username, RecoveryPurpose.SECOND_FACTOR)


@operation(
    "second_factor.new_codes",
    allow=Permission.OWN_ACCOUNT,
    own=Permission.OWN_ACCOUNT,
    subject=myself,
    prepare=_check_own,
    idempotent=False,
)
def new_codes(desk: Desk, password: Secret, code: Secret) -> RecoveryCodes:
    """Get ten new recovery codes; those that are left count no more."""
    _check_staff(desk)
    _check_enrolled(desk)
    accept_own(desk, desk.prepared, code)
    return make_codes(desk, desk.account_id, desk.actor.username, RecoveryPurpose.SECOND_FACTOR)


def _prepare_drop(
    desk: Desk, password: Secret, code: Secret, new_password: Secret = NO_PASSWORD, again: Secret = NO_PASSWORD
) -> Dropping:
    policy, chosen = policy_now(desk), new_password.get_secret_value()
    if desk.who.role in policy.second_factor_roles:
        return Dropping(UNCHECKED, None)
    about = about_oneself(desk)
    if chosen:
        check_new_password(
            "new_password", chosen, least=policy.password_least, about=about, again=again.get_secret_value()
        )
    checked = _check_own(desk, password, code)
    if not checked.right or not checked.enrolled or checked.account_id is None:
        return Dropping(checked, None)
    try:
        if chosen:
            return Dropping(checked, hashed_if_unused(desk, "new_password", chosen, checked.account_id, policy))
        _check_alone(password.get_secret_value(), policy.password_least, about)
    except InvalidInput:
        # What was wrong is no code and no password: it counts as no try. An empty code was taken back already.
        if typed(code):
            forgive(replace(desk, key=None), desk.who.username)
        raise
    return Dropping(checked, None)


def _check_alone(password: str, least: int, about: tuple[str, ...]) -> None:
    """Raise InvalidInput unless the password in use may stand alone."""
    try:
        check_new_password("new_password", password, least=least, about=about)
    except InvalidInput:
        raise InvalidInput(
            "new_password",
            "Without a second factor the password has at least {least:character|characters} and is hard to guess.",
            hint="Choose a new password in the same step.",
            least=least,
        ) from None


@operation(
    "second_factor.drop",
    allow=Permission.OWN_ACCOUNT,
    own=Permission.OWN_ACCOUNT,
    subject=myself,
    prepare=_prepare_drop,
    idempotent=False,
)
def drop(
    desk: Desk, password: Secret, code: Secret, new_password: Secret = NO_PASSWORD, again: Secret = NO_PASSWORD
) -> None:
    """Do without the second factor. A password that is too short to stand alone is changed in the same step."""
    _check_staff(desk)
    prepared: Dropping = desk.prepared
    if _is_demanded(desk):
        raise Refused(
            "The policy demands a second factor of your role.",
            hint="With a new phone, begin anew: the old one holds until the new one is confirmed.",
            code="refused.demanded",
        )
    _check_enrolled(desk)
    accept_own(desk, prepared.checked, code)
    if prepared.hashed is not None:
        set_password(desk, desk.account_id, prepared.hashed)
        end_other_sessions(desk)
    lift_second_factor(desk, desk.account_id)


def _check_staff(desk: Desk) -> None:
    if desk.actor.role not in STAFF_ROLES:
        raise Refused(
            "A second factor is for staff.", hint="Customers sign in with the password alone.", code="refused.role"
        )


def _is_demanded(desk: Desk) -> bool:
    return desk.actor.role in desk.policy.second_factor_roles


def _check_enrolled(desk: Desk) -> None:
    if not is_enrolled(desk.sql, desk.account_id):
        raise Conflict("There is no second factor.", hint="Begin with one first.", code="conflict.not_enrolled")
