"""A policy tried on the portfolio, in lines: they add up, fit, and say what moves."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from bankcard_tui.rules.money import Money
from bankcard_tui.rules.terms import Grade, Segment
from bankcard_tui.screens.common.policy_version import state_badge
from bankcard_tui.screens.common.what_if_text import signed, total, what_if_lines
from bankcard_tui.services.limit_views import Moves, WhatIf
from bankcard_tui.services.policy_views import VersionState
from tests.screens.widgets_kit import LANGUAGES, speaking


def moves(accounts: int, limits: int, now: int, then: int, risk: tuple[int, int] = (100, 100)) -> Moves:
    return Moves(
        accounts=accounts,
        limits=Money.yuan(limits),
        raises_now=3,
        reductions_now=1,
        after_now=Money.yuan(now),
        risk_now=Money.yuan(risk[0]),
        raises_then=7,
        reductions_then=1,
        after_then=Money.yuan(then),
        risk_then=Money.yuan(risk[1]),
    )


NOTHING = moves(0, 0, 0, 0, (0, 0))
LARGE = WhatIf(
    accounts=1_000_000,
    evaluated=900_000,
    grades={
        Grade.EXCELLENT: moves(600_000, 12_000_000_000, 12_500_000_000, 13_000_000_000, (90_000_000, 95_000_000)),
        Grade.GOOD: moves(400_000, 3_000_000_000, 3_000_000_000, 2_900_000_000),
        Grade.MEDIUM: NOTHING,
        Grade.POOR: NOTHING,
    },
    segments={each: moves(200_000, 3_000_000_000, 3_100_000_000, 3_180_000_000) for each in Segment},
    regraded=((Grade.EXCELLENT, Grade.EXCELLENT, 590_000), (Grade.EXCELLENT, Grade.GOOD, 10_000)),
    above=12,
    moved=34_567,
    movers=(),
)


def words(tried: WhatIf, width: int = 76) -> str:
    return " ".join(" ".join(line.plain for line in what_if_lines(tried, width)).split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [77, 104])
def test_no_line_is_longer_than_the_terminal(language: str, width: int) -> None:
    with speaking(language):
        assert all(cell_len(line.plain) <= width for line in what_if_lines(LARGE, width))


def test_what_it_costs_stands_first_and_is_the_sum_of_the_grades() -> None:
    whole = total(LARGE.grades.values())
    assert (whole.accounts, whole.after_then - whole.after_now) == (1_000_000, Money.yuan(400_000_000))
    first, second, *_ = what_if_lines(LARGE, 76)
    assert first.plain.strip() == "> Limits: +400,000,000.00 yuan against the policy in force"
    assert second.plain.strip() == "expected to default: +5,000,000.00 yuan"


def test_who_moves_and_who_can_not_is_said_in_words() -> None:
    said = words(LARGE)
    assert "34,567 accounts come to another limit than under the policy in force, of 900,000" in said
    assert "100,000 accounts have not been evaluated yet and stay as they are." in said
    assert "! 12 limits lie above the highest of the own tier" in said
    assert "* Excellent 590,000 10,000 - -" in said


def test_every_bar_has_its_amount_and_a_group_without_accounts_is_left_out() -> None:
    said = words(LARGE, 104)
    assert "12,500,000,000.00" in said
    assert "13,000,000,000.00 +500,000,000.00" in said
    assert "2,900,000,000.00 -100,000,000.00" in said
    assert "~ Medium in force" not in said
    assert "3 -> 7" in said


def test_where_nothing_moves_it_says_so() -> None:
    same = LARGE.model_copy(update={"grades": {Grade.GOOD: moves(5, 500, 600, 600)}, "moved": 0, "regraded": ()})
    said = words(same)
    assert said.startswith("~ The limits come to the same as under the policy in force")
    assert "Every account keeps its grade." in said


def test_a_branch_without_accounts_has_nothing_to_try_it_on() -> None:
    assert words(LARGE.model_copy(update={"accounts": 0})) == "There are no accounts to try it on."


@pytest.mark.parametrize(("fen", "written"), [(150, "+1.50"), (-150, "-1.50"), (0, "0.00")])
def test_a_difference_has_its_sign(fen: int, written: str) -> None:
    assert signed(Money(fen)) == written


@pytest.mark.parametrize("state", VersionState)
def test_every_state_of_a_version_has_its_symbol_and_word(state: VersionState) -> None:
    symbol, word = state_badge(state).plain.split(" ", 1)
    assert len(symbol) == 1
    assert word
