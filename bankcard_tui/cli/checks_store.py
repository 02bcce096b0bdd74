"""What ``bankcard doctor`` looks at in the store: key, SQLite, schema, integrity, values and log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bankcard_tui.cli.checks_values import examine_cards, examine_values
from bankcard_tui.cli.console import Console
from bankcard_tui.cli.findings import VERIFICATION_FAILED, Finding, advice, failed, fine, unknown, wrong
from bankcard_tui.errors import BankError
from bankcard_tui.locale import mark

if TYPE_CHECKING:
    from bankcard_tui.store.engine import Store

_SQLITE, _STORE, _KEY, _SCHEMA = mark("SQLite"), mark("Store"), mark("Key"), mark("Schema")
_INTEGRITY, _LOG, _UPGRADE = mark("Integrity"), mark("Log"), mark("Upgrade")
MOST_SHOWN = 5


def examine_store(console: Console, *, deep: bool) -> Iterator[Finding]:
    """Every finding about the store of the home in force."""
    from bankcard_tui.store.engine import open_store

    yield from _sqlite()
    settings = console.settings
    home = settings.home
    if not home.store.exists():
        yield wrong(
            _STORE,
            mark("There is no branch at {home} yet."),
            mark("Run: bankcard init (a new branch) or bankcard demo (a branch to try things in)."),
            home=home.folder,
        )
        if settings.key_file.exists():
            yield wrong(
                _KEY,
                mark("There is a key at {path}, but no store that belongs to it."),
                mark("Put the store back that was made with it, or move the key to a safe place."),
                path=settings.key_file,
            )
        return
    try:
        store = open_store(home.store, home.queue)
    except BankError as problem:
        yield failed(_STORE, problem)
        return
    try:
        yield from _key(console)
        readable = True
        for finding in _schema(console, store):
            readable = readable and finding.status != "wrong"
            yield finding
        yield from _integrity(store, deep=deep)
        yield from examine_values(store)
    finally:
        store.close()
    if readable:
        yield from examine_cards(console)
        yield from _log(console)
    else:
        yield unknown(_LOG, mark("can be checked once the store can be opened"))


def _sqlite() -> Iterator[Finding]:
    from bankcard_tui.store.engine import SAFE_WAL_FROM

    try:
        import pysqlite3.dbapi2 as sqlite
    except ImportError:
        import sqlite3 as sqlite
    if sqlite.sqlite_version_info >= SAFE_WAL_FROM:
        yield fine(_SQLITE, "SQLite {version}", version=sqlite.sqlite_version)
    else:
        yield advice(
            _SQLITE,
            mark("SQLite {version} is not safe with a write-ahead log; the slower journal is used instead."),
            mark("On Linux install the package pysqlite3: make setup"),
            version=sqlite.sqlite_version,
        )


def _key(console: Console) -> Iterator[Finding]:
    from bankcard_tui.security.keys import load_root_key

    path = console.settings.key_file
    try:
        load_root_key(path)
    except BankError as problem:
        yield failed(_KEY, problem)
    else:
        yield fine(_KEY, "{path}", path=path)


def _schema(console: Console, store: Store) -> Iterator[Finding]:
    from bankcard_tui.cli.desks import opened_bank
    from bankcard_tui.store.schema import HEAD, check_schema

    try:
        check_schema(store)
        with opened_bank(console) as bank:
            yield fine(_STORE, "{bank}, {branch} ({code})", bank=bank.branch.bank, branch=bank.branch.name,
                       code=bank.branch.code)  # fmt: skip
    except BankError as problem:
        yield failed(_STORE, problem)
        copies = sorted(console.settings.home.backups.glob("before-*.db"))
        if problem.code == "store.older" and copies:
            yield advice(
                _UPGRADE,
                mark("An upgrade was begun and not finished; its copy is {path}."),
                mark("The store is as it was before: run bankcard migrate again."),
                path=copies[-1],
            )
    else:
        yield fine(_SCHEMA, mark("schema {revision}"), revision=HEAD)


def _integrity(store: Store, *, deep: bool) -> Iterator[Finding]:
    checks = ("integrity_check", "foreign_key_check") if deep else ("quick_check",)
    try:
        with store.read() as connection:
            said = [
                " ".join(str(cell) for cell in row)
                for check in checks
                for row in connection.exec_driver_sql(f"PRAGMA {check}").fetchall()
            ]
    except BankError as problem:
        yield failed(_INTEGRITY, problem)
        return
    problems = [line for line in said if line != "ok"]
    if problems:
        yield wrong(
            _INTEGRITY,
            mark("{count:place of the store is|places of the store are} damaged: {problems}"),
            mark("Do not work on. Restore a backup, or call your IT support."),
            VERIFICATION_FAILED,
            count=len(problems),
            problems="; ".join(problems[:MOST_SHOWN]),
        )
    else:
        yield fine(_INTEGRITY, mark("sound ({checks})"), checks=", ".join(checks))


def _log(console: Console) -> Iterator[Finding]:
    from bankcard_tui.cli.log import FETCH, checked_log, spoken

    try:
        check = checked_log(console)
    except BankError as problem:
        yield failed(_LOG, problem)
        return
    if check.sound:
        yield fine(_LOG, mark("{entries:entry|entries}, unbroken"), entries=check.entries)
    else:
        altered = mark("The log was altered: {problems}")
        yield wrong(
            _LOG,
            altered if check.altered else mark("The entries of the log are sound, but: {problems}"),
            mark("Tell your security officer; bankcard log verify shows every entry.") if check.altered else FETCH,
            VERIFICATION_FAILED,
            problems="; ".join(spoken(check)[:MOST_SHOWN]),
        )
