"""Reading the log from the shell, and finding out that somebody altered it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from bankcard_tui.config import Home
from bankcard_tui.services import log_search
from tests.branch import PASSWORD
from tests.cli.kit import HOSTILE, Answer, bankcard, is_harmless


def altered(home: Home, *statements: str | tuple[str, tuple[object, ...]]) -> None:
    """What somebody does to the store by hand, past its constraints."""
    with closing(sqlite3.connect(home.store)) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        connection.execute("PRAGMA foreign_keys=OFF")
        for statement in statements:
            connection.execute(*((statement, ()) if isinstance(statement, str) else statement))
        connection.commit()


# The same table without keys and NOT NULL, so that anything can be written.
LOOSE = (
    "CREATE TABLE loose AS SELECT * FROM log_entry",
    "DROP TABLE log_entry",
    "ALTER TABLE loose RENAME TO log_entry",
)


def listed(home: Home, *arguments: str) -> Answer:
    return bankcard(home, *arguments, "log", "list", "--as", "admin", "--password-stdin", typed=f"{PASSWORD}\n")


def test_a_branch_s_log_is_sound(home: Home) -> None:
    answer = bankcard(home, "log", "verify", "--json")
    assert answer.code == 0
    assert answer.data["sound"]
    assert answer.data["problems"] == []


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["UPDATE log_entry SET outcome = 'done' WHERE seq = 4", "UPDATE log_entry SET detail = '{}' WHERE seq = 4"],
         "entry 4 was changed"),
        (["UPDATE log_entry SET at = at + 1 WHERE seq = 3"], "entry 3 was changed"),
        (["UPDATE log_entry SET at = 'noon' WHERE seq = 3"], "entry 3 was changed"),
        (["UPDATE log_entry SET at = 1.5 WHERE seq = 3"], "entry 3 was changed"),
        (["UPDATE log_entry SET detail = x'ff00fe' WHERE seq = 3"], "entry 3 was changed"),
        (["UPDATE log_entry SET detail = CAST(x'ff00fe' AS TEXT) WHERE seq = 3"], "entry 3 was changed"),
        (["UPDATE log_entry SET username = CAST(x'80' AS TEXT) WHERE seq = 3"], "entry 3 was changed"),
        (["UPDATE log_entry SET subject_id = NULL WHERE seq = 4"], "entry 4 was changed"),
        (["UPDATE log_entry SET subject_id = 'text' WHERE seq = 4"], "entry 4 was changed"),
        (["UPDATE log_entry SET mark = x'00' WHERE seq = 5"], "entry 5 was changed"),
        (["UPDATE log_entry SET mark = 'text' WHERE seq = 5"], "entry 5 was changed"),
        (["UPDATE log_entry SET seq = 9.5 WHERE seq = 6"], "entries 6 to 6 are missing|out of place"),
        (["UPDATE log_entry SET seq = 'six' WHERE seq = 6"], "out of place"),
        (["UPDATE log_entry SET seq = 9223372036854775807 WHERE seq = 6"], "are missing"),
        (["UPDATE log_entry SET seq = -6 WHERE seq = 6"], "entry -6 is out of place"),
        (["UPDATE log_entry SET seq = 100000 WHERE seq = 2", "UPDATE log_entry SET seq = 2 WHERE seq = 3",
          "UPDATE log_entry SET seq = 3 WHERE seq = 100000"], "entry 2 was changed"),
        (["UPDATE log_entry SET branch_id = x'00' WHERE seq = 6"], "entry 6 belongs to no branch"),
        (["DELETE FROM log_entry WHERE seq = 4"], "entries 4 to 4 are missing"),
        (["DELETE FROM log_entry WHERE seq = 1"], "entries 1 to 1 are missing"),
        (["DELETE FROM log_entry WHERE seq > 5"], "does not end where its head says"),
        (["DELETE FROM log_entry"], "does not end where its head says"),
        (["DELETE FROM log_head"], "does not end where its head says"),
        (["UPDATE log_head SET seq = 'x', mark = 5"], "does not end where its head says"),
        (["UPDATE log_head SET seq = seq - 1"], "does not end where its head says"),
        ([*LOOSE, "UPDATE log_entry SET seq = NULL WHERE seq = 3"], "out of place"),
        ([*LOOSE, "UPDATE log_entry SET username = NULL, mark = NULL WHERE seq = 3"], "entry 3 was changed"),
        ([*LOOSE, "INSERT INTO log_entry SELECT * FROM log_entry WHERE seq = 3"], "entry 3 is out of place"),
        ([*LOOSE, "UPDATE log_entry SET seq = x'01', branch_id = NULL, at = NULL"], "does not end"),
        (["DROP TABLE log_entry"], "altered|can't be read"),
        (["DROP TABLE log_head"], "altered|can't be read"),
        (["ALTER TABLE log_entry DROP COLUMN terminal"], "altered|can't be read"),
        (["UPDATE account SET role = 'nonsense' WHERE role = 'system'"], "altered"),
        (["DELETE FROM account WHERE role = 'system'"], "altered"),
        (["UPDATE policy_version SET policy = 'no json'"], ""),
        (["DELETE FROM policy_version"], "altered"),
        (["UPDATE policy_version SET policy = '[]', version = 'x'"], "altered"),
        (["UPDATE branch SET id = 'short'"], ""),
        (["UPDATE branch SET zone = x'ff', name = CAST(x'ff' AS TEXT)"], ""),
    ],
)  # fmt: skip
def test_an_altered_store_is_found_out_and_never_ends_in_a_traceback(
    statements: list[str], said: str, home: Home
) -> None:
    altered(home, *statements)
    answer = bankcard(home, "log", "verify")
    assert answer.code in (4, 5), (answer.out, answer.err)
    assert "incident" not in answer.err
    assert "Traceback" not in answer.err
    assert re.search(said, answer.out + answer.err), (answer.out, answer.err)


@pytest.mark.parametrize("text", HOSTILE[:-1])
def test_a_forged_entry_reaches_no_terminal(text: str, home: Home) -> None:
    altered(home, *LOOSE, ("UPDATE log_entry SET seq = ?, username = ? WHERE seq = 3", (text,) * 2))
    answer = bankcard(home, "log", "verify")
    assert answer.code == 4
    assert is_harmless(answer.out + answer.err)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_entries_are_listed_harmlessly(text: str, home: Home) -> None:
    altered(home, ("UPDATE log_entry SET username = ?, terminal = ?, detail = ? WHERE seq > 5", (text,) * 3))
    for answer in (listed(home), listed(home, "--json")):
        assert answer.code == 0, answer.err
        assert is_harmless(answer.out)
    assert answer.data[-1]["seq"] == 1
    assert any(row["username"] == text for row in answer.data)


def test_the_problems_speak_chinese(home: Home) -> None:
    altered(home, "UPDATE log_entry SET at = at + 1 WHERE seq = 3")
    answer = bankcard(home, "--lang", "zh_CN", "log", "verify")
    assert answer.code == 4
    assert "3" in answer.out
    assert "was changed" not in answer.out
    assert "日志被篡改" in answer.err


def rows(home: Home, *filters: str) -> list[dict[str, object]]:
    answer = bankcard(
        home, "--json", "log", "list", "--as", "admin", "--password-stdin", *filters, typed=f"{PASSWORD}\n"
    )
    assert answer.code == 0, answer.err
    found: list[dict[str, object]] = answer.data
    return found


@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        (["--username", "admin2"], lambda row: row["username"] == "admin2"),
        (["--action", "staff."], lambda row: str(row["action"]).startswith("staff.")),
        (["--action", "staff.add"], lambda row: row["action"] == "staff.add"),
        (["--outcome", "done"], lambda row: row["outcome"] == "done"),
        (["--until", "2026-03-03"], lambda row: str(row["at"]) < "2026-03-02T16:00"),
        (["--text", "director"], lambda row: "director" in str(row)),
    ],
)
def test_the_list_holds_what_fits(filters: list[str], fits: Callable[[dict[str, object]], bool], home: Home) -> None:
    found = rows(home, *filters)
    assert found
    assert all(map(fits, found))
    everything = rows(home, "--limit", "1000")
    assert len(found) < len(everything)


def test_the_list_goes_on_where_a_search_stopped(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rows(home, "--limit", "1000")
    monkeypatch.setattr(log_search, "PAGE_ROWS", 3)
    monkeypatch.setattr(log_search, "PAGE_SECONDS", 0.0)
    assert [row["seq"] for row in rows(home, "--text", "branch.open")] == [1]
    later = rows(home, "--limit", "1000")
    assert later[-len(whole) :] == whole


def test_the_list_ends_at_its_limit(home: Home) -> None:
    assert len(rows(home, "--limit", "2")) == 2
    assert rows(home, "--since", "2100-01-01") == []


@pytest.mark.parametrize(
    "wrong", [["--outcome", "perfect"], ["--since", "yesterday"], ["--until", "0001-01-01"], ["--limit", "0"]]
)
def test_a_filter_that_makes_no_sense_is_misuse(wrong: list[str], home: Home) -> None:
    answer = bankcard(home, "log", "list", "--as", "admin", "--password-stdin", *wrong, typed=f"{PASSWORD}\n")
    assert answer.code == 2
    assert answer.out == ""


@pytest.mark.parametrize(
    ("user", "password", "code"), [("admin", "wrong password entirely", 3), ("teller", PASSWORD, 3), ("nobody", "x", 3)]
)
def test_only_who_may_see_all_logs_sees_them(user: str, password: str, code: int, home: Home) -> None:
    answer = bankcard(home, "log", "list", "--as", user, "--password-stdin", typed=f"{password}\n")
    assert (answer.code, answer.out) == (code, "")


def test_the_session_of_a_command_is_ended(home: Home) -> None:
    listed(home)
    with closing(sqlite3.connect(home.store)) as connection:
        (open_sessions,) = connection.execute(
            "SELECT count(*) FROM session WHERE ended_at IS NULL AND terminal LIKE '%cli%'"
        ).fetchone()
        assert open_sessions == 0


def test_the_password_may_come_from_a_private_file(home: Home) -> None:
    file = home.folder / "password"
    file.write_text(f"{PASSWORD}\n")
    file.chmod(0o600)
    assert bankcard(home, "log", "list", "--as", "admin", "--password-file", str(file)).code == 0
    file.chmod(0o644)
    answer = bankcard(home, "log", "list", "--as", "admin", "--password-file", str(file))
    assert answer.code == 2
    assert "can be read by other users" in answer.err
