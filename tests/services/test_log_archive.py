"""The log is archived, pruned by two people, and verified against all that knows it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert

from bankcard_tui.backup.age import identity_from
from bankcard_tui.backup.container import public_key_of
from bankcard_tui.backup.create import own_recipient
from bankcard_tui.backup.segment import Whose, read_segment, write_segment
from bankcard_tui.desk.bank import Bank
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.desk import Actor
from bankcard_tui.desk.log import write_entry
from bankcard_tui.errors import BankError, Busy, Conflict, InvalidInput, Refused, VerificationFailed
from bankcard_tui.rules.terms import ArchiveKind, Outcome, RequestStatus, Role
from bankcard_tui.services import log_archive, log_prune, logs, requests
from bankcard_tui.services.log_archive import archive_log, list_archives
from bankcard_tui.services.log_prune import begin_clearing, clear_pruned, prune_log
from bankcard_tui.services.log_shelf import ARCHIVE, new_archive
from bankcard_tui.services.log_verify import ChainCheck
from tests.services.test_log_chain import open_raw
from tests.services.world import World


def night(world: World) -> Any:
    return world.bank.system_desk("night")


def checked(world: World, **more: Any) -> ChainCheck:
    return logs.verify_log(night(world), **more)


def archives(world: World) -> Path:
    return world.bank.home.archives


def later(world: World, days: int = 400) -> None:
    """Time goes by, and everybody signs in again."""
    assert isinstance(world.bank.clock, SimulatedClock)
    world.bank.clock.advance(timedelta(days=days))
    world.town._desks.clear()


def prunes(world: World, until_seq: int) -> None:
    """One admin asks, the other one signs."""
    request = prune_log(world.desk("admin"), until_seq).pending
    assert request is not None
    assert requests.sign(world.desk("admin2"), request.id).view.status is RequestStatus.DONE


def ends(world: World) -> list[int]:
    return [each.last_seq for each in list_archives(world.desk("admin")).items]


@pytest.fixture
def archived(world: World) -> World:
    """Three archives, all of them old by now."""
    for _ in range(3):
        archive_log(night(world))
        with pytest.raises(Refused):
            logs.list_log(world.desk("teller"))
    later(world)
    return world


@pytest.fixture
def pruned(archived: World) -> World:
    """The first two archives are all that is left of their entries."""
    prunes(archived, ends(archived)[1])
    clear_pruned(night(archived))
    return archived


def test_archives_follow_one_another_and_hold_every_entry(archived: World) -> None:
    items = list_archives(archived.desk("admin")).items
    assert [each.first_seq for each in items] == [1, *(each.last_seq + 1 for each in items[:-1])]
    assert all((archives(archived) / each.file).stat().st_size == each.size for each in items)
    assert not archived.bank.home.archiving.exists()
    assert checked(archived, deep=True).problems == ()
    keys = archived.bank.keys
    held = [
        row
        for each in items
        for row in read_segment(
            archives(archived) / each.file, public_key_of(keys.signing), [identity_from(keys.backup)]
        )
    ]
    raw = open_raw(archived)
    assert held == raw.execute(f"SELECT * FROM log_entry WHERE seq <= {items[-1].last_seq} ORDER BY seq").fetchall()


def test_an_archive_ends_in_front_of_the_day_that_was_named(world: World) -> None:
    last = checked(world).last
    later(world, 2)
    logs.list_log(world.desk("admin"))
    until = world.bank.clock.now() - timedelta(days=1)
    assert archive_log(night(world), until=until).last_seq == last
    with pytest.raises(Conflict) as error:
        archive_log(night(world), until=until)
    assert error.value.code == "archive.nothing"
    with pytest.raises(InvalidInput):
        archive_log(night(world), until=datetime(2026, 1, 1))


def test_an_altered_entry_gets_into_no_archive(world: World) -> None:
    open_raw(world).execute("UPDATE log_entry SET terminal = 'moon' WHERE seq = 30")
    with pytest.raises(VerificationFailed, match="Entry 30 of the log"):
        archive_log(night(world))
    assert list(archives(world).iterdir()) == []
    assert list_archives(world.desk("admin")).items == ()


def test_an_archive_that_is_stopped_leaves_nothing(world: World) -> None:
    def stop(*_: object) -> None:
        raise Busy("Stopped.")

    with pytest.raises(Busy):
        archive_log(night(world), report=stop)
    assert not archives(world).exists() or list(archives(world).iterdir()) == []
    assert archive_log(night(world)).first_seq == 1


def test_nobody_takes_a_false_file_into_the_list(archived: World) -> None:
    first = list_archives(archived.desk("admin")).items[0].file
    for file, code in ((first, "archive.order"), ("../x", "input.invalid"), ("log-A-1-2.archive", "backup.unreadable")):
        with pytest.raises(BankError) as error:
            log_archive.finish_archive(archived.desk("admin"), file)
        assert error.value.code == code


def test_pruning_takes_two_admins_and_leaves_the_rest_sound(archived: World) -> None:
    first, second, third = ends(archived)
    with pytest.raises(Conflict):
        begin_clearing(night(archived))
    request = prune_log(archived.desk("admin"), second).pending
    assert request is not None
    with pytest.raises(Refused):
        requests.sign(archived.desk("admin"), request.id)
    for other in ("teller", "manager", "director"):
        with pytest.raises(Refused):
            requests.sign(archived.desk(other), request.id)
    assert checked(archived).pruned == 0
    before = checked(archived).entries
    requests.sign(archived.desk("admin2"), request.id)
    assert checked(archived).problems == ()
    assert clear_pruned(night(archived)).deleted == second
    check = checked(archived, deep=True)
    assert check.problems == ()
    assert (check.pruned, check.entries) == (second, check.last - second)
    assert before > first
    listed = list_archives(archived.desk("admin"))
    assert [each.pruned for each in listed.items] == [True, True, False]
    assert (listed.prunable_to, listed.to_clear, third) == (third, False, ends(archived)[-1])
    page = logs.list_log(archived.desk("admin"), until=archived.bank.clock.now() - timedelta(days=100))
    assert page.items
    assert min(row.seq for row in page.items) == second + 1


def test_a_second_pruning_goes_on_where_the_first_one_ended(pruned: World) -> None:
    archive_log(night(pruned))
    prunes(pruned, ends(pruned)[2])
    clear_pruned(night(pruned))
    assert checked(pruned, deep=True).problems == ()
    assert archive_log(night(pruned)).first_seq == ends(pruned)[-2] + 1


def test_young_entries_and_parts_of_archives_are_not_pruned(world: World) -> None:
    last = archive_log(night(world)).last_seq
    with pytest.raises(Refused, match="12 months"):
        prune_log(world.desk("admin"), last)
    later(world)
    for number in (0, last - 1, last + 1):
        with pytest.raises(InvalidInput, match="No archive ends"):
            prune_log(world.desk("admin"), number)


def test_a_request_from_before_another_pruning_does_not_run_any_more(archived: World) -> None:
    first, second, _ = ends(archived)
    request = prune_log(archived.desk("admin"), second).pending
    assert request is not None
    with pytest.raises(Conflict, match="waits for a signature"):
        prune_log(archived.desk("admin2"), first)


def test_nothing_is_deleted_whose_archive_can_not_be_read(archived: World) -> None:
    first, second, _ = ends(archived)
    prunes(archived, second)
    file = archives(archived) / list_archives(archived.desk("admin")).items[1].file
    content = file.read_bytes()
    for spoilt in (content[:-1], content[:30_000] + b"x" + content[30_001:], None):
        file.unlink() if spoilt is None else file.write_bytes(spoilt)
        with pytest.raises(BankError):
            clear_pruned(night(archived))
        left = open_raw(archived).execute("SELECT min(seq), count(*) FROM log_entry").fetchone()
        assert left[0] == first + 1
    file.write_bytes(content)
    assert clear_pruned(night(archived)).deleted == second - first
    assert checked(archived, deep=True).problems == ()


def test_clearing_goes_on_where_it_was_stopped(archived: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_prune, "STEP_ROWS", 7)
    steps = 0

    def stop(*_: object) -> None:
        nonlocal steps
        steps += 1
        if steps == 5:
            raise Busy("Stopped.")

    second = ends(archived)[1]
    prunes(archived, second)
    with pytest.raises(Busy):
        clear_pruned(night(archived), report=stop)
    check = checked(archived)
    assert check.problems == ()
    raw = open_raw(archived)
    (left,) = raw.execute("SELECT min(seq) FROM log_entry").fetchone()
    assert 1 < left < second
    raw.execute(f"UPDATE log_entry SET terminal = 'moon' WHERE seq = {left}")
    assert checked(archived).problems == (f"entry {left} was changed, or its mark is forged",)
    clear_pruned(night(archived))
    assert checked(archived, deep=True).problems == ()


FORGED = "INSERT INTO log_entry SELECT branch_id, 3, at, account_id, actor_id, username, role, terminal, action, " \
    "outcome, subject_kind, subject_id, subject_person, detail, mark FROM log_entry WHERE seq = (SELECT max(seq) - 3 " \
    "FROM log_entry)"  # fmt: skip


@pytest.mark.parametrize(
    ("attack", "said"),
    [
        ("DELETE FROM log_tombstone", "entries 1 to {second} are missing"),
        ("UPDATE log_tombstone SET last_mark = x'00'", "tombstone of the entries up to {second} was altered"),
        ("UPDATE log_tombstone SET last_seq = last_seq + 1", "tombstone of the entries up to {beyond} was altered"),
        ("UPDATE log_tombstone SET archives = ''", "tombstone of the entries up to {second} was altered"),
        ("UPDATE log_tombstone SET pruned_by = x'00'", "tombstone of the entries up to {second} was altered"),
        ("INSERT INTO log_tombstone SELECT branch_id, 9999, 9990, before_mark, last_mark, archives, request_id, "
         "pruned_at, pruned_by, NULL, mark FROM log_tombstone", "tombstone of the entries up to 9999 was altered"),
        ("UPDATE log_archive SET digest = 'x' WHERE first_seq = 1", "archive that ends with entry {first} was altered"),
        ("UPDATE log_archive SET file = 'other'", "archive that ends with entry {first} was altered"),
        ("UPDATE log_archive SET last_seq = 'many', mark = NULL || x'' WHERE 0", ""),
        ("DELETE FROM log_archive WHERE first_seq = 1", "1 to {second} are not in the list of archives"),
        ("DELETE FROM log_entry WHERE seq <= {second} + 2", "entries {beyond} to "),
        ("DELETE FROM log_entry WHERE seq = {second} + 1", "entries {beyond} to {beyond} are missing"),
        ("UPDATE log_entry SET detail = '{{}}' WHERE seq = {second} + 1", "entry {beyond} was changed"),
        (FORGED, "entry 3 "),
    ],
)  # fmt: skip
def test_attacks_on_a_pruned_log_are_named(pruned: World, attack: str, said: str) -> None:
    first, second, _ = ends(pruned)
    values = {"first": first, "second": second, "beyond": second + 1}
    open_raw(pruned).execute(attack.format(**values))
    found = checked(pruned).problems
    assert any(said.format(**values) in each for each in found) if said else found == ()


@pytest.mark.parametrize(
    ("attack", "said"),
    [
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-600]), "was altered or is damaged"),
        (lambda path: path.write_bytes(path.read_bytes().replace(b'"last_seq"', b'"lost_seq"')), "was altered"),
        (lambda path: path.rename(path.with_name("elsewhere")), "is missing"),
        (lambda path: (path.unlink(), path.symlink_to("/dev/zero")), "is missing"),
        (lambda path: (path.unlink(), path.mkdir()), "is missing"),
        (lambda path: (path.unlink(), os.mkfifo(path)), "is missing"),
    ],
)
def test_an_archive_that_is_missing_or_altered_is_named(
    pruned: World, attack: Callable[[Path], object], said: str
) -> None:
    file = list_archives(pruned.desk("admin")).items[1].file
    attack(archives(pruned) / file)
    (problem,) = checked(pruned).problems
    assert file in problem
    assert said in problem
    assert checked(pruned, files=False).problems == ()


def test_an_archive_that_holds_another_one_s_entries_is_named(pruned: World) -> None:
    one, other, _ = (archives(pruned) / each.file for each in list_archives(pruned.desk("admin")).items)
    one.write_bytes(other.read_bytes())
    (problem,) = checked(pruned).problems
    assert one.name in problem


def cut_off(world: World, entries: int) -> None:
    """Take the end of the log away so that what is left holds, as somebody would who knows the tables."""
    raw = open_raw(world)
    raw.execute(f"DELETE FROM log_entry WHERE seq > (SELECT max(seq) FROM log_entry) - {entries}")
    raw.execute(
        "UPDATE log_head SET (seq, mark) = (SELECT seq, mark FROM log_entry ORDER BY seq DESC LIMIT 1), "
        "latest = (SELECT max(at) FROM log_entry)"
    )


def test_a_cut_off_end_shows_in_whatever_knows_the_head(world: World) -> None:
    check = checked(world)
    head = f"{check.last}:{check.head}"
    raw = open_raw(world)
    archive = archive_log(night(world))
    assert checked(world, heads=(head,)).problems == ()
    raw.execute(
        "INSERT INTO backup SELECT id, branch_id, 1, 'b.backup', 1, '', '0003', ?, ?, 0, NULL, NULL, 0, '', NULL "
        "FROM log_archive",
        (check.last - 3, raw.execute(f"SELECT mark FROM log_entry WHERE seq = {check.last - 3}").fetchone()[0]),
    )
    assert checked(world).problems == ()
    cut_off(world, 12)
    found = checked(world, heads=(head,)).problems
    assert [each for each in found if "its end was cut off" in each] == list(found)
    assert [source for source in (archive.file, "b.backup", "--head") if any(source in each for each in found)] == [
        archive.file,
        "b.backup",
        "--head",
    ]


def test_a_log_that_was_cut_off_and_continued_is_told(world: World) -> None:
    check = checked(world)
    head = f"{check.last}:{check.head.upper()}"
    cut_off(world, 3)
    for _ in range(5):
        with pytest.raises(Refused):
            logs.list_log(world.desk("teller"))
    assert checked(world).problems == ()
    (problem,) = checked(world, heads=(head,)).problems
    assert problem.startswith(f"entry {check.last} is not the one in --head")


def test_a_spoilt_row_of_a_backup_is_told_and_breaks_nothing(world: World) -> None:
    raw = open_raw(world)
    archive_log(night(world))
    for seq, mark in (("'many'", "x'00'"), ("1.5", "x'00'"), ("1", "CAST(x'ff' AS TEXT)")):
        raw.execute("DELETE FROM backup")
        raw.execute(
            f"INSERT INTO backup SELECT id, branch_id, 1, CAST(x'ff1b' AS TEXT), 1, '', '0003', {seq}, {mark}, 0, "
            "NULL, NULL, 0, '', NULL FROM log_archive"
        )
        (problem,) = checked(world).problems
        assert "was altered" in problem
        assert problem.isprintable()


@pytest.mark.parametrize("head", ["", "12", "x:00", "1:zz", f"-1:{'0' * 64}", f"1:{'0' * 63}"])
def test_what_is_no_head_is_refused(again: World, head: str) -> None:
    with pytest.raises(InvalidInput):
        checked(again, heads=(head,))


def restored(world: World, entries: int, *, named: bool = True) -> None:
    """What a restore does to the log: its newest entries become a fork, and an entry says so."""
    bank, raw = world.bank, open_raw(world)
    last = checked(world).last - entries
    before_mark = raw.execute("SELECT mark FROM log_entry WHERE seq = ?", (last,)).fetchone()[0]
    rows = raw.execute("SELECT * FROM log_entry WHERE seq > ? ORDER BY seq", (last,)).fetchall()
    path = archives(world) / f"fork-{last}-{len(list(archives(world).iterdir()))}.archive"
    fork = write_segment(
        path,
        kind=ArchiveKind.FORK,
        whose=Whose(bank.branch.id, bank.branch.bank, bank.branch.code),
        signing=bank.keys.signing,
        recipients=[own_recipient(bank.keys)],
        rows=rows,
        before_mark=before_mark,
    )
    cut_off(world, entries)
    said = {"fork": fork.digest, "first_seq": fork.first_seq, "last_seq": fork.last_seq} if named else {}
    system = actor_of(bank, raw)
    with bank.store.write() as connection:
        row = new_archive(bank.keys, fork, path.name, bank.clock.now(), None)
        connection.execute(insert(ARCHIVE).values(**row.model_dump()))
        write_entry(
            connection, bank.keys.chain, bank.branch.id, bank.clock.now(), system, "console", "backup.restore",
            Outcome.DONE, None, dict(said),
        )  # fmt: skip


def actor_of(bank: Bank, raw: Any) -> Actor:
    (account,) = raw.execute("SELECT id FROM account WHERE role = 'system'").fetchone()
    return Actor(UUID(bytes=account), None, None, "system", "System", Role.SYSTEM, frozenset())


def test_what_a_restore_took_out_is_accepted_where_its_fork_holds_it(world: World) -> None:
    check = checked(world)
    head = f"{check.last}:{check.head}"
    archives(world).mkdir()
    restored(world, 6)
    assert checked(world, heads=(head,), deep=True).problems == ()
    # A second restore goes back further, and takes the entry of the first one out as well.
    check = checked(world)
    later_head = f"{check.last}:{check.head}"
    restored(world, 20)
    for _ in range(30):
        with pytest.raises(Refused):
            logs.list_log(world.desk("teller"))
    assert checked(world, heads=(head, later_head), deep=True).problems == ()
    fork = next(archives(world).glob("fork-*-0.archive"))
    fork.unlink()
    (missing,) = checked(world, heads=(head,)).problems
    assert "is missing" in missing
    _, forged = checked(world, heads=(head.partition(":")[0] + ":" + "0" * 64,)).problems
    assert "is not the one in --head" in forged


def test_a_fork_that_no_restore_has_named_excuses_nothing(world: World) -> None:
    check = checked(world)
    archives(world).mkdir()
    restored(world, 6, named=False)
    (problem,) = checked(world, heads=(f"{check.last}:{check.head}",)).problems
    assert "its end was cut off" in problem
