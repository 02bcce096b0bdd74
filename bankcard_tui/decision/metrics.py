"""How well forecasts met what happened: rank order, squared error, separation, calibration."""

from __future__ import annotations

import numpy as np

from bankcard_tui.decision.table import Flags, Floats, Whole
from bankcard_tui.rules.training import Quality, Reliability

GROUPS = 10


def quality(probabilities: Floats, bad: Flags) -> Quality:
    """The quality of ``probabilities`` (n, of turning bad) for customers of whom ``bad`` (n) did.

    Customers with the same forecast stand in the same group of the calibration, so that their order does not matter.
    """
    cases, turned = len(bad), int(bad.sum())
    middle_ranks, first_ranks = _ranks(probabilities)
    reliability = _reliability(probabilities, bad, middle_ranks)
    if not 0 < turned < cases:
        return Quality(cases, turned, None, None, None, None, reliability)
    pairs = turned * (cases - turned)
    gaps = [abs(each.bad - each.expected) for each in reliability]
    return Quality(
        cases,
        turned,
        # Mann and Whitney: the rank sum of the bad ones, ties at their middle.
        auc=float((middle_ranks[bad].sum() - turned * (turned + 1) / 2) / pairs),
        brier=float(np.mean((probabilities - bad) ** 2)),
        ks=_separation(bad, first_ranks),
        calibration_error=sum(gaps) / cases,
        reliability=reliability,
    )


def _ranks(values: Floats) -> tuple[Floats, Whole]:
    """For each value the middle of the ranks (from 1) of those equal to it, and the position of the first of them."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    first = np.cumsum(counts) - counts
    return (first + (counts + 1) / 2)[group], first[group]


def _separation(bad: Flags, first: Whole) -> float:
    """Kolmogorov and Smirnov: the largest gap between the shares of bad and of good ones below any forecast."""
    cases = len(bad)
    of_bad = np.cumsum(np.bincount(first[bad], minlength=cases)) / bad.sum()
    of_good = np.cumsum(np.bincount(first[~bad], minlength=cases)) / (~bad).sum()
    return float(np.abs(of_bad - of_good).max())


def _reliability(probabilities: Floats, bad: Flags, ranks: Floats) -> tuple[Reliability, ...]:
    """Groups of equal size by rising forecast; with many equal forecasts there are fewer of them."""
    cases = len(bad)
    group = np.minimum((ranks - 0.5) * GROUPS / max(1, cases), GROUPS - 1).astype(np.int64)
    counts = np.bincount(group, minlength=GROUPS)
    turned = np.bincount(group, bad, minlength=GROUPS)
    expected = np.bincount(group, probabilities, minlength=GROUPS)
    return tuple(
        Reliability(int(counts[each]), int(turned[each]), float(expected[each]))
        for each in range(GROUPS)
        if counts[each]
    )
