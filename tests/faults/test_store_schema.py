"""The schema: what the store refuses by itself, and that models and migrations are one."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Column, LargeBinary, create_engine

from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.errors import NotSignedIn, Unavailable, VerificationFailed
from bankcard_tui.models import METADATA
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import RequestStatus
from bankcard_tui.services import requests, review, sign_in
from bankcard_tui.store import schema
from bankcard_tui.store.engine import copy_store, create_store, migrating_connection, open_store, sqlite
from bankcard_tui.store.types import Id
from tests.branch import PASSWORD, Town
from tests.services.world import World, build


def definitions(connection: Any) -> dict[str, set[str]]:
    """Every table, index and constraint as the store knows them, without the order in which they were written."""
    found: dict[str, set[str]] = {}
    for name, said in connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"):
        if name != "alembic_version":
            inner = re.sub(r"\s+", " ", said.replace('"', ""))
            parts = re.split(r", (?=[a-z_]+ [A-Z]|CONSTRAINT)", inner.partition("(")[2].rpartition(")")[0])
            found[name] = {part.strip().removesuffix(" NOT NULL") + _null(part) for part in parts} | {
                inner.partition("(")[0] if "TABLE" in inner else inner
            }
    return found


def _null(part: str) -> str:
    return " NOT NULL" if part.strip().endswith(" NOT NULL") else ""


def test_models_and_migrations_build_the_same_store(bank: Bank) -> None:
    fresh = create_engine("sqlite://", module=sqlite)
    with fresh.connect() as connection, bank.store.read() as migrated:
        METADATA.create_all(connection)
        wanted, got = definitions(connection), definitions(migrated)
    assert set(got) == set(wanted)
    for name in wanted:
        assert got[name] == wanted[name], name


def test_alembic_finds_no_difference(bank: Bank) -> None:
    with bank.store.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_the_program_knows_exactly_the_migrations_there_are() -> None:
    scripts = ScriptDirectory.from_config(schema.alembic_config())
    assert tuple(each.revision for each in reversed(list(scripts.walk_revisions()))) == schema.REVISIONS
    assert scripts.get_heads() == [schema.HEAD]
    for each in scripts.walk_revisions():
        assert "bankcard_tui.models" not in Path(each.path).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def filled(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Every table of a busy day holds a row."""
    world: World = build(template, tmp_path_factory.mktemp("schema") / "home")
    world.bank.store.close()
    connection = sqlite.connect(world.bank.store.path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys=ON")
    yield connection
    connection.close()


CHECKS = sorted(
    (table.name, re.sub(r"^ck_|_(known|range|positive)$", "", str(check.name)), str(check.sqltext))
    for table in METADATA.sorted_tables
    for check in table.constraints
    if isinstance(check, CheckConstraint)
)


@pytest.mark.parametrize(("table", "name", "rule"), CHECKS, ids=[f"{table}-{name}" for table, name, _ in CHECKS])
def test_the_store_itself_refuses_values_that_there_are_not(filled: Any, table: str, name: str, rule: str) -> None:
    column = rule.split()[0]
    bad = "'no such word'" if " IN (" in rule else "-1"
    filled.execute("SAVEPOINT here")
    try:
        _one_row(filled, table)
        with pytest.raises(sqlite.IntegrityError, match="CHECK"):
            filled.execute(f"UPDATE {table} SET {column} = {bad}")
        if "<=" in rule:
            with pytest.raises(sqlite.IntegrityError, match="CHECK"):
                filled.execute(f"UPDATE {table} SET {column} = 9223372036854775807")
    finally:
        filled.execute("ROLLBACK TO here")
        filled.execute("RELEASE here")


def _one_row(connection: Any, table: str) -> None:
    if connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]:
        return
    columns = METADATA.tables[table].columns
    places = ", ".join("?" for _ in columns)
    connection.execute(f"INSERT INTO {table} VALUES ({places})", [_some_value(connection, each) for each in columns])


def _some_value(connection: Any, column: Column[Any]) -> object:
    """A value that the column takes; what it refers to is there."""
    for key in column.foreign_keys:
        found = connection.execute(f"SELECT {key.column.name} FROM {key.column.table.name} LIMIT 1").fetchone()
        return None if found is None and column.nullable else found[0]
    rules = [str(each.sqltext) for each in column.table.constraints if isinstance(each, CheckConstraint)]
    for rule in rules:
        if rule.startswith(f"{column.name} IN "):
            return rule.split("'")[1]
    return b"x" if isinstance(column.type, LargeBinary | Id) else 1


FOREIGN = sorted((table.name, key.parent.name) for table in METADATA.sorted_tables for key in table.foreign_keys)


@pytest.mark.parametrize(("table", "column"), FOREIGN)
def test_nothing_refers_to_what_is_not_there(filled: Any, table: str, column: str) -> None:
    if not filled.execute(f"SELECT count(*) FROM {table}").fetchone()[0]:
        pytest.skip(f"the day holds no {table}")
    with pytest.raises(sqlite.IntegrityError):
        filled.execute(f"UPDATE {table} SET {column} = x'00112233445566778899aabbccddeeff'")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE account SET username = 'teller' WHERE username = 'manager'", "UNIQUE"),
        ("UPDATE person SET standing = 'known'", "UNIQUE"),
        ("UPDATE card SET number_index = x'00'", "UNIQUE"),
        ("UPDATE application SET number = '1'", "UNIQUE"),
        ("INSERT INTO log_entry SELECT * FROM log_entry WHERE seq = 5", "UNIQUE"),
        ("UPDATE account SET role = NULL", "NOT NULL"),
        ("DELETE FROM person", "FOREIGN KEY"),
        ("DELETE FROM branch", "FOREIGN KEY"),
    ],
)
def test_what_there_is_once_is_there_once(filled: Any, change: str, said: str) -> None:
    with pytest.raises(sqlite.IntegrityError, match=said):
        filled.execute(change)


