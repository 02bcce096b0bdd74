"""A reset is started by others and completed by the person alone."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from bankcard_tui.config import Delivery
from bankcard_tui.desk.access import ACCOUNT, PERMISSION
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import Conflict, InvalidInput, NotSignedIn, Refused
from bankcard_tui.models.account import RecoveryCode, SecondFactor
from bankcard_tui.models.base import table
from bankcard_tui.rules.terms import ApplicationStatus, ChannelKind, RecoveryPurpose
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services import activation, applications, channels, logs, recovery, resets, review, sign_in, staff
from tests.branch import PASSWORD, id_number
from tests.services.post import code_sent_to, letters_to
from tests.services.world import World

NEW, OTHER = "amber lantern over quiet canals", "nine copper kettles sing softly"
SECRET = Secret(PASSWORD)


def advance(world: World, step: timedelta) -> None:
    assert isinstance(world.bank.clock, SimulatedClock)
    world.bank.clock.advance(step)


def signs_in(world: World, username: str, password: str, terminal: str = "x") -> str:
    return sign_in.sign_in(world.bank.lobby(terminal), username, password).who.username


def completes(world: World, username: str, code: Secret, password: str = NEW) -> None:
    secret = Secret(password)
    activation.complete_with_code(world.bank.lobby("lobby"), username, code, secret, secret)


def confirmed(world: World, username: str, address: str = "") -> str:
    """Somebody gives an own channel and confirms it."""
    address = address or f"{username}@example.com"
    channels.propose(world.desk(username), ChannelKind.EMAIL, address, SECRET)
    channels.confirm(world.desk(username), code_sent_to(world.bank, address))
    return address


def start(world: World, username: str, by: str = "teller") -> resets.StartedReset:
    return resets.start_reset(world.desk(by), world.ids[f"{username}.account"], id_seen=True).view


def test_a_reset_ends_the_password_and_the_sessions_and_the_person_alone_completes_it(world: World) -> None:
    address = confirmed(world, "zhang")
    desk = world.desk("zhang")
    started = start(world, "zhang")
    assert started.sent_to == "z***@example.com"
    with pytest.raises(NotSignedIn):
        sign_in.me(desk)
    with pytest.raises(Refused, match="do not fit together"):
        signs_in(world, "zhang", PASSWORD)
    completes(world, "zhang", code_sent_to(world.bank, address))
    assert signs_in(world, "zhang", NEW) == "zhang"
    with pytest.raises(Refused):
        signs_in(world, "zhang", PASSWORD)


def test_the_person_reads_who_started_it_in_the_message_and_in_the_own_log(world: World) -> None:
    address = confirmed(world, "zhang")
    start(world, "zhang")
    letter = letters_to(world.bank, address)[-1]
    assert "Teller at Harbour has started a reset of your password." in letter
    assert "Harbour的Teller已为您发起密码重置" in letter
    assert "tell the branch at once" in letter
    completes(world, "zhang", code_sent_to(world.bank, address))
    mine = logs.my_log(sign_in.sign_in(world.bank.lobby("x"), "zhang", NEW)).items
    (entry,) = [each for each in mine if each.action == "reset.start"]
    assert entry.username == "teller"
    assert entry.detail["username"] == "zhang"


def test_without_a_channel_two_colleagues_show_the_halves(world: World) -> None:
    started = resets.start_reset(world.desk("admin"), world.ids["teller2"]).view
    assert (started.sent_to, started.expires_at) == (None, None)
    with pytest.raises(Conflict, match="no confirmed channel"):
        activation.send_code(world.desk("admin"), world.ids["teller2"])
    halves = [
        Secret(activation.show_half(world.desk(each), world.ids["teller2"]).view.code) for each in ("admin", "manager")
    ]
    activation.complete(world.bank.lobby("lobby"), "teller2", *halves, Secret(NEW), Secret(NEW))
    assert signs_in(world, "teller2", NEW) == "teller2"


def test_what_a_reset_person_had_claimed_comes_free(world: World) -> None:
    application = world.ids["zhang.application"]
    review.claim(world.desk("manager2"), application)
    resets.start_reset(world.desk("admin"), world.ids["manager2"])
    row = applications.open_application(world.desk("teller"), application).row
    assert row.status is ApplicationStatus.SUBMITTED


@pytest.mark.parametrize(
    ("by", "account"),
    [("teller", "manager"), ("teller", "admin"), ("manager", "zhang"), ("admin", "zhang"), ("zhang", "other")],
)
def test_tellers_reset_customers_and_admins_reset_staff(again: World, by: str, account: str) -> None:
    with pytest.raises(Refused):
        resets.start_reset(again.desk(by), again.ids[f"{account}.account"], id_seen=True)
    assert signs_in(again, account, PASSWORD) == account


def test_a_customer_is_reset_by_who_has_seen_the_id(again: World) -> None:
    with pytest.raises(InvalidInput, match="original ID") as problem:
        resets.start_reset(again.desk("teller"), again.ids["zhang.account"])
    assert problem.value.field == "id_seen"


def test_a_reset_that_was_started_is_not_started_again(again: World) -> None:
    start(again, "zhang")
    with pytest.raises(Conflict, match="waits for its activation already"):
        start(again, "zhang")


def test_a_disabled_account_and_the_systems_are_not_reset(again: World) -> None:
    admin, teller2 = again.desk("admin"), again.ids["teller2"]
    staff.disable_staff(admin, teller2, staff.open_staff(admin, teller2).row.version)
    with pytest.raises(Conflict, match="disabled already"):
        resets.start_reset(admin, teller2)
    with again.bank.store.read() as connection:
        system = connection.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.username == "system")).scalar_one()
    with pytest.raises(Conflict, match="no password"):
        resets.start_reset(admin, system)


def test_the_last_admin_who_may_do_something_is_not_reset(again: World) -> None:
    with again.bank.store.write() as connection:
        lacks = {"account_id": again.ids["admin"], "permission": Permission.PRUNE_LOGS.value, "granted": False}
        connection.execute(insert(PERMISSION).values(lacks))
    with pytest.raises(Refused, match="The last admin stays"):
        resets.start_reset(again.desk("admin"), again.ids["admin2"])


def test_an_open_session_says_that_its_password_was_reset(again: World) -> None:
    admin2 = again.desk("admin2")
    resets.start_reset(again.desk("admin"), again.ids["admin2"])
    with pytest.raises(NotSignedIn, match="Your password was reset") as ended:
        logs.my_log(admin2)
    assert ended.value.code == "session.reset"


def test_two_admins_who_reset_each_other_do_not_both_get_through(again: World) -> None:
    resets.start_reset(again.desk("admin"), again.ids["admin2"])
    with pytest.raises(NotSignedIn):
        resets.start_reset(again.desk("admin2"), again.ids["admin"])


def test_a_lost_second_factor_goes_with_its_recovery_codes_and_nothing_else(again: World) -> None:
    account, now = again.ids["teller2"], again.bank.clock.now()
    factor, code = table(SecondFactor), table(RecoveryCode)
    with again.bank.store.write() as connection:
        connection.execute(insert(factor).values(account_id=account, secret=b"x", made_at=now, last_step=0))
        for purpose in RecoveryPurpose:
            digest = purpose.value.encode()
            connection.execute(insert(code).values(account_id=account, digest=digest, purpose=purpose, made_at=now))

    def left() -> tuple[int, list[RecoveryPurpose]]:
        with again.bank.store.read() as connection:
            kept = connection.execute(select(code.c.purpose).where(code.c.account_id == account)).scalars().all()
            return len(connection.execute(select(factor)).all()), list(kept)

    with pytest.raises(Refused):
        resets.start_reset(again.desk("teller"), account, second_factor_lost=True)
    assert left() == (1, list(RecoveryPurpose))
    resets.start_reset(again.desk("admin"), account, second_factor_lost=True)
    assert left() == (0, [RecoveryPurpose.PASSWORD])


def test_a_reset_keeps_the_second_factor_where_nobody_said_it_was_lost(again: World) -> None:
    account, now = again.ids["teller2"], again.bank.clock.now()
    factor = table(SecondFactor)
    with again.bank.store.write() as connection:
        connection.execute(insert(factor).values(account_id=account, secret=b"x", made_at=now, last_step=0))
    resets.start_reset(again.desk("admin"), account)
    with again.bank.store.read() as connection:
        assert len(connection.execute(select(factor)).all()) == 1


def test_codes_from_before_a_reset_open_nothing(world: World) -> None:
    account = world.ids["lost.account"]
    early = world.codes["lost.code"]
    completes(world, "lost", early)
    advance(world, timedelta(seconds=1))
    resets.start_reset(world.town.sign_in("teller", "c2"), account, id_seen=True)
    with pytest.raises(Refused, match="do not fit together"):
        completes(world, "lost", early, OTHER)


def test_a_fresh_code_replaces_the_earlier_one_and_counts_once(world: World) -> None:
    early, teller = world.codes["lost.code"], world.desk("teller")
    sent = activation.send_code(teller, world.ids["lost.account"]).view
    assert sent.sent_to == "l***@example.com"
    late = code_sent_to(world.bank, "lost@example.com")
    for code in (early, Secret("2222-2222"), Secret("")):
        with pytest.raises(Refused, match="do not fit together"):
            completes(world, "lost", code)
    completes(world, "lost", late)
    with pytest.raises(Refused, match="do not fit together"):
        completes(world, "lost", late, OTHER)
    with pytest.raises(Conflict, match="a password already"):
        activation.send_code(teller, world.ids["lost.account"])
    assert "A new password was chosen for lost." in letters_to(world.bank, "lost@example.com")[-1]


@pytest.mark.parametrize(("minutes", "holds"), [(9, True), (10, False)])
def test_a_sent_code_holds_ten_minutes(world: World, minutes: int, holds: bool) -> None:
    advance(world, timedelta(minutes=minutes))
    if holds:
        completes(world, "lost", world.codes["lost.code"])
    else:
        with pytest.raises(Refused, match="no longer valid"):
            completes(world, "lost", world.codes["lost.code"])


def test_a_sent_code_takes_five_tries_and_no_more(again: World) -> None:
    for _ in range(5):
        with pytest.raises(Refused):
            completes(again, "lost", Secret("2222-2222"))
    with pytest.raises(Refused):
        completes(again, "lost", again.codes["lost.code"])


def test_the_answer_is_the_same_whatever_is_wrong(again: World) -> None:
    said = set()
    for username in ("lost", "nobody", "zhang", "known", "system"):
        with pytest.raises(Refused) as problem:
            completes(again, username, Secret("2222-2222"))
        said.add((problem.value.code, str(problem.value)))
    assert len(said) == 1


def test_the_same_work_is_done_for_every_name(again: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted where it is slow: a name that nobody has, and one with former passwords, take as many hashes."""
    import bcrypt

    counted = 0
    check = bcrypt.checkpw

    def counting(password: bytes, kept: bytes) -> bool:
        nonlocal counted
        counted += 1
        return check(password, kept)

    monkeypatch.setattr(bcrypt, "checkpw", counting)
    work = []
    for username, password in (("lost", NEW), ("lost", PASSWORD), ("nobody", NEW), ("zhang", NEW), ("zhang", PASSWORD)):
        counted = 0
        with pytest.raises(Refused):
            completes(again, username, Secret("2222-2222"), password)
        work.append(counted)
    assert len(set(work)) == 1


