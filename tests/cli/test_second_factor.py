"""Commands of somebody with a second factor: where the code comes from, and where it never stands."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from tests.branch import PASSWORD, Town
from tests.cli.kit import ROOT, Answer, bankcard
from tests.services.phone import Phone, enrol


@pytest.fixture
def phone(home: Home) -> Phone:
    """The admin's phone, by the clock on the wall that commands go by."""
    bank = Bank.open(home, cost=4, durable=False)
    phone = enrol(Town(bank).desk("admin"))
    bank.close()
    return phone


@pytest.fixture
def password(home: Home) -> str:
    file = home.folder / "password"
    file.write_text(PASSWORD)
    file.chmod(0o600)
    return str(file)


def me(home: Home, *options: str, typed: str = "", name: str = "session.me") -> Answer:
    return bankcard(home, "op", "run", name, "--as", "admin", *options, typed=typed)


def test_the_code_is_the_line_behind_the_password(home: Home, phone: Phone) -> None:
    answer = me(home, "--password-stdin", typed=f"{PASSWORD}\n{phone.shows()}\n")
    assert (answer.code, answer.err) == (0, "")
    assert answer.data["username"] == "admin"


def test_the_input_stands_behind_password_and_code(home: Home, phone: Phone) -> None:
    wanted = json.dumps({"role": "teller"})
    typed = f"{PASSWORD}\n{phone.shows()}\n{wanted}\n"
    answer = me(home, "--password-stdin", "--input", "@-", typed=typed, name="staff.list")
    assert answer.code == 0
    assert {row["role"] for row in answer.data["items"]} == {"teller"}


def test_the_code_comes_from_a_file(home: Home, phone: Phone, password: str, tmp_path: Path) -> None:
    file = tmp_path / "code"
    file.write_text(phone.shows() + "\n")
    files = ("--password-file", password, "--code-file", str(file))
    assert me(home, *files).code == 0
    used = me(home, *files)
    assert used.code == 3
    assert "do not fit together" in used.err
    file.write_text(phone.shows(1))
    assert bankcard(home, "log", "list", "--as", "admin", *files).code == 0


def test_who_has_no_second_factor_needs_no_code_and_none_is_read(home: Home, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    wanted = json.dumps({"role": "teller"})
    typed = f"{PASSWORD}\n{wanted}\n"
    answer = me(home, "--password-stdin", "--code-file", missing, "--input", "@-", typed=typed, name="staff.list")
    assert answer.code == 0


@pytest.mark.parametrize(
    "line", ["", "\n", "12345\n", "1234567\n", "abcdef\n", "１２３４５６\n", '{"role": "teller"}\n']
)
def test_a_line_that_is_no_code_is_said_to_be_none(home: Home, phone: Phone, line: str) -> None:
    answer = me(home, "--password-stdin", typed=f"{PASSWORD}\n{line}")
    assert answer.code == 2
    assert "no code of six digits" in answer.err


def test_a_recovery_code_is_not_for_scripts(home: Home, phone: Phone) -> None:
    answer = me(home, "--password-stdin", typed=f"{PASSWORD}\n{phone.paper[0]}\n")
    assert answer.code == 2
    assert phone.paper[0] not in answer.err + answer.out


def test_many_operations_go_under_one_code(home: Home, phone: Phone, password: str, tmp_path: Path) -> None:
    file = tmp_path / "code"
    file.write_text(phone.shows())
    lines = '{"op": "session.me"}\n' * 3
    options = ("--password-file", password, "--code-file", str(file))
    answer = bankcard(home, "op", "run", "--jsonl", "--as", "admin", *options, typed=lines)
    assert answer.code == 0
    assert [json.loads(line)["ok"] for line in answer.out.splitlines()] == [True] * 3


def test_secret_codes_and_password_are_taken_from_stdin_for_enrolling(home: Home) -> None:
    def wanted(name: str, given: dict[str, str]) -> Answer:
        typed = f"{PASSWORD}\n{json.dumps(given)}\n"
        return bankcard(home, "op", "run", name, "--as", "teller", "--password-stdin", "--input", "@-", typed=typed)

    offered = wanted("second_factor.begin", {"password": PASSWORD})
    assert re.fullmatch(r"([A-Z2-7]{4} ){7}[A-Z2-7]{4}", offered.data["secret"])
    refused = bankcard(home, "op", "run", "second_factor.confirm", "--as", "teller", "--input", '{"code": "123456"}')
    assert refused.code == 2
    assert "Secrets are not taken from the command line" in refused.err


def test_at_a_terminal_the_code_is_asked_for_and_not_shown_and_a_recovery_code_may_answer(
    home: Home, phone: Phone, password: str
) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "bankcard_tui", "--home", str(home.folder), "op", "run", "session.me"]
    command += ["--as", "admin", "--password-file", password]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    child = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    shown, sent, ends = "", False, time.monotonic() + 60
    while time.monotonic() < ends:
        if select.select([ours], [], [], 0.2)[0]:
            try:
                part = os.read(ours, 4096)
            except OSError:
                break
            if not part:
                break
            shown += part.decode()
        if not sent and "Code of your second factor" in shown:
            time.sleep(0.2)  # until the terminal does not show what is typed
            os.write(ours, phone.paper[0].encode() + b"\n")
            sent = True
    os.close(ours)
    assert child.wait(30) == 0, shown
    assert sent
    assert phone.paper[0] not in shown
    assert '"username": "admin"' in shown
