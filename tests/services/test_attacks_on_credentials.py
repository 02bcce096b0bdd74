"""Whoever wants another's account by a reset, a colleague's help or the store's file does not get it."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import BankError, Conflict, NotSignedIn, Refused, VerificationFailed
from bankcard_tui.rules.terms import ChannelKind, RequestStatus, Role
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services import (
    activation,
    channels,
    log_archive,
    log_prune,
    logs,
    recovery,
    requests,
    resets,
    second_factor,
    sign_in,
    staff,
)
from bankcard_tui.services.backup_recipients import recipients_of, remove_recipient
from bankcard_tui.services.sign_in import check_password
from bankcard_tui.store.types import micros_of
from tests.branch import PASSWORD, id_number
from tests.services.admins import further_admin
from tests.services.phone import begun, enrol
from tests.services.post import code_sent_to, letters_to
from tests.services.test_altered_store import write
from tests.services.test_log_archive import archived, ends, night, prunes
from tests.services.test_resets import NEW, SECRET, completes, confirmed, start
from tests.services.world import World

__all__ = ["archived"]


def passwords(world: World) -> list[tuple[object, ...]]:
    with world.bank.store.read() as connection:
        return [
            tuple(row) for row in connection.exec_driver_sql("SELECT username, password FROM account ORDER BY username")
        ]


# --- resets ----------------------------------------------------------------------------------------------------------


RESETS: dict[str, tuple[str, str]] = {
    "a teller of staff": ("teller", "manager"),
    "a teller of an admin": ("teller", "admin2"),
    "a teller of a colleague": ("teller", "teller2"),
    "a manager of a customer": ("manager", "other.account"),
    "a manager of staff": ("manager", "teller"),
    "a customer of another one": ("zhang", "other.account"),
    "a customer of staff": ("zhang", "teller"),
    "an admin of a customer": ("admin", "other.account"),
    "an admin of themselves": ("admin", "admin"),
    "a teller of themselves": ("teller", "teller"),
    "a teller of their own account as a customer": ("teller", "self.teller.account"),
    "an admin of their own account as a customer": ("admin", "self.admin.account"),
    "nobody of a customer": ("nobody", "other.account"),
}


@pytest.mark.parametrize("who", RESETS)
def test_nobody_starts_a_reset_who_may_not(again: World, who: str) -> None:
    by, account = RESETS[who]
    before = passwords(again)
    with pytest.raises((Refused, NotSignedIn)):
        resets.start_reset(again.desk(by), again.ids[account], id_seen=True, second_factor_lost=True)
    assert passwords(again) == before


@pytest.mark.parametrize(
    ("who", "given"), [("manager", Permission.RESET_CUSTOMERS), ("teller2", Permission.MANAGE_STAFF)]
)
def test_nobody_who_resets_or_reviews_gets_the_right_to_the_other_by_addition(
    again: World, who: str, given: Permission
) -> None:
    version = staff.open_staff(again.desk("admin"), again.ids[who]).row.version
    with pytest.raises(BankError):
        staff.set_permissions(again.desk("admin"), again.ids[who], version, frozenset({given}), frozenset())


def test_one_person_under_two_accounts_does_not_see_both_halves(world: World) -> None:
    """The teller has gone, and works here as a manager by now: still one person."""
    account = world.ids["known.account"]
    activation.show_half(world.desk("teller2"), account)
    version = staff.open_staff(world.desk("admin"), world.ids["teller2"]).row.version
    staff.disable_staff(world.desk("admin"), world.ids["teller2"], version)
    other = staff.add_staff(world.desk("admin"), "promoted", _person("Teller2", 4), Role.MANAGER).view.id
    world.town.activate(other, "promoted", ("teller", "manager"))
    with pytest.raises(Refused) as error:
        activation.show_half(world.town.desk("promoted"), account)
    assert error.value.code == "refused.same_person"


def test_who_was_an_admin_under_another_account_does_not_sign_the_own_request(world: World) -> None:
    """An admin asks, is disabled, and comes back under another account to sign."""
    third = further_admin(world.town)
    request = staff.disable_staff(
        world.town.desk("admin3"),
        world.ids["admin"],
        staff.open_staff(world.town.desk("admin3"), world.ids["admin"]).row.version,
    ).pending
    assert request is not None
    row = staff.open_staff(world.desk("admin"), third).row
    off = staff.disable_staff(world.desk("admin"), third, row.version).pending
    assert off is not None
    requests.sign(world.desk("admin2"), off.id)
    person = _person("Admin3", 320)
    again = staff.add_staff(world.desk("admin"), "admin3b", person, Role.ADMIN).view
    on = staff.enable_staff(world.desk("admin"), again.id, again.version).pending
    assert on is not None
    requests.sign(world.desk("admin2"), on.id)
    world.town.activate(again.id, "admin3b")
    with pytest.raises(Refused):
        requests.sign(world.town.desk("admin3b"), request.id)
    with world.bank.store.read() as connection:
        off_now = connection.exec_driver_sql("SELECT disabled_at FROM account WHERE username = 'admin'").scalar()
    assert off_now is None


def _person(name: str, serial: int) -> staff.Identity:
    return staff.Identity(name=name, id_number=id_number(serial))


# --- between two steps -----------------------------------------------------------------------------------------------


def test_a_reset_between_the_check_of_the_password_and_the_session_opens_none(
    again: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sign_in.verify_password

    def verify_then_reset(*given: object) -> bool:
        right = real(*given)  # type: ignore[arg-type] # as it was called
        monkeypatch.setattr(sign_in, "verify_password", real)
        start(again, "zhang")
        return right

    monkeypatch.setattr(sign_in, "verify_password", verify_then_reset)
    with pytest.raises(Refused) as error:
        sign_in.sign_in(again.bank.lobby("x"), "zhang", PASSWORD)
    assert error.value.code == "refused.sign_in"


def test_a_reset_between_password_and_code_asks_for_the_new_password(world: World) -> None:
    phone = enrol(world.desk("teller2"))
    with pytest.raises(BankError) as asked:
        sign_in.sign_in(world.bank.lobby("x"), "teller2", PASSWORD)
    assert asked.value.code == "refused.second_factor"
    resets.start_reset(world.desk("admin"), world.ids["teller2"])
    with pytest.raises(Refused):
        sign_in.sign_in(world.bank.lobby("x"), "teller2", PASSWORD, phone.shows())


def test_a_reset_while_a_new_password_is_being_set_wins(again: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from bankcard_tui.services import passwords as own

    desk, real = again.desk("zhang"), own.hashed_if_unused

    def hash_then_reset(*given: object, **more: object) -> str:
        hashed = real(*given, **more)  # type: ignore[arg-type] # as it was called
        start(again, "zhang")
        return hashed

    monkeypatch.setattr(own, "hashed_if_unused", hash_then_reset)
    with pytest.raises(BankError):
        own.change_password(desk, SECRET, Secret(NEW), Secret(NEW))
    assert dict(passwords(again))["zhang"] is None


def test_the_code_of_a_channel_from_before_a_reset_confirms_nothing(again: World) -> None:
    """An address that waits for its code at the time of a reset may be that of whoever knew the password."""
    code = again.codes["zhang.channel"]
    address = confirmed(again, "zhang", "mine@example.com")
    channels.propose(again.desk("zhang"), ChannelKind.EMAIL, "thief@example.com", SECRET)
    late = code_sent_to(again.bank, "thief@example.com")
    start(again, "zhang")
    completes(again, "zhang", code_sent_to(again.bank, address))
    desk = sign_in.sign_in(again.bank.lobby("y"), "zhang", NEW)
    for each in (code, late):
        with pytest.raises(Refused):
            channels.confirm(desk, each)


# --- rows copied in the store ----------------------------------------------------------------------------------------


def copied(world: World, table: str, of: str, to: str, **other: object) -> int:
    """A row of one account put under another, as somebody does who has the file and no key."""
    with world.bank.store.read() as connection:
        names = [row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({table})")]
    values = {**other, "account_id": world.ids[to].bytes}
    columns = ", ".join("?" if name in values else name for name in names)
    given = [values[name] for name in names if name in values]
    return write(
        world,
        f"INSERT OR REPLACE INTO {table} ({', '.join(names)}) SELECT {columns} FROM {table} WHERE account_id = ?",
        *given,
        world.ids[of].bytes,
    )


def test_a_channel_copied_to_another_account_gets_no_code(again: World) -> None:
    """The thief's own address, confirmed for the thief, under the account of somebody else."""
    address = confirmed(again, "other", "thief@example.com")
    write(again, "DELETE FROM channel WHERE account_id = ?", again.ids["zhang.account"].bytes)
    assert copied(again, "channel", "other.account", "zhang.account", id=uuid.uuid4().bytes) == 1
    before = len(letters_to(again.bank, address))
    assert start(again, "zhang").sent_to is None
    with pytest.raises(Conflict):
        activation.send_code(again.desk("teller"), again.ids["zhang.account"])
    assert len(letters_to(again.bank, address)) == before


