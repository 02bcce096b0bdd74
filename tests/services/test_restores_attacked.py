"""Restoring is no way around what else holds: tries are counted, codes count once, and the log goes on soundly."""

from __future__ import annotations

from pathlib import Path

import pytest

from bankcard_tui.backup.files import Report
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import Busy, Refused
from bankcard_tui.rules.terms import Role
from bankcard_tui.services import log_prune, logs, requests
from bankcard_tui.services.log_archive import archive_log, list_archives
from bankcard_tui.services.log_prune import clear_pruned, prune_log
from bankcard_tui.services.policy_changes import demand_second_factor
from bankcard_tui.services.restore_authority import Proof
from bankcard_tui.services.sign_in import sign_in
from tests.branch import PASSWORD
from tests.faults.restore_kit import ADMIN2, BOTH, lying_there
from tests.services.phone import Phone, enrol
from tests.services.test_restores import Branch, advance


@pytest.fixture
def branch(home: Home, bank: Bank, tmp_path: Path) -> Branch:
    return Branch(home, bank, tmp_path / "safe")


def with_code(phone: Phone, code: str = "") -> tuple[Proof, Proof]:
    return Proof("admin", Secret(PASSWORD), Secret(code or phone.shows())), ADMIN2


def test_wrong_codes_at_a_restore_count_like_wrong_codes_at_the_sign_in(branch: Branch) -> None:
    phone = enrol(branch.town.desk("admin"))
    branch.backs_up()
    branch.town.registers("late")
    wrong = f"{(int(phone.shows()) + 1) % 1_000_000:06}"
    for _ in range(5):
        with pytest.raises(Refused) as error:
            branch.restores(*with_code(phone, wrong))
        assert error.value.code == "refused.sign_in"
    with pytest.raises(Refused):  # the name rests, whatever is right
        branch.restores(*with_code(phone))
    with pytest.raises(Refused):
        sign_in(branch.bank.lobby("elsewhere"), "admin", PASSWORD, phone.shows())


def test_a_code_that_agreed_to_a_restore_does_not_sign_in_as_well(branch: Branch) -> None:
    phone = enrol(branch.town.desk("admin"))
    branch.backs_up()
    branch.town.registers("late")
    branch.restores(*with_code(phone))
    with pytest.raises(Refused):
        sign_in(branch.bank.lobby("elsewhere"), "admin", PASSWORD, phone.shows())
    advance(branch.bank, seconds=60)
    assert sign_in(branch.bank.lobby("elsewhere"), "admin", PASSWORD, phone.shows()).who.username == "admin"


def test_who_owes_a_second_factor_restores_nothing(branch: Branch) -> None:
    branch.backs_up()
    request = demand_second_factor(branch.town.desk("admin"), frozenset({Role.ADMIN})).pending
    assert request is not None
    requests.sign(branch.town.desk("admin2"), request.id)
    before = lying_there(branch.home)
    with pytest.raises(Refused) as error:
        branch.restores(*BOTH)
    assert error.value.code == "refused.permission"
    assert lying_there(branch.home) == before


def sound(branch: Branch, *heads: str) -> None:
    assert logs.verify_log(branch.bank.system_desk("night"), deep=True, heads=heads).problems == ()


def head(branch: Branch) -> str:
    """The end of the log, as a slip has it."""
    ((seq, mark),) = branch.rows("SELECT seq, mark FROM log_head")
    assert isinstance(mark, bytes)
    return f"{seq}:{mark.hex()}"


def test_a_log_that_was_archived_after_the_backup_is_archived_on_after_the_restore(branch: Branch) -> None:
    branch.backs_up()
    branch.town.registers("late")
    archive_log(branch.bank.system_desk("night"))
    advance(branch.bank, minutes=1)
    branch.restores(*BOTH)
    sound(branch)
    branch.town._desks.clear()
    branch.town.registers("later")
    archive_log(branch.bank.system_desk("night"))
    sound(branch)


