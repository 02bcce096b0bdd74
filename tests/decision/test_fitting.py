"""The posterior against independent mathematics: numerical integration, another optimiser, finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, check_grad, minimize

from bankcard_tui.decision import fitting
from bankcard_tui.decision.fitting import Block, Design, bounded_minimum, fit, walk_precision
from bankcard_tui.decision.table import Floats


def design(count: int, seed: int = 1, sign: int = 0, sizes: tuple[int, ...] = (5, 3)) -> Design:
    """The first characteristic is a number with all but its last attribute as ranges, the others are words."""
    chance = np.random.default_rng(seed)
    columns = tuple(chance.integers(0, size, count) for size in sizes)
    starts = np.cumsum([1, *sizes])
    blocks = tuple(
        Block(int(start), int(start) + size, size - 1 if place == 0 else 0, sign if place == 0 else 0)
        for place, (start, size) in enumerate(zip(starts[:-1], sizes, strict=True))
    )
    mean = np.concatenate([[1.0], chance.normal(0, 0.5, sum(sizes))])
    true = np.concatenate([[0.5], chance.normal(0, 1, sum(sizes))])
    made = Design(blocks, columns, mean, 0.5, np.zeros(count, dtype=np.bool_))
    good = chance.random(count) < fitting.chance(made.log_odds(true))
    return Design(blocks, columns, mean, 0.5, good)


def posterior(made: Design, precision: Floats, weights: Floats) -> float:
    """Minus its logarithm, worked out customer by customer."""
    off = weights - made.mean
    total = off @ precision @ off / 2
    for customer, good in enumerate(made.good):
        odds = weights[0] + sum(
            weights[block.start + column[customer]] for block, column in zip(made.blocks, made.columns, strict=True)
        )
        total += np.log1p(np.exp(-odds if good else odds))
    return float(total)


def test_gradient_and_information_are_the_derivatives_of_the_loss() -> None:
    made = design(200)
    weights = np.random.default_rng(3).normal(0, 1, len(made.mean))
    assert check_grad(lambda w: made.loss(made.log_odds(w)), lambda w: made.gradient(made.log_odds(w)), weights) < 1e-4
    step = 1e-6
    for each in range(len(weights)):
        moved = weights.copy()
        moved[each] += step
        slope = (made.gradient(made.log_odds(moved)) - made.gradient(made.log_odds(weights))) / step
        assert np.allclose(made.information(made.log_odds(weights))[each], slope, atol=1e-3)


@pytest.mark.parametrize("strength", [(0.25, 0.05), (0.5, 0.7), (1.0, 1.42)])
def test_the_prior_is_a_ridge_tied_by_a_walk(strength: tuple[float, float]) -> None:
    ridge, step = strength
    covariance = np.linalg.inv(walk_precision(4, 6, strength))
    assert np.allclose(np.diag(covariance), ridge**2)
    steps = [
        covariance[each, each] + covariance[each + 1, each + 1] - 2 * covariance[each, each + 1] for each in range(3)
    ]
    assert np.allclose(steps, min(step**2, 2 * ridge**2))
    assert np.allclose(covariance[4:, :4], 0)
    assert np.isclose(covariance[4, 5], 0)


def test_the_free_mode_is_where_another_optimiser_finds_it() -> None:
    made = design(300)
    fitted = fit(made, (0.5, 0.2))
    found = minimize(lambda w: posterior(made, made.precision((0.5, 0.2)), w), made.mean, tol=1e-10)
    assert np.allclose(fitted.weights, found.x, atol=1e-4)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_constrained_mode_is_where_another_optimiser_finds_it(sign: int, seed: int) -> None:
    made = design(300, seed, sign, sizes=(7, 3))
    fitted = fit(made, (1.0, 0.4))
    rises = np.zeros((5, len(made.mean)))
    for each in range(5):
        rises[each, each + 1 : each + 3] = -sign, sign
    level = np.concatenate([made.mean[:1], np.zeros(len(made.mean) - 1)])
    found = minimize(
        lambda w: posterior(made, made.precision((1.0, 0.4)), w),
        level,
        method="SLSQP",
        constraints=[LinearConstraint(rises, 0, np.inf)],
        options={"maxiter": 1000, "ftol": 1e-13},
    )
    assert (rises @ fitted.weights >= -1e-9).all()
    assert np.allclose(fitted.weights, found.x, atol=2e-3)
    assert fitted.tied.any()


@pytest.mark.parametrize("count", [0, 3, 40, 400])
def test_mean_and_spread_are_those_of_numerical_integration(count: int) -> None:
    """Importance sampling from the normal approximation, widened: it is right for any posterior of this size."""
    made = design(count, sizes=(3, 2))
    fitted = fit(made, (0.25, 0.1))
    precision = made.precision((0.25, 0.1))
    chance, factor = np.random.default_rng(5), np.linalg.cholesky(fitted.covariance) * 1.3
    drawn = chance.standard_normal((60_000, len(made.mean)))
    weights = fitted.weights + drawn @ factor.T
    odds = weights[:, [0]] + sum(
        weights[:, block.start + column] for block, column in zip(made.blocks, made.columns, strict=True)
    )
    off = weights - made.mean
    log_posterior = (
        -np.logaddexp(0, np.where(made.good, -odds, odds)).sum(axis=1)
        - np.einsum("ni,ij,nj->n", off, precision, off) / 2
    )
    share = np.exp(log_posterior + (drawn**2).sum(axis=1) / 2 - (log_posterior + (drawn**2).sum(axis=1) / 2).max())
    share /= share.sum()
    mean = share @ weights
    spread = np.sqrt(share @ (weights - mean) ** 2)
    assert np.allclose(mean, fitted.weights, atol=0.05)
    assert np.allclose(spread, np.sqrt(np.diag(fitted.covariance)), rtol=0.06)


def test_the_evidence_is_that_of_numerical_integration() -> None:
    """The probability of the outcomes, averaged over weights drawn from the prior."""
    made = design(12, sizes=(3, 2))
    fitted = fit(made)
    chance = np.random.default_rng(5)
    factor = np.linalg.cholesky(np.linalg.inv(made.precision(fitted.strength)))
    weights = made.mean + chance.standard_normal((100_000, len(made.mean))) @ factor.T
    odds = weights[:, [0]] + sum(
        weights[:, block.start + column] for block, column in zip(made.blocks, made.columns, strict=True)
    )
    likelihood = np.exp(-np.logaddexp(0, np.where(made.good, -odds, odds)).sum(axis=1))
    assert fitted.evidence == pytest.approx(float(np.log(likelihood.mean())), abs=0.05)


def test_the_ridge_is_never_narrower_than_its_least() -> None:
    made = design(5_000)
    same = Design(made.blocks, made.columns, np.zeros(len(made.mean)), 0.5, np.arange(5_000) % 2 == 0)
    assert fit(same).strength[0] == 0.25


def test_a_bounded_minimum_meets_its_conditions() -> None:
    chance = np.random.default_rng(1)
    for _ in range(50):
        size = 12
        root = chance.normal(size=(size, size))
        curve, slope = root @ root.T + 0.1 * np.eye(size), chance.normal(size=size) * 3
        bound = chance.random(size) < 0.7
        start = np.where(bound, np.maximum(chance.normal(size=size), 0), chance.normal(size=size))
        found = bounded_minimum(curve, slope, start, bound)
        pull = slope + curve @ (found - start)
        inside = ~bound | (found > 0)
        assert (found[bound] >= 0).all()
        assert np.allclose(pull[inside], 0, atol=1e-6)
        assert (pull[~inside] >= -1e-6).all()


def test_what_the_direction_ties_is_as_sure_as_one_range() -> None:
    made = design(300, 1, 1, sizes=(7, 3))
    fitted = fit(made, (1.0, 0.4))
    for each in np.flatnonzero(fitted.tied):
        assert fitted.weights[each] == pytest.approx(fitted.weights[each - 1], abs=1e-9)
        assert np.allclose(fitted.covariance[each], fitted.covariance[each - 1])
