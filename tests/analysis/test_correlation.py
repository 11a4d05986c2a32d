"""Pooled rank correlations against scipy and by simulation."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from grokseed.analysis.correlation import pooled_ranks


def made(n: int, rho: float, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    x = random.normal(size=n)
    return x, rho * x + (1 - rho**2) ** 0.5 * random.normal(size=n)


def test_of_one_group_it_is_scipys_spearman_ties_included() -> None:
    x, y = made(200, 0.2, np.random.default_rng(0))
    y = np.minimum(y, 1.0)  # censored runs are ties
    found, theirs = pooled_ranks([*x, 1.0], [*y, np.nan], [0] * 201), np.asarray(spearmanr(x, y))
    assert found.n == 200
    assert found.rho == pytest.approx(theirs[0])
    assert found.p == pytest.approx(theirs[1], rel=0.3)
    assert found.low < found.rho < found.high


def test_differences_between_groups_do_not_count() -> None:
    random = np.random.default_rng(1)
    group = np.repeat([0, 1], 500)
    x, y = random.normal(size=(2, 1000)) + 5 * group
    assert np.asarray(spearmanr(x, y))[0] > 0.6
    assert abs(pooled_ranks(x, y, group).rho) < 0.1


@pytest.mark.parametrize("rho", [0.0, 0.3])
def test_intervals_hold_the_truth_and_the_test_errs_in_5_percent(rho: float) -> None:
    random, group = np.random.default_rng(2), np.repeat(range(4), 50)
    of_ranks = 6 / np.pi * np.arcsin(rho / 2)  # Spearman's of two normals whose correlation is rho
    held = []
    for _ in range(600):
        found = pooled_ranks(*made(200, rho, random), group)
        held.append(found.low < of_ranks < found.high)
        if rho == 0:
            assert (found.p > 0.05) == held[-1]
    assert np.mean(held) == pytest.approx(0.95, abs=0.03)


def test_a_detectable_correlation_is_found_in_80_percent_of_studies() -> None:
    random, group = np.random.default_rng(3), np.repeat(range(4), 64)
    least = pooled_ranks(*made(256, 0, random), group).detectable
    rho = 2 * np.sin(np.pi * least / 6)
    found = [pooled_ranks(*made(256, rho, random), group).p < 0.05 for _ in range(500)]
    assert np.mean(found) == pytest.approx(0.8, abs=0.06)


def test_groups_too_small_or_without_spread_tell_nothing() -> None:
    assert np.isnan(pooled_ranks(range(9), range(9), [0] * 9).p)
    assert np.isnan(pooled_ranks(range(20), [1.0] * 20, [0] * 20).rho)
    assert pooled_ranks([], [], []).n == 0
