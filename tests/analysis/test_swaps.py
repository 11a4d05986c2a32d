"""The mean difference over outcomes against scipy, and against all swaps one by one."""

from itertools import product
from statistics import mean

import numpy as np
import pytest
from scipy.stats import bootstrap, permutation_test

from grokseed.analysis.swaps import mean_apart


def of(first: list, second: list) -> float:
    """The mean over outcomes in plain Python; None is unknown."""
    apart = []
    for one, two in zip(zip(*first, strict=True), zip(*second, strict=True), strict=True):
        known = [[value for value in side if value is not None] for side in (one, two)]
        if all(known):
            apart.append(mean(known[0]) - mean(known[1]))
    return mean(apart)


def test_p_is_the_share_of_all_swaps_that_are_no_nearer_to_0() -> None:
    random = np.random.default_rng(3)
    drawn = random.integers(0, 4, (2, 8, 3)) / 3
    drawn[0] += 0.3
    drawn[random.random(drawn.shape) < 0.2] = np.nan
    first, second = (
        [[None if value != value else float(value) for value in row] for row in side]
        for side in drawn
    )
    observed, swapped = of(first, second), []
    for flips in product((False, True), repeat=8):
        units = zip(first, second, flips, strict=True)
        rows = [(two, one) if flip else (one, two) for one, two, flip in units]
        swapped.append(of([one for one, _ in rows], [two for _, two in rows]))
    share = mean(abs(value) >= abs(observed) - 1e-9 for value in swapped)
    found = mean_apart(drawn[0], drawn[1], np.random.default_rng(0), 40_000)
    assert 0.01 < share < 0.5
    assert found.mean == pytest.approx(observed)
    assert found.p == pytest.approx(share, abs=0.01)
    assert found.units == 8


def test_where_all_is_known_it_is_scipys_sign_flip_and_bootstrap_of_a_units_means() -> None:
    first, second = np.random.default_rng(5).random((2, 12, 4))
    first += 0.1
    units = (first - second).mean(axis=1)
    flips = permutation_test((units,), np.mean, permutation_type="samples", n_resamples=2**12)
    theirs = bootstrap((units,), np.mean, method="percentile", n_resamples=40_000)
    found = mean_apart(first, second, np.random.default_rng(0), 40_000)
    limits = theirs.confidence_interval
    assert found.mean == pytest.approx(units.mean())
    assert found.p == pytest.approx(flips.pvalue, abs=0.01)
    assert (found.low, found.high) == pytest.approx((limits.low, limits.high), abs=0.01)


def test_without_a_value_on_both_sides_or_a_spread_nothing_is_said_of_the_error() -> None:
    random, unknown = np.random.default_rng(0), np.full((4, 2), np.nan)
    assert np.isnan(mean_apart(np.ones((4, 2)), unknown, random).mean)
    none = mean_apart(np.zeros((4, 2)), np.zeros((4, 2)), random)
    assert (none.mean, none.p) == (0, 1)
    assert np.isnan([none.low, none.high]).all()
    assert np.isnan(mean_apart(np.empty((0, 2)), np.empty((0, 2)), random).p)


def test_a_unit_keeps_its_outcomes_together() -> None:
    """20 outcomes of a unit that always agree are no more evidence than one."""
    one = np.random.default_rng(1).random((10, 1))
    first, second = one > 0.4, one > 0.8
    alone = mean_apart(first, second, np.random.default_rng(0))
    many = mean_apart(first.repeat(20, 1), second.repeat(20, 1), np.random.default_rng(0))
    assert many == pytest.approx(alone)


def test_the_data_count_as_one_of_the_draws() -> None:
    """No draw swaps all or none of 20 units, and p is not 0."""
    found = mean_apart(np.ones((20, 1)), np.zeros((20, 1)), np.random.default_rng(0), 100)
    assert found.p == pytest.approx(1 / 101)
