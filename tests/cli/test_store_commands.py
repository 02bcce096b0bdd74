"""Upgrading the store, and reading the policy in force."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bankcard_tui.config import Home
from bankcard_tui.store import schema
from tests.cli.kit import bankcard, is_harmless

NEXT = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "9001", "{last}", None, None
def upgrade():
    op.execute("CREATE TABLE novelty (id INTEGER PRIMARY KEY)"){more}
"""


def newer_program(folder: Path, monkeypatch: pytest.MonkeyPatch, more: str = "") -> None:
    """The next version of the program: one migration more."""
    source = Path(schema.__file__).parent / "migrations"
    shutil.copytree(source, folder / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    script = NEXT.format(last=schema.HEAD, more=more)
    (folder / "migrations" / "versions" / "v9001_next.py").write_text(script)
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "9001"))
    monkeypatch.setattr(schema, "HEAD", "9001")
    monkeypatch.setattr(schema, "__file__", str(folder / "schema.py"))


def tables(store: Path) -> set[str]:
    with closing(sqlite3.connect(store)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_a_store_of_this_program_has_nothing_to_upgrade(home: Home) -> None:
    answer = bankcard(home, "migrate")
    assert (answer.code, answer.out) == (0, "")
    assert "nothing to do" in answer.err
    assert not list(home.backups.iterdir())


def test_an_older_store_is_upgraded_and_a_copy_kept(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer_program(tmp_path, monkeypatch)
    refused = bankcard(home, "policy", "show")
    assert refused.code == 5
    assert f"bankcard --home {home.folder} migrate" in refused.err
    answer = bankcard(home, "migrate", "--json")
    assert answer.code == 0, answer.err
    copy = Path(answer.data["copy"])
    assert copy.parent == home.backups
    assert "novelty" in tables(home.store)
    assert "novelty" not in tables(copy)
    assert bankcard(home, "policy", "show").code == 0
    assert "nothing to do" in bankcard(home, "migrate").err


def test_an_upgrade_needs_no_key(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.key.unlink()
    newer_program(tmp_path, monkeypatch)
    answer = bankcard(home, "migrate")
    assert answer.code == 0, answer.err
    assert "novelty" in tables(home.store)
    assert "nothing to do" in bankcard(home, "migrate").err


def test_an_upgrade_that_fails_leaves_the_store_as_it_was(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer_program(tmp_path, monkeypatch, '\n    op.execute("INSERT INTO nowhere VALUES (1)")')
    answer = bankcard(home, "migrate")
    assert answer.code == 5, answer.err
    assert "novelty" not in tables(home.store)
    doctor = bankcard(home, "doctor", "--json")
    assert any("begun and not finished" in each["finding"] for each in doctor.data["checks"])


def test_the_policy_names_its_version_and_every_figure(home: Home) -> None:
    answer = bankcard(home, "policy", "show")
    assert answer.code == 0
    assert "Policy version 1, in force since 2026-03-02" in answer.out
    assert "50,000.00" in answer.out
    assert "sign_in_tries" in answer.out
    assert is_harmless(answer.out)
    plain = bankcard(home, "--json", "policy", "show").data
    assert plain["version"] == 1
    assert plain["figures"]["total_limit_highest"] == "300000.00"


def test_the_policy_speaks_chinese(home: Home) -> None:
    answer = bankcard(home, "--lang", "zh_CN", "policy", "show")
    assert "业务参数第 1 版" in answer.out
