"""Sitting in for staff while a demo branch is built: the only way to a desk without a password.

It works only on a branch that calls itself a demo, opens a real session and says so in the log.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select, update

from bankcard_tui.desk.access import ACCOUNT, actor_of, open_session
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.desk import Desk, Subject
from bankcard_tui.desk.log import write_entry
from bankcard_tui.errors import Refused
from bankcard_tui.rules.terms import Outcome

DEMO_CODE = "DEMO"


def stand_in(bank: Bank, username: str, terminal: str) -> Desk:
    """A desk of ``username``, without a password. Raises Refused unless the branch is a demo branch."""
    if bank.branch.code != DEMO_CODE:
        raise Refused("Only a demo branch can be filled this way.", code="refused.not_demo")
    now = bank.clock.now()
    with bank.store.write() as connection:
        account_id = connection.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.username == username)).scalar_one()
        actor = actor_of(connection, account_id, bank.policy_in_force(connection, now))
        session_id = open_session(connection, bank.keys, account_id, terminal, now, now + timedelta(hours=12))
        connection.execute(
            update(ACCOUNT)
            .where(ACCOUNT.c.id == account_id)
            .values(last_sign_in_at=now, previous_sign_in_at=ACCOUNT.c.last_sign_in_at)
        )
        subject = Subject("account", account_id, actor.person_id)
        write_entry(
            connection,
            bank.keys.chain,
            bank.branch.id,
            now,
            actor,
            terminal,
            "session.stand_in",
            Outcome.DONE,
            subject,
            {},
        )
    return replace(bank.lobby(terminal), session_id=session_id, who=actor)
