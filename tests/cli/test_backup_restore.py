"""Restoring and drilling from the command line."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bankcard_tui.backup.container import manifest_unchecked
from bankcard_tui.backup.kit import Kit, write_kit
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from tests.branch import PASSWORD, Town
from tests.cli.kit import Answer, bankcard, is_harmless
from tests.faults.restore_kit import backup_of, kit_of


class Place:
    """A branch that went on after its backup, with the kit and the passwords in files."""

    def __init__(self, home: Home, folder: Path) -> None:
        self.home, self.folder = home, folder
        with closing(Bank.open(home, cost=4)) as bank:
            self.kit: Kit = kit_of(bank)
            self.file = backup_of(bank, self.kit, home.backups)
            Town(bank).registers("late")
        write_kit(folder / "branch.kit", self.kit, None)
        self.password = folder / "password"
        self.password.write_text(f"{PASSWORD}\n")
        self.password.chmod(0o600)

    def restore(self, *options: str, home: Home | None = None, yes: bool = True, **env: str) -> Answer:
        before = ["--yes"] if yes else []
        return bankcard(home or self.home, *before, "backup", "restore", *options, **env)

    @property
    def both(self) -> tuple[str, ...]:
        files = f"--password-file={self.password}", f"--second-password-file={self.password}"
        return "--as=admin", "--second=admin2", *files

    def customers(self) -> int:
        with closing(Bank.open(self.home, cost=4)) as bank, bank.store.read() as connection:
            statement = "SELECT count(*) FROM account WHERE role = 'customer'"
            return int(connection.exec_driver_sql(statement).scalar_one())


@pytest.fixture
def place(home: Home, tmp_path: Path) -> Place:
    return Place(home, tmp_path)


def test_two_admins_restore_a_backup_by_its_name_in_the_list(place: Place) -> None:
    answer = place.restore(place.file.name, *place.both)
    assert answer.code == 0, answer.err
    assert "is restored" in answer.err
    assert "1 entry of the log since then lie" in answer.err
    assert "Everybody has to sign in again." in answer.err
    assert place.customers() == 0
    assert bankcard(place.home, "log", "verify").code == 0


def test_the_result_can_be_read_by_programs(place: Place) -> None:
    answer = place.restore(str(place.file), *place.both, "--json")
    assert answer.data["live"] == "sound"
    assert answer.data["entries_since"] == 1
    assert Path(answer.data["fork"]).exists()
    assert Path(answer.data["before"]).exists()


def test_a_fresh_machine_needs_file_and_kit_alone(place: Place, tmp_path: Path) -> None:
    fresh = Home(tmp_path / "fresh")
    shutil.move(place.home.folder, tmp_path / "burnt")
    file = tmp_path / "burnt" / "backups" / place.file.name
    answer = place.restore(str(file), f"--kit={tmp_path / 'branch.kit'}", home=fresh)
    assert answer.code == 0, answer.err
    assert bankcard(fresh, "log", "verify").code == 0


def test_without_a_second_admin_it_is_refused_in_words(place: Place) -> None:
    answer = place.restore(str(place.file), "--as=admin", f"--password-file={place.password}")
    assert answer.code == 3
    assert "a second admin has to agree" in answer.err
    assert "--second ADMIN" in answer.err
    chinese = place.restore(str(place.file), "--as=admin", f"--password-file={place.password}", BANKCARD_LANG="zh_CN")
    assert "须有第二名管理员同意" in chinese.err
    assert place.customers() == 1


def test_without_a_yes_nothing_happens(place: Place) -> None:
    answer = place.restore(str(place.file), *place.both, yes=False)
    assert answer.code == 2
    assert "1 entry of the log, is undone" in answer.err
    assert "--yes" in answer.err
    assert place.customers() == 1


def test_a_restore_says_in_the_time_of_the_branch_when_the_backup_was_made(place: Place) -> None:
    made = datetime.fromisoformat(str((manifest_unchecked(place.file) or {})["made_at"]))
    at_the_branch = f"{made.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M}"
    answer = place.restore(str(place.file), *place.both)
    assert f"of {at_the_branch} is sound." in answer.err
    assert f"of {at_the_branch} is restored." in answer.err


def test_a_damaged_file_ends_with_the_code_of_a_failed_verification(place: Place) -> None:
    content = bytearray(place.file.read_bytes())
    content[len(content) // 2] ^= 1
    place.file.write_bytes(content)
    answer = place.restore(str(place.file), *place.both)
    assert answer.code == 4
    assert is_harmless(answer.err)
    assert place.customers() == 1


def test_a_second_admin_alone_is_a_misuse(place: Place) -> None:
    assert place.restore(str(place.file), "--second=admin2", f"--second-password-file={place.password}").code == 2


def test_a_drill_says_how_long_it_took_and_a_failed_one_what_was_wrong(place: Place, tmp_path: Path) -> None:
    options = "backup", "drill", f"--kit={tmp_path / 'branch.kit'}", "--as=admin", f"--password-file={place.password}"
    answer = bankcard(place.home, *options)
    assert answer.code == 0, answer.err
    assert "The drill went well" in answer.err
    place.file.write_bytes(place.file.read_bytes()[:-2000])
    failed = bankcard(place.home, *options)
    assert failed.code == 4
    assert "backup.cut" in failed.err
    with closing(Bank.open(place.home, cost=4)) as bank, bank.store.read() as connection:
        kept = connection.exec_driver_sql("SELECT problem FROM drill ORDER BY at").fetchall()
    assert [row[0] for row in kept] == ["", "backup.cut"]
