"""Shares over the seeds that runs share: by simulated coverage, by hand, and at odd designs."""

import numpy as np
import pytest
from scipy.stats import norm

from grokseed.analysis.rates import rate
from grokseed.analysis.seed_shares import (
    crossed_share,
    share_over,
)


@pytest.mark.parametrize("runs", [(900, 10, 10, 10), (300, *[30] * 7), (250,) * 4])
def test_limits_hold_where_seeds_have_unequal_numbers_of_runs(runs: tuple[int, ...]) -> None:
    """A seed with almost all runs is close to the mean by construction: its scores say nothing."""
    random, held = np.random.default_rng(1), 0
    seed = np.repeat(np.arange(len(runs)), runs)
    for _ in range(200):
        own = np.sqrt(0.3) * random.standard_normal(len(runs))[seed]
        won = own + np.sqrt(0.7) * random.standard_normal(len(seed)) > norm.isf(0.2)
        _, low, high = crossed_share(won, seed, np.zeros(len(seed)))
        held += low <= 0.2 <= high
    assert held / 200 > 0.86


def test_one_seed_of_each_axis_says_nothing_of_others() -> None:
    assert crossed_share([1, 0, 1], [3] * 3, [8] * 3) == (pytest.approx(2 / 3), 0, 1)


def test_over_one_axis_the_other_has_one_seed_and_without_runs_nothing_is_known() -> None:
    won, seed = [1, 0, 1, 1, 0, 0], [1, 1, 2, 2, 3, 3]
    assert share_over(won, seed) == crossed_share(won, seed, [8] * 6)
    assert share_over(won, seed, 0.5)[2] < share_over(won, seed)[2]
    assert share_over([], []) == (pytest.approx(np.nan, nan_ok=True), 0, 1)


def test_seeds_that_meet_rarely_need_no_table_of_all() -> None:
    """20,000 models with two orders of 20,000 each: a table would have 4e8 cells."""
    models = np.repeat(np.arange(20_000), 2)
    orders = (models + np.tile([0, 1], 20_000)) % 20_000
    won = np.random.default_rng(0).random(40_000) < 0.1
    share, low, high = crossed_share(won, models, orders)
    exact = rate(int(won.sum()), 40_000)
    assert (low, high) == pytest.approx((exact.low, exact.high), abs=0.001)
    assert low < share < high


def test_runs_that_all_end_alike_count_as_many_as_the_axis_with_fewest_seeds_has() -> None:
    first, second, _ = np.indices((8, 3, 8)).reshape(3, -1)
    none, every = (crossed_share(np.full(192, won), first, second) for won in (0, 1))
    assert none == pytest.approx((0, 0, rate(0, 3).high))
    assert every == pytest.approx((1, rate(3, 3).low, 1))


def test_no_win_of_several_runs_a_seed_says_as_much_as_one_run_a_seed() -> None:
    """Study D's losers: 0 of 26 seeds, so up to 13 %, whatever number of runs each has."""
    for runs in (1, 2, 4, 50):
        seed = np.repeat(np.arange(26), runs)
        found = crossed_share(np.zeros(26 * runs), seed, np.zeros(26 * runs))
        assert found == pytest.approx((0, 0, 0.1323), abs=1e-4)
    seed = np.repeat(np.arange(4), (900, 10, 10, 10))
    assert crossed_share(np.zeros(930), seed, np.zeros(930))[2] > 0.9  # one seed, almost


@pytest.mark.parametrize(("seeds", "each"), [(26, 4), (4, 64), (8, 16)])
def test_a_first_win_narrows_nothing(seeds: int, each: int) -> None:
    seed, won = np.repeat(np.arange(seeds), each), np.zeros(seeds * each)
    _, _, without = crossed_share(won, seed, np.zeros(len(seed)))
    won[0] = 1
    _, _, high = crossed_share(won, seed, np.zeros(len(seed)))
    assert high > without
    loss = crossed_share(1 - won, seed, np.zeros(len(seed)))[1]
    assert loss == pytest.approx(1 - high)


@pytest.mark.parametrize(
    ("seeds", "each", "share", "alike"),
    [
        (26, 4, 0.05, 1.0),
        (26, 4, 0.08, 1.0),
        (24, 8, 0.05, 1.0),
        (8, 5, 0.2, 1.0),
        (4, 64, 0.2, 1.0),
        (26, 4, 0.08, 0.5),  # here and below one or two wins are what missed the truth
        (24, 8, 0.05, 0.5),
        (8, 16, 0.12, 0.5),
        (12, 30, 0.05, 0.5),
        (8, 5, 0.2, 0.5),
        (26, 4, 0.2, 0.5),
        (26, 4, 0.2, 0.05),
        (24, 8, 0.12, 0.05),
    ],
)
def test_limits_hold_where_few_runs_win_and_those_of_a_seed_are_alike(
    seeds: int, each: int, share: float, alike: float
) -> None:
    """Seeds' own rates have a beta distribution with this correlation of runs, or are 0 and 1."""
    random, below, above, wide = np.random.default_rng(2), 0, 0, []
    size = (1 - alike) / alike
    for _ in range(300):
        own = random.random(seeds) < share
        if size:
            own = random.beta(share * size, (1 - share) * size, seeds)
        won = (np.arange(each) < random.binomial(each, own)[:, None]).ravel()
        _, low, high = crossed_share(won, np.repeat(np.arange(seeds), each), np.zeros(len(won)))
        below, above, wide = below + (high < share), above + (low > share), [*wide, high - low]
    assert below / 300 < 0.045
    assert above / 300 < 0.04
    independent = seeds * each / (1 + (each - 1) * alike)  # as many runs would say as much
    exact = rate(round(share * independent), round(independent))
    assert np.median(wide) < 1.5 * (exact.high - exact.low)
