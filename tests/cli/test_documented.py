"""Every command and every option stands in docs/cli.md, and nothing else does."""

from __future__ import annotations

import re
from collections.abc import Iterator

import typer

from bankcard_tui.cli.main import app
from tests.cli.kit import ROOT

HEADING = re.compile(r"^#{2,3} `bankcard(?: ([a-z ]+?))?(?: [A-Z].*)?`$")
OPTION = re.compile(r"^- `(--[a-z-]+)")


def commands(command: object, name: str = "") -> Iterator[tuple[str, set[str]]]:
    """Every command that does something, with its options."""
    parts = getattr(command, "commands", {})
    if not parts or not name:
        options = {each for part in getattr(command, "params", ()) for each in part.opts if each.startswith("--")}
        yield name, options - {"--help"}
    for each, part in parts.items():
        yield from commands(part, f"{name} {each}".strip())


def documented() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    options: set[str] = set()
    for line in (ROOT / "docs" / "cli.md").read_text(encoding="utf-8").splitlines():
        if heading := HEADING.match(line):
            options = found.setdefault(heading[1] or "", set())
        elif option := OPTION.match(line):
            options.add(option[1])
    return found


def test_the_manual_has_every_command_and_every_option() -> None:
    assert documented() == dict(commands(typer.main.get_command(app)))
