"""A branch is opened whole or not at all."""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
from pathlib import Path

import pytest

from bankcard_tui.cli.building import BUILDING, new_branch
from bankcard_tui.config import Home, Settings
from bankcard_tui.desk.bank import Bank
from bankcard_tui.errors import Busy, Unavailable
from bankcard_tui.services.sign_in import me, sign_in
from tests.branch import PASSWORD, id_number
from tests.cli.kit import HOSTILE, Answer, bankcard, is_harmless, process

CODE = re.compile(r"\b[2-9A-Z]{4}(?:-[2-9A-Z]{4}){3}\b")


def opening(**changed: str) -> list[str]:
    given = {
        "bank": "东海银行",
        "branch": "Harbour",
        "code": "310-0042",
        "admin-name": "Zhang Wei",
        "admin-id": id_number(7),
        "admin-user": "zhang",
    } | {name.replace("_", "-"): value for name, value in changed.items()}
    return ["init", *(f"--{name}={value}" for name, value in given.items()), "--password-stdin"]


def test_the_first_admin_can_sign_in_to_a_new_branch(tmp_path: Path) -> None:
    home = Home(tmp_path / "branch")
    answer = bankcard(home, *opening(), typed=f"{PASSWORD}\n")
    assert (answer.code, answer.out) == (0, "")
    assert "Keep a copy of the key" in answer.err
    assert len(set(CODE.findall(answer.err))) == 10
    bank = Bank.open(home, cost=4)
    assert me(sign_in(bank.lobby("desk"), "zhang", PASSWORD)).name == "Zhang Wei"
    bank.close()
    assert {path.name for path in home.folder.iterdir()} == {"data", "keys", "backups"}
    for path in (home.folder, home.store.parent, home.key.parent, home.backups):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    for path in (home.store, home.key):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_printed_recovery_code_brings_the_only_admin_back(tmp_path: Path) -> None:
    home = Home(tmp_path / "branch")
    answer = bankcard(home, "--quiet", *opening(), typed=f"{PASSWORD}\n")
    code, new = CODE.findall(answer.err)[3], "nine copper kettles sing softly"
    given = json.dumps({"username": "zhang", "code": code, "password": new, "again": new})
    used = [bankcard(home, "op", "run", "activation.recover", "--input", "@-", typed=given).code for _ in range(2)]
    assert used == [0, 3]
    bank = Bank.open(home, cost=4)
    assert me(sign_in(bank.lobby("desk"), "zhang", new)).name == "Zhang Wei"
    bank.close()


def test_everything_can_be_answered_at_the_questions(tmp_path: Path) -> None:
    answers = ["东海银行", "Harbour", "310-0042", "Zhang Wei", id_number(7), "zhang", PASSWORD, PASSWORD]
    answer = bankcard(tmp_path / "branch", "--json", "init", typed="\n".join(answers) + "\n")
    assert answer.code == 0, answer.err
    said = json.loads(answer.out[answer.out.index("{") :])
    assert said["admin"] == "zhang"
    assert len({code for code in said["recovery_codes"] if CODE.fullmatch(code)}) == 10
    assert not CODE.search(answer.err)
    assert "Branch code" in answer.err


def test_a_second_branch_is_refused_where_one_is(home: Home) -> None:
    before = home.store.read_bytes()
    answer = bankcard(home, *opening(), typed=f"{PASSWORD}\n")
    assert answer.code == 5
    assert "There is a branch at" in answer.err
    assert home.store.read_bytes() == before


@pytest.mark.parametrize(
    ("changed", "code", "said"),
    [
        ({"admin_id": "310101198805170018"}, 1, "id_number: "),
        ({"admin_user": "x"}, 1, "username: This can't be a user name."),
        ({"admin_name": "a\u202eb"}, 1, "name: "),
        ({"bank": ""}, 1, "bank: This is needed."),
        ({"branch": "x" * 101}, 1, "branch: This is too long"),
        ({"code": "a b"}, 1, "code: This can't be a branch code."),
        ({"code": "demo"}, 3, "The code DEMO is kept for demo branches."),
    ],
)
def test_a_wrong_answer_leaves_nothing_behind(changed: dict[str, str], code: int, said: str, tmp_path: Path) -> None:
    answer = bankcard(tmp_path / "branch", *opening(**changed), typed=f"{PASSWORD}\n")
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("password", "code"), [("short", 1), ("a" * 20, 1), ("", 2)])
def test_a_weak_password_leaves_nothing_behind(password: str, code: int, tmp_path: Path) -> None:
    answer = bankcard(tmp_path / "branch", *opening(), typed=f"{password}\n")
    assert answer.code == code
    assert list(tmp_path.iterdir()) == []


def test_an_input_that_ends_early_is_misuse_and_leaves_nothing_behind(tmp_path: Path) -> None:
    answer = bankcard(tmp_path / "branch", "init", typed="东海银行\n")
    assert answer.code == 2
    assert "The input ended before everything was answered." in answer.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_a_name_reaches_no_terminal(text: str, tmp_path: Path) -> None:
    answer = bankcard(tmp_path / "branch", *opening(bank=text), typed=f"{PASSWORD}\n")
    assert is_harmless(answer.err)
    assert is_harmless(answer.out)


