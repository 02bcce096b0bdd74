"""Backups at the keyboard: made, verified, opened, drilled and restored, with what came of it on the page."""

from __future__ import annotations

import re
import stat
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from bankcard_tui.app import BankApp
from bankcard_tui.backup.kit import kit_content, parse_kit
from bankcard_tui.backup.unpack import kit_inside
from bankcard_tui.config import Home
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.desk.registry import Secret
from bankcard_tui.screens.admin.backup_restore import RestoreScreen
from bankcard_tui.screens.admin.backup_words import size_words
from bankcard_tui.screens.admin.backups import BackupsScreen
from bankcard_tui.screens.admin.kits import KitsScreen
from bankcard_tui.screens.login import LoginScreen
from bankcard_tui.services.backup_recipients import list_recipients
from bankcard_tui.services.backup_records import BackupView, home_of, list_backups
from bankcard_tui.services.backups import make_backup, make_kit
from bankcard_tui.services.logs import list_log
from bankcard_tui.services.restore_authority import Proof
from bankcard_tui.services.restores import restore_backup
from bankcard_tui.widgets.dialogs import Ask, Choose, Confirm, Message
from bankcard_tui.widgets.form import Form
from tests.branch import PASSWORD, Town
from tests.screens.admin_kit import VIEWS, AdminApp, press, settled, typed
from tests.screens.app_kit import application, running, sign_in, until, words
from tests.screens.widgets_kit import shown, speaking
from tests.services.phone import enrol

PASSPHRASE = "nineteen copper herons asleep"


@pytest.fixture
def kit(town: Town, tmp_path: Path) -> Path:
    """A recovery kit on a medium."""
    path = tmp_path / "branch.kit"
    make_kit(town.bank, town.desk("admin"), path, "safe", None)
    return path


@pytest.fixture
def backup(town: Town, kit: Path) -> BackupView:
    return make_backup(town.bank, town.desk("admin"))


def file_of(town: Town, backup: BackupView) -> Path:
    return home_of(town.bank).backups / backup.file


def says(app: App[Any]) -> str:
    """What stands on the terminal as running text, without the frames around it."""
    return " ".join(re.sub("[\u2500-\u257f]", " ", shown(app)).split())


async def tells(pilot: Pilot[None], text: str) -> None:
    """Wait for what comes of work under way."""
    await until(pilot, lambda: text in says(pilot.app))


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_without_any_backup_the_page_says_what_is_missing_and_which_key_makes_it(
    town: Town, size: tuple[int, int], language: str
) -> None:
    app = AdminApp(town.desk("admin"), "backups")
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            text = shown(app)
            assert ("! none yet  b makes one." if language == "en" else "! 尚无  按 b 备份。") in text
            assert ("! none  m makes one" if language == "en" else "! 无  按 m 制作") in text
            assert ("There is no backup yet" if language == "en" else "尚无备份") in text


async def test_a_kit_is_made_before_the_first_backup(town: Town, tmp_path: Path) -> None:
    app = AdminApp(town.desk("admin"), "backups")
    path = tmp_path / "new.kit"
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "b")
        assert isinstance(app.screen, Choose)
        text = await press(pilot, "m")
        assert isinstance(app.screen, Ask)
        assert "Whoever has this file can open every backup" in text
        await typed(pilot, str(path))
        await press(pilot, "ctrl+s")
        assert isinstance(app.screen, Message)
        await tells(pilot, "second copy in another house")
        assert parse_kit(kit_content(path)).branch == town.bank.branch.name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        await press(pilot, "enter")
        await tells(pilot, "+ 1 registered")
        await press(pilot, "b")
        await tells(pilot, "+ Backup 1 is made")
    assert [each.verified for each in list_backups(town.desk("admin")).items] == [True]


