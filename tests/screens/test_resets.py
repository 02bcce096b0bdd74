"""Resets at the keyboard: of a customer's password at the counter, of a colleague's by an administrator."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from bankcard_tui.config import Home
from bankcard_tui.desk.registry import Secret
from bankcard_tui.errors import Refused
from bankcard_tui.rules.terms import ChannelKind
from bankcard_tui.screens.admin.staff import StaffScreen
from bankcard_tui.screens.admin.staff_file import StaffFileScreen
from bankcard_tui.screens.teller.customer_file import CustomerFileScreen
from bankcard_tui.services import channels
from bankcard_tui.services.customers import open_file
from bankcard_tui.services.second_factor_check import is_enrolled
from bankcard_tui.services.sign_in import me, sign_in
from bankcard_tui.services.staff import open_staff
from bankcard_tui.widgets.dialogs import Ask, Confirm, Message
from bankcard_tui.widgets.keybar import footer_fits
from tests.branch import PASSWORD, Town
from tests.screens.account_kit import letters_in, newest_code, sending
from tests.screens.admin_kit import AdminApp
from tests.screens.teller_kit import Terminal
from tests.screens.terminal_kit import messages, settled, told, until
from tests.screens.widgets_kit import HOSTILE, LANGUAGES, SIZES, assert_harmless, speaking
from tests.services.phone import enrol


async def press(pilot: Pilot[None], *names: str) -> str:
    for name in names:
        await pilot.press(name)
        await settled(pilot)
    return told(pilot)


def has_a_channel(town: Town, home: Home, username: str) -> None:
    """Somebody has confirmed an own channel."""
    town.bank.delivery = sending(home)
    channels.propose(town.desk(username), ChannelKind.SMS, "13800138000", Secret(PASSWORD))
    channels.confirm(town.desk(username), Secret(newest_code(home)))


def cannot_sign_in(town: Town, username: str) -> bool:
    try:
        sign_in(town.bank.lobby("elsewhere"), username, PASSWORD)
    except Refused:
        return True
    return False


# --- a customer's, at the counter ------------------------------------------------------------------------------------


async def test_a_teller_who_has_seen_the_id_starts_a_reset(town: Town) -> None:
    zhang = town.registers("zhang")
    desk = town.desk("zhang")
    app = Terminal(town.desk("teller"), lambda: CustomerFileScreen(zhang.customer_id))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "+ activated")
        said = await press(pilot, "r")
        assert "Reset the password of Zhang Wei?" in said
        assert "The password stops working now, and open sessions end." in said
        assert "See the customer's original ID first." in await press(pilot, "up", "enter")
        assert not cannot_sign_in(town, "zhang")
        said = await press(pilot, "space", "enter", "enter")
        assert "Zhang Wei has no own channel. Two colleagues each show a half-code with o" in said
        await press(pilot, "enter")
        await until(pilot, "! waits for activation")
        # The next step is the one that was said.
        assert "Show half of an activation code?" in await press(pilot, "o")
    assert cannot_sign_in(town, "zhang")
    with pytest.raises(Refused):
        me(desk)


async def test_a_code_goes_to_the_own_channel_and_can_be_sent_again(town: Town, home: Home) -> None:
    zhang = town.registers("zhang")
    has_a_channel(town, home, "zhang")
    app = Terminal(town.desk("teller"), lambda: CustomerFileScreen(zhang.customer_id))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "+ activated")
        said = await press(pilot, "r", "tab", "space", "ctrl+s")
        assert "A code was sent to +86 138****8000. It is good until 2026-03-02 10:10." in said
        first = newest_code(home)
        assert first not in said
        assert "Send Zhang Wei a new code?" in await press(pilot, "enter", "r")
        letters = len(list(letters_in(home).iterdir()))
        await press(pilot, "n")
        assert len(list(letters_in(home).iterdir())) == letters
        assert "A code was sent to +86 138****8000." in await press(pilot, "r", "y")
        assert newest_code(home) != first


async def test_without_a_channel_no_new_code_is_sent_and_the_other_way_is_named(town: Town) -> None:
    zhang = town.registers("zhang")
    app = Terminal(town.desk("teller"), lambda: CustomerFileScreen(zhang.customer_id))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, "+ activated")
        await press(pilot, "r", "tab", "space", "ctrl+s", "enter", "r", "y")
        assert any("Two colleagues each show a half-code instead." in said for said in messages(pilot))


async def test_a_manager_is_not_offered_a_reset(town: Town) -> None:
    zhang = town.registers("zhang")
    app = Terminal(town.desk("manager"), lambda: CustomerFileScreen(zhang.customer_id))
    app.pages = ()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "r")
        assert isinstance(app.screen, CustomerFileScreen)


# --- a colleague's, by an administrator ------------------------------------------------------------------------------


async def go_to(pilot: Pilot[None], username: str) -> None:
    screen = pilot.app.screen
    assert isinstance(screen, StaffScreen)
    await press(pilot, "home")
    while screen.chosen is None or screen.chosen.username != username:
        await press(pilot, "j")


@pytest.mark.parametrize("lost", [False, True])
async def test_an_admin_resets_a_colleague_whose_phone_may_be_lost_too(town: Town, lost: bool) -> None:
    enrol(town.desk("teller"))
    account = town.staff("teller")
    app = AdminApp(town.desk("admin"), "staff")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await go_to(pilot, "teller")
        assert "[ ] The second factor is lost too" in await press(pilot, "r")
        said = await press(pilot, "tab", *(["space"] if lost else []), "ctrl+s")
        assert isinstance(app.screen, Message)
        assert "Teller has no own channel." in said
        assert "! To activate" in await press(pilot, "enter")
    with town.bank.store.read() as connection:
        assert is_enrolled(connection, account) != lost
    assert cannot_sign_in(town, "teller")


async def test_from_the_opened_account_the_same_key_resets_and_shows_how_it_stands(town: Town) -> None:
    file = open_staff(town.desk("admin"), town.staff("teller"))
    app = AdminApp(town.desk("admin"), lambda: StaffFileScreen(file))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "r", "tab", "ctrl+s", "enter")
        assert isinstance(app.screen, StaffFileScreen)
        assert "! To activate" in told(pilot)


@pytest.mark.parametrize("key", ["escape", "enter"])
async def test_escape_or_enter_on_cancel_where_the_cursor_stands_resets_nobody(town: Town, key: str) -> None:
    app = AdminApp(town.desk("admin"), "staff")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await go_to(pilot, "teller")
        await press(pilot, "r")
        assert isinstance(app.screen, Ask)
        await press(pilot, "ctrl+s", key)
        assert isinstance(app.screen, StaffScreen)
    assert not cannot_sign_in(town, "teller")


async def test_nobody_resets_the_own_account(town: Town) -> None:
    app = AdminApp(town.desk("admin"), "staff")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await go_to(pilot, "admin")
        await press(pilot, "r", "tab", "ctrl+s")
        assert isinstance(app.screen, Ask)
    assert not cannot_sign_in(town, "admin")


# --- how it looks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_step_of_a_reset_fits(town: Town, home: Home, language: str, size: tuple[int, int]) -> None:
    has_a_channel(town, home, "teller")
    app = AdminApp(town.desk("admin"), "staff")
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            await go_to(pilot, "teller")
            for keys, screen in (
                (("r",), Ask),
                (("tab", "ctrl+s"), Message),
                (("enter", "r"), Confirm),
                (("y",), Message),
            ):
                await press(pilot, *keys)
                assert isinstance(app.screen, screen)
                assert footer_fits(app.screen, size[0])
                box = app.screen.query_one(".box")
                assert app.screen.region.contains_region(box.region)


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_a_hostile_name_does_no_harm_in_a_reset(town: Town, hostile: str) -> None:
    zhang = town.registers("zhang")
    with town.bank.store.write() as connection:
        connection.exec_driver_sql("UPDATE customer SET name = ?", (hostile,))
    assert open_file(town.desk("teller"), zhang.customer_id).name == hostile
    app = Terminal(town.desk("teller"), lambda: CustomerFileScreen(zhang.customer_id))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        for keys in (("r",), ("space", "ctrl+s"), ("enter",), ("r",)):
            await press(pilot, *keys)
            assert_harmless(app)