def test_a_refusal_of_the_store_reaches_the_person_as_a_sentence(bank: Bank) -> None:
    with pytest.raises(VerificationFailed) as error, bank.store.write() as connection:
        connection.exec_driver_sql("UPDATE account SET role = 'king'")
    assert error.value.code == "store.constraint"


def test_an_upgrade_keeps_a_copy_and_does_nothing_twice(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    store = open_store(home.store, home.queue)
    assert schema.upgrade_schema(store, home.backups, now) is None
    monkeypatch.setattr(schema, "HEAD", "9001")  # as a newer program would say
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "9001"))
    copy = schema.upgrade_schema(store, home.backups, now)
    store.close()
    monkeypatch.undo()
    assert copy is not None
    assert copy.stat().st_mode & 0o077 == 0
    kept = Home(tmp_path / "kept")
    kept.store.parent.mkdir(parents=True)
    kept.key.parent.mkdir(parents=True)
    copy.rename(kept.store)
    kept.key.write_bytes(home.key.read_bytes())
    kept.key.chmod(0o600)
    bank = Bank.open(kept, cost=4)
    assert Town(bank).sign_in("teller").who.username == "teller"
    bank.close()


def taken_back(path: Path, revision: str) -> None:
    """Make the store at ``path`` one of an earlier ``revision``: its own migrations, with the rows of now."""
    now = path.rename(path.with_name("now.db"))
    store = create_store(path, path.with_name("queue"))
    with migrating_connection(store) as connection:
        command.upgrade(schema.alembic_config(connection), revision)
    store.close()
    connection = sqlite.connect(path, isolation_level=None)
    connection.execute("ATTACH ? AS now", (str(now),))
    for (name,) in connection.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'").fetchall():
        columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({name})"))
        if name == "card_outcome":
            kept = columns.replace("band", "0")
            of_cards = "FROM now.outcome WHERE card_account_id IS NOT NULL"
            connection.execute(f"INSERT INTO main.card_outcome ({columns}) SELECT {kept} {of_cards}")
        elif name != "alembic_version":
            connection.execute(f"INSERT INTO main.{name} ({columns}) SELECT {columns} FROM now.{name}")
    connection.close()


def log_times(path: Path) -> tuple[list[Any], list[Any]]:
    """What the store at ``path`` knows of its log: the head, and where the clock was set back."""
    connection = sqlite.connect(path)
    known = (
        connection.execute("SELECT seq, mark, latest FROM log_head").fetchall(),
        connection.execute("SELECT first_seq FROM log_stretch ORDER BY first_seq").fetchall(),
    )
    connection.close()
    return known


def test_a_store_of_the_first_schema_is_upgraded_and_what_was_under_way_ends(template: Path, tmp_path: Path) -> None:
    world = build(template, tmp_path / "older")
    assert isinstance(world.bank.clock, SimulatedClock)
    world.bank.clock.advance(-timedelta(days=1))
    Town(world.bank).registers("wang")  # after the clock was set back
    world.bank.clock.advance(timedelta(days=1))
    world.bank.store.close()
    path = world.bank.store.path
    before = log_times(path)
    assert len(before[1]) == 2
    taken_back(path, "0001")
    home = Home(tmp_path / "older")
    store = open_store(home.store, home.queue)
    assert schema.upgrade_schema(store, home.backups, datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) is not None
    fresh = create_engine("sqlite://", module=sqlite)
    with fresh.connect() as wanted, store.read() as migrated:
        METADATA.create_all(wanted)
        assert definitions(migrated) == definitions(wanted)
    store.close()
    assert log_times(path) == before
    town = Town(Bank.open(home, cost=4, clock=world.bank.clock))
    director = town.desk("director")
    assert requests.waiting(director).items == ()
    with pytest.raises(NotSignedIn):
        sign_in.me(replace(world.desk("director"), bank=town.bank))
    review.claim(town.desk("manager2"), world.ids["zhang.application"])
    request = review.approve(town.desk("manager2"), world.ids["zhang.application"], Money.yuan(20_000)).pending
    assert request is not None
    assert requests.sign(director, request.id).view.status is RequestStatus.DONE
    town.bank.close()


def test_an_upgrade_of_a_newer_or_foreign_store_is_refused(home: Home) -> None:
    connection = sqlite.connect(home.store, isolation_level=None)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    store = open_store(home.store, home.queue)
    with pytest.raises(Unavailable) as error:
        schema.upgrade_schema(store, home.backups, datetime(2026, 3, 2, tzinfo=UTC))
    assert error.value.code == "store.newer"
    assert list(home.backups.iterdir()) == []
    store.close()


def test_a_copy_is_taken_while_somebody_writes_and_holds_what_was_committed(bank: Bank, tmp_path: Path) -> None:
    Town(bank).registers("early")
    target = tmp_path / "copy.db"
    with bank.store.read() as reading:
        reading.exec_driver_sql("SELECT count(*) FROM customer").scalar_one()
        copy_store(bank.store, target)
    copied = sqlite.connect(target)
    assert copied.execute("SELECT count(*) FROM customer").fetchone() == (1,)
    assert copied.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copied.close()
    with pytest.raises(FileExistsError):
        copy_store(bank.store, target)
    assert PASSWORD.encode() not in target.read_bytes()
