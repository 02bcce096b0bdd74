"""A backup takes the place of the store: who may do it, what comes back, and what does not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from bankcard_tui.backup import age
from bankcard_tui.backup.container import public_key_of
from bankcard_tui.backup.kit import Kit
from bankcard_tui.backup.segment import read_segment
from bankcard_tui.config import Home
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.desk import Desk
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import NotSignedIn, Refused, VerificationFailed
from bankcard_tui.models.log import COLUMNS
from bankcard_tui.rules.money import Money
from bankcard_tui.services import logs, requests, review
from bankcard_tui.services.drills import newest_backup, record_drill, run_drill
from bankcard_tui.services.passwords import change_password
from bankcard_tui.services.restore_authority import Proof
from bankcard_tui.services.restores import LiveStore, Restored, RestorePlan, restore_backup
from bankcard_tui.services.sign_in import me, sign_in
from bankcard_tui.services.staff import open_staff
from tests.branch import PASSWORD, Town
from tests.faults.restore_kit import ADMIN, ADMIN2, BOTH, backup_of, kit_of
from tests.services.post import write_notices

NEW = "amber lantern over quiet canals"


class Branch:
    """A branch with a backup in a safe place, from before what each test does."""

    def __init__(self, home: Home, bank: Bank, folder: Path) -> None:
        self.home, self.bank, self.town = home, bank, Town(bank)
        self.clock = bank.clock
        self.kit = kit_of(bank)
        self.folder = folder
        self.file = Path()

    def backs_up(self, sequence: int = 1) -> None:
        self.file = backup_of(self.bank, self.kit, self.folder, sequence)

    def restores(self, *admins: Proof, kit: Kit | None = None, **options: object) -> Restored:
        return restore_backup(
            self.home,
            self.home.key,
            self.file,
            kit=kit,
            admins=admins,
            clock=self.clock,
            cost=4,
            **options,  # type: ignore[arg-type] # what each test says
        )

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        with self.bank.store.read() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]


@pytest.fixture
def branch(home: Home, bank: Bank, tmp_path: Path) -> Branch:
    return Branch(home, bank, tmp_path / "safe")


def advance(bank: Bank, **step: float) -> None:
    assert isinstance(bank.clock, SimulatedClock)
    bank.clock.advance(timedelta(**step))


def test_a_notice_that_waited_may_have_gone_since_and_is_in_doubt(branch: Branch) -> None:
    write_notices(branch.bank, 1)
    write_notices(branch.bank, 1, once=False)
    branch.backs_up()
    branch.restores(*BOTH, kit=branch.kit)
    assert branch.rows("SELECT once, problem, ended_at FROM message WHERE handed_over_at IS NOT NULL") == [
        (1, "restored", None)
    ]
    assert branch.rows("SELECT 1 FROM message WHERE NOT once") == []


def test_what_was_done_since_is_undone_and_its_entries_lie_in_an_archive(branch: Branch) -> None:
    branch.town.registers("early")
    branch.backs_up()
    end = branch.rows("SELECT max(seq) FROM log_entry")[0][0]
    branch.town.registers("late")
    branch.town.desk("manager")
    newer = branch.rows(f"SELECT {', '.join(COLUMNS)}, mark FROM log_entry WHERE seq > {end} ORDER BY seq")
    done = branch.restores(*BOTH)
    assert [row[0] for row in branch.rows("SELECT username FROM account WHERE role = 'customer'")] == ["early"]
    assert done.entries_since == len(newer) == 2
    assert done.fork is not None
    keys = branch.bank.keys
    kept = read_segment(Path(done.fork), public_key_of(keys.signing), [age.identity_from(keys.backup)])
    assert list(kept) == newer
    assert logs.verify_log(branch.bank.system_desk("night"), deep=True).problems == ()


def test_the_log_names_the_backup_and_both_who_restored_it(branch: Branch) -> None:
    branch.backs_up()
    branch.town.registers("late")
    done = branch.restores(*BOTH)
    (entry,) = logs.list_log(branch.town.sign_in("admin", "anew"), action="backup.restore").items
    assert entry.username == "admin"
    assert entry.detail["by"] == ["admin", "admin2"]
    assert entry.detail["digest"] == done.digest
    assert (entry.detail["first_seq"], entry.detail["last_seq"]) == (31, 31)


def test_the_store_from_before_is_kept_once(branch: Branch) -> None:
    branch.backs_up()
    for count in range(3):
        advance(branch.bank, minutes=1)
        branch.town.registers(f"late{count}")
        done = branch.restores(*BOTH)
        kept = [path.name for path in branch.home.store.parent.glob("before-restore-*")]
        assert [str(branch.home.store.parent / name) for name in kept] == [done.before]
    assert done.before is not None
    with closing(Bank.open(branch.home, clock=branch.clock, cost=4)) as bank, bank.store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM account WHERE role = 'customer'").scalar() == 0


def test_whoever_was_signed_in_hears_that_a_backup_was_restored_and_signs_in_again(branch: Branch) -> None:
    old = branch.town.desk("teller")
    branch.backs_up()
    newer = branch.town.desk("manager")
    advance(branch.bank, minutes=1)
    branch.restores(*BOTH)
    for desk in (old, newer):
        with pytest.raises(NotSignedIn) as error:
            me(desk)
        assert error.value.code == "session.restored"
    fresh = branch.town.sign_in("teller")
    assert me(fresh).username == "teller"
    branch.town.sign_in("teller")  # at the same terminal
    with pytest.raises(NotSignedIn) as again:
        me(fresh)
    assert again.value.code == "session.ended"


def test_codes_and_requests_that_waited_are_void(branch: Branch) -> None:
    _, application = branch.town.applicant("zhang", 20_000)
    review.claim(branch.town.desk("manager"), application.id)
    review.approve(branch.town.desk("manager"), application.id, Money.yuan(20_000))
    branch.backs_up()
    branch.restores(ADMIN, ADMIN2)
    assert branch.rows("SELECT status FROM request") == [("expired",)]
    assert branch.rows("SELECT count(*) FROM session WHERE ended_at IS NULL") == [(0,)]
    assert branch.rows("SELECT count(*) FROM activation") == [(0,)]
    waiting = requests.waiting(branch.town.sign_in("manager2", "anew"))
    assert waiting.items == ()
    assert logs.verify_log(branch.bank.system_desk("night")).sound


def test_todays_password_stays_and_the_one_given_up_does_not_come_back(branch: Branch) -> None:
    branch.backs_up()
    change_password(branch.town.desk("teller"), Secret(PASSWORD), Secret(NEW), Secret(NEW))
    branch.restores(*BOTH)
    with pytest.raises(Refused):
        branch.town.sign_in("teller", "old")
    assert sign_in(branch.bank.lobby("new"), "teller", NEW).who.username == "teller"


def test_who_was_disabled_since_stays_disabled(branch: Branch) -> None:
    branch.backs_up()
    with branch.bank.store.write() as connection:
        connection.exec_driver_sql("UPDATE account SET disabled_at = 1 WHERE username = 'teller'")
    branch.restores(*BOTH)
    with pytest.raises(Refused):
        branch.town.sign_in("teller")
    assert branch.rows("SELECT disabled_at FROM account WHERE username = 'teller'") == [(1,)]


def test_a_right_that_was_taken_away_since_does_not_come_back(branch: Branch) -> None:
    branch.backs_up()
    with branch.bank.store.write() as connection:
        connection.exec_driver_sql("DELETE FROM account_permission")
    branch.restores(*BOTH)
    admin = branch.town.sign_in("admin", "anew")
    director = branch.rows("SELECT id FROM account WHERE username = 'director'")[0][0]
    assert isinstance(director, bytes)
    assert open_staff(admin, UUID(bytes=director)).added == frozenset()


def test_one_admin_is_enough_where_nothing_would_be_lost(branch: Branch) -> None:
    branch.backs_up()
    done = branch.restores(ADMIN)
    assert (done.entries_since, done.fork, done.by) == (0, None, ("admin",))


@pytest.mark.parametrize(
    ("admins", "code"),
    [
        ((), "restore.admin"),
        ((ADMIN,), "restore.second_person"),
        ((ADMIN, ADMIN), "refused.same_person"),
        ((ADMIN, Proof("teller", Secret(PASSWORD))), "refused.permission"),
        ((ADMIN, Proof("admin2", Secret("not the password at all"))), "refused.sign_in"),
        ((ADMIN, Proof("nobody", Secret(PASSWORD))), "refused.sign_in"),
    ],
    ids=["nobody", "one alone", "one twice", "a teller", "a wrong password", "a stranger"],
)
def test_an_older_backup_needs_two_admins(branch: Branch, admins: tuple[Proof, ...], code: str) -> None:
    branch.backs_up()
    branch.town.registers("late")
    with pytest.raises(Refused) as error:
        branch.restores(*admins, kit=branch.kit)
    assert error.value.code == code
    assert error.value.hint
    assert branch.rows("SELECT count(*) FROM account WHERE role = 'customer'") == [(1,)]


def test_a_wrong_password_counts_as_a_try_to_sign_in(branch: Branch) -> None:
    branch.backs_up()
    branch.town.registers("late")
    for _ in range(5):
        with pytest.raises(Refused):
            branch.restores(Proof("admin2", Secret("guess " * 3)), ADMIN)
    with pytest.raises(Refused):
        branch.restores(*BOTH)
    with pytest.raises(Refused):
        branch.town.sign_in("admin2")


def test_what_happens_is_told_before_and_can_be_declined(branch: Branch) -> None:
    branch.backs_up(7)
    branch.town.registers("late")
    told: list[RestorePlan] = []

    def decline(plan: RestorePlan) -> None:
        told.append(plan)
        raise Refused("No.", code="declined")

    with pytest.raises(Refused) as error:
        branch.restores(*BOTH, confirm=decline)
    assert error.value.code == "declined"
    assert (told[0].sequence, told[0].entries_since, told[0].live) == (7, 1, LiveStore.SOUND)
    assert branch.rows("SELECT count(*) FROM account WHERE role = 'customer'") == [(1,)]
    assert not branch.home.store.with_suffix(".restore").exists()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Home:
    return Home(tmp_path / "elsewhere")


def restored(branch: Branch, home: Home, **options: object) -> Restored:
    options = {"kit": branch.kit, **options}
    return restore_backup(home, home.key, branch.file, clock=branch.clock, cost=4, **options)  # type: ignore[arg-type] # what each test says


def test_a_fresh_machine_needs_file_and_kit_alone(branch: Branch, elsewhere: Home) -> None:
    branch.town.registers("early")
    branch.backs_up()
    done = restored(branch, elsewhere)
    assert (done.live, done.before, done.by) == (LiveStore.NONE, None, ())
    assert elsewhere.key.read_text() == branch.home.key.read_text()
    assert {path.stat().st_mode & 0o777 for path in (elsewhere.key, elsewhere.store)} == {0o600}
    assert {path.name for path in elsewhere.folder.iterdir()} == {"data", "backups", "keys"}
    with closing(Bank.open(elsewhere, clock=branch.clock, cost=4)) as bank:
        assert logs.verify_log(bank.system_desk("night")).sound
        assert Town(bank).sign_in("early").who.username == "early"


def test_a_live_store_that_can_not_be_read_is_moved_aside_for_whoever_has_the_kit(branch: Branch) -> None:
    branch.backs_up()
    branch.bank.close()
    branch.home.store.write_bytes(b"\x00\xff" * 9_000)
    with pytest.raises(Refused) as error:
        branch.restores(*BOTH)
    assert error.value.code == "restore.kit"
    done = branch.restores(kit=branch.kit)
    assert done.live is LiveStore.DAMAGED
    assert done.before is not None
    assert (Path(done.before) / "bankcard.db").read_bytes() == b"\x00\xff" * 9_000
    with closing(Bank.open(branch.home, clock=branch.clock, cost=4)) as bank:
        assert logs.verify_log(bank.system_desk("night")).sound


def test_after_going_back_twice_every_entry_lies_in_an_archive_and_the_log_is_sound(branch: Branch) -> None:
    branch.backs_up()
    for name in ("first", "second"):
        advance(branch.bank, minutes=1)
        branch.town.registers(name)
        branch.restores(*BOTH)
    assert logs.verify_log(branch.bank.system_desk("night"), deep=True).problems == ()
    assert branch.rows("SELECT kind, first_seq, last_seq FROM log_archive ORDER BY made_at") == [
        ("fork", 31, 31),
        ("fork", 31, 32),
    ]


# --- drills ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def admin(branch: Branch) -> Iterator[Desk]:
    branch.backs_up()
    yield branch.town.desk("admin")
    assert not list(branch.home.backups.glob(".drill/*"))


def test_a_drill_restores_elsewhere_signs_in_and_is_kept(branch: Branch, admin: Desk) -> None:
    key = branch.home.key.rename(branch.folder / "away.key")  # nothing of it is read
    told: list[str] = []
    done = run_drill(admin, branch.file, branch.kit, Secret(PASSWORD), report=lambda label, *_: told.append(label))
    key.rename(branch.home.key)
    assert done.problem == ""
    assert done.milliseconds > 0
    assert "Decrypting" in told
    assert branch.rows("SELECT file, problem FROM drill") == [(branch.file.name, "")]
    (entry,) = logs.list_log(admin, action="backup.drill").items
    assert entry.detail["digest"] == done.digest


def test_no_key_lies_anywhere_while_a_drill_is_under_way(branch: Branch, admin: Desk) -> None:
    keys = branch.bank.keys
    secrets = [form for each in (keys.root, str(branch.kit.identity).encode()) for form in (each, each.hex().encode())]
    looked = 0

    def look(label: str, done: int, total: int) -> None:
        nonlocal looked
        for folder, _, names in os.walk(branch.home.backups / ".drill"):
            for name in names:
                with suppress(FileNotFoundError):  # the other process goes on
                    content = (Path(folder) / name).read_bytes()
                    assert not any(each in content for each in secrets), name
                    looked += 1

    assert run_drill(admin, branch.file, branch.kit, Secret(PASSWORD), report=look).problem == ""
    assert looked


def test_a_drill_that_fails_is_kept_with_what_was_wrong(branch: Branch, admin: Desk) -> None:
    spoilt = bytearray(branch.file.read_bytes())
    spoilt[-3000] ^= 1
    branch.file.write_bytes(spoilt)
    assert run_drill(admin, branch.file, branch.kit, Secret(PASSWORD)).problem == "backup.damaged"
    assert run_drill(admin, branch.folder / "none.backup", branch.kit, Secret(PASSWORD)).problem == "backup.unreadable"
    branch.backs_up(2)
    assert run_drill(admin, branch.file, branch.kit, Secret("another one")).problem == "refused.sign_in"
    stranger = replace(branch.kit, identity=kit_of(branch.bank).identity)
    assert run_drill(admin, branch.file, stranger, Secret(PASSWORD)).problem == "backup.wrong_key"
    assert len(branch.rows("SELECT * FROM drill WHERE problem <> ''")) == 4


def test_nobody_reports_a_drill_by_hand(branch: Branch, admin: Desk) -> None:
    with pytest.raises(Refused) as error:
        record_drill(admin, "a.backup", "0" * 64, 5, "", "00")
    assert error.value.code == "refused.proof"
    with pytest.raises(Refused):
        run_drill(branch.town.desk("teller"), branch.file, branch.kit, Secret(PASSWORD))
    assert branch.rows("SELECT * FROM drill") == []


def test_the_newest_backup_is_the_one_that_is_tried(branch: Branch, admin: Desk) -> None:
    for sequence in (2, 10, 9):
        backup_of(branch.bank, branch.kit, branch.home.backups, sequence)
    assert "-000010-" in newest_backup(admin).name


def test_a_backup_whose_log_was_altered_is_not_restored(branch: Branch) -> None:
    with branch.bank.store.write() as connection:
        connection.exec_driver_sql("UPDATE log_entry SET username = 'nobody' WHERE seq = 5")
    branch.backs_up()
    with pytest.raises(VerificationFailed) as error:
        branch.restores(*BOTH)
    assert error.value.code == "backup.log"
