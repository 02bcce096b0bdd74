"""Tables and plots of the quality of forecasts: read without colour, never wider than they may be."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from bankcard_tui.rules.training import Comparison, Quality, Reliability
from bankcard_tui.screens.manager.cards_comparison import verdict
from bankcard_tui.screens.manager.cards_text import clear_lead, difference_words, figure_lead, held_out_words, meaning
from bankcard_tui.services.card_reports import CardComparison
from bankcard_tui.widgets.plots import calibration_plot, drift_plot, drift_reading, marked_bar, share_bar, table_lines
from bankcard_tui.widgets.table import Column
from tests.screens.widgets_kit import LANGUAGES, speaking

GROUPS = (Reliability(100, 5, 10.0), Reliability(100, 40, 30.0))


def quality(auc: float | None, cases: int = 500) -> Quality:
    return Quality(cases, cases // 5, auc, 0.12, 0.4, 0.02)


def beside(champion: float | None, challenger: float | None, cases: int = 500) -> Comparison:
    return Comparison("expert-2", quality(champion, cases), quality(challenger, cases))


def test_a_bar_carries_a_mark_where_the_forecast_lies() -> None:
    assert marked_bar(0.5, 0.2, 1.0, 10).plain == "##|##....."
    assert marked_bar(0.2, 0.5, 1.0, 10).plain == "##...|...."
    assert marked_bar(0.0, 0.0, 0.0, 10).plain == "|........."
    assert marked_bar(2.0, 2.0, 1.0, 10).plain == "#########|"


def test_a_calibration_plot_says_its_figures_beside_each_bar() -> None:
    head, first, second = (line.plain for line in calibration_plot(GROUPS, 80))
    assert "# turned bad   | expected" in head
    assert first.split()[:6] == ["1", "100", "10.0", "%", "5.0", "%"]
    assert second.split()[:6] == ["2", "100", "30.0", "%", "40.0", "%"]
    assert second.count("#") > 5 * first.count("#")
    assert calibration_plot((), 80)[0].plain == head


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [76, 104])
def test_plots_keep_within_their_width(language: str, width: int) -> None:
    with speaking(language):
        drift = drift_plot([("Income", 0.07, 900), ("Limits at other banks", 0.31, 900), ("Age", None, 12)], width)
        for line in (*calibration_plot(GROUPS, width), *drift):
            assert cell_len(line.plain) <= width, line.plain


@pytest.mark.parametrize(
    ("index", "said"),
    [
        (0.0, "+ stable"),
        (0.099, "+ stable"),
        (0.10, "! watch it"),
        (0.249, "! watch it"),
        (0.25, "x other people: act"),
        (3.0, "x other people: act"),
    ],
)
def test_drift_is_read_by_the_usual_bounds(index: float, said: str) -> None:
    assert drift_reading(index).plain == said


def test_drift_on_too_few_cases_is_not_shown() -> None:
    (line,) = drift_plot([("Age", None, 299)], 80)
    assert "not shown: 299 cases only" in line.plain
    assert "#" not in line.plain


def test_a_share_of_nothing_is_no_share() -> None:
    assert share_bar(0, 0, 10).plain == "-"
    assert share_bar(3, 4, 10).plain.split() == ["########..", "75", "%"]


def test_a_short_table_gives_up_columns_by_priority() -> None:
    columns = (Column("Age", 10, priority=1), Column("Points", 6, "right", priority=1), Column("Share", 8, priority=2))
    wide = [line.plain for line in table_lines(columns, [("young", 5, "x")], 28)]
    narrow = [line.plain for line in table_lines(columns, [("young", 5, "x")], 20)]
    assert wide == ["Age         Points  Share   ", "young            5  x       "]
    assert narrow == ["Age         Points", "young            5"]


@pytest.mark.parametrize(
    ("compared", "symbol", "said"),
    [
        (beside(0.70, 0.75), "+", "better than expert-2, by 0.050"),
        (beside(0.70, 0.709), "~", "No clear difference to expert-2."),
        (beside(0.70, 0.6901), "~", "No clear difference to expert-2."),
        (beside(0.70, 0.65), "!", "worse than expert-2, by 0.050"),
        (beside(0.60, 0.90, cases=99), "~", "99 customers only"),
        (beside(None, 0.9), "?", "Nothing can be said"),
    ],
)
def test_which_card_is_better_is_said_only_where_it_can_be_told(compared: Comparison, symbol: str, said: str) -> None:
    assert difference_words(compared)[0] == symbol
    assert said in difference_words(compared)[1]


def test_a_champion_ahead_on_customers_it_may_have_seen_is_no_warning() -> None:
    symbol, words, _ = held_out_words(beside(0.80, 0.70))
    assert symbol == "~"
    assert "which flatters it" in words
    assert held_out_words(beside(0.70, 0.80)) == difference_words(beside(0.70, 0.80))


def test_less_is_better_for_errors_and_more_for_rank_order() -> None:
    better = Quality(500, 100, 0.8, 0.10, 0.5, 0.01)
    worse = Quality(500, 100, 0.7, 0.15, 0.4, 0.05)
    compared = Comparison("c", worse, better)
    assert [round(figure_lead(compared, name) or 0, 3) for name in ("auc", "ks", "brier", "calibration_error")] == [
        0.1,
        0.1,
        0.05,
        0.04,
    ]
    assert clear_lead(Comparison("c", better, worse)) == pytest.approx(-0.1)


def test_each_figure_has_a_sentence_and_a_missing_one_none() -> None:
    known, missing = quality(0.812), Quality(10, 0, None, None, None, None)
    assert "in 81 of 100 pairs" in meaning(known, "auc")
    assert "gives 0.1600" in meaning(known, "brier")
    for name in ("auc", "ks", "brier", "calibration_error"):
        assert meaning(known, name)
        assert meaning(missing, name) == ""


@pytest.mark.parametrize(
    ("held_out", "later", "seen", "said"),
    [
        (beside(0.7, 0.8), None, False, "+ The challenger orders customers better"),
        (beside(0.8, 0.7), None, False, "! The champion orders customers better"),
        (beside(0.8, 0.7), None, True, "~ No clear difference"),
        (beside(0.7, 0.8), None, True, "+ The challenger orders customers better"),
        (beside(0.8, 0.7), beside(0.7, 0.75), True, "+ The challenger orders customers better"),
        (None, None, False, "~ No clear difference"),
    ],
)
def test_the_verdict_rests_on_the_most_trustworthy_customers_that_can_tell(
    held_out: Comparison | None, later: Comparison | None, seen: bool, said: str
) -> None:
    found = CardComparison(
        champion="expert-2",
        challenger="branch-1",
        held_out=held_out,
        later=later,
        since=None,
        seen_by_champion=seen,
        other_then="",
        moves=(),
        differences=(),
    )
    assert verdict(found, 72)[0].plain.strip() == said
