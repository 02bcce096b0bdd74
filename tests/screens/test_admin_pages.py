"""What every page of an administrator keeps: it opens for whom it is meant, fits, and can't be taken over by data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.screens.admin.archives import ArchivesScreen
from bankcard_tui.screens.admin.backup_restore import RestoreScreen
from bankcard_tui.screens.admin.chain import ChainScreen
from bankcard_tui.screens.admin.kits import KitsScreen
from bankcard_tui.screens.admin.policy import PolicyScreen
from bankcard_tui.screens.admin.signatures import AdminRequestScreen
from bankcard_tui.screens.admin.staff_file import StaffFileScreen
from bankcard_tui.screens.admin.staff_form import AddStaffScreen
from bankcard_tui.screens.common.base import DeskScreen
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.admin_requests import AdminRow, waiting_for_admins
from bankcard_tui.services.staff import open_staff
from bankcard_tui.widgets.dialogs import Message
from bankcard_tui.widgets.keybar import footer_fits
from tests.branch import Town
from tests.screens.admin_kit import PAGE, VIEWS, AdminApp, press, settled
from tests.screens.widgets_kit import HOSTILE, LANGUAGES, SIZES, assert_harmless, lines, shown, speaking
from tests.services.admins import asks_to_take_away, further_admin


def spoil(town: Town, *statements: tuple[str, tuple[object, ...]]) -> None:
    """Somebody writes into the store past the bank."""
    with town.bank.store.write() as connection:
        for statement, values in statements:
            connection.exec_driver_sql(statement, values)


def screens(town: Town) -> dict[str, Callable[[], DeskScreen]]:
    """Every screen of the package."""
    file = open_staff(town.desk("admin"), town.staff("teller"))
    request = a_request(town)
    found: dict[str, Callable[[], DeskScreen]] = {name: page.open for name, page in PAGE.items()}
    return found | {
        "staff_add": AddStaffScreen,
        "staff_file": lambda: StaffFileScreen(file),
        "request": lambda: AdminRequestScreen(request, lambda said: None),
        "archives": ArchivesScreen,
        "restore": lambda: RestoreScreen("/media/usb/a.backup"),
        "kits": KitsScreen,
    }


def a_request(town: Town) -> AdminRow:
    """What waits for a second admin: the first wants to take two permissions from the third."""
    if not waiting_for_admins(town.desk("admin")).items:
        asks_to_take_away(town, "admin", further_admin(town), Permission.PRUNE_LOGS, Permission.IMPORT)
    (row,) = waiting_for_admins(town.desk("admin")).items
    assert row.altered is False
    return row


NAMES = [*PAGE, "staff_add", "staff_file", "request", "archives", "restore", "kits"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_screen_opens_and_its_footer_fits(town: Town, name: str, language: str) -> None:
    town.applicant()
    with speaking(language):
        for size in SIZES:
            app = AdminApp(town.desk("admin"), screens(town)[name])
            async with app.run_test(size=size) as pilot:
                await settled(pilot)
                assert footer_fits(app.screen, size[0])
                assert_harmless(app)
                assert app.told == []
                assert "Loading" not in shown(app)
                help_text = await press(pilot, "f1")
                assert_harmless(app)
                assert ("Help" if language == "en" else "帮助") in help_text


@pytest.mark.parametrize("username", ["teller", "manager", "director"])
async def test_other_staff_have_none_of_these_pages_and_may_look_at_the_policy(town: Town, username: str) -> None:
    app = AdminApp(town.desk(username), PolicyScreen)
    assert app.pages == ()
    async with app.run_test() as pilot:
        await settled(pilot)
        assert "30,000.00 yuan" in shown(app)


@pytest.mark.parametrize("size", SIZES)
async def test_each_screen_speaks_the_other_language_at_once(town: Town, size: tuple[int, int]) -> None:
    for name, opening in screens(town).items():
        app = AdminApp(town.desk("admin"), opening)
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            english = shown(app)
            app.speak("zh_CN")
            await settled(pilot)
            assert shown(app) != english, name
            app.speak("en")
            await settled(pilot)
            assert shown(app) == english, name


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_names_and_details_in_the_store_can_do_no_harm(town: Town, text: str) -> None:
    customer, _ = town.applicant()
    opening, desk = screens(town), town.desk("admin2")
    spoil(
        town,
        ("UPDATE account SET display_name = ?", (text,)),
        ("UPDATE account SET username = substr(?, 1, 39) || substr(hex(id), 27) WHERE username <> 'system'", (text,)),
        ("UPDATE customer SET name = ?", (text,)),
        ("UPDATE policy_version SET note = ?", (text,)),
        (
            "UPDATE log_entry SET username = ?, terminal = ?, action = ?, outcome = ?, subject_kind = ?, "
            "detail = json_object('note', ?, ?, 1) WHERE seq % 2",
            (text,) * 7,
        ),
        ("UPDATE log_entry SET detail = ? WHERE seq % 2 = 0", (text,)),
    )
    assert customer
    for name in NAMES:
        app = AdminApp(desk, opening[name])
        async with app.run_test() as pilot:
            await settled(pilot)
            assert_harmless(app)
            await press(pilot, "enter")
            assert_harmless(app)
            assert app.is_running, name


async def test_texts_too_long_for_the_log_are_whole_in_the_opened_entry(town: Town) -> None:
    spoil(town, ("UPDATE log_entry SET detail = json_object('note', ?)", ("long " * 200 + "end of it",)))
    app = AdminApp(town.desk("admin"), "whole_log")
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "end", "enter")
        assert "end of it" in await press(pilot, *["pagedown"] * 8)


# The state of the branch


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_the_first_page_warns_while_there_is_one_administrator(
    town: Town, size: tuple[int, int], language: str
) -> None:
    for warned in (False, True):
        app = AdminApp(town.desk("admin"), "home")
        with speaking(language):
            async with app.run_test(size=size) as pilot:
                await settled(pilot)
                text = shown(app)
                assert ("! Only 1 active" if language == "en" else "! 仅 1 名在用") in text or not warned
                assert ("+ 2 active" if language == "en" else "+ 2 名在用") in text or warned
                assert ("Version 1" if language == "en" else "第 1 版") in text
        if not warned:
            spoil(town, ("UPDATE account SET disabled_at = created_at WHERE username = 'admin2'", ()))


@pytest.mark.parametrize("page", ["home", "whole_log"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_chain_is_checked_and_holds(town: Town, page: str, language: str) -> None:
    app = AdminApp(town.desk("admin"), page)
    with speaking(language):
        async with app.run_test() as pilot:
            await settled(pilot)
            text = await press(pilot, "v")
            assert ("+ The chain holds" if language == "en" else "+ 日志链完整") in text


@pytest.mark.parametrize("page", ["home", "whole_log"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_changed_entry_is_named_and_the_page_stays_usable(town: Town, page: str, language: str) -> None:
    spoil(town, ("UPDATE log_entry SET detail = 'not JSON' WHERE seq = 3", ()))
    app = AdminApp(town.desk("admin"), page)
    with speaking(language):
        async with app.run_test() as pilot:
            await settled(pilot)
            text = await press(pilot, "v")
            assert isinstance(app.screen, Message)
            assert ("entry 3 was changed" if language == "en" else "第 3 条被改动") in text
            text = await press(pilot, "escape")
            assert ("x The chain is broken" if language == "en" else "x 日志链已损坏") in text


async def test_while_the_chain_is_checked_the_page_says_so_and_one_check_runs(town: Town) -> None:
    app = AdminApp(town.desk("admin"), "home")
    async with app.run_test() as pilot:
        await settled(pilot)
        screen = app.screen
        assert isinstance(screen, ChainScreen)
        screen.action_verify()
        assert screen.checking
        assert "Checking every entry" in screen.chain_words().plain
        running = [worker for worker in app.workers if "chain" in worker.group]
        screen.action_verify()
        assert [worker for worker in app.workers if "chain" in worker.group] == running
        await settled(pilot)
        assert not screen.checking


async def test_a_check_survives_a_change_of_the_language(town: Town) -> None:
    app = AdminApp(town.desk("admin"), "whole_log")
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "v")
        app.speak("zh_CN")
        await settled(pilot)
        assert "日志链完整" in shown(app)


# Sign-ins and policy


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_customers_are_listed_with_registration_and_last_sign_in(
    town: Town, clock: SimulatedClock, size: tuple[int, int], language: str
) -> None:
    town.registers("zhang", "Zhang Wei")
    town.sign_in("zhang")
    clock.advance(timedelta(minutes=1))
    town.teller_registers("lina", "Li Na")
    app = AdminApp(town.desk("admin"), "sign_ins")
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            text = shown(app)
            assert text.index("Li Na") < text.index("Zhang Wei")
            assert "2026-03-02 10:00" in text
            assert ("never" if language == "en" else "从未") in text
            assert "13800138000" not in text
            assert "lina" in await press(pilot, "enter")
            assert isinstance(app.screen, Message)


async def test_an_empty_list_of_customers_says_why(town: Town) -> None:
    app = AdminApp(town.desk("admin"), "sign_ins")
    async with app.run_test() as pilot:
        await settled(pilot)
        assert "No customer has registered yet" in shown(app)


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_the_whole_policy_can_be_read_by_keys(town: Town, size: tuple[int, int], language: str) -> None:
    app = AdminApp(town.desk("admin"), "policy")
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            seen = lines(app)
            for _ in range(12):
                await pilot.press("pagedown")
                await pilot.pause()
                seen += lines(app)
            text = "\n".join(seen)
            for figure in ("50,000.00", "623500", "expert-2", "300,000.00"):
                assert figure in text
            assert text.count("Loading") == 0