def test_a_channel_moved_with_its_id_gets_no_code(again: World) -> None:
    address = confirmed(again, "other", "thief@example.com")
    row, to = again.ids["other.account"].bytes, again.ids["zhang.account"].bytes
    assert write(again, "UPDATE channel SET account_id = ? WHERE account_id = ?", to, row) == 1
    before = len(letters_to(again.bank, address))
    assert start(again, "zhang").sent_to is None
    assert len(letters_to(again.bank, address)) == before


def test_a_second_factor_copied_from_another_account_signs_nobody_in(world: World) -> None:
    phone = enrol(world.desk("teller2"))
    enrol(world.desk("manager"))
    assert copied(world, "second_factor", "teller2", "manager") == 1
    for code in (phone.shows(), phone.paper[0]):
        with pytest.raises((Refused, VerificationFailed)):
            sign_in.sign_in(world.bank.lobby("x"), "manager", PASSWORD, code)


def test_a_second_factor_that_waits_is_not_put_in_force_for_another(world: World) -> None:
    phone = begun(world.desk("teller2"))
    assert copied(world, "second_factor", "teller2", "manager") == 1
    with pytest.raises(BankError):
        second_factor.confirm(world.desk("manager"), Secret(phone.shows()))
    assert second_factor.mine(world.desk("manager")).since is None


