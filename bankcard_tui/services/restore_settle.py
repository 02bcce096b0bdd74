"""Making a restored copy ready for work before it takes the place of the live store.

Nobody goes on where the backup was made: sessions, codes and pending requests end. What was decided about people and
their credentials since stays decided. What the live store knows of archives, backups and drills is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from bankcard_tui.backup.segment import Segment
from bankcard_tui.desk.access import ACCOUNT, SECOND_FACTOR, SESSION, active_admins
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.desk import NOBODY, Desk, Work
from bankcard_tui.desk.pending import REQUEST, end
from bankcard_tui.errors import Refused
from bankcard_tui.models import METADATA
from bankcard_tui.models.request import Request
from bankcard_tui.rules.terms import ArchiveKind, RequestStatus, Role
from bankcard_tui.security.permissions import ADMINS_ALONE, Permission
from bankcard_tui.services.claims import release_session
from bankcard_tui.services.log_shelf import new_archive
from bankcard_tui.services.outbox import MESSAGE
from bankcard_tui.services.restore_authority import Proved
from bankcard_tui.store.engine import any_text

_CREDENTIALS = ("former_password", "second_factor", "recovery_code", "channel", "sign_in_tries")
"""Tables that stay as they are in the live store: no password, factor or address comes back that was given up."""

_ADMINS = select(ACCOUNT.c.username).where(ACCOUNT.c.role == Role.ADMIN).order_by(ACCOUNT.c.username)

_HISTORY = ("backup", "backup_recipient", "drill")

Taken = tuple[str, int, int]
"""An archive of entries that a restore takes out of the chain: digest, first and last number."""

_RIGHTS = "SELECT account_id, permission, granted FROM account_permission"
_BY_WHOM = {"log_archive": "made_by", "backup": "made_by", "backup_recipient": "added_by", "drill": "done_by"}


def desk_in(bank: Bank, connection: Connection, terminal: str) -> Desk:
    """The system's desk at work in a copy in which nobody else works yet."""
    now = bank.clock.now()
    version = bank.version_in_force(connection, now)
    work = Work(connection, NOBODY, bank.policy(connection, version), version, now)
    return replace(bank.system_desk(terminal), _work=work)


def end_what_was_open(desk: Desk) -> None:
    """End every session with its claims, every code and every pending request. A code that waits to be sent is dropped;
    a notice may have been sent since the backup: it is in doubt.
    """
    for session in list(desk.sql.execute(select(SESSION.c.id).where(SESSION.c.ended_at.is_(None))).scalars()):
        release_session(desk, session)
    desk.sql.execute(update(SESSION).where(SESSION.c.ended_at.is_(None)).values(ended_at=desk.now))
    for request in desk.db.scalars(select(Request).where(REQUEST.c.status == RequestStatus.PENDING)):
        end(desk, request, RequestStatus.EXPIRED)
    waiting = "message WHERE ended_at IS NULL AND NOT once"
    for gone in ("activation", "channel_code", "channel WHERE confirmed_at IS NULL", waiting):
        desk.sql.exec_driver_sql(f"DELETE FROM {gone}")
    notices = update(MESSAGE).where(MESSAGE.c.once, MESSAGE.c.ended_at.is_(None))
    desk.sql.execute(notices.values(handed_over_at=desk.now, problem="restored"))


def keep_what_was_decided(desk: Desk, live: Connection, common_seq: int) -> list[Taken]:
    """Take over from the live store: who is disabled, today's passwords and factors, rights taken away, and what is
    known of archives, backups, kits and drills, each as far as it can be read and taken in. Returns the archives whose
    entries lie behind ``common_seq``, up to which both logs are alike.
    """
    accounts = {row[0] for row in desk.sql.exec_driver_sql("SELECT id FROM account")}
    _keep_accounts(desk, live, accounts)
    for name in _CREDENTIALS:
        rows, whole = _read(live, name)
        if whole:
            desk.sql.exec_driver_sql(f"DELETE FROM {name}")
        known = [each for each in rows if each.get("account_id") in accounts or "account_id" not in each]
        _insert(desk.sql, name, known)
    desk.sql.exec_driver_sql("DELETE FROM channel WHERE confirmed_at IS NULL")
    _keep_rights(desk, live, accounts)
    for name in _HISTORY:
        _keep_history(desk, name, _read(live, name)[0], accounts)
    return _keep_archives(desk, _read(live, "log_archive")[0], accounts, common_seq)


def keep_somebody_able(desk: Desk) -> None:
    """Raise Refused where what was decided since leaves nobody in the copy who can do what only admins may."""
    able: frozenset[Permission] = frozenset().union(*(each.permissions for each in active_admins(desk)))
    if not able >= ADMINS_ALONE:
        names = desk.sql.execute(_ADMINS).scalars()
        raise Refused(
            "Nobody could manage the branch after this restore: the admins whom the backup knows ({names}) were "
            "disabled, reset or lost rights since.",
            hint="Nothing was changed. Put one of them in force again on the page Staff, with a password and all "
            "rights of an admin, then restore; or take a newer backup.",
            code="restore.no_admin",
            names=", ".join(names),
        )


def use_up_codes(desk: Desk, proved: Sequence[Proved]) -> None:
    """A code of a second factor that agreed to a restore opens nothing else."""
    for each in proved:
        if each.step is not None:
            mine = update(SECOND_FACTOR).where(SECOND_FACTOR.c.account_id == each.actor.account_id)
            desk.sql.execute(mine.values(last_step=each.step))