def test_the_old_password_does_not_come_back_and_no_stranger_learns_that_it_was_one(again: World) -> None:
    with pytest.raises(Refused, match="do not fit together"):
        completes(again, "lost", Secret("2222-2222"), PASSWORD)
    with pytest.raises(InvalidInput, match="used this password before"):
        completes(again, "lost", again.codes["lost.code"], PASSWORD)
    completes(again, "lost", again.codes["lost.code"])


def test_codes_are_not_sent_without_end(world: World) -> None:
    teller, account = world.desk("teller"), world.ids["lost.account"]
    for _ in range(3):  # two have gone there before: to confirm the channel, and with the reset
        activation.send_code(teller, account)
    with pytest.raises(Refused, match="5 codes were sent within the last hour"):
        activation.send_code(teller, account)
    advance(world, timedelta(hours=1))
    activation.send_code(world.town.sign_in("teller", "later"), account)


def test_a_branch_that_sends_nothing_still_resets(world: World) -> None:
    confirmed(world, "zhang")
    world.bank.delivery = Delivery("none")
    assert start(world, "zhang").sent_to is None
    with pytest.raises(Conflict, match="no confirmed channel"):
        activation.send_code(world.desk("teller"), world.ids["zhang.account"])


def test_a_channel_altered_in_the_store_gets_no_code(world: World) -> None:
    """Somebody with the store's file puts the own address, or another person's row, in the victim's place."""
    confirmed(world, "zhang")
    confirmed(world, "other", "other@evil.example")
    with world.bank.store.write() as connection:
        victim, thief = (world.ids[f"{each}.account"].hex for each in ("zhang", "other"))
        connection.exec_driver_sql(f"DELETE FROM channel WHERE account_id = x'{victim}'")
        connection.exec_driver_sql(f"UPDATE channel SET account_id = x'{victim}' WHERE account_id = x'{thief}'")
    before = len(letters_to(world.bank, "other@evil.example"))
    assert start(world, "zhang").sent_to is None
    assert len(letters_to(world.bank, "other@evil.example")) == before


def test_a_note_of_a_reset_hides_numbers_and_is_kept(again: World) -> None:
    account: UUID = again.ids["zhang.account"]
    number = id_number(7)
    resets.start_reset(again.desk("teller"), account, id_seen=True, note=f"Lost phone, ID {number} seen")
    entry = logs.list_log(again.desk("admin"), action="reset.start").items[0]
    assert entry.detail["note"].startswith("Lost phone")
    assert number not in str(entry.detail)


def test_a_recovery_code_of_an_admin_survives_a_reset(again: World) -> None:
    resets.start_reset(again.desk("admin2"), again.ids["admin"])
    code, new = again.codes["admin.recovery"], Secret(NEW)
    recovery.recover(again.bank.lobby("lobby"), "admin", code, new, new)
    assert signs_in(again, "admin", NEW) == "admin"
