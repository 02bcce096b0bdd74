"""``bankcard log archive``, ``archives``, ``prune`` and ``export``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from tests.branch import PASSWORD, Town
from tests.cli.kit import Answer, bankcard
from tests.services.old_log import FILE, LAST, old_archive
from tests.services.world import World

SIGNED_IN = ("--password-stdin",)


def as_admin(home: Home, *arguments: str, user: str = "admin") -> Answer:
    return bankcard(home, *arguments, "--as", user, *SIGNED_IN, typed=f"{PASSWORD}\n")


@pytest.fixture
def archived(home: Home, bank: Bank) -> Home:
    """A branch whose first archive is old."""
    town = Town(bank)
    old_archive(World(town, {"admin": town.desk("admin").who.account_id or bank.branch.id}))
    return home


def test_the_log_is_archived_and_the_list_shows_it(home: Home) -> None:
    answer = bankcard(home, "log", "archive")
    assert answer.code == 0, answer.err
    assert "are archived and verified" in answer.out
    assert "No recovery kit is registered" in answer.err
    (made,) = bankcard(home, "--json", "log", "archives").data["items"]
    assert (home.archives / made["file"]).exists()
    assert made["file"] in bankcard(home, "log", "archives").out
    assert bankcard(home, "log", "verify", "--deep").code == 0
    assert bankcard(home, "--lang", "zh_CN", "log", "archive", "--until", "2020-01-01").code == 1


def test_two_admins_prune_and_a_job_carries_it_out(archived: Home) -> None:
    answer = as_admin(archived, "--json", "log", "prune", "--until", "2021-01-01")
    assert answer.code == 0, answer.err
    signing = json.dumps({"request": answer.data["id"]})
    assert bankcard(archived, "log", "prune", "--carry-out").code == 1
    assert as_admin(archived, "op", "run", "request.sign", "--input", signing).code == 3
    signed = as_admin(archived, "op", "run", "request.sign", "--input", signing, user="admin2")
    assert signed.code == 0, signed.err
    listed = bankcard(archived, "log", "archives")
    assert "--carry-out" in listed.out + listed.err
    done = bankcard(archived, "--json", "log", "prune", "--carry-out")
    assert done.data == {"deleted": LAST, "cleared_to": LAST}
    assert bankcard(archived, "--json", "log", "verify", "--deep").data["pruned"] == LAST
    (archived.archives / FILE).unlink()
    answer = bankcard(archived, "log", "verify")
    assert (answer.code, FILE in answer.out) == (4, True)


@pytest.mark.parametrize(
    "wrong",
    [
        ["prune"],
        ["prune", "--until", "2021-01-01"],
        ["prune", "--until", "2021-01-01", "--as", "admin", "--carry-out"],
        ["prune", "--until", "yesterday", "--as", "admin", "--password-stdin"],
        ["prune", "--until", "2019-01-01", "--as", "admin", "--password-stdin"],
        ["archive", "--until", "soon"],
        ["export", "log.txt", "--as", "admin", "--password-stdin"],
        ["export", "log.csv", "--as", "admin", "--password-stdin", "--mine", "--text", "x"],
    ],
)
def test_what_makes_no_sense_is_misuse(archived: Home, wrong: list[str]) -> None:
    answer = bankcard(archived, "log", *wrong, typed=f"{PASSWORD}\n")
    assert (answer.code, answer.out) == (2, ""), answer.err


def test_young_entries_are_not_pruned(home: Home) -> None:
    bankcard(home, "log", "archive")
    answer = as_admin(home, "log", "prune", "--until", "2100-01-01")
    assert answer.code == 3
    assert "12 months" in answer.err


def test_the_log_is_exported(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    answer = as_admin(home, "log", "export", str(path), "--action", "staff.")
    assert answer.code == 0, answer.err
    rows = json.loads(path.read_text())
    assert rows
    assert all(row["action"].startswith("staff.") for row in rows)
    assert as_admin(home, "log", "export", str(path)).code == 5
    assert as_admin(home, "log", "export", str(tmp_path / "2.csv"), user="teller").code == 3
    assert as_admin(home, "log", "export", str(tmp_path / "3.csv"), "--mine", user="teller").code == 0


def test_a_head_from_a_slip_is_held_against_the_log(home: Home) -> None:
    said = bankcard(home, "--json", "log", "verify").data
    head = f"{said['last']}:{said['head']}"
    assert head in bankcard(home, "log", "verify").out
    assert bankcard(home, "log", "verify", "--head", head).code == 0
    answer = bankcard(home, "log", "verify", "--head", f"{said['last'] + 9}:{said['head']}")
    assert (answer.code, "its end was cut off" in answer.out) == (4, True)
    assert bankcard(home, "log", "verify", "--head", "9").code == 1


def test_an_archive_that_is_missing_is_no_tampering_and_what_to_do_is_said(archived: Home) -> None:
    for path in archived.archives.glob("*.archive"):
        path.unlink()
    answer = bankcard(archived, "log", "verify")
    assert answer.code == 4
    assert "is missing in backups/log" in answer.out
    assert "Copy them from the folder backups of the earlier machine" in answer.err
    assert "was altered" not in answer.out + answer.err
    assert "The entries of the log are sound, but:" in bankcard(archived, "doctor").out
