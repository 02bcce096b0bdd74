"""Every ending of a command is a clear sentence and an exit code."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from bankcard_tui import locale
from bankcard_tui.cli.console import Console, safe_json, table, width
from bankcard_tui.cli.edge import run_command
from bankcard_tui.cli.main import app
from bankcard_tui.config import Home
from bankcard_tui.errors import Busy, InvalidForm, InvalidInput, Refused, VerificationFailed
from tests.cli.kit import HOSTILE, ROOT, bankcard, is_harmless, process
from tests.test_catalogue import translations

HEAVY = ("textual", "rich", "sqlalchemy", "sqlmodel", "alembic", "cryptography", "bcrypt", "pydantic")


def help_texts(command: object) -> set[str]:
    """Every help text in the tree of commands."""
    found = {text for text in (getattr(command, "help", None),) if text}
    for part in (*getattr(command, "params", ()), *getattr(command, "commands", {}).values()):
        found |= help_texts(part)
    return found - {"Show this message and exit."}


# Typer reads options through pydantic, from the first option on.
@pytest.mark.parametrize(
    ("arguments", "spared"),
    [(["--help"], HEAVY), (["op", "run", "--help"], HEAVY[:-1]), (["import", "--help"], HEAVY[:-1])],
)
def test_help_imports_nothing_heavy(arguments: list[str], spared: tuple[str, ...]) -> None:
    program = (
        "import sys; from bankcard_tui.cli.main import app; from bankcard_tui.cli.edge import run_command;"
        f"code = run_command(app, {arguments!r});"
        f"print('HEAVY', [name for name in {spared!r} if name in sys.modules]); sys.exit(code)"
    )
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.rstrip().endswith("HEAVY []")


def test_help_is_translated_whole() -> None:
    missing = help_texts(typer.main.get_command(app)) - set(translations("zh_CN"))
    assert not missing


@pytest.mark.parametrize(
    ("arguments", "env"), [(["--lang", "zh_CN"], {}), (["--lang=zh"], {}), ([], {"BANKCARD_LANG": "zh_CN"})]
)
def test_help_speaks_chinese(arguments: list[str], env: dict[str, str], tmp_path: Path) -> None:
    answer = bankcard(tmp_path, *arguments, "op", "--help", **env)
    assert (answer.code, answer.err) == (0, "")
    assert "列出全部操作" in answer.out


def test_an_unknown_language_is_misuse(tmp_path: Path) -> None:
    answer = bankcard(tmp_path, "--lang", "xx", "migrate")
    assert (answer.code, answer.out) == (2, "")
    assert "There is no language xx." in answer.err


@pytest.mark.parametrize("arguments", [["nonsense"], ["--nonsense"], ["op", "run", "--as"], ["log", "list"]])
def test_what_can_t_be_understood_is_misuse_with_a_way_to_help(arguments: list[str], tmp_path: Path) -> None:
    answer = bankcard(tmp_path, *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert re.search(r"Try: bankcard.* --help", answer.err)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "没有此命令：nonsense"),
        (["--nonsense"], "没有此选项或缺少其值：--nonsense"),
        (["op", "run", "--as"], "没有此选项或缺少其值：--as"),
        (["log", "list"], "缺少 --as"),
        (["log", "list", "--as", "x", "--limit", "many"], "--limit 不能取此值"),
        (["migrate", "one", "two"], "多余的内容：one"),
    ],
)
def test_what_can_t_be_understood_is_said_in_chinese(arguments: list[str], said: str, tmp_path: Path) -> None:
    answer = bankcard(tmp_path, "--lang", "zh_CN", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("place", ["command", "home", "file", "operation"])
def test_hostile_arguments_reach_no_terminal(text: str, place: str, tmp_path: Path) -> None:
    arguments = {
        "command": [text],
        "home": ["--home", text, "log", "verify"],
        "file": ["import", "customers", text, "--as", text],
        "operation": ["op", "run", text, "--as", text],
    }[place]
    answer = bankcard(tmp_path, *arguments)
    assert answer.code in (1, 2, 5), answer.err
    assert is_harmless(answer.err)
    assert is_harmless(answer.out)
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("command", [[], ["run"], ["log", "verify"], ["policy", "show"], ["migrate"]])
def test_without_a_store_it_says_how_to_make_one(command: list[str], tmp_path: Path) -> None:
    answer = bankcard(tmp_path / "nowhere", *command)
    assert (answer.code, answer.out) == (5, "")
    assert f"bankcard --home {tmp_path / 'nowhere'} init" in answer.err
    assert not (tmp_path / "nowhere").exists()


def test_the_application_needs_a_terminal(home: Home) -> None:
    answer = bankcard(home, "run")
    assert answer.code == 2
    assert "The application needs a terminal." in answer.err


def test_without_its_key_the_store_stays_closed(home: Home) -> None:
    home.key.unlink()
    answer = bankcard(home, "policy", "show")
    assert answer.code == 5
    assert "is missing" in answer.err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (InvalidInput("name", "This is needed.", hint="Fill it in."), 1, "name: This is needed.\nFill it in.\n"),
        (Refused("You may not do this."), 3, "You may not do this.\n"),
        (VerificationFailed("The log was altered."), 4, "The log was altered.\n"),
        (Busy("The store is busy."), 5, "The store is busy.\n"),
        (FileNotFoundError(2, "No such file or directory", "a\x1b[2Jb"), 5, "a⟨U+001B⟩[2Jb: No such"),
        (
            InvalidForm([InvalidInput("a", "This is needed."), InvalidInput("b", "This is needed.")]),
            1,
            "2 fields need attention.\n  a: This is needed.\n  b: This is needed.\n",
        ),
    ],
)
def test_an_error_is_a_sentence_on_stderr(
    error: Exception, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = typer.Typer()

    @failing.command()
    def fail() -> None:
        raise error

    assert run_command(failing, []) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(said)


def test_a_bug_becomes_an_incident_without_anybody_s_data(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    failing = typer.Typer()

    @failing.command()
    def fail() -> None:
        customer = "-".join(["Zhang", "Wei"])
        raise RuntimeError(customer)

    assert run_command(failing, [], Console(flags={"home": str(home.folder)})) == 1
    err = capsys.readouterr().err
    number = re.search(r"incident ([A-Z0-9-]+)\)", err)
    assert number is not None
    assert "Traceback" not in err
    (record,) = (home.folder / "data" / "incidents").iterdir()
    assert record.stem == number[1]
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    text = record.read_text()
    assert "RuntimeError" in text
    assert "in fail" in text
    assert "Zhang-Wei" not in text


def test_a_reader_who_leaves_is_no_error(home: Home) -> None:
    running = process(home.folder, "op", "list")
    assert running.stdout is not None
    running.stdout.close()
    assert running.stderr is not None
    said = running.stderr.read()
    assert running.wait(30) == 141
    assert said == b""


def test_a_config_file_that_can_t_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "bankcard").mkdir()
    (tmp_path / "bankcard" / "config.toml").write_text("home = [")
    answer = bankcard(tmp_path, "policy", "show", XDG_CONFIG_HOME=str(tmp_path))
    assert answer.code == 5
    assert "config.toml" in answer.err


def test_json_keeps_every_character_and_harms_no_terminal() -> None:
    import json

    data = {"name": "张三 \u202e\x1b\x9b\x7f\u200b\U000e0041", "lines": ["a\nb", "\ud800"]}
    for indent in (None, 2):
        text = safe_json(data, indent)
        assert json.loads(text) == data
        assert is_harmless(text)
        assert "张三" in text


def test_a_table_lines_up_chinese_and_puts_numbers_to_the_right() -> None:
    lines = table(["Name", "Amount"], [("张三", "1,000.00"), ("Li\nNa", "5.00")])
    assert len({width(line) for line in lines}) == 1
    assert lines[2].endswith("1,000.00")
    assert lines[3].endswith("    5.00")
    assert "\n" not in "".join(lines)


def test_the_language_of_one_command_is_its_own(tmp_path: Path) -> None:
    bankcard(tmp_path, "--lang", "zh_CN", "--help")
    assert "银行" not in bankcard(tmp_path, "--help").out
    assert locale.language() == "en"


INTERRUPTED_WHILE_CLEARING_UP = """
import signal, sys, time
from bankcard_tui.cli import main

class Garbage:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

@main.app.command("work")
def work() -> None:
    garbage = Garbage()
    del garbage
    time.sleep(10)
    print("went on")

sys.argv[1:] = ["work"]
main.main()
"""


def test_ctrl_c_ends_a_command_that_is_clearing_up_garbage_at_that_moment() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_WHILE_CLEARING_UP], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (answer.returncode, answer.stdout) == (130, ""), answer.stderr
    assert "Interrupted." in answer.stderr
    assert "Traceback" not in answer.stderr
