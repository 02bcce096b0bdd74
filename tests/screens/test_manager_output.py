"""Every manager screen with hostile text, in both languages, at both sizes, for everybody who may open it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text

from bankcard_tui.rules.money import Money
from bankcard_tui.rules.scorecard import Attribute, Characteristic
from bankcard_tui.rules.scorecard_json import card_to_json, digest_of
from bankcard_tui.rules.terms import Grade, LimitChangeKind, PlanPurpose, Role
from bankcard_tui.rules.training import GroupQuality, Quality, Training
from bankcard_tui.screens.manager import PAGES
from bankcard_tui.security.permissions import ROLE_PERMISSIONS
from bankcard_tui.services import review
from bankcard_tui.services.card_approval import approve_card
from bankcard_tui.services.card_training import keep_card, proof_of
from bankcard_tui.services.limit_asking import ask, propose
from bankcard_tui.services.limit_batches import sign_batch
from bankcard_tui.services.limit_proposals import open_proposal, sign
from bankcard_tui.services.limit_views import Seen
from bankcard_tui.widgets.keybar import footer_fits
from tests.branch import Town
from tests.screens.limits_kit import evaluated, holder
from tests.screens.manager_kit import Terminal, applicant, presses, settled, stranger, until
from tests.screens.widgets_kit import HOSTILE, LANGUAGES, SIZES, assert_harmless, lines, speaking
from tests.services.points_cards import CARD, card_at_hand


def poisoned(town: Town, customer: UUID, evil: str) -> None:
    """The name, the employer and all notes of a customer, altered behind the back of every check."""
    with town.bank.store.write() as connection:
        connection.execute(
            text("UPDATE customer SET name = :evil, employer = :evil, security_note = :evil WHERE id = :id"),
            {"evil": evil, "id": customer.bytes},
        )
        connection.execute(text("UPDATE application SET note = :evil"), {"evil": evil})
        connection.execute(text("UPDATE application_move SET note = :evil"), {"evil": evil})
        assert (
            connection.execute(text("SELECT count(*) FROM customer WHERE name = :evil"), {"evil": evil}).scalar() == 1
        )


_NOTHING = Quality(0, 0, None, None, None, None)
LONG = [evil for evil in HOSTILE if len(evil) > 1_000]
SHORT = " ".join(evil for evil in HOSTILE if evil not in LONG)


@pytest.mark.parametrize("evil", [SHORT, *LONG], ids=["short ones", "wide", "long"])
async def test_hostile_text_does_no_harm_on_the_way_through_a_review(town: Town, evil: str) -> None:
    customer, _ = applicant(town, "zhang", "Zhang Wei")
    poisoned(town, customer.customer_id, evil)
    app = Terminal(town.desk("manager"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "10,000.00")
        assert_harmless(app)
        await presses(pilot, "g")
        await until(pilot, "+ Approve")
        for keys in (["j", "k"], ["tab"], ["tab"], ["w", "escape"], ["d"], ["a"], ["escape"], ["r"], ["escape"], ["b"]):
            await presses(pilot, *keys)
            assert_harmless(app)
        await presses(pilot, "escape", "a", "ctrl+s")
        await until(pilot, "Nothing waits.")
        assert_harmless(app)


async def test_hostile_text_does_no_harm_while_signing(town: Town) -> None:
    evil = "[@click=app.quit]x[/] \x1b[2J \u202e[/]"
    customer, application = applicant(town, "zhang", "Zhang Wei", wish=20_000)
    review.claim(town.desk("manager2"), application.id)
    review.approve(town.desk("manager2"), application.id, Money.yuan(20_000), "[/] {name} [@click=app.quit]note[/]")
    poisoned(town, customer.customer_id, evil)
    app = Terminal(town.desk("manager"), "signatures")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "20,000.00")
        assert_harmless(app)
        for keys in (["enter"], ["g"], ["escape"], ["f"], ["escape"], ["g", "y"]):
            await presses(pilot, *keys)
            assert_harmless(app)
        await until(pilot, "Nothing waits for a signature.")


@pytest.mark.parametrize("evil", [SHORT, *LONG], ids=["short ones", "wide", "long"])
async def test_hostile_text_in_a_points_card_does_no_harm(town: Town, evil: str) -> None:
    desk = town.desk("manager")
    asked = Characteristic(evil, False, (Attribute(5, 0.25, words=(evil,)),), Attribute(0, 0.25))
    training = Training(
        evil, evil, evil, evil, excluded=(evil,), expert=evil, fairness=(GroupQuality(evil, evil, _NOTHING),)
    )
    card = replace(CARD, name="branch-1", characteristics=(asked,), training=training)
    account = desk.who.account_id
    assert account is not None
    keep_card(desk, card_to_json(card), proof_of(desk.keys, account, digest_of(card)))
    with town.bank.store.write() as connection:
        connection.execute(text("UPDATE account SET display_name = :evil WHERE username = 'manager'"), {"evil": evil})
    app = Terminal(town.desk("manager2"), "cards")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "branch-1")
        assert_harmless(app)
        for keys in (["enter"], ["end"], ["home"], ["c"], ["end"], ["escape"], ["m"], ["escape"], ["a", "ctrl+s"]):
            await presses(pilot, *keys)
            assert_harmless(app)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_fits_in_both_languages(town: Town, language: str, size: tuple[int, int]) -> None:
    applicant(town, "zhang", "Zhang Wei")
    stranger(town, "lina", "Li Na")
    _, application = applicant(town, "wang", "Wang Fang", wish=20_000)
    review.claim(town.desk("manager2"), application.id)
    review.approve(town.desk("manager2"), application.id, Money.yuan(20_000))
    _limits(town)
    waiting = card_at_hand(town.desk("manager2"))
    assert waiting.id is not None
    approve_card(town.desk("manager2"), waiting.id)
    card_at_hand(town.desk("manager2"))
    ways = [
        ("home", []),
        ("home", ["f"]),
        ("home", ["g"]),
        ("home", ["g", "w"]),
        ("home", ["g", "d"]),
        ("home", ["g", "a"]),
        ("home", ["g", "r"]),
        ("home", ["g", "s", "i"]),
        ("home", ["g", "s", "a"]),
        ("home", ["g", "s", "b"]),
        ("home", ["g", "s", "s"]),
        ("signatures", []),
        ("signatures", ["enter"]),
        ("signatures", ["g"]),
        ("home", ["l"]),
        ("home", ["l", "w"]),
        ("home", ["l", "a"]),
        ("home", ["l", "r"]),
        ("home", ["l", "o"]),
        ("signatures", ["l"]),
        ("signatures", ["l", "enter"]),
        ("signatures", ["l", "g"]),
        ("signatures", ["l", "j", "enter"]),
        ("signatures", ["l", "j", "enter", "enter"]),
        ("limits", []),
        ("limits", ["t"]),
        ("limits", ["f"]),
        ("limits", ["a", "s"]),
        ("limits", ["end", "enter"]),
        ("limits", ["end", "enter", "2"]),
        ("cards", []),
        ("cards", ["enter"]),
        ("cards", ["enter", "a"]),
        ("cards", ["c"]),
        ("cards", ["j", "enter"]),
        ("cards", ["j", "g"]),
        ("cards", ["j", "m"]),
        ("cards", ["end", "enter"]),
    ]
    app = Terminal(town.desk("manager"))
    with speaking(language):
        async with app.run_test(size=size) as pilot:
            for page, keys in ways:
                app.open_page(page)
                await settled(pilot)
                await presses(pilot, *keys)
                assert len(lines(app)) == size[1]
                assert footer_fits(app.screen, size[0]), (page, keys)
                assert not app._notifications, [note.message for note in app._notifications]


def _limits(town: Town) -> None:
    """A limit that a customer asks for, one that a manager proposes, one that waits, and a batch that waits."""
    desk = town.desk("manager2")
    asks, proposed = holder(town, "asks", "Sun Li"), holder(town, "proposed", "Qian Jin", 6_000, Grade.GOOD)
    home, car = PlanPurpose.HOME, Money.yuan(60_000)
    ask(town.desk("asks"), asks.account, LimitChangeKind.PLAN, car, None, 36, home, "A home near the school.")
    propose(town.desk("manager"), proposed.account, LimitChangeKind.RAISE, Money.yuan(8_000))
    waits = [evaluated(town, holder(town, f"waits{place}", "He Xin", 20_000), 26_000) for place in range(3)]
    seen = [open_proposal(desk, each).proposal for each in waits]
    assert sign(desk, seen[0].id, seen[0].version, seen[0].amount).pending is not None
    batch = tuple(Seen(proposal=each.id, version=each.version, amount=each.amount) for each in seen[1:])
    assert sign_batch(desk, batch, Money.yuan(12_000), Money.yuan(0)).pending is not None


async def test_hostile_text_does_no_harm_among_limits(town: Town) -> None:
    evil = "[@click=app.quit]x[/] \x1b[2J \u202e[/]"
    zhang = holder(town, "zhang", "Zhang Wei", 6_000, Grade.GOOD)
    proposal = evaluated(town, zhang, 7_500)
    with town.bank.store.write() as connection:
        asked = {"evil": evil, "id": zhang.customer.bytes}
        connection.execute(text("UPDATE customer SET name = :evil, employer = :evil WHERE id = :id"), asked)
        said = {"evil": evil, "id": proposal.bytes, "reason": '[["[/] {name} [@click=app.quit]x[/]", {}]]'}
        connection.execute(
            text("UPDATE limit_proposal SET said = :evil, answer = :evil, reason = :reason WHERE id = :id"), said
        )
    app = Terminal(town.desk("manager"), "limits")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "7,500.00")
        assert_harmless(app)
        for keys in (["a"], ["s"], ["escape"], ["enter"], ["tab"], ["w", "escape"], ["a"], ["escape"], ["r"]):
            await presses(pilot, *keys)
            assert_harmless(app)
        await presses(pilot, "escape", "a", "ctrl+s")
        await until(pilot, "0 proposals")
        assert_harmless(app)


@pytest.mark.parametrize("username", ["manager", "director"])
async def test_every_page_opens_for_whoever_may(town: Town, username: str) -> None:
    held = ROLE_PERMISSIONS[Role.MANAGER]
    app = Terminal(town.desk(username))
    async with app.run_test(size=(80, 24)) as pilot:
        for page in PAGES:
            assert held & {*page.permissions}
            app.open_page(page.name)
            await settled(pilot)
            assert page.name == app.screen.PAGE
            assert not app._notifications


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.TELLER, Role.ADMIN])
def test_no_page_of_the_manager_is_shown_to_others(role: Role) -> None:
    assert [page.name for page in PAGES if ROLE_PERMISSIONS[role] & {*page.permissions}] == []
