"""The decisions of the design that a machine can hold."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "bankcard_tui"
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("*.py"))
LONGEST_FILE = 350

# The one place that asks the machine what time it is.
CLOCK = "bankcard_tui/desk/clock.py"
CLOCK_CALLS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
}

# Where numbers are odds and probabilities; everywhere else a float could become money.
PROBABILITIES = ("bankcard_tui/rules/scorecard", "bankcard_tui/decision/")

# The edges that may meet any exception, each because somebody else's failure must not pass unrecorded there.
EDGES = {
    "bankcard_tui/cli/edge.py": "the crash handler of the command line: the same",
    "bankcard_tui/app.py": "the crash handler: shows an incident number in place of a traceback",
    "bankcard_tui/desk/operation.py": "logs the failed operation, rolls back and raises again",
}


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


def calls(module: str) -> Iterator[tuple[int, str, str]]:
    """Line, owner and name of every call: (3, "datetime", "now"); the owner of a plain call is empty."""
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.lineno, ast.unparse(node.func.value).rpartition(".")[2], node.func.attr
            elif isinstance(node.func, ast.Name):
                yield node.lineno, "", node.func.id


def places(found: Iterator[tuple[str, int]]) -> str:
    return "\n".join(f"{module}:{line}" for module, line in found)


# --- who may import whom ---------------------------------------------------------------------------------------------


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def copy_of_the_code(tmp_path: Path) -> Path:
    shutil.copytree(PACKAGE, tmp_path / "bankcard_tui", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_code_keeps_the_import_contracts() -> None:
    answer = lint_imports(ROOT)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("importer", "imported", "contract"),
    [
        ("rules", "bankcard_tui.store", "Each layer imports only"),
        ("desk", "bankcard_tui.services", "Each layer imports only"),
        ("store", "bankcard_tui.models", "Each layer imports only"),
        ("services", "rich.text", "knows a terminal"),
        ("screens", "sqlalchemy", "never sees a table"),
        ("widgets", "bankcard_tui.models", "never sees a table"),
    ],
)
def test_a_deferred_import_breaks_a_contract_like_any_other(
    importer: str, imported: str, contract: str, copy_of_the_code: Path
) -> None:
    planted = copy_of_the_code / "bankcard_tui" / importer / "planted.py"
    planted.write_text(f"def later():\n    from {imported} import anything\n    return anything\n")
    answer = lint_imports(copy_of_the_code)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    broken = [line for line in answer.stdout.splitlines() if line.endswith("BROKEN")]
    assert any(contract in line for line in broken), answer.stdout


def test_operations_are_defined_in_services_alone() -> None:
    decorated = (
        (module, node.lineno)
        for module in MODULES
        if not module.startswith("bankcard_tui/services/")
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call)
        and ast.unparse(decorator.func).rpartition(".")[2] in {"operation", "question"}
    )
    assert not places(decorated)


# --- what a file looks like ------------------------------------------------------------------------------------------


# A migration is the schema of one day, table by table: nobody edits it, and halves of it would mean nothing.
EDITED = [module for module in MODULES if "/migrations/versions/" not in module]


@pytest.mark.parametrize("module", EDITED)
def test_a_file_is_short_enough_to_be_read_in_one_go(module: str) -> None:
    assert len((ROOT / module).read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("module", [module for module in MODULES if not Path(module).name.startswith("_")])
def test_a_module_says_what_it_is_for(module: str) -> None:
    assert ast.get_docstring(tree_of(module))


# --- one clock, one money type, one way to page, no markup from data, no swallowed errors ----------------------------


def test_only_the_clock_asks_for_the_time() -> None:
    asked = (
        (module, line)
        for module in MODULES
        if module != CLOCK
        for line, owner, name in calls(module)
        if (owner, name) in CLOCK_CALLS
    )
    assert not places(asked)


def test_only_odds_and_probabilities_become_floats() -> None:
    turned = (
        (module, line)
        for module in MODULES
        if not module.startswith(PROBABILITIES)
        for line, owner, name in calls(module)
        if name == "float"
    )
    assert not places(turned)


def test_no_column_holds_a_float_or_a_decimal() -> None:
    inexact = {"float", "Float", "Double", "Numeric", "Decimal", "REAL", "DECIMAL"}
    named = (
        (module, node.lineno)
        for module in MODULES
        if module.startswith(("bankcard_tui/models/", "bankcard_tui/store/migrations/"))
        for node in ast.walk(tree_of(module))
        if (isinstance(node, ast.Name) and node.id in inexact)
        or (isinstance(node, ast.Attribute) and node.attr in inexact)
    )
    assert not places(named)


def test_no_query_pages_by_offset() -> None:
    called = ((module, line) for module in MODULES for line, owner, name in calls(module) if name == "offset" and owner)
    assert not places(called)
    written = (
        (module, node.lineno)
        for module in MODULES
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(r"\bOFFSET\b", node.value)
    )
    assert not places(written)


def test_no_text_goes_through_the_markup_parser() -> None:
    assert not places(
        (module, line)
        for module in MODULES
        for line, owner, name in calls(module)
        if name in {"from_markup", "render_markup"}
    )


def test_only_the_edges_catch_every_exception() -> None:
    greedy = (
        (module, node.lineno)
        for module in MODULES
        if module not in EDGES
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or re.search(r"\b(Base)?Exception\b", ast.unparse(node.type)))
    )
    assert not places(greedy)


# --- the environment -------------------------------------------------------------------------------------------------


def locked_requirements() -> dict[str, tuple[Requirement, list[str]]]:
    """Every requirement of requirements.lock by name, with its hashes."""
    text = "\n".join(line for line in lock_text().splitlines() if not line.lstrip().startswith("#"))
    locked = {}
    for entry in text.replace("\\\n", " ").splitlines():
        if entry.strip():
            specification, *hashes = re.split(r"\s+--hash=", entry.strip())
            requirement = Requirement(specification)
            locked[requirement.name] = requirement, hashes
    return locked


def lock_text() -> str:
    return (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_every_locked_requirement_has_one_version_and_its_hashes() -> None:
    locked = locked_requirements()
    assert len(locked) > 20
    for requirement, hashes in locked.values():
        assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), requirement
        assert requirement.url is None, requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in hashes), requirement


def test_the_lock_names_no_index_and_no_file() -> None:
    assert "://" not in lock_text()
    assert not re.search(r"^\s*(-|\.|/)(?!-hash=)", lock_text(), re.MULTILINE)


def test_the_lock_fits_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    locked = locked_requirements()
    for line in [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]:
        wanted = Requirement(line)
        assert wanted.name in locked, f"{wanted.name} is not locked: make lock"
        (version,) = locked[wanted.name][0].specifier
        assert wanted.specifier.contains(version.version), f"{line} is locked at {version.version}: make lock"


# --- what is shared --------------------------------------------------------------------------------------------------


def shared_files() -> list[Path]:
    """What git holds or would take; everything but what is hidden or built where there is no git."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listing.returncode == 0:
        return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]
    folders = ("bankcard_tui", "bench", "docs", "scripts", "tests")
    return [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a path of one machine", r"(?<![\w.~-])/(?:work|root|home)/"),
        ("a package registry", r"pypi\.org|pythonhosted\.org|--(?:extra-)?index-url\b|--find-link[s]"),
    ],
)
def test_no_shared_file_names(what: str, pattern: str) -> None:
    found = []
    for path in shared_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {hit.group()}" for hit in re.finditer(pattern, text)]
    assert not found, f"{what} is named"
