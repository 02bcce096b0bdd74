"""The doctor says what is wrong with an installation and how to mend it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from bankcard_tui.backup.files import checking_folder
from bankcard_tui.cli.building import BUILDING
from bankcard_tui.config import Home
from bankcard_tui.security.keys import create_root_key
from tests.branch import Town
from tests.cli.kit import Answer, bankcard, is_harmless


def examined(home: Home | Path, *options: str, **env: str | None) -> Answer:
    return bankcard(home, "doctor", "--json", *options, TERM="xterm", **env)


def found(answer: Answer, status: str) -> dict[str, str]:
    """What the doctor found of this status: check to finding."""
    return {each["check"]: each["finding"] for each in answer.data["checks"] if each["status"] == status}


def test_a_sound_branch_is_fine(home: Home) -> None:
    answer = examined(home, "--deep")
    assert answer.code == 0, answer.out
    assert answer.data["fine"]
    assert found(answer, "wrong") == {}
    assert {"Python", "Packages", "SQLite", "Store", "Key", "Schema", "Integrity", "Values", "Log", "Disk"} <= set(
        found(answer, "ok")
    )


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_answer_is_for_reading_in_both_languages(language: str, home: Home) -> None:
    answer = bankcard(home, "--lang", language, "doctor")
    assert answer.code == 0
    assert is_harmless(answer.out)
    assert ("正常" in answer.out) == (language == "zh_CN")


def test_without_a_branch_it_says_how_to_make_one(tmp_path: Path) -> None:
    answer = examined(tmp_path / "nowhere")
    assert answer.code == 5
    assert set(found(answer, "wrong")) == {"Home folder", "Store"}
    assert not (tmp_path / "nowhere").exists()


def test_a_missing_key_is_named(home: Home) -> None:
    home.key.unlink()
    answer = examined(home)
    assert answer.code == 5
    assert {"Key", "Store"} <= set(found(answer, "wrong"))
    assert "Log" in found(answer, "unknown")


def test_the_key_of_another_branch_is_told_from_ours(home: Home) -> None:
    home.key.unlink()
    create_root_key(home.key)
    answer = examined(home)
    assert answer.code == 5
    assert found(answer, "wrong")["Store"] == "The key does not belong to this store."


def test_a_key_without_its_store_is_named(home: Home) -> None:
    home.store.unlink()
    assert "Key" in found(examined(home), "wrong")


@pytest.mark.parametrize(("path", "mode"), [("data/bankcard.db", 0o644), ("keys/root.key", 0o640), ("data", 0o777)])
def test_rights_that_let_others_in_are_wrong(path: str, mode: int, home: Home) -> None:
    (home.folder / path).chmod(mode)
    answer = examined(home)
    assert answer.code == 5
    assert any("chmod" in each["advice"] for each in answer.data["checks"] if each["status"] == "wrong")


def test_a_folder_that_others_may_look_into_is_worth_advice(home: Home) -> None:
    home.folder.chmod(0o755)
    answer = examined(home)
    assert answer.code == 0
    assert "Home folder" in found(answer, "advice")


def altered(home: Home, *statements: str) -> None:
    """What somebody does with another tool, whom no constraint stops."""
    with closing(sqlite3.connect(home.store)) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("PRAGMA ignore_check_constraints=ON")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("application", "submitted_at", "'tomorrow'"),
        ("application", "submitted_at", "1.5"),
        ("application", "submitted_at", "9000000000000000000"),
        ("application", "wished_limit", "'a lot'"),
        ("application", "wished_limit", "999999999999999999"),
        ("application", "reviewer_id", "x'00'"),
        ("application", "reviewer_id", "'0123456789abcdef'"),
        ("application", "status", "'lost'"),
        ("application", "note", "x'00'"),
        ("person", "birth_date", "'1990-02-30'"),
        ("person", "birth_date", "'1990-1-3'"),
        ("person", "birth_date", "'yesterday'"),
        ("person", "birth_date", "'0000-01-01'"),
        ("person", "id_index", "'text'"),
        ("account", "version", "'first'"),
        ("session", "locked", "7"),
    ],
)
def test_a_value_that_can_t_be_read_is_found_with_its_place(
    table: str, column: str, value: str, home: Home, town: Town
) -> None:
    town.applicant()
    altered(home, f"UPDATE {table} SET {column} = {value} WHERE rowid = (SELECT min(rowid) FROM {table})")
    answer = examined(home)
    assert answer.code == 4
    assert not answer.data["fine"]
    (said,) = [each for each in answer.data["checks"] if each["check"] == "Values"]
    assert f"1 value in the column {column} of the table {table} can't be read" in said["finding"]
    assert "backup" in said["advice"]


def test_each_column_is_told_with_how_many_values_it_concerns(home: Home, town: Town) -> None:
    town.applicant()
    altered(home, "UPDATE account SET created_at = 'x'", "UPDATE person SET created_at = 'x', birth_date = 'y'")
    with closing(sqlite3.connect(home.store)) as connection:
        accounts, people = (
            connection.execute(f"SELECT count(*) FROM {each}").fetchone()[0] for each in ("account", "person")
        )
    said = [each["finding"] for each in examined(home).data["checks"] if each["check"] == "Values"]
    assert sorted(each.partition(": ")[2] for each in said) == sorted(
        f"{count} values in the column {column} of the table {table} can't be read."
        for count, column, table in (
            (accounts, "created_at", "account"),
            (people, "created_at", "person"),
            (people, "birth_date", "person"),
        )
    )


def test_an_altered_log_is_found(home: Home) -> None:
    with closing(sqlite3.connect(home.store)) as connection:
        connection.execute("UPDATE log_entry SET at = at + 1 WHERE seq = 3")
        connection.commit()
    answer = examined(home)
    assert answer.code == 4
    assert "entry 3" in found(answer, "wrong")["Log"]


def test_a_reference_to_nothing_is_found_by_the_deep_check(home: Home) -> None:
    with closing(sqlite3.connect(home.store)) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("DELETE FROM person")
        connection.commit()
    assert "Integrity" in found(examined(home), "ok")
    answer = examined(home, "--deep")
    assert answer.code == 4
    assert "Integrity" in found(answer, "wrong")


@pytest.mark.parametrize("content", [b"", b"no database at all" * 1000, b"\0" * 8192])
def test_a_file_that_is_no_store_is_told(content: bytes, home: Home) -> None:
    for path in home.store.parent.glob("bankcard.db-*"):
        path.unlink()
    home.store.write_bytes(content)
    answer = examined(home)
    assert answer.code in (4, 5)
    assert "Store" in found(answer, "wrong")
    assert "incident" not in answer.err


def test_a_damaged_page_is_found(home: Home) -> None:
    with closing(sqlite3.connect(home.store)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
    content = bytearray(home.store.read_bytes())
    content[4096 * 20 : 4096 * 40] = b"\xa5" * 4096 * 20
    home.store.write_bytes(content)
    answer = examined(home)
    assert answer.code in (4, 5)
    assert "incident" not in answer.err


@pytest.mark.parametrize(("revision", "said"), [("9999", "newer program"), ("", "newer program")])
def test_a_store_of_another_program_is_told(revision: str, said: str, home: Home) -> None:
    with closing(sqlite3.connect(home.store)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        connection.commit()
    answer = examined(home)
    assert answer.code == 5
    assert said in found(answer, "wrong")["Store"]


@pytest.mark.parametrize(("name", "said"), [(".making", "A backup was"), (".drill", "A drill was")])
def test_what_a_killed_backup_or_drill_left_is_shown(home: Home, name: str, said: str) -> None:
    assert "Leftovers" not in found(examined(home), "advice")
    (home.backups / name).mkdir(parents=True)
    (home.backups / f"{name}.lock").touch()
    assert said in found(examined(home), "advice")["Leftovers"]


def test_what_a_killed_check_of_a_backup_left_is_shown(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    checking_folder().mkdir()
    checking_folder().with_suffix(".lock").touch()
    assert "The check of a backup was interrupted" in found(examined(home), "advice")["Leftovers"]


def test_the_remains_of_an_interrupted_build_are_shown(home: Home) -> None:
    (home.folder / BUILDING).mkdir()
    assert "Leftovers" in found(examined(home), "advice")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_can_t_be_written_is_found(home: Home) -> None:
    home.store.parent.chmod(0o500)
    assert "Disk" in found(examined(home), "wrong")
    home.store.parent.chmod(0o700)


def test_without_colours_or_utf_8_it_gives_advice(home: Home) -> None:
    answer = examined(home, NO_COLOR="1")
    assert answer.code == 0
    assert {"Terminal", "Colours"} <= set(found(answer, "advice"))


def test_the_doctor_changes_nothing_that_counts(home: Home) -> None:
    shutil.copytree(home.folder, home.folder.with_name("before"))
    examined(home, "--deep")
    names = {path.name for path in home.folder.rglob("*")}
    assert names == {path.name for path in home.folder.with_name("before").rglob("*")} | (
        names & {"bankcard.db-wal", "bankcard.db-shm", "bankcard.gate", "bankcard.queue"}
    )
