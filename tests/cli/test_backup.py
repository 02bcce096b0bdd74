"""``bankcard backup``: what an operator and a timer see."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from bankcard_tui.backup.files import checking_folder, workshop
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from tests.branch import PASSWORD
from tests.cli.kit import bankcard

PASSPHRASE = "nineteen copper herons asleep"


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests beside this one check backups on machines without a branch too."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


@pytest.fixture
def branch(template: Path, home: Home) -> Home:
    return home


@pytest.fixture
def kit(branch: Home, tmp_path: Path) -> Path:
    """A recovery kit, written by the admin."""
    path = tmp_path / "kit"
    answer = bankcard(branch, "backup", "keygen", str(path), "--as", "admin", "--password-stdin", typed=PASSWORD)
    assert answer.code == 0, answer.err
    return path


def file_with(path: Path, text: str) -> Path:
    path.write_text(text + "\n")
    path.chmod(0o600)
    return path


def test_a_kit_is_written_with_words_of_warning(branch: Home, tmp_path: Path) -> None:
    path = tmp_path / "kit"
    answer = bankcard(
        branch, "backup", "keygen", str(path), "--as", "admin", "--password-stdin", "--json", typed=PASSWORD
    )
    assert answer.code == 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert answer.data["recipient"] in path.read_text()
    assert "nobody can restore a backup when this machine is lost" in answer.err
    assert "AGE-SECRET-KEY" not in answer.out + answer.err
    listed = bankcard(branch, "backup", "recipients", "--json").data
    assert [(each["label"], each["added_by"]) for each in listed] == [("kit", "admin")]


def test_a_kit_is_never_written_over_another_file(branch: Home, kit: Path) -> None:
    before = kit.read_bytes()
    answer = bankcard(branch, "backup", "keygen", str(kit), "--as", "admin", "--password-stdin", typed=PASSWORD)
    assert answer.code == 5
    assert kit.read_bytes() == before


def test_a_teller_makes_no_kit(branch: Home, tmp_path: Path) -> None:
    answer = bankcard(
        branch, "backup", "keygen", str(tmp_path / "k"), "--as", "teller", "--password-stdin", typed=PASSWORD
    )
    assert answer.code == 3
    assert not (tmp_path / "k").exists()


def test_a_kit_inside_the_home_is_warned_about(branch: Home) -> None:
    path = branch.folder / "kit"
    answer = bankcard(branch, "--quiet", "backup", "keygen", str(path), "--as", "admin", "--password-stdin",
                      typed=PASSWORD)  # fmt: skip
    assert answer.code == 0
    assert "move it to another place" in answer.err


def test_without_a_kit_the_refusal_says_how_to_make_one(branch: Home) -> None:
    answer = bankcard(branch, "backup", "create")
    assert answer.code == 3
    assert "backup keygen" in answer.err
    assert str(branch.folder) in answer.err


def test_a_backup_is_made_and_its_path_printed(branch: Home, kit: Path) -> None:
    answer = bankcard(branch, "backup", "create")
    assert answer.code == 0, answer.err
    path = Path(answer.out.strip())
    assert path.parent == branch.backups
    assert path.exists()
    assert f"made and verified: {path.stat().st_size:,} bytes." in answer.err
    listed = bankcard(branch, "backup", "list", "--json").data
    assert [(each["file"], each["level"]) for each in listed["backups"]] == [(path.name, 5)]
    assert not listed["state"]["backup_due"]
    assert path.name in bankcard(branch, "backup", "list").out


def test_verifying_ticks_each_level(branch: Home, kit: Path) -> None:
    made = bankcard(branch, "backup", "create", "--no-verify", "--json").data
    assert made["level"] == 0
    for name in (made["path"], made["file"]):
        answer = bankcard(branch, "backup", "verify", name)
        assert answer.code == 0
        assert answer.out.count("+ ") == 5
    assert bankcard(branch, "backup", "verify", made["path"], "--kit", str(kit), "--json").data["level"] == 5
    assert bankcard(branch, "backup", "verify", made["path"], "--level", "1").out.count("+ ") == 1


def test_a_damaged_backup_fails_with_its_level(branch: Home, kit: Path) -> None:
    path = Path(bankcard(branch, "backup", "create", "--json").data["path"])
    path.write_bytes(path.read_bytes()[:-1000])
    answer = bankcard(branch, "backup", "verify", str(path), "--json")
    assert answer.code == 4
    assert (answer.data["sound"], answer.data["problem"]) == (False, "backup.cut")
    assert "x 1 Signature" in bankcard(branch, "backup", "verify", str(path)).out
    assert "wrong: backup.cut" in bankcard(branch, "backup", "list").out


def test_a_machine_without_the_branch_verifies_with_the_kit(branch: Home, kit: Path, tmp_path: Path) -> None:
    path = bankcard(branch, "backup", "create", "--json").data["path"]
    empty = tmp_path / "empty"
    answer = bankcard(empty, "backup", "verify", path, "--kit", str(kit))
    assert (answer.code, answer.out.count("+ ")) == (0, 5)
    assert bankcard(empty, "backup", "verify", path).code == 2
    left = checking_folder() / "of a killed check.db"
    left.parent.mkdir()
    left.touch()
    assert bankcard(empty, "backup", "verify", path, "--kit", str(kit)).code == 0
    assert not left.parent.exists()
    assert not empty.exists()


def test_the_head_of_the_log_is_shown_for_a_slip_and_the_log_is_held_against_it(branch: Home, kit: Path) -> None:
    made = bankcard(branch, "backup", "create", "--json").data
    head = f"{made['log_seq']}:{made['log_mark']}"
    assert head in bankcard(branch, "backup", "list").out
    assert head in bankcard(branch, "backup", "verify", made["path"]).out
    assert bankcard(branch, "log", "verify", "--head", head).code == 0


def test_the_wrong_kit_fails_the_verification(branch: Home, kit: Path, tmp_path: Path) -> None:
    path = bankcard(branch, "backup", "create", "--json").data["path"]
    later = tmp_path / "later"
    bankcard(branch, "backup", "keygen", str(later), "--as", "admin", "--password-stdin", typed=PASSWORD)
    answer = bankcard(tmp_path / "empty", "backup", "verify", path, "--kit", str(later))
    assert answer.code == 4
    assert "This key does not open the file." in answer.err


def test_a_passphrase_comes_from_a_file_or_a_question(branch: Home, tmp_path: Path) -> None:
    secret = file_with(tmp_path / "secret", PASSPHRASE)
    path = bankcard(branch, "backup", "create", "--passphrase-file", str(secret), "--json").data["path"]
    empty = tmp_path / "empty"
    asked = bankcard(empty, "backup", "verify", path, "--passphrase", "--level", "2", typed=f"{PASSPHRASE}\n")
    assert asked.code == 0, asked.err
    wrong = bankcard(empty, "backup", "verify", path, "--passphrase", typed="another one altogether\n")
    assert wrong.code == 4
    assert PASSPHRASE not in asked.out + asked.err


@pytest.mark.parametrize("typed", ["short\nshort\n", f"{PASSPHRASE}\n{PASSPHRASE}s\n"])
def test_a_weak_or_mistyped_passphrase_makes_nothing(branch: Home, typed: str) -> None:
    assert bankcard(branch, "backup", "create", "--passphrase", typed=typed).code == 1
    assert not list(branch.backups.glob("*.backup"))


def test_a_passphrase_file_that_others_can_read_is_refused(branch: Home, tmp_path: Path) -> None:
    secret = file_with(tmp_path / "secret", PASSPHRASE)
    secret.chmod(0o644)
    assert bankcard(branch, "backup", "create", "--passphrase-file", str(secret)).code == 2


def test_two_backups_at_once_are_told_apart_by_the_exit_code(branch: Home, kit: Path) -> None:
    with workshop(branch.making):
        answer = bankcard(branch, "backup", "create")
    assert answer.code == 5
    assert "just now" in answer.err


def test_it_speaks_chinese(branch: Home, kit: Path) -> None:
    path = bankcard(branch, "--lang", "zh_CN", "backup", "create").out.strip()
    assert "签名" in bankcard(branch, "--lang", "zh_CN", "backup", "verify", path).out


def test_the_log_says_who_made_the_backup(branch: Home, kit: Path) -> None:
    bankcard(branch, "backup", "create")
    bank = Bank.open(branch, cost=4)
    with bank.store.read() as connection:
        said = connection.exec_driver_sql("SELECT username, action FROM log_entry WHERE action = 'backup.record'").all()
    bank.close()
    assert [tuple(row) for row in said] == [("system", "backup.record")]
