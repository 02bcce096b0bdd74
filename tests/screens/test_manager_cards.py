"""Points cards at the terminal: what they rest on, how far to trust them, and two people who put one in force."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from threading import Event

import pytest
from textual.content import Content
from textual.pilot import Pilot

from bankcard_tui.decision.training import CHECKING
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.rules.terms import CardState, Decision
from bankcard_tui.screens.common.undertaking import Undertaking, WorkPanel, undertake
from bankcard_tui.screens.manager.cards import WORK, CardsPage
from bankcard_tui.security.permissions import Permission
from bankcard_tui.services.card_approval import approve_card
from bankcard_tui.services.card_training import train_card
from bankcard_tui.services.scorecards import CardRow, list_cards, show_card_version
from bankcard_tui.widgets.lined import Lined
from tests.branch import Town
from tests.screens.manager_kit import Terminal, applicant, presses, told, types, until
from tests.screens.widgets_kit import SIZES, shown
from tests.services.points_cards import alter, decided, put_in_force, turned_out


@pytest.fixture
def card(town: Town) -> CardRow:
    turned_out(town.bank, 400)
    return train_card(town.desk("manager"))


async def all_of(pilot: Pilot[None]) -> str:
    """The whole page from top to bottom, as running text."""
    lines = pilot.app.screen.query_one(Lined)._lines(pilot.app.size.width - 4)
    return " ".join(" ".join(line.plain for line in lines).split())


def states(town: Town) -> dict[str, CardState]:
    return {row.name: row.state for row in list_cards(town.desk("director"))}


async def test_without_an_outcome_there_is_only_the_experts_card_and_training_says_why(town: Town) -> None:
    app = Terminal(town.desk("manager"), "cards")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "expert-2 (expert) + In force", "no customer's outcome is known yet")
        await presses(pilot, "l")
        await until(pilot, "x There is nothing to learn from")
    assert states(town) == {"expert-2": CardState.IN_FORCE}


@pytest.mark.parametrize("size", SIZES)
async def test_one_key_trains_a_card_on_the_known_customers(town: Town, size: tuple[int, int]) -> None:
    turned_out(town.bank, 400)
    app = Terminal(town.desk("manager"), "cards")
    async with app.run_test(size=size) as pilot:
        await until(pilot, "l trains one on 400 customers whose outcome is known")
        await presses(pilot, "l")
        await until(pilot, "+ branch-1 is trained. Learned from 400 customers", "branch-1 ~ Trained", "c Compare")
        await presses(pilot, "x")
        assert "is trained" not in told(pilot)
    assert states(town) == {"branch-1": CardState.TRAINED, "expert-2": CardState.IN_FORCE}


@pytest.mark.parametrize("size", SIZES)
async def test_two_people_put_a_card_in_force(town: Town, card: CardRow, size: tuple[int, int]) -> None:
    app = Terminal(town.desk("manager"), "cards")
    async with app.run_test(size=size) as pilot:
        await until(pilot, "branch-1 ~ Trained", "In force: expert-2")
        await presses(pilot, "a")
        await until(pilot, "Ask for approval of branch-1?", "Nothing changes until a second person has signed.")
        await types(pilot, "Better on all customers.")
        await presses(pilot, "ctrl+s")
        await until(pilot, "branch-1 ~ waits for a second signature", "~ waits for others", "Take back")
        assert "Give signature" not in told(pilot)
        assert "Ask for approval" not in told(pilot)
    assert states(town)["branch-1"] is CardState.TRAINED
    app = Terminal(town.desk("manager2"), "cards")
    async with app.run_test(size=size) as pilot:
        await until(pilot, "> to be signed by you")
        await presses(pilot, "g")
        await until(pilot, "Put branch-1 in force", "Learned from 400 customers", "Asked by Manager")
        assert "Note: Better on all customers." in told(pilot)
        await presses(pilot, "y")
        await until(pilot, "+ in force from now on", "branch-1 + In force", "In force: branch-1 since 2026-03-02")
    assert states(town) == {"branch-1": CardState.IN_FORCE, "expert-2": CardState.RETIRED}


async def test_refusing_to_sign_needs_a_reason_and_leaves_the_card_in_force(town: Town, card: CardRow) -> None:
    assert card.id is not None
    approve_card(town.desk("manager"), card.id)
    app = Terminal(town.desk("manager2"), "cards")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "> to be signed by you")
        await presses(pilot, "f")
        await until(pilot, "Refuse to sign: Put branch-1 in force", "The card that is in force stays.")
        await presses(pilot, "ctrl+s")
        await until(pilot, "! This is needed.")
        await types(pilot, "Too few customers.")
        await presses(pilot, "ctrl+s")
        await until(pilot, "x Refused nothing has changed", "Ask for approval")
    assert states(town)["expert-2"] is CardState.IN_FORCE


async def test_one_takes_back_what_one_asked_for_from_the_opened_card(town: Town, card: CardRow) -> None:
    assert card.id is not None
    approve_card(town.desk("manager"), card.id)
    app = Terminal(town.desk("manager"), "cards")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "~ waits for others")
        await presses(pilot, "enter")
        await until(pilot, "How far to trust it", "Take back")
        await presses(pilot, "t")
        await until(pilot, "Take your request back?")
        await presses(pilot, "y")
        await until(pilot, "- Withdrawn nothing has changed", "branch-1 ~ Trained")
    assert list_cards(town.desk("manager"))[0].request is None


async def test_retiring_a_card_brings_the_experts_back_once_two_agree(town: Town, card: CardRow) -> None:
    put_in_force(town.desk("manager"), town.desk("manager2"), card)
    app = Terminal(town.desk("manager"), "cards")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "branch-1 + In force", "Retire")
        assert "Ask for approval" not in told(pilot)
        await presses(pilot, "r")
        await until(pilot, "Ask to retire branch-1?", "the expert's card gives every opinion again")
        await presses(pilot, "ctrl+s")
        await until(pilot, "~ waits for a second signature")
    app = Terminal(town.desk("manager2"), "cards")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "> to be signed by you")
        await presses(pilot, "g")
        await until(pilot, "Retire branch-1")
        await presses(pilot, "y")
        await until(pilot, "+ retired: the expert's card gives opinions now", "branch-1 - Retired", "+ In force")


async def test_whoever_may_only_train_is_offered_no_approval(town: Town, card: CardRow) -> None:
    app = Terminal(town.desk("manager"), "cards")
    app.who = app.who.model_copy(update={"permissions": app.who.permissions - {Permission.APPROVE_CARDS}})
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "branch-1 ~ Trained", "l Learn")
        assert "Ask for approval" not in told(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_the_model_card_says_what_it_rests_on_and_how_far_to_trust_it(
    town: Town, card: CardRow, size: tuple[int, int]
) -> None:
    digest = show_card_version(town.desk("manager"), card.id).digest
    app = Terminal(town.desk("manager"), "cards")
    async with app.run_test(size=size) as pilot:
        await until(pilot, "branch-1 ~ Trained")
        await presses(pilot, "enter")
        await until(
            pilot, "branch-1 ~ Trained", "How far to trust it", "Learned from 400 customers", "held out: It orders"
        )
        read = await all_of(pilot)
    for words in (
        "Nothing was decided in the last twelve months.",
        "Rank order (AUC)",
        "Of a good and a bad customer the good one stands better in",
        "Group Customers Expected Turned bad",
        "Overdue history Points Customers Turned bad Share below 1 times in twelve months +",
        "Overdue history not known",
        "Lives in a rented home",
        "Groups that are never told apart",
        "Women",
        "60 days or more past due within 12 months",
        "2023-01-01 - 2024-02-04",
        "sex, ethnicity, religion, marital status, and what gives them away",
        "expert-2",
        digest[:40],
    ):
        assert words in read, words


async def test_the_experts_card_can_be_read_after_another_took_its_place(town: Town, card: CardRow) -> None:
    put_in_force(town.desk("manager"), town.desk("manager2"), card)
    app = Terminal(town.desk("manager"), "cards")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "expert-2 (expert) - Retired")
        await presses(pilot, "j", "enter")
        await until(pilot, "expert-2 (expert) - Retired", "! Written by people who know the trade")
        read = await all_of(pilot)
    assert "Everybody starts at 526 points." in read
    assert "Turned bad" not in read


@pytest.mark.parametrize("size", SIZES)
async def test_champion_and_challenger_stand_side_by_side_and_approval_is_asked_from_there(
    town: Town, card: CardRow, size: tuple[int, int]
) -> None:
    app = Terminal(town.desk("manager"), "cards")
    async with app.run_test(size=size) as pilot:
        await until(pilot, "branch-1 ~ Trained")
        await presses(pilot, "c")
        await until(pilot, "branch-1 (challenger) beside expert-2 (champion, in force)", "+ The challenger orders")
        read = await all_of(pilot)
        for words in (
            "Too few customers to compare on.",
            "400 customers",
            "Measure Challenger Champion Better",
            "It orders customers better than expert-2, by",
            "Largest differences in points",
        ):
            assert words in read, words
        await presses(pilot, "a")
        await until(pilot, "Ask for approval of branch-1?")
        await presses(pilot, "ctrl+s")
        await until(pilot, "~ waits for a second signature", "~ waits for others")


async def test_a_comparison_that_was_never_made_is_not_blamed_on_few_customers(town: Town, card: CardRow) -> None:
    train_card(town.desk("manager"))
    put_in_force(town.desk("manager"), town.desk("manager2"), card)
    app = Terminal(town.desk("manager"), "cards")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "branch-2 ~ Trained")
        await presses(pilot, "c")
        await until(pilot, "branch-2 (challenger) beside branch-1 (champion, in force)")
        read = await all_of(pilot)
    assert read.count("Not compared: expert-2 was in force when the challenger was trained.") == 2
    assert read.count("Too few customers to compare on.") == 1
    assert "flatter" not in read


async def test_the_card_in_force_is_compared_with_nothing(town: Town, card: CardRow) -> None:
    put_in_force(town.desk("manager"), town.desk("manager2"), card)
    app = Terminal(town.desk("manager"), "cards")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "branch-1 + In force")
        await presses(pilot, "c")
        assert len(app.screen_stack) == 2
        await presses(pilot, "enter")
        await until(pilot, "How far to trust it")
        assert "Compare" not in told(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_monitoring_says_whether_outcomes_met_the_forecast(
    town: Town, card: CardRow, size: tuple[int, int]
) -> None:
    app = Terminal(town.desk("manager"), "cards")
    async with app.run_test(size=size) as pilot:
        await until(pilot, "expert-2 (expert) + In force")
        await presses(pilot, "j", "m")
        await until(pilot, "expert-2 (expert) + In force", "Forecast and outcome", "Of 400 customers")
        read = await all_of(pilot)
    for words in (
        "were expected.",
        "The expert's card learned from nobody",
        "Nothing was decided under this card in the last twelve months.",
        "What nobody can know",
    ):
        assert words in read, words


async def test_monitoring_shows_drift_and_how_those_turned_out_who_were_approved_against_the_aid(
    town: Town, card: CardRow
) -> None:
    put_in_force(town.desk("manager"), town.desk("manager2"), card)
    _, application = applicant(town, "zhang", "Zhang Wei")
    assert isinstance(town.bank.clock, SimulatedClock)
    town.bank.clock.advance(timedelta(days=30))
    for username, against in (("manager", False), ("manager2", True)):
        account = town.sign_in(username).who.account_id
        assert account is not None
        decided(town.bank, application.id, account, 200, card="branch-1", against=against)
    refuser = town.sign_in("director").who.account_id
    assert refuser is not None
    decided(town.bank, application.id, refuser, 100, card="branch-1", decision=Decision.REFUSE)
    app = Terminal(town.sign_in("manager"), "cards")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, "branch-1 + In force")
        await presses(pilot, "m")
        await until(pilot, "branch-1 + In force", "No outcome has matured yet")
        read = await all_of(pilot)
        await presses(pilot, "escape", "enter")
        await until(pilot, "! 100 of 500 decisions in twelve months were refusals.")
    for words in (
        "All points",
        "+ stable",
        "Population stability index: below 0.10 stable",
        "300 of 500 decisions went with the aid.",
        "Against it 200 applications were approved and 0 refused.",
        "Manager2 200 200 (100 %) 200 0 not known yet",
        "Turned out: whom the manager approved against any card's opinion",
        "Director 100 0 (0 %) 0 0 -",
        "2026-03 500",
        "100 of 500 decisions in twelve months were refusals.",
    ):
        assert words in read, words


async def test_an_altered_card_is_shown_as_such_and_not_put_in_force(town: Town, card: CardRow) -> None:
    alter(town.bank, card.id, digest="0" * 64)
    app = Terminal(town.desk("manager"), "cards")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "! Altered")
        assert "Ask for approval" not in told(pilot)
        await presses(pilot, "enter")
        await until(pilot, "! The points card 1 was altered in the store.", "Tell your administrator")


async def test_a_card_altered_while_in_force_can_still_be_retired(town: Town, card: CardRow) -> None:
    put_in_force(town.desk("manager"), town.desk("manager2"), card)
    alter(town.bank, card.id, digest="0" * 64)
    app = Terminal(town.desk("manager"), "cards")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "! Altered")
        await presses(pilot, "r", "ctrl+s")
        await until(pilot, "~ waits for a second signature")


async def test_while_a_card_is_trained_esc_is_named_for_what_it_does_and_the_bar_fits(town: Town) -> None:
    go_on = Event()
    app = Terminal(town.desk("manager"), "cards")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "expert-2 (expert) + In force")

        def slow(work: Undertaking[None]) -> None:
            work.report(CHECKING, 100, 100)
            go_on.wait(20)

        assert isinstance(app.screen, CardsPage)
        undertake(app.screen, WORK, "Training a points card", slow, lambda _: Content())
        app.screen.query_one(WorkPanel).look()
        # Not until everything has settled: that would be when the training is over.
        for _ in range(200):
            lines = shown(pilot.app).splitlines()
            named = "Esc Stop it" in told(pilot)
            if fits := named and any(CHECKING in line and "100 %" in line for line in lines):
                break
            await asyncio.sleep(0.05)
        go_on.set()
        assert fits, shown(pilot.app)