def test_an_offered_secret_is_not_put_in_force_in_the_store(world: World) -> None:
    phone = begun(world.desk("manager"))
    write(world, "UPDATE second_factor SET secret = offered, confirmed_at = made_at")
    with pytest.raises((Refused, VerificationFailed)):
        sign_in.sign_in(world.bank.lobby("x"), "manager", PASSWORD, phone.shows())


@pytest.mark.parametrize("purpose", ["password", "second_factor"])
def test_a_recovery_code_copied_to_another_account_or_purpose_opens_nothing(world: World, purpose: str) -> None:
    enrol(world.desk("admin2"))
    paper = enrol(world.desk("admin")).paper
    codes = recovery.renew(world.desk("admin"), SECRET).view.codes
    write(world, "DELETE FROM recovery_code WHERE account_id = ?", world.ids["admin2"].bytes)
    assert copied(world, "recovery_code", "admin", "admin2", purpose=purpose) > 0
    new = Secret(NEW)
    for code in (*codes[:2], *paper[:2]):
        with pytest.raises(Refused):
            recovery.recover(world.bank.lobby("x"), "admin2", Secret(code), new, new)
        with pytest.raises(Refused):
            sign_in.sign_in(world.bank.lobby("x"), "admin2", PASSWORD, code)


def test_a_code_of_the_channel_copied_to_another_account_opens_nothing(again: World) -> None:
    address = confirmed(again, "other", "thief@example.com")
    start(again, "other")
    start(again, "zhang")
    code = code_sent_to(again.bank, address)
    write(again, "DELETE FROM channel_code WHERE account_id = ?", again.ids["zhang.account"].bytes)
    assert copied(again, "channel_code", "other.account", "zhang.account") == 1
    with pytest.raises(Refused):
        completes(again, "zhang", code)
    assert dict(passwords(again))["zhang"] is None


def test_halves_copied_to_another_account_open_nothing(again: World) -> None:
    assert copied(again, "activation", "fresh.account", "known.account") == 1
    new = Secret(NEW)
    with pytest.raises(Refused):
        activation.complete(again.bank.lobby("x"), "known", again.codes["fresh.1"], again.codes["fresh.2"], new, new)


@pytest.mark.parametrize("column", ["expires_at", "digest"])
def test_a_code_whose_time_is_over_is_not_brought_back_in_the_store(world: World, column: str) -> None:
    code = world.codes["lost.code"]
    change: object = 2**51 if column == "expires_at" else b"\x00" * 32
    assert write(world, f"UPDATE channel_code SET {column} = ?", change) == 1
    with pytest.raises((Refused, VerificationFailed)):
        completes(world, "lost", code)
    assert dict(passwords(world))["lost"] is None


