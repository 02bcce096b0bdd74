"""The customer's first page: what to do next, how the application stands, what the customer asked to see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bankcard_tui.desk.clock import SimulatedClock
from bankcard_tui.rules.terms import ApplicationStatus
from bankcard_tui.screens.customer.application import ApplicationScreen
from bankcard_tui.screens.customer.progress import steps_of
from bankcard_tui.screens.customer.steps import (
    ACTIVATE,
    APPLY,
    APPLY_AGAIN,
    BRING_ID,
    FETCH,
    FILL_IN,
    MISSING,
    NOTHING,
    WAIT,
    Step,
    next_steps,
)
from bankcard_tui.services.application_views import ApplicationRow
from bankcard_tui.services.applications import withdraw
from bankcard_tui.services.cards import activate, hand_over, my_cards
from bankcard_tui.services.customers import my_file
from bankcard_tui.services.review import claim
from tests.branch import Town
from tests.screens.customer_kit import Terminal, approved, refused, returned, settled, told, until

SMALL = (80, 24)


def at_home(town: Town, username: str = "zhang") -> Terminal:
    return Terminal(town.desk(username), "home")


async def test_a_new_customer_reads_what_to_do_first(town: Town) -> None:
    town.registers("zhang")
    async with at_home(town).run_test(size=SMALL) as pilot:
        await until(pilot, "Bring your identity card to the counter")
        assert "p Fill in what you earn" in told(pilot)
        assert "a Apply for a card." in told(pilot)
        assert "! not confirmed yet" in told(pilot)
        assert "You have no card yet." in told(pilot)
        assert "Registered on 2026-03-02" in told(pilot)
        assert "this is the first" in told(pilot)


async def test_the_last_sign_in_is_the_one_before_this(town: Town, clock: SimulatedClock) -> None:
    town.registers("zhang")
    town.sign_in("zhang")
    clock.advance(timedelta(days=1, hours=2))
    async with at_home(town).run_test(size=SMALL) as pilot:
        await until(pilot, "Last sign-in 2026-03-02 10:00")
        assert "Last sign-in 2026-03-03" not in told(pilot)


async def test_an_application_in_review_shows_its_manager(town: Town) -> None:
    _, row = town.applicant()
    claim(town.desk("manager"), row.id)
    async with at_home(town).run_test(size=SMALL) as pilot:
        await until(pilot, f"Your application {row.number}: Consumer card")
        assert "+ Submitted" in told(pilot)
        assert "~ In review" in told(pilot)
        assert "2026-03-02 Manager not yet" in told(pilot)
        assert "Nothing to do now" in told(pilot)


async def test_a_granted_card_shows_its_limit_the_day_of_approval_and_where_to_fetch_it(town: Town) -> None:
    _, row = town.applicant()
    approved(town, row.id)
    async with at_home(town).run_test(size=SMALL) as pilot:
        await until(pilot, "Your limit: 10,000.00 yuan")
        assert "+ Approved" in told(pilot)
        assert "2026-03-02 Manager 2026-03-02" in told(pilot)
        assert "**** **** ****" in told(pilot)
        assert "fetch it at the counter" in told(pilot)


@pytest.mark.parametrize(("key", "page"), [("a", "apply"), ("p", "profile"), ("c", "cards")])
async def test_a_letter_opens_the_page_that_it_names(town: Town, key: str, page: str) -> None:
    town.registers("zhang")
    app = at_home(town)
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        await pilot.press(key)
        await settled(pilot)
        assert app.opened == [page]


async def test_enter_opens_the_newest_application_and_escape_comes_back(town: Town) -> None:
    _, row = town.applicant()
    returned(town, row.id)
    app = at_home(town)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, "Enter Something is missing for your application")
        await pilot.press("enter")
        await until(pilot, "Please add the payslips of three months.")
        assert isinstance(app.screen, ApplicationScreen)
        await pilot.press("escape")
        await until(pilot, "What to do next")


async def test_coming_back_to_the_page_shows_what_has_changed_meanwhile(town: Town) -> None:
    _, row = town.applicant()
    async with at_home(town).run_test(size=SMALL) as pilot:
        await until(pilot, "waits for a manager")
        await pilot.press("f1")
        await settled(pilot)
        approved(town, row.id)
        await pilot.press("escape")
        await until(pilot, "+ Approved")
        assert "waits for a manager" not in told(pilot)


async def test_somebody_without_a_customer_record_reads_why_there_is_nothing(town: Town) -> None:
    town.registers("zhang")
    with town.bank.store.write() as connection:
        connection.exec_driver_sql("UPDATE customer SET closed_at = registered_at")
    for page in ("home", "profile", "cards", "apply"):
        async with Terminal(town.desk("zhang"), page).run_test(size=SMALL) as pilot:
            await until(pilot, "! You are not registered as a customer. Register at the counter.")
            assert "Loading" not in told(pilot)


# --- the rules of thumb behind the page -------------------------------------------------------------------------------


def withdrawn(town: Town, row: ApplicationRow) -> None:
    withdraw(town.desk("zhang"), row.id)


def handed_over(town: Town, row: ApplicationRow) -> None:
    approved(town, row.id)
    hand_over(town.desk("teller"), my_cards(town.desk("zhang"))[0].id, True)


def activated(town: Town, row: ApplicationRow) -> None:
    handed_over(town, row)
    activate(town.desk("teller"), my_cards(town.desk("zhang"))[0].id, True)


@pytest.mark.parametrize(
    ("happened", "steps"),
    [
        (lambda town, row: None, [WAIT]),
        (lambda town, row: returned(town, row.id), [MISSING]),
        (lambda town, row: refused(town, row.id), [APPLY_AGAIN]),
        (withdrawn, [APPLY_AGAIN]),
        (lambda town, row: approved(town, row.id), [FETCH]),
        (handed_over, [ACTIVATE]),
        (activated, [NOTHING]),
    ],
    ids=["waiting", "returned", "refused", "withdrawn", "approved", "handed over", "active"],
)
def test_each_state_has_its_next_step(
    town: Town, happened: Callable[[Town, ApplicationRow], None], steps: list[Step]
) -> None:
    happened(town, town.applicant()[1])
    assert next_steps(my_file(town.desk("zhang"))) == steps


def test_a_new_customer_has_three_things_to_do(town: Town) -> None:
    town.registers("zhang")
    assert next_steps(my_file(town.desk("zhang"))) == [BRING_ID, FILL_IN, APPLY]


@pytest.mark.parametrize(
    ("status", "reviewer", "words", "reached"),
    [
        (ApplicationStatus.SUBMITTED, "", "+ Submitted|. In review|. Decision", [True, False, False]),
        (ApplicationStatus.SUBMITTED, "Wu", "+ Submitted|. In review|. Decision", [True, False, False]),
        (ApplicationStatus.IN_REVIEW, "Wu", "+ Submitted|~ In review|. Decision", [True, True, False]),
        (ApplicationStatus.RETURNED, "Wu", "+ Submitted|! Returned|. Decision", [True, True, False]),
        (ApplicationStatus.APPROVED, "Wu", "+ Submitted|+ In review|+ Approved", [True, True, True]),
        (ApplicationStatus.REFUSED, "Wu", "+ Submitted|+ In review|x Refused", [True, True, True]),
        (ApplicationStatus.WITHDRAWN, "", "+ Submitted|. In review|- Withdrawn", [True, False, True]),
        (ApplicationStatus.WITHDRAWN, "Wu", "+ Submitted|+ In review|- Withdrawn", [True, True, True]),
    ],
)
def test_the_way_of_an_application_in_three_steps(
    town: Town, status: ApplicationStatus, reviewer: str, words: str, reached: list[bool]
) -> None:
    row = town.applicant()[1].model_copy(update={"status": status, "reviewer": reviewer})
    steps = steps_of(row, "Asia/Shanghai")
    assert "|".join(step.plain for step, _, _ in steps) == words
    assert [here for _, _, here in steps] == reached