async def test_without_a_kit_a_backup_is_made_and_drilled_under_a_passphrase(town: Town) -> None:
    app = AdminApp(town.desk("admin"), "backups")
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "b", "p")
        for again, problem in (("nineteen copper herons awake", "differ"), (PASSPHRASE, "")):
            await typed(pilot, PASSPHRASE)
            await pilot.press("down")
            await typed(pilot, again)
            await press(pilot, "ctrl+s")
            if problem:
                await tells(pilot, problem)
                form = app.screen.query_one(Form)
                form.fill({"passphrase": "", "again": ""})
                form.focus()
        await tells(pilot, "+ Backup 1 is made")
        (made,) = list_backups(town.desk("admin")).items
        assert made.verified
        assert kit_inside(file_of(town, made), PASSPHRASE).branch == town.bank.branch.name
        await press(pilot, "d", "down")
        await typed(pilot, PASSPHRASE)
        await pilot.press("down")
        await typed(pilot, PASSWORD)
        await press(pilot, "ctrl+s")
        await tells(pilot, "+ The drill went well")


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_a_kit_that_was_seen_is_taken_off_the_list(
    town: Town, kit: Path, size: tuple[int, int], language: str
) -> None:
    app = AdminApp(town.desk("admin"), "backups")
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            text = await press(pilot, "l")
            assert isinstance(app.screen, KitsScreen)
            assert "safe" in text
            assert ("+ In force" if language == "en" else "+ 有效") in text
            assert "age1" in await press(pilot, "enter")
            await press(pilot, "escape", "t")
            assert isinstance(app.screen, Confirm)
            await tells(pilot, "It is the last one in force" if language == "en" else "这是最后一份有效的恢复包")
            await press(pilot, "enter")
            assert [each.removed_at for each in list_recipients(town.desk("admin")).items] == [None]
            await press(pilot, "t", "y")
            await tells(pilot, "- Out of use" if language == "en" else "- 已停用")
            assert [each.removed_at is None for each in list_recipients(town.desk("admin")).items] == [False]
            assert not app.screen.check_action("take_out", ())
            await press(pilot, "escape")
            await tells(pilot, "! none m makes one" if language == "en" else "! 无 按 m 制作")


async def test_a_kit_beside_the_store_is_warned_of(town: Town) -> None:
    app = AdminApp(town.desk("admin"), "backups")
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "m")
        await typed(pilot, str(home_of(town.bank).backups / "here.kit"))
        assert "! It lies beside what it is to rescue" in await press(pilot, "ctrl+s")


@pytest.mark.parametrize(
    ("path", "passphrase", "again", "problem"),
    [
        ("kit", "", "", "not the whole path"),
        ("/no/such/folder/kit", "", "", "can't be used"),
        ("", "violet harbour seven lanterns", "violet harbour seven", "The two passphrases differ."),
        ("", "short", "short", "at least 15"),
    ],
)
async def test_a_kit_that_can_not_be_made_so_says_why_at_its_form(
    town: Town, tmp_path: Path, path: str, passphrase: str, again: str, problem: str
) -> None:
    app = AdminApp(town.desk("admin"), "backups")
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "m")
        for text in (path or str(tmp_path / "new.kit"), "", passphrase, again):
            if text:
                await typed(pilot, text)
            await pilot.press("down")
        await press(pilot, "ctrl+s")

        await tells(pilot, problem)
        assert isinstance(app.screen, Ask)
    assert not (tmp_path / "new.kit").exists()


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_a_backup_is_made_with_ticks_and_stands_at_the_top_of_the_list(
    town: Town, backup: BackupView, clock: SimulatedClock, size: tuple[int, int], language: str
) -> None:
    clock.advance(timedelta(minutes=5))
    app = AdminApp(town.desk("admin"), "backups")
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            assert ("(5 min)" if language == "en" else "(5 分钟)") in shown(app)
            await press(pilot, "b")
            await tells(pilot, "+ Backup 2 is made" if language == "en" else "+ 第 2 号备份已完成")
            await settled(pilot)
            assert ("+ In full" if language == "en" else "+ 全部通过") in shown(app)
            page = app.screen
            assert isinstance(page, BackupsScreen)
            assert page.table.page.rows[0].cells[0] == "2"
            text = await press(pilot, "enter")
            assert isinstance(app.screen, Message)
            assert "bankcard-" in text