def _keep_archives(desk: Desk, rows: list[dict[str, Any]], accounts: set[bytes], common_seq: int) -> list[Taken]:
    """Archives that the copy lacks come in. Where they reach behind the fork their entries are taken out of the chain:
    they are forks from now on, on which no later archive follows.
    """
    known = {row[0] for row in desk.sql.exec_driver_sql("SELECT id FROM log_archive")}
    new = [row for row in rows if row["id"] not in known]
    taken = []
    for row in new:
        fits = desk.keys.row_fits(row["mark"], *_covered("log_archive", row))
        if fits and row["kind"] == ArchiveKind.SEGMENT and row["last_seq"] > common_seq:
            row["kind"] = ArchiveKind.FORK.value
            row["mark"] = desk.keys.row_mark(*_covered("log_archive", row))
            taken.append((row["digest"], row["first_seq"], row["last_seq"]))
    _keep_history(desk, "log_archive", new, accounts)
    return taken


def _keep_accounts(desk: Desk, live: Connection, accounts: set[bytes]) -> None:
    """Disabled stays disabled, and the password is that of today: none while a reset is under way."""
    rows = _read(live, "account")[0]
    _each(
        desk.sql,
        "UPDATE account SET version = version + 1, disabled_at = coalesce(disabled_at, ?),"
        " disabled_by = CASE WHEN disabled_at IS NULL THEN ? ELSE disabled_by END, password = ?, password_since = ?"
        " WHERE id = ? AND (password IS NOT ? OR (disabled_at IS NULL AND ? IS NOT NULL))",
        [
            (
                row["disabled_at"],
                row["disabled_by"] if row["disabled_by"] in accounts else None,
                row["password"],
                row["password_since"],
                row["id"],
                row["password"],
                row["disabled_at"],
            )
            for row in rows
        ],
    )


def _keep_rights(desk: Desk, live: Connection, accounts: set[bytes]) -> None:
    """A right that was taken away since does not come back; one that was given since has to be given again."""
    rights, whole = _read(live, "account_permission")
    now = {(row["account_id"], row["permission"]): row["granted"] for row in rights}
    everybody = {row["id"] for row in _read(live, "account")[0]} if whole else set()
    for account, permission, granted in desk.sql.exec_driver_sql(_RIGHTS).fetchall():
        if granted and account in everybody and not now.get((account, permission)):
            gone = "DELETE FROM account_permission WHERE account_id = ? AND permission = ?"
            desk.sql.exec_driver_sql(gone, (account, permission))
    for (account, permission), granted in now.items():
        if not granted and account in accounts:
            _insert(
                desk.sql,
                "account_permission",
                [{"account_id": account, "permission": permission, "granted": granted}],
            )


def _keep_history(desk: Desk, name: str, rows: list[dict[str, Any]], accounts: set[bytes]) -> None:
    """Rows that the copy lacks come in, those that it has are as they are today.

    Who did something may have got the account since: then it was the system, where somebody must be named. A mark that
    fitted is made anew for that, one that did not fit stays wrong.
    """
    system = desk.sql.exec_driver_sql("SELECT id FROM account WHERE role = 'system'").scalar_one()
    for row in rows:
        if "removed_by" in row and row["removed_by"] not in accounts:
            row["removed_by"] = None
        by = _BY_WHOM[name]
        if row[by] is not None and row[by] not in accounts:
            fits = desk.keys.row_fits(row.get("mark"), *_covered(name, row))
            row[by] = system if name == "backup_recipient" else None
            if fits:
                row["mark"] = desk.keys.row_mark(*_covered(name, row))
    _insert(desk.sql, name, rows)


def _covered(name: str, row: dict[str, Any]) -> tuple[str, list[object]]:
    """What the mark of a row covers, and for which kind of row it is made."""
    ends = ("mark", "removed_at", "removed_by")
    kind = {"log_archive": "archive", "backup_recipient": "recipient"}.get(name, name)
    return kind, [value for column, value in row.items() if column not in ends]


def _read(live: Connection, name: str) -> tuple[list[dict[str, Any]], bool]:
    """A table as it lies in the live store, as far as it can be read, and whether that is the whole of it; a store of
    an earlier program may not have it.
    """
    names = METADATA.tables[name].c.keys()
    rows: list[dict[str, Any]] = []
    try:
        with any_text(live):
            for row in live.exec_driver_sql(f"SELECT {', '.join(names)} FROM {name}"):
                rows.append(dict(zip(names, row, strict=True)))
    except DBAPIError:
        return rows, False
    return rows, True


def _insert(connection: Connection, name: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        names = tuple(rows[0])
        places = ", ".join("?" * len(names))
        statement = f"INSERT OR REPLACE INTO {name} ({', '.join(names)}) VALUES ({places})"
        _each(connection, statement, [tuple(row[each] for each in names) for row in rows])


def _each(connection: Connection, statement: str, rows: list[tuple[Any, ...]]) -> None:
    """Run a statement with every row; one that was altered so that the store does not take it is left out."""
    if not rows:
        return
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(statement, rows)
    except (IntegrityError, UnicodeError):
        for row in rows:
            with suppress(IntegrityError, UnicodeError), connection.begin_nested():
                connection.exec_driver_sql(statement, row)


def add_archive(desk: Desk, segment: Segment, file: str, by: UUID | None) -> None:
    """Note the archive that holds what a restore takes out of the log; ``by`` may have got the account since."""
    known = desk.sql.exec_driver_sql("SELECT 1 FROM account WHERE id = ?", (by.bytes if by else b"",)).scalar()
    desk.db.add(new_archive(desk.keys, segment, file, desk.now, by if known else None))
