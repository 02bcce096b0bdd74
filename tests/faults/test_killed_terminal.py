"""A terminal that is killed says no good-bye: what it had claimed comes free all the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SystemClock
from bankcard_tui.desk.presence import KEPT_SECONDS, Presence
from bankcard_tui.errors import Conflict
from bankcard_tui.services import review
from bankcard_tui.store.types import new_id
from tests.branch import PASSWORD, Town

TERMINAL = """
import sys, time
from uuid import UUID
from bankcard_tui.config import settings
from bankcard_tui.screens.common.opening import Opening
from bankcard_tui.services import review
home, password, application = sys.argv[1:]
entered = Opening(settings({"home": home}, {}), "terminal that dies", 4, None).sign_in("manager", password)
review.claim(entered.desk, UUID(application))
print("claimed", flush=True)
time.sleep(60)
"""


@contextmanager
def a_manager_has_claimed(home: Home, application: UUID) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", TERMINAL, str(home.folder), PASSWORD, str(application)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as terminal:
        try:
            assert terminal.stdout is not None
            assert terminal.stdout.readline() == "claimed\n"
            yield terminal
        finally:
            terminal.kill()


@pytest.fixture
def town(home: Home) -> Iterator[Town]:
    """A branch at the time of the processes around it."""
    bank = Bank.open(home, clock=SystemClock(), cost=4)
    yield Town(bank)
    bank.close()


@pytest.mark.parametrize("how", ["by itself", "as the next"])
def test_what_a_killed_terminal_had_claimed_is_free_at_once(town: Town, home: Home, how: str) -> None:
    _, application = town.applicant()
    colleague = town.desk("manager2")
    with a_manager_has_claimed(home, application.id) as terminal:
        with pytest.raises(Conflict, match="A colleague is reviewing"):
            review.claim(colleague, application.id)
        assert review.claim_next(colleague).view is None
        os.kill(terminal.pid, signal.SIGKILL)
        terminal.wait(timeout=30)
        if how == "by itself":
            file = review.claim(colleague, application.id).view
        else:
            following = review.claim_next(colleague).view
            assert following is not None
            file = following
    assert file.application.row.id == application.id
    assert file.application.row.reviewer == "Manager2"


def test_a_terminal_is_alive_until_its_process_ends_or_says_good_bye(tmp_path: Path) -> None:
    here, there, session = Presence(tmp_path / "terminals"), Presence(tmp_path / "terminals"), new_id()
    assert not there.has_died(session)
    here.hold(session)
    assert not there.has_died(session)
    assert there.dead() == []
    here.release(session)
    assert not there.has_died(session)
    assert list((tmp_path / "terminals").iterdir()) == []


def test_files_of_the_dead_are_cleared_away_when_their_claims_have_run_out(tmp_path: Path) -> None:
    folder, dead, older = tmp_path / "terminals", new_id(), new_id()
    folder.mkdir()
    for session in (dead, older):
        (folder / session.hex).touch()
    (folder / "note").touch()
    os.utime(folder / older.hex, (1, os.stat(folder).st_mtime - KEPT_SECONDS - 10))
    presence = Presence(folder)
    assert set(presence.dead()) == {dead, older}
    presence.hold(new_id())
    assert presence.dead() == [dead]


def test_a_folder_that_takes_no_file_keeps_nobody_from_working(tmp_path: Path) -> None:
    (tmp_path / "terminals").write_text("a file")
    presence, session = Presence(tmp_path / "terminals"), new_id()
    presence.hold(session)
    assert not presence.has_died(session)
    assert presence.dead() == []
    presence.release(session)
