"""The counter's screens in both languages and sizes: for whom they open, what they offer, and that nothing in the
store can steer the terminal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from rich.cells import cell_len
from sqlalchemy import text
from textual.events import Paste
from textual.screen import Screen

from bankcard_tui.locale import catalogue, tr
from bankcard_tui.screens import teller
from bankcard_tui.screens.teller import PAGES
from bankcard_tui.screens.teller.application_file import ApplicationScreen
from bankcard_tui.screens.teller.applications import ApplicationsScreen
from bankcard_tui.screens.teller.counter import CounterScreen
from bankcard_tui.screens.teller.customer_file import CustomerFileScreen
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.customers import open_file
from bankcard_tui.services.logs import list_log
from bankcard_tui.services.staff import open_staff, set_permissions
from bankcard_tui.widgets.keybar import footer_fits, shown_keys
from tests.branch import Town
from tests.screens.teller_kit import Terminal, issued, settled, told, types, until
from tests.screens.test_widgets_catalogue import sentences
from tests.screens.widgets_kit import HOSTILE, LANGUAGES, SIZES, assert_harmless, shown, speaking

FILES = sorted(Path(teller.__path__[0]).glob("*.py"))
TEXTS = (
    ("customer", ("name", "address", "email", "phone", "employer", "security_note")),
    ("document", ("reference",)),
    ("application", ("embossed_name", "note")),
    ("application_move", ("note",)),
    ("card", ("embossed_name",)),
    ("account", ("display_name",)),
)
STEPS = "vdaecioptshrlf"
# All short attacks in one text, and each of the endless ones.
ATTACKS = [" ".join(HOSTILE[:-2]), *HOSTILE[-2:]]


def poison(town: Town, hostile: str) -> None:
    """Write ``hostile`` past the application into everything that people have typed."""
    with town.bank.store.write() as connection:
        # Wrapping an endless text takes long: one in each kind of record shows what it does.
        for table, columns in TEXTS:
            for column in columns if len(hostile) < 1000 else columns[:1]:
                connection.execute(text(f"UPDATE {table} SET {column} = :hostile"), {"hostile": hostile})


@pytest.fixture
def holder(town: Town) -> UUID:
    """A customer with documents, an application and a card at the counter."""
    registered, application = town.applicant()
    issued(town, application.id)
    return registered.customer_id


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_sentence_of_the_counter_has_its_translation(path: Path) -> None:
    assert [said for said in sentences(path) if said not in catalogue("zh_CN")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_are_short_and_the_search_is_explained_in_one_line(language: str) -> None:
    with speaking(language):
        assert all(cell_len(tr(page.title)) <= 12 for page in PAGES)
        hint = "4 digits: ID/card end  5-11: phone  15-18: whole number  letters: name start"
        assert hint in set(sentences(FILES[[path.name for path in FILES].index("counter.py")]))
        assert cell_len(tr(hint)) <= 78


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_and_step_opens_fits_and_stands_in_its_language(
    town: Town, holder: UUID, language: str, size: tuple[int, int]
) -> None:
    with speaking(language):
        app = Terminal(town.desk("teller"))
        async with app.run_test(size=size) as pilot:
            for page in PAGES:
                app.open_page(page.name)
                await settled(pilot)
                assert tr(page.title) in told(pilot)
                assert footer_fits(app.screen, size[0]), page.name
                assert_harmless(app)
            app.push_screen(CustomerFileScreen(holder))
            await until(pilot, tr("To do:"), tr("Circumstances") if size[0] > 100 else tr("Documents"))
            assert footer_fits(app.screen, size[0])
            assert {"v", "d", "a", "h", "t", "escape", "f1"} == {key.key for key, _ in shown_keys(app.screen)}
            depth = len(app.screen_stack)
            for key in STEPS:
                await pilot.press(key)
                await settled(pilot)
                assert footer_fits(app.screen, size[0]), key
                while len(app.screen_stack) > depth:
                    await pilot.press("escape")
                    await settled(pilot)


async def test_the_language_changes_under_an_open_file_without_opening_it_again(town: Town, holder: UUID) -> None:
    def looks() -> int:
        return sum(row.action == "customer.open" for row in list_log(town.desk("admin")).items)

    app = Terminal(town.desk("teller"), lambda: CustomerFileScreen(holder))
    with speaking("en"):
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, "h hand over the card")
            before = looks()
            app.speak("zh_CN")
            await until(pilot, "待办： h 发放卡片")
            assert looks() == before


@pytest.mark.parametrize("hostile", ATTACKS, ids=("short", "wide", "long"))
async def test_nothing_in_the_store_can_steer_the_terminal(town: Town, holder: UUID, hostile: str) -> None:
    teller_desk = town.desk("teller")
    application = open_file(teller_desk, holder).applications[0].id
    poison(town, hostile)
    app = Terminal(teller_desk)
    opened: list[Callable[[], Screen[None]]] = [page.open for page in PAGES]
    opened += [lambda: CustomerFileScreen(holder), lambda: ApplicationScreen(application)]
    async with app.run_test(size=(80, 24)) as pilot:
        for screen in opened:
            app.push_screen(screen())
            await settled(pilot)
            assert_harmless(app)
            depth = len(app.screen_stack)
            if isinstance(app.screen, CustomerFileScreen):
                # Painting endless texts takes long, and dialogs cut them all alike.
                for key in ("pagedown", *(STEPS if len(hostile) < 1000 else "vh")):
                    await pilot.press(key)
                    await settled(pilot)
                    assert_harmless(app)
                    while len(app.screen_stack) > depth:
                        await pilot.press("escape")
                        await settled(pilot)
            else:
                await pilot.press("enter")
                await settled(pilot)
                assert_harmless(app)
        assert app.is_running


async def test_nothing_pasted_into_the_search_can_steer_the_terminal(town: Town) -> None:
    app = Terminal(town.desk("teller"))
    async with app.run_test(size=(80, 24)) as pilot:
        for hostile in HOSTILE:
            app.post_message(Paste(hostile))
            await pilot.press("enter")
            await settled(pilot)
            assert_harmless(app)
            await pilot.press("escape")


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_manager_finds_and_reads_but_is_offered_nothing_of_the_counter(
    town: Town, holder: UUID, size: tuple[int, int]
) -> None:
    app = Terminal(town.desk("manager"), CounterScreen)
    app.pages = ()
    async with app.run_test(size=size) as pilot:
        await types(pilot, "zhang")
        await pilot.press("enter")
        await until(pilot, "+ Verified", "Applications")
        assert "hand over" not in shown(app).lower()
        depth = len(app.screen_stack)
        for key in "vdaecthsr":
            await pilot.press(key)
            await settled(pilot)
            assert len(app.screen_stack) == depth, key
        assert {"escape", "f1"} == {key.key for key, _ in shown_keys(app.screen)}
        await pilot.press("p")
        await until(pilot, "History")
        await pilot.press("r", "w")
        await settled(pilot)
        assert isinstance(app.screen, ApplicationScreen)
        app.push_screen(ApplicationsScreen())
        await until(pilot, "Zhang Wei", "+ Approved")


async def test_an_account_without_a_permission_is_not_offered_its_step(town: Town, holder: UUID) -> None:
    account = town.staff("teller2")
    version = open_staff(town.desk("admin"), account).row.version
    set_permissions(town.desk("admin"), account, version, frozenset(), frozenset({Permission.HAND_OVER_CARDS}))
    app = Terminal(town.desk("teller2"), lambda: CustomerFileScreen(holder))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "+ Verified", "Nothing is missing.")
        await pilot.press("h")
        await settled(pilot)
        assert isinstance(app.screen, CustomerFileScreen)


async def test_a_record_that_is_gone_says_so(town: Town) -> None:
    app = Terminal(town.desk("teller"), lambda: CustomerFileScreen(UUID(int=7)))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "! There is no such record (customer).")
        await pilot.press("v", "h", "s")
        await settled(pilot)
        assert isinstance(app.screen, CustomerFileScreen)
