"""The card that experience makes of the expert's: what it keeps, what it learns, and what it never does."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankcard_tui.decision.binning import bounds, prior_card, short_between
from bankcard_tui.decision.learning import learn
from bankcard_tui.decision.scoring import score_table
from bankcard_tui.decision.table import Table
from bankcard_tui.errors import InvalidInput
from bankcard_tui.rules.scorecard import Attribute, Characteristic, Scorecard
from bankcard_tui.rules.scorecard_json import card_from_json, card_to_json
from tests.decision.customers import DIRECTIONS, EXPERT, customers, outcomes, table

PEOPLE = customers(400, seed=9)
ROWS = [{code: column[place] for code, column in PEOPLE.items()} for place in range(400)]


def characteristic(card: Scorecard, code: str) -> Characteristic:
    return next(each for each in card.characteristics if each.code == code)


def mean_width(card: Scorecard) -> float:
    return float(np.mean([card.score(row).sd for row in ROWS]))


def test_dividing_the_experts_ranges_changes_nobodys_points() -> None:
    prior = prior_card(table(3_000), EXPERT, DIRECTIONS)
    assert len(characteristic(prior, "income").attributes) > 6
    assert {each.below for each in characteristic(prior, "income").attributes} >= {3000, 8000}
    for row in ROWS:
        assert prior.score(row).points == EXPERT.score(row).points


def test_a_word_that_is_frequent_and_new_gets_an_attribute_of_its_own() -> None:
    housing = characteristic(prior_card(table(400), EXPERT, {}), "housing")
    assert [each.words for each in housing.attributes] == [("owned", "mortgaged"), ("rented",), ("boat",), ("family",)]
    assert [each.points for each in housing.attributes] == [10, -4, -2, -2]


def test_a_rare_word_counts_with_the_others() -> None:
    columns = {"housing": ["owned"] * 20 + ["tent"] * 4}
    card = learn(Table.from_columns(columns, [False] * 24, categorical={"housing"}), None, {}).card
    housing = characteristic(card, "housing")
    assert [each.words for each in housing.attributes] == [("owned",)]
    assert housing.other is not None
    assert housing.other.cases == 4


@pytest.mark.parametrize("count", [1, 2, 3])
def test_with_a_handful_of_outcomes_nothing_jumps(count: int) -> None:
    card = learn(table(count), EXPERT, DIRECTIONS).card
    for row in ROWS:
        before, after = EXPERT.score({**row, "years": None}), card.score({**row, "years": None})
        assert abs(after.points - before.points) < 20
        assert after.sd == pytest.approx(before.sd, rel=0.2)


def test_with_thousands_the_card_is_the_customers_own() -> None:
    card = learn(table(8_000), EXPERT, DIRECTIONS).card
    overdue = characteristic(card, "overdue").attributes
    assert overdue[0].points - overdue[-1].points > 80  # the expert says 58, the truth is twice that
    assert characteristic(card, "years").attributes[-1].points > 20  # the expert knows nothing of it


def test_each_attribute_is_as_sure_as_it_has_customers() -> None:
    chance = np.random.default_rng(1)
    incomes: list[float | None] = [*chance.uniform(0, 9_000, 1_940).tolist(), *[None] * 60]
    words: list[str | None] = [*["a"] * 970, *["b"] * 30, *["a"] * 940, *["b"] * 30, *[None] * 30]
    bad = (chance.random(2_000) < 0.3).tolist()  # income says nothing, so that its direction ties ranges into one
    known = Table.from_columns({"income": incomes, "word": words}, bad, categorical={"word"})
    card = learn(known, None, {"income": -1}, (1.0, 0.4)).card
    assert len(characteristic(card, "income").attributes) < 12
    often, rare = ({"income": 4_000.0, "word": word} for word in ("a", "b"))
    assert card.score(rare).sd > 2 * card.score(often).sd
    assert card.score({**often, "word": None}).sd > card.score(rare).sd
    assert card.score({**often, "income": None}).sd > 2 * card.score(often).sd


def test_more_outcomes_narrow_the_interval() -> None:
    widths = [mean_width(learn(table(count), EXPERT, DIRECTIONS).card) for count in (100, 1_600, 6_400)]
    assert all(later < 0.9 * earlier for earlier, later in pairwise(widths))


def test_the_same_customers_twice_narrow_the_interval() -> None:
    once = table(300)
    twice = once.rows(np.repeat(np.arange(300), 2))
    strength = (0.25, 0.1)
    alone, doubled = (learn(each, EXPERT, DIRECTIONS, strength).card for each in (once, twice))
    assert mean_width(doubled) < mean_width(alone)


def test_a_characteristic_that_the_table_lacks_stays_as_the_expert_says() -> None:
    columns = customers(500)
    bad = outcomes(columns)
    del columns["overdue"]
    card = learn(Table.from_columns(columns, bad, categorical={"housing"}), EXPERT, DIRECTIONS).card
    assert characteristic(card, "overdue") == characteristic(EXPERT, "overdue")
    assert card.score({"overdue": 1.0}).sd > characteristic(card, "overdue").attributes[1].prior_sd
    # Those customers are scored with what is not known of them, and their mean stays right.
    scores = score_table(card, Table.from_columns(columns, bad, categorical={"housing"}))
    assert scores.probability.mean() == pytest.approx(np.mean(bad), abs=0.02)


@pytest.mark.parametrize("lacking", [(), ("overdue",), ("overdue", "income")])
def test_the_mean_stays_right_however_far_off_the_experts_base_is(lacking: tuple[str, ...]) -> None:
    columns = customers(3_000)
    bad = outcomes(columns)
    known = Table.from_columns(
        {code: column for code, column in columns.items() if code not in lacking}, bad, categorical={"housing"}
    )
    card = learn(known, replace(EXPERT, base=Attribute(480, 0.5)), DIRECTIONS).card
    assert score_table(card, known).probability.mean() == pytest.approx(np.mean(bad), abs=0.01)


def test_what_is_known_of_nobody_leaves_the_interval_as_narrow_as_where_nobody_asks() -> None:
    columns = customers(3_000)
    bad = outcomes(columns)
    del columns["overdue"]
    known = Table.from_columns(columns, bad, categorical={"housing"})
    without = replace(EXPERT, characteristics=EXPERT.characteristics[:2])
    asked, unasked = (learn(known, expert, DIRECTIONS).card for expert in (EXPERT, without))
    rows = [{code: column[place] for code, column in columns.items()} for place in range(200)]
    for row in rows:
        assert asked.score(row).sd == pytest.approx(unasked.score(row).sd, rel=0.05)
        # Whose overdue history is known is like nobody: there the expert's word is all there is.
        assert asked.score({**row, "overdue": 0.0}).sd > 0.25


def test_what_nobody_was_asked_does_not_count_twice() -> None:
    overdue = characteristic(EXPERT, "overdue")
    strict = replace(overdue, missing=replace(overdue.missing, points=-100))
    expert = replace(EXPERT, characteristics=(*EXPERT.characteristics[:2], strict))
    columns = customers(2)
    bad = outcomes(columns)
    del columns["overdue"]
    card = learn(Table.from_columns(columns, bad, categorical={"housing"}), expert, DIRECTIONS).card
    assert abs(card.base.points - expert.base.points) < 20


def test_the_experts_bounds_stay_where_customers_contradict_the_expert() -> None:
    incomes = [float(each) for each in range(0, 12_000, 10)]
    known = Table.from_columns({"income": incomes}, [each >= 6_000 for each in incomes])
    ranges = characteristic(learn(known, EXPERT, DIRECTIONS).card, "income").attributes
    assert [each.below for each in ranges] == [3000, 8000, None]
    assert len({each.points for each in ranges}) == 1


def test_the_experts_own_direction_against_the_fields_counts_as_not_known() -> None:
    income = characteristic(EXPERT, "income")
    upside_down = replace(income, attributes=tuple(replace(each, points=-each.points) for each in income.attributes))
    expert = replace(EXPERT, characteristics=(upside_down,))
    card = learn(table(300), expert, DIRECTIONS).card
    assert characteristic(card, "income").direction == 0
    assert characteristic(learn(table(300), EXPERT, DIRECTIONS).card, "income").direction == -1


def test_a_direction_that_the_customers_contradict_leaves_one_range() -> None:
    columns = {"income": [float(each) for each in range(1_000)]}
    card = learn(Table.from_columns(columns, [each >= 500 for each in range(1_000)]), None, {"income": -1}).card
    assert len(characteristic(card, "income").attributes) == 1
    assert characteristic(card, "income").attributes[0].cases == 1_000


@settings(max_examples=25, deadline=None)
@given(
    count=st.integers(1, 300),
    seed=st.integers(0, 10_000),
    with_expert=st.booleans(),
    direction=st.sampled_from([1, -1]),
)
def test_more_never_goes_against_the_known_direction(count: int, seed: int, with_expert: bool, direction: int) -> None:
    columns = customers(count, seed)
    bad = (np.random.default_rng(seed).random(count) < 0.4).tolist()
    known = Table.from_columns(columns, bad, categorical={"housing"})
    card = learn(known, EXPERT if with_expert else None, {"years": direction, **DIRECTIONS}).card
    for code, way in (("years", direction), ("income", -1), ("overdue", 1)):
        points = [each.points for each in characteristic(card, code).attributes]
        assert all((later - earlier) * way <= 0 for earlier, later in pairwise(points)), (code, points)


@settings(max_examples=25, deadline=None)
@given(count=st.integers(1, 400), seed=st.integers(0, 1_000), with_expert=st.booleans())
def test_a_learned_card_is_sound(count: int, seed: int, with_expert: bool) -> None:
    known = table(count, seed)
    card = learn(known, EXPERT if with_expert else None, DIRECTIONS).card
    assert card_from_json(card_to_json(card)) == card
    full = np.zeros((len(card.covariance), len(card.covariance)))
    for row, line in enumerate(card.covariance):
        full[row, : row + 1] = full[: row + 1, row] = line
    assert np.linalg.eigvalsh(full).min() > -1e-5
    assert card.outcomes == (count, int(known.bad.sum()))
    for each in card.characteristics:
        assert sum(attribute.cases for attribute in each.all) == count
        assert sum(attribute.bad for attribute in each.all) == known.bad.sum()
    for row in ROWS[:20]:
        score = card.score(row)
        assert score.points == score.base + sum(each.points for each in score.contributions)


def test_a_table_is_scored_as_its_customers_one_by_one() -> None:
    for card in (EXPERT, learn(table(500), EXPERT, DIRECTIONS).card):
        scores = score_table(card, Table.from_columns(PEOPLE, [False] * 400, categorical={"housing"}))
        for place, row in enumerate(ROWS):
            score = card.score(row)
            assert scores.points[place] == score.points
            assert scores.probability[place] == pytest.approx(score.probability)
            assert (scores.low[place], scores.high[place]) == pytest.approx(score.interval)


def test_everybody_good_or_everybody_bad_can_be_learned_from() -> None:
    columns = customers(60)
    for bad in (True, False):
        known = Table.from_columns(columns, [bad] * 60, categorical={"housing"})
        assert (score_table(learn(known, None, {}).card, known).probability > 0.5).all() == bad


def test_a_number_that_is_words_in_the_table_is_refused() -> None:
    for columns, categorical in (({"income": ["low"] * 9}, {"income"}), ({"housing": [1.0] * 9}, set[str]())):
        with pytest.raises(InvalidInput, match="disagree"):
            learn(Table.from_columns(columns, [False] * 9, categorical=categorical), EXPERT, {})


@given(st.lists(st.integers(-50, 50), max_size=300), st.integers(1, 40))
def test_every_range_keeps_its_least_customers(numbers: list[int], least: int) -> None:
    values = np.array(numbers, dtype=np.float64)
    found = bounds(values, max(least, len(values) / 12), least)
    assert found == sorted(set(found))
    if found:
        counts = np.bincount(np.searchsorted(found, values, side="right"), minlength=len(found) + 1)
        assert counts.min() >= least


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300))
def test_a_bound_lies_between_its_neighbours_and_is_short(one: float, other: float) -> None:
    low, high = sorted((one, other))
    if low < high:
        assert low < short_between(low, high) <= high


@pytest.mark.parametrize(("low", "high", "bound"), [(25, 26, 26), (0.0, 7.3, 4), (1234, 1890, 1600), (-3, -1, -2)])
def test_bounds_are_numbers_that_people_write(low: float, high: float, bound: float) -> None:
    assert short_between(low, high) == bound
