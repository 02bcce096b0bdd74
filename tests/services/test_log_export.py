"""The log goes to a file only after that was logged, and the file harms nobody who opens it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from bankcard_tui.errors import BankError, Busy, InvalidInput, Refused, Unavailable
from bankcard_tui.rules.terms import Outcome
from bankcard_tui.services import log_search, logs
from bankcard_tui.services.log_export import LogFilters, export_log, export_own_log
from tests.branch import id_number
from tests.services.test_log_chain import open_raw
from tests.services.world import World


def table(path: Path) -> list[dict[str, str]]:
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("form", ["csv", "json"])
def test_every_entry_is_exported_and_the_export_is_the_first_of_them(
    world: World, tmp_path: Path, form: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_search, "PAGE_ROWS", 7)
    path = tmp_path / "log"
    done = export_log(world.desk("admin"), path, form)
    rows: list[dict[str, Any]] = table(path) if form == "csv" else json.loads(path.read_text())  # type: ignore[assignment]
    newest = int(rows[0]["seq"])
    assert [int(row["seq"]) for row in rows] == list(range(newest, 0, -1))
    assert (rows[0]["action"], rows[0]["username"], done.entries) == ("log.export", "admin", len(rows))
    assert rows[-1]["at"] == "2026-03-02T08:30:00+08:00"
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_entry_of_an_export_says_which_entries_were_asked_for(world: World, tmp_path: Path) -> None:
    wanted = LogFilters(action="staff.", outcome=Outcome.DONE, text=id_number(5))
    export_log(world.desk("admin"), tmp_path / "log.csv", "csv", wanted)
    (entry,) = logs.list_log(world.desk("admin"), action="log.export").items
    assert entry.detail["filters"]["action"] == "staff."
    assert entry.detail["filters"]["text"].startswith("***")
    rows = export_log(world.desk("admin"), tmp_path / "2", "csv", LogFilters(action="staff."))
    assert all(row["action"].startswith("staff.") for row in table(tmp_path / "2"))
    assert rows.entries == len(table(tmp_path / "2")) > 3


def test_people_export_what_concerns_them_and_nothing_else(world: World, tmp_path: Path) -> None:
    export_own_log(world.desk("zhang"), tmp_path / "log.json", "json")
    rows = json.loads((tmp_path / "log.json").read_text())
    assert rows[0]["action"] == "log.export_mine"
    mine = logs.my_log(world.desk("zhang")).items
    assert [row["seq"] for row in rows] == [row.seq for row in mine]
    with pytest.raises(Refused):
        export_log(world.desk("zhang"), tmp_path / "all.json", "json")
    assert not (tmp_path / "all.json").exists()


def test_a_spreadsheet_runs_nothing_of_it(world: World, tmp_path: Path) -> None:
    raw = open_raw(world)
    for seq, text in enumerate(("=1+1", "+1+1", "-1+1", "@x", "\t=1", "\x1b]0;x\x07", "a\u202eb"), start=10):
        raw.execute("UPDATE log_entry SET username = ?, terminal = ? WHERE seq = ?", (text, text, seq))
    export_log(world.desk("admin"), tmp_path / "log.csv", "csv")
    export_log(world.desk("admin"), tmp_path / "log.json", "json")
    for row in table(tmp_path / "log.csv"):
        assert [cell for cell in row.values() if cell[:1] in tuple("=+-@\t\r")] == []
        assert all(cell.isprintable() for cell in row.values())
    assert (tmp_path / "log.json").read_text().replace("\n", "").isprintable()


def test_nothing_is_overwritten_and_nothing_is_left_of_a_failed_export(world: World, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("mine")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    for target in (path, link, tmp_path / "no" / "folder", tmp_path):
        with pytest.raises(Unavailable):
            export_log(world.desk("admin"), target, "csv")
    assert path.read_text() == "mine"

    def stop(*_: object) -> None:
        raise Busy("Stopped.")

    with pytest.raises(Busy):
        export_log(world.desk("admin"), tmp_path / "new", "csv", report=stop)
    open_raw(world).execute("UPDATE log_entry SET at = 'noon' WHERE seq = 3")
    with pytest.raises(BankError):
        export_log(world.desk("admin"), tmp_path / "new", "json")
    with pytest.raises(InvalidInput):
        export_log(world.desk("admin"), tmp_path / "new", "xml")  # type: ignore[arg-type]
    assert {each.name for each in tmp_path.iterdir()} == {"home", "link", "log.csv"}
