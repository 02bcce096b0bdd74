"""Signatures and limits: what waits for one more person, and the table that says why."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bankcard_tui.desk.pending import REQUEST
from bankcard_tui.desk.results import RequestView
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import ApplicationStatus
from bankcard_tui.services import review
from bankcard_tui.services.application_views import ApplicationRow
from bankcard_tui.services.policy_changes import change_policy
from bankcard_tui.services.requests import sign
from tests.branch import Town
from tests.screens.manager_kit import Terminal, applicant, presses, stands, told, types, until
from tests.screens.widgets_kit import SIZES


def proposed(
    town: Town, limit: int, by: str = "manager", note: str = "", against: str = ""
) -> tuple[ApplicationRow, RequestView]:
    """An application approved by one manager, waiting for the others."""
    _, application = applicant(town, f"c{limit}", f"Customer {limit}", wish=limit)
    review.claim(town.desk(by), application.id)
    request = review.approve(town.desk(by), application.id, Money.yuan(limit), note, against).pending
    assert request is not None
    return application, request


@pytest.mark.parametrize("size", SIZES)
async def test_a_second_person_looks_at_the_file_and_signs(town: Town, size: tuple[int, int]) -> None:
    application, _ = proposed(town, 20_000, note="Nine years with us.")
    app = Terminal(town.desk("manager2"), "signatures")
    async with app.run_test(size=size) as pilot:
        await until(pilot, "Customer 20", "20,000.00", "1 of 2", "> to be signed by you")
        await presses(pilot, "enter")
        await until(pilot, "> To be signed", "20,000.00 yuan", "proposed by Manager", "Nine years with us.")
        await presses(pilot, "g")
        await until(pilot, "Sign this limit?", "Limit: 20,000.00 yuan", "Proposed by Manager", "Nine years with us.")
        assert stands(town, application).status is ApplicationStatus.IN_REVIEW
        await presses(pilot, "y")
        await until(pilot, "+ approved, the card is issued", "Points cards wait on their own page.")
    assert stands(town, application).approved_limit == Money.yuan(20_000)


async def test_a_third_signature_is_plainly_not_ones_own_to_give(town: Town) -> None:
    _, request = proposed(town, 45_000)
    sign(town.desk("director"), request.id)
    app = Terminal(town.desk("manager2"), "signatures")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "2 of 3", "- not yours to sign")
        assert "Give signature" not in told(pilot)
        await presses(pilot, "g")
        assert "Sign this limit?" not in told(pilot)


async def test_whoever_signed_second_does_not_sign_third(town: Town) -> None:
    _, request = proposed(town, 45_000)
    sign(town.desk("director"), request.id)
    app = Terminal(town.desk("director"), "signatures")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "2 of 3", "+ signed by you")
        assert "Give signature" not in told(pilot)


async def test_refusing_to_sign_needs_a_note_and_sends_back_to_the_queue(town: Town) -> None:
    application, _ = proposed(town, 20_000)
    app = Terminal(town.desk("manager2"), "signatures")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "Customer 20")
        await presses(pilot, "f")
        await until(pilot, "Refuse to sign: Customer 20000")
        await presses(pilot, "ctrl+s")
        await until(pilot, "! This is needed.")
        await types(pilot, "Too much for a first card.")
        await presses(pilot, "ctrl+s")
        await until(pilot, "x Refused it waits for a review again", "Nothing waits for a signature.")
    assert stands(town, application).needed == 0


async def test_one_takes_ones_own_request_back_and_cannot_sign_it(town: Town) -> None:
    proposed(town, 20_000)
    app = Terminal(town.desk("manager"), "signatures")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "~ waits for others", "Take back")
        assert "Give signature" not in told(pilot)
        await presses(pilot, "t")
        await until(pilot, "Take your request back?")
        await presses(pilot, "y")
        await until(pilot, "- Withdrawn it waits for a review again")


async def test_a_request_that_a_colleague_has_ended_is_told(town: Town) -> None:
    _, request = proposed(town, 20_000)
    app = Terminal(town.desk("manager2"), "signatures")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "Customer 20")
        await presses(pilot, "g")
        sign(town.desk("director"), request.id)
        await presses(pilot, "y")
        await until(pilot, "! This request does not wait any more.", "Nothing waits for a signature.")


@pytest.mark.parametrize("size", SIZES)
async def test_the_tiers_in_force_stand_behind_a_key_of_the_limits_page(town: Town, size: tuple[int, int]) -> None:
    app = Terminal(town.desk("manager"), "limits")
    async with app.run_test(size=size) as pilot:
        await presses(pilot, "t")
        await until(
            pilot,
            "version 1 since 2026-03-02",
            "* Excellent < 10 % 10,000.00 - 50,000.00 30-50 % 3 months overdue",
            "+ Good < 20 % 5,000.00 - 20,000.00 20-30 % 2 months overdue",
            "~ Medium < 40 % 2,000.00 - 10,000.00 10-20 % 1 month overdue",
            "! Poor >= 40 % 500.00 - 5,000.00 none any overdue",
            "Excellent: highest limit 50,000.00 yuan",
        )


async def test_a_change_of_the_rules_of_limits_is_named_and_opened(town: Town) -> None:
    change_policy(town.desk("manager"), {"tiers.good.highest": "25000"}, "Decided by the committee.")
    app = Terminal(town.desk("manager2"), "signatures")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "> 1 change of rules: v")
        await presses(pilot, "v")
        await until(pilot, "Versions of the policy", "> to be signed by you")


async def test_an_altered_request_is_shown_read_and_not_signed_and_the_others_are(town: Town) -> None:
    altered, request = proposed(town, 20_000)
    sound, _ = proposed(town, 25_000)
    with town.bank.store.write() as connection:
        connection.execute(update(REQUEST).where(REQUEST.c.id == request.id).values(needed="sign_third"))
    app = Terminal(town.desk("manager2"), "signatures")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "Customer 20", "! altered in the store", "Customer 25", "> to be signed by you")
        assert "Give signature" not in told(pilot)
        await presses(pilot, "enter")
        await until(pilot, "! Altered in the store", "This request was altered in the store.", "Do not sign.")
        for key in "gft":
            await presses(pilot, key)
            assert "! Altered in the store" in told(pilot), "no question was asked"
            assert len(app.screen_stack) == 3
        await presses(pilot, "escape", "j", "g")
        await until(pilot, "Sign this limit?", "25,000.00")
        await presses(pilot, "y")
        await until(pilot, "+ approved, the card is issued")
    assert stands(town, altered).status is ApplicationStatus.IN_REVIEW
    assert stands(town, sound).status is ApplicationStatus.APPROVED