async def test_verifying_shows_each_level_and_a_damaged_backup_what_is_wrong(town: Town, backup: BackupView) -> None:
    app = AdminApp(town.desk("admin"), "backups")
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "v")
        await tells(pilot, "+ Signature + Decryption + Store + Log and values + Trial restore")
        await tells(pilot, "v Verify again")
        path = file_of(town, backup)
        content = bytearray(path.read_bytes())
        content[-3000] ^= 1  # in the encrypted store, which is the last part
        path.write_bytes(content)
        await press(pilot, "v")
        await tells(pilot, "+ Signature x Decryption The file is damaged or was altered.")
        text = await press(pilot, "x")
        assert "Decryption" not in text


async def test_while_a_backup_is_made_nothing_else_of_the_kind_begins(town: Town, backup: BackupView) -> None:
    app = AdminApp(town.desk("admin"), "backups")
    async with app.run_test() as pilot:
        await settled(pilot)
        page = app.screen
        assert isinstance(page, BackupsScreen)
        page.action_back_up()
        offered = {action for action in ("back_up", "verify", "restore", "drill") if page.check_action(action, ())}
        assert offered == set()
        assert page.check_action("back", ())
        await settled(pilot)
        assert page.check_action("back_up", ())


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_a_drill_restores_the_newest_backup_with_the_kit_and_is_remembered(
    town: Town, backup: BackupView, kit: Path, size: tuple[int, int], language: str
) -> None:
    app = AdminApp(town.desk("admin"), "backups")
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            await press(pilot, "d")
            await typed(pilot, str(kit))
            await pilot.press("down", "down")
            await typed(pilot, PASSWORD)
            await press(pilot, "ctrl+s")
            await tells(pilot, "+ The drill went well" if language == "en" else "+ 恢复演练成功")
            await until(pilot, lambda: shown(app).count("+ 2026-03-02") == 2)  # backup and drill


# Restoring


def bank_app(town: Town, clock: SimulatedClock) -> BankApp:
    return application(Home(home_of(town.bank).folder), clock)


async def ask_to_restore(
    pilot: Pilot[None], app: BankApp, colleague: str = "admin2", theirs: str = PASSWORD
) -> RestoreScreen:
    """The form, filled in without codes and sent."""
    app.open_page("backups")
    await settled(pilot)
    await pilot.press("r")
    await settled(pilot)
    assert isinstance(app.screen, RestoreScreen)
    for text in (PASSWORD, "", colleague, theirs):
        if text:
            await typed(pilot, text)
        await pilot.press("down")
    await pilot.press("ctrl+s")
    return app.screen


@pytest.mark.parametrize("answer", ["y", "n"])
async def test_a_restore_says_what_is_lost_and_then_everybody_signs_in_anew(
    town: Town, backup: BackupView, clock: SimulatedClock, answer: str
) -> None:
    clock.advance(timedelta(minutes=1))
    town.registers("zhang", "Zhang Wei")
    app = bank_app(town, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "admin")
        await ask_to_restore(pilot, app)
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        text = words(app)
        assert "Everything done since 2026-03-02 10:00 is undone" in text
        assert "Every terminal has to sign in anew" in text
        assert "before-restore" in text
        await pilot.press(answer)
        if answer == "y":
            await until(pilot, lambda: isinstance(app.screen, LoginScreen))
            assert "The branch was restored from backup 1." in words(app)
            assert not app.signed_in
        else:
            await until(pilot, lambda: "! This was stopped." in words(app))
    newer = list_log(town.sign_in("admin"), action="customer.register_self").items
    assert len(newer) == (1 if answer == "n" else 0)


