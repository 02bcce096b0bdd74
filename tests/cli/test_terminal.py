"""Opening the application without going through the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bankcard_tui.cli import terminal
from bankcard_tui.config import Home


@pytest.fixture(autouse=True)
def _somewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("BANKCARD_HOME", raising=False)
    monkeypatch.setenv("TEXTUAL_DRIVER", "a driver of its own")


@pytest.mark.parametrize(
    "words",
    [
        ["--home", "{home}"],
        ["--home={home}"],
        ["--home", "{home}", "run"],
        ["--home", "{home}", "--lang", "zh_CN", "run"],
        ["--lang=en", "--home={home}"],
    ],
)
def test_asking_for_the_application_alone_opens_it_at_once(home: Home, words: list[str]) -> None:
    chosen = terminal.opens_at_once([word.format(home=home.folder) for word in words])
    assert chosen is not None
    assert chosen.home == home


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["doctor"],
        ["run", "--help"],
        ["--home"],
        ["--home", "{home}", "--lang", "tlh"],
        ["--home", "{home}", "--json"],
        ["--home", "{home}", "op", "list"],
        ["--home", "{home}/elsewhere"],
    ],
)
def test_anything_else_is_left_to_the_command_line(home: Home, words: list[str]) -> None:
    assert terminal.opens_at_once([word.format(home=home.folder) for word in words]) is None


def test_without_a_terminal_the_command_line_says_so(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEXTUAL_DRIVER")
    assert terminal.opens_at_once(["--home", str(home.folder)]) is None


def test_the_way_to_the_application_imports_nothing_heavy() -> None:
    found = subprocess.run(
        [sys.executable, "-c", "import bankcard_tui.__main__, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(found.stdout.split())
    assert loaded.isdisjoint({"typer", "rich", "pydantic", "sqlalchemy", "textual"})
    assert loaded.isdisjoint({"json", "tomllib", "importlib.resources"}), "every start waits for these"