def settings_of(folder: Path, key: Path | None = None) -> Settings:
    home = Home(folder)
    return Settings(home, key or home.key, "en", "bankcard-dark")


def found(home: Home) -> None:
    Bank.create(home, bank="B", branch="Br", code="X1", cost=4, durable=False).close()


def test_a_build_that_fails_leaves_nothing_behind_and_spares_what_was_there(tmp_path: Path) -> None:
    keep = tmp_path / "branch" / "data" / "README.md"
    keep.parent.mkdir(parents=True)
    keep.write_text("kept")

    def stopped() -> None:
        with new_branch(settings_of(tmp_path / "branch")) as home:
            found(home)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [keep]


def test_a_key_may_lie_outside_the_home(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "branch", tmp_path / "safe" / "root.key")
    with new_branch(settings) as home:
        found(home)
    Bank.open(settings.home, key_file=settings.key_file, cost=4).close()
    assert not settings.home.key.exists()


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "branch", tmp_path / "root.key")
    settings.key_file.write_text("somebody's key")
    with pytest.raises(Unavailable, match="no store that belongs to it"), new_branch(settings):
        pass
    assert settings.key_file.read_text() == "somebody's key"


def test_the_journal_of_another_store_is_not_played_into_a_new_one(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "branch")
    settings.home.store.parent.mkdir(parents=True)
    settings.home.store.with_name("bankcard.db-wal").write_bytes(b"pages")
    with pytest.raises(Unavailable, match="remainder of an earlier store"), new_branch(settings):
        pass


def test_two_cannot_build_in_one_home(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "branch")
    with new_branch(settings) as home:
        with pytest.raises(Busy), new_branch(settings):
            pass
        found(home)
    assert settings.home.store.exists()


def test_what_a_killed_build_left_is_cleared_away_with_the_key_it_had_placed(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "branch")
    remains = Home(settings.home.folder / BUILDING)
    found(remains)
    settings.key_file.parent.mkdir(parents=True)
    settings.key_file.write_bytes(remains.key.read_bytes())
    with new_branch(settings) as home:
        found(home)
    Bank.open(settings.home, cost=4).close()
    assert not remains.folder.exists()


def test_ctrl_c_at_a_question_says_that_nothing_was_made(tmp_path: Path) -> None:
    running = process(tmp_path / "branch", "init")
    assert running.stderr is not None
    said = b""
    while b"Bank" not in said:
        said += os.read(running.stderr.fileno(), 1000)
    running.send_signal(2)
    running.wait(timeout=30)  # before its input is closed, which ends the questions in another way
    _, rest = running.communicate()
    assert running.returncode == 130
    assert b"Interrupted. Nothing was made." in rest
    assert b"Traceback" not in rest
    assert list(tmp_path.iterdir()) == []


def test_a_small_demo_branch_can_be_made_and_opened(tmp_path: Path) -> None:
    answer: Answer = bankcard(tmp_path / "demo", "--json", "demo", "--customers", "1", "--seed", "5")
    assert answer.code == 0, answer.err
    assert answer.data["customers"] == 1
    assert "amber lantern over quiet harbour" in answer.err
    assert bankcard(tmp_path / "demo", "log", "verify").code == 0
    assert bankcard(tmp_path / "demo", "demo").code == 5


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_command_that_is_named_leads_to_the_home_that_was_given(language: str, tmp_path: Path) -> None:
    folder = tmp_path / "it's here"
    option = f"bankcard --home {shlex.quote(str(folder))} "
    answer = bankcard(folder, "--lang", language, *opening(), typed=f"{PASSWORD}\n")
    assert answer.code == 0, answer.err
    assert f"{option}run" in answer.err
    assert f"{option}run" in bankcard(folder, "--lang", language, "init", typed="").err
    Home(folder).store.unlink()
    for command in ("run", "doctor"):
        said = bankcard(folder, "--lang", language, command)
        assert f"{option}init" in said.out + said.err
        assert f"{option}demo" in said.out + said.err
    plain = bankcard(folder, "--lang", language, "doctor", "--json").data
    assert any(f"{option}init" in each["advice"] for each in plain["checks"])


def test_the_demo_says_how_to_open_it(tmp_path: Path) -> None:
    answer = bankcard(tmp_path / "demo", "demo", "--customers", "1")
    assert f"Open it: bankcard --home {tmp_path / 'demo'} run. Accounts: teller" in answer.err


def test_a_home_that_commands_find_by_themselves_is_not_named(tmp_path: Path) -> None:
    answer = bankcard(tmp_path / "branch", *opening(), typed=f"{PASSWORD}\n", BANKCARD_HOME=str(tmp_path / "branch"))
    assert "Sign in as zhang: bankcard run" in answer.err