def test_a_used_recovery_code_is_not_made_unused_in_the_store(world: World) -> None:
    paper = enrol(world.desk("admin2")).paper
    codes = recovery.renew(world.desk("admin"), SECRET).view.codes
    new = Secret(NEW)
    recovery.recover(world.bank.lobby("x"), "admin", Secret(codes[0]), new, new)
    sign_in.sign_in(world.bank.lobby("x"), "admin2", PASSWORD, paper[0])
    assert write(world, "UPDATE recovery_code SET used_at = NULL WHERE used_at IS NOT NULL") == 2
    with pytest.raises(Refused):
        recovery.recover(world.bank.lobby("x"), "admin", Secret(codes[0]), SECRET, SECRET)
    with pytest.raises(Refused):
        sign_in.sign_in(world.bank.lobby("x"), "admin2", PASSWORD, paper[0])


def test_a_kit_that_was_taken_out_is_not_put_in_force_again_in_the_store(world: World) -> None:
    """It may have been stolen: whoever has it would read every backup from then on."""
    remove_recipient(world.desk("admin"), world.ids["kit"])
    assert write(world, "UPDATE backup_recipient SET removed_at = NULL, removed_by = NULL") > 0
    with pytest.raises(VerificationFailed) as error, world.bank.store.read() as connection:
        recipients_of(connection, world.bank.keys, world.bank.branch.id)
    assert error.value.code == "recipient.altered"


# --- pruning ---------------------------------------------------------------------------------------------------------


def test_a_prune_is_not_carried_out_when_the_bank_keeps_its_log_for_longer_by_now(archived: World) -> None:
    request = log_prune.prune_log(archived.desk("admin"), ends(archived)[0]).pending
    assert request is not None
    write(
        archived,
        "INSERT INTO policy_version SELECT branch_id, version + 1,"
        " json_set(policy, '$.log_retention_months', 36), ?, proposed_by, approved_by, note, '{}', NULL"
        " FROM policy_version",
        micros_of(archived.bank.clock.now()),
    )
    assert log_archive.list_archives(archived.desk("admin")).retention_months == 36
    assert requests.sign(archived.desk("admin2"), request.id).view.status is RequestStatus.FAILED
    assert log_archive.list_archives(archived.desk("admin")).to_clear is False
    with pytest.raises(Conflict):
        log_prune.clear_pruned(night(archived))
    assert logs.verify_log(night(archived), deep=True).problems == ()


ROWS: dict[str, Callable[[World], int]] = {
    "an archive's row copied under another number": lambda world: write(
        world,
        "INSERT INTO log_archive SELECT ?, branch_id, kind, last_seq + 1, last_seq + 9, last_mark, last_mark, last_at,"
        " file, size, digest, made_at, made_by, mark FROM log_archive ORDER BY last_seq DESC LIMIT 1",
        uuid.uuid4().bytes,
    ),
    "an archive made older": lambda world: write(world, "UPDATE log_archive SET last_at = 1"),
    "a segment made a fork": lambda world: write(world, "UPDATE log_archive SET kind = 'fork' WHERE first_seq = 1"),
    "a tombstone": lambda world: write(
        world,
        "INSERT INTO log_tombstone SELECT branch_id, last_seq, first_seq, before_mark, last_mark, hex(id), id, made_at,"
        " ?, NULL, mark FROM log_archive WHERE first_seq = 1",
        world.ids["admin"].bytes,
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_put_there_by_hand_deletes_nothing_and_is_named(archived: World, row: str) -> None:
    assert ROWS[row](archived) > 0
    assert logs.verify_log(night(archived)).problems
    with archived.bank.store.read() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM log_entry").scalar_one()
    for attempt in (
        lambda: log_prune.clear_pruned(night(archived)),
        lambda: log_prune.begin_clearing(archived.desk("admin")),
        lambda: prunes(archived, 5),
        lambda: log_archive.archive_log(night(archived)),
    ):
        with pytest.raises(BankError):
            attempt()
    with archived.bank.store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM log_entry").scalar_one() >= before
    assert check_password(archived.bank.lobby("x"), "admin", SECRET).right
