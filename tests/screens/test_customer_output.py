"""Every screen of the customer: in both languages and sizes, with hostile text, with a footer that fits."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from bankcard_tui.locale import catalogue, tr
from bankcard_tui.rules.terms import Role
from bankcard_tui.screens import customer
from bankcard_tui.screens.common.base import Page
from bankcard_tui.screens.customer import PAGES
from bankcard_tui.security.permissions import ROLE_PERMISSIONS
from bankcard_tui.widgets.keybar import footer_fits
from tests.branch import Town
from tests.screens.customer_kit import Terminal, approved, refused, returned, settled, told
from tests.screens.test_widgets_catalogue import sentences
from tests.screens.widgets_kit import LANGUAGES, SIZES, assert_harmless, speaking

# Page, and the keys from there.
PLACES = {
    "start": ("home", []),
    "applications": ("apply", []),
    "application": ("apply", ["enter"]),
    "withdraw": ("apply", ["enter", "w"]),
    "send again": ("apply", ["enter", "r"]),
    "document": ("apply", ["enter", "d"]),
    "explanation": ("apply", ["enter", "e"]),
    "profile": ("profile", []),
    "contact": ("profile", ["c"]),
    "circumstances": ("profile", ["i"]),
    "cards": ("cards", []),
}
MARKUP = "[/] [@click=app.quit]x[/] {name}"
STEERING = "a\x1b[2J\x1b]0;owned\x07 \u202egnp\u200b line\nbreak\ttab"
HOSTILE = [MARKUP, STEERING, "王" * 300]
TEXTS = [
    ("customer", "name"),
    ("customer", "employer"),
    ("customer", "address"),
    ("customer", "security_note"),
    ("account", "display_name"),
    ("application", "note"),
    ("application", "embossed_name"),
    ("application_move", "note"),
    ("document", "reference"),
]


async def visit(pilot: Pilot[None], app: Terminal, page: str, keys: list[str]) -> None:
    """Go to ``page`` and press ``keys``, each when the one before has been answered."""
    app.open_page(page)
    await settled(pilot)
    for screens, key in enumerate(keys, 3):
        for _ in range(40):
            # A key does nothing until the screen has what it needs.
            await pilot.press(key)
            await settled(pilot)
            if len(app.screen_stack) == screens:
                break
    await settled(pilot)
    assert len(app.screen_stack) == 2 + len(keys)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_opens_with_a_footer_that_fits(town: Town, language: str, size: tuple[int, int]) -> None:
    _, row = town.applicant()
    returned(town, row.id)
    app = Terminal(town.desk("zhang"))
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            for page, keys in PLACES.values():
                await visit(pilot, app, page, keys)
                assert footer_fits(app.screen, size[0])
                assert_harmless(app)


@pytest.mark.parametrize("text", HOSTILE, ids=["markup", "steering", "long"])
async def test_hostile_text_out_of_the_store_is_only_text(town: Town, text: str) -> None:
    _, row = town.applicant()
    returned(town, row.id)
    with town.bank.store.write() as connection:
        for table, column in TEXTS:
            connection.exec_driver_sql(f"UPDATE {table} SET {column} = ?", (text,))
    app = Terminal(town.desk("zhang"))
    async with app.run_test(size=(80, 24)) as pilot:
        for page, keys in PLACES.values():
            await visit(pilot, app, page, keys)
            assert_harmless(app)
            if (page, keys, text) == ("profile", [], MARKUP):
                assert text in told(pilot)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_hostile_text_on_cards_and_refusals_is_only_text(town: Town, language: str) -> None:
    _, row = town.applicant()
    refused(town, row.id)
    _, other = town.applicant("liu")
    approved(town, other.id)
    with town.bank.store.write() as connection:
        connection.exec_driver_sql("UPDATE application_move SET note = ?", (STEERING,))
        connection.exec_driver_sql("UPDATE card SET embossed_name = ?", (STEERING,))
    with speaking(language):
        for username, page, keys in (("zhang", "apply", ["enter"]), ("liu", "cards", []), ("liu", "home", [])):
            app = Terminal(town.desk(username))
            async with app.run_test(size=(80, 24)) as pilot:
                await visit(pilot, app, page, keys)
                assert_harmless(app)


@pytest.mark.parametrize("size", SIZES)
async def test_in_chinese_no_english_sentence_is_left(town: Town, size: tuple[int, int]) -> None:
    town.registers("zhang")
    with speaking("zh_CN"):
        app = Terminal(town.desk("zhang"))
        async with app.run_test(size=size) as pilot:
            await visit(pilot, app, "home", [])
            for english in ("What to do next", "Your cards", "About you", "Apply for a card."):
                assert english not in told(pilot)
                assert "".join(tr(english).split()) in "".join(told(pilot).split())


def test_the_pages_are_for_customers_alone() -> None:
    for role in Role:
        opened = [page.name for page in PAGES if ROLE_PERMISSIONS[role] & {*page.permissions}]
        assert opened == ([page.name for page in PAGES] if role is Role.CUSTOMER else [])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_title_is_short_in_both_languages(page: Page) -> None:
    assert len(page.title) <= 12
    with speaking("zh_CN"):
        assert tr(page.title) != page.title
        assert 2 * len(tr(page.title)) <= 12


@pytest.mark.parametrize("path", sorted(Path(customer.__path__[0]).glob("*.py")), ids=lambda path: path.name)
def test_every_sentence_has_its_translation(path: Path) -> None:
    assert [text for text in sentences(path) if text not in catalogue("zh_CN")] == []