def test_a_log_that_was_archived_before_the_backup_and_again_after_it(branch: Branch) -> None:
    archive_log(branch.bank.system_desk("night"))
    branch.backs_up()
    branch.town.registers("late")
    archive_log(branch.bank.system_desk("night"))
    advance(branch.bank, minutes=1)
    branch.restores(*BOTH)
    sound(branch)
    branch.town._desks.clear()
    branch.town.registers("later")
    archive_log(branch.bank.system_desk("night"))
    sound(branch)


def prunes_everything(branch: Branch, report: Report | None = None) -> None:
    archive_log(branch.bank.system_desk("night"))
    advance(branch.bank, days=400)
    branch.town._desks.clear()
    last = list_archives(branch.town.desk("admin")).items[-1].last_seq
    request = prune_log(branch.town.desk("admin"), last).pending
    assert request is not None
    requests.sign(branch.town.desk("admin2"), request.id)
    clear_pruned(branch.bank.system_desk("night"), report=report)


def test_a_backup_older_than_what_was_pruned_since_is_restored(branch: Branch) -> None:
    branch.backs_up()
    branch.town.registers("late")
    slip = head(branch)
    branch.town.registers("later")
    prunes_everything(branch)
    branch.restores(*BOTH)
    sound(branch, slip)
    branch.town._desks.clear()
    branch.town.registers("anew")
    sound(branch, slip)
    archive_log(branch.bank.system_desk("night"))
    sound(branch, slip)


def test_a_backup_of_a_pruned_log_is_restored(branch: Branch) -> None:
    branch.town.registers("early")
    prunes_everything(branch)
    branch.backs_up()
    branch.town.registers("late")
    advance(branch.bank, minutes=1)
    branch.restores(*BOTH)
    sound(branch)
    branch.town._desks.clear()
    branch.town.registers("later")
    archive_log(branch.bank.system_desk("night"))
    sound(branch)


def test_a_restore_in_the_middle_of_clearing_away_what_was_pruned(
    branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch.backs_up()
    branch.town.registers("late")
    branch.town.registers("later")
    monkeypatch.setattr(log_prune, "STEP_ROWS", 31)

    def stopped(label: str, done: int, total: int) -> None:
        if label == "Deleting entries":
            raise Busy("stopped")

    with pytest.raises(Busy):
        prunes_everything(branch, stopped)
    assert branch.rows("SELECT min(seq) FROM log_entry") == [(32,)]
    branch.restores(*BOTH)
    sound(branch)
    archive_log(branch.bank.system_desk("night"))
    sound(branch)


def test_an_archive_never_takes_the_place_of_one_with_the_same_numbers(branch: Branch) -> None:
    branch.backs_up()
    branch.town.registers("late")
    first = archive_log(branch.bank.system_desk("night"))
    branch.restores(*BOTH)
    while branch.rows("SELECT seq FROM log_head")[0][0] < first.last_seq - 1:  # type: ignore[operator] # a number
        branch.town.sign_in("teller")
    second = archive_log(branch.bank.system_desk("night"))
    assert (second.first_seq, second.last_seq) == (first.first_seq, first.last_seq)
    assert second.file != first.file
    sound(branch)


def test_going_forward_to_a_backup_from_behind_the_one_that_was_gone_back_to(branch: Branch) -> None:
    branch.backs_up()
    older = branch.file
    branch.town.registers("late")
    prunes_everything(branch)
    branch.backs_up(2)
    slip = head(branch)
    newer = branch.file
    branch.file = older
    branch.restores(*BOTH)
    advance(branch.bank, minutes=1)
    branch.town._desks.clear()
    branch.town.registers("other")
    between = head(branch)
    branch.file = newer
    branch.restores(*BOTH)
    assert branch.rows("SELECT username FROM account WHERE role = 'customer'") == [("late",)]
    sound(branch, slip, between)
    branch.town._desks.clear()
    branch.town.registers("later")
    archive_log(branch.bank.system_desk("night"))
    sound(branch, slip, between)
