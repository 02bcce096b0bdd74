"""Precedents: the known customers most like the applicant, and raises of what the applicant has here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, insert

from bankcard_tui.models.outcome import CustomerOutcome, HistoryMonth
from bankcard_tui.rules.expert import expert_card
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.policy import DEFAULT_POLICY
from bankcard_tui.rules.scorecard import Value
from bankcard_tui.services.application_views import ApplicationRow
from bankcard_tui.services.customers import change_circumstances, open_file
from bankcard_tui.services.opinions import Advice, Raise
from bankcard_tui.services.precedents import EACH_POINTS, ENOUGH, HARDLY, PRECEDENTS, RINGS, Precedent
from bankcard_tui.services.profile import Circumstances
from bankcard_tui.services.review import approve, claim, look
from bankcard_tui.services.subjects import CUSTOMER
from bankcard_tui.store.types import new_id
from tests.branch import SOLID, Town
from tests.hand_made_card import put_in_force, trained_like

CARD = expert_card(DEFAULT_POLICY)
SAME: dict[str, Value] = {
    "age": 37,
    "monthly_income": 18_000,
    "assets": 270_000,
    "debt_service_percent": 0,
    "other_limits_percent_of_annual_income": 4.6,
    "times_overdue": 0,
    "years_employed": 9,
    "employer_kind": "state_owned",
    "occupation": "professional",
    "housing": "owned",
    "income_source": "payroll",
    "security": "none",
}
"""What is known of somebody with solid circumstances."""

Facts = dict[str, Value]


def known(town: Town, people: list[Facts], points: int | None = None, customers: Sequence[UUID] = ()) -> None:
    """People who turned out one after the other, a minute apart; ``customers`` are their records, else new ones."""
    now = town.bank.clock.now() - timedelta(days=30)
    rows = [
        {
            "id": new_id(now + timedelta(minutes=number)),
            "branch_id": town.bank.branch.id,
            "customer_id": customers[number] if customers else new_id(now),
            "started_on": date(1990, 1, 1) + timedelta(days=number),
            "facts": json.dumps(facts) if facts else "",
            "points": CARD.score(facts).points if points is None else points,
            "months_observed": 12,
            "worst_days_past_due": 95 if number % 7 == 0 else 0,
            "bad": number % 7 == 0,
            "matured_at": now + timedelta(minutes=number),
        }
        for number, facts in enumerate(people)
    ]
    columns = ", ".join(column.name for column in CUSTOMER.columns if column.name != "id")
    model = town.registers(f"model{len(people)}", "Secret Name").customer_id
    copy = f"INSERT INTO customer (id, {columns}) SELECT ?, {columns} FROM customer WHERE id = ?"
    with town.bank.store.write() as connection:
        for row in rows if not customers else ():
            connection.exec_driver_sql(copy, (row["customer_id"].bytes, model.bytes))
        connection.execute(insert(CustomerOutcome), rows)


def advice(town: Town, application: ApplicationRow) -> Advice:
    return look(town.desk("manager"), application.id).advice


def order_of(town: Town, found: tuple[Precedent, ...]) -> list[int]:
    """The numbers of the outcomes that were found, by when they turned out."""
    start = town.bank.clock.now() - timedelta(days=30)
    return [round((each.matured_at - start) / timedelta(minutes=1)) for each in found]


def changed(random: Random) -> dict[str, Value]:
    """Somebody much like the applicant, different in some things, of whom something is not known."""
    other: dict[str, Value] = {
        "age": random.randint(20, 68),
        "monthly_income": random.choice((2_500, 6_000, 18_000, 40_000)),
        "times_overdue": random.choice((0, 0, 0, 1, 3)),
        "occupation": random.choice(("office", "student", "professional")),
        "housing": random.choice(("owned", "rented", "unheard of")),
        "employer_kind": None,
    }
    return SAME | {code: other[code] for code in random.sample(sorted(other), 3)}


@pytest.mark.parametrize("seed", range(4))
def test_the_nearest_in_what_the_card_sees_come_first(town: Town, seed: int) -> None:
    random = Random(seed)
    _, application = town.applicant()
    people = [changed(random) for _ in range(70)]
    known(town, people)
    found = advice(town, application)
    own = CARD.score(SAME)
    assert own.points == found.opinion.points

    def rank(number: int) -> tuple[int, int, int]:
        facts = people[number]
        theirs = CARD.score(facts)
        away = [
            abs(one.points - other.points) for one, other in zip(own.contributions, theirs.contributions, strict=True)
        ]
        alike = sum(
            one.characteristic in ("age", "monthly_income", "times_overdue")
            and abs(one.points - other.points) <= HARDLY
            if SAME[one.characteristic] != facts[one.characteristic]
            else True
            for one, other in zip(own.contributions[:12], theirs.contributions[:12], strict=True)
        )
        return sum(away), -alike, -number

    reach = RINGS[-1][1]
    near = [number for number in range(70) if abs(CARD.score(people[number]).points - own.points) <= reach]
    assert order_of(town, found.precedents) == sorted(near, key=rank)[:PRECEDENTS]
    assert [-rank(number)[1] for number in sorted(near, key=rank)[:PRECEDENTS]] == [
        each.alike for each in found.precedents
    ]
    assert {each.asked for each in found.precedents} == {12}


def test_among_equals_the_newest_come_first_however_many_there_are(town: Town) -> None:
    _, application = town.applicant()
    many = 5 * EACH_POINTS
    known(town, [SAME] * many)
    found = advice(town, application).precedents
    assert order_of(town, found) == [many - 1 - place for place in range(PRECEDENTS)]
    assert {(each.alike, each.asked) for each in found} == {(12, 12)}
    assert found == advice(town, application).precedents


def test_a_crowd_at_the_same_points_does_not_hide_a_nearer_customer_beside_it(town: Town) -> None:
    _, application = town.applicant()
    # The same points in total, made up of quite other characteristics.
    crowd = SAME | {
        "housing": "rented",
        "monthly_income": 100_000,
        "security": "collateral",
        "employer_kind": "foreign",
    }
    own = CARD.score(SAME).points
    known(town, [crowd] * (4 * EACH_POINTS), points=own)
    known(town, [SAME | {"occupation": "office"}], points=own - 4)
    nearest = advice(town, application).precedents[0]
    assert (nearest.occupation, nearest.alike) == ("office", 11)


def test_nobody_is_a_precedent_for_themselves_whatever_record_they_have(town: Town) -> None:
    number = town.new_id_number()
    customer = town.registers("zhang", number=number)
    town.verified(customer.customer_id)
    again = town.registers("zhang2", number=number)
    application = town.applies("zhang", customer.customer_id)
    known(town, [SAME, SAME], customers=[customer.customer_id, again.customer_id])
    assert advice(town, application).precedents == ()
    other = town.registers("other").customer_id
    with town.bank.store.write() as connection:
        connection.exec_driver_sql("UPDATE outcome SET customer_id = ? WHERE bad = 0", (other.bytes,))
    assert len(advice(town, application).precedents) == 1


@pytest.mark.parametrize(("away", "found"), [(0, 1), (40, 1), (-40, 1), (41, 0), (-41, 0)])
def test_whose_odds_were_more_than_four_times_better_or_worse_is_no_precedent(
    town: Town, away: int, found: int
) -> None:
    _, application = town.applicant()
    known(town, [SAME], points=CARD.score(SAME).points + away)
    assert len(advice(town, application).precedents) == found


def test_the_points_of_the_card_of_that_time_find_customers_under_another_card(town: Town) -> None:
    _, application = town.applicant()
    card = trained_like(sd=0.1)
    harsh = replace(card, base=replace(card.base, points=card.base.points - 60))
    put_in_force(town.bank, harsh, town.staff("manager"))
    known(town, [SAME])
    found = advice(town, application)
    assert found.opinion.points < CARD.score(SAME).points - RINGS[-1][1]
    assert len(found.precedents) == 1


def test_whose_start_was_not_kept_is_no_precedent(town: Town) -> None:
    _, application = town.applicant()
    known(town, [{}], points=CARD.score(SAME).points)
    assert advice(town, application).precedents == ()


def test_what_is_not_known_of_the_applicant_is_not_called_alike(town: Town) -> None:
    customer, application = town.applicant()
    version = open_file(town.desk("teller"), customer.customer_id).version
    bare = SOLID.model_copy(update={"housing": None, "occupation": None})
    change_circumstances(town.desk("teller"), customer.customer_id, version, bare)
    less = {code: value for code, value in SAME.items() if code not in ("housing", "occupation")}
    known(town, [less])
    nearest = advice(town, application).precedents[0]
    assert (nearest.alike, nearest.asked) == (10, 10)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "7",
        "[]",
        '{"age": "old"}',
        '{"monthly_income": [1]}',
        '{"monthly_income": NaN}',
        '{"occupation": "pirate"}',
    ],
)
def test_what_was_never_written_by_the_program_is_not_known_of_a_precedent(town: Town, text: str) -> None:
    _, application = town.applicant()
    known(town, [SAME])
    with town.bank.store.write() as connection:
        connection.exec_driver_sql("UPDATE outcome SET facts = ?", (text,))
    (found,) = advice(town, application).precedents
    assert (found.age_band, found.occupation, found.income_band, found.alike) == ("", None, "", 0)


def test_a_precedent_says_nothing_that_points_at_a_person(town: Town) -> None:
    _, application = town.applicant()
    known(town, [SAME])
    nearest = advice(town, application).precedents[0]
    assert (nearest.age_band, nearest.income_band) == ("30-39", "15,000-30,000")
    assert {*Precedent.model_fields} == {
        *("age_band", "occupation", "employer_kind", "income_band", "limit", "grade", "points", "months_observed"),
        *("worst_days_past_due", "bad", "matured_at", "alike", "asked"),
    }


def test_the_guide_says_where_precedents_are_looked_for() -> None:
    guide = " ".join((Path(__file__).parents[2] / "docs" / "decision-aid.md").read_text(encoding="utf-8").split())
    first, second, last = (far for _, far in RINGS)
    assert f"lie within {last} of the applicant's" in guide
    assert f"begins within {first} points and goes on to {second} and to {last}" in guide
    assert f"fewer than {ENOUGH}." in guide
    assert f"the newest {EACH_POINTS} are looked at" in guide


# Raises


def used(town: Town, customer: UUID, days: tuple[int, ...]) -> None:
    """The months before today, the newest last, with the worst days past due of each."""
    month = town.bank.day_of(town.bank.clock.now()).replace(day=1)
    rows = []
    for late in reversed(days):
        month = (month - timedelta(days=1)).replace(day=1)
        amounts: dict[str, Any] = {name: Money.yuan(100) for name in ("balance", "spent", "repaid", "due")}
        branch = town.bank.branch.id
        rows.append({"customer_id": customer, "month": month, "branch_id": branch, "days_past_due": late, **amounts})
    with town.bank.store.write() as connection:
        connection.execute(insert(HistoryMonth), rows)


def with_a_card(town: Town, limit: int = 10_000) -> tuple[UUID, ApplicationRow]:
    """Somebody who has a card here and applies for another one."""
    customer, application = town.applicant()
    claim(town.desk("manager"), application.id)
    approve(town.desk("manager"), application.id, Money.yuan(limit))
    return customer.customer_id, town.applies("zhang", customer.customer_id)


def raises(town: Town, application: ApplicationRow) -> tuple[Raise, ...]:
    return advice(town, application).raises


def test_half_a_year_without_a_day_overdue_lets_a_raise_be_proposed(town: Town) -> None:
    customer, application = with_a_card(town)
    used(town, customer, (0,) * 6)
    (found,) = raises(town, application)
    assert found.limit == Money.yuan(10_000)
    assert Money.yuan(13_000) <= found.proposed <= Money.yuan(15_000)
    assert len(found.last4) == 4


@pytest.mark.parametrize("days", [(), (0,) * 5, (0, 0, 0, 1, 0, 0)])
def test_too_few_months_or_one_day_overdue_let_no_raise_be_proposed(town: Town, days: tuple[int, ...]) -> None:
    customer, application = with_a_card(town)
    if days:
        used(town, customer, days)
    assert raises(town, application) == ()


@pytest.mark.parametrize(
    "circumstances", [SOLID.model_copy(update={"monthly_income": None}), SOLID.model_copy(update={"times_overdue": 7})]
)
def test_a_broken_rule_lets_no_raise_be_proposed(town: Town, circumstances: Circumstances) -> None:
    customer, application = with_a_card(town)
    used(town, customer, (0,) * 6)
    version = open_file(town.desk("teller"), customer).version
    change_circumstances(town.desk("teller"), customer, version, circumstances)
    assert raises(town, application) == ()


def test_somebody_without_a_card_has_nothing_to_raise(town: Town) -> None:
    customer, application = town.applicant()
    used(town, customer.customer_id, (0,) * 12)
    assert raises(town, application) == ()


@pytest.mark.parametrize(
    "written",
    [
        "{",
        "null",
        "[]",
        "[" * 100_000,
        b"\xff",
        '{"age": [1]}',
        '{"age": "old"}',
        '{"age": 1' + "0" * 400 + "}",
        '{"monthly_income": {}}',
        '{"monthly_income": -5}',
    ],
)
def test_what_somebody_has_written_past_the_program_is_no_precedent_and_the_others_are(
    town: Town, written: str | bytes
) -> None:
    _, application = town.applicant()
    known(town, [SAME] * 8)
    before = advice(town, application).precedents
    with town.bank.store.write() as connection:
        newest = "SELECT id FROM outcome ORDER BY matured_at DESC LIMIT 1"
        connection.exec_driver_sql(f"UPDATE outcome SET facts = ? WHERE id = ({newest})", (written,))
    found = advice(town, application).precedents
    assert len(found) == PRECEDENTS
    assert found[:-1] == before[1:]


def test_words_that_nobody_uses_are_not_shown_with_a_precedent(town: Town) -> None:
    _, application = town.applicant()
    written = {"occupation": "\u202ehacker", "employer_kind": "[red]", "monthly_income": -5, "age": 10**16}
    known(town, [SAME | written], CARD.score(SAME).points)
    only = advice(town, application).precedents[0]
    assert (only.occupation, only.employer_kind, only.income_band, only.age_band) == (None, None, "", "")


def test_deciding_looks_for_no_precedents(town: Town) -> None:
    _, application = town.applicant()
    known(town, [SAME] * 8)
    manager = town.desk("manager")
    claim(manager, application.id)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    engine = town.bank.store._writing
    event.listen(engine, "before_cursor_execute", note)
    try:
        approve(manager, application.id, Money.yuan(20_000))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert asked
    assert not [each for each in asked if "outcome." in each]
