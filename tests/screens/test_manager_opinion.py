"""The opinion on the review desk: how sure it is, what it rests on, why, and what was said when a decision was made."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from textual.pilot import Pilot

from bankcard_tui.locale import language, tr
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.scorecard import Scorecard
from bankcard_tui.rules.terms import RefusalReason
from bankcard_tui.screens.manager.applications import DecidedApplication
from bankcard_tui.screens.manager.decisions import Tally
from bankcard_tui.screens.manager.desk import ReviewDesk
from bankcard_tui.screens.manager.steps import Steps
from bankcard_tui.services.application_views import ApplicationRow
from bankcard_tui.services.opinions import Raise
from bankcard_tui.services.review import ReviewFile, approve, claim, look, refuse
from bankcard_tui.store.types import new_id
from tests.branch import Town
from tests.hand_made_card import put_in_force, trained_like
from tests.screens.manager_kit import HARDLY_KNOWN, WEAK, Terminal, applicant, presses, told, until
from tests.screens.widgets_kit import LANGUAGES, SIZES, assert_harmless, lines, speaking

Change = Callable[[ReviewFile], ReviewFile]


def trained(town: Town, card: Scorecard | None = None) -> None:
    put_in_force(town.bank, card or trained_like(), town.staff("manager"))


@asynccontextmanager
async def sheet(
    town: Town, application: ApplicationRow, size: tuple[int, int] = (80, 24), change: Change = lambda file: file
) -> AsyncIterator[Pilot[None]]:
    """An application with its opinion, as a manager looks at it."""
    file = change(look(town.desk("manager"), application.id))
    app = Terminal(town.desk("manager"), lambda: ReviewDesk(file, Tally(), Steps(app.desk, None)))
    async with app.run_test(size=size) as pilot:
        await until(pilot, "can be granted" if language() == "en" else "可授额度")
        yield pilot


def column(pilot: Pilot[None], place: int) -> str:
    """What stands in one of the parts side by side, as running text."""
    parts = [line.split("│")[place] for line in lines(pilot.app) if "│" in line]
    return " ".join(" ".join(parts).split())


@pytest.mark.parametrize("spoken", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_how_sure_the_opinion_is_and_what_it_rests_on_stand_beside_the_proposal(
    town: Town, size: tuple[int, int], spoken: str
) -> None:
    trained(town)
    _, application = applicant(town, "wang", "Wang Fang", WEAK)
    opinion = look(town.desk("manager"), application.id).advice.opinion
    with speaking(spoken):
        async with sheet(town, application, size) as pilot:
            said = column(pilot, -1)
            low, high = (f"{100 * each:.0f}" for each in (opinion.low, opinion.high))
            probability = f"{100 * opinion.probability:.0f}"
            words = "default {percent} % ({low} to {high} %)"
            assert tr(words, percent=probability, low=low, high=high) in said
            assert "1,024" in said
            assert "151" in said
            (mark,) = [line for line in lines(pilot.app) if "|-" in line and "-|" in line]
            assert mark.index("|-") < mark.index("^") < mark.index("-|")
            for reason in (*opinion.reasons_against, *opinion.reasons_for):
                assert tr(reason.template, **reason.values).replace(" ", "")[:8] in said.replace(" ", "")
            assert tr("Refuse") in told(pilot)


async def test_the_counted_evidence_stands_beside_the_reasons(town: Town) -> None:
    trained(town)
    _, application = applicant(town, "wang", "Wang Fang", WEAK)
    strongest = look(town.desk("manager"), application.id).advice.opinion.reasons_against[0]
    async with sheet(town, application, (80, 24)) as pilot:
        assert f"{strongest.bad} of {strongest.cases} defaulted" in told(pilot)
    async with sheet(town, application, (80, 50)) as pilot:
        assert f"{strongest.bad} of {strongest.cases} such customers defaulted" in column(pilot, -1)


async def test_the_experts_word_alone_counts_no_customers(town: Town) -> None:
    _, application = applicant(town, "wang", "Wang Fang", WEAK)
    for size in SIZES:
        async with sheet(town, application, size) as pilot:
            said = told(pilot)
            assert "no outcomes yet" in said
            assert "defaulted" not in said


@pytest.mark.parametrize(("sd", "borderline"), [(0.001, False), (0.5, True)])
async def test_a_grade_that_is_not_sure_is_called_borderline(town: Town, sd: float, borderline: bool) -> None:
    trained(town, trained_like(sd=sd))
    _, application = applicant(town, "wang", "Wang Fang", WEAK)
    async with sheet(town, application) as pilot:
        assert ("! borderline" in told(pilot)) is borderline
        await presses(pilot, "w", "pagedown", "pagedown")
        assert ("! Borderline: another grade can't be ruled out" in told(pilot)) is borderline


async def test_whom_no_known_customer_was_like_is_named(town: Town) -> None:
    card = trained_like()
    richer = tuple(
        replace(each, lowest=9e6) if each.code == "monthly_income" else each for each in card.characteristics
    )
    trained(town, replace(card, characteristics=richer))
    _, application = applicant(town, "wang", "Wang Fang", WEAK)
    async with sheet(town, application, (120, 40)) as pilot:
        assert "! No known customer was like this: Monthly income." in column(pilot, -1)


async def test_reasons_stand_side_by_side_where_there_is_room(town: Town) -> None:
    trained(town)
    _, application = applicant(town, "wang", "Wang Fang", WEAK)
    async with sheet(town, application, (120, 40)) as pilot:
        assert any("Against" in line and "For" in line for line in lines(pilot.app))
    async with sheet(town, application, (80, 24)) as pilot:
        assert not any("Against" in line and "For" in line for line in lines(pilot.app))


def figures(screen: list[str]) -> list[int]:
    """The points column of the table of reasons, from the base to the total."""
    rows = [line.split("│")[1] if line.count("│") > 1 else line for line in screen]
    table = [row for row in rows if "Everybody starts with" in row or " / " in row or "Points in total" in row]
    return [int(row.partition(" /")[0].split()[-1]) for row in table if "points / best" not in row]


async def test_why_shows_every_characteristic_and_a_sum_that_can_be_read_off(town: Town) -> None:
    trained(town)
    _, application = applicant(town, "zhang", "Zhang Wei")
    opinion = look(town.desk("manager"), application.id).advice.opinion
    async with sheet(town, application, (120, 40)) as pilot:
        await presses(pilot, "w")
        base, *each, total = figures(lines(pilot.app))
        assert (base, total) == (opinion.base, opinion.points)
        assert each == [reason.points for reason in opinion.weighed]
        assert base + sum(each) == total
        for reason in opinion.weighed:
            assert not reason.cases or f"{reason.bad} of {reason.cases}" in told(pilot)
        assert opinion.card_hash[:12] in told(pilot)
        assert "with 80 % certainty between" in told(pilot)
        await presses(pilot, "w")
        assert "Why this opinion" not in told(pilot)


async def test_why_begins_with_the_base_and_scrolls_to_the_total_on_a_small_terminal(town: Town) -> None:
    trained(town)
    _, application = applicant(town, "zhang", "Zhang Wei")
    opinion = look(town.desk("manager"), application.id).advice.opinion
    async with sheet(town, application) as pilot:
        await presses(pilot, "w")
        assert figures(lines(pilot.app))[0] == opinion.base
        await presses(pilot, "j", "j")
        assert figures(lines(pilot.app))[-1] == opinion.points


async def test_nothing_of_the_reasons_is_out_of_reach_on_a_small_terminal(town: Town) -> None:
    trained(town)
    _, application = applicant(town, "wang", "Wang Fang", HARDLY_KNOWN)
    async with sheet(town, application) as pilot:
        await presses(pilot, "w", *["pagedown"] * 8)
        assert "The aid advises; the decision is yours." in told(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_a_raise_that_could_be_proposed_stands_with_the_applicant_and_in_the_reasons(
    town: Town, size: tuple[int, int]
) -> None:
    customer, first = applicant(town, "zhang", "Zhang Wei")
    claim(town.desk("manager"), first.id)
    approve(town.desk("manager"), first.id, Money.yuan(10_000))
    application = town.applies("zhang", customer.customer_id)

    def could_be_raised(file: ReviewFile) -> ReviewFile:
        raised = Raise(
            account=new_id(town.bank.clock.now()), last4="4321", limit=Money.yuan(10_000), proposed=Money.yuan(13_500)
        )
        return file.model_copy(update={"advice": file.advice.model_copy(update={"raises": (raised,)})})

    async with sheet(town, application, size, could_be_raised) as pilot:
        await presses(pilot, *["j"] * 10)
        assert "+ A raise to 13,500.00 yuan could be proposed" in column(pilot, 0)
        await presses(pilot, "w", "pagedown", "pagedown")
        words = "+ Card ending in 4321: a raise from 10,000.00 to 13,500.00 yuan could be proposed."
        assert words in told(pilot)


# What was said when a decision was made


def refused(town: Town, username: str = "wang", name: str = "Wang Fang") -> tuple[Any, ApplicationRow]:
    customer, application = applicant(town, username, name, WEAK)
    claim(town.desk("manager"), application.id)
    refuse(town.desk("manager"), application.id, (RefusalReason.INCOME,), note="Known to us.")
    return customer, application


async def test_an_opinion_can_be_shown_again_as_it_was_under_another_card(town: Town) -> None:
    customer, application = refused(town)
    was = look(town.desk("manager"), application.id).advice.opinion
    trained(town)
    again = town.applies("wang", customer.customer_id)
    now = look(town.desk("manager"), again.id).advice.opinion
    assert (was.card, was.points) != (now.card, now.points)
    async with sheet(town, again, (120, 40)) as pilot:
        await presses(pilot, "d")
        said = told(pilot)
        assert f"Decided on {application.number}" in said
        assert "x Refuse" in said
        assert f"{was.points} points" in said
        assert figures(lines(pilot.app))[-1] == was.points
        await presses(pilot, "pagedown", "pagedown")
        assert f"Points card {was.card} ({was.card_hash[:12]}), policy version 1." in told(pilot)


async def test_of_several_decisions_one_is_chosen(town: Town) -> None:
    customer, first = refused(town)
    second = town.applies("wang", customer.customer_id)
    claim(town.desk("manager"), second.id)
    refuse(town.desk("manager"), second.id, (RefusalReason.INCOME,))
    third = town.applies("wang", customer.customer_id)
    async with sheet(town, third) as pilot:
        await presses(pilot, "d")
        assert "Which decision?" in told(pilot)
        await presses(pilot, "down", "enter")
        assert f"Decided on {first.number}" in told(pilot)


async def test_where_nothing_was_decided_the_desk_says_so(town: Town) -> None:
    _, application = applicant(town, "zhang", "Zhang Wei")
    async with sheet(town, application) as pilot:
        await presses(pilot, "d")
        assert "Nothing was decided here before." in told(pilot)


async def test_an_opinion_of_an_early_form_is_still_shown(town: Town) -> None:
    _, application = refused(town)
    early = ("card", "points", "probability", "grade", "proposal", "limit", "broken", "enough_known", "unknown")
    with town.bank.store.write() as connection:
        stored = json.loads(connection.execute(text("SELECT opinion FROM application_decision")).scalar_one())
        plain = {name: stored[name] for name in early}
        for name in ("reasons_against", "reasons_for"):
            plain[name] = [
                {key: each[key] for key in ("template", "values", "points", "best")} for each in stored[name]
            ]
        connection.execute(text("UPDATE application_decision SET opinion = :plain"), {"plain": json.dumps(plain)})
    app = Terminal(town.desk("manager"), lambda: DecidedApplication(application.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "d Decisions")
        await presses(pilot, "d")
        said = told(pilot)
        assert f"{stored['points']} points" in said
        assert f"default {100 * stored['probability']:.1f} %" in said
        assert "Overdue 2 times in twelve months" in said
        assert "Points in total" not in said
        assert "certainty" not in said
        assert_harmless(app)


async def test_the_applications_of_a_manager_open_with_their_decisions(town: Town) -> None:
    refused(town)
    app = Terminal(town.desk("manager"), "applications")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "Wang Fang")
        await presses(pilot, "enter")
        await until(pilot, "d Decisions")
        await presses(pilot, "d")
        await until(pilot, "the aid", "Refuse", "Known to us.")
        await presses(pilot, "d")
        await until(pilot, "History")
