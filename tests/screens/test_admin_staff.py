"""Staff at the keyboard of an administrator: added, activated, given and refused permissions, disabled."""

from __future__ import annotations

import re

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from bankcard_tui.errors import Refused
from bankcard_tui.rules.terms import Role
from bankcard_tui.screens.admin.staff import StaffScreen
from bankcard_tui.screens.admin.staff_file import StaffFileScreen
from bankcard_tui.screens.admin.staff_form import AddStaffScreen
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.profile import Identity
from bankcard_tui.services.staff import StaffFile, StaffRow, add_staff, list_staff, open_staff
from bankcard_tui.widgets.dialogs import Confirm, Message
from tests.branch import Town, id_number
from tests.screens.admin_kit import VIEWS, AdminApp, press, settled, typed
from tests.screens.widgets_kit import shown, speaking


def file_of(town: Town, username: str) -> StaffFile:
    return open_staff(town.desk("admin"), town.staff(username))


def row_of(town: Town, username: str) -> StaffRow:
    return next(row for row in list_staff(town.desk("admin")).items if row.username == username)


async def go_to(pilot: Pilot[None], username: str) -> None:
    """Put the cursor of the list on an account."""
    screen = pilot.app.screen
    assert isinstance(screen, StaffScreen)
    await press(pilot, "home")
    for _ in range(20):
        if screen.chosen is not None and screen.chosen.username == username:
            return
        await pilot.press("j")
    raise LookupError(username)


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_the_list_shows_everybody_with_role_and_status(town: Town, size: tuple[int, int], language: str) -> None:
    add_staff(town.desk("admin"), "newcomer", Identity(name="王小明", id_number=id_number(90)), Role.TELLER)
    app = AdminApp(town.desk("admin"), "staff")
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            text = shown(app)
            for row in list_staff(town.desk("admin")).items:
                assert row.username in text
            assert ("! To activate" if language == "en" else "! 待激活") in text
            assert ("+ In use" if language == "en" else "+ 正常") in text


async def test_the_list_can_show_one_role_only(town: Town) -> None:
    app = AdminApp(town.desk("admin"), "staff")
    async with app.run_test() as pilot:
        await settled(pilot)
        text = await press(pilot, "f", "3")
        assert "director" in text
        assert "teller2" not in text
        assert "admin2" not in text
        assert "teller2" in await press(pilot, "f", "1")


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_an_account_is_added_from_the_keyboard(town: Town, size: tuple[int, int], language: str) -> None:
    app = AdminApp(town.desk("admin"), "staff")
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            await press(pilot, "a")
            await typed(pilot, "Wang Fang")
            await pilot.press("enter")
            await typed(pilot, id_number(77))
            await pilot.pause()
            assert "1988-05-17" in shown(app)
            await pilot.press("enter")
            await typed(pilot, "wfang")
            await pilot.press("enter", "1")
            await press(pilot, "ctrl+s")
            assert isinstance(app.screen, StaffScreen)
            assert "wfang" in shown(app)
    row = row_of(town, "wfang")
    assert (row.name, row.role, row.waits_for_activation) == ("Wang Fang", Role.TELLER, True)
    assert "wfang" in app.told[-1]


async def test_what_is_wrong_with_a_new_account_stands_at_its_fields(town: Town) -> None:
    app = AdminApp(town.desk("admin"), AddStaffScreen)
    async with app.run_test() as pilot:
        await settled(pilot)
        await typed(pilot, "Wang Fang")
        await pilot.press("enter")
        await typed(pilot, id_number(77)[:-1] + "#")
        await pilot.press("enter")
        await typed(pilot, "teller")
        await pilot.press("enter", "1")
        text = await press(pilot, "ctrl+s")
        assert "17 digits and then a digit or X" in text
        assert app.focused is not None
        assert app.focused.id == "id_number"
        assert "Wang Fang" in text
        assert "Born: as the ID number says" in text
    assert len(list_staff(town.desk("admin")).items) == 7


async def test_what_was_typed_of_a_new_account_survives_leaving(town: Town) -> None:
    app = AdminApp(town.desk("admin"), "staff")
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "a")
        await typed(pilot, "Wang Fang")
        await press(pilot, "escape")
        await press(pilot, "a")
        assert "Wang Fang" in shown(app)