@pytest.mark.parametrize(
    ("colleague", "theirs", "problem"),
    [
        ("", "", "a second admin has to agree"),
        ("admin2", "a wrong password of hers", "The name and the password do not fit together"),
        ("admin", PASSWORD, "have to be two persons"),
        ("admin2", "", "Their password is missing."),
    ],
)
async def test_who_may_not_restore_reads_why_and_types_only_the_passwords_again(
    town: Town, backup: BackupView, clock: SimulatedClock, colleague: str, theirs: str, problem: str
) -> None:
    clock.advance(timedelta(minutes=1))
    town.registers("zhang", "Zhang Wei")
    app = bank_app(town, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "admin")
        await ask_to_restore(pilot, app, colleague, theirs)
        await until(pilot, lambda: problem in words(app))
        screen = app.screen
        assert isinstance(screen, RestoreScreen)
        assert screen.form.raw("file") == str(file_of(town, backup))
        assert screen.form.raw("colleague") == colleague
        assert not screen.form.busy


async def test_whose_second_factor_is_missing_stands_at_the_field_and_only_the_code_is_typed(
    town: Town, backup: BackupView, clock: SimulatedClock
) -> None:
    phones = {name: enrol(town.desk(name)) for name in ("admin", "admin2")}
    app = bank_app(town, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "admin", phones["admin"].shows())
        clock.advance(timedelta(minutes=1))
        screen = await ask_to_restore(pilot, app)
        for field, name in (("code", "admin"), ("colleague_code", "admin2")):
            row = screen.form.rows[field]
            await until(pilot, partial(lambda row: row.problem is not None, row))
            assert words(app).count("This account has a second factor. Type the six digits of the app.") == 1
            assert app.focused is row.input
            await typed(pilot, phones[name].shows())
            await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("n")


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_the_form_of_a_restore_asks_at_once_only_for_what_everybody_gives(
    town: Town, kit: Path, size: tuple[int, int], language: str
) -> None:
    with speaking(language):
        app = AdminApp(town.desk("admin"), lambda: RestoreScreen("/media/usb/a.backup"))
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            screen = app.screen
            assert isinstance(screen, RestoreScreen)
            form = screen.form
            asked = {"file", "password", "code", "colleague", "kit"}
            assert set(form.draft()) == asked
            form.rows["colleague"].input.focus()
            await typed(pilot, "admin2")
            asked |= {"colleague_password", "colleague_code"}
            assert set(form.draft()) == asked
            form.rows["kit"].input.focus()
            await typed(pilot, str(kit))
            assert set(form.draft()) == asked | {"passphrase"}
            assert form.max_scroll_y == 0
            app.speak("en" if language == "zh_CN" else "zh_CN")
            await settled(pilot)
            assert set(screen.form.draft()) == asked | {"passphrase"}
            assert screen.form.raw("colleague") == "admin2"


@pytest.mark.parametrize("language", ["en", "zh_CN"])
async def test_a_terminal_that_nobody_touches_leaves_the_old_data_when_another_one_restores(
    town: Town, backup: BackupView, clock: SimulatedClock, language: str
) -> None:
    clock.advance(timedelta(minutes=1))
    town.registers("zhang", "Zhang Wei")
    home = home_of(town.bank)
    app = application(Home(home.folder), clock, language)
    async with running(app) as pilot:
        await sign_in(pilot, app, "teller")
        clock.advance(timedelta(minutes=1))
        proofs = [Proof(name, Secret(PASSWORD)) for name in ("admin", "admin2")]
        restore_backup(home, home.key, file_of(town, backup), admins=proofs, clock=clock, cost=4)
        app.watch_time()
        await until(pilot, lambda: isinstance(app.screen, LoginScreen))
        assert ("A backup was restored" if language == "en" else "已恢复备份") in words(app)
        assert len(app.screen_stack) == 1
        assert not app.signed_in


def test_sizes_are_said_in_the_unit_that_fits() -> None:
    assert [size_words(size) for size in (999, 1_500, 41_000_000, 2_500_000_000)] == [
        "999 B",
        "1.5 kB",
        "41.0 MB",
        "2.5 GB",
    ]
