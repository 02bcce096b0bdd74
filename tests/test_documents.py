"""What the documents promise is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "data" / "README.md", ROOT / "backups" / "README.md"]
)
ADRS = sorted((ROOT / "docs" / "adr").glob("*.md"))

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)[^)]*\)")
MAKE = re.compile(r"\bmake ([a-z]+)\b")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def name_of(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


def anchors(text: str) -> set[str]:
    """The anchors that a reader on the web can jump to."""
    headings = re.findall(r"^#+ +(.+?) *$", FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in LINK.findall(FENCED.sub("", document.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        goal = document.parent / file if file else document
        assert goal.exists(), f"{target} does not exist"
        if anchor and goal.suffix == ".md":
            assert anchor in anchors(goal.read_text(encoding="utf-8")), f"{target} has no such heading"


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_make_command_in_the_documents_exists(name: str) -> None:
    document = ROOT / name
    if not document.exists():
        pytest.skip(f"{name} is not written yet")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = document.read_text(encoding="utf-8")
    code = "\n".join([*FENCED.findall(text), *re.findall(r"`[^`\n]+`", text), *re.findall(r"^ {4}.+$", text, re.M)])
    named = set(MAKE.findall(code))
    assert named, f"{name} names no make command"
    assert named <= targets, f"{name} names what the Makefile has not: {named - targets}"


def test_the_decision_records_are_numbered_without_a_gap() -> None:
    assert [int(record.name[:4]) for record in ADRS] == list(range(1, len(ADRS) + 1))
    assert ADRS


@pytest.mark.parametrize("record", ADRS, ids=name_of)
def test_a_decision_record_says_context_decision_and_consequences(record: Path) -> None:
    headings = re.findall(r"^## (.+)$", record.read_text(encoding="utf-8"), re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences"]


def test_a_decision_record_says_why_each_dependency_is_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    records = "\n".join(record.read_text(encoding="utf-8").lower() for record in ADRS)
    for line in [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]:
        name = Requirement(line).name
        assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", records), f"no ADR says why {name} is there"
