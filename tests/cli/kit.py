"""Running ``bankcard`` in this process, and as a process of its own."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from bankcard_tui.cli.console import Console
from bankcard_tui.cli.edge import run_command
from bankcard_tui.cli.main import app
from bankcard_tui.config import Home
from bankcard_tui.rules.text import visible

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = (
    "[/]",
    "[@click=app.quit]x[/]",
    "\x1b[2J\x1b]0;owned\x07",
    "abc\u202egnp",
    "zero\u200bwidth",
    "line\nbreak\r",
    "\x9b31m",
    "{code}",
    "x" * 10_000,
)


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


def bankcard(home: Home | Path, *arguments: str, typed: str | bytes = "", **env: str | None) -> Answer:
    """The answer to ``bankcard --home HOME ARGUMENTS`` with ``typed`` as its stdin."""
    folder = home.folder if isinstance(home, Home) else home
    clean = {"BANKCARD_HOME": None, "BANKCARD_LANG": None, "BANKCARD_KEY_FILE": None, "LANG": "C.UTF-8", "LC_ALL": None}
    with CliRunner().isolation(input=typed, env={**clean, **env}) as (out, err, _):
        code = run_command(app, ["--home", str(folder), *arguments], Console(cost=4))
        sys.stdout.flush()
        sys.stderr.flush()
        return Answer(code, out.getvalue().decode(), err.getvalue().decode())


def process(home: Path, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "bankcard_tui", "--home", str(home), *arguments]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, **{**pipes, **options})


def counts(answer: Answer) -> tuple[int, int, int]:
    """How many rows of an import were taken, known already, and rejected."""
    return answer.data["taken"], answer.data["known_already"], answer.data["rejected"]


def rejects(path: Path) -> list[dict[str, str]]:
    """The rows of a file of rejects."""
    with path.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def is_harmless(text: str) -> bool:
    """Whether nothing in ``text`` steers a terminal or hides from the reader."""
    return all(visible(line) == line for line in text.split("\n"))