async def test_two_administrators_each_show_one_half_of_a_code(town: Town) -> None:
    add_staff(town.desk("admin"), "newcomer", Identity(name="New", id_number=id_number(90)), Role.TELLER)
    halves = []
    for admin, which in (("admin", "First half"), ("admin2", "Second half")):
        app = AdminApp(town.desk(admin), "staff")
        async with app.run_test() as pilot:
            await settled(pilot)
            await go_to(pilot, "newcomer")
            await press(pilot, "o")
            assert isinstance(app.screen, Confirm)
            text = await press(pilot, "y")
            assert isinstance(app.screen, Message)
            assert which in text
            assert "10:10" in text
            code = re.search(r"(?:[2-9A-Z] +){4}- +(?:[2-9A-Z] +){4}", text)
            assert code is not None
            halves.append(code[0].replace(" ", ""))
            assert halves[-1] not in await press(pilot, "enter")
    assert halves[0] != halves[1]


async def test_a_half_code_is_not_shown_without_a_yes(town: Town) -> None:
    add_staff(town.desk("admin"), "newcomer", Identity(name="New", id_number=id_number(90)), Role.TELLER)
    app = AdminApp(town.desk("admin"), "staff")
    async with app.run_test() as pilot:
        await settled(pilot)
        await go_to(pilot, "newcomer")
        await press(pilot, "o", "enter")
        assert isinstance(app.screen, StaffScreen)


async def test_who_has_a_password_gets_no_code(town: Town) -> None:
    app = AdminApp(town.desk("admin"), "staff")
    async with app.run_test() as pilot:
        await settled(pilot)
        await go_to(pilot, "teller")
        await press(pilot, "o", "y")
        assert isinstance(app.screen, StaffScreen)
        assert "has a password already" in app.told[-1]


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_permissions_are_changed_after_a_question_that_names_them(
    town: Town, size: tuple[int, int], language: str
) -> None:
    app = AdminApp(town.desk("admin"), "staff")
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            await go_to(pilot, "teller")
            await press(pilot, "enter")
            screen = app.screen
            assert isinstance(screen, StaffFileScreen)
            await choose(pilot, Permission.REVEAL_NUMBERS)
            await choose(pilot, Permission.ENTER_APPLICATIONS)
            text = shown(app)
            assert text.count("not saved" if language == "en" else "未保存") == 2
            text = await press(pilot, "ctrl+s")
            assert isinstance(app.screen, Confirm)
            assert ("+ See card numbers in full" if language == "en" else "+ 查看完整卡号") in text
            assert ("x Enter applications" if language == "en" else "x 录入申请") in text
            text = await press(pilot, "y")
            assert isinstance(app.screen, StaffFileScreen)
            assert ("not saved" if language == "en" else "未保存") not in text
            assert ("+ added" if language == "en" else "+ 已增加") in text
            assert ("x removed" if language == "en" else "x 已取消") in text
            await press(pilot, "escape")
            assert isinstance(app.screen, StaffScreen)
    file = file_of(town, "teller")
    assert file.added == {Permission.REVEAL_NUMBERS}
    assert file.removed == {Permission.ENTER_APPLICATIONS}


async def choose(pilot: Pilot[None], permission: Permission) -> None:
    """Toggle the line of a permission."""
    screen = pilot.app.screen
    assert isinstance(screen, StaffFileScreen)
    await pilot.press("home")
    for _ in range(30):
        place = screen.matrix.highlighted
        if place is not None and screen.matrix.get_option_at_index(place).id == permission.value:
            await pilot.press("space")
            return
        await pilot.press("j")
    raise LookupError(permission)


async def test_only_what_the_role_allows_can_be_chosen(town: Town) -> None:
    app = AdminApp(town.desk("admin"), lambda: StaffFileScreen(file_of(town, "teller")))
    async with app.run_test() as pilot:
        await settled(pilot)
        assert "Review applications" not in shown(app)
        assert "See card numbers in full" in shown(app)


