"""What a trained card says of its own making: quality on customers it has not seen, fairness, population."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from bankcard_tui.decision.table import Table
from bankcard_tui.decision.table_file import read_schema, read_table
from bankcard_tui.decision.training import LEAST_OF_A_GROUP, folds, train
from bankcard_tui.errors import BankError, InvalidInput
from bankcard_tui.rules.scorecard import Scorecard, Value
from bankcard_tui.rules.scorecard_json import card_from_json, card_to_json
from bankcard_tui.rules.training import Training
from tests.decision.customers import DIRECTIONS, EXPERT, customers, outcomes, table


def trained(known: Table, expert: Scorecard | None = EXPERT) -> Scorecard:
    return train(known, name="2026", source="test", made_at="2026-11-21", expert=expert, directions=DIRECTIONS)


def training_of(card: Scorecard) -> Training:
    assert card.training is not None
    return card.training


def sexes(count: int, seed: int) -> list[Value]:
    return list(np.random.default_rng(seed).choice(["f", "m"], count).tolist())


def test_with_no_outcomes_the_card_is_the_experts() -> None:
    columns: dict[str, list[Value]] = {code: [] for code in customers(1)}
    card = trained(Table.from_columns(columns, [], categorical={"housing"}))
    assert replace(card, name=EXPERT.name, training=None) == EXPERT
    assert training_of(card).expert == "expert"


def test_with_neither_customers_nor_an_expert_there_is_nothing_to_learn() -> None:
    with pytest.raises(InvalidInput):
        trained(Table.from_columns({}, []), expert=None)


def test_the_order_of_customers_changes_nothing() -> None:
    known = table(600, sex=sexes(600, 3))
    shuffled = known.rows(np.random.default_rng(4).permutation(600))
    assert card_to_json(trained(known)) == card_to_json(trained(shuffled))


def test_what_may_not_enter_changes_nothing_but_its_own_audit() -> None:
    columns = customers(600)
    bad = outcomes(columns)

    def card(sex: Iterable[Value]) -> Scorecard:
        known = {**columns, "sex": list(sex)}
        return trained(Table.from_columns(known, bad, categorical={"housing", "sex"}, never={"sex"}))

    told = card("f" if each else "m" for each in bad)  # who knew the sex would know everything
    shuffled = card(sexes(600, 5))
    assert training_of(told).excluded == ("sex",)
    assert "sex" not in {each.code for each in told.characteristics}
    assert training_of(told).fairness != training_of(shuffled).fairness
    for each in (told, shuffled):
        assert {group.value for group in training_of(each).fairness} == {"f", "m"}
    blind = [replace(each, training=replace(training_of(each), fairness=())) for each in (told, shuffled)]
    assert card_to_json(blind[0]) == card_to_json(blind[1])


def test_numbers_are_audited_in_quarters_and_small_groups_are_not_shown() -> None:
    columns = customers(400)
    ages: list[Value] = [float(20 + each % 40) for each in range(400)]
    rare: list[Value] = ["x"] * (LEAST_OF_A_GROUP - 1) + ["y"] * (400 - LEAST_OF_A_GROUP + 1)
    known = Table.from_columns(
        {**columns, "age": ages, "creed": rare},
        outcomes(columns),
        categorical={"housing", "creed"},
        never={"age", "creed"},
    )
    fairness = training_of(trained(known)).fairness
    assert [(each.column, each.value, each.quality.cases) for each in fairness] == [
        ("age", "20 - 29", 100),
        ("age", "30 - 39", 100),
        ("age", "40 - 49", 100),
        ("age", "50 - 59", 100),
        ("creed", "y", 371),
    ]


def test_a_card_is_judged_by_customers_it_has_not_seen() -> None:
    """Outcomes that nothing foretells: a card would look good on those it was learned from."""
    columns = customers(800)
    bad = (np.random.default_rng(7).random(800) < 0.4).tolist()
    held_out = training_of(trained(Table.from_columns(columns, bad, categorical={"housing"}), None)).held_out
    assert held_out is not None
    assert held_out.challenger_quality.auc is not None
    assert abs(held_out.challenger_quality.auc - 0.5) < 0.06
    assert held_out.champion == ""
    assert held_out.champion_quality.auc == 0.5


def test_the_experts_card_is_judged_by_the_same_customers() -> None:
    held_out = training_of(trained(table(2_000))).held_out
    assert held_out is not None
    assert held_out.champion == "expert"
    champion, challenger = held_out.champion_quality, held_out.challenger_quality
    assert champion.cases == challenger.cases == 2_000
    assert champion.auc is not None
    assert challenger.auc is not None
    assert challenger.auc > champion.auc + 0.01
    assert challenger.calibration_error is not None
    assert champion.calibration_error is not None
    assert challenger.calibration_error < champion.calibration_error


@pytest.mark.parametrize(("count", "judged"), [(600, True), (200, False)])
def test_later_customers_are_forecast_by_a_card_of_the_earlier(count: int, judged: bool) -> None:
    columns = customers(count)
    first = date(2024, 1, 1)
    days = [(first + timedelta(days=each // 3)).isoformat() for each in range(count)]
    known = Table.from_columns(columns, outcomes(columns), categorical={"housing"}, days=days)
    made = training_of(trained(known))
    assert (made.first_day, made.last_day) == (days[0], days[-1])
    assert (made.later is not None) == judged
    if made.later:
        assert made.later.challenger_quality.cases == 117  # the newest 20 %, less the rest of a day begun


def test_later_customers_are_those_whom_the_champion_has_not_seen_either() -> None:
    columns = customers(600)
    days = [(date(2024, 1, 1) + timedelta(days=each // 3)).isoformat() for each in range(600)]
    known = Table.from_columns(columns, outcomes(columns), categorical={"housing"}, days=days)
    champions = [trained(known.rows(np.arange(count))) for count in (300, 500, 600)]
    made = [
        train(known, name="x", source="x", made_at="x", expert=EXPERT, champion=champion).training
        for champion in champions
    ]
    later = [each.later.champion_quality.cases if each and each.later else None for each in made]
    assert later == [117, 99, None]


def test_a_later_time_that_went_otherwise_shows() -> None:
    columns = customers(1_000)
    chance = np.random.default_rng(1)
    bad = [chance.random() < (0.2 if each < 800 else 0.7) for each in range(1_000)]
    days = [(date(2024, 1, 1) + timedelta(days=each)).isoformat() for each in range(1_000)]
    made = training_of(trained(Table.from_columns(columns, bad, categorical={"housing"}, days=days)))
    assert made.later is not None
    assert made.later.challenger_quality.calibration_error is not None
    assert made.later.challenger_quality.calibration_error > 0.3


def test_folds_are_alike_and_hold_everybody_once() -> None:
    bad = np.arange(103) < 21
    parts = list(folds(bad))
    assert np.sum(parts, axis=0).tolist() == [1] * 103
    assert {int(part.sum()) for part in parts} == {20, 21}
    assert {int(bad[part].sum()) for part in parts} == {4, 5}


@pytest.mark.parametrize("count", [1, 2, 4, 7])
def test_even_a_few_customers_make_a_card(count: int) -> None:
    for expert in (EXPERT, None):
        card = trained(table(count), expert)
        assert card.outcomes[0] == count


def test_the_population_is_counted() -> None:
    card = trained(table(500))
    for each in card.characteristics:
        assert training_of(card).population[each.code] == tuple(attribute.cases for attribute in each.all)


def test_training_can_be_stopped_from_its_report() -> None:
    class Stopped(BankError):
        pass

    told: list[tuple[str, int, int]] = []

    def report(label: str, done: int, total: int) -> None:
        told.append((label, done, total))
        if len(told) == 4:
            raise Stopped("stop")

    with pytest.raises(Stopped):
        train(table(100), name="x", source="x", made_at="x", expert=EXPERT, report=report)
    assert len(told) == 4
    assert all(0 <= done <= total for _, done, total in told)


def test_the_card_and_the_schema_in_the_manual_can_be_read(tmp_path: Path) -> None:
    manual = (Path(__file__).resolve().parents[2] / "docs" / "points-card.md").read_text(encoding="utf-8")
    blocks = [textwrap.dedent(each) for each in re.findall(r"(?:^    .*\n)+", manual, re.MULTILINE)]
    schema, card = (each for each in blocks if each.startswith("{"))
    (tmp_path / "schema.json").write_text(schema)
    found = read_schema(tmp_path / "schema.json")
    assert found.never == {"sex", "purpose"}
    (tmp_path / "table.csv").write_text("income,housing,overdue,sex,purpose,target\n9000,tent,0,f,couple,0\n")
    assert read_table(tmp_path / "table.csv", found).bad.size == 1
    assert card_from_json(card).score({"income": 9_000.0, "housing": "tent"}).points == 560 + 15 - 2


def test_the_sensitive_columns_of_a_file_do_not_enter(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text('{"sensitive": ["age"], "stand_ins": ["prefix"], "categorical": ["prefix"]}')
    (tmp_path / "table.csv").write_text("age,prefix,income,target\n30,mr,100,0\n,mrs,,1\n")
    known = read_table(tmp_path / "table.csv", read_schema(tmp_path / "schema.json"))
    assert set(known.columns) == {"income"}
    assert set(known.audited) == {"age", "prefix"}
    assert known.bad.tolist() == [False, True]


def test_a_sensitive_column_does_not_enter_in_other_letters(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text('{"sensitive": ["sex"]}')
    (tmp_path / "table.csv").write_text("sex,Sex,income,target\n1,1,100,0\n0,0,200,1\n")
    known = read_table(tmp_path / "table.csv", read_schema(tmp_path / "schema.json"))
    assert set(known.columns) == {"income"}


@pytest.mark.parametrize("column", ["overdue", "Overdue"])
def test_an_expert_who_asks_about_what_may_not_enter_is_refused(column: str) -> None:
    columns = customers(60)
    bad = outcomes(columns)
    columns[column] = columns.pop("overdue")
    known = Table.from_columns(columns, bad, categorical={"housing"}, never={column})
    with pytest.raises(InvalidInput, match="may not enter"):
        trained(known)
