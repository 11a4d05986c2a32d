"""Pooled rank correlations against scipy and by simulation."""

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr

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
    for _ in range(300):
        found = pooled_ranks(*made(200, rho, random), group)
        held.append(found.low < of_ranks < found.high)
        if rho == 0:
            assert (found.p > 0.05) == held[-1]
    assert np.mean(held) == pytest.approx(0.95, abs=0.03)


def test_a_detectable_correlation_is_found_in_80_percent_of_studies() -> None:
    random, group = np.random.default_rng(3), np.repeat(range(4), 64)
    least = pooled_ranks(*made(256, 0, random), group).detectable
    rho = 2 * np.sin(np.pi * least / 6)
    found = [pooled_ranks(*made(256, rho, random), group).p < 0.05 for _ in range(250)]
    assert np.mean(found) == pytest.approx(0.8, abs=0.06)


def test_groups_too_small_or_without_spread_tell_nothing() -> None:
    assert np.isnan(pooled_ranks(range(9), range(9), [0] * 9).p)
    assert np.isnan(pooled_ranks(range(20), [1.0] * 20, [0] * 20).rho)
    assert pooled_ranks([], [], []).n == 0


def test_with_a_third_quantity_held_fixed_it_is_the_correlation_of_least_squares_residuals() -> (
    None
):
    random = np.random.default_rng(4)
    clock = random.normal(size=120)
    x, y = clock + random.normal(size=(2, 120))
    line = np.stack([np.ones(120), rankdata(clock)], 1)
    ranks = np.stack([rankdata(x), rankdata(y)], 1)
    left = ranks - line @ (np.linalg.pinv(line) @ ranks)
    found = pooled_ranks(x, y, [0] * 120, clock)
    assert found.rho == pytest.approx(np.corrcoef(left[:, 0], left[:, 1])[0, 1])
    assert pooled_ranks(x, y, [0] * 120, [1.0] * 120).rho == pooled_ranks(x, y, [0] * 120).rho
    assert np.isnan(pooled_ranks(clock, y, [0] * 120, clock).rho)
    assert pooled_ranks(x, y, [0] * 120, [np.nan, *clock[1:]]).n == 119


@pytest.mark.parametrize("noise", [0.7, 0.25])
def test_what_only_tells_the_time_of_a_clock_adds_nothing_to_it(noise: float) -> None:
    random, group, p_values = np.random.default_rng(5), np.repeat(range(4), 64), []
    for _ in range(400):
        clock = random.normal(size=256)
        x = clock + noise * random.normal(size=256)
        y = clock + 0.7 * random.normal(size=256)
        found = pooled_ranks(x, y, group, clock)
        p_values.append(found.p)
        assert pooled_ranks(x, y, group).low > 0.4
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=0.05)
