"""The review desk: one application after the other, by single keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from bankcard_tui.app import BankApp
from bankcard_tui.config import Home
from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.locale import tr
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.odds import DEFAULT_SCALE, grade_of, least_points
from bankcard_tui.rules.policy import DEFAULT_POLICY
from bankcard_tui.rules.terms import ApplicationStatus, Grade, RefusalReason
from bankcard_tui.screens.manager.desk import HOLD_AFTER, ReviewDesk
from bankcard_tui.screens.manager.queue import ReviewQueue
from bankcard_tui.services import review
from bankcard_tui.services.customers import open_file
from bankcard_tui.services.drafts import my_drafts
from bankcard_tui.services.sign_in import me
from tests.branch import Town
from tests.histories import a_year_passes
from tests.screens.app_kit import application, running, sign_in
from tests.screens.manager_kit import (
    HARDLY_KNOWN,
    WEAK,
    Terminal,
    applicant,
    messages,
    opened,
    presses,
    settled,
    stands,
    stranger,
    told,
    types,
    until,
)
from tests.screens.widgets_kit import LANGUAGES, SIZES, lines, speaking

KEY_TO_SEND = "ctrl+s"


async def somebody_thinks(app: Terminal, clock: SimulatedClock) -> None:
    """Longer than a claim holds, at a terminal that stays signed in."""
    for _ in range(2):
        clock.advance(timedelta(minutes=9))
        await asyncio.to_thread(me, app.desk)


@pytest.mark.parametrize("size", SIZES)
async def test_three_decisions_take_three_pairs_of_keys(town: Town, size: tuple[int, int]) -> None:
    _, first = applicant(town, "zhang", "Zhang Wei")
    _, second = applicant(town, "wang", "Wang Fang", WEAK)
    _, third = stranger(town, "lina", "Li Na")
    app = Terminal(town.desk("manager"))
    async with app.run_test(size=size) as pilot:
        await until(pilot, "Zhang Wei", "Wang Fang", "Li Na")
        await presses(pilot, "g")
        await until(pilot, "+ Approve", "10,000.00 yuan", "Zhang Wei")
        await presses(pilot, "a", KEY_TO_SEND)
        await until(pilot, "x Refuse", "Wang Fang", "+ Approved Zhang Wei")
        await presses(pilot, "r", "3", KEY_TO_SEND)
        await until(pilot, "! Return for documents", "Li Na", "x Refused Wang Fang")
        await presses(pilot, "b", KEY_TO_SEND)
        await until(pilot, "Nothing waits. The queue is done.", "Approved: 1", "Refused: 1", "Returned: 1")
        await presses(pilot, "escape")
        await until(pilot, "Nothing waits for a review.")
        assert isinstance(app.screen, ReviewQueue)
    assert stands(town, first).approved_limit == Money.yuan(10_000)
    refused = opened(town, second)
    assert refused.decisions[0].reasons == (RefusalReason.OVERDUE_HISTORY,)
    assert any("The ID card is missing." in step.note for step in opened(town, third).moves)


async def test_everything_to_decide_stands_on_80x24_without_scrolling(town: Town) -> None:
    applicant(town, "wang", "Wang Fang", WEAK)
    app = Terminal(town.desk("manager"))
    async with app.run_test(size=(80, 24)) as pilot:
        await presses(pilot, "g")
        await until(pilot, "Wang Fang")
        everything = (
            "Wang Fang age 37",
            "Golden Dragon Noodle",
            "6,200.00 a month",
            "! Declared only",
            "+ Teller, 2026-03-02",
            "1,500.00 (24 %)",
            "! 2 times in 12 months",
            "Rented",
            "No security",
            "+ Identity card",
            "+ Proof of income",
            "first application",
            "points: Poor",
            "- Overdue 2 times in twelve months",
            "x Refuse",
            "500.00 - 5,000.00",
        )
        assert [each for each in everything if each not in told(pilot)] == []


async def test_three_parts_stand_side_by_side_on_a_wide_terminal_and_tab_turns_on_a_narrow_one(town: Town) -> None:
    applicant(town, "zhang", "Zhang Wei")
    for size, side_by_side in ((80, 24), False), ((120, 40), True):
        app = Terminal(town.desk("manager"))
        async with app.run_test(size=size) as pilot:
            await presses(pilot, "g")
            await until(pilot, "Zhang Wei", "Opinion", "Debt service")
            assert ("Steps of this one" in told(pilot)) is side_by_side
            await presses(pilot, "tab")
            assert "Steps of this one" in told(pilot)
            assert "points: Excellent" in told(pilot)
            assert ("Debt service" in told(pilot)) is side_by_side
            await presses(pilot, "1")
            assert "Debt service" in told(pilot)
            await presses(pilot, "escape")


async def test_a_limit_against_the_opinion_asks_for_a_reason(town: Town) -> None:
    _, application = applicant(town, "wang", "Wang Fang", WEAK)
    app = Terminal(town.desk("manager"))
    async with app.run_test(size=(80, 24)) as pilot:
        await presses(pilot, "g", "a")
        await until(pilot, "Approve: Wang Fang", "Your reason")
        await types(pilot, "5000")
        await presses(pilot, KEY_TO_SEND)
        await until(pilot, "! This is needed.")
        assert stands(town, application).status is ApplicationStatus.IN_REVIEW
        await types(pilot, "Known to us for years.")
        await presses(pilot, KEY_TO_SEND)
        await until(pilot, "Nothing waits.")
    decision = opened(town, application).decisions[0]
    assert (decision.against, decision.against_reason) == (True, "Known to us for years.")


async def test_a_limit_outside_the_tier_is_refused_at_its_field_and_stays_typed(town: Town) -> None:
    _, application = applicant(town, "zhang", "Zhang Wei", wish=30_000)
    app = Terminal(town.desk("manager"))
    async with app.run_test(size=(80, 24)) as pilot:
        await presses(pilot, "g", "a")
        await until(pilot, "10,000.00 to 50,000.00 yuan can be granted; wished: 30,000.00.")
        await types(pilot, "60000")
        await presses(pilot, KEY_TO_SEND)
        await until(pilot, "! The limit must lie between 10,000.00 and 50,000.00", "60000")
    assert stands(town, application).status is ApplicationStatus.IN_REVIEW


async def test_a_large_limit_waits_for_a_signature_and_the_desk_goes_on(town: Town) -> None:
    _, first = applicant(town, "zhang", "Zhang Wei", wish=20_000)
    applicant(town, "wang", "Wang Fang")
    app = Terminal(town.desk("manager"))
    async with app.run_test(size=(80, 24)) as pilot:
        await presses(pilot, "g")
        await until(pilot, "Zhang Wei", "two signatures")
        await presses(pilot, "a", KEY_TO_SEND)
        await until(pilot, "Wang Fang", "Zhang Wei waits for a signature, 1 of 2")
    row = stands(town, first)
    assert (row.signed, row.needed) == (1, 2)


async def test_what_blocks_an_approval_is_told_before_anything_is_typed(town: Town) -> None:
    stranger(town, "lina", "Li Na")
    app = Terminal(town.desk("manager"))
    async with app.run_test(size=(80, 24)) as pilot:
        await presses(pilot, "g", "a")
        await until(pilot, "This can't be approved", "The ID card is missing.", "Send it back for papers (b)")
        assert not app.screen.query(Input)


async def test_skipping_gives_back_and_the_end_offers_to_begin_again(town: Town) -> None:
    _, first = applicant(town, "zhang", "Zhang Wei")
    _, second = applicant(town, "wang", "Wang Fang")
    app = Terminal(town.desk("manager"))
    async with app.run_test(size=(80, 24)) as pilot:
        await presses(pilot, "g", "s")
        await until(pilot, "Wang Fang")
        assert stands(town, first).status is ApplicationStatus.SUBMITTED
        await presses(pilot, "s")
        await until(pilot, "What you skipped waits again.", "Skipped: 2")
        assert stands(town, second).status is ApplicationStatus.SUBMITTED
        await presses(pilot, "g")
        await until(pilot, "Zhang Wei", "+ Approve")


async def test_leaving_the_desk_gives_the_application_back(town: Town) -> None:
    _, application = applicant(town, "zhang", "Zhang Wei")
    app = Terminal(town.desk("manager"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "Zhang Wei")
        await presses(pilot, "enter")
        await until(pilot, "+ Approve")
        assert stands(town, application).status is ApplicationStatus.IN_REVIEW
        await presses(pilot, "escape")
        await until(pilot, "To be reviewed")
        assert stands(town, application).status is ApplicationStatus.SUBMITTED


async def test_what_a_colleague_has_is_shown_and_not_opened(town: Town) -> None:
    _, application = applicant(town, "zhang", "Zhang Wei")
    review.claim(town.desk("manager2"), application.id)
    app = Terminal(town.desk("manager"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "~ Manager2")
        await presses(pilot, "enter")
        assert messages(pilot) == ["A colleague is reviewing this application. Take the next one in the queue."]
        assert isinstance(app.screen, ReviewQueue)
        await presses(pilot, "g")
        await until(pilot, "Nothing waits. The queue is done.")


async def test_a_claim_that_a_colleague_took_over_is_told_and_the_next_one_is_there(
    town: Town, clock: SimulatedClock
) -> None:
    _, first = applicant(town, "zhang", "Zhang Wei")
    applicant(town, "wang", "Wang Fang")
    app = Terminal(town.desk("manager"))
    async with app.run_test(size=(80, 24)) as pilot:
        await presses(pilot, "g", "a")
        await until(pilot, "Approve: Zhang Wei")
        await somebody_thinks(app, clock)
        review.claim(town.sign_in("manager2", "other"), first.id)
        await presses(pilot, KEY_TO_SEND)
        await until(pilot, "Wang Fang", "A colleague is reviewing this application. Here is the next one.")
    assert stands(town, first).approved_limit is None


async def test_a_claim_that_ran_out_is_taken_again_and_nothing_is_decided_unseen(
    town: Town, clock: SimulatedClock
) -> None:
    _, application = applicant(town, "zhang", "Zhang Wei")
    app = Terminal(town.desk("manager"))
    async with app.run_test(size=(80, 24)) as pilot:
        await presses(pilot, "g", "a")
        await somebody_thinks(app, clock)
        await presses(pilot, KEY_TO_SEND)
        await until(pilot, "Zhang Wei", "nothing was decided. Check it and decide.")
        assert stands(town, application).status is ApplicationStatus.IN_REVIEW
        await presses(pilot, "a", KEY_TO_SEND)
        await until(pilot, "Nothing waits.")
    assert stands(town, application).status is ApplicationStatus.APPROVED


async def test_keys_hold_the_claim(town: Town, clock: SimulatedClock) -> None:
    _, application = applicant(town, "zhang", "Zhang Wei")
    app = Terminal(town.desk("manager"))
    async with app.run_test(size=(80, 24)) as pilot:
        await presses(pilot, "g")
        for _ in range(6):
            clock.advance(HOLD_AFTER)
            await presses(pilot, "j")
        assert stands(town, application).status is ApplicationStatus.IN_REVIEW
        assert isinstance(app.screen, ReviewDesk)
        await presses(pilot, "a", KEY_TO_SEND)
        await until(pilot, "Nothing waits.")


async def test_the_income_check_changes_the_opinion_at_once(town: Town) -> None:
    customer, _ = stranger(town, "lina", "Li Na")
    app = Terminal(town.desk("manager"))
    async with app.run_test(size=(80, 24)) as pilot:
        await presses(pilot, "g")
        await until(pilot, "! No member of staff has checked", "! nobody (press i)")
        await presses(pilot, "i")
        await until(pilot, "Have you checked the source of the income?", "18,000.00 yuan a month: Payroll at this bank")
        await presses(pilot, "y")
        await until(pilot, "+ Manager, 2026-03-02", "Your check of the income is recorded.")
        assert "No member of staff" not in told(pilot)
    assert open_file(town.desk("teller"), customer.customer_id).income_checked_by == "Manager"


async def test_not_knowing_enough_is_said_plainly(town: Town) -> None:
    applicant(town, "wang", "Wang Fang", HARDLY_KNOWN)
    app = Terminal(town.desk("manager"))
    async with app.run_test(size=(80, 24)) as pilot:
        await presses(pilot, "g")
        await until(pilot, "! Not enough known:", "No similar customers known yet.")
        await presses(pilot, "w")
        await until(pilot, "Why this opinion", "Assets not known")
        await presses(pilot, "pagedown", "pagedown")
        await until(pilot, "Not known", "? Assets", "Housing")
        assert "similar customers paid" not in told(pilot)


async def test_precedents_show_how_they_turned_out_and_never_who_they_are(town: Town) -> None:
    turned_out = {}
    for number, days in enumerate((0, 12, 95)):
        customer, application = applicant(town, f"old{number}", f"Secret {number}")
        review.claim(town.desk("manager"), application.id)
        review.approve(town.desk("manager"), application.id, Money.yuan(10_000))
        turned_out[customer.customer_id] = days
    a_year_passes(town, turned_out)
    applicant(town, "zhang", "Zhang Wei")
    app = Terminal(town.desk("manager"))
    async with app.run_test(size=(80, 24)) as pilot:
        await presses(pilot, "g")
        await until(pilot, "! 2 of 3 similar customers paid")
        await presses(pilot, "2")
        await until(pilot, "+ paid on time, 12 months", "~ paid, 12 days late", "x 95 days overdue")
        assert "Only 3 found: too few" in told(pilot)
        assert "Secret" not in told(pilot)


async def test_the_queue_keeps_to_one_kind(town: Town) -> None:
    applicant(town, "zhang", "Zhang Wei")
    app = Terminal(town.desk("manager"))
    async with app.run_test(size=(80, 24)) as pilot:
        await presses(pilot, "f", "2")
        await until(pilot, "Business card, oldest first", "Nothing of this kind waits.")
        await presses(pilot, "g")
        await until(pilot, "Nothing waits. The queue is done.")
        await presses(pilot, "escape", "f", "1")
        await until(pilot, "Zhang Wei")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_language_changes_in_the_middle_of_a_review(town: Town, language: str) -> None:
    applicant(town, "zhang", "Zhang Wei")
    app = Terminal(town.desk("manager"))
    with speaking("en"):
        async with app.run_test(size=(80, 24)) as pilot:
            await presses(pilot, "g")
            app.speak(language)
            await settled(pilot)
            await until(pilot, *{"en": ("+ Approve", "Debt service"), "zh_CN": ("+ 批准", "月还款")}[language])
            assert len(lines(app)) == 24


def test_a_grade_begins_where_its_bound_says() -> None:
    floors = [least_points(percent, DEFAULT_SCALE) for percent in DEFAULT_POLICY.grade_bounds_percent]
    assert floors == [577, 554, 526]
    for floor, grade, below in zip(floors, list(Grade), list(Grade)[1:], strict=False):
        assert grade_of(DEFAULT_SCALE.probability(floor), DEFAULT_POLICY) is grade
        assert grade_of(DEFAULT_SCALE.probability(floor - 1), DEFAULT_POLICY) is below


@asynccontextmanager
async def manager_at_the_desk(home: Home, clock: SimulatedClock) -> AsyncIterator[tuple[BankApp, Pilot[None]]]:
    """The whole application, with the first application in front of the manager."""
    app = application(home, clock)
    async with running(app) as pilot:
        await sign_in(pilot, app, "manager")
        await until(pilot, "Zhang Wei")
        await presses(pilot, "g")
        await until(pilot, "+ Approve")
        yield app, pilot


@pytest.mark.parametrize("key", ["f2", "f3"])
async def test_leaving_the_desk_for_another_page_gives_the_application_back(
    town: Town, home: Home, clock: SimulatedClock, key: str
) -> None:
    _, waiting = applicant(town, "zhang", "Zhang Wei")
    async with manager_at_the_desk(home, clock) as (app, pilot):
        assert stands(town, waiting).status is ApplicationStatus.IN_REVIEW
        await presses(pilot, key)
        await until(pilot, "> Submitted" if key == "f2" else "Waiting for a signature")
        assert stands(town, waiting).status is ApplicationStatus.SUBMITTED
        assert not isinstance(app.screen, ReviewDesk)


async def test_a_step_that_is_under_way_when_the_desk_is_left_holds_nothing_afterwards(
    town: Town, home: Home, clock: SimulatedClock
) -> None:
    _, first = applicant(town, "zhang", "Zhang Wei")
    _, second = applicant(town, "wang", "Wang Fang", WEAK)
    async with manager_at_the_desk(home, clock) as (app, pilot):
        with town.bank.store.write():
            # The branch is busy: skipping waits, and the person does not.
            await pilot.press("s", "f3")
            await asyncio.sleep(0.2)
        await until(pilot, "Waiting for a signature")
        await settled(pilot)
        assert not isinstance(app.screen, ReviewDesk)
        for each in (first, second):
            assert stands(town, each).status is ApplicationStatus.SUBMITTED


async def test_half_a_decision_is_kept_while_the_application_goes_back_to_the_queue(
    town: Town, home: Home, clock: SimulatedClock
) -> None:
    _, waiting = applicant(town, "zhang", "Zhang Wei")
    async with manager_at_the_desk(home, clock) as (app, pilot):
        await presses(pilot, "r", "4", "tab")
        await types(pilot, "Calls back")
        await presses(pilot, "escape", "f3")
        await until(pilot, "Waiting for a signature")
        assert stands(town, waiting).status is ApplicationStatus.SUBMITTED
        await presses(pilot, "f2")
        await until(pilot, "Zhang Wei")
        await presses(pilot, "g")
        await until(pilot, "+ Approve")
        await presses(pilot, "r")
        await until(pilot, "Calls back", "4 [x]")
        await presses(pilot, "ctrl+s")
        await until(pilot, "x Refused")
        await app.workers.wait_for_complete()
        assert await asyncio.to_thread(my_drafts, app.desk) == ()


@pytest.mark.parametrize(
    ("key", "title"), [("w", "Why this opinion"), ("r", "Refuse: {name}"), ("a", "Approve: {name}")]
)
async def test_the_dialogs_of_the_desk_speak_another_language_at_once(town: Town, key: str, title: str) -> None:
    applicant(town, "zhang", "Zhang Wei")
    app = Terminal(town.desk("manager"))
    with speaking("en"):
        async with app.run_test(size=(80, 24)) as pilot:
            await presses(pilot, "g")
            await until(pilot, "+ Approve")
            await presses(pilot, key)
            await until(pilot, title.format(name="Zhang Wei"))
            app.speak("zh_CN")
            await until(pilot, tr(title, name="Zhang Wei"))
            assert title.format(name="Zhang Wei") not in told(pilot)
