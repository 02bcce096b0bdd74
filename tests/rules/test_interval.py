"""How sure an opinion is: its interval, the borderline, what no known customer was like, and the sum of the points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankcard_tui.decision.opinion import facts_of, form_opinion
from bankcard_tui.rules.applicant import Applicant
from bankcard_tui.rules.expert import expert_card
from bankcard_tui.rules.money import Money
from bankcard_tui.rules.odds import Z_80, grade_of, log_odds
from bankcard_tui.rules.policy import DEFAULT_POLICY
from bankcard_tui.rules.scorecard import Scorecard
from tests.hand_made_card import trained_like
from tests.rules.decent_applicant import DECENT, applicants

CARDS = st.sampled_from([expert_card(DEFAULT_POLICY), trained_like(sd=0.02), trained_like(sd=0.3)])


def learned(seed: int, sd: float = 0.1) -> Scorecard:
    """A card with a covariance in which everything hangs together: that of the sums of random rows."""
    random, card = Random(seed), trained_like()
    size = len(card.covariance)
    rows = [[random.gauss(0, sd / 3) for _ in range(9)] for _ in range(size)]
    covariance = tuple(
        tuple(sum(a * b for a, b in zip(rows[i], rows[j], strict=True)) for j in range(i + 1)) for i in range(size)
    )
    return replace(card, covariance=covariance)


def scaled(card: Scorecard, factor: float) -> Scorecard:
    return replace(card, covariance=tuple(tuple(each * factor for each in row) for row in card.covariance))


@given(applicants(), CARDS | st.builds(learned, st.integers(0, 50)))
def test_base_and_characteristics_add_up_to_the_points_exactly(applicant: Applicant, card: Scorecard) -> None:
    found = form_opinion(applicant, card, "", DEFAULT_POLICY)
    assert found.base + sum(each.points for each in found.weighed) == found.points
    assert [each.code for each in found.weighed] == [each.code for each in card.characteristics]
    assert all(each.points <= each.best for each in found.weighed)
    assert {
        (each.code, each.points, each.cases, each.bad) for each in (*found.reasons_against, *found.reasons_for)
    } <= {(each.code, each.points, each.cases, each.bad) for each in found.weighed}


@given(applicants(), CARDS | st.builds(learned, st.integers(0, 50)))
def test_the_interval_holds_the_probability_and_is_borderline_where_its_ends_differ_in_grade(
    applicant: Applicant, card: Scorecard
) -> None:
    found = form_opinion(applicant, card, "", DEFAULT_POLICY)
    assert 0 <= found.low <= found.probability <= found.high <= 1
    assert found.borderline is (grade_of(found.low, DEFAULT_POLICY) is not grade_of(found.high, DEFAULT_POLICY))


@given(applicants(), st.integers(0, 20), st.floats(1.1, 20))
def test_the_less_is_known_for_sure_the_wider_the_interval(applicant: Applicant, seed: int, factor: float) -> None:
    card = learned(seed)
    sure, unsure = (form_opinion(applicant, each, "", DEFAULT_POLICY) for each in (card, scaled(card, factor)))
    assert sure.points == unsure.points
    assert unsure.low <= sure.low <= sure.high <= unsure.high
    assert unsure.expert_share >= sure.expert_share


@given(st.integers(0, 20))
def test_the_experts_share_is_the_part_of_the_prior_variance_that_is_left(seed: int) -> None:
    card = learned(seed)
    score = card.score(facts_of(DECENT))
    received = [each.all[each.place(facts_of(DECENT).get(each.code))].prior_sd ** 2 for each in card.characteristics]
    assert score.expert_share == pytest.approx(score.sd**2 / (card.base.prior_sd**2 + sum(received)))
    assert 0 < score.expert_share < 0.9


@given(st.integers(0, 20))
def test_the_interval_is_that_of_the_sum_of_what_was_received(seed: int) -> None:
    card = learned(seed)
    facts = facts_of(DECENT)
    places, first = [0], 1
    for each in card.characteristics:
        places.append(first + each.place(facts.get(each.code)))
        first += len(each.all)
    variance = sum(card.covariance[max(i, j)][min(i, j)] for i in places for j in places)
    found = form_opinion(DECENT, card, "", DEFAULT_POLICY)
    reach = Z_80 * variance**0.5
    middle = log_odds(found.probability)
    assert log_odds(found.low) == pytest.approx(middle + reach)
    assert log_odds(found.high) == pytest.approx(middle - reach)


def test_the_limit_follows_the_pessimistic_end() -> None:
    rich: Mapping[str, Money] = {"monthly_income": Money.yuan(90_000), "wished_limit": Money.yuan(100_000)}
    applicant = replace(DECENT, **rich)
    limits = []
    for sd in (0.01, 0.05, 0.1, 0.2):
        found = form_opinion(applicant, trained_like(sd=sd), "", DEFAULT_POLICY)
        assert found.limit is not None
        limits.append(found.limit)
    assert limits == sorted(limits, reverse=True)
    assert limits[0] > limits[-1]


def test_whom_no_known_customer_was_like_is_not_enough_known() -> None:
    card = trained_like()
    assert form_opinion(DECENT, card, "", DEFAULT_POLICY).enough_known
    place = next(at for at, each in enumerate(card.characteristics) if each.code == "monthly_income")
    seen = replace(card.characteristics[place], lowest=10_000.0)
    card = replace(card, characteristics=(*card.characteristics[:place], seen, *card.characteristics[place + 1 :]))
    found = form_opinion(DECENT, card, "", DEFAULT_POLICY)
    assert found.outside == ("monthly_income",)
    assert not found.enough_known


@pytest.mark.parametrize(("counts", "outside"), [((0, 0), False), ((20, 9), False), ((20, 10), True)])
def test_few_known_values_do_not_say_who_is_unlike_them(counts: tuple[int, int], outside: bool) -> None:
    card = trained_like()
    place = next(at for at, each in enumerate(card.characteristics) if each.code == "own_use_percent")
    asked = card.characteristics[place]
    cases = [*counts, *[0] * (len(asked.attributes) - 2)]
    seen = replace(
        asked,
        attributes=tuple(replace(each, cases=n, bad=0) for each, n in zip(asked.attributes, cases, strict=True)),
        missing=replace(asked.missing, cases=1_000 - sum(cases), bad=0),
        lowest=10.0 if any(counts) else None,
        highest=50.0 if any(counts) else None,
    )
    card = replace(card, characteristics=(*card.characteristics[:place], seen, *card.characteristics[place + 1 :]))
    found = form_opinion(replace(DECENT, own_use_percent=60), card, "", DEFAULT_POLICY)
    assert found.outside == (("own_use_percent",) if outside else ())
    assert found.enough_known is not outside


def test_the_experts_card_says_that_it_rests_on_nobody() -> None:
    found = form_opinion(DECENT, expert_card(DEFAULT_POLICY), "", DEFAULT_POLICY)
    assert (found.customers, found.bad, found.expert_share, found.outside) == (0, 0, 1.0, ())
    assert {(each.cases, each.bad) for each in found.weighed} == {(0, 0)}
