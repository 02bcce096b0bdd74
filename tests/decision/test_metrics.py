"""Quality and drift against scikit-learn, scipy and figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from sklearn.metrics import brier_score_loss, roc_auc_score

from bankcard_tui.decision.drift import psi
from bankcard_tui.decision.metrics import quality


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=1, max_size=80))
def test_quality_is_what_other_programs_say(rows: list[tuple[int, bool]]) -> None:
    forecast = np.array([each[0] / 10 for each in rows])
    bad = np.array([each[1] for each in rows])
    found = quality(forecast, bad)
    assert (found.cases, found.bad) == (len(rows), bad.sum())
    assert sum(each.cases for each in found.reliability) == len(rows)
    assert sum(each.bad for each in found.reliability) == bad.sum()
    assert sum(each.expected for each in found.reliability) == pytest.approx(forecast.sum())
    if bad.all() or not bad.any():
        assert (found.auc, found.ks, found.brier, found.calibration_error) == (None, None, None, None)
        return
    assert found.auc == pytest.approx(roc_auc_score(bad, forecast))
    assert found.brier == pytest.approx(brier_score_loss(bad, forecast))
    assert found.ks == pytest.approx(ks_2samp(forecast[bad], forecast[~bad]).statistic)


def test_the_calibration_error_is_the_mean_gap_of_ten_groups() -> None:
    forecast = np.repeat(np.linspace(0.05, 0.95, 10), 10)
    bad = np.tile(np.arange(10) < 3, 10)
    found = quality(forecast, bad)
    assert [each.cases for each in found.reliability] == [10] * 10
    assert found.calibration_error == pytest.approx(np.abs(np.linspace(0.05, 0.95, 10) - 0.3).mean())


def test_the_order_of_customers_does_not_change_the_quality() -> None:
    forecast, bad = np.array([0.2] * 50 + [0.4] * 50), np.arange(100) % 3 == 0
    order = np.random.default_rng(1).permutation(100)
    assert quality(forecast, bad) == quality(forecast[order], bad[order])


def test_the_stability_index_sees_a_shift_and_no_more() -> None:
    assert psi([400, 300, 300], [400, 300, 300]) == 0
    shifted = psi([500, 500], [750, 250])
    assert shifted == pytest.approx(0.25 * np.log(1.5) + 0.25 * np.log(2), abs=0.01)
    assert psi([300, 0], [0, 300]) is not None


@pytest.mark.parametrize(("before", "now"), [([299], [300]), ([300], [299])])
def test_the_stability_index_says_nothing_about_few(before: list[int], now: list[int]) -> None:
    assert psi(before, now) is None
