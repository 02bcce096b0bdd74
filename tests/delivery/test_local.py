"""Letters that stay on this machine."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from bankcard_tui.delivery.letter import Letter, Undelivered
from bankcard_tui.delivery.local import ConsoleTransport, FolderTransport
from bankcard_tui.rules.terms import Channel

LETTER = Letter(UUID(int=7), Channel.SMS, "+8613800138000", "Code", "ABCD-2345", datetime(2026, 3, 2, tzinfo=UTC))


def test_each_letter_is_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "outbox"
    FolderTransport(folder).send(LETTER)
    FolderTransport(folder).send(LETTER)
    FolderTransport(folder).send(replace(LETTER, id=UUID(int=8)))
    files = sorted(folder.iterdir())
    assert len(files) == 2
    assert "ABCD-2345" in files[0].read_text()
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_can_not_be_made_is_a_problem_with_a_name(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file")
    with pytest.raises(Undelivered) as problem:
        FolderTransport(tmp_path / "outbox").send(LETTER)
    assert problem.value.code == "file.eexist"


def test_a_link_laid_in_the_way_is_not_followed(tmp_path: Path) -> None:
    transport, victim = FolderTransport(tmp_path), tmp_path / "victim"
    victim.write_text("mine")
    transport.send(LETTER)
    (made,) = tmp_path.glob("2026*")
    made.unlink()
    made.with_suffix(".part").symlink_to(victim)
    made.symlink_to(victim)
    transport.send(LETTER)
    assert victim.read_text() == "mine"
    assert "ABCD-2345" in made.read_text()


def test_the_console_shows_a_letter_without_what_steers_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    ConsoleTransport().send(replace(LETTER, body="ABCD-2345 \x1b[2J"))
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "ABCD-2345 ⟨U+001B⟩[2J" in shown.err
