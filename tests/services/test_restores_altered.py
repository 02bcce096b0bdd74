"""What a restore makes of a live store in which something was altered, and of admins who are not what they were."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from bankcard_tui.backup import age
from bankcard_tui.backup.container import public_key_of
from bankcard_tui.backup.segment import read_segment
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import BankError, Refused, VerificationFailed
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services import logs
from bankcard_tui.services.restore_authority import Proof
from bankcard_tui.services.restores import LiveStore
from bankcard_tui.services.sign_in import sign_in
from tests.branch import PASSWORD
from tests.faults.restore_kit import ADMIN, BOTH, lying_there
from tests.services.admins import (
    asks_to_disable,
    asks_to_enable,
    asks_to_take_away,
    further_admin,
    signed,
)
from tests.services.test_restores import NEW, Branch, advance


@pytest.fixture
def branch(home: Home, bank: Bank, tmp_path: Path) -> Branch:
    branch = Branch(home, bank, tmp_path / "safe")
    branch.backs_up()
    return branch


# --- somebody must be able to go on -----------------------------------------------------------------------------------

LATER = tuple(Proof(name, Secret(PASSWORD)) for name in ("admin3", "admin4"))


def others_take_over(branch: Branch) -> dict[str, UUID]:
    """Two admins whom the backup does not know."""
    further_admin(branch.town, "admin3", 320)
    further_admin(branch.town, "admin4", 321)
    return {name: branch.town.staff(name) for name in ("admin", "admin2")}


def test_a_restore_that_would_leave_no_admin_is_refused_and_says_what_to_do(branch: Branch) -> None:
    town, former = branch.town, others_take_over(branch)
    for account in former.values():
        signed(town, "admin4", asks_to_disable(town, "admin3", account))
    before = lying_there(branch.home)
    with pytest.raises(Refused) as error:
        branch.restores(*LATER)
    assert error.value.code == "restore.no_admin"
    assert error.value.values["names"] == "admin, admin2"
    assert error.value.hint
    assert lying_there(branch.home) == before
    signed(town, "admin4", asks_to_enable(town, "admin3", former["admin"]))
    town.activate(former["admin"], "admin", password=NEW)
    branch.restores(*LATER)
    assert sign_in(branch.bank.lobby("anew"), "admin", NEW).who.username == "admin"
    with pytest.raises(Refused):
        branch.town.sign_in("admin2", "anew")


def test_a_restore_that_would_leave_no_admin_with_a_right_is_refused(branch: Branch) -> None:
    town, former = branch.town, others_take_over(branch)
    for account in former.values():
        signed(town, "admin4", asks_to_take_away(town, "admin3", account, Permission.MANAGE_BACKUPS))
    with pytest.raises(Refused) as error:
        branch.restores(*LATER)
    assert error.value.code == "restore.no_admin"


# --- a live store that was altered ------------------------------------------------------------------------------------


def alter(branch: Branch, *statements: str) -> None:
    with branch.bank.store.write() as connection:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    "attack",
    [
        "DELETE FROM log_head",
        "UPDATE log_head SET mark = 'x'",
        "UPDATE branch SET name = CAST(x'ff' AS TEXT)",
        "UPDATE account SET display_name = CAST(x'ff' AS TEXT) WHERE username = 'manager'",
        "UPDATE account SET username = CAST(x'ff' AS TEXT) WHERE username = 'manager'",
    ],
)
def test_one_altered_row_does_not_put_the_kit_in_place_of_the_admins(branch: Branch, attack: str) -> None:
    branch.town.registers("late")
    alter(branch, "UPDATE account SET disabled_at = 1 WHERE username = 'teller'", attack)
    advance(branch.bank, minutes=1)
    for admins in ((), (ADMIN,)):
        with pytest.raises(Refused) as error:
            branch.restores(*admins, kit=branch.kit)
        assert error.value.code in ("restore.admin", "restore.second_person")
    done = branch.restores(*BOTH, kit=branch.kit)
    assert (done.live, done.entries_since) == (LiveStore.SOUND, 1)
    assert branch.rows("SELECT disabled_at FROM account WHERE username = 'teller'") == [(1,)]
    assert done.fork is not None
    keys = branch.bank.keys
    kept = list(read_segment(Path(done.fork), public_key_of(keys.signing), [age.identity_from(keys.backup)]))
    assert len(kept) == 1
    assert logs.verify_log(branch.bank.system_desk("night"), deep=True).problems == ()


def test_a_head_that_was_set_back_hides_no_entry_from_a_restore(branch: Branch) -> None:
    ((seq, mark),) = branch.rows("SELECT seq, hex(mark) FROM log_head")
    branch.town.registers("late")
    alter(branch, f"UPDATE log_head SET seq = {seq}, mark = x'{mark}'")
    with pytest.raises(Refused) as error:
        branch.restores(ADMIN)
    assert error.value.code == "restore.second_person"
    assert branch.restores(*BOTH).entries_since == 1


def test_rows_that_no_store_takes_are_left_out_and_the_others_stay_decided(branch: Branch) -> None:
    alter(
        branch,
        "UPDATE account SET disabled_at = 1 WHERE username IN ('teller', 'teller2')",
        "UPDATE account SET disabled_at = 'x', password = 7 WHERE username = 'manager'",
    )
    branch.town.desk("director")
    branch.restores(*BOTH)
    disabled = branch.rows("SELECT username FROM account WHERE disabled_at = 1 ORDER BY username")
    assert disabled == [("teller",), ("teller2",)]


def test_who_may_restore_is_not_guessed_from_a_policy_that_was_altered(branch: Branch) -> None:
    branch.town.registers("late")
    alter(branch, "UPDATE policy_version SET policy = '{'")
    with pytest.raises(BankError) as error:
        branch.restores(*BOTH, kit=branch.kit)
    assert isinstance(error.value, VerificationFailed)
    assert error.value.code == "restore.altered"