async def test_changes_that_are_not_saved_are_not_lost_by_escape(town: Town) -> None:
    app = AdminApp(town.desk("admin"), "staff")
    async with app.run_test() as pilot:
        await settled(pilot)
        await go_to(pilot, "teller")
        await press(pilot, "enter")
        await choose(pilot, Permission.REVEAL_NUMBERS)
        await press(pilot, "escape")
        assert isinstance(app.screen, Confirm)
        text = await press(pilot, "n")
        assert "not saved" in text
        await press(pilot, "escape", "y")
        assert isinstance(app.screen, StaffScreen)
    assert file_of(town, "teller").added == frozenset()


async def test_changes_survive_a_change_of_the_language(town: Town) -> None:
    app = AdminApp(town.desk("admin"), lambda: StaffFileScreen(file_of(town, "teller")))
    async with app.run_test() as pilot:
        await settled(pilot)
        await choose(pilot, Permission.REVEAL_NUMBERS)
        app.speak("zh_CN")
        await settled(pilot)
        assert "未保存" in shown(app)
        app.speak("en")
        await settled(pilot)
        assert "not saved" in shown(app)


async def test_saving_nothing_changes_nothing(town: Town) -> None:
    version = row_of(town, "teller").version
    app = AdminApp(town.desk("admin"), lambda: StaffFileScreen(file_of(town, "teller")))
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "ctrl+s")
        assert "Nothing is changed" in app.told[-1]
    assert row_of(town, "teller").version == version


async def test_somebody_elses_change_in_the_meantime_is_not_overwritten(town: Town) -> None:
    file = file_of(town, "teller")
    app = AdminApp(town.desk("admin"), lambda: StaffFileScreen(file))
    async with app.run_test() as pilot:
        await settled(pilot)
        other = AdminApp(town.desk("admin2"), lambda: StaffFileScreen(file))
        async with other.run_test() as second:
            await settled(second)
            await choose(second, Permission.REVEAL_NUMBERS)
            await press(second, "ctrl+s", "y")
        await choose(pilot, Permission.ENTER_APPLICATIONS)
        await press(pilot, "ctrl+s", "y")
        assert "Somebody has changed this account" in app.told[-1]
        assert "not saved" in shown(app)
    assert file_of(town, "teller").removed == frozenset()


async def test_nobody_opens_or_disables_their_own_account(town: Town) -> None:
    app = AdminApp(town.desk("admin"), "staff")
    async with app.run_test() as pilot:
        await settled(pilot)
        await go_to(pilot, "admin")
        await press(pilot, "enter")
        assert isinstance(app.screen, StaffScreen)
        assert "Nobody acts on their own" in app.told[-1]
        await press(pilot, "d", "y")
        assert len(app.told) == 2
    assert row_of(town, "admin").disabled_at is None


@pytest.mark.parametrize(("size", "language"), VIEWS)
async def test_disabling_asks_first_with_the_cursor_on_cancel(town: Town, size: tuple[int, int], language: str) -> None:
    teller = town.desk("teller")
    app = AdminApp(town.desk("admin"), "staff")
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            await go_to(pilot, "teller")
            text = await press(pilot, "d")
            assert ("are kept" if language == "en" else "予以保留") in text
            await press(pilot, "enter")
            assert row_of(town, "teller").disabled_at is None
            await press(pilot, "d", "y")
            assert ("x Disabled" if language == "en" else "x 已停用") in shown(app)
    assert row_of(town, "teller").disabled_at is not None
    with pytest.raises(Refused):
        list_staff(teller)


async def test_an_opened_account_can_be_disabled_too(town: Town) -> None:
    app = AdminApp(town.desk("admin"), "staff")
    async with app.run_test() as pilot:
        await settled(pilot)
        await go_to(pilot, "teller")
        await press(pilot, "enter")
        await press(pilot, "d", "y")
        assert isinstance(app.screen, StaffScreen)
        assert "x Disabled" in shown(app)


async def test_the_birth_date_is_said_again_in_the_other_language(town: Town) -> None:
    app = AdminApp(town.desk("admin"), AddStaffScreen)
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press("enter")
        await typed(pilot, id_number(77))
        app.speak("zh_CN")
        await settled(pilot)
        born = app.screen.query_one(".born", Static)
        assert "出生日期 1988-05-17" in str(born.content)
