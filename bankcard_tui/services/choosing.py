"""Choosing a password at the lobby: what all ways to a new one have in common, whatever proves who the person is."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select

from bankcard_tui.desk.access import ACCOUNT
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import InvalidInput, Phrase
from bankcard_tui.models.account import Activation, ChannelCode
from bankcard_tui.models.base import table
from bankcard_tui.security.passwords import check_new_password, verify_password
from bankcard_tui.services.channels import NOTICE, send_notice
from bankcard_tui.services.passwords import FORMER, close_to, hashed_new_password, of_branch, policy_now, set_password
from bankcard_tui.services.sign_in import normal_name

ACTIVATION, CHANNEL_CODE = table(Activation), table(ChannelCode)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A new password, hashed; ``reused`` when it is one of the last that the account had."""

    hashed: str
    reused: bool


def choose(desk: Desk, username: str, password: Secret, again: Secret) -> Chosen:
    """Check and hash a password that somebody chooses who is not signed in. Raises InvalidInput for one that nobody may
    choose.

    As slow for a name that nobody has; that a password was used before is told to nobody but its person, who has
    proved that by then.
    """
    bank, name = desk.bank, normal_name(username)
    hashed = hashed_new_password(desk, password, again, (name,))
    kept = policy_now(desk).password_kept
    with bank.store.read() as connection:
        rows = connection.execute(
            select(ACCOUNT.c.password.label("current"), FORMER.c.password)
            .join_from(ACCOUNT, FORMER, FORMER.c.account_id == ACCOUNT.c.id, isouter=True)
            .where(ACCOUNT.c.username == name)
            .order_by(FORMER.c.until.desc())
            .limit(kept)
        ).all()
    earlier = [each for each in (*(row.current for row in rows[:1]), *(row.password for row in rows)) if each]
    tried = [*earlier[:kept], *[None] * (kept - len(earlier))]
    given = password.get_secret_value()
    # Every one is tried, whichever fits: how long this takes tells nothing.
    found = [verify_password(bank.keys, given, each, bank.cost) for each in tried]
    return Chosen(hashed, any(found))


def finish(desk: Desk, account_id: UUID, username: str, chosen: Chosen, password: Secret) -> None:
    """Put the password in force that somebody chose who has proved to be the person of the account. Raises InvalidInput
    for one that the person may not choose.
    """
    # Only now: to a stranger the answer would tell what the bank knows about the person.
    check_new_password(
        "password",
        password.get_secret_value(),
        least=desk.policy.password_least,
        about=(*close_to(desk.sql, username), *of_branch(desk)),
    )
    if chosen.reused:
        raise InvalidInput(
            "password", "You have used this password before.", hint="Choose one that you have not used lately."
        )
    set_password(desk, account_id, chosen.hashed)
    forget_codes(desk, account_id)
    send_notice(
        desk,
        account_id,
        NOTICE,
        Phrase("A new password at {branch}", {"branch": desk.bank.branch.name}),
        Phrase("A new password was chosen for {username}.", {"username": username}),
        Phrase("If you did not do this, tell the branch at once."),
    )


def forget_codes(desk: Desk, account_id: UUID) -> None:
    """Forget every code by which an account could be activated."""
    desk.sql.execute(delete(ACTIVATION).where(ACTIVATION.c.account_id == account_id))
    desk.sql.execute(delete(CHANNEL_CODE).where(CHANNEL_CODE.c.account_id == account_id))
