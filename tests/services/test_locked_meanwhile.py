"""Long work goes on while its person is away: what it did is kept although the session rests by then, and no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bankcard_tui.backup.kit import Kit, kit_content, parse_kit
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.registry import REGISTRY, Secret
from bankcard_tui.errors import SessionLocked
from bankcard_tui.rules.terms import RequestStatus
from bankcard_tui.services import everything, requests
from bankcard_tui.services.backup_records import backup_state, home_of, list_backups
from bankcard_tui.services.backups import make_backup, make_kit, verify_backup
from bankcard_tui.services.card_training import KEEPING, train_card
from bankcard_tui.services.drills import newest_backup, run_drill
from bankcard_tui.services.log_archive import archive_log, list_archives
from bankcard_tui.services.log_prune import clear_pruned, prune_log
from bankcard_tui.services.scorecards import list_cards
from bankcard_tui.services.sign_in import lock
from tests.branch import PASSWORD, Town
from tests.services.points_cards import turned_out

assert everything


def locks(desk: Desk) -> Callable[[str, int, int], None]:
    """The terminal locks itself when the work first says how far it is."""
    told: list[str] = []

    def report(label: str, done: int, total: int) -> None:
        if not told:
            lock(desk)
        told.append(label)

    return report


def rests(desk: Desk) -> bool:
    try:
        list_archives(desk)
    except SessionLocked:
        return True
    return False


@pytest.fixture
def kit(town: Town, tmp_path: Path) -> Kit:
    make_kit(town.bank, town.desk("admin"), tmp_path / "kit", "safe")
    return parse_kit(kit_content(tmp_path / "kit"))


def test_a_backup_is_made_verified_and_kept(town: Town, kit: Kit) -> None:
    desk = town.desk("admin")
    made = make_backup(town.bank, desk, report=locks(desk))
    assert rests(desk)
    assert made.verified
    assert list_backups(town.desk("admin2")).items == (made,)


def test_what_a_verification_has_shown_is_kept(town: Town, kit: Kit) -> None:
    desk = town.desk("admin")
    made = make_backup(town.bank, desk, verify=False)
    assert verify_backup(town.bank, desk, home_of(town.bank).backups / made.file, report=locks(desk)).problem is None
    assert rests(desk)
    assert list_backups(town.desk("admin2")).items[0].verified


def test_what_a_drill_has_shown_is_kept(town: Town, kit: Kit) -> None:
    desk = town.desk("admin")
    make_backup(town.bank, desk, verify=False)
    assert run_drill(desk, newest_backup(desk), kit, Secret(PASSWORD), report=locks(desk)).problem == ""
    assert rests(desk)
    assert backup_state(town.desk("admin2")).last_drill is not None


def test_the_log_is_archived_and_what_two_have_signed_is_deleted(town: Town, clock: SimulatedClock) -> None:
    desk = town.desk("admin")
    archive = archive_log(desk, report=locks(desk))
    assert rests(desk)
    assert [each.file for each in list_archives(town.desk("admin2")).items] == [archive.file]
    clock.advance(timedelta(days=400))
    one, other = town.sign_in("admin"), town.sign_in("admin2")
    request = prune_log(one, archive.last_seq).pending
    assert request is not None
    assert requests.sign(other, request.id).view.status is RequestStatus.DONE
    assert clear_pruned(one, report=locks(one)).deleted > 0
    assert rests(one)
    assert not list_archives(other).to_clear


def test_a_points_card_that_was_trained_is_kept(town: Town) -> None:
    desk = town.desk("manager")
    turned_out(town.bank, 20)

    def report(label: str, done: int, total: int) -> None:
        if label == KEEPING and not done:
            lock(desk)

    card = train_card(desk, report)
    assert rests(desk)
    assert list_cards(town.desk("manager2"))[0] == card


def test_a_session_that_rests_locks_ends_opens_and_keeps_what_its_jobs_did() -> None:
    assert {name for name, spec in REGISTRY.items() if spec.while_locked} == {
        "session.lock",
        "session.unlock",
        "session.end",
        "backup.record",
        "backup.record_check",
        "backup.drill",
        "scorecard.keep",
        "log.archive_done",
        "log.clear_step",
        "log.clear_done",
    }
