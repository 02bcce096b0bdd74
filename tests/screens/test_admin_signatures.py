"""What one admin alone can't do, at the keyboard: asked for, found on the page To sign, signed, refused, taken back."""

from __future__ import annotations

import pytest

from bankcard_tui.screens.admin.signatures import AdminRequestScreen, AdminSignaturePage
from bankcard_tui.screens.admin.staff import StaffScreen
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.admin_requests import waiting_for_admins
from bankcard_tui.widgets.dialogs import Confirm
from tests.branch import Town, id_number
from tests.screens.admin_kit import VIEWS, AdminApp, press, settled, typed
from tests.screens.test_admin_staff import choose, go_to, row_of
from tests.screens.widgets_kit import shown, speaking
from tests.services.admins import asks_to_disable, asks_to_take_away, file_of, further_admin


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_a_second_admin_reads_what_is_asked_for_and_signs(
    town: Town, size: tuple[int, int], language: str
) -> None:
    third = further_admin(town)
    asks_to_take_away(town, "admin", third, Permission.PRUNE_LOGS)
    english = language == "en"
    app = AdminApp(town.desk("admin2"), "to_sign")
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            text = shown(app)
            assert "admin3" in text
            assert ("> to be signed by you" if english else "> 待您会签") in text
            text = await press(pilot, "enter")
            assert isinstance(app.screen, AdminRequestScreen)
            for part in ("x Prune the archived log", "Admin One") if english else ("x ", "Admin One", "经办人"):
                assert part in text
            text = await press(pilot, "g")
            assert isinstance(app.screen, Confirm)
            assert file_of(town, third).removed == frozenset()
            text = await press(pilot, "y")
            assert isinstance(app.screen, AdminSignaturePage)
            assert ("+ signed and done" if english else "+ 已会签并执行") in text
            assert ("Nothing waits" if english else "没有待会签") in text or english is False
    assert file_of(town, third).removed == {Permission.PRUNE_LOGS}


async def test_the_maker_can_not_sign_and_takes_it_back(town: Town) -> None:
    third = further_admin(town)
    asks_to_disable(town, "admin", third)
    app = AdminApp(town.desk("admin"), "to_sign")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        text = shown(app)
        assert "~ waits for others" in text
        assert "Give signature" not in text
        await press(pilot, "g")
        assert isinstance(app.screen, AdminSignaturePage)
        text = await press(pilot, "t", "y")
        assert "- Withdrawn" in text
        assert "nothing is changed" in text
    assert waiting_for_admins(town.desk("admin")).items == ()


async def test_a_refusal_to_sign_needs_a_note(town: Town) -> None:
    third = further_admin(town)
    asks_to_disable(town, "admin", third)
    app = AdminApp(town.desk("admin2"), "to_sign")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "f")
        assert "This is needed" in await press(pilot, "ctrl+s")
        await typed(pilot, "She works here.")
        assert "nothing is changed" in await press(pilot, "ctrl+s")
    assert file_of(town, third).row.disabled_at is None


async def test_whom_it_concerns_reads_it_and_can_do_nothing(town: Town) -> None:
    asks_to_disable(town, "admin", further_admin(town))
    app = AdminApp(town.desk("admin3"), "to_sign")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        text = await press(pilot, "enter")
        assert "- not yours to sign" in text
        for key in "gft":
            await press(pilot, key)
            assert isinstance(app.screen, AdminRequestScreen)


async def test_an_altered_request_is_shown_as_such_and_opens_nothing(town: Town) -> None:
    asks_to_disable(town, "admin", further_admin(town))
    with town.bank.store.write() as connection:
        connection.exec_driver_sql("UPDATE request SET payload = '{}'")
    app = AdminApp(town.desk("admin2"), "to_sign")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "! altered in the store" in shown(app)
        assert "Do not sign" in await press(pilot, "enter", "g")
        assert isinstance(app.screen, AdminSignaturePage)


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_a_change_of_an_admins_permissions_says_that_it_waits(
    town: Town, size: tuple[int, int], language: str
) -> None:
    third = further_admin(town)
    app = AdminApp(town.desk("admin"), "staff")
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            await go_to(pilot, "admin3")
            await press(pilot, "enter")
            await choose(pilot, Permission.IMPORT)
            await press(pilot, "ctrl+s", "y")
            assert isinstance(app.screen, StaffScreen)
            assert ("waits for a second admin" if language == "en" else "尚未生效") in app.told[-1]
    assert file_of(town, third).removed == frozenset()
    assert len(waiting_for_admins(town.desk("admin2")).items) == 1


async def test_with_two_admins_nobody_can_sign_about_the_other_and_that_is_said(town: Town) -> None:
    app = AdminApp(town.desk("admin"), "staff")
    async with app.run_test() as pilot:
        await settled(pilot)
        await go_to(pilot, "admin2")
        await press(pilot, "d", "y")
        assert "needs the signature of another admin" in app.told[-1]
    assert row_of(town, "admin2").disabled_at is None


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_an_account_is_disabled_and_comes_back(town: Town, size: tuple[int, int], language: str) -> None:
    app = AdminApp(town.desk("admin"), "staff")
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            await go_to(pilot, "teller")
            await press(pilot, "e")
            assert isinstance(app.screen, StaffScreen), "it is in force"
            await press(pilot, "d", "y")
            await go_to(pilot, "teller")
            await press(pilot, "d")
            assert isinstance(app.screen, StaffScreen), "it is disabled already"
            text = await press(pilot, "e", "y")
            assert ("! To activate" if language == "en" else "! 待激活") in text
    row = row_of(town, "teller")
    assert (row.disabled_at, row.waits_for_activation) == (None, True)


async def test_a_further_admin_is_added_disabled_and_enabled_by_two(town: Town) -> None:
    app = AdminApp(town.desk("admin"), "staff")
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "a")
        await typed(pilot, "Wang Fang")
        await pilot.press("enter")
        await typed(pilot, id_number(77))
        await pilot.press("enter")
        await typed(pilot, "wfang")
        await pilot.press("enter", "3")
        text = await press(pilot, "ctrl+s")
        assert "works once another admin has signed it" in app.told[-1]
        assert "! To confirm" in text
    other = AdminApp(town.desk("admin2"), "to_sign")
    async with other.run_test() as pilot:
        await settled(pilot)
        assert "+ signed and done" in await press(pilot, "g", "y")
    row = row_of(town, "wfang")
    assert (row.disabled_at, row.waits_for_activation) == (None, True)


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_the_first_page_counts_what_waits_for_this_admin(
    town: Town, size: tuple[int, int], language: str
) -> None:
    asks_to_disable(town, "admin", further_admin(town))
    for username, waits in (("admin2", True), ("admin", False), ("admin3", False)):
        app = AdminApp(town.desk(username), "home")
        with speaking(language):
            async with app.run_test(size=size) as pilot:
                await settled(pilot)
                text = shown(app)
                assert ("! 1 request waits for you" if language == "en" else "! 1 项待您会签") in text or not waits
                assert ("+ No request waits for you" if language == "en" else "+ 没有待您会签的事项") in text or waits
