"""The log tells whatever was changed in it, and hides nothing that was done."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bankcard_tui.desk.log import ENTRY
from bankcard_tui.errors import BankError, InvalidInput, Refused
from bankcard_tui.models.log import COLUMNS
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import DocumentKind
from bankcard_tui.services import applications, cards, customers, drafts, identity, logs, overview, review
from bankcard_tui.services.customers import my_file
from bankcard_tui.store.engine import sqlite
from tests.branch import PASSWORD, Town, id_number
from tests.services.world import World

LAST = 60


def open_raw(world: World) -> Any:
    """What somebody with the file in hands has, and no key."""
    connection = sqlite.connect(world.bank.store.path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys=OFF")
    return connection


def problems(world: World) -> tuple[str, ...]:
    return logs.verify_log(world.bank.system_desk("night")).problems


@pytest.fixture
def raw(again: World) -> Any:
    connection = open_raw(again)
    yield connection
    connection.close()


def test_an_untouched_log_is_sound(again: World) -> None:
    check = logs.verify_log(again.desk("admin"))
    assert check.sound
    assert check.entries > LAST


SPOILT: dict[str, object] = {
    "branch_id": b"\x00" * 16,
    "at": 0,
    "account_id": b"\x01" * 16,
    "actor_id": b"\x02" * 16,
    "username": "somebody-else",
    "role": "nobody",
    "terminal": "moon",
    "action": "nothing.happened",
    "outcome": "undone",
    "subject_kind": "thing",
    "subject_id": b"\x03" * 16,
    "subject_person": b"\x04" * 16,
    "detail": '{"a":1}',
    "mark": b"\x05" * 32,
}


@pytest.mark.parametrize("column", [*COLUMNS, "mark"])
def test_every_column_of_every_entry_is_covered(again: World, raw: Any, column: str) -> None:
    """Sixty entries, every third at once: exactly those are named."""
    kept = raw.execute(f"SELECT rowid, seq, {column} FROM log_entry WHERE seq <= {LAST} ORDER BY seq").fetchall()
    assert len(kept) == LAST
    for start in range(3):
        spoilt = kept[start::3]
        for row, seq, _ in spoilt:
            new = seq + 100_000 if column == "seq" else SPOILT[column]
            raw.execute(f"UPDATE log_entry SET {column} = ? WHERE rowid = ?", (new, row))
        found = problems(again)
        if column in ("seq", "branch_id"):
            expected = [f"entries {seq} to {seq} are missing" for _, seq, _ in spoilt]
            assert list(found[: len(spoilt)]) == expected
        else:
            assert list(found) == [f"entry {seq} was changed, or its mark is forged" for _, seq, _ in spoilt]
        if column == "branch_id":
            assert list(found[len(spoilt) :]) == [f"entry {seq} belongs to no branch" for _, seq, _ in spoilt]
        for row, _, value in spoilt:
            raw.execute(f"UPDATE log_entry SET {column} = ? WHERE rowid = ?", (value, row))
    assert problems(again) == ()


def test_every_missing_entry_is_named_and_its_neighbours_are_not_accused(again: World, raw: Any) -> None:
    for seq in (1, 2, 30, LAST):
        row = raw.execute(f"SELECT * FROM log_entry WHERE seq = {seq}").fetchone()
        raw.execute(f"DELETE FROM log_entry WHERE seq = {seq}")
        assert problems(again) == (f"entries {seq} to {seq} are missing",)
        raw.execute(f"INSERT INTO log_entry VALUES ({','.join('?' * len(row))})", row)
    raw.execute("DELETE FROM log_entry WHERE seq BETWEEN 10 AND 20")
    assert problems(again) == ("entries 10 to 20 are missing",)


def test_entries_that_changed_places_are_named(again: World, raw: Any) -> None:
    for old, new in ((20, 99_999), (40, 20), (99_999, 40)):
        raw.execute(f"UPDATE log_entry SET seq = {new} WHERE seq = {old}")
    found = " ".join(problems(again))
    assert "entry 20 was changed" in found
    assert "entry 40 was changed" in found


def test_an_added_entry_is_named(again: World, raw: Any) -> None:
    last = raw.execute("SELECT max(seq) FROM log_entry").fetchone()[0]
    raw.execute(
        f"INSERT INTO log_entry SELECT branch_id, {last + 1}, at, account_id, actor_id, username, role, terminal,"
        f" action, outcome, subject_kind, subject_id, subject_person, detail, mark FROM log_entry WHERE seq = {last}"
    )
    found = problems(again)
    assert f"entry {last + 1} was changed, or its mark is forged" in found
    assert any("does not end where its head says" in each for each in found)


def test_a_cut_off_end_is_told(again: World, raw: Any) -> None:
    last = raw.execute("SELECT max(seq) FROM log_entry").fetchone()[0]
    raw.execute(f"DELETE FROM log_entry WHERE seq > {last - 3}")
    assert problems(again) == (
        f"the chain does not end where its head says: entries after {last - 3} are missing or added",
    )
    raw.execute("DELETE FROM log_entry")
    assert problems(again)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE log_head SET seq = seq - 1",
        "UPDATE log_head SET seq = seq + 1",
        "UPDATE log_head SET mark = x'00'",
        "UPDATE log_head SET seq = 'many'",
        "DELETE FROM log_head",
        "INSERT INTO log_head SELECT x'00', seq, mark, latest FROM log_head",
    ],
)
def test_a_changed_head_is_told(again: World, raw: Any, change: str) -> None:
    raw.execute(change)
    assert any("does not end where its head says" in each for each in problems(again))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE log_head SET latest = latest + 3600000000",
        "UPDATE log_head SET latest = 'late'",
        "DELETE FROM log_stretch",
        "INSERT INTO log_stretch SELECT branch_id, 7 FROM log_head",
        "UPDATE log_stretch SET first_seq = 30",
    ],
)
def test_a_changed_note_of_the_clock_is_told(again: World, raw: Any, change: str) -> None:
    """Who changes it could hide entries from a search by time, and from nothing else."""
    raw.execute(change)
    (problem,) = problems(again)
    assert "a search by time can miss entries" in problem


NONSENSE = (
    "0",
    "-1",
    "9223372036854775807",
    "-9223372036854775808",
    "1e308",
    "0.5",
    "'text'",
    "''",
    "x''",
    "x'ff'",
    "x'00ff00'",
    "CAST(x'ff' AS TEXT)",
    "CAST(x'eda080' AS TEXT)",
    "CAST(x'00' AS TEXT)",
    "'{\"a\":'",
    "'null'",
    "zeroblob(100000)",
    "'\x1b]0;x\x07[/]\u202e'",
)


@pytest.mark.parametrize("column", [*COLUMNS, "mark"])
def test_the_verifier_never_fails_on_what_it_reads(again: World, raw: Any, column: str) -> None:
    (row,) = raw.execute("SELECT rowid FROM log_entry WHERE seq = 30").fetchone()
    (kept,) = raw.execute(f"SELECT {column} FROM log_entry WHERE rowid = {row}").fetchone()
    for value in NONSENSE:
        raw.execute(f"UPDATE log_entry SET {column} = {value} WHERE rowid = {row}")
        found = problems(again)
        assert found, value
        assert all(len(each) < 200 and each.isprintable() for each in found)
        # The page of the log shows the rest or says what is wrong, but does not fail either.
        with suppress(BankError):
            assert logs.list_log(again.desk("admin")).items
        raw.execute(f"UPDATE log_entry SET {column} = ? WHERE rowid = {row}", (kept,))
    assert problems(again) == ()


def test_nulls_where_none_may_be_are_named(again: World, raw: Any) -> None:
    for column in ("account_id", "actor_id", "subject_id", "subject_person"):
        row = raw.execute(f"SELECT seq, {column} FROM log_entry WHERE {column} IS NOT NULL LIMIT 1").fetchone()
        raw.execute(f"UPDATE log_entry SET {column} = NULL WHERE seq = {row[0]}")
        assert problems(again) == (f"entry {row[0]} was changed, or its mark is forged",)
        raw.execute(f"UPDATE log_entry SET {column} = ? WHERE seq = {row[0]}", (row[1],))


def test_when_the_entry_can_not_be_written_nothing_has_happened(world: World) -> None:
    raw, customer = open_raw(world), world.ids["zhang.customer"]
    raw.execute("CREATE TRIGGER broken BEFORE INSERT ON log_entry BEGIN SELECT RAISE(ABORT, 'no log'); END")
    before = raw.execute("SELECT count(*), (SELECT max(seq) FROM log_head) FROM document").fetchone()
    for attempt in (
        lambda: identity.add_document(world.desk("teller"), customer, DocumentKind.TAX_RETURN, "tax"),
        lambda: identity.add_document(world.desk("teller"), customer, DocumentKind.TAX_RETURN, ""),
        lambda: customers.open_file(world.desk("teller"), customer),
        lambda: cards.reveal(world.desk("teller"), world.ids["issued.card"]),
        lambda: logs.list_log(world.desk("teller")),
    ):
        with pytest.raises(BankError) as error:
            attempt()
        assert error.value.code == "store.failed"
    assert raw.execute("SELECT count(*), (SELECT max(seq) FROM log_head) FROM document").fetchone() == before
    raw.execute("DROP TRIGGER broken")
    raw.close()
    identity.add_document(world.desk("teller"), customer, DocumentKind.TAX_RETURN, "tax")
    assert problems(world) == ()


def test_when_the_result_can_not_be_kept_for_repeating_nothing_has_happened(world: World) -> None:
    raw, customer = open_raw(world), world.ids["zhang.customer"]
    raw.execute("CREATE TRIGGER broken BEFORE INSERT ON sent BEGIN SELECT RAISE(ABORT, 'no room'); END")
    counted = "SELECT (SELECT count(*) FROM document), (SELECT count(*) FROM request)"
    before = raw.execute(counted).fetchone()
    with pytest.raises(BankError):
        identity.add_document(world.desk("teller").once("k"), customer, DocumentKind.TAX_RETURN, "tax")
    review.claim(world.desk("manager2"), world.ids["zhang.application"])
    with pytest.raises(BankError):
        review.approve(world.desk("manager2").once("k"), world.ids["zhang.application"], Money.yuan(20_000))
    assert raw.execute(counted).fetchone() == before
    raw.close()
    outcomes = [(row.action, row.outcome) for row in logs.list_log(world.desk("admin")).items[:3]]
    assert outcomes == [("application.approve", "failed"), ("review.claim", "done"), ("document.add", "failed")]


def test_a_failed_operation_leaves_a_failed_entry_and_no_effect(world: World) -> None:
    teller, customer = world.desk("teller"), world.ids["zhang.customer"]
    documents = len(customers.open_file(teller, customer).documents)
    with pytest.raises(InvalidInput):
        identity.add_document(teller, customer, DocumentKind.TAX_RETURN, "a\u202eb")
    entry = logs.list_log(world.desk("admin"), username="teller").items[0]
    assert (entry.action, entry.outcome, entry.detail["problem"]) == ("document.add", "failed", "input.invalid")
    assert len(customers.open_file(teller, customer).documents) == documents
    with pytest.raises(Refused):
        logs.list_log(teller)
    entry = logs.list_log(world.desk("admin"), username="teller").items[0]
    assert (entry.action, entry.outcome) == ("log.list", "refused")


def test_a_record_is_shown_only_after_its_entry_is_written(world: World) -> None:
    teller, card = world.desk("teller"), world.ids["issued.card"]
    number = cards.reveal(teller, card).number
    assert len(number.replace(" ", "")) == 16
    entry = logs.list_log(world.desk("admin"), username="teller").items[0]
    assert (entry.action, entry.outcome, entry.subject_id) == ("card.reveal", "done", card)
    assert number.replace(" ", "") not in str(entry)


def test_lists_write_nothing_and_everybody_finds_what_concerns_them(world: World) -> None:
    manager = world.desk("manager")
    before = logs.list_log(world.desk("admin")).items[0].seq
    review.queue(manager)
    overview.overview(manager)
    customers.search(manager, "zhang")
    my_file(world.town.desk("zhang"))
    drafts.save_draft(manager, "f", {"a": 1})
    assert logs.list_log(world.desk("admin")).items[0].seq == before
    applications.open_application(manager, world.ids["zhang.application"])
    mine = logs.my_log(world.town.desk("zhang")).items[0]
    assert (mine.action, mine.username) == ("application.open", "manager")
    assert "application.open" not in {row.action for row in logs.my_log(world.town.desk("other")).items}


def test_nothing_secret_lies_in_clear_anywhere_in_the_home(town: Town, tmp_path: Path) -> None:
    """The whole main job, and then every byte of the store, its WAL and its queue files."""
    number = id_number(654)
    customer = town.registers("canary", "Kong Que", number)
    town.verified(customer.customer_id)
    application = town.applies("canary", customer.customer_id)
    manager, teller, desk = town.desk("manager"), town.desk("teller").once("k1"), town.desk("canary")
    drafts.save_draft(desk, "register", {"id_number": number, "name": "Kong Que"})
    review.claim(manager.once("k2"), application.id)
    review.approve(manager.once("k3"), application.id, application.wished_limit)
    (card,) = cards.to_hand_over(teller).items
    cards.hand_over(teller.once("k4"), card.id, True)
    cards.activate(teller.once("k5"), card.id, True)
    with town.bank.store.read() as connection:
        from bankcard_tui.services.cards import NUMBER_LABEL
        from bankcard_tui.services.subjects import CARD
        from bankcard_tui.store.sealing import unseal

        row = connection.execute(CARD.select().where(CARD.c.id == card.id)).one()
        plastic = unseal(town.bank.keys, NUMBER_LABEL, row.id, row.number_sealed)
    keys = town.bank.keys
    secrets = [number, plastic, PASSWORD, f"{plastic[:4]} {plastic[4:8]}", *(each.hex() for each in (keys.pepper,))]
    raw = [each.encode() for each in secrets] + [keys.pepper, keys.sealing, keys.chain]
    store = town.bank.store.path
    files = [path for path in store.parent.iterdir() if path.is_file()]
    assert any(path.name.endswith("-wal") for path in files)
    for path in files:
        content = path.read_bytes()
        for secret in raw:
            assert secret not in content, (path.name, secret[:4])
    assert number[-4:].encode() in store.read_bytes() + store.with_name(store.name + "-wal").read_bytes()


def test_the_table_of_the_log_holds_the_columns_that_the_mark_covers() -> None:
    assert {column.name for column in ENTRY.columns} == {*COLUMNS, "mark"}
