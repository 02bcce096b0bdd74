"""The list of operations is read from a file: it says what the registry says, is shipped, and imports nothing heavy."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

from bankcard_tui.cli.describe import described
from bankcard_tui.cli.listing import LISTING, listed
from bankcard_tui.cli.op import offered
from tests.cli.kit import ROOT

PACKAGE = ROOT / "bankcard_tui"
# Only who writes a migration, in a checkout, needs it.
TEMPLATE_OF_MIGRATIONS = PACKAGE / "store" / "migrations" / "script.py.mako"


def test_the_list_says_of_every_operation_what_the_registry_says() -> None:
    now = [described(spec) for spec in offered().values()]
    assert listed() == now, "an operation has changed: make listing"


def test_the_list_stands_there_as_it_is_written_again() -> None:
    assert LISTING.read_text(encoding="utf-8") == json.dumps(listed(), ensure_ascii=False, indent=2) + "\n"


def test_listing_the_operations_imports_no_operation_and_no_store(tmp_path: Path) -> None:
    asked = "import sys; from bankcard_tui.cli.main import main; sys.argv[1:] = ['op', 'list']\n"
    told = "try: main()\nfinally: print('loaded', *sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", asked + told], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    listing, _, loaded = found.stdout.rpartition("loaded ")
    assert "application.approve" in listing
    assert set(loaded.split()).isdisjoint(
        {"sqlmodel", "sqlalchemy", "textual", "bankcard_tui.services", "bankcard_tui.desk"}
    )


def test_every_file_of_the_package_is_shipped() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = {
        path for each in project["tool"]["setuptools"]["package-data"]["bankcard_tui"] for path in PACKAGE.glob(each)
    }
    files = {path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"}}
    assert LISTING in files
    assert files - {TEMPLATE_OF_MIGRATIONS} == shipped
